package io.monitoringhub.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;

/**
 * Walks over {@code data} once and remembers of each field of version 1 only what kind of value it has, so that the rules of a type can be
 * applied afterwards: the type may come later in the line.
 *
 * <p>Sixteen fields of four bits are one {@code long}: forgetting a line costs one assignment. If a field stands there twice, the last
 * counts. Used by one thread at a time.
 */
final class DataReader {

    /** What {@code data} itself is. */
    enum Shape { ABSENT, NULL, OBJECT, OTHER }

    static final int LEVEL = 0;
    static final int MSG = 1;
    static final int CTX = 2;
    static final int NAME = 3;
    static final int VALUE = 4;
    static final int UNIT = 5;
    static final int TAGS = 6;
    static final int JOB_ID = 7;
    static final int PERCENT = 8;
    static final int STATUS = 9;
    static final int CPU = 10;
    static final int MEM = 11;
    static final int DISK = 12;
    static final int NET = 13;
    static final int START = 14;
    static final int END = 15;
    static final int UNKNOWN = ShortNames.UNKNOWN;

    private static final int ABSENT = 0;
    static final int NULL = 1;
    static final int TEXT = 2;
    static final int EMPTY_TEXT = 3;
    static final int INTEGER = 4;
    static final int FRACTION = 5;
    static final int OBJECT = 6;
    private static final int OTHER = 7;

    private static final int NONE = 1 << ABSENT | 1 << NULL;
    private static final int ANY_TEXT = 1 << TEXT | 1 << EMPTY_TEXT;
    private static final int NUMBER = 1 << INTEGER | 1 << FRACTION;

    private static final String[] LEVELS = {"debug", "info", "warn", "error", "fatal"};

    /** In the order of their numbers. */
    private static final ShortNames SHORT_NAMES = new ShortNames("level", "msg", "ctx", "name", "value", "unit", "tags", "job_id", "percent",
            "status", "cpu", "mem", "disk", "net", "start", "end");

    /** Eight places for each type. */
    private final FieldNames names = new FieldNames(128, DataReader::fieldOf);
    private final int maxDepth;
    private Shape shape = Shape.ABSENT;
    private long kinds;
    private int level;
    private boolean percentInRange;
    private boolean longNames;

    DataReader(int maxDepth) {
        this.maxDepth = maxDepth;
    }

    void clear() {
        shape = Shape.ABSENT;
        kinds = 0;
        level = Envelope.NO_LEVEL;
        percentInRange = false;
    }

    Shape shape() {
        return shape;
    }

    int level() {
        return level;
    }

    /** Whether a field's name was so long that it should not stay in memory. Reset by asking. */
    boolean sawLongNames() {
        boolean saw = longNames;
        longNames = false;
        return saw;
    }

    void watch(String name) {
        longNames |= name.length() > Parsers.LONG_NAME;
    }

    /**
     * Reads the value of {@code data}: the parser's current token.
     *
     * @param hint equal for lines that probably have the same fields
     */
    void read(JsonParser parser, JsonToken token, int hint) throws IOException {
        if (token == JsonToken.START_OBJECT) {
            shape = Shape.OBJECT;
            readFields(parser, hint << 3);
        } else if (token == JsonToken.START_ARRAY) {
            shape = skip(parser, 2) ? Shape.OBJECT : Shape.OTHER;
        } else {
            shape = token == JsonToken.VALUE_NULL ? Shape.NULL : Shape.OTHER;
        }
    }

    private void readFields(JsonParser parser, int firstPlace) throws IOException {
        int place = firstPlace;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            int field = names.fieldOf(name, place++);
            JsonToken token = parser.nextToken();
            if (field != UNKNOWN) {
                int shift = field << 2;
                kinds = kinds & ~(0xFL << shift) | (long) kindOf(field, parser, token) << shift;
            } else {
                watch(name);
                if (token.isStructStart()) {
                    skip(parser, 3);
                }
            }
        }
    }

    /** The field whose name these bytes are. */
    static int fieldOf(byte[] bytes, int from, int to) {
        return SHORT_NAMES.numberOf(bytes, from, to);
    }

    void isNull() {
        shape = Shape.NULL;
    }

    void isObject() {
        shape = Shape.OBJECT;
    }

    /** Notes what a field holds; whether it has not been there before. */
    boolean found(int field, int kind) {
        int shift = field << 2;
        boolean first = (kinds >>> shift & 0xF) == ABSENT;
        kinds |= (long) kind << shift;
        return first;
    }

    /** Whether these bytes are a level. */
    boolean level(byte[] bytes, int from, int to) {
        for (int i = 0; i < LEVELS.length; i++) {
            if (Identifiers.isSame(LEVELS[i], bytes, from, to)) {
                level = i;
                return true;
            }
        }
        return false;
    }

    void percentIsInRange() {
        percentInRange = true;
    }

    private static int fieldOf(String name) {
        return switch (name) {
            case "level" -> LEVEL;
            case "msg" -> MSG;
            case "ctx" -> CTX;
            case "name" -> NAME;
            case "value" -> VALUE;
            case "unit" -> UNIT;
            case "tags" -> TAGS;
            case "job_id" -> JOB_ID;
            case "percent" -> PERCENT;
            case "status" -> STATUS;
            case "cpu" -> CPU;
            case "mem" -> MEM;
            case "disk" -> DISK;
            case "net" -> NET;
            case "start" -> START;
            case "end" -> END;
            default -> UNKNOWN;
        };
    }

    private int kindOf(int field, JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case VALUE_STRING -> kindOfText(field, parser);
            case VALUE_NUMBER_INT -> kindOfNumber(field, parser, INTEGER);
            case VALUE_NUMBER_FLOAT -> kindOfNumber(field, parser, FRACTION);
            case VALUE_NULL -> NULL;
            case START_OBJECT -> {
                skip(parser, 3);
                yield OBJECT;
            }
            case START_ARRAY -> skip(parser, 3) ? OBJECT : OTHER;
            default -> OTHER;
        };
    }

    /** Only where a rule needs it is the text looked at: otherwise the parser skips it unread. */
    private int kindOfText(int field, JsonParser parser) throws IOException {
        if (field == LEVEL) {
            level = levelOf(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
        } else if (field == NAME || field == JOB_ID) {
            return parser.getTextLength() == 0 ? EMPTY_TEXT : TEXT;
        }
        return TEXT;
    }

    private int kindOfNumber(int field, JsonParser parser, int kind) throws IOException {
        if (field == PERCENT) {
            percentInRange = kind == INTEGER ? isPercent(parser) : isPercent(parser.getDoubleValue());
        }
        return kind;
    }

    /** JSON has no leading zeros, so an integer of more than three characters is not among 0..100. */
    private static boolean isPercent(JsonParser parser) throws IOException {
        return parser.getTextLength() <= 3 && isPercent(parser.getIntValue());
    }

    private static boolean isPercent(double value) {
        return value >= 0 && value <= 100;
    }

    private static int levelOf(char[] chars, int from, int length) {
        for (int i = 0; i < LEVELS.length; i++) {
            if (Identifiers.isSame(LEVELS[i], chars, from, length)) {
                return i;
            }
        }
        return Envelope.NO_LEVEL;
    }

    /**
     * Goes to the end of the object or array that the current token opened.
     *
     * @param depth of this object or array; the line's own object is 1
     * @return whether it was empty
     */
    boolean skip(JsonParser parser, int depth) throws IOException {
        boolean empty = true;
        int open = depth;
        checkDepth(open);
        while (true) {
            JsonToken token = parser.nextToken();
            if (token == JsonToken.FIELD_NAME) {
                watch(parser.currentName());
            } else if (token.isStructStart()) {
                checkDepth(++open);
            } else if (token.isStructEnd() && --open < depth) {
                return empty;
            }
            empty = false;
        }
    }

    private void checkDepth(int depth) throws StreamConstraintsException {
        if (depth > maxDepth) {
            throw new StreamConstraintsException("nested deeper than " + maxDepth);
        }
    }

    /** What is wrong with the data for this type; {@code ""} if nothing. */
    String fault(Type type) {
        if (shape == Shape.OTHER) {
            return "'data' must be an object";
        }
        if (type == Type.HEARTBEAT || type == Type.GOODBYE) {
            return "";
        }
        if (shape == Shape.NULL) {
            return "'data' of " + type.word() + " is null: it must be an object";
        }
        return switch (type) {
            case EVENT -> eventFault();
            case METRIC -> metricFault();
            case PROGRESS -> progressFault();
            case RESOURCE -> resourceFault();
            case SPAN -> spanFault();
            default -> "";
        };
    }

    private String eventFault() {
        if (level == Envelope.NO_LEVEL || !is(LEVEL, 1 << TEXT)) {
            return "'level' must be one of debug, info, warn, error, fatal";
        }
        if (!is(MSG, ANY_TEXT)) {
            return "'msg' must be a string";
        }
        return is(CTX, NONE | 1 << OBJECT) ? "" : "'ctx' must be an object";
    }

    private String metricFault() {
        if (!is(NAME, 1 << TEXT)) {
            return "'name' must be a string that is not empty";
        }
        if (!is(VALUE, NUMBER)) {
            return "'value' must be a number";
        }
        if (!is(UNIT, NONE | ANY_TEXT)) {
            return "'unit' must be a string or null";
        }
        return tagsFault();
    }

    private String progressFault() {
        if (!is(JOB_ID, 1 << TEXT | 1 << INTEGER)) {
            return "'job_id' must be a string that is not empty, or an integer";
        }
        if (!percentInRange || !is(PERCENT, NUMBER)) {
            return "'percent' must be a number from 0 to 100";
        }
        return statusFault();
    }

    private String resourceFault() {
        int allowed = NONE | NUMBER;
        boolean numbers = is(CPU, allowed) && is(MEM, allowed) && is(DISK, allowed) && is(NET, allowed);
        return numbers ? "" : "'cpu', 'mem', 'disk' and 'net' must be numbers or null";
    }

    private String spanFault() {
        if (!is(NAME, ANY_TEXT)) {
            return "'name' must be a string";
        }
        if (!is(START, NUMBER)) {
            return "'start' must be a number";
        }
        if (!is(END, NONE | NUMBER)) {
            return "'end' must be a number, or null while the span is open";
        }
        String fault = statusFault();
        return fault.isEmpty() ? tagsFault() : fault;
    }

    private String statusFault() {
        return is(STATUS, NONE | ANY_TEXT) ? "" : "'status' must be a string or null";
    }

    private String tagsFault() {
        return is(TAGS, NONE | 1 << OBJECT) ? "" : "'tags' must be an object";
    }

    private boolean is(int field, int allowedKinds) {
        return (1 << (int) (kinds >>> (field << 2) & 0xF) & allowedKinds) != 0;
    }
}
