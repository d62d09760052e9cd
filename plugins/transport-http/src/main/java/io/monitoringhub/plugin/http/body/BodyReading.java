package io.monitoringhub.plugin.http.body;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/**
 * Reads a body as lines, as often as it is asked to: first to see that it is whole, then to store it. So a body of which something is wrong
 * is refused before the first message is stored, and takes no more memory than it has bytes as sent. Immutable.
 */
public final class BodyReading {

    private static final int BUFFER = 32 << 10;
    /** How much of the first line is looked at to see what it is. */
    private static final int FIRST_LINE = 64 << 10;

    private final Body body;
    private final String encoding;
    private final long maxInflated;
    private final boolean isDocument;

    private BodyReading(Body body, String encoding, long maxInflated, boolean isDocument) {
        this.body = body;
        this.encoding = encoding;
        this.maxInflated = maxInflated;
        this.isDocument = isDocument;
    }

    /**
     * A body of this kind.
     *
     * @param encoding its {@code Content-Encoding}; can be null
     * @param form what it says it is
     */
    public static BodyReading of(Body body, String encoding, BodyForm form, long maxInflated) throws IOException {
        boolean isDocument = switch (form) {
            case LINES -> false;
            case DOCUMENT -> true;
            case ANY -> beginsAsDocument(body, encoding, maxInflated);
        };
        return new BodyReading(body, encoding, maxInflated, isDocument);
    }

    /** An array, or an object that can be {@code {"events":[..]}}. */
    private static boolean beginsAsDocument(Body body, String encoding, long maxInflated) throws IOException {
        try (InputStream in = Inflater.open(body, encoding, maxInflated)) {
            byte[] beginning = in.readNBytes(64);
            String text = new String(beginning, StandardCharsets.ISO_8859_1).strip();
            return text.startsWith("[") || text.matches("(?s)\\{\\s*\"events\"\\s*:\\s*\\[.*");
        }
    }

    /** Whether all of it can be seen only by reading it through. */
    private boolean needsLook() {
        return isDocument || !Inflater.isPlain(encoding);
    }

    /**
     * Looks whether it is whole, and what its first line has.
     *
     * @return the names in the outermost level of the first line
     * @throws BodyException when it is not what it says it is
     */
    public Set<String> look() throws IOException {
        byte[] first = new byte[FIRST_LINE];
        FirstLine firstLine = new FirstLine(first);
        if (needsLook()) {
            read(firstLine);
        } else {
            try (InputStream in = body.open()) {
                int count = in.readNBytes(first, 0, FIRST_LINE);
                byte[] copy = Arrays.copyOf(first, count);
                firstLine.take(copy, 0, count);
            }
        }
        return TopLevelNames.of(first, firstLine.length);
    }

    /** Reads all of it. */
    public void read(Lines lines) throws IOException {
        try (InputStream in = Inflater.open(body, encoding, maxInflated)) {
            byte[] buffer = new byte[BUFFER];
            DocumentCutter cutter = isDocument ? new DocumentCutter(lines) : null;
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (cutter == null) {
                    lines.take(buffer, 0, count);
                } else {
                    cutter.feed(buffer, 0, count);
                }
            }
            if (cutter != null) {
                cutter.end();
            }
        }
    }

    /** Keeps the first line that is not empty, as far as it has room. */
    private static final class FirstLine implements Lines {

        private final byte[] line;
        private int length;
        private boolean isWhole;

        FirstLine(byte[] line) {
            this.line = line;
        }

        @Override
        public void take(byte[] bytes, int offset, int count) {
            for (int i = offset; i < offset + count && !isWhole; i++) {
                if (bytes[i] == '\n') {
                    isWhole = length > 0;
                } else if (length == line.length) {
                    isWhole = true;
                } else {
                    line[length++] = bytes[i];
                }
            }
        }
    }
}
