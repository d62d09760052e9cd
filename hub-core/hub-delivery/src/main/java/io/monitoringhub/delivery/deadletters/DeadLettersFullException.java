package io.monitoringhub.delivery.deadletters;

import java.io.IOException;

/** A lane's dead letters have reached their limit. Nothing was stored; nothing may be dropped: a person makes room. */
public final class DeadLettersFullException extends IOException {

    private static final long serialVersionUID = 1L;

    public DeadLettersFullException(String message) {
        super(message);
    }
}
