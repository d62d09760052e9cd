package io.monitoringhub.plugin.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import io.monitoringhub.testkit.Await;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestMessage;
import io.monitoringhub.testservers.ServerProcess;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudwatch.model.Datapoint;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.Metric;
import software.amazon.awssdk.services.cloudwatch.model.StandardUnit;
import software.amazon.awssdk.services.cloudwatch.model.Statistic;
import software.amazon.awssdk.services.cloudwatchlogs.model.LogGroup;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;

/** What the real server, which is moto, holds and does. */
class CloudwatchBackendTest extends CloudwatchTestCase {

    private CloudwatchBackend opened(Map<String, Object> others) throws Exception {
        return opened(cloud.server().uri(), others);
    }

    private static TestMessage resource(String source, long time, String data) {
        String json = "{\"v\":1,\"src\":\"" + source + "\",\"ts\":" + time + ",\"type\":\"resource\",\"data\":" + data + "}";
        return new TestMessage(source, MessageType.RESOURCE, Optional.empty(), time, time, json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void events_are_in_streams_by_pattern_and_can_be_told_by_log_id_and_offset() throws Exception {
        CloudwatchBackend backend = opened(Map.of("log_stream", "{source}/{type}"));
        TestMessage first = event("a", "one");
        assertAllWritten(backend.write(batch(5, first, event("b", "two"), event("a", "three"))));
        assertThat(cloud.streams(group)).containsExactly("a/event", "b/event");
        List<OutputLogEvent> held = cloud.events(group, "a/event");
        assertThat(held).extracting(each -> Cloud.offset(each.message())).containsExactly(5L, 7L);
        assertThat(Cloud.original(held.get(0).message())).isEqualTo(first.text());
        assertThat(Cloud.logId(held.get(0).message())).isEqualTo(LOG);
        assertThat(held.get(0).timestamp()).isEqualTo(first.timestamp());
    }

    @Test
    void metrics_and_resources_become_metrics_with_dimensions_and_units() throws Exception {
        String namespace = Cloud.name();
        CloudwatchBackend backend = opened(Map.of("namespace", namespace));
        assertAllWritten(backend.write(batch(0, TestMessage.metric("svc", clock.millis(), "depth", 12.5),
                resource("svc", clock.millis(), "{\"cpu\":42,\"gpu\":7}"), event("svc", "not a metric"))));
        assertThat(cloud.metrics(namespace)).extracting(Metric::metricName).containsExactlyInAnyOrder("depth", "cpu", "gpu");
        assertThat(cloud.metrics(namespace).get(0).dimensions()).containsExactly(Dimension.builder().name("source").value("svc").build());
        List<Datapoint> points = cloud.clients().metrics().getMetricStatistics(ask -> ask.namespace(namespace).metricName("depth").period(60)
                .dimensions(Dimension.builder().name("source").value("svc").build()).statistics(Statistic.SUM, Statistic.SAMPLE_COUNT)
                .startTime(clock.instant().minusSeconds(600)).endTime(clock.instant().plusSeconds(600))).datapoints();
        assertThat(points).singleElement().satisfies(point -> {
            assertThat(point.sum()).isEqualTo(12.5);
            assertThat(point.sampleCount()).isEqualTo(1);
            assertThat(point.unit()).isEqualTo(StandardUnit.COUNT);
        });
        assertThat(offsets("svc")).containsExactly(2L);
    }

    @Test
    void many_metrics_go_in_requests_that_are_compressed_and_cut() throws Exception {
        String namespace = Cloud.name();
        CloudwatchBackend backend = opened(Map.of("namespace", namespace));
        TestMessage[] messages = new TestMessage[1_500];
        for (int i = 0; i < messages.length; i++) {
            messages[i] = TestMessage.metric("svc", clock.millis(), "m" + i % 100, i);
        }
        assertAllWritten(backend.write(batch(0, messages)));
        assertThat(cloud.metrics(namespace)).hasSize(100);
    }

    @Test
    void a_metric_that_is_none_is_rejected_by_itself() throws Exception {
        String namespace = Cloud.name();
        CloudwatchBackend backend = opened(Map.of("namespace", namespace));
        WriteResult result = backend.write(batch(10, resource("svc", clock.millis(), "{\"cpu\":1}"), resource("svc", clock.millis(), "{\"mem\":1e999}"),
                resource("svc", clock.millis(), "{}")));
        assertThat(result.retry()).isEmpty();
        assertThat(result.rejected()).extracting(each -> each.offset() + " " + each.reason()).containsExactly("11 value", "12 mapping");
        assertThat(cloud.metrics(namespace)).extracting(Metric::metricName).containsExactly("cpu");
    }

    @Test
    void a_group_that_is_created_gets_the_retention_and_one_that_is_there_keeps_its_own() throws Exception {
        opened(Map.of("retention_days", 7)).write(batch(0, event("a", "x")));
        assertThat(cloud.group(group)).map(LogGroup::retentionInDays).contains(7);
        String other = Cloud.name();
        cloud.clients().logs().createLogGroup(create -> create.logGroupName(other));
        opened(Map.of("log_group", other, "retention_days", 7)).write(batch(0, event("a", "x")));
        assertThat(cloud.group(other)).map(LogGroup::retentionInDays).isEmpty();
        assertThat(cloud.events(other, "a")).hasSize(1);
    }

    @Test
    void a_missing_group_stops_the_lane_when_nothing_may_be_created() throws Exception {
        CloudwatchBackend backend = opened(Map.of("create", false));
        assertThatThrownBy(() -> backend.write(batch(0, event("a", "x")))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("not found", "log stream 'a'", group, "create: true");
        assertThat(cloud.group(group)).isEmpty();
    }

    @Test
    void an_old_entry_and_one_of_the_future_are_stored_with_the_time_of_their_receipt() throws Exception {
        CloudwatchBackend backend = opened(Map.of("log_stream", "{date}"));
        long received = clock.millis() - Duration.ofMinutes(1).toMillis();
        TestMessage old = at(received - Duration.ofDays(400).toMillis(), received);
        TestMessage future = at(received + Duration.ofDays(400).toMillis(), received);
        TestMessage yesterday = at(received - Duration.ofDays(1).toMillis(), received);
        assertAllWritten(backend.write(batch(0, old, future, yesterday)));
        List<String> streams = cloud.streams(group);
        assertThat(streams).hasSize(2);
        List<OutputLogEvent> today = cloud.events(group, streams.get(1));
        assertThat(today).extracting(OutputLogEvent::timestamp).containsExactly(received, received);
        assertThat(today).extracting(each -> Cloud.original(each.message())).containsExactly(old.text(), future.text());
    }

    @Test
    void an_old_entry_is_a_dead_letter_where_that_is_wanted() throws Exception {
        CloudwatchBackend backend = opened(Map.of("outside_window", "reject"));
        long now = clock.millis();
        WriteResult result = backend.write(batch(0, at(now - Duration.ofDays(15).toMillis(), now), event("a", "x"), at(now + Duration.ofHours(3).toMillis(), now)));
        assertThat(result.rejected()).extracting(each -> each.offset() + " " + each.reason()).containsExactly("0 too_old", "2 too_new");
        assertThat(offsets("a")).containsExactly(1L);
    }

    private static TestMessage at(long time, long received) {
        TestMessage message = TestMessage.event("a", time, "x");
        return new TestMessage("a", MessageType.EVENT, message.level(), time, received, message.body());
    }

    @Test
    void entries_of_several_days_and_out_of_order_are_all_taken() throws Exception {
        CloudwatchBackend backend = opened(Map.of());
        TestMessage[] messages = new TestMessage[40];
        for (int i = 0; i < messages.length; i++) {
            messages[i] = at(clock.millis() - Duration.ofHours(i * 7L % 40 * 5).toMillis(), clock.millis());
        }
        assertAllWritten(backend.write(batch(0, messages)));
        assertThat(offsets("a")).hasSize(40).doesNotHaveDuplicates();
    }

    @Test
    void a_server_that_is_cut_off_is_called_unreachable_and_gets_the_same_batch_when_it_is_back() throws Exception {
        CloudwatchBackend backend = opened(Map.of());
        assertAllWritten(backend.write(batch(0, event("a", "x"))));
        cloud.server().kill();
        TestBatch second = batch(1, event("a", "y"));
        try {
            assertThatThrownBy(() -> backend.write(second)).isInstanceOf(TransientDeliveryException.class)
                    .hasMessageContainingAll("unreachable", "log stream 'a'", "ConnectException");
        } finally {
            cloud.server().start();
        }
        assertAllWritten(backend.write(second.again()));
        assertThat(offsets("a")).containsExactly(0L, 1L);
    }

    @Test
    void a_server_that_is_not_there_is_named_when_the_backend_opens() throws Exception {
        CloudwatchBackend backend = backend(URI.create("http://127.0.0.1:" + ServerProcess.freePort()), Map.of());
        assertThatThrownBy(() -> backend.open(context)).isInstanceOf(TransientDeliveryException.class).hasMessageContainingAll("unreachable", "log groups");
    }

    @Test
    void a_server_that_never_answers_is_given_up_after_the_timeout() throws Exception {
        CloudwatchBackend backend = opened(Map.of("timeout_ms", 300));
        cloud.server().freeze();
        try {
            assertThatThrownBy(() -> backend.write(batch(0, event("a", "x")))).isInstanceOf(TransientDeliveryException.class)
                    .hasMessageContainingAll("unreachable", "SocketTimeoutException");
        } finally {
            cloud.server().thaw();
        }
    }

    @Test
    void a_server_that_never_answers_does_not_keep_the_thread_when_it_is_wanted_back() throws Exception {
        CloudwatchBackend backend = opened(Map.of());
        TestBatch batch = batch(0, event("a", "x"), event("b", "y"));
        cloud.server().freeze();
        try {
            assertThat(interrupted(() -> backend.write(batch))).isEqualTo("interrupted");
        } finally {
            cloud.server().thaw();
        }
        assertAllWritten(backend.write(batch.again()));
        assertThat(offsets("a")).contains(0L);
        assertThat(offsets("b")).contains(1L);
    }

    @Test
    void opening_and_closing_are_not_held_up_by_a_server_that_never_answers() throws Exception {
        CloudwatchBackend open = opened(Map.of());
        CloudwatchBackend opening = backend(cloud.server().uri(), Map.of());
        cloud.server().freeze();
        try {
            assertThat(interrupted(() -> opening.open(context))).isEqualTo("interrupted");
            assertThat(interrupted(() -> open.write(batch(0, event("a", "x"))))).isEqualTo("interrupted");
            CompletableFuture.runAsync(open::close).get(30, TimeUnit.SECONDS);
        } finally {
            cloud.server().thaw();
        }
    }

    /** How a call ends that is interrupted while it waits; it has a second. */
    private static String interrupted(Callable<?> call) throws Exception {
        CompletableFuture<String> end = new CompletableFuture<>();
        Thread lane = new Thread(() -> {
            try {
                end.complete("result " + call.call());
            } catch (InterruptedException e) {
                end.complete("interrupted");
            } catch (Exception e) {
                end.completeExceptionally(e);
            }
        }, "lane");
        lane.start();
        Await.until("a request is under way", () -> lane.getState() == Thread.State.WAITING);
        lane.interrupt();
        return end.get(20, TimeUnit.SECONDS);
    }
}
