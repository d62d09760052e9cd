package io.monitoringhub.plugin.s3;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The part of a key for a source, which is whatever a client sends. Letters, digits and {@code - _ .} stay; every other byte of its UTF-8
 * becomes {@code !XX}, also a dot at the beginning: stores and tools take these characters without escapes of their own. A long one ends
 * with a digest. No two sources share one.
 */
final class SourceElement {

    static final int MAX_LENGTH = 120;

    private static final int KEPT_OF_LONG = 80;
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private SourceElement() {
    }

    static String of(String source) {
        // A lone surrogate has no UTF-8; its JSON escape tells it from the question mark that Java would write.
        byte[] bytes = escapeSurrogates(source).getBytes(StandardCharsets.UTF_8);
        StringBuilder element = new StringBuilder(bytes.length + 16);
        for (int i = 0; i < bytes.length; i++) {
            char c = (char) (bytes[i] & 0xff);
            boolean isPlain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_';
            if (isPlain || c == '.' && i > 0) {
                element.append(c);
            } else {
                element.append('!').append(HEX.toHexDigits(bytes[i]));
            }
        }
        if (element.isEmpty()) {
            return "!";
        }
        return element.length() <= MAX_LENGTH ? element.toString() : element.substring(0, KEPT_OF_LONG) + "!h" + digest(element.toString());
    }

    private static String escapeSurrogates(String source) {
        if (source.chars().noneMatch(c -> Character.isSurrogate((char) c))) {
            return source;
        }
        StringBuilder text = new StringBuilder(source.length());
        source.codePoints().forEach(c -> {
            if (Character.getType(c) == Character.SURROGATE) {
                text.append("\\u").append(HEX.toHexDigits((char) c));
            } else {
                text.appendCodePoint(c);
            }
        });
        return text.toString();
    }

    private static String digest(String text) {
        try {
            return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII)), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
