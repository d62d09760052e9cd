package io.monitoringhub.sdk;

import io.monitoringhub.protocol.ControlLines;
import io.monitoringhub.protocol.Envelope;
import io.monitoringhub.protocol.Hello;
import io.monitoringhub.protocol.LineDecoder;
import io.monitoringhub.protocol.LineReceiver;
import io.monitoringhub.protocol.ProtocolLimits;
import io.monitoringhub.protocol.Refusal;
import io.monitoringhub.protocol.RefusalCode;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import javax.net.ServerSocketFactory;

/**
 * A scripted hub on a free loopback port, which it keeps while it is down. It reads with the real decoder, so what it accepts is what a hub accepts, and
 * remembers clients over {@link #down} and {@link #up}, as a hub does. Thread-safe.
 */
final class FakeHub implements AutoCloseable {

    private final Object lock = new Object();
    private final List<String> accepted = new ArrayList<>();
    private final List<String> repeated = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private final List<Hello> hellos = new ArrayList<>();
    private final Map<UUID, Long> known = new HashMap<>();
    private final List<Socket> sockets = new ArrayList<>();
    private final ServerSocketFactory factory;
    /** Bound and not listening: nobody else gets the port while this hub is down. */
    private final Socket holder = new Socket();
    private final int port;
    private ServerSocket server;
    private Thread acceptor;
    // The script.
    private boolean answers = true;
    private boolean acknowledges = true;
    private boolean reads = true;
    private int closesAfter = Integer.MAX_VALUE;
    private int maxMessage = 65_536;
    private Predicate<String> refuses = line -> false;
    private long lateBy;
    private int welcomesAfter;
    private int fences;

    FakeHub() {
        this(ServerSocketFactory.getDefault());
    }

    /** With sockets of this kind, as for TLS. */
    FakeHub(ServerSocketFactory factory) {
        this.factory = factory;
        try {
            holder.setReuseAddress(true);
            holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        port = holder.getLocalPort();
        up();
    }

    FakeHub answers(boolean yes) {
        return script(() -> answers = yes);
    }

    FakeHub acknowledges(boolean yes) {
        return script(() -> acknowledges = yes);
    }

    FakeHub reads(boolean yes) {
        return script(() -> reads = yes);
    }

    /** Each connection is closed after so many new lines, which are kept but not acknowledged. */
    FakeHub closesAfter(int lines) {
        return script(() -> closesAfter = lines);
    }

    FakeHub maxMessage(int bytes) {
        return script(() -> maxMessage = bytes);
    }

    FakeHub refuses(Predicate<String> lines) {
        return script(() -> refuses = lines);
    }

    /** Acknowledges more than it has got. */
    FakeHub acknowledgesTooMuch(long by) {
        return script(() -> lateBy = by);
    }

    /** The welcome comes behind so many lines, and these are lost. */
    FakeHub welcomesAfter(int lines) {
        return script(() -> welcomesAfter = lines);
    }

    /** Answers so many hellos by the word that another connection has their id. */
    FakeHub fences(int hellos) {
        return script(() -> fences = hellos);
    }

    private FakeHub script(Runnable change) {
        synchronized (lock) {
            change.run();
            lock.notifyAll();
        }
        return this;
    }

    int port() {
        return port;
    }

    FakeHub up() {
        synchronized (lock) {
            try {
                server = factory.createServerSocket();
                server.setReuseAddress(true);
                server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            acceptor = start(new Thread(this::accept, "fake-hub-accept"));
            return this;
        }
    }

    FakeHub down() {
        Thread last;
        synchronized (lock) {
            last = acceptor;
            closeQuietly(server);
        }
        try {
            // The port is free only when the thread that waited on it has let go.
            last.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        synchronized (lock) {
            sockets.forEach(FakeHub::closeQuietly);
            sockets.clear();
        }
        return this;
    }

    @Override
    public void close() {
        down();
        closeQuietly(holder);
    }

    List<String> accepted() {
        synchronized (lock) {
            return List.copyOf(accepted);
        }
    }

    /** What was accepted, but for goodbyes. */
    List<String> messages() {
        return accepted().stream().filter(line -> !line.contains("\"type\":\"goodbye\"")).toList();
    }

    List<String> refused() {
        synchronized (lock) {
            return List.copyOf(refused);
        }
    }

    List<String> repeated() {
        synchronized (lock) {
            return List.copyOf(repeated);
        }
    }

    List<Hello> hellos() {
        synchronized (lock) {
            return List.copyOf(hellos);
        }
    }

    /** Waits until something has become true; fails with what there is. */
    FakeHub await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 60_000_000_000L;
        synchronized (lock) {
            while (!condition.getAsBoolean()) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("waited in vain: " + what + "; accepted " + accepted.size() + ", refused " + refused + ", hellos "
                            + hellos);
                }
                try {
                    lock.wait(10);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return this;
    }

    private void accept() {
        ServerSocket mine;
        synchronized (lock) {
            mine = server;
        }
        try {
            while (true) {
                Socket socket = mine.accept();
                synchronized (lock) {
                    sockets.add(socket);
                }
                start(new Thread(() -> serve(socket), "fake-hub-peer"));
            }
        } catch (IOException down) {
            closeQuietly(mine);
        }
    }

    private void serve(Socket socket) {
        try (socket; InputStream in = socket.getInputStream()) {
            new Peer(socket.getOutputStream()).serve(in);
        } catch (IOException gone) {
            closeQuietly(socket);
        }
    }

    private static Thread start(Thread thread) {
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void closeQuietly(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException alreadyGone) {
            // Nothing to save in a test's hub.
        }
    }

    /** One connection. */
    private final class Peer implements LineReceiver {

        private final OutputStream out;
        private UUID client;
        private long number;
        private long last;
        private int lines;
        private boolean ended;
        private boolean begun;

        Peer(OutputStream out) {
            this.out = out;
        }

        void serve(InputStream in) throws IOException {
            LineDecoder decoder = new LineDecoder(ProtocolLimits.VERSION_1);
            byte[] bytes = new byte[262_144];
            int length = 0;
            while (true) {
                waitUntilItReads();
                int got = in.read(bytes, length, bytes.length - length);
                if (got < 0) {
                    return;
                }
                length += got;
                synchronized (lock) {
                    int end = decoder.decode(bytes, 0, length, this);
                    System.arraycopy(bytes, end, bytes, 0, length - end);
                    length -= end;
                    lock.notifyAll();
                    if (ended) {
                        return;
                    }
                    if (client != null && acknowledges && welcomesAfter == 0 && closesAfter == Integer.MAX_VALUE && last > 0) {
                        out.write(ControlLines.ack(last + lateBy));
                    }
                }
            }
        }

        private void waitUntilItReads() {
            synchronized (lock) {
                while (!reads) {
                    try {
                        lock.wait(50);
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                }
            }
        }

        @Override
        public void hello(byte[] bytes, int from, int to, Hello hello) {
            hellos.add(hello);
            if (fences > 0) {
                fences--;
                write(ControlLines.error(0, new Refusal(RefusalCode.FENCED, "somebody else is this client")));
                ended = true;
                return;
            }
            if (!answers || begun) {
                return;
            }
            begun = true;
            client = hello.clientId();
            number = hello.next() - 1;
            last = Math.max(known.getOrDefault(client, number), number);
            known.put(client, last);
            if (welcomesAfter == 0) {
                write(ControlLines.welcome(last, "fake", maxMessage));
            }
        }

        @Override
        public void message(byte[] bytes, int from, int to, Envelope envelope) {
            line(new String(bytes, from, to - from, StandardCharsets.UTF_8), null);
        }

        @Override
        public void refused(byte[] bytes, int from, int to, Refusal refusal) {
            line(new String(bytes, from, to - from, StandardCharsets.UTF_8), refusal);
        }

        private void line(String text, Refusal refusal) {
            begun = true;
            if (welcomesAfter > 0) {
                if (++lines == welcomesAfter) {
                    write(ControlLines.welcome(last, "fake", maxMessage));
                }
                return;
            }
            number++;
            if (ended) {
                return;
            }
            if (client != null && number <= known.get(client)) {
                repeated.add(text);
                return;
            }
            if (client != null) {
                known.put(client, number);
                last = number;
            }
            if (refusal != null || refuses.test(text)) {
                refused.add(text + (refusal == null ? "" : " " + refusal));
                if (client != null) {
                    write(ControlLines.error(number, refusal == null ? new Refusal(RefusalCode.INVALID_DATA, "a \"bad\" one") : refusal));
                }
                return;
            }
            accepted.add(text);
            ended = ++lines >= closesAfter;
        }

        private void write(byte[] line) {
            try {
                out.write(line);
            } catch (IOException gone) {
                ended = true;
            }
        }
    }
}
