package io.monitoringhub.sdk;

/** Where messages go at present. Immutable. */
public enum State {
    /** To the hub. */
    CONNECTED,
    /** Into memory: there is no connection. */
    DISCONNECTED,
    /** Into the spool, or nowhere if it is off: memory is full. */
    OVERFLOW,
    /** Nowhere: the SDK was closed. */
    CLOSED
}
