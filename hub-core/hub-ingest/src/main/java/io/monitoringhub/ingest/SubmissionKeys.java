package io.monitoringhub.ingest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * Makes a client id of what names a submission, so that one machinery serves both. The id is a UUID of version 8 (RFC 9562): the first bits
 * of a SHA-256.
 */
final class SubmissionKeys {

    private static final int VERSION = 8;

    private SubmissionKeys() {
    }

    /** The client id of a key. Keys of different owners are different. */
    static UUID clientId(String owner, String key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(owner.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            ByteBuffer hash = ByteBuffer.wrap(digest.digest(key.getBytes(StandardCharsets.UTF_8)));
            long high = hash.getLong() & ~0xF000L | VERSION << 12;
            long low = hash.getLong() & ~(3L << 62) | 2L << 62;
            return new UUID(high, low);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /** Whether it was made here. An SDK could make up such an id, too; it is then only forgotten among keys instead of among clients. */
    static boolean isKey(UUID clientId) {
        return clientId.version() == VERSION;
    }
}
