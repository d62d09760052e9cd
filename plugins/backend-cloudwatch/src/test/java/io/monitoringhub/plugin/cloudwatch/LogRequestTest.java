package io.monitoringhub.plugin.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LogRequestTest {

    private static final LogRequest.Stream STREAM = new LogRequest.Stream("group", "stream");

    private static LogEvent event(long offset, long time, int bytes) {
        return new LogEvent(offset, time, "x", bytes);
    }

    /** Times over four days, sizes up to a quarter of a request. */
    @Property(tries = 200)
    void every_request_keeps_to_the_limits_and_every_event_is_in_one(
            @ForAll @Size(max = 60) List<@LongRange(max = 345_600_000) Long> times, @ForAll @IntRange(min = 1, max = 262_144) int bytes) {
        List<LogEvent> events = new ArrayList<>();
        for (Long time : times) {
            events.add(event(events.size(), time, bytes));
        }
        List<LogRequest> requests = LogRequest.cut(STREAM, events, false);
        assertThat(requests.stream().flatMap(each -> each.events().stream())).containsExactlyInAnyOrderElementsOf(events);
        for (LogRequest request : requests) {
            List<LogEvent> all = request.events();
            assertThat(all).isNotEmpty().isSortedAccordingTo((a, b) -> a.time() != b.time() ? Long.compare(a.time(), b.time()) : Long.compare(a.offset(), b.offset()));
            assertThat(all.stream().mapToLong(LogEvent::size).sum()).isLessThanOrEqualTo(1_048_576);
            assertThat(all.get(all.size() - 1).time() - all.get(0).time()).isLessThan(Duration.ofDays(1).toMillis());
        }
    }

    @Test
    void a_request_has_ten_thousand_events_at_most() {
        List<LogEvent> events = new ArrayList<>();
        for (int i = 0; i < 20_001; i++) {
            events.add(event(i, 0, 1));
        }
        assertThat(LogRequest.cut(STREAM, events, false)).extracting(each -> each.events().size()).containsExactly(10_000, 10_000, 1);
    }

    @Test
    void each_event_counts_26_bytes_more_than_its_message() {
        int half = 1_048_576 / 2 - 26;
        assertThat(LogRequest.cut(STREAM, List.of(event(0, 0, half), event(1, 0, half)), false)).hasSize(1);
        assertThat(LogRequest.cut(STREAM, List.of(event(0, 0, half), event(1, 0, half + 1)), false)).hasSize(2);
    }

    @Test
    void a_message_gets_its_identity_as_its_last_members_and_is_otherwise_as_it_came() throws Exception {
        String message = "{\"v\":1,\"data\":{\"msg\":\"gr\u00fc\u00dfe } \"}}";
        String stored = LogMessage.of(ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8)), "log-1", 42);
        assertThat(stored).isEqualTo("{\"v\":1,\"data\":{\"msg\":\"gr\u00fc\u00dfe } \"},\"log_id\":\"log-1\",\"log_offset\":42}");
        assertThat(Cloud.original(stored)).isEqualTo(message);
    }

    @Test
    void what_is_no_utf8_is_told() {
        assertThatThrownBy(() -> LogMessage.of(ByteBuffer.wrap(new byte[] {'{', (byte) 0xFF, '}'}), "log-1", 0))
                .isInstanceOf(CharacterCodingException.class);
    }

    @Test
    void times_that_are_not_taken_become_the_time_of_receipt_or_of_sending() {
        long now = Duration.ofDays(20_000).toMillis();
        long day = Duration.ofDays(1).toMillis();
        TimeWindow window = TimeWindow.at(now, 0);
        assertThat(window.stamp(now - 13 * day, now)).isEqualTo(now - 13 * day);
        assertThat(window.stamp(now - 14 * day, now - day)).isEqualTo(now - day);
        assertThat(window.stamp(now + day, now - 20 * day)).isEqualTo(now);
        assertThat(TimeWindow.at(now, 3).holds(now - 4 * day)).isFalse();
        assertThat(TimeWindow.at(now, 30).holds(now - 13 * day)).isTrue();
        assertThat(window.reason(now - 15 * day)).isEqualTo("too_old");
        assertThat(window.reason(now + day)).isEqualTo("too_new");
    }
}
