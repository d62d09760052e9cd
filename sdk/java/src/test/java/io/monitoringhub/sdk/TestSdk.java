package io.monitoringhub.sdk;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** SDKs for tests: no environment, a quick temper, room for slow machines. */
final class TestSdk {

    static final Duration LONG = Duration.ofSeconds(60);

    private TestSdk() {
    }

    static SdkBuilder builder(FakeHub hub, Path spool) {
        return new SdkBuilder(Map.of()).source("test").port(hub.port()).spoolDirectory(spool)
                .backoff(Duration.ofMillis(1), Duration.ofMillis(20)).closeTimeout(LONG).welcomeTimeout(LONG);
    }

    static String event(int number) {
        return "\"msg\":\"message " + number + "\"";
    }

    static void log(MonitoringSdk sdk, int from, int to) {
        for (int i = from; i < to; i++) {
            sdk.logEvent("info", "message " + i);
        }
    }

    /** The number in the text of an event of {@link #log}, empty for other messages. */
    static Optional<Integer> number(String line) {
        int at = line.indexOf("\"msg\":\"message ");
        return at < 0 ? Optional.empty() : Optional.of(Integer.parseInt(line.substring(at + 15, line.indexOf('"', at + 15))));
    }
}
