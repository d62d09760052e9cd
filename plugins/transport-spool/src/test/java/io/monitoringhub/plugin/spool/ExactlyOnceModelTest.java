package io.monitoringhub.plugin.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Replies;
import io.monitoringhub.spi.transport.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever processes, hub and fate do to the files: each message is stored once, and those of a client in order. */
class ExactlyOnceModelTest {

    private static final int SLOTS = 3;

    enum Kind { WRITE, SEAL, DIE, LOOK, CRASH_IN_LOOK, HUB_RESTARTS, SDK_SENDS, SDK_DIES_SENDING, SDK_STALLS_SENDING, DROP_PLAIN }

    record Step(Kind kind, int slot, int amount) { }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(Arbitraries.of(Kind.class), Arbitraries.integers().between(0, SLOTS - 1),
                Arbitraries.integers().between(0, 24)).as(Step::new).list().ofMinSize(5).ofMaxSize(40);
    }

    @Property(tries = 150)
    void each_message_is_stored_once_and_in_order(@ForAll("steps") List<Step> steps) throws Exception {
        Path home = Files.createTempDirectory("spool-model");
        try (World world = new World(home)) {
            for (Step step : steps) {
                world.take(step);
            }
            world.finish();
        } finally {
            try (Stream<Path> all = Files.walk(home)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    /** A folder, a hub, and processes. */
    private static final class World implements AutoCloseable {

        private final TestHub hub;
        private final SpoolSettings settings = SpoolSettings.from(TestHub.config(Map.of("abandoned_after", "0s")));
        private final SpoolingSdk[] processes = new SpoolingSdk[SLOTS];
        private final List<SpoolingSdk> all = new ArrayList<>();
        private final List<String> plain = new ArrayList<>();
        private final List<SpoolingSdk.InHand> stalled = new ArrayList<>();
        private SpoolFolder folder;
        private int drops;

        World(Path home) throws IOException {
            hub = new TestHub(home);
            folder = SpoolFolder.open(hub.spool);
            for (int slot = 0; slot < SLOTS; slot++) {
                spawn(slot);
            }
        }

        private void spawn(int slot) {
            processes[slot] = new SpoolingSdk(hub.spool);
            all.add(processes[slot]);
        }

        void take(Step step) throws Exception {
            SpoolingSdk process = processes[step.slot];
            switch (step.kind) {
                case WRITE -> process.write(1 + step.amount);
                case SEAL -> process.seal();
                case DIE -> {
                    process.die();
                    spawn(step.slot);
                }
                case LOOK -> look(-1);
                case CRASH_IN_LOOK -> {
                    look(step.amount);
                    restart();
                }
                case HUB_RESTARTS -> restart();
                case SDK_SENDS, SDK_DIES_SENDING, SDK_STALLS_SENDING -> send(all.get(step.amount % all.size()), step);
                case DROP_PLAIN -> drop(1 + step.amount);
                default -> throw new AssertionError(step);
            }
        }

        private boolean look(int steps) throws InterruptedException {
            // Plain files rest by the clock: a minute on, all have.
            Clock clock = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(1));
            Problems problems = new Problems(hub.ingest().id(), hub.health);
            FileSubmission submission = new FileSubmission(new CrashingIngest(hub.ingest(), steps), settings, 1024);
            Look look = new Look(settings, submission, new Locks("flock"), clock, problems);
            try {
                boolean hasTaken = look.over(List.of(folder));
                problems.report();
                return hasTaken;
            } catch (CrashingIngest.Crash crashed) {
                return true;
            }
        }

        private void restart() throws IOException {
            folder.close();
            hub.restart();
            folder = SpoolFolder.open(hub.spool);
        }

        /** A new process of the service finds the files of an earlier one, or not, and says hello as that one. */
        private void send(SpoolingSdk whose, Step step) throws Exception {
            Optional<SpoolingSdk.InHand> claimed = SpoolingSdk.claim(hub.spool, whose.client());
            if (claimed.isEmpty()) {
                return;
            }
            SpoolingSdk.InHand inHand = claimed.get();
            Session session = connect(inHand.file());
            List<String> lines = inHand.text().lines().toList();
            int sent = step.kind == Kind.SDK_SENDS ? lines.size() : Math.min(lines.size(), step.amount);
            session.receive(bytes(lines.subList(0, sent).stream().map(line -> line + "\n").collect(Collectors.joining())));
            session.end();
            if (step.kind == Kind.SDK_STALLS_SENDING) {
                stalled.add(inHand);
                return;
            }
            if (step.kind == Kind.SDK_SENDS) {
                Files.delete(inHand.file().path());
            }
            inHand.close();
        }

        private Session connect(SpoolFile file) {
            Session session = hub.ingest().open(new Peer("sdk"), new Silent());
            session.receive(bytes("{\"v\":1,\"type\":\"hello\",\"src\":\"svc\",\"ts\":1,\"data\":{\"client\":\"" + file.name().client().orElseThrow()
                    + "\",\"next\":" + file.name().first() + "}}\n"));
            return session;
        }

        private void drop(int lines) throws IOException {
            int drop = drops++;
            List<String> messages = Stream.iterate(0, n -> n < lines, n -> n + 1).map(n -> TestHub.message("plain" + drop + "." + n)).toList();
            plain.addAll(messages);
            Path draft = hub.write("drop" + drop % 2 + ".tmp", String.join("\n", messages));
            Files.move(draft, hub.spool.resolve("drop" + drop + ".ldjson"));
        }

        void finish() throws Exception {
            for (SpoolingSdk process : processes) {
                process.seal();
            }
            for (SpoolingSdk.InHand inHand : stalled) {
                inHand.close();
            }
            boolean hasTaken = true;
            while (hasTaken) {
                hasTaken = look(-1);
            }
            assertThat(hub.names()).isEmpty();
            assertThat(hub.health.reports()).noneMatch(report -> !report.equals("ok"));
            // A session of an SDK does not wait for the disk here, as a real one would before it takes its file away.
            hub.awaitDurable();
            List<String> stored = hub.stored();
            for (SpoolingSdk process : all) {
                assertThat(of(stored, process.client().toString())).isEqualTo(process.written());
            }
            assertThat(of(stored, "plain")).containsExactlyInAnyOrderElementsOf(plain);
        }

        private static List<String> of(Collection<String> stored, String whose) {
            return stored.stream().filter(line -> line.contains("\"" + whose)).toList();
        }

        @Override
        public void close() throws IOException {
            for (SpoolingSdk.InHand inHand : stalled) {
                inHand.close();
            }
            for (SpoolingSdk process : processes) {
                process.die();
            }
            folder.close();
            hub.close();
        }
    }

    /** Nobody reads what the hub answers. */
    private static final class Silent implements Replies {
        @Override
        public void send(ByteBuffer bytes) {
        }

        @Override
        public void resume() {
        }

        @Override
        public void close(String reason) {
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
