package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.distribution.EventStreamClient.Event;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looking on: the stream by HTTP, {@code hub tail}, and spans as one message each, from one packaged hub. */
class StreamIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String SENDER = "a-token-that-may-only-send-things";
    private static final String READER = "a-token-that-may-read-everything";
    private static final String GUEST = "a-token-that-is-soon-taken-away";
    private static final long T = 1_697_821_234_000L;

    @TempDir
    private static Path folder;
    private static PackagedHub hub;
    private static HubPages pages;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        port = TestConfiguration.freePort();
        pages = new HubPages(port);
        hub = PackagedHub.unpackInto(folder).configure(configuration(", guest: { token: %s, read: true }".formatted(GUEST))).start();
    }

    @AfterAll
    static void stop() throws Exception {
        hub.close();
    }

    private static String configuration(String furtherTokens) {
        return """
                transports: { http: { port: %d } }
                backends:
                  archive: { type: filesystem, path: events }
                  spans: { type: filesystem, path: spans }
                routes:
                  - { source: "*", types: [span], where: { data.merged: true }, to: [spans] }
                  - { source: "*", to: [archive] }
                correlation: { merged_spans: true }
                security: { tokens: { sender: { token: %s }, reader: { token: %s, read: true }%s } }
                """.formatted(port, SENDER, READER, furtherTokens);
    }

    @Test
    void theStreamShowsWhatIsAskedForAndGoesOnBehindTheLastEventThatWasSeen() throws Exception {
        post(event("shop-1", "info", "all is well"), event("shop-1", "error", "order 1 failed"), event("bank-1", "error", "order 1 failed"),
                event("shop-2", "warn", "order 2 failed"), metric("shop-1", "order 3 failed"), event("shop-2", "fatal", "nothing to see"));
        String query = "?source=shop-*&type=event&level=warn&grep=order+%5B0-9%5D%2B+failed&from=earliest";
        List<Event> seen;
        try (EventStreamClient stream = stream(query, READER, Map.of())) {
            assertThat(stream.status()).isEqualTo(200);
            assertThat(stream.header("Content-Type")).startsWith("text/event-stream");
            seen = stream.next(2);
            assertThat(seen).extracting(Event::data).containsExactly(event("shop-1", "error", "order 1 failed"),
                    event("shop-2", "warn", "order 2 failed"));
            post(event("shop-3", "error", "order 4 failed"));
            assertThat(stream.next(1)).extracting(Event::data).containsExactly(event("shop-3", "error", "order 4 failed"));
        }
        try (EventStreamClient again = stream(query, READER, Map.of("Last-Event-ID", seen.get(0).id()))) {
            assertThat(again.next(2)).extracting(Event::data).containsExactly(event("shop-2", "warn", "order 2 failed"),
                    event("shop-3", "error", "order 4 failed"));
        }
    }

    @Test
    void theStreamIsForThoseWhoMayReadAndForAFewAtATime() throws Exception {
        assertThat(pages.status("/v1/stream")).isEqualTo(401);
        try (EventStreamClient sender = stream("", SENDER, Map.of())) {
            assertThat(sender.status()).isEqualTo(403);
        }
        try (EventStreamClient odd = stream("?level=loud", READER, Map.of())) {
            assertThat(odd.status()).isEqualTo(400);
            assertThat(odd.refusal()).contains("expected the least level");
        }
        List<EventStreamClient> all = new ArrayList<>();
        try {
            // those of other cases may not have noticed yet that their client has left
            while (opened(all)) {
                assertThat(all).hasSizeLessThan(9);
            }
            all.remove(0).close();
            hub.waitUntil("a place is free again", PATIENCE, () -> {
                post(event("ping", "info", "so that it is noticed that a client has left"));
                return opened(all);
            }, () -> hub.ask("hub:status"));
        } finally {
            all.forEach(EventStreamClient::close);
        }
    }

    /** Opens one more. @return whether there may be so many */
    private static boolean opened(List<EventStreamClient> all) {
        try {
            EventStreamClient one = stream("?from=now", READER, Map.of());
            all.add(one);
            if (one.status() == 200) {
                return true;
            }
            assertThat(one.status()).isEqualTo(429);
            assertThat(one.header("Retry-After")).isNotNull();
            all.remove(one);
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aTokenThatIsTakenAwayEndsItsStream() throws Exception {
        try (EventStreamClient stream = stream("?source=guest", GUEST, Map.of())) {
            assertThat(stream.status()).isEqualTo(200);
            hub.configure(configuration(""));
            hub.waitForShell("hub:reload", outcome -> outcome.exitCode() == 0);
            assertThat(stream.next()).map(Event::name).contains("end");
            assertThat(stream.next()).isEmpty();
        }
    }

    @Test
    void tailFollowsTheLogAndLeavesTheHubAsItWas() throws Exception {
        post(event("till-1", "info", "one"), event("till-1", "info", "two"), event("other", "info", "three"));
        Process tail = hub.process(List.of(hub.home().resolve("bin/hub").toString(), "tail", "--source", "till-*", "-n", "1", "--json")).start();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(tail.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo(event("till-1", "info", "two"));
            post(event("other", "info", "four"), event("till-2", "warn", "five"));
            assertThat(lines.readLine()).isEqualTo(event("till-2", "warn", "five"));
            assertThat(threads("hub-tail")).isEqualTo(1);
            // SIGTERM: SIGINT, which Ctrl-C sends, is ignored by what a shell has started in the background, and by all that this starts.
            tail.destroy();
            assertThat(tail.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            tail.destroyForcibly();
        }
        hub.waitUntil("the tail's thread has gone", PATIENCE, () -> threads("hub-tail") == 0, () -> hub.ask("hub:status"));
        String people = hub.shell("hub:tail --source till-2 --source=till-3 -n 5 --no-follow").output();
        assertThat(people).matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} till-2 {11}warn {5}five\n");
        for (String wrong : List.of("--level loud", "--type evnt", "--grep '('", "--from whenever", "-n many", "--sauce x", "word")) {
            PackagedHub.Outcome refused = hub.shell("hub:tail " + wrong);
            assertThat(refused.exitCode()).as("%s: %s", wrong, refused.output()).isEqualTo(64);
            assertThat(refused.output()).startsWith("tail: ").contains("\nusage: tail [--source GLOB]");
        }
    }

    @Test
    void acrossAKillATracePrintsTheSameAndNoSpanIsMergedTwice() throws Exception {
        post(span("web", T, "whole", "a", "", "\"name\":\"GET /\",\"start\":" + T + ",\"end\":null,\"tags\":{\"user\":7}"),
                span("db", T + 5, "whole", "b", "a", "\"name\":\"select\",\"start\":" + (T + 5) + ",\"end\":null"),
                progress("import", 40));
        post(span("db", T + 9, "whole", "b", "", "\"name\":\"\",\"start\":0,\"end\":" + (T + 9) + ",\"status\":\"ok\""));
        awaitMerged("whole", 1);
        assertThat(merged("whole")).containsExactly("{\"v\":1,\"src\":\"db\",\"ts\":" + (T + 9)
                + ",\"type\":\"span\",\"tid\":\"whole\",\"sid\":\"b\",\"pid\":\"a\",\"data\":{\"merged\":true,\"name\":\"select\",\"start\":" + (T + 5)
                + ",\"end\":" + (T + 9) + ",\"duration_ms\":4,\"status\":\"ok\",\"tags\":{}}}");
        String before = hub.ask("hub:trace whole");
        assertThat(before).contains("GET /", "select", "2 spans", "4 messages");
        assertThat(hub.ask("hub:jobs")).contains("import", "████░", "40.0 %").doesNotContain("stuck");

        hub.kill();
        hub.start();
        hub.waitForShell("hub:trace whole", outcome -> outcome.output().equals(before));
        post(span("web", T + 20, "whole", "a", "", "\"name\":\"\",\"start\":0,\"end\":" + (T + 20) + ",\"status\":\"ok\""));
        awaitMerged("whole", 2);
        post(span("last", T, "last", "c", "", "\"name\":\"x\",\"start\":" + T + ",\"end\":" + (T + 1)));
        awaitMerged("last", 1);
        assertThat(merged("whole")).as("each span once").hasSize(2).last().asString().contains("\"sid\":\"a\"", "\"duration_ms\":20",
                "\"tags\":{\"user\":7}");
    }

    private static void awaitMerged(String trace, int count) {
        hub.waitUntil(count + " spans of '" + trace + "' are merged", PATIENCE, () -> merged(trace).size() >= count, () -> merged(trace).toString());
    }

    private static List<String> merged(String trace) {
        return EventFiles.lines(hub.data().resolve("spans")).stream().filter(line -> line.contains("\"tid\":\"" + trace + "\"")).toList();
    }

    private static EventStreamClient stream(String query, String token, Map<String, String> headers) throws IOException {
        Map<String, String> all = new HashMap<>(headers);
        all.put("Authorization", "Bearer " + token);
        return new EventStreamClient(port, query, all);
    }

    /** How many threads of the hub have a name that begins so; the kernel keeps 15 characters. */
    private static long threads(String name) {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + hub.pid() + "/task"))) {
            return tasks.filter(task -> nameOf(task).startsWith(name)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String nameOf(Path task) {
        try {
            return Files.readString(task.resolve("comm"));
        } catch (IOException gone) {
            // a thread that ends while it is looked at has no name either
            return "";
        }
    }

    private static String event(String source, String level, String text) {
        return "{\"v\":1,\"src\":\"" + source + "\",\"ts\":" + T + ",\"type\":\"event\",\"data\":{\"level\":\"" + level + "\",\"msg\":\"" + text + "\"}}";
    }

    private static String metric(String source, String name) {
        return "{\"v\":1,\"src\":\"" + source + "\",\"ts\":" + T + ",\"type\":\"metric\",\"data\":{\"name\":\"" + name + "\",\"value\":1}}";
    }

    private static String progress(String job, int percent) {
        return "{\"v\":1,\"src\":\"web\",\"ts\":" + T + ",\"type\":\"progress\",\"tid\":\"whole\",\"data\":{\"job_id\":\"" + job + "\",\"percent\":" + percent
                + ",\"status\":\"running\"}}";
    }

    private static String span(String source, long time, String trace, String id, String parent, String data) {
        return "{\"v\":1,\"src\":\"" + source + "\",\"ts\":" + time + ",\"type\":\"span\",\"tid\":\"" + trace + "\",\"sid\":\"" + id + "\""
                + (parent.isEmpty() ? "" : ",\"pid\":\"" + parent + "\"") + ",\"data\":{" + data + "}}";
    }

    private static void post(String... messages) {
        HttpRequest.Builder request = pages.request("/v1/ingest/events").header("Authorization", "Bearer " + SENDER)
                .POST(HttpRequest.BodyPublishers.ofString(String.join("\n", messages) + "\n"));
        assertThat(pages.send(request).statusCode()).isEqualTo(202);
    }
}
