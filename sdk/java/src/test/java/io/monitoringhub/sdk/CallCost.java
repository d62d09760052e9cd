package io.monitoringhub.sdk;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What a call costs: four kinds of messages in turn, each call timed, with the hub up, down and dying. Prints medians and tails, and what was lost.
 *
 * <pre>java -cp target/classes:target/test-classes io.monitoringhub.sdk.CallCost [calls]</pre>
 */
public final class CallCost {

    private CallCost() {
    }

    /** Measures. */
    public static void main(String[] arguments) throws IOException {
        int calls = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 400_000;
        Path spool = Files.createTempDirectory("call-cost");
        System.out.printf("%-38s %9s %9s %9s %9s %9s%n", "us", "p50", "p99", "p99.9", "max", "lost");
        measure("warm-up, not to be read", calls, 0, true, 0, spool);
        measure("hub up, no pause between calls", calls, 0, true, 0, spool);
        measure("hub up, 20,000 calls/s", calls / 4, 50_000, true, 0, spool);
        measure("hub up, 2,000 calls/s", calls / 40, 500_000, true, 0, spool);
        measure("hub down, no pause between calls", calls, 0, false, 0, spool);
        measure("hub down, 2,000 calls/s", calls / 40, 500_000, false, 0, spool);
        measure("hub killed every 0.2 s, 20,000 calls/s", calls / 4, 50_000, true, 200, spool);
        try (Stream<Path> files = Files.walk(spool)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(java.io.File::delete);
        }
    }

    private static void measure(String name, int calls, long pauseNanos, boolean up, int killEachMs, Path spool) throws IOException {
        try (AckingHub hub = new AckingHub(up, killEachMs)) {
            MonitoringSdk sdk = new SdkBuilder(Map.of()).source("bench").port(hub.port).spoolDirectory(Files.createTempDirectory(spool, "s"))
                    .spoolBytes(1L << 30).closeTimeout(Duration.ofSeconds(10)).build();
            long[] times = new long[calls];
            long next = System.nanoTime();
            for (int i = 0; i < calls; i++) {
                if (pauseNanos > 0) {
                    next += pauseNanos;
                    while (System.nanoTime() < next) {
                        LockSupport.parkNanos(next - System.nanoTime());
                    }
                }
                long from = System.nanoTime();
                call(sdk, i);
                times[i] = System.nanoTime() - from;
            }
            sdk.close();
            Arrays.sort(times);
            System.out.printf("%-38s %9.2f %9.2f %9.2f %9.0f %9d%n", name, at(times, 0.5), at(times, 0.99), at(times, 0.999), at(times, 1),
                    sdk.stats().dropped());
        }
    }

    private static void call(MonitoringSdk sdk, int i) {
        switch (i & 3) {
            case 0 -> sdk.logEvent("info", "Job started", Map.of("job_id", "12345", "attempt", i));
            case 1 -> sdk.logMetric("queue.depth", i * 0.25, "items", Map.of("queue", "in"));
            case 2 -> sdk.logProgress("12345", i % 101, "running");
            default -> sdk.logResource(12.5, 340, 18.25, 4);
        }
    }

    private static double at(long[] sorted, double quantile) {
        return sorted[(int) Math.min(sorted.length - 1, Math.ceil(quantile * sorted.length))] / 1_000.0;
    }

    /** A hub that counts lines and acknowledges them, and nothing else. Thread-safe. */
    private static final class AckingHub implements AutoCloseable {

        final int port;
        private final List<Socket> sockets = new java.util.concurrent.CopyOnWriteArrayList<>();
        private final int killEachMs;
        private volatile ServerSocket server;
        private volatile boolean ended;

        AckingHub(boolean up, int killEachMs) throws IOException {
            this.killEachMs = killEachMs;
            try (ServerSocket probe = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
                port = probe.getLocalPort();
            }
            if (up) {
                listen();
                Thread thread = new Thread(this::live, "acking-hub");
                thread.setDaemon(true);
                thread.start();
            }
        }

        private void listen() throws IOException {
            server = new ServerSocket();
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            ServerSocket mine = server;
            Thread thread = new Thread(() -> accept(mine), "acking-hub-accept");
            thread.setDaemon(true);
            thread.start();
        }

        private void live() {
            while (killEachMs > 0 && !ended) {
                LockSupport.parkNanos(killEachMs * 1_000_000L);
                try {
                    stop();
                    LockSupport.parkNanos(killEachMs * 500_000L);
                    if (!ended) {
                        listen();
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        private void accept(ServerSocket mine) {
            try {
                while (true) {
                    Socket socket = mine.accept();
                    sockets.add(socket);
                    Thread thread = new Thread(() -> serve(socket), "acking-hub-peer");
                    thread.setDaemon(true);
                    thread.start();
                }
            } catch (IOException stopped) {
                sockets.removeIf(Socket::isClosed);
            }
        }

        private static void serve(Socket socket) {
            byte[] bytes = new byte[262_144];
            try (socket; InputStream in = socket.getInputStream()) {
                int got = in.read(bytes);
                String first = new String(bytes, 0, Math.max(got, 0), StandardCharsets.ISO_8859_1);
                long seq = Long.parseLong(first.replaceFirst("(?s).*?\"next\":([0-9]+).*", "$1")) - 2;
                socket.getOutputStream().write(("{\"v\":1,\"type\":\"welcome\",\"data\":{\"acked\":" + (seq + 1) + "}}\n").getBytes(StandardCharsets.US_ASCII));
                for (; got > 0; got = in.read(bytes)) {
                    for (int i = 0; i < got; i++) {
                        seq += bytes[i] == '\n' ? 1 : 0;
                    }
                    socket.getOutputStream().write(("{\"v\":1,\"type\":\"ack\",\"data\":{\"seq\":" + seq + "}}\n").getBytes(StandardCharsets.US_ASCII));
                }
            } catch (IOException | NumberFormatException gone) {
                return;
            }
        }

        private void stop() throws IOException {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
            sockets.clear();
        }

        @Override
        public void close() throws IOException {
            ended = true;
            if (server != null) {
                stop();
            }
        }
    }
}
