package io.monitoringhub.plugin.stream;

import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.ListenAddress;
import io.monitoringhub.spi.transport.Listener;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Listens on one address, and serves who connects, from start to stop. Used by one thread at a time. */
public final class StreamServer {

    /** Enough for threads that have nothing to do to end. */
    private static final Duration END_OF_THREADS = Duration.ofSeconds(1);

    /** How often the files of TLS are looked at. */
    private static final long LOOK_SECONDS = 2;

    private final ServerContext context;
    private final Loops loops;
    private Optional<Listener> listener = Optional.empty();

    private StreamServer(ServerContext context, Loops loops) {
        this.context = context;
        this.loops = loops;
    }

    /**
     * Starts to listen.
     *
     * @throws IOException when the address can't be used now, or the certificate; the message says what to do
     */
    public static StreamServer start(Ingest ingest, ListenAddress address, SocketKind kind, StreamSettings settings)
            throws IOException, InterruptedException {
        Troubles troubles = new Troubles(ingest.health());
        Connections connections = new Connections(ingest, troubles, settings.maxConnections(), settings.maxPerPeer());
        ServerContext context = new ServerContext(ingest, connections, new Refusals(ingest.id(), System::nanoTime), settings);
        StreamServer server = new StreamServer(context, new Loops(ingest.id().threadName(), settings.ioThreads()));
        try {
            Optional<Tls> tls = server.tls(troubles);
            server.listener = Optional.of(ingest.listen(address, new Admission(context, kind, server.loops, tls)));
            return server;
        } finally {
            if (server.listener.isEmpty()) {
                server.stop(Duration.ZERO);
            }
        }
    }

    /** On a loop, for Netty's thread locals there end with the thread. */
    private Optional<Tls> tls(Troubles troubles) throws IOException, InterruptedException {
        if (context.settings().tls().isEmpty()) {
            return Optional.empty();
        }
        EventLoop loop = loops.next();
        Future<Tls> opened = loop.submit(() -> Tls.open(context.settings().tls().get(), context.settings().handshakeTimeout(), troubles)).await();
        if (!opened.isSuccess()) {
            throw opened.cause() instanceof IOException unusable ? unusable : new IOException("TLS can't be used: " + opened.cause(), opened.cause());
        }
        Tls tls = opened.getNow();
        loop.scheduleWithFixedDelay(tls::reload, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
        return Optional.of(tls);
    }

    /** How many connections were refused for this reason, see {@link RefusedException}. */
    public long refused(String reason) {
        return context.refusals().count(reason);
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
                context.connections().drain(grace);
            }
        } finally {
            listener = Optional.empty();
            try {
                loops.stop(END_OF_THREADS);
            } finally {
                context.connections().endLeft();
                context.refusals().close();
            }
        }
    }
}
