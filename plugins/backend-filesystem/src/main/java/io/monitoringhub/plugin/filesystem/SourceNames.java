package io.monitoringhub.plugin.filesystem;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Makes a part of a file name of a source, which is what a client chose to send.
 *
 * <p>Letters, digits, {@code _ - @ .} stay, all else becomes {@code %XX}, byte by byte of its UTF-8. Two sources never get the same name:
 * the percent sign itself is escaped, and a long name ends with a digest. A dot is escaped where it would hide the file, and before digits
 * that end the name, because {@code app.1.jsonl} is the second file of source {@code app}.
 */
final class SourceNames {

    /** No name is longer. */
    static final int MAX_LENGTH = 120;

    private static final int KEPT_OF_LONG = 80;
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private SourceNames() { }

    /** The part of a file name for this source. */
    static String element(String source) {
        if (source.isEmpty()) {
            return "%";
        }
        StringBuilder name = new StringBuilder(source.length() + 16);
        int numberFrom = startOfTrailingDigits(source);
        for (int i = 0; i < source.length(); i++) {
            char c = source.charAt(i);
            boolean isFirst = i == 0;
            if (c == '.' && !isFirst && i != source.length() - 1 && i != numberFrom - 1
                    || c == '-' && !isFirst || c == '_' || c == '@' || isAlphanumeric(c)) {
                name.append(c);
            } else if (Character.isHighSurrogate(c) && i + 1 < source.length() && Character.isLowSurrogate(source.charAt(i + 1))) {
                escape(source.substring(i, i + 2), name);
                i++;
            } else if (Character.isSurrogate(c)) {
                name.append("%u").append(HEX.toHexDigits(c));
            } else {
                escape(String.valueOf(c), name);
            }
        }
        return name.length() <= MAX_LENGTH ? name.toString() : name.substring(0, KEPT_OF_LONG) + "%h" + digest(name.toString());
    }

    private static int startOfTrailingDigits(String source) {
        int start = source.length();
        while (start > 0 && source.charAt(start - 1) >= '0' && source.charAt(start - 1) <= '9') {
            start--;
        }
        return start;
    }

    private static boolean isAlphanumeric(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    private static void escape(String text, StringBuilder name) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            name.append('%').append(HEX.toHexDigits(b));
        }
    }

    private static String digest(String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.US_ASCII));
            return HEX.formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
