package io.monitoringhub.protocol;

import java.util.Locale;

/**
 * Why a line is refused. The order is the order of precedence: a line with several faults is refused with the first that applies.
 * {@code PROTOCOL.md} says for each what the sender should do. Immutable.
 */
public enum RefusalCode {
    /** Longer than the limit, newline included. */
    TOO_LONG,
    /** Not UTF-8. */
    INVALID_UTF8,
    /** Does not begin with an opening brace. */
    NOT_OBJECT,
    /** Not JSON, or an object that does not end on its line. */
    MALFORMED,
    /** Nested too deeply. */
    TOO_DEEP,
    /** Something follows the object on the same line. */
    TRAILING_DATA,
    /** A hello that lacks something, or has something wrong. */
    INVALID_HELLO,
    /** {@code v} is not 1. */
    UNKNOWN_VERSION,
    /** {@code type} is none of version 1. */
    UNKNOWN_TYPE,
    /** A control line that a client may not send, or not here. */
    UNEXPECTED_CONTROL,
    /** A field of the envelope stands there twice. */
    DUPLICATE_FIELD,
    /** A required field of the envelope is not there. */
    MISSING_FIELD,
    /** A field of the envelope has the wrong type or value. */
    INVALID_FIELD,
    /** {@code data} lacks something that its type requires, or has something wrong. */
    INVALID_DATA,
    /** The token is missing or wrong; said by the session, not by the decoder. */
    UNAUTHORIZED,
    /** The token may not send for this source; said by the session, not by the decoder. */
    SOURCE_NOT_ALLOWED,
    /** A newer session of the same client has taken over; said by the session, not by the decoder. */
    FENCED,
    /** What follows a welcome is not the compressed stream that it named; said by the session, not by the decoder. */
    INVALID_STREAM;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** The code as it stands in an {@code error} line, in metrics and in logs. */
    public String word() {
        return word;
    }
}
