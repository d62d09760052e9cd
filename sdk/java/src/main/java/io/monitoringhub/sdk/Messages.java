package io.monitoringhub.sdk;

import io.monitoringhub.sdk.internal.Dialect;
import java.util.Optional;
import java.util.UUID;

/** Writes the lines of one source. A message that doesn't fit is written again with tighter limits until it does, and says so. Thread-safe. */
final class Messages implements Dialect {

    /** Bytes of a line, newline included, that every hub takes. */
    static final int MAX_LINE = 65_536;
    private static final int MAX_NODES = 2_000;
    private static final int[][] TIGHTER = {{32_768, 2_000}, {8_192, 1_000}, {1_024, 200}, {128, 100}, {32, 20}, {16, 0}};
    private static final byte[] NONE = {};

    private final byte[] head;
    private final byte[] quotedSource;
    private final byte[] token;
    private final byte[] compress;
    private volatile int maxLine = MAX_LINE;

    Messages(String source, String token, boolean compresses) {
        quotedSource = quoted(source);
        head = new LineWriter(MAX_LINE, 0).raw("{\"v\":1,\"src\":").raw(quotedSource).raw(",\"ts\":").toBytes();
        this.token = token.isEmpty() ? NONE : new LineWriter(MAX_LINE, 0).raw(",\"token\":").text(token).toBytes();
        this.compress = compresses ? new LineWriter(MAX_LINE, 0).raw(",\"compress\":[\"zlib\"]").toBytes() : NONE;
    }

    static byte[] quoted(String text) {
        return new LineWriter(MAX_LINE, 0).text(text).toBytes();
    }

    /** The members of a message's data. */
    interface Data {
        void write(LineWriter line);
    }

    /** A finished line. Immutable. */
    record Line(byte[] bytes, boolean isShortened) {
    }

    /** Writes a message; empty if it can't be made to fit. {@code ids} are ready members of the envelope, each after a comma. */
    Optional<Line> line(String type, byte[] ids, Data data) {
        LineWriter line = new LineWriter(MAX_LINE, MAX_NODES);
        write(line, type, ids, data);
        int limit = maxLine;
        if (line.length() <= limit && !line.isShortened()) {
            return Optional.of(new Line(line.toBytes(), false));
        }
        for (int[] limits : TIGHTER) {
            line.restart(limits[0], limits[1]);
            write(line, type, ids, data);
            if (line.length() <= limit) {
                return Optional.of(new Line(line.toBytes(), true));
            }
        }
        return Optional.empty();
    }

    private void write(LineWriter line, String type, byte[] ids, Data data) {
        line.raw(head).number(Math.max(0, System.currentTimeMillis())).raw(",\"type\":\"").raw(type).raw("\"").raw(ids).raw(",\"data\":{");
        data.write(line);
        line.raw(line.isShortened() ? ",\"truncated\":true}}\n" : "}}\n");
    }

    @Override
    public byte[] hello(UUID client, long next) {
        return new LineWriter(MAX_LINE, 0).raw("{\"v\":1,\"type\":\"hello\",\"src\":").raw(quotedSource).raw(",\"ts\":")
                .number(Math.max(0, System.currentTimeMillis())).raw(",\"data\":{\"client\":\"").raw(client.toString()).raw("\",\"next\":")
                .number(next).raw(",\"sdk\":\"java/").raw(MonitoringSdk.VERSION).raw("\"").raw(token).raw(compress).raw("}}\n").toBytes();
    }

    @Override
    public byte[] goodbye() {
        return new LineWriter(MAX_LINE, 0).raw(head).number(Math.max(0, System.currentTimeMillis())).raw(",\"type\":\"goodbye\",\"data\":{}}\n")
                .toBytes();
    }

    @Override
    public void limitLines(int bytes) {
        maxLine = Math.min(bytes, MAX_LINE);
    }

    /** An id as the hub takes it: at most 255 bytes, no control characters, no halves of surrogates; {@code ""} for null. */
    static String identifier(String text) {
        if (text == null) {
            return "";
        }
        StringBuilder id = new StringBuilder(Math.min(text.length(), 255));
        int bytes = 0;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int point = text.codePointAt(i);
            int sound = Character.isISOControl(point) ? '?' : point >= 0xD800 && point <= 0xDFFF ? 0xFFFD : point;
            bytes += sound < 0x80 ? 1 : sound < 0x800 ? 2 : sound < 0x10000 ? 3 : 4;
            if (bytes > 255) {
                break;
            }
            id.appendCodePoint(sound);
        }
        return id.toString();
    }

    /** {@code ,"tid":..,"sid":..,"pid":..}: members of the envelope, those that are empty left out. */
    static byte[] ids(String trace, String span, String parent) {
        if (trace.isEmpty()) {
            return NONE;
        }
        LineWriter line = new LineWriter(MAX_LINE, 0).raw(",\"tid\":").text(trace);
        if (!span.isEmpty()) {
            line.raw(",\"sid\":").text(span);
        }
        if (!parent.isEmpty()) {
            line.raw(",\"pid\":").text(parent);
        }
        return line.toBytes();
    }
}
