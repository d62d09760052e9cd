package io.monitoringhub.runtime.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.runtime.FilledLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class LogFollowerTest {

    @TempDir
    private Path folder;
    private FilledLog filled;
    private final List<Long> offsets = new ArrayList<>();
    private final List<String> gaps = new ArrayList<>();
    private final LogFollower.Visitor visitor = new LogFollower.Visitor() {
        @Override
        public void entry(LogEntry entry) {
            offsets.add(entry.offset());
        }

        @Override
        public void gap(long from, long to) {
            gaps.add(from + "-" + to);
        }
    };

    @BeforeEach
    void open() throws IOException {
        filled = FilledLog.smallIn(folder);
    }

    @AfterEach
    void close() throws IOException {
        filled.close();
    }

    @Test
    void showsOnlyWhatIsAskedFor() throws Exception {
        filled.append(event("shop-1", "debug", "one"), event("shop-2", "error", "two"), event("bank", "fatal", "two"), metric("shop-1", "two"),
                event("shop-1", "fatal", "three"));

        assertThat(found(EntryFilter.ALL)).containsExactly(0L, 1L, 2L, 3L, 4L);
        assertThat(found(filter(List.of("shop-*"), List.of(), "", ""))).containsExactly(0L, 1L, 3L, 4L);
        assertThat(found(filter(List.of("shop-2,bank", "till"), List.of(), "", ""))).containsExactly(1L, 2L);
        assertThat(found(filter(List.of(), List.of("metric"), "", ""))).containsExactly(3L);
        assertThat(found(filter(List.of(), List.of(), "error", ""))).containsExactly(1L, 2L, 4L);
        assertThat(found(filter(List.of(), List.of(), "", "t(wo|hree)"))).containsExactly(1L, 2L, 3L, 4L);
        assertThat(found(filter(List.of("shop-?"), List.of("event", "metric"), "warn", "\"two\""))).containsExactly(1L);
    }

    @Test
    void whatCannotBeAskedForIsSaid() {
        assertThatThrownBy(() -> filter(List.of(), List.of("events"), "", "")).hasMessageContaining("not 'events'");
        assertThatThrownBy(() -> filter(List.of(), List.of(), "loud", "")).hasMessageContaining("not 'loud'");
        assertThatThrownBy(() -> filter(List.of(), List.of(), "", "a(")).hasMessageStartingWith("grep: ").hasMessageContaining("a(");
        assertThatThrownBy(() -> LogPosition.of("soon", filled.log(), Clock.systemUTC())).hasMessageContaining("not 'soon'");
    }

    @Test
    void followsWhatComesAndSaysWhenThereIsNothing() throws Exception {
        filled.append(event("a", "info", "before"));
        try (LogFollower follower = new LogFollower(filled.log(), LogPosition.of("now", filled.log(), Clock.systemUTC()), EntryFilter.ALL)) {
            assertThat(follower.read(visitor)).isFalse();
            filled.append(event("a", "info", "after"), event("a", "info", "after"));
            assertThat(follower.await(Duration.ofSeconds(50))).isTrue();
            assertThat(follower.read(visitor)).isTrue();
            follower.wakeUp();
            assertThat(follower.await(Duration.ofSeconds(50))).isFalse();
            assertThat(follower.position()).isEqualTo(3);
        }
        assertThat(offsets).containsExactly(1L, 2L);
    }

    @Test
    void anOffsetFromBehindTheEndIsTheEnd() throws Exception {
        filled.append(event("a", "info", "x"));
        try (LogFollower follower = new LogFollower(filled.log(), 4_711, EntryFilter.ALL)) {
            assertThat(follower.position()).isEqualTo(1);
        }
        assertThat(LogPosition.of("4711", filled.log(), Clock.systemUTC())).isEqualTo(1);
        assertThat(LogPosition.of("earliest", filled.log(), Clock.systemUTC())).isZero();
        assertThat(LogPosition.of("-1h", filled.log(), Clock.systemUTC())).isZero();
        assertThat(LogPosition.of("2099-01-01T00:00:00Z", filled.log(), Clock.systemUTC())).isEqualTo(1);
    }

    @Test
    void whatRetentionTookIsTold() throws Exception {
        try (LogFollower slow = new LogFollower(filled.log(), 0, EntryFilter.ALL)) {
            String long10K = "x".repeat(10_000);
            while (filled.log().startOffset() == 0) {
                filled.append(event("a", "info", long10K));
                filled.log().maintain();
            }
            long start = filled.log().startOffset();
            boolean isMore = true;
            while (isMore) {
                isMore = slow.read(visitor);
            }
            assertThat(gaps).containsExactly("0-" + start);
            assertThat(offsets).startsWith(start).endsWith(filled.log().durableOffset() - 1).hasSize((int) (filled.log().durableOffset() - start));
        }
    }

    @Test
    void theLastOnesOfAKindAreFoundHoweverFarBackTheyAre() throws Exception {
        filled.append(event("rare", "info", "1"), event("rare", "info", "2"), event("rare", "info", "3"));
        String[] many = new String[1_500];
        for (int i = 0; i < many.length; i++) {
            many[i] = event("a", "info", "");
        }
        filled.append(many);
        EntryFilter rare = filter(List.of("rare"), List.of(), "", "");

        assertThat(LatestEntries.before(filled.log().durableOffset(), 2, filled.log(), rare)).extracting(LogEntry::offset).containsExactly(1L, 2L);
        assertThat(LatestEntries.before(2, 9, filled.log(), rare)).extracting(LogEntry::offset).containsExactly(0L, 1L);
        assertThat(LatestEntries.before(filled.log().durableOffset(), 1, filled.log(), EntryFilter.ALL)).extracting(LogEntry::offset)
                .containsExactly(1_502L);
    }

    private List<Long> found(EntryFilter filter) throws IOException {
        offsets.clear();
        try (LogFollower follower = new LogFollower(filled.log(), 0, filter)) {
            boolean isMore = true;
            while (isMore) {
                isMore = follower.read(visitor);
            }
        }
        return List.copyOf(offsets);
    }

    private static EntryFilter filter(List<String> sources, List<String> types, String level, String pattern) {
        return EntryFilter.of(sources, types, Optional.of(level).filter(word -> !word.isEmpty()), Optional.of(pattern).filter(word -> !word.isEmpty()));
    }

    private static String event(String source, String level, String text) {
        return "{\"v\":1,\"src\":\"" + source + "\",\"ts\":1,\"type\":\"event\",\"data\":{\"level\":\"" + level + "\",\"msg\":\"" + text + "\"}}";
    }

    private static String metric(String source, String name) {
        return "{\"v\":1,\"src\":\"" + source + "\",\"ts\":1,\"type\":\"metric\",\"data\":{\"name\":\"" + name + "\",\"value\":1}}";
    }
}
