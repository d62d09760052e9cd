package io.monitoringhub.plugin.jobevent;

/** A document is no job event. The message says which field, and what was expected. */
final class BadEventException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String code;

    private BadEventException(String code, String message) {
        super(message);
        this.code = code;
    }

    static BadEventException missing(String field, String expected) {
        return new BadEventException("missing_field", "'" + field + "' is missing: expected " + expected);
    }

    static BadEventException invalid(String field, String expected) {
        return new BadEventException("invalid_field", "'" + field + "' is not right: expected " + expected);
    }

    String code() {
        return code;
    }
}
