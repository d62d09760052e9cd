package io.monitoringhub.sdk.internal;

import java.io.IOException;
import java.nio.channels.Selector;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Makes connections to the hub without waiting, and says when: the pause after a failure is exponential with full jitter. Used by one thread at a time. */
final class Dialer {

    private static final long LOOKUP_NANOS = 10_000_000L;

    private final Settings settings;
    private final Selector selector;
    private final AddressLookup lookup;
    private long dueAt = System.nanoTime();
    private int failures;

    Dialer(Settings settings, Selector selector) {
        this.settings = settings;
        this.selector = selector;
        this.lookup = new AddressLookup(settings);
    }

    /** Whether the hub's address is being looked up. */
    boolean isLookingUp() {
        return lookup.isPending();
    }

    /** When the next connection may be tried. */
    long dueAt() {
        return dueAt;
    }

    void hasFailed() {
        dueAt = System.nanoTime() + ThreadLocalRandom.current().nextLong(settings.longestPauseNanos(failures) + 1);
        failures++;
    }

    void hasWorked() {
        failures = 0;
    }

    /** A connection that is being made; empty as long as the address is not known. */
    Optional<Connection> begin(long now) throws IOException {
        var address = lookup.address();
        if (address.isEmpty()) {
            dueAt = now + LOOKUP_NANOS;
            return Optional.empty();
        }
        try {
            return Optional.of(Connection.begin(address.get(), selector, settings));
        } catch (IOException e) {
            throw settings.cannotConnect(e);
        }
    }

    /** Whether the connection stands; {@code tookNanos}: since it was begun. */
    boolean finish(Connection connection, long tookNanos) throws IOException {
        boolean done;
        try {
            done = connection.finish();
        } catch (IOException e) {
            throw settings.cannotConnect(e);
        }
        if (!done && tookNanos >= settings.connectTimeout().toNanos()) {
            throw settings.cannotConnect(new IOException("no answer in " + settings.connectTimeout()));
        }
        return done;
    }
}
