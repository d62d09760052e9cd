package io.monitoringhub.log.segmented;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import io.monitoringhub.log.Cursor;
import io.monitoringhub.log.segmented.LogFixture.Stored;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Random stories against a list in memory. */
class SegmentedLogModelTest {

    /** One thing that happens; what the numbers mean depends on the kind. */
    record Action(Kind kind, int a, int b) {
    }

    enum Kind { APPEND, APPEND_MANY, READ, COMMIT, MOVE, REOPEN, TIME }

    @Provide
    Arbitrary<List<Action>> actions() {
        Arbitrary<Integer> a = Arbitraries.integers().between(0, 40_000);
        Arbitrary<Integer> b = Arbitraries.integers().between(1, 50);
        return Combinators.combine(Arbitraries.of(Kind.class), a, b).as(Action::new).list().ofMinSize(1).ofMaxSize(40);
    }

    @Property(tries = 60)
    void behavesLikeAList(@ForAll("actions") List<Action> actions) throws IOException {
        Path folder = Files.createTempDirectory("hub-log-model");
        try (Story story = new Story(folder)) {
            for (Action action : actions) {
                story.happens(action);
            }
            story.check();
            story.reopen();
            story.check();
        } finally {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private static final class Story implements AutoCloseable {

        private final Path folder;
        private final RecordedEvents events = new RecordedEvents();
        private final SettableClock clock = new SettableClock(10);
        private final List<Stored> model = new ArrayList<>();
        private final List<Long> times = new ArrayList<>();
        private long end;
        private long position;
        private SegmentedLog log;
        private Cursor cursor;

        Story(Path folder) throws IOException {
            this.folder = folder;
            open();
        }

        private void open() throws IOException {
            log = SegmentedLog.open(LogFixture.settings(folder), events, clock, new FaultyFiles(), Duration.ofSeconds(5));
            cursor = log.cursors().open("lane", 0);
        }

        void reopen() throws IOException {
            log.close();
            open();
        }

        void happens(Action action) throws IOException {
            switch (action.kind()) {
                case APPEND -> append(action.a() + 1, action.b()).base();
                case APPEND_MANY -> {
                    for (int i = 0; i < action.b(); i++) {
                        append(1 + action.a() % (100 + i), 1 + i);
                    }
                }
                case READ -> read(end == 0 ? 0 : action.a() % end);
                case COMMIT -> {
                    settle();
                    position += end == position ? 0 : action.a() % (end - position + 1);
                    cursor.commit(position, new byte[action.b()]);
                }
                case MOVE -> {
                    settle();
                    position = action.a() % (end + 1);
                    cursor.move(position);
                }
                case REOPEN -> reopen();
                default -> {
                    settle();
                    clock.set(clock.millis() + action.a());
                    findTime(clock.millis() - action.b() * 500L);
                }
            }
        }

        private Appended append(int length, int count) {
            String payload = Character.toString('a' + length % 26).repeat(length);
            Appended frame = new Appended(payload, count);
            log.append(frame);
            model.add(new Stored(end, count, payload));
            times.add(clock.millis());
            end += count;
            assertThat(log.endOffset()).isEqualTo(end);
            return frame;
        }

        private void settle() {
            while (log.durableOffset() < end) {
                Thread.onSpinWait();
            }
        }

        private void read(long from) throws IOException {
            settle();
            List<Stored> behind = model.stream().filter(each -> each.base() + each.count() > from).toList();
            assertThat(LogFixture.readFrom(log, from)).isEqualTo(behind);
            assertThat(log.bytesBehind(from)).isEqualTo(behind.stream().mapToLong(Story::bytes).sum());
            assertThat(log.bytesBehind(end)).isZero();
        }

        private static long bytes(Stored frame) {
            return FrameFormat.HEADER_BYTES + frame.payload().length();
        }

        private void findTime(long time) throws IOException {
            long expected = -1;
            for (int i = 0; i < model.size() && expected < 0; i++) {
                expected = times.get(i) >= time ? model.get(i).base() : -1;
            }
            assertThat(log.offsetAt(time).orElse(-1)).isEqualTo(expected);
        }

        void check() throws IOException {
            read(0);
            assertThat(cursor.position()).isEqualTo(position);
            assertThat(events.lines()).isEmpty();
            assertThat(log.statistics().condition()).isEqualTo("ok");
        }

        @Override
        public void close() throws IOException {
            log.close();
        }
    }
}
