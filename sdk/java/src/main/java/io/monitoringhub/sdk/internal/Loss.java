package io.monitoringhub.sdk.internal;

import java.util.Locale;

/** Why a message never left this process. */
public enum Loss {
    /** The call came after {@code close}. */
    CLOSED,
    /** Memory was full, and the spool could not take more or was too slow. */
    BUFFER_FULL,
    /** The process ended, and the spool was off, full or not writable. */
    NOT_SPOOLED,
    /** It did not fit into a line even when shortened. */
    TOO_LONG,
    /** An unexpected error while it was written. */
    FAILED;

    /** The name in statistics. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
