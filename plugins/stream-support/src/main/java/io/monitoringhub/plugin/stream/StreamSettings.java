package io.monitoringhub.plugin.stream;

import java.time.Duration;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * How connections are served. Immutable.
 *
 * @param maxConnections connections at the same time
 * @param maxPerPeer connections of one peer at the same time; 0 is no limit
 * @param idleTimeout a connection that sends no line for so long is ended; zero for never
 * @param handshakeTimeout how long a TLS handshake may take, and as long again the first line after it
 * @param ioThreads threads that read and decode
 * @param readBytes most bytes taken by one read
 * @param tls empty for connections without TLS
 */
public record StreamSettings(int maxConnections, int maxPerPeer, Duration idleTimeout, Duration handshakeTimeout, int ioThreads, int readBytes,
        Optional<TlsFiles> tls) {

    private static final int MOST_CONNECTIONS = 1_000_000;
    private static final int MOST_SECONDS = 31_536_000;
    private static final int MOST_THREADS = 1024;
    private static final int LEAST_READ = 2048;
    private static final int MOST_READ = 1 << 20;
    private static final Duration HANDSHAKE = Duration.ofSeconds(10);

    /** What the configuration of a transport says; problems go to {@code check}. */
    public static StreamSettings read(SettingsCheck check, Limits limits, IntSupplier ioThreads, IntSupplier readBytes) {
        int most = check.within("max_connections", limits.connections(), 1, MOST_CONNECTIONS);
        int perPeer = check.within("max_connections_per_peer", limits.perPeer(), 0, MOST_CONNECTIONS);
        int idle = check.within("idle_timeout", limits.idleSeconds(), 0, MOST_SECONDS);
        int threads = check.within("io_threads", ioThreads, 0, MOST_THREADS);
        int bytes = check.within("read_bytes", readBytes, LEAST_READ, MOST_READ);
        return new StreamSettings(most, perPeer, Duration.ofSeconds(idle), HANDSHAKE,
                threads == 0 ? Runtime.getRuntime().availableProcessors() : threads, bytes, Optional.empty());
    }

    /** The same with TLS. */
    public StreamSettings with(TlsFiles files, Duration handshake) {
        return new StreamSettings(maxConnections, maxPerPeer, idleTimeout, handshake, ioThreads, readBytes, Optional.of(files));
    }

    /**
     * How many may come, as it was written; Declarative Services may fail to convert it. Immutable.
     *
     * @param connections in all
     * @param perPeer of one peer
     * @param idleSeconds how long one may be silent
     */
    public record Limits(IntSupplier connections, IntSupplier perPeer, IntSupplier idleSeconds) {
    }
}
