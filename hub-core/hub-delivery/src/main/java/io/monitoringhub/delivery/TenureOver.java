package io.monitoringhub.delivery;

/** Takes a lane's thread out of whatever it does: it was asked to stop, or abandoned. */
final class TenureOver extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean isClean;

    /** @param isClean whether the backend is between two calls, so that it can still flush what it has */
    TenureOver(boolean isClean) {
        super(null, null, false, false);
        this.isClean = isClean;
    }

    boolean isClean() {
        return isClean;
    }
}
