package io.monitoringhub.plugin.tcp;

import io.monitoringhub.ingest.listening.ListeningSockets;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.HealthReporter;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.codec.Codec;
import io.monitoringhub.spi.transport.ConnectionReceiver;
import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.ListenAddress;
import io.monitoringhub.spi.transport.Listener;
import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Replies;
import io.monitoringhub.spi.transport.Session;
import io.monitoringhub.spi.transport.Submission;
import io.monitoringhub.spi.transport.SubmissionRequest;
import io.monitoringhub.testkit.RecordingHealth;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the transport costs: eight sockets send lines of 210 bytes as fast as they can into sessions that only count newlines. The same
 * without Netty (a thread a socket, blocking reads) is measured in turn, as what to compare with. The processor time of the reading threads
 * says more than the rate on a machine that does other things too.
 *
 * <p>Arguments: seconds per measurement, rounds, then variants as {@code io_threads/read_bytes}.
 */
final class Throughput {

    private static final int SOCKETS = 8;
    private static final byte[] LINES = (("x".repeat(209) + "\n").repeat(300)).getBytes(StandardCharsets.US_ASCII);

    private Throughput() { }

    public static void main(String[] arguments) throws Exception {
        double seconds = arguments.length > 0 ? Double.parseDouble(arguments[0]) : 2;
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        List<String> variants = new ArrayList<>(arguments.length > 2 ? Arrays.asList(arguments).subList(2, arguments.length)
                : List.of("1/262144", "2/16384", "2/65536", "2/262144", "2/1048576", "4/262144"));
        variants.add(0, "blocking");
        double[][] rates = new double[variants.size()][rounds];
        double[][] costs = new double[variants.size()][rounds];
        for (int round = -1; round < rounds; round++) {
            for (int variant = 0; variant < variants.size(); variant++) {
                double[] measured = measure(variants.get(variant), seconds);
                if (round >= 0) {
                    rates[variant][round] = measured[0];
                    costs[variant][round] = measured[1];
                }
            }
        }
        for (int variant = 0; variant < variants.size(); variant++) {
            double rate = median(rates[variant]);
            double cost = median(costs[variant]);
            System.out.printf("%-14s %6.0f MB/s  %5.2f million lines/s  %.2f of blocking; CPU %4.0f ns a line, %.2f of blocking%n",
                    variants.get(variant), rate / 1e6, rate / 210e6, rate / median(rates[0]), cost * 210, cost / median(costs[0]));
        }
    }

    private static double[] measure(String variant, double seconds) throws Exception {
        Counter counter = new Counter();
        if (variant.equals("blocking")) {
            try (ServerSocketChannel listener = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0))) {
                Thread acceptor = new Thread(() -> accept(listener, counter));
                acceptor.start();
                return send(listener.getLocalAddress(), counter, seconds);
            }
        }
        String[] settings = variant.split("/");
        TcpTransport transport = new TcpTransport(TestConfig.of(Map.of("port", 0, "io_threads", Integer.valueOf(settings[0]), "read_bytes",
                Integer.valueOf(settings[1]))));
        transport.start(counter);
        String address = transport.address();
        try {
            return send(new InetSocketAddress("127.0.0.1", Integer.parseInt(address.substring(address.lastIndexOf(':') + 1))), counter, seconds);
        } finally {
            transport.stop(Duration.ofSeconds(1));
        }
    }

    private static double[] send(SocketAddress address, Counter counter, double seconds) throws Exception {
        AtomicBoolean sending = new AtomicBoolean(true);
        List<Thread> senders = new ArrayList<>();
        for (int i = 0; i < SOCKETS; i++) {
            SocketChannel client = SocketChannel.open(address);
            senders.add(new Thread(() -> send(client, sending)));
        }
        senders.forEach(Thread::start);
        Thread.sleep((long) (seconds * 300));
        long begin = System.nanoTime();
        long before = counter.bytes.sum();
        long cpuBefore = cpuOfReaders();
        Thread.sleep((long) (seconds * 900));
        long bytes = counter.bytes.sum() - before;
        double cost = (double) (cpuOfReaders() - cpuBefore) / bytes;
        double rate = bytes * 1e9 / (System.nanoTime() - begin);
        sending.set(false);
        for (Thread sender : senders) {
            sender.join();
        }
        return new double[] {rate, cost};
    }

    private static long cpuOfReaders() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("hub-transport-tcp-throughput"))
                .mapToLong(thread -> Math.max(0, threads.getThreadCpuTime(thread.getId()))).sum();
    }

    private static void send(SocketChannel client, AtomicBoolean sending) {
        ByteBuffer lines = ByteBuffer.allocateDirect(LINES.length).put(LINES);
        try (client) {
            while (sending.get()) {
                lines.rewind();
                while (lines.hasRemaining()) {
                    client.write(lines);
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void accept(ServerSocketChannel listener, Counter counter) {
        try {
            while (true) {
                SocketChannel client = listener.accept();
                new Thread(() -> read(client, counter), "hub-transport-tcp-throughput-blocking").start();
            }
        } catch (IOException closed) {
            // the measurement is over
        }
    }

    private static void read(SocketChannel client, Counter counter) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(256 << 10);
        Session session = counter.open(new Peer("blocking"), null);
        try (client) {
            while (client.read(bytes.clear()) >= 0) {
                session.receive(bytes.flip());
            }
        } catch (IOException broken) {
            // the measurement is over
        }
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** As the hub does: uses the array if there is one, else copies into one of its own. */
    private static final class Counter implements Ingest {

        private final LongAdder bytes = new LongAdder();
        private final LongAdder lines = new LongAdder();
        private final RecordingHealth health = new RecordingHealth();
        private final ListeningSockets sockets;

        Counter() throws IOException {
            sockets = new ListeningSockets(Duration.ZERO);
        }

        @Override
        public ComponentId id() {
            return new ComponentId(Kind.TRANSPORT, "tcp", "throughput");
        }

        @Override
        public HealthReporter health() {
            return health;
        }

        @Override
        public Optional<Codec> codec(String name) {
            return Optional.empty();
        }

        @Override
        public Path resolve(String path) {
            return Path.of(path);
        }

        @Override
        public Submission submit(SubmissionRequest request) {
            throw new UnsupportedOperationException("TCP opens sessions");
        }

        @Override
        public Listener listen(ListenAddress address, ConnectionReceiver receiver) throws IOException {
            return sockets.listen(id(), address, receiver);
        }

        @Override
        public Session open(Peer peer, Replies replies) {
            byte[] own = new byte[1 << 20];
            return new Session() {
                @Override
                public boolean receive(ByteBuffer received) {
                    int length = received.remaining();
                    if (received.hasArray()) {
                        count(received.array(), received.arrayOffset() + received.position(), length);
                        received.position(received.limit());
                    } else {
                        received.get(own, 0, length);
                        count(own, 0, length);
                    }
                    return true;
                }

                @Override
                public void end() {
                    // nothing to let go of
                }
            };
        }

        private void count(byte[] array, int from, int length) {
            int newlines = 0;
            for (int i = from; i < from + length; i++) {
                if (array[i] == '\n') {
                    newlines++;
                }
            }
            lines.add(newlines);
            bytes.add(length);
        }
    }
}
