package io.monitoringhub.plugin.stream;

import java.util.function.IntSupplier;

/**
 * How connections are served. Immutable.
 *
 * @param maxConnections connections at the same time
 * @param ioThreads threads that read and decode
 * @param readBytes most bytes taken by one read
 */
public record StreamSettings(int maxConnections, int ioThreads, int readBytes) {

    private static final int MOST_CONNECTIONS = 1_000_000;
    private static final int MOST_THREADS = 1024;
    private static final int LEAST_READ = 2048;
    private static final int MOST_READ = 1 << 20;

    /** What the configuration of a transport says; problems go to {@code check}. */
    public static StreamSettings read(SettingsCheck check, IntSupplier maxConnections,
            IntSupplier ioThreads, IntSupplier readBytes) {
        int most = check.within("max_connections", maxConnections, 1, MOST_CONNECTIONS);
        int threads = check.within("io_threads", ioThreads, 0, MOST_THREADS);
        int bytes = check.within("read_bytes", readBytes, LEAST_READ, MOST_READ);
        return new StreamSettings(most, threads == 0 ? Runtime.getRuntime().availableProcessors() : threads, bytes);
    }
}
