package io.monitoringhub.delivery;

/** The lane can't go on with this instance until a person or a new instance comes. The message says why and what to do. */
final class LaneFailure extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean isClean;

    /** @param isClean whether the backend is between two calls, so that it can still flush what it has */
    LaneFailure(String message, Throwable cause, boolean isClean) {
        super(message, cause);
        this.isClean = isClean;
    }

    boolean isClean() {
        return isClean;
    }
}
