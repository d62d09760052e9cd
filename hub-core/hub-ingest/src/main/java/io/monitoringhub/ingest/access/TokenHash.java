package io.monitoringhub.ingest.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The SHA-256 of a token: all that the hub keeps of it. Tokens are long and random, so that nothing slower is needed. Immutable; shows
 * nothing of itself.
 */
public final class TokenHash {

    private static final int HEX_DIGITS = 64;

    private final byte[] digest;

    private TokenHash(byte[] digest) {
        this.digest = digest;
    }

    /** The hash of a token as its bearer shows it. */
    public static TokenHash of(String token) {
        try {
            return new TokenHash(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /**
     * The hash that somebody wrote down, as {@code sha256sum} does.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static TokenHash ofHex(String hex) {
        if (!hex.matches("[0-9a-fA-F]{" + HEX_DIGITS + "}")) {
            throw new IllegalArgumentException("expected " + HEX_DIGITS + " hexadecimal digits, as `printf %s \"$TOKEN\" | sha256sum` prints them");
        }
        return new TokenHash(HexFormat.of().parseHex(hex.toLowerCase(Locale.ROOT)));
    }

    /** Takes the same time whatever the two are. */
    @Override
    public boolean equals(Object other) {
        return other instanceof TokenHash hash && MessageDigest.isEqual(digest, hash.digest);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(digest);
    }

    @Override
    public String toString() {
        return "TokenHash";
    }
}
