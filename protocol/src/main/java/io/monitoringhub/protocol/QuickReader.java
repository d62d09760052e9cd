package io.monitoringhub.protocol;

import static io.monitoringhub.protocol.JsonBytes.DOUBT;

/**
 * Reads the lines that nearly all clients send, several times as fast as a parser does: straight from the bytes, in one pass, making
 * nothing. Whatever is unusual it leaves to {@link EnvelopeReader}: escapes in names and identifiers, fields that stand there twice,
 * identifiers that are not ASCII, control lines, deep nesting, long numbers, and everything that is wrong. So there is one place that
 * refuses, and one that says why.
 *
 * <p>The two must agree on every line that this one accepts; {@code QuickReaderTest} holds them against each other. Used by one thread at
 * a time.
 */
final class QuickReader {

    private static final int MAX_NAME = 255;
    private static final int MAX_TIMESTAMP_DIGITS = 18;
    private static final int MAX_FRACTION_DIGITS = 9;

    private final EnvelopeReader reader;
    private byte[] bytes;
    /** The end of the value that was read last. */
    private int position;

    QuickReader(EnvelopeReader reader) {
        this.reader = reader;
    }

    /**
     * Reads one line into the envelope reader.
     *
     * @param from the opening brace
     * @param to behind the object; a newline comes there or later
     * @return whether there is no doubt about its syntax; its fields are still to be judged, see {@link EnvelopeReader#fault}
     */
    boolean read(byte[] line, int from, int to) {
        bytes = line;
        reader.clear();
        int i = JsonBytes.skipSpace(line, from + 1);
        while (true) {
            if (line[i] != '"') {
                return false;
            }
            int name = i + 1;
            int nameEnd = JsonBytes.endOfPlainText(line, name);
            i = behindColon(nameEnd, name);
            if (i == DOUBT || !readField(EnvelopeReader.fieldOf(line, name, nameEnd), i)) {
                return false;
            }
            i = JsonBytes.skipSpace(line, position);
            if (line[i] == '}') {
                return i + 1 == to;
            }
            if (line[i] != ',') {
                return false;
            }
            i = JsonBytes.skipSpace(line, i + 1);
        }
    }

    private int behindColon(int nameEnd, int name) {
        if (bytes[nameEnd] != '"' || nameEnd - name > MAX_NAME) {
            return DOUBT;
        }
        int colon = JsonBytes.skipSpace(bytes, nameEnd + 1);
        return bytes[colon] == ':' ? JsonBytes.skipSpace(bytes, colon + 1) : DOUBT;
    }

    private boolean readField(int field, int at) {
        if (field == EnvelopeReader.UNKNOWN) {
            return ended(JsonBytes.endOfValue(bytes, at));
        }
        if (!reader.isFirst(field)) {
            return false;
        }
        return switch (field) {
            case EnvelopeReader.V -> bytes[at] == '1' && ended(at + 1) && !JsonBytes.isDigit(bytes[at + 1]);
            case EnvelopeReader.TS -> readTimestamp(at);
            case EnvelopeReader.TYPE -> readText(at) && reader.type(Type.among(bytes, at + 1, position - 1));
            case EnvelopeReader.SRC -> readIdentifier(at) && reader.source(bytes, at + 1, position - 1);
            case EnvelopeReader.DATA -> readData(at);
            default -> bytes[at] == 'n' ? ended(JsonBytes.endOfLiteral(bytes, at)) : readIdentifier(at) && reader.id(field, position - at - 2);
        };
    }

    private boolean ended(int end) {
        position = end;
        return end != DOUBT;
    }

    private boolean readTimestamp(int at) {
        long value = 0;
        int i = at;
        while (JsonBytes.isDigit(bytes[i])) {
            value = value * 10 + (bytes[i] - '0');
            i++;
        }
        int digits = i - at;
        if (digits == 0 || digits > MAX_TIMESTAMP_DIGITS || digits > 1 && bytes[at] == '0' || bytes[i] == '.' || (bytes[i] | 0x20) == 'e') {
            return false;
        }
        reader.timestamp(value);
        return ended(i);
    }

    /** A string without escapes. */
    private boolean readText(int at) {
        int end = bytes[at] == '"' ? JsonBytes.endOfPlainText(bytes, at + 1) : at;
        return end > at && bytes[end] == '"' && ended(end + 1);
    }

    /** A string of printable ASCII without escapes, no longer than an identifier may be. */
    private boolean readIdentifier(int at) {
        return readText(at) && position - at - 2 <= Identifiers.MAX_BYTES && JsonBytes.isPrintable(bytes, at + 1, position - 1);
    }

    private boolean readData(int at) {
        if (bytes[at] == 'n') {
            reader.data().isNull();
            return ended(JsonBytes.endOfLiteral(bytes, at));
        }
        if (bytes[at] != '{') {
            return false;
        }
        reader.data().isObject();
        int i = JsonBytes.skipSpace(bytes, at + 1);
        if (bytes[i] == '}') {
            return ended(i + 1);
        }
        while (true) {
            if (bytes[i] != '"') {
                return false;
            }
            int name = i + 1;
            int nameEnd = JsonBytes.endOfPlainText(bytes, name);
            i = behindColon(nameEnd, name);
            if (i == DOUBT || !readDataField(DataReader.fieldOf(bytes, name, nameEnd), i)) {
                return false;
            }
            i = JsonBytes.skipSpace(bytes, position);
            if (bytes[i] == '}') {
                return ended(i + 1);
            }
            if (bytes[i] != ',') {
                return false;
            }
            i = JsonBytes.skipSpace(bytes, i + 1);
        }
    }

    private boolean readDataField(int field, int at) {
        if (field == DataReader.UNKNOWN) {
            return ended(JsonBytes.endOfValue(bytes, at));
        }
        return switch (bytes[at]) {
            case '"' -> field == DataReader.LEVEL ? readText(at) && found(field, DataReader.TEXT) && reader.data().level(bytes, at + 1, position - 1)
                    : ended(JsonBytes.endOfString(bytes, at)) && found(field, position - at > 2 ? DataReader.TEXT : DataReader.EMPTY_TEXT);
            case '{' -> ended(JsonBytes.endOfStructure(bytes, at)) && found(field, DataReader.OBJECT);
            case 'n' -> ended(JsonBytes.endOfLiteral(bytes, at)) && found(field, DataReader.NULL);
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> readNumber(field, at);
            default -> false;
        };
    }

    private boolean found(int field, int kind) {
        return reader.data().found(field, kind);
    }

    private boolean readNumber(int field, int at) {
        int integer = JsonBytes.endOfInteger(bytes, at);
        int end = JsonBytes.endOfNumber(bytes, at);
        if (field == DataReader.PERCENT && end != DOUBT && !isPercent(at, integer, end)) {
            return false;
        }
        return ended(end) && found(field, end == integer ? DataReader.INTEGER : DataReader.FRACTION);
    }

    /** Whether it certainly is: 0 to 99 and a fraction, or 100. */
    private boolean isPercent(int at, int integer, int end) {
        boolean isSmall = bytes[at] != '-' && integer - at <= 2 && (end == integer || bytes[integer] == '.' && end - integer <= MAX_FRACTION_DIGITS
                && isWithoutExponent(integer, end));
        boolean isHundred = end == integer && integer - at == 3 && bytes[at] == '1' && bytes[at + 1] == '0' && bytes[at + 2] == '0';
        if (isSmall || isHundred) {
            reader.data().percentIsInRange();
        }
        return isSmall || isHundred;
    }

    private boolean isWithoutExponent(int from, int to) {
        for (int i = from; i < to; i++) {
            if ((bytes[i] | 0x20) == 'e') {
                return false;
            }
        }
        return true;
    }
}
