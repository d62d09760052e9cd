package io.monitoringhub.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Writes the lines that a hub sends in an acknowledged session, each with its newline. An acknowledgement costs one array and no more.
 * Immutable.
 */
public final class ControlLines {

    private static final byte[] ACK_HEAD = ascii("{\"v\":1,\"type\":\"ack\",\"data\":{\"seq\":");
    private static final byte[] ACK_TAIL = ascii("}}\n");

    private ControlLines() {
    }

    /**
     * The answer to a hello.
     *
     * @param acked all lines up to this number are on disk, 0 if none
     * @param hub name and version of the hub
     * @param maxMessage how long a line may be in bytes, newline included
     */
    public static byte[] welcome(long acked, String hub, int maxMessage) {
        return welcome(acked, hub, maxMessage, Optional.empty());
    }

    /**
     * The same to a client that can compress.
     *
     * @param compress how the client compresses all that it sends from now on; empty for not at all
     */
    public static byte[] welcome(long acked, String hub, int maxMessage, Optional<String> compress) {
        StringBuilder line = new StringBuilder(128).append("{\"v\":1,\"type\":\"welcome\",\"data\":{\"acked\":").append(acked)
                .append(",\"hub\":");
        appendQuoted(line, hub);
        line.append(",\"max_message\":").append(maxMessage);
        compress.ifPresent(method -> {
            line.append(",\"compress\":");
            appendQuoted(line, method);
        });
        return utf8(line.append("}}\n"));
    }

    /** All lines up to {@code seq} are on disk or were refused. */
    public static byte[] ack(long seq) {
        if (seq < 0) {
            throw new IllegalArgumentException("seq is " + seq + ": numbers of lines begin at 1");
        }
        int digits = digits(seq);
        byte[] line = Arrays.copyOf(ACK_HEAD, ACK_HEAD.length + digits + ACK_TAIL.length);
        System.arraycopy(ACK_TAIL, 0, line, ACK_HEAD.length + digits, ACK_TAIL.length);
        long rest = seq;
        for (int i = ACK_HEAD.length + digits - 1; i >= ACK_HEAD.length; i--) {
            line[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return line;
    }

    /** Line {@code seq} is refused; 0 stands for the hello, and for the session as a whole. */
    public static byte[] error(long seq, Refusal refusal) {
        StringBuilder line = new StringBuilder(192).append("{\"v\":1,\"type\":\"error\",\"data\":{\"seq\":").append(seq)
                .append(",\"code\":\"").append(refusal.code().word()).append("\",\"reason\":");
        appendQuoted(line, refusal.reason());
        return utf8(line.append("}}\n"));
    }

    private static int digits(long value) {
        int digits = 1;
        for (long rest = value / 10; rest > 0; rest /= 10) {
            digits++;
        }
        return digits;
    }

    private static void appendQuoted(StringBuilder line, String text) {
        line.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c)) {
                line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
        line.append('"');
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] utf8(CharSequence text) {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
