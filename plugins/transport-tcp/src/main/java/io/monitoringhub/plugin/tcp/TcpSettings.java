package io.monitoringhub.plugin.tcp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** The validated configuration. Immutable. */
record TcpSettings(InetSocketAddress address, int maxConnections, int ioThreads, int readBytes) {

    /** @throws IllegalArgumentException that names every problem at once */
    static TcpSettings from(TcpConfig config) {
        List<String> problems = new ArrayList<>();
        range(problems, "port", config.port(), 0, 65_535);
        range(problems, "max_connections", config.max__connections(), 1, 1_000_000);
        range(problems, "io_threads", config.io__threads(), 0, 1024);
        range(problems, "read_bytes", config.read__bytes(), 2048, 1 << 20);
        InetAddress bind = null;
        try {
            bind = InetAddress.getByName(config.bind());
        } catch (UnknownHostException unknown) {
            problems.add("bind: '" + config.bind() + "' is no address of this machine: expected for example 127.0.0.1, or 0.0.0.0 for all");
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
        int threads = config.io__threads() == 0 ? Runtime.getRuntime().availableProcessors() : config.io__threads();
        return new TcpSettings(new InetSocketAddress(bind, config.port()), config.max__connections(), threads, config.read__bytes());
    }

    private static void range(List<String> problems, String key, int value, int min, int max) {
        if (value < min || value > max) {
            problems.add(key + ": expected " + min + " to " + max + ", not " + value);
        }
    }
}
