package io.monitoringhub.spi.transport;

import java.time.Duration;

/** A submission is not taken. The message says why and what to do. */
public final class SubmissionRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final transient Duration retryAfter;

    /** @param retryAfter when trying again makes sense; zero if it does not, or at once */
    public SubmissionRefusedException(Reason reason, String message, Duration retryAfter) {
        super(message);
        this.reason = reason;
        this.retryAfter = retryAfter;
    }

    public Reason reason() {
        return reason;
    }

    public Duration retryAfter() {
        return retryAfter == null ? Duration.ZERO : retryAfter;
    }

    /** Why. */
    public enum Reason {
        /** No token, or none that is known. */
        UNAUTHORIZED,
        /** The token may not do this. */
        FORBIDDEN,
        /** Another submission under the same key has taken over, or the client whose lines these are is connected itself. */
        SUPERSEDED,
        /** The hub can't take more now, or the token has used up its rate. */
        OVERLOADED
    }
}
