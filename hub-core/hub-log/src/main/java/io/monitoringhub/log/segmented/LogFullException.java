package io.monitoringhub.log.segmented;

import java.io.IOException;

/** The disk budget or the disk is used up and somebody still needs the oldest entries. Immutable. */
final class LogFullException extends IOException {

    private static final long serialVersionUID = 1L;

    LogFullException(String reason) {
        super(reason);
    }
}
