package io.monitoringhub.plugin.elasticsearch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The JDK's HTTP client with threads that have names and an end.
 *
 * <p>The client of JDK 17 can't be closed: its selector's thread lives until the collector finds the client. It does end when it is
 * interrupted, so it gets a thread group of its own that can be. Used by one thread at a time.
 */
final class Connections implements AutoCloseable {

    private static final int MAX_ANSWER = 16 << 20;
    private static final long PATIENCE_MS = 1_000;
    /** The number of a group's threads is an estimate. */
    private static final int SPARE = 16;

    private final ThreadGroup group;
    private final ExecutorService executor;
    private final HttpClient client;
    private final Duration timeout;

    private Connections(ThreadGroup group, ExecutorService executor, HttpClient client, Duration timeout) {
        this.group = group;
        this.executor = executor;
        this.client = client;
        this.timeout = timeout;
    }

    /** An answer as a whole. @param headers those that matter are asked for by name */
    record Answer(int status, HttpHeaders headers, byte[] body) { }

    /** The server says more than is believed. */
    static final class TooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        TooLongException() {
            super("an answer of more than " + MAX_ANSWER + " bytes");
        }
    }

    static Connections open(ElasticsearchSettings settings, String threadName) throws InterruptedException {
        ThreadGroup group = new ThreadGroup(threadName);
        AtomicInteger number = new AtomicInteger();
        ExecutorService executor = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(group, task, threadName + "-http-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(executor)
                .connectTimeout(settings.connectTimeout()).followRedirects(HttpClient.Redirect.NEVER);
        settings.tls().ifPresent(builder::sslContext);
        CompletableFuture<HttpClient> built = new CompletableFuture<>();
        // The selector's thread joins the group of the thread that builds the client.
        Thread maker = new Thread(group, () -> {
            try {
                built.complete(builder.build());
            } catch (RuntimeException | Error e) {
                built.completeExceptionally(e);
            }
        }, threadName + "-http-start");
        maker.start();
        maker.join();
        Connections connections = new Connections(group, executor, built.join(), settings.requestTimeout());
        connections.threads().forEach(thread -> thread.setName(threadName + "-http-selector"));
        return connections;
    }

    /** Sends a request and waits for the whole answer; an interrupt or the time limit gives the connection up. */
    Answer exchange(HttpRequest request) throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> answered = client.sendAsync(request, info -> new BoundedBody());
        try {
            HttpResponse<byte[]> answer = answered.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return new Answer(answer.statusCode(), answer.headers(), answer.body());
        } catch (TimeoutException e) {
            answered.cancel(true);
            throw new HttpTimeoutException("no answer within " + timeout.toMillis() + " ms");
        } catch (InterruptedException e) {
            answered.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IOException("the request failed: " + e.getCause(), e.getCause());
        }
    }

    private List<Thread> threads() {
        Thread[] found = new Thread[group.activeCount() + SPARE];
        int count = group.enumerate(found);
        return List.of(Arrays.copyOf(found, count));
    }

    /** Ends the threads, and with them the connections. */
    @Override
    public void close() {
        executor.shutdownNow();
        group.interrupt();
        boolean isInterrupted = false;
        for (Thread thread : threads()) {
            try {
                thread.join(PATIENCE_MS);
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The body of an answer, up to a limit. Called by the client's threads, one at a time. */
    private static final class BoundedBody implements HttpResponse.BodySubscriber<byte[]> {

        private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private Flow.Subscription subscription;

        @Override
        public CompletionStage<byte[]> getBody() {
            return whole;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> parts) {
            for (ByteBuffer part : parts) {
                byte[] copy = new byte[part.remaining()];
                part.get(copy);
                bytes.writeBytes(copy);
            }
            if (bytes.size() > MAX_ANSWER) {
                subscription.cancel();
                whole.completeExceptionally(new TooLongException());
            }
        }

        @Override
        public void onError(Throwable failure) {
            whole.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            whole.complete(bytes.toByteArray());
        }
    }
}
