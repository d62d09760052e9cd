package io.monitoringhub.spi;

import java.util.Locale;

/** What a plugin is for. */
public enum Kind {
    /** Accepts bytes from clients. */
    TRANSPORT,
    /** Turns bytes into messages. */
    CODEC,
    /** Delivers batches of entries somewhere. */
    BACKEND,
    /** Lets programs of another language or protocol take part. */
    BRIDGE;

    /** The kind as it stands in PIDs, logs and metrics: the lower-case name. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
