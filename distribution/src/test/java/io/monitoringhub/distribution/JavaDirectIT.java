package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.sdk.MonitoringSdk;
import io.monitoringhub.sdk.direct.FilesystemBackend;
import io.monitoringhub.sdk.direct.HubBackend;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Direct mode of the Java SDK with the HTTP transport of the hub as it is shipped. */
class JavaDirectIT {

    private static final int MESSAGES = 4_000;

    @TempDir
    private Path folder;

    @Test
    void a_hub_that_is_killed_in_between_has_each_message_once_and_so_have_the_files() throws Exception {
        int port = TestConfiguration.freePort();
        try (PackagedHub hub = PackagedHub.unpackInto(folder)) {
            hub.configure("""
                    transports: { http: { port: %d } }
                    backends: { archive: { type: filesystem, path: events } }
                    """.formatted(port)).start();
            Path files = folder.resolve("direct");
            try (MonitoringSdk sdk = MonitoringSdk.builder().source("java").backoff(Duration.ofMillis(10), Duration.ofMillis(100))
                    .direct(new HubBackend(URI.create("http://127.0.0.1:" + port)), new FilesystemBackend(files)).build()) {
                log(sdk, 0, MESSAGES / 2);
                hub.waitUntil("the hub has some", () -> sdk.backends().get("hub").delivered() > 0, () -> sdk.stats().toString());
                hub.kill();
                log(sdk, MESSAGES / 2, MESSAGES);
                hub.waitUntil("the hub is missed", () -> sdk.backends().get("hub").failures() > 0, () -> sdk.stats().toString());
                hub.start();
                hub.waitUntil("the hub has all", () -> sdk.backends().get("hub").delivered() == MESSAGES, () -> sdk.stats().toString());
                assertThat(sdk.stats().lost()).isEmpty();
                assertThat(sdk.stats().refused()).isZero();
            }
            hub.waitUntil("all are in the hub's files", () -> EventFiles.lines(hub.data().resolve("events")).size() >= MESSAGES, () -> "");
            List<String> all = IntStream.range(0, MESSAGES).mapToObj(i -> "message " + i).toList();
            assertThat(texts(hub.data().resolve("events"))).isEqualTo(all);
            assertThat(texts(files)).isEqualTo(all);
        }
    }

    private static void log(MonitoringSdk sdk, int from, int to) {
        IntStream.range(from, to).forEach(i -> sdk.logEvent("info", "message " + i));
    }

    private static List<String> texts(Path files) {
        return EventFiles.lines(files).stream().map(line -> line.replaceAll(".*\"msg\":\"([^\"]*)\".*", "$1")).toList();
    }
}
