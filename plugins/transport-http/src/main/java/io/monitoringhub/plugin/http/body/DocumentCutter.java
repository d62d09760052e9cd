package io.monitoringhub.plugin.http.body;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Cuts a JSON document into lines: each element of an array, of {@code {"events":[..]}}, or each of a sequence of values becomes one. White
 * space between tokens goes, as it may hold newlines; all other bytes stay as they are.
 *
 * <p>It looks at strings, brackets and commas only. That is enough to find the elements, and to know that the document is whole; whether an
 * element is a message is for the hub to say, for each by itself. Used by one thread at a time.
 */
final class DocumentCutter {

    static final int MOST_DEPTH = 1000;

    private static final byte[] ENVELOPE = "\"events\"".getBytes(StandardCharsets.US_ASCII);
    private static final int OUT = 32 << 10;

    /** What is expected where no element is open. */
    private enum State { START, ENVELOPE_NAME, ENVELOPE_COLON, ENVELOPE_ARRAY, FIRST_ELEMENT, ELEMENT, COMMA, ENVELOPE_END, SEQUENCE, END }

    private final Lines lines;
    private final byte[] out = new byte[OUT];
    private int filled;
    private State state = State.START;
    private boolean isEnvelope;
    private final byte[] held = new byte[ENVELOPE.length];
    private int heldCount;

    private final boolean[] isObject = new boolean[MOST_DEPTH];
    private int depth;
    private boolean inString;
    private boolean escaped;
    private boolean inScalar;
    private boolean spacePending;
    private int lastWritten;
    private long position;
    private long elements;

    DocumentCutter(Lines lines) {
        this.lines = lines;
    }

    /** How many elements were found so far. */
    long elements() {
        return elements;
    }

    void feed(byte[] bytes, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            position++;
            int b = bytes[i];
            if (isInElement()) {
                inside(b);
            } else {
                between(b);
            }
        }
    }

    void end() throws IOException {
        if (inScalar && state == State.SEQUENCE) {
            endElement();
        }
        if (isInElement() || state != State.END && state != State.SEQUENCE) {
            throw broken(position == 0 ? "the body is empty" : "the body ends before its JSON does");
        }
        flush();
    }

    private boolean isInElement() {
        return depth > 0 || inString || inScalar;
    }

    private void between(int b) throws IOException {
        if (isSpace(b) && heldCount == 0) {
            return;
        }
        switch (state) {
            case START -> {
                if (b == '[') {
                    state = State.FIRST_ELEMENT;
                } else if (b == '{') {
                    state = State.ENVELOPE_NAME;
                } else {
                    state = State.SEQUENCE;
                    begin(b);
                }
            }
            case ENVELOPE_NAME -> name(b);
            case ENVELOPE_COLON -> expect(b, ':', State.ENVELOPE_ARRAY);
            case ENVELOPE_ARRAY -> expect(b, '[', State.FIRST_ELEMENT);
            case FIRST_ELEMENT, ELEMENT -> {
                if (b == ']' && state == State.FIRST_ELEMENT) {
                    endArray();
                } else {
                    state = State.ELEMENT;
                    begin(b);
                }
            }
            case COMMA -> {
                if (b == ']') {
                    endArray();
                } else {
                    expect(b, ',', State.ELEMENT);
                }
            }
            case ENVELOPE_END -> expect(b, '}', State.END);
            case SEQUENCE -> begin(b);
            case END -> throw broken("something follows the JSON");
        }
    }

    /** The beginning of an object that can be an envelope or a message: it is held back until that is known. */
    private void name(int b) throws IOException {
        held[heldCount] = (byte) b;
        if (b == ENVELOPE[heldCount]) {
            heldCount++;
            if (heldCount == ENVELOPE.length) {
                isEnvelope = true;
                heldCount = 0;
                state = State.ENVELOPE_COLON;
            }
            return;
        }
        int count = heldCount + 1;
        heldCount = 0;
        state = State.SEQUENCE;
        begin('{');
        for (int i = 0; i < count; i++) {
            if (isInElement()) {
                inside(held[i]);
            } else {
                between(held[i]);
            }
        }
    }

    private void expect(int b, char wanted, State next) throws BodyException {
        if (b != wanted) {
            throw broken("expected '" + wanted + "'");
        }
        state = next;
    }

    private void endArray() {
        state = isEnvelope ? State.ENVELOPE_END : State.END;
    }

    private void begin(int b) throws IOException {
        if (b == ',' || b == ':' || b == ']' || b == '}') {
            throw broken("expected a value, not '" + (char) b + "'");
        }
        lastWritten = '\n';
        spacePending = false;
        inScalar = b != '{' && b != '[' && b != '"';
        inside(b);
    }

    private void inside(int b) throws IOException {
        if (inString) {
            string(b);
        } else if (isSpace(b)) {
            if (inScalar && depth == 0) {
                endElement();
            } else {
                spacePending = true;
            }
        } else if (inScalar && depth == 0 && (b == ',' || b == ']')) {
            endElement();
            between(b);
        } else {
            token(b);
        }
    }

    private void string(int b) throws IOException {
        if (b >= 0 && b < 0x20) {
            throw broken("a string has a raw control character in it, such as a newline");
        }
        put(b);
        if (escaped) {
            escaped = false;
        } else if (b == '\\') {
            escaped = true;
        } else if (b == '"') {
            inString = false;
            if (depth == 0 && !inScalar) {
                endElement();
            }
        }
    }

    private void token(int b) throws IOException {
        if (spacePending && !isStructural(lastWritten) && !isStructural(b)) {
            // Two tokens that belong to none: they must not become one.
            put(' ');
        }
        spacePending = false;
        put(b);
        switch (b) {
            case '"' -> inString = true;
            case '{', '[' -> open(b == '{');
            case '}', ']' -> close(b == '}');
            default -> {
                // Part of a number or word.
            }
        }
    }

    private void open(boolean object) throws BodyException {
        if (depth == MOST_DEPTH) {
            throw new BodyException(BodyException.Kind.TOO_DEEP, "the body's JSON is nested deeper than " + MOST_DEPTH + " at byte " + position);
        }
        isObject[depth++] = object;
    }

    private void close(boolean object) throws IOException {
        if (depth == 0 || isObject[depth - 1] != object) {
            throw broken("a bracket is closed that was not opened");
        }
        depth--;
        if (depth == 0 && !inScalar) {
            endElement();
        }
    }

    private void endElement() throws IOException {
        put('\n');
        elements++;
        inScalar = false;
        if (state == State.ELEMENT) {
            state = State.COMMA;
        }
    }

    private void put(int b) throws IOException {
        if (filled == OUT) {
            flush();
        }
        out[filled++] = (byte) b;
        lastWritten = b;
    }

    private void flush() throws IOException {
        lines.take(out, 0, filled);
        filled = 0;
    }

    private BodyException broken(String what) {
        return new BodyException(BodyException.Kind.BROKEN, what + " (at byte " + position + ")");
    }

    private static boolean isSpace(int b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private static boolean isStructural(int b) {
        return b == '{' || b == '}' || b == '[' || b == ']' || b == ',' || b == ':' || b == '\n';
    }
}
