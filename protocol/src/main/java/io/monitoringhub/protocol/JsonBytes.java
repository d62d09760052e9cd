package io.monitoringhub.protocol;

import static io.monitoringhub.protocol.Words.HIGH_BITS;
import static io.monitoringhub.protocol.Words.LONGS;
import static io.monitoringhub.protocol.Words.ONES;

/**
 * Walks over JSON values without making anything of them: each method takes the position of a value's first byte and gives the one behind
 * its last, or {@link #DOUBT}. It accepts nothing that RFC 8259 does not, and it doubts much that RFC 8259 allows: what is rare is left to
 * a real parser.
 *
 * <p>The bytes must be UTF-8 and end with a newline at the end or somewhere behind: that is what ends every search. Immutable.
 */
final class JsonBytes {

    /** The answer where a real parser has to look. */
    static final int DOUBT = -1;

    private static final long QUOTES = '"' * ONES;
    private static final long BACKSLASHES = '\\' * ONES;
    private static final long SPACES = ' ' * ONES;
    private static final long DELETES = 0x7F * ONES;
    private static final long HIGH_HALVES = 0xF0 * ONES;
    private static final long THREES = 0x30 * ONES;
    private static final long SIXES = 0x06 * ONES;

    /** Deeper nesting than this is left to the parser, which knows the limit. */
    static final int MAX_DEPTH = 32;
    /** Parsers have limits of their own for numbers; no sensible one is this long. */
    private static final int MAX_NUMBER = 40;

    private JsonBytes() {
    }

    static int skipSpace(byte[] bytes, int at) {
        int i = at;
        while (bytes[i] <= ' ' && (bytes[i] == ' ' || bytes[i] == '\t' || bytes[i] == '\r')) {
            i++;
        }
        return i;
    }

    /** The first quote, backslash or control character at or behind a position. The sums are exact for the lowest hit, which is all we ask. */
    static int endOfPlainText(byte[] bytes, int at) {
        int i = at;
        for (; i <= bytes.length - Long.BYTES; i += Long.BYTES) {
            long word = (long) LONGS.get(bytes, i);
            long quote = word ^ QUOTES;
            long backslash = word ^ BACKSLASHES;
            long hit = (quote - ONES & ~quote | backslash - ONES & ~backslash | word - SPACES & ~word) & HIGH_BITS;
            if (hit != 0) {
                return i + (Long.numberOfTrailingZeros(hit) >>> 3);
            }
        }
        while (bytes[i] != '"' && bytes[i] != '\\' && (bytes[i] < 0 || bytes[i] >= ' ')) {
            i++;
        }
        return i;
    }

    /** Whether none of these bytes, which are no control characters below the space, is anything but printable ASCII. */
    static boolean isPrintable(byte[] bytes, int from, int to) {
        int i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            long word = (long) LONGS.get(bytes, i);
            long delete = word ^ DELETES;
            if (((word | delete - ONES & ~delete) & HIGH_BITS) != 0) {
                return false;
            }
        }
        for (; i < to; i++) {
            if (bytes[i] < 0 || bytes[i] == 0x7F) {
                return false;
            }
        }
        return true;
    }

    /** @param at the opening quote */
    static int endOfString(byte[] bytes, int at) {
        int i = endOfPlainText(bytes, at + 1);
        while (bytes[i] == '\\') {
            i = endOfEscape(bytes, i);
            if (i == DOUBT) {
                return DOUBT;
            }
            i = endOfPlainText(bytes, i);
        }
        return bytes[i] == '"' ? i + 1 : DOUBT;
    }

    private static int endOfEscape(byte[] bytes, int at) {
        return switch (bytes[at + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> at + 2;
            case 'u' -> isHex(bytes[at + 2]) && isHex(bytes[at + 3]) && isHex(bytes[at + 4]) && isHex(bytes[at + 5]) ? at + 6 : DOUBT;
            default -> DOUBT;
        };
    }

    private static boolean isHex(byte b) {
        return isDigit(b) || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F';
    }

    static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** @param at a minus or a digit */
    static int endOfNumber(byte[] bytes, int at) {
        int i = endOfInteger(bytes, at);
        if (i != DOUBT && bytes[i] == '.') {
            i = endOfDigits(bytes, i + 1);
        }
        if (i != DOUBT && (bytes[i] == 'e' || bytes[i] == 'E')) {
            i++;
            i = endOfDigits(bytes, bytes[i] == '+' || bytes[i] == '-' ? i + 1 : i);
        }
        return i != DOUBT && i - at <= MAX_NUMBER ? i : DOUBT;
    }

    /** The integer at the start of a number. No leading zeros. */
    static int endOfInteger(byte[] bytes, int at) {
        int i = bytes[at] == '-' ? at + 1 : at;
        return bytes[i] == '0' ? i + 1 : endOfDigits(bytes, i);
    }

    /** Whether eight bytes are eight digits: their high halves are 3, also when 6 is added. */
    private static boolean areDigits(long word) {
        return ((word & HIGH_HALVES) ^ THREES | (word + SIXES & HIGH_HALVES) ^ THREES) == 0;
    }

    /** At least one digit. */
    private static int endOfDigits(byte[] bytes, int at) {
        int i = at;
        while (i <= bytes.length - Long.BYTES && areDigits((long) LONGS.get(bytes, i))) {
            i += Long.BYTES;
        }
        while (isDigit(bytes[i])) {
            i++;
        }
        return i > at ? i : DOUBT;
    }

    static int endOfLiteral(byte[] bytes, int at) {
        return switch (bytes[at]) {
            case 't' -> bytes[at + 1] == 'r' && bytes[at + 2] == 'u' && bytes[at + 3] == 'e' ? at + 4 : DOUBT;
            case 'n' -> bytes[at + 1] == 'u' && bytes[at + 2] == 'l' && bytes[at + 3] == 'l' ? at + 4 : DOUBT;
            case 'f' -> bytes[at + 1] == 'a' && bytes[at + 2] == 'l' && bytes[at + 3] == 's' && bytes[at + 4] == 'e' ? at + 5 : DOUBT;
            default -> DOUBT;
        };
    }

    /** Any value. */
    static int endOfValue(byte[] bytes, int at) {
        return switch (bytes[at]) {
            case '"' -> endOfString(bytes, at);
            case '{', '[' -> endOfStructure(bytes, at);
            case 't', 'f', 'n' -> endOfLiteral(bytes, at);
            default -> endOfNumber(bytes, at);
        };
    }

    /**
     * An object or array with all that is in it, without recursion: input must not decide how deep the stack grows. Which of the two each
     * open level is stands in one bit.
     *
     * @param at the opening brace or bracket
     */
    static int endOfStructure(byte[] bytes, int at) {
        long objects = 0;
        int depth = 0;
        int i = at;
        while (i != DOUBT) {
            // A value begins here.
            if (bytes[i] == '{' || bytes[i] == '[') {
                if (++depth > MAX_DEPTH) {
                    return DOUBT;
                }
                objects = objects << 1 | (bytes[i] == '{' ? 1 : 0);
                i = skipSpace(bytes, i + 1);
                if (bytes[i] != closing(objects)) {
                    i = firstOrNext(bytes, i, objects);
                    continue;
                }
            } else {
                i = endOfValue(bytes, i);
                if (i == DOUBT) {
                    return DOUBT;
                }
                i = skipSpace(bytes, i);
            }
            // A value has ended here, or an empty level is about to.
            while (bytes[i] == closing(objects)) {
                i++;
                objects >>>= 1;
                if (--depth == 0) {
                    return i;
                }
                i = skipSpace(bytes, i);
            }
            i = bytes[i] == ',' ? firstOrNext(bytes, skipSpace(bytes, i + 1), objects) : DOUBT;
        }
        return DOUBT;
    }

    private static int closing(long objects) {
        return (objects & 1) != 0 ? '}' : ']';
    }

    /** Where the next value of the innermost level begins: behind a name in an object, here in an array. */
    private static int firstOrNext(byte[] bytes, int at, long objects) {
        return (objects & 1) != 0 ? endOfName(bytes, at) : at;
    }

    /** A field's name without escapes (a parser knows which of those it wants in a name), the colon, and white space around it. */
    private static int endOfName(byte[] bytes, int at) {
        if (bytes[at] != '"') {
            return DOUBT;
        }
        int end = endOfPlainText(bytes, at + 1);
        if (bytes[end] != '"') {
            return DOUBT;
        }
        int i = skipSpace(bytes, end + 1);
        return bytes[i] == ':' ? skipSpace(bytes, i + 1) : DOUBT;
    }
}
