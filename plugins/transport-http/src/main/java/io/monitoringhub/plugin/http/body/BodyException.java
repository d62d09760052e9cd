package io.monitoringhub.plugin.http.body;

import java.io.IOException;

/** A body can't be read as what it says it is. The message says where and what was expected. */
public final class BodyException extends IOException {

    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Kind {
        /** Not the JSON, or not the compression, that it says. */
        BROKEN,
        /** More bytes than may be, after decompression. */
        TOO_LARGE,
        /** Brackets within brackets. */
        TOO_DEEP,
        /** A compression that is not understood. */
        UNKNOWN_ENCODING
    }

    private final Kind kind;

    BodyException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** What is wrong. */
    public Kind kind() {
        return kind;
    }
}
