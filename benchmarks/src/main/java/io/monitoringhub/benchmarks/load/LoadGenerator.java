package io.monitoringhub.benchmarks.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;

/**
 * Sends benchmark messages to a hub.
 *
 * <pre>{@code
 * LoadReport report = LoadGenerator.to(new InetSocketAddress("127.0.0.1", port))
 *         .connections(8).messages(1_000_000).acknowledged(true).build().run();
 * }</pre>
 *
 * <p>Immutable; every {@link #start} is a new run that counts from message 1.
 */
public final class LoadGenerator {
    private final LoadSettings settings;

    private LoadGenerator(LoadSettings settings) {
        this.settings = settings;
    }

    /** A generator for a hub that listens at {@code address}, TCP or Unix. */
    public static Builder to(SocketAddress address) {
        return new Builder(address);
    }

    /** Starts to send. */
    public LoadRun start() throws IOException {
        return new LoadRun(settings);
    }

    /** Sends all and waits for the end. */
    public LoadReport run() throws IOException, InterruptedException {
        try (LoadRun run = start()) {
            return run.await();
        }
    }

    /** What to send and how; every value has a default. Used by one thread at a time. */
    public static final class Builder {
        private final SocketAddress address;
        private int connections = 8;
        private int firstConnection;
        private long messages = 10_000_000;
        private int threads;
        private int blockBytes = 128 * 1024;
        private double rate;
        private int stepMillis = 1;
        private boolean acknowledged;
        private long windowBytes = 4 << 20;
        private Duration reconnectFor;
        private IntFunction<UUID> clients = connection -> UUID.randomUUID();
        private SendListener listener = (connection, first, last, nanoTime) -> { };
        private LongSupplier nanos = System::nanoTime;
        private LongSupplier millis = System::currentTimeMillis;

        private Builder(SocketAddress address) {
            // A look-up now, so that a wrong name is an error before anything starts.
            if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
                throw new IllegalArgumentException("unknown host " + inet.getHostString());
            }
            this.address = address;
        }

        /** How many connections; default 8. */
        public Builder connections(int count) {
            connections = count;
            return this;
        }

        /** Number of the first connection; default 0. Runs into the same hub need different numbers to be told apart. */
        public Builder firstConnection(int number) {
            firstConnection = number;
            return this;
        }

        /** Messages in total, divided among the connections; default 10,000,000; 0 = until stopped. */
        public Builder messages(long total) {
            messages = total;
            return this;
        }

        /** Threads that share the connections; default: one for all up to two cores, then half the cores. */
        public Builder threads(int count) {
            threads = count;
            return this;
        }

        /** Bytes per write at most; default 128 KiB; 1 = one message per write. */
        public Builder blockBytes(int bytes) {
            blockBytes = bytes;
            return this;
        }

        /** Messages per second over all connections; default 0 = as fast as it goes. */
        public Builder rate(double messagesPerSecond) {
            rate = messagesPerSecond;
            return this;
        }

        /** How often a paced run sends; default 1 ms. */
        public Builder stepMillis(int millis) {
            stepMillis = millis;
            return this;
        }

        /** Whether to open acknowledged sessions; default false. */
        public Builder acknowledged(boolean value) {
            acknowledged = value;
            return this;
        }

        /** Unacknowledged bytes per connection, roughly; default 4 MiB. */
        public Builder windowBytes(long bytes) {
            windowBytes = bytes;
            return this;
        }

        /** How long a broken connection is tried again; default 30 s if acknowledged, else zero: an error at once. */
        public Builder reconnectFor(Duration duration) {
            reconnectFor = duration;
            return this;
        }

        /** The client id of each connection; default random. */
        public Builder clients(IntFunction<UUID> ids) {
            clients = ids;
            return this;
        }

        /** Told of every block before it is written. */
        public Builder listener(SendListener value) {
            listener = value;
            return this;
        }

        Builder clocks(LongSupplier nanoTime, LongSupplier unixMillis) {
            nanos = nanoTime;
            millis = unixMillis;
            return this;
        }

        /** The generator. */
        public LoadGenerator build() {
            int workers = threads > 0 ? threads : Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
            Duration patience = reconnectFor != null ? reconnectFor : acknowledged ? Duration.ofSeconds(30) : Duration.ZERO;
            return new LoadGenerator(new LoadSettings(address, connections, firstConnection, messages, Math.min(workers, connections),
                    blockBytes, rate, stepMillis, acknowledged, windowBytes, patience, clients, listener, nanos, millis));
        }
    }
}
