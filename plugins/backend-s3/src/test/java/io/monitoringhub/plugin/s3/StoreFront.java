package io.monitoringhub.plugin.s3;

import io.monitoringhub.testkit.Await;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A port before a real store that passes everything on, but answers with errors which that store can't be brought to: each answer is given
 * once, to the next request.
 *
 * <p>Thread-safe.
 */
final class StoreFront implements AutoCloseable {

    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final String LENGTH = "content-length: ";

    /** What a request whose first line contains this gets; null: nothing, ever. */
    private record Answer(String to, String text) {
    }

    private final URI store;
    private final ServerSocket listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final List<Closeable> open = new CopyOnWriteArrayList<>();
    private final List<String> heads = new CopyOnWriteArrayList<>();

    StoreFront(URI store) throws IOException {
        this.store = store;
        open.add(listener);
        thread(this::accept);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    /** The next request gets this. @param headers lines, each with its end */
    void answer(int status, String code, String headers) {
        answerTo("", status, code, headers);
    }

    /** The next request whose first line contains this text gets this. */
    void answerTo(String text, int status, String code, String headers) {
        String body = "<?xml version='1.0' encoding='UTF-8'?><Error><Code>" + code + "</Code><Message>as the test wants it</Message></Error>";
        answers.add(new Answer(text, "HTTP/1.1 " + status + " Answer\r\nConnection: close\r\nContent-Type: application/xml\r\nContent-Length: "
                + body.length() + "\r\n" + headers + "\r\n" + body));
    }

    /** The next request whose first line contains this text gets no answer. */
    void keepWaiting(String text) {
        answers.add(new Answer(text, null));
    }

    /** Request line and headers of what was answered here, in small letters. */
    List<String> heads() {
        return heads;
    }

    /** Waits until a request was taken that gets an answer of this front, or none. */
    void awaitHead() {
        try {
            Await.until("a request comes", () -> !heads.isEmpty());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                open.add(client);
                thread(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try {
            InputStream in = client.getInputStream();
            StringBuilder read = new StringBuilder();
            while (read.indexOf(END_OF_HEAD) < 0) {
                int next = in.read();
                if (next < 0) {
                    client.close();
                    return;
                }
                read.append((char) next);
            }
            String head = read.toString();
            Answer answer = answers.peek();
            if (answer == null || !head.substring(0, head.indexOf('\r')).contains(answer.to)) {
                // One request for each connection: so the next one is looked at, too.
                relay(client, head.replaceFirst("(?i)Connection: keep-alive", "Connection: close"));
                return;
            }
            answers.remove();
            heads.add(head.toLowerCase(Locale.ROOT));
            if (answer.text != null) {
                int at = head.toLowerCase(Locale.ROOT).indexOf(LENGTH);
                in.skipNBytes(at < 0 ? 0 : Long.parseLong(head.substring(at + LENGTH.length(), head.indexOf("\r\n", at)).strip()));
                client.getOutputStream().write(answer.text.getBytes(StandardCharsets.US_ASCII));
                client.close();
            }
        } catch (IOException e) {
            // Client or store has gone: the other one sees the end of its connection.
        }
    }

    private void relay(Socket client, String head) throws IOException {
        try (client; Socket server = new Socket(store.getHost(), store.getPort())) {
            open.add(server);
            server.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
            thread(() -> pump(client, server));
            server.getInputStream().transferTo(client.getOutputStream());
        }
    }

    private static void pump(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // As in serve.
        }
    }

    private static void thread(Runnable work) {
        Thread thread = new Thread(work, "store-front");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        for (Closeable each : open) {
            each.close();
        }
    }
}
