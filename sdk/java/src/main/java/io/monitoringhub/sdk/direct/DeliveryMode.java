package io.monitoringhub.sdk.direct;

/** Which backends get a message. Immutable. */
public enum DeliveryMode {
    /** Each backend gets everything. */
    ALL,
    /** A batch goes to the first that works, by priority. */
    FAILOVER
}
