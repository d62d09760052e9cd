package io.monitoringhub.sdk;

/** How an SDK talks to its hub. Immutable. */
public enum Protocol {
    /** Acknowledged; plain with a server that doesn't know hello. */
    AUTO,
    /** Never without acknowledgement. */
    ACKED,
    /** Never say hello. What is in the sockets when either side dies is lost. */
    PLAIN
}
