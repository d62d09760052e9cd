package io.monitoringhub.plugin.stream;

import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.ListenAddress;
import io.monitoringhub.spi.transport.Listener;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;

/** Listens on one address, and serves who connects, from start to stop. Used by one thread at a time. */
public final class StreamServer {

    /** Enough for threads that have nothing to do to end. */
    private static final Duration END_OF_THREADS = Duration.ofSeconds(1);

    private final Connections connections;
    private final Loops loops;
    private final Refusals refusals;
    private Optional<Listener> listener = Optional.empty();

    private StreamServer(Connections connections, Loops loops, Refusals refusals) {
        this.connections = connections;
        this.loops = loops;
        this.refusals = refusals;
    }

    /**
     * Starts to listen.
     *
     * @throws IOException when the address can't be used now; the message says what to do
     */
    public static StreamServer start(Ingest ingest, ListenAddress address, SocketKind kind, StreamSettings settings)
            throws IOException, InterruptedException {
        Connections connections = new Connections(ingest, settings.maxConnections());
        StreamServer server = new StreamServer(connections, new Loops(ingest.id().threadName(), settings.ioThreads()),
                new Refusals(ingest.id(), System::nanoTime));
        try {
            server.listener = Optional.of(ingest.listen(address,
                    new Admission(ingest, kind, settings, server.loops, connections, server.refusals)));
            return server;
        } finally {
            if (server.listener.isEmpty()) {
                server.stop(Duration.ZERO);
            }
        }
    }

    /** How many connections were refused for this reason, see {@link RefusedException}. */
    public long refused(String reason) {
        return refusals.count(reason);
    }

    /** Where it listens. */
    public SocketAddress address() {
        return listener.orElseThrow().address();
    }

    /**
     * Stops listening, takes what the peers have sent, ends all connections and all threads.
     *
     * @param grace how long it may take
     * @throws InterruptedException when the thread was wanted back; everything is released even so
     */
    public void stop(Duration grace) throws InterruptedException {
        try {
            if (listener.isPresent()) {
                listener.get().close();
                connections.drain(grace);
            }
        } finally {
            listener = Optional.empty();
            try {
                loops.stop(END_OF_THREADS);
            } finally {
                connections.endLeft();
                refusals.close();
            }
        }
    }
}
