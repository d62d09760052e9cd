package io.monitoringhub.protocol;

import java.util.Locale;
import java.util.Optional;

/**
 * What a line is, as its {@code type} says. The first seven become entries, in the order that the log's format uses; the last four are
 * control lines of acknowledged sessions. Immutable.
 */
public enum Type {
    EVENT, METRIC, PROGRESS, RESOURCE, SPAN, HEARTBEAT, GOODBYE, HELLO, WELCOME, ACK, ERROR;

    private static final Type[] ALL = values();

    private final String word = name().toLowerCase(Locale.ROOT);

    /** The type as it stands in the {@code type} field. */
    public String word() {
        return word;
    }

    /** Whether this is a line of a session and not a message. */
    public boolean isControl() {
        return compareTo(HELLO) >= 0;
    }

    /** The type with this word, if there is one. */
    public static Optional<Type> of(String word) {
        for (Type type : ALL) {
            if (type.word.equals(word)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** The same for bytes from {@code from} to before {@code to}. */
    static Type among(byte[] bytes, int from, int to) {
        for (Type type : ALL) {
            if (Identifiers.isSame(type.word, bytes, from, to)) {
                return type;
            }
        }
        return null;
    }

    /** The same for characters that are not yet a string. {@code null} if there is none: this is the hot path, inside the package. */
    static Type among(char[] chars, int from, int length) {
        for (Type type : ALL) {
            if (Identifiers.isSame(type.word, chars, from, length)) {
                return type;
            }
        }
        return null;
    }
}
