package io.monitoringhub.benchmarks.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keeps acknowledged sessions by the protocol's rule, one file per client, and misbehaves where a test says so. Thread-safe. */
final class ScriptedHub implements AutoCloseable {
    private static final Pattern HELLO = Pattern.compile("\"client\":\"([0-9a-f-]+)\",\"next\":(\\d+)");

    /** What to do after a line was stored. */
    interface Script {
        /** @param connection counts the connections of this client from 1; @param line the line's number in the session */
        void stored(int connection, long line, Replies replies) throws IOException;
    }

    /** Answers to the client. */
    interface Replies {
        void ack(long number) throws IOException;

        void send(String line) throws IOException;

        void drop() throws IOException;
    }

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Path folder;
    private final Script script;
    private final Map<String, Long> stored = new ConcurrentHashMap<>();
    private final Map<String, Integer> connections = new ConcurrentHashMap<>();
    final CopyOnWriteArrayList<Throwable> failures = new CopyOnWriteArrayList<>();

    ScriptedHub(Path folder, Script script) throws IOException {
        this.folder = folder;
        this.script = script;
        start(this::accept);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    int connections() {
        return connections.values().stream().mapToInt(Integer::intValue).sum();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                start(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "scripted-hub");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(Socket client) {
        try (client) {
            BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
            Matcher hello = HELLO.matcher(in.readLine());
            if (!hello.find()) {
                throw new IllegalStateException("no hello");
            }
            session(hello.group(1), Long.parseLong(hello.group(2)), in, client);
        } catch (IOException e) {
            // The script dropped the connection, or the client left.
        } catch (RuntimeException | AssertionError e) {
            failures.add(e);
        }
    }

    private void session(String client, long next, BufferedReader in, Socket socket) throws IOException {
        int connection = connections.merge(client, 1, Integer::sum);
        Replies replies = new SocketReplies(socket);
        replies.send("{\"v\":1,\"type\":\"welcome\",\"data\":{\"acked\":" + stored.computeIfAbsent(client, key -> next - 1)
                + ",\"hub\":\"scripted\",\"max_message\":65536}}");
        Path file = folder.resolve(client + ".jsonl");
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            long number = next;
            String line;
            while ((line = wholeLine(in)) != null) {
                if (number > stored.get(client)) {
                    out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                    stored.put(client, number);
                }
                script.stored(connection, number, replies);
                number++;
            }
        }
    }

    /** A line with its newline; a partial one at disconnect is no line. */
    private static String wholeLine(BufferedReader in) throws IOException {
        StringBuilder line = new StringBuilder();
        int next;
        while ((next = in.read()) >= 0) {
            if (next == '\n') {
                return line.toString();
            }
            line.append((char) next);
        }
        return null;
    }

    private record SocketReplies(Socket socket) implements Replies {
        @Override
        public void ack(long number) throws IOException {
            send("{\"v\":1,\"type\":\"ack\",\"data\":{\"seq\":" + number + "}}");
        }

        @Override
        public void send(String line) throws IOException {
            socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public void drop() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
            throw new IOException("dropped by the script");
        }
    }
}
