package io.monitoringhub.plugin.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.backend.WriteResult;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestClock;
import io.monitoringhub.testkit.TestMessage;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** One moto for a class, and for each test a log group of its own. */
abstract class CloudwatchTestCase {

    static final String LOG = "log-1";

    @TempDir
    static Path folder;
    static Cloud cloud;

    final String group = Cloud.name();
    final TestClock clock = new TestClock(Clock.systemUTC().instant());
    final TestBackendContext context = TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "cloudwatch", "cloud"), LOG, folder, clock);
    private final List<CloudwatchBackend> made = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        cloud = new Cloud(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        cloud.close();
    }

    @AfterEach
    void closeAll() {
        made.forEach(CloudwatchBackend::close);
    }

    /** A backend that is not open, for this test's log group. */
    CloudwatchBackend backend(URI uri, Map<String, Object> others) {
        Map<String, Object> values = new HashMap<>(Map.of("log_group", group, "log_stream", "{source}"));
        values.putAll(others);
        CloudwatchBackend backend = new CloudwatchBackend(Cloud.config(uri, values));
        made.add(backend);
        return backend;
    }

    CloudwatchBackend opened(URI uri, Map<String, Object> others) throws Exception {
        CloudwatchBackend backend = backend(uri, others);
        backend.open(context);
        return backend;
    }

    TestMessage event(String source, String text) {
        return TestMessage.event(source, clock.millis(), text);
    }

    static TestBatch batch(long from, TestMessage... messages) {
        return TestBatch.of(LOG, from, List.of(messages));
    }

    static void assertAllWritten(WriteResult result) {
        assertThat(result).isEqualTo(WriteResult.allWritten());
    }

    /** The offsets of what a stream holds. */
    List<Long> offsets(String stream) {
        return cloud.events(group, stream).stream().map(each -> Cloud.offset(each.message())).toList();
    }
}
