package io.monitoringhub.entries;

/** A frame's payload is no chunk of a version that this hub knows. */
public final class ChunkFormatException extends Exception {

    private static final long serialVersionUID = 1L;

    ChunkFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
