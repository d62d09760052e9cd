package io.monitoringhub.testservers;

import java.io.IOException;

/**
 * A server that a test starts for real, on a loopback port that stays the same. Used by one thread at a time.
 *
 * <p>Life: {@code start ((freeze thaw)* kill start)* close}.
 */
public interface TestServer extends AutoCloseable {

    /** Starts it, for the first time or again with the data that it had; returns when it answers. */
    void start() throws IOException, InterruptedException;

    /** SIGKILL to it and to its children; returns when they have gone. Its data stays. */
    void kill() throws InterruptedException;

    /** SIGSTOP to it and to its children: it hangs, takes connections and never answers. */
    void freeze() throws IOException, InterruptedException;

    /** SIGCONT: goes on after {@link #freeze}. */
    void thaw() throws IOException, InterruptedException;

    /** As {@link #kill}, for good. Idempotent. */
    @Override
    void close() throws InterruptedException;
}
