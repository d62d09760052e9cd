package io.monitoringhub.plugin.httpbackend;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads answers of HTTP/1.1 from a connection, one after the other. Used by one thread at a time. */
final class HttpStream {

    /** A hub tells up to ten thousand refusals one by one. */
    private static final int MOST_BODY_BYTES = 16 << 20;
    private static final int MOST_HEAD_BYTES = 65_536;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.([01]) (\\d{3})( .*)?");

    private final InputStream in;
    private boolean hasBegun;
    private boolean isReusable;

    HttpStream(InputStream in) {
        this.in = in;
    }

    /** An answer's first lines. Immutable. */
    record Head(int minor, int status, Map<String, String> headers) {

        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    /** Whether anything of the answer has come. */
    boolean hasBegun() {
        return hasBegun;
    }

    /** Whether another request can follow the last answer. */
    boolean isReusable() {
        return isReusable;
    }

    void next() {
        hasBegun = false;
        isReusable = false;
    }

    /** Reads the final answer, behind those that only tell of progress. */
    HttpAnswer answer() throws IOException {
        Head head = head();
        while (head.status() < 200) {
            head = head();
        }
        return answer(head);
    }

    Head head() throws IOException {
        int[] room = {MOST_HEAD_BYTES};
        Matcher status = STATUS.matcher(line(room));
        if (!status.matches()) {
            throw new ProtocolException("what came is no answer of HTTP/1.1");
        }
        Map<String, String> headers = new HashMap<>();
        for (String line = line(room); !line.isEmpty(); line = line(room)) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new ProtocolException("a header without a colon came");
            }
            headers.merge(line.substring(0, colon).strip().toLowerCase(Locale.ROOT), line.substring(colon + 1).strip(),
                    (one, other) -> one + ", " + other);
        }
        return new Head(status.group(1).charAt(0) - '0', Integer.parseInt(status.group(2)), headers);
    }

    HttpAnswer answer(Head head) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean isKept = head.minor() == 1 && !head.header("connection").toLowerCase(Locale.ROOT).contains("close");
        String encoding = head.header("transfer-encoding").toLowerCase(Locale.ROOT);
        if (head.status() == 204 || head.status() == 304) {
            isReusable = isKept;
        } else if (encoding.endsWith("chunked")) {
            isReusable = chunks(body) && isKept;
        } else if (head.header("content-length").matches("\\d{1,18}")) {
            long length = Long.parseLong(head.header("content-length"));
            read(Math.min(length, MOST_BODY_BYTES), body);
            isReusable = length <= MOST_BODY_BYTES && isKept;
        } else {
            body.writeBytes(in.readNBytes(MOST_BODY_BYTES));
        }
        return new HttpAnswer(head.status(), head.headers(), body.toByteArray());
    }

    /** @return whether all of it was read */
    private boolean chunks(ByteArrayOutputStream body) throws IOException {
        while (true) {
            int[] room = {MOST_HEAD_BYTES};
            String size = line(room).split(";", 2)[0].strip();
            if (!size.matches("[0-9a-fA-F]{1,8}")) {
                throw new ProtocolException("a chunk without a size came");
            }
            long length = Long.parseLong(size, 16);
            if (length == 0) {
                while (!line(room).isEmpty()) {
                    // Trailers say nothing that is needed.
                }
                return true;
            }
            if (body.size() + length > MOST_BODY_BYTES) {
                return false;
            }
            read(length, body);
            line(room);
        }
    }

    private void read(long length, ByteArrayOutputStream body) throws IOException {
        byte[] bytes = in.readNBytes((int) length);
        if (bytes.length < length) {
            throw new EOFException("the connection ended amidst the answer");
        }
        body.writeBytes(bytes);
    }

    private String line(int[] room) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(80);
        for (int each = in.read(); each != '\n'; each = in.read()) {
            if (each < 0) {
                throw new EOFException(hasBegun ? "the connection ended amidst the answer" : "the connection ended without an answer");
            }
            hasBegun = true;
            if (--room[0] < 0) {
                throw new ProtocolException("the answer's head has more than " + MOST_HEAD_BYTES + " bytes");
            }
            line.write(each);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }
}
