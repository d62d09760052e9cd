package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** A good client that posts batch after batch until it is told to end. Thread-safe. */
final class PostingClient {

    private static final int BATCH = 50;

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI address;
    private final AtomicBoolean isEnough = new AtomicBoolean();
    private final CompletableFuture<Long> posted;

    private PostingClient(int port) {
        this.address = URI.create("http://127.0.0.1:" + port + "/v1/ingest/batch");
        this.posted = CompletableFuture.supplyAsync(this::postAll);
    }

    static PostingClient to(int port) {
        return new PostingClient(port);
    }

    /** Fails if any of its messages was not accepted. @return how many there were */
    long end() {
        isEnough.set(true);
        return posted.join();
    }

    private long postAll() {
        long from = 0;
        while (!isEnough.get()) {
            String body = LongStream.range(from, from + BATCH).mapToObj(number -> "{\"v\":1,\"src\":\"posted\",\"ts\":1,\"type\":\"event\",\"data\":"
                    + "{\"level\":\"info\",\"msg\":\"message " + number + "\"}}").collect(Collectors.joining(",", "[", "]"));
            HttpRequest request = HttpRequest.newBuilder(address).header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body)).build();
            HttpResponse<String> answer = client.sendAsync(request, HttpResponse.BodyHandlers.ofString()).join();
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
            assertThat(answer.body()).contains("\"accepted\":" + BATCH + ",\"known\":0,\"refused\":0");
            from += BATCH;
        }
        return from;
    }
}
