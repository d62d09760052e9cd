package io.monitoringhub.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Optional;

/**
 * Reads one object from a parser into an {@link Envelope} and judges it by the rules of version 1.
 *
 * <p>Syntax and rules are two steps: {@link #read} goes to the object's end whatever its fields hold, {@link #fault} then names the first
 * fault in the order of {@link RefusalCode}. So it doesn't matter in which order a line has its fields. Used by one thread at a time.
 */
final class EnvelopeReader {

    static final int V = 0;
    static final int SRC = 1;
    static final int TS = 2;
    static final int TYPE = 3;
    static final int TID = 4;
    static final int SID = 5;
    static final int PID = 6;
    static final int DATA = 7;
    static final int UNKNOWN = ShortNames.UNKNOWN;
    private static final String[] NAMES = {"v", "src", "ts", "type", "tid", "sid", "pid", "data"};
    private static final ShortNames SHORT_NAMES = new ShortNames(NAMES);

    private static final int ALWAYS = 1 << V | 1 << SRC | 1 << TS | 1 << TYPE;
    private static final int MAX_LONG_DIGITS = 19;

    private final Envelope envelope = new Envelope();
    private final SourceCache sources = new SourceCache();
    private final FieldNames names = new FieldNames(16, EnvelopeReader::fieldOf);
    private final DataReader data;
    private int seen;
    private int repeated;
    private int invalid;
    private boolean spanId;
    private Type type;

    EnvelopeReader(int maxDepth) {
        data = new DataReader(maxDepth);
    }

    Envelope envelope() {
        return envelope;
    }

    boolean isHello() {
        return type == Type.HELLO;
    }

    boolean sawLongNames() {
        return data.sawLongNames();
    }

    /** Reads the next object; afterwards the parser stands on its closing brace. */
    void read(JsonParser parser) throws IOException {
        clear();
        parser.nextToken();
        int place = 0;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            int field = names.fieldOf(name, place++);
            JsonToken token = parser.nextToken();
            if (field != UNKNOWN) {
                int bit = 1 << field;
                repeated |= seen & bit;
                seen |= bit;
                readField(field, parser, token);
            } else {
                data.watch(name);
                if (token.isStructStart()) {
                    data.skip(parser, 2);
                }
            }
        }
    }

    /** Forgets the last object: before {@link QuickReader} says field by field what it found. */
    void clear() {
        seen = 0;
        repeated = 0;
        invalid = 0;
        spanId = false;
        type = null;
        envelope.source = "";
        envelope.timestamp = 0;
        envelope.traceId = false;
        data.clear();
    }

    private static int fieldOf(String name) {
        return switch (name) {
            case "v" -> V;
            case "src" -> SRC;
            case "ts" -> TS;
            case "type" -> TYPE;
            case "tid" -> TID;
            case "sid" -> SID;
            case "pid" -> PID;
            case "data" -> DATA;
            default -> UNKNOWN;
        };
    }

    /** The field whose name these bytes are. */
    static int fieldOf(byte[] bytes, int from, int to) {
        return SHORT_NAMES.numberOf(bytes, from, to);
    }

    /** Notes a field; whether it has not been there before. */
    boolean isFirst(int field) {
        boolean first = (seen & 1 << field) == 0;
        seen |= 1 << field;
        return first;
    }

    DataReader data() {
        return data;
    }

    void timestamp(long value) {
        envelope.timestamp = value;
    }

    /** Whether this is the type of a message. */
    boolean type(Type found) {
        type = found;
        return found != null && !found.isControl();
    }

    /** Whether these bytes, which are an identifier, can be a source: not if there are none. */
    boolean source(byte[] bytes, int from, int to) {
        envelope.source = sources.get(bytes, from, to);
        return to > from;
    }

    /** An identifier of this length was found. */
    boolean id(int field, int length) {
        if (field == TID) {
            envelope.traceId = length > 0;
        } else if (field == SID) {
            spanId = length > 0;
        }
        return true;
    }

    private void readField(int field, JsonParser parser, JsonToken token) throws IOException {
        boolean valid = switch (field) {
            case V -> token == JsonToken.VALUE_NUMBER_INT && isOne(parser);
            case SRC -> readSource(parser, token);
            case TS -> readTimestamp(parser, token);
            case TYPE -> readType(parser, token);
            case DATA -> {
                data.read(parser, token, type == null ? 0 : type.ordinal());
                yield true;
            }
            default -> readId(field, parser, token);
        };
        if (!valid) {
            invalid |= 1 << field;
            if (field != DATA && token.isStructStart()) {
                data.skip(parser, 2);
            }
        }
    }

    private static boolean isOne(JsonParser parser) throws IOException {
        return parser.getTextLength() == 1 && parser.getTextCharacters()[parser.getTextOffset()] == '1';
    }

    private boolean readSource(JsonParser parser, JsonToken token) throws IOException {
        if (token != JsonToken.VALUE_STRING) {
            return false;
        }
        char[] chars = parser.getTextCharacters();
        int from = parser.getTextOffset();
        int length = parser.getTextLength();
        if (length == 0 || !Identifiers.isIdentifier(chars, from, length)) {
            return false;
        }
        envelope.source = sources.get(chars, from, length);
        return true;
    }

    private boolean readTimestamp(JsonParser parser, JsonToken token) throws IOException {
        if (token != JsonToken.VALUE_NUMBER_INT) {
            return false;
        }
        int length = parser.getTextLength();
        if (length < MAX_LONG_DIGITS) {
            envelope.timestamp = parser.getLongValue();
        } else if (length == MAX_LONG_DIGITS) {
            envelope.timestamp = nineteenDigits(parser.getTextCharacters(), parser.getTextOffset());
        } else {
            return false;
        }
        return envelope.timestamp >= 0;
    }

    /** Beyond {@code Long.MAX_VALUE} the sum of nineteen digits wraps to below zero and never comes round again. */
    private static long nineteenDigits(char[] chars, int from) {
        if (chars[from] == '-') {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < MAX_LONG_DIGITS; i++) {
            value = value * 10 + (chars[from + i] - '0');
        }
        return value;
    }

    private boolean readType(JsonParser parser, JsonToken token) throws IOException {
        type = token == JsonToken.VALUE_STRING
                ? Type.among(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength()) : null;
        return type != null;
    }

    private boolean readId(int field, JsonParser parser, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_NULL) {
            return true;
        }
        if (token != JsonToken.VALUE_STRING) {
            return false;
        }
        char[] chars = parser.getTextCharacters();
        int length = parser.getTextLength();
        if (field == TID) {
            envelope.traceId = length > 0;
        } else if (field == SID) {
            spanId = length > 0;
        }
        return Identifiers.isIdentifier(chars, parser.getTextOffset(), length);
    }

    /** Completes the envelope of the object just read, or says why it is refused. */
    Optional<Refusal> fault() {
        int missing = missing();
        if (type == null || type.isControl() || (missing | repeated | invalid) != 0) {
            return envelopeFault(missing);
        }
        String fault = data.fault(type);
        if (!fault.isEmpty()) {
            return refuse(RefusalCode.INVALID_DATA, fault);
        }
        envelope.type = type;
        envelope.level = type == Type.EVENT ? data.level() : Envelope.NO_LEVEL;
        return Optional.empty();
    }

    private int missing() {
        int required = ALWAYS;
        int present = seen;
        if (type != Type.HEARTBEAT && type != Type.GOODBYE) {
            required |= 1 << DATA;
        }
        if (type == Type.SPAN) {
            required |= 1 << TID | 1 << SID;
            present = withoutEmptyIds(present);
        }
        return required & ~present;
    }

    private int withoutEmptyIds(int present) {
        int traceBit = envelope.traceId ? 0 : 1 << TID;
        int spanBit = spanId ? 0 : 1 << SID;
        return present & ~((traceBit | spanBit) & ~invalid);
    }

    private Optional<Refusal> envelopeFault(int missing) {
        if (type == Type.HELLO) {
            return helloFault(missing);
        }
        if (isSet(invalid, V)) {
            return refuse(RefusalCode.UNKNOWN_VERSION, "'v' must be 1");
        }
        if (isSet(invalid, TYPE)) {
            return refuse(RefusalCode.UNKNOWN_TYPE, "'type' is none of version 1");
        }
        if (type != null && type.isControl()) {
            return refuse(RefusalCode.UNEXPECTED_CONTROL, "'" + type.word() + "' is for the hub to send");
        }
        return fieldFault(missing);
    }

    private Optional<Refusal> helloFault(int missing) {
        if (isSet(invalid, V)) {
            return refuse(RefusalCode.INVALID_HELLO, "'v' must be 1");
        }
        if ((missing | repeated | invalid) != 0) {
            return fieldFault(missing).map(fault -> new Refusal(RefusalCode.INVALID_HELLO, fault.reason()));
        }
        return data.shape() == DataReader.Shape.OBJECT
                ? Optional.empty() : refuse(RefusalCode.INVALID_HELLO, "'data' must be an object");
    }

    private Optional<Refusal> fieldFault(int missing) {
        if (repeated != 0) {
            return refuse(RefusalCode.DUPLICATE_FIELD, "'" + first(repeated) + "' stands there more than once");
        }
        if (missing != 0) {
            return refuse(RefusalCode.MISSING_FIELD, "'" + first(missing) + "' is required");
        }
        return refuse(RefusalCode.INVALID_FIELD, rule(Integer.numberOfTrailingZeros(invalid)));
    }

    private static String rule(int field) {
        return switch (field) {
            case TS -> "'ts' must be an integer from 0 to 9223372036854775807: Unix milliseconds";
            case SRC -> "'src' must be a string that is not empty, " + Identifiers.RULE;
            default -> "'" + NAMES[field] + "' must be null or a string, " + Identifiers.RULE;
        };
    }

    private static boolean isSet(int bits, int field) {
        return (bits & 1 << field) != 0;
    }

    private static String first(int bits) {
        return NAMES[Integer.numberOfTrailingZeros(bits)];
    }

    private static Optional<Refusal> refuse(RefusalCode code, String reason) {
        return Optional.of(new Refusal(code, reason));
    }
}
