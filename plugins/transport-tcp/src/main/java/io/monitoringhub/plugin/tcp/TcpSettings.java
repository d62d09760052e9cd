package io.monitoringhub.plugin.tcp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The validated configuration.
 *
 * <p>Immutable.
 *
 * @param address where to listen
 * @param maxConnections connections at the same time
 * @param ioThreads threads that read and decode
 * @param readBytes most bytes taken by one read
 */
record TcpSettings(InetSocketAddress address, int maxConnections, int ioThreads, int readBytes) {

    /** @throws IllegalArgumentException that names every problem at once */
    static TcpSettings from(TcpConfig config) {
        List<String> problems = new ArrayList<>();
        InetAddress bind = bind(config, problems);
        int port = within("port", config::port, 0, 65_535, problems);
        int maxConnections = within("max_connections", config::max__connections, 1, 1_000_000, problems);
        int ioThreads = within("io_threads", config::io__threads, 0, 1024, problems);
        int readBytes = within("read_bytes", config::read__bytes, 2048, 1 << 20, problems);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
        int threads = ioThreads == 0 ? Runtime.getRuntime().availableProcessors() : ioThreads;
        return new TcpSettings(new InetSocketAddress(bind, port), maxConnections, threads, readBytes);
    }

    private static InetAddress bind(TcpConfig config, List<String> problems) {
        String bind = config.bind();
        try {
            if (bind != null && !bind.isBlank()) {
                return InetAddress.getByName(bind);
            }
        } catch (UnknownHostException unknown) {
            // said below
        }
        problems.add("bind '" + bind + "': expected an address of this machine such as 127.0.0.1, or 0.0.0.0 for all");
        return InetAddress.getLoopbackAddress();
    }

    /** Declarative Services converts a value when it is asked for, and throws an unchecked exception of its own if it can't. */
    private static int within(String key, Supplier<Integer> value, int least, int most, List<String> problems) {
        String expected = "expected a number from " + least + " to " + most;
        try {
            int number = value.get();
            if (number < least || number > most) {
                problems.add(key + " '" + number + "': " + expected);
            }
            return number;
        } catch (RuntimeException unreadable) {
            problems.add(key + ": " + expected + " (" + unreadable.getMessage() + ")");
            return least;
        }
    }
}
