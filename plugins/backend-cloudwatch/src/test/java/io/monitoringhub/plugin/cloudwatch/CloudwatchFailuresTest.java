package io.monitoringhub.plugin.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.monitoringhub.spi.backend.BatchRefusedException;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;

/** Answers to which moto can't be brought; whatever else is asked, moto answers. */
class CloudwatchFailuresTest extends CloudwatchTestCase {

    private Front front;

    @BeforeEach
    void startFront() throws Exception {
        front = new Front(cloud.server().uri());
    }

    @AfterEach
    void stopFront() {
        front.close();
    }

    private CloudwatchBackend opened(Map<String, Object> others) throws Exception {
        return opened(front.uri(), others);
    }

    private void answer(String operation, Front.Answer answer) {
        front.rule((asked, body) -> asked.equals(operation) ? Optional.of(answer) : Optional.empty());
    }

    @ParameterizedTest
    @CsvSource({
        "400, ThrottlingException, transient, throttled", "400, Throttling, transient, throttled", "429, TooManyRequestsException, transient, throttled",
        "503, ServiceUnavailableException, transient, unavailable", "500, InternalFailure, transient, unavailable", "502, '', transient, unavailable",
        "400, OperationAbortedException, transient, unavailable",
        "400, UnrecognizedClientException, permanent, unauthorised", "403, InvalidSignatureException, permanent, unauthorised",
        "400, AccessDeniedException, permanent, unauthorised", "403, '', permanent, unauthorised", "400, ExpiredTokenException, permanent, session_token",
        "403, RequestTimeTooSkewed, transient, clock of this machine", "400, LimitExceededException, permanent, full",
        "400, InvalidParameterException, refused, refused", "400, SerializationException, refused, refused", "413, '', refused, refused"})
    void each_answer_has_its_meaning(int status, String code, String kind, String words) throws Exception {
        CloudwatchBackend backend = opened(Map.of());
        answer("PutLogEvents", Front.Answer.error(status, code));
        DeliveryException failure = catchThrowableOfType(DeliveryException.class, () -> backend.write(batch(0, event("a", "x"))));
        assertThat(failure).isInstanceOf(switch (kind) {
            case "transient" -> TransientDeliveryException.class;
            case "permanent" -> PermanentDeliveryException.class;
            default -> BatchRefusedException.class;
        }).hasMessageContainingAll(words, "log stream 'a' of log group '" + group + "'", code, "told by the front");
        assertThat(front.asked()).as("the SDK repeats nothing").filteredOn("PutLogEvents"::equals).hasSize(1);
    }

    @Test
    void the_time_that_aws_asks_to_wait_is_passed_on() throws Exception {
        CloudwatchBackend backend = opened(Map.of());
        answer("PutLogEvents", Front.Answer.error(503, "ServiceUnavailableException").with("Retry-After", "7"));
        assertThatThrownBy(() -> backend.write(batch(0, event("a", "x")))).isInstanceOfSatisfying(TransientDeliveryException.class,
                failure -> assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(7)));
    }

    @Test
    void metrics_that_are_throttled_come_again() throws Exception {
        String namespace = Cloud.name();
        CloudwatchBackend backend = opened(Map.of("namespace", namespace));
        answer("PutMetricData", new Front.Answer(400, "", Map.of("x-amzn-query-error", "Throttling;Sender"), false));
        TestBatch batch = batch(0, TestMessage.metric("a", clock.millis(), "depth", 1));
        assertThatThrownBy(() -> backend.write(batch)).isInstanceOf(DeliveryException.class).hasMessageContainingAll("CloudWatch metrics", namespace);
        front.rule((operation, body) -> Optional.empty());
        assertAllWritten(backend.write(batch.again()));
        assertThat(cloud.metrics(namespace)).hasSize(1);
    }

    @Test
    void what_was_taken_before_a_failure_is_not_sent_again() throws Exception {
        CloudwatchBackend backend = opened(Map.of("connections", 1));
        front.rule((operation, body) -> operation.equals("PutLogEvents") && body.contains("\"logStreamName\":\"b\"")
                ? Optional.of(Front.Answer.error(400, "ThrottlingException")) : Optional.empty());
        TestMessage second = event("b", "2");
        TestMessage fourth = event("b", "4");
        WriteResult result = backend.write(batch(0, event("a", "1"), second, event("a", "3"), fourth));
        assertThat(result.rejected()).isEmpty();
        assertThat(result.retry()).containsExactly(1L, 3L);
        assertThat(context.health().reports()).singleElement().asString().startsWith("degraded: throttled").contains("log stream 'b'");

        TestBatch rest = TestBatch.of(LOG, new long[] {1, 3}, List.of(second, fourth));
        assertThatThrownBy(() -> backend.write(rest)).isInstanceOf(TransientDeliveryException.class).hasMessageContaining("throttled");
        front.rule((operation, body) -> Optional.empty());
        assertAllWritten(backend.write(rest.again()));
        assertThat(context.health().reports()).last().isEqualTo("ok");
        assertThat(offsets("a")).containsExactly(0L, 2L);
        assertThat(offsets("b")).containsExactly(1L, 3L);
    }

    @Test
    void refused_content_holds_up_no_other_stream_and_is_found_by_halving() throws Exception {
        CloudwatchBackend backend = opened(Map.of("connections", 1));
        front.rule((operation, body) -> body.contains("poison") ? Optional.of(Front.Answer.error(400, "InvalidParameterException")) : Optional.empty());
        TestMessage good = event("a", "good");
        TestMessage poison = event("a", "poison");
        assertThat(backend.write(batch(0, good, poison, event("b", "other"))).retry()).containsExactly(0L, 1L);
        assertThatThrownBy(() -> backend.write(batch(0, good, poison))).isInstanceOf(BatchRefusedException.class);
        assertAllWritten(backend.write(batch(0, good)));
        assertThatThrownBy(() -> backend.write(batch(1, poison))).isInstanceOf(BatchRefusedException.class).hasMessageContaining("InvalidParameterException");
        assertThat(offsets("a")).containsExactly(0L);
        assertThat(offsets("b")).containsExactly(2L);
    }

    @Test
    void entries_of_an_answer_that_was_lost_are_there_twice_and_their_offsets_tell_it() throws Exception {
        CloudwatchBackend backend = opened(Map.of());
        assertAllWritten(backend.write(batch(0, event("a", "0"))));
        AtomicInteger left = new AtomicInteger(2);
        front.rule((operation, body) -> operation.equals("PutLogEvents") && left.getAndDecrement() > 0 ? Optional.of(Front.Answer.lost()) : Optional.empty());
        TestBatch batch = batch(1, event("a", "1"), event("a", "2"));
        assertThatThrownBy(() -> backend.write(batch)).isInstanceOf(TransientDeliveryException.class).hasMessageContaining("unreachable");
        left.set(0);
        assertAllWritten(backend.write(batch.again()));
        assertThat(offsets("a")).contains(0L, 1L, 2L).hasSizeGreaterThan(3);
        assertThat(offsets("a").stream().distinct()).containsExactlyInAnyOrder(0L, 1L, 2L);
    }

    @Test
    void events_that_cloudwatch_calls_old_or_new_are_sent_once_more_with_its_own_time() throws Exception {
        Instant today = clock.instant();
        clock.advance(Duration.ofDays(-20));
        CloudwatchBackend backend = opened(Map.of());
        AtomicInteger asked = new AtomicInteger();
        String info = "{\"rejectedLogEventsInfo\":{\"tooOldLogEventEndIndex\":1,\"expiredLogEventEndIndex\":2,\"tooNewLogEventStartIndex\":3}}";
        front.rule((operation, body) -> operation.equals("PutLogEvents") && asked.getAndIncrement() == 0 ? Optional.of(Front.Answer.of(info))
                : Optional.empty());
        assertAllWritten(backend.write(batch(0, event("a", "0"), event("a", "1"), event("a", "2"), event("a", "3"))));
        List<OutputLogEvent> held = cloud.events(group, "a");
        assertThat(held).as("all but what the first answer took").extracting(each -> Cloud.offset(each.message())).containsExactly(0L, 1L, 3L);
        assertThat(held).extracting(each -> Instant.ofEpochMilli(each.timestamp()))
                .allSatisfy(stamp -> assertThat(stamp).as("the front's clock").isAfter(today.minusSeconds(60)));
    }

    @Test
    void events_that_cloudwatch_refuses_twice_are_dead_letters() throws Exception {
        CloudwatchBackend backend = opened(Map.of());
        answer("PutLogEvents", Front.Answer.of("{\"rejectedLogEventsInfo\":{\"tooOldLogEventEndIndex\":1,\"tooNewLogEventStartIndex\":1}}"));
        WriteResult result = backend.write(batch(0, event("a", "0"), event("a", "1")));
        assertThat(result.retry()).isEmpty();
        assertThat(result.rejected()).extracting(WriteResult.Rejection::reason).containsExactlyInAnyOrder("too_old", "too_new");
        assertThat(result.rejected().get(0).detail()).contains("older than 14 days or than the retention of log group '" + group);
    }

    @Test
    void a_wrong_key_is_named_when_the_backend_opens() {
        answer("DescribeLogGroups", Front.Answer.error(400, "UnrecognizedClientException"));
        CloudwatchBackend backend = backend(front.uri(), Map.of());
        assertThatThrownBy(() -> backend.open(context)).isInstanceOf(PermanentDeliveryException.class).hasMessageContainingAll("unauthorised", "access_key");
    }

    @Test
    void that_log_groups_may_not_be_listed_does_not_matter() throws Exception {
        answer("DescribeLogGroups", Front.Answer.error(400, "AccessDeniedException"));
        assertAllWritten(opened(Map.of()).write(batch(0, event("a", "x"))));
    }

    @Test
    void a_group_that_may_not_be_created_is_named() throws Exception {
        CloudwatchBackend backend = opened(Map.of());
        answer("CreateLogGroup", Front.Answer.error(400, "LimitExceededException"));
        assertThatThrownBy(() -> backend.write(batch(0, event("a", "x")))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("full", "cannot create log group '" + group);
    }

    @Test
    void what_was_created_and_is_not_there_yet_is_waited_for() throws Exception {
        CloudwatchBackend backend = opened(Map.of());
        answer("PutLogEvents", Front.Answer.error(400, "ResourceNotFoundException"));
        TestBatch batch = batch(0, event("a", "x"));
        assertThatThrownBy(() -> backend.write(batch)).isInstanceOf(TransientDeliveryException.class).hasMessageContaining("created, and not there yet");
        front.rule((operation, body) -> Optional.empty());
        assertAllWritten(backend.write(batch.again()));
    }

    @Test
    void a_retention_that_may_not_be_set_is_named() throws Exception {
        CloudwatchBackend backend = opened(Map.of("retention_days", 7));
        answer("PutRetentionPolicy", Front.Answer.error(400, "AccessDeniedException"));
        assertThatThrownBy(() -> backend.write(batch(0, event("a", "x")))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("unauthorised", "cannot set its retention to 7 days");
    }
}
