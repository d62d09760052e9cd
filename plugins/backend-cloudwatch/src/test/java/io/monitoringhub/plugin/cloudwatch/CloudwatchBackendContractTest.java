package io.monitoringhub.plugin.cloudwatch;

import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.testkit.BackendContract;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;

/** Against moto: all types to one log stream, where the order can be read. */
class CloudwatchBackendContractTest extends BackendContract {

    private static final String STREAM = "all";

    @TempDir
    private static Path folder;
    private static Cloud cloud;

    private final String group = Cloud.name();

    @BeforeAll
    static void start() throws Exception {
        cloud = new Cloud(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        cloud.close();
    }

    /** CloudWatch takes no events that its own clock calls old. */
    @BeforeEach
    void today() {
        clock().advance(Duration.between(clock().instant(), Clock.systemUTC().instant()));
    }

    @Override
    protected Backend newBackend() {
        return new CloudwatchBackend(cloud.config(Map.of("log_group", group, "log_stream", STREAM, "metric_types", "none")));
    }

    @Override
    protected List<String> stored() {
        return cloud.events(group, STREAM).stream().map(OutputLogEvent::message).map(Cloud::original).toList();
    }

    @Override
    protected String type() {
        return "cloudwatch";
    }

    @Override
    protected boolean isExactlyOnce() {
        return false;
    }
}
