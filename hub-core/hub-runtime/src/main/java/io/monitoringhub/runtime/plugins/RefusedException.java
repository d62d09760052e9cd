package io.monitoringhub.runtime.plugins;

/**
 * A jar that will not be used as it is; the message is for the operator.
 *
 * <p>Immutable.
 */
final class RefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    /** What would have to change. */
    enum Remedy {
        /** Only another file. */
        NEW_CONTENT,
        /** Perhaps another bundle that comes or goes: worth another try then. */
        OTHER_BUNDLES
    }

    private final Remedy remedy;

    RefusedException(Remedy remedy, String message) {
        super(message);
        this.remedy = remedy;
    }

    Remedy remedy() {
        return remedy;
    }
}
