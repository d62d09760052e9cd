package io.monitoringhub.benchmarks.load;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;

/**
 * What to send, where, and how; made by {@link LoadGenerator.Builder}. Immutable.
 *
 * @param address where the hub listens: TCP or Unix socket
 * @param connections how many
 * @param firstConnection number of the first, so that several runs into one hub keep apart
 * @param messages in total; 0 = until stopped
 * @param threads that share the connections
 * @param blockBytes at most per write; anything below one message means one message per write
 * @param rate messages per second in total; 0 = as fast as it goes
 * @param stepMillis how often a paced run sends
 * @param acknowledged whether to open acknowledged sessions
 * @param windowBytes unacknowledged bytes per connection, roughly
 * @param reconnectFor how long a broken connection is tried again; zero = it is an error at once
 * @param clients the client id of each connection's acknowledged session
 * @param listener told of every block
 * @param nanos monotonic clock
 * @param millis wall clock
 */
record LoadSettings(SocketAddress address, int connections, int firstConnection, long messages, int threads, int blockBytes,
        double rate, int stepMillis, boolean acknowledged, long windowBytes, Duration reconnectFor, IntFunction<UUID> clients,
        SendListener listener, LongSupplier nanos, LongSupplier millis) {

    LoadSettings {
        Objects.requireNonNull(address, "address of the hub");
        check(connections > 0, "connections", connections, "at least 1");
        check(messages >= 0, "messages", messages, "0 (until stopped) or more");
        check(threads > 0, "threads", threads, "at least 1");
        check(stepMillis > 0, "step", stepMillis, "at least 1 ms");
        check(rate >= 0, "rate", rate, "0 (unlimited) or more");
    }

    private static void check(boolean good, String what, Number value, String expected) {
        if (!good) {
            throw new IllegalArgumentException(what + " " + value + ": must be " + expected);
        }
    }

    /** The share of connection {@code index} in the messages, {@link Long#MAX_VALUE} if there is no end. */
    long messagesOf(int index) {
        return messages == 0 ? Long.MAX_VALUE : messages / connections + (index < messages % connections ? 1 : 0);
    }
}
