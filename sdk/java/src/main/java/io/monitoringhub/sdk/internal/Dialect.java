package io.monitoringhub.sdk.internal;

import java.util.UUID;

/** What the sending half has to have written for it, and what it has to tell the writing half. Thread-safe. */
public interface Dialect {

    /** The line that begins an acknowledged session. */
    byte[] hello(UUID client, long next);

    /** The line that ends a client. */
    byte[] goodbye();

    /** From now on lines must not be longer than this, newline included. */
    void limitLines(int bytes);
}
