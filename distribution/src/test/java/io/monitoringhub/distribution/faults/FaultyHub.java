package io.monitoringhub.distribution.faults;

import io.monitoringhub.benchmarks.load.LoadRun;
import io.monitoringhub.distribution.PackagedHub;
import io.monitoringhub.distribution.RenumberedJar;
import io.monitoringhub.testservers.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A packaged hub with two file backends, and everything that can be done to it.
 *
 * <p>Used by one thread at a time.
 */
final class FaultyHub implements AutoCloseable {

    /** Two lanes that differ in files and in when they commit. Small segments, so that there are closed ones soon; short pauses, for short rounds. */
    private static final String CONFIGURATION = """
            transports: { tcp: { port: %d } }
            backends:
              archive: { type: filesystem, path: archive, file: events.jsonl, rotate: never, rotate_bytes: 67108864 }
              types:
                type: filesystem
                path: disk-backend/types
                file: "{type}.jsonl"
                rotate: never
                flush_ms: 40
                delivery: { retry: { max: 2s } }
            routes:
              - { source: "*", to: [archive, types] }
            log: { path: disk-log/log, segment_size: 8MB }
            """;
    static final String BACKEND = "backend-filesystem.jar";
    private static final String TRANSPORT = "transport-tcp.jar";
    private static final long CUT_BYTES = 400_000;

    private final Path folder;
    private final PackagedHub hub;
    private final Path backend;
    private final Path transport;
    private final InetSocketAddress address;
    private final Optional<MovableClock> clock;
    private final CuttingProxy proxy;
    private Optional<HubDisks> disks = Optional.empty();
    private final Set<Path> damaged = new HashSet<>();
    private int jars;

    FaultyHub(Path folder, long seed) throws IOException, InterruptedException {
        this.folder = folder;
        address = new InetSocketAddress(InetAddress.getLoopbackAddress(), ServerProcess.freePort());
        hub = PackagedHub.unpackInto(folder.resolve("hub")).configure(CONFIGURATION.formatted(address.getPort()));
        backend = Files.copy(hub.plugins().resolve(BACKEND), folder.resolve(BACKEND));
        transport = Files.copy(hub.plugins().resolve(TRANSPORT), folder.resolve(TRANSPORT));
        clock = MovableClock.compileInto(folder);
        clock.ifPresent(movable -> movable.giveTo(hub));
        proxy = new CuttingProxy(address, seed);
    }

    boolean canMoveItsClock() {
        return clock.isPresent();
    }

    PackagedHub hub() {
        return hub;
    }

    /** Where clients connect to while this is done. */
    InetSocketAddress address(Fault fault) {
        return fault == Fault.CUT ? proxy.address() : address;
    }

    /** Where the backends write. */
    List<Path> files() {
        return List.of(hub.data().resolve("archive"), hub.data().resolve(HubDisks.BACKEND + "/types"));
    }

    /** Starts with an empty data folder. @param withDisks whether log and one backend get file systems of their own */
    void startAnew(String name, boolean withDisks) throws IOException, InterruptedException {
        Path data = Files.createDirectories(folder.resolve(name));
        disks = withDisks ? Optional.of(HubDisks.mount(data)) : Optional.empty();
        damaged.clear();
        hub.with("HUB_DATA", data.toString()).start();
    }

    /** Does it; the hub works again, or is about to, when this returns. @param before entries before this load @return with which parameters */
    String inflict(Fault fault, Random random, LoadRun load, long before) throws IOException, InterruptedException {
        return switch (fault) {
            case KILL -> killAndStart();
            case KILL_STARTING -> killWhileItStarts(random);
            case KILL_STOPPING -> killWhileItStops(random);
            case KILL_SWAPPING -> killWhileItSwaps(random);
            case SWAP_TRANSPORT -> swap(TRANSPORT, transport);
            case SWAP_BACKEND -> random.nextBoolean() ? swap(BACKEND, backend) : swap(BACKEND, backend) + ", " + swap(BACKEND, backend);
            case BACKEND_AWAY -> takeBackendAway(random);
            case CUT -> cutConnections(random);
            case DAMAGE -> damage(random);
            case CLOCK -> moveClock(random, load);
            case HANG -> diskFaults().hang(random, load, before, () -> dropNext(BACKEND, backend));
            case FULL_LOG -> diskFaults().fillLog(random, this::killAndStart);
            case FULL_BACKEND -> diskFaults().fillBackend(random, load, before, this::killAndStart);
        };
    }

    /** Undoes what a fault leaves behind on purpose. */
    void recover() throws IOException {
        proxy.cutAfterUpTo(0);
        if (clock.isPresent()) {
            clock.get().move(0);
        }
    }

    /** Ends the hub and checks its log offline: it is whole, but for what was damaged on purpose. */
    void stopAndCheck() throws IOException, InterruptedException {
        PackagedHub.Outcome stop = hub.stop();
        PackagedHub.Outcome check = hub.hub("log", "verify", log().toString());
        // A full disk takes segments that every lane has passed, damaged ones, too.
        boolean isDamaged = damaged.stream().anyMatch(Files::exists);
        if (stop.exitCode() != 0 || check.exitCode() != (isDamaged ? 1 : 0)) {
            throw new AssertionError("hub stop: " + stop + "\nhub log verify, damage was " + (isDamaged ? "" : "not ") + "done on purpose: " + check);
        }
    }

    /** Deletes the data folder of a hub that has ended, and what is mounted there. */
    void deleteData() throws IOException, InterruptedException {
        if (disks.isPresent()) {
            disks.get().delete();
            disks = Optional.empty();
        }
        try (Stream<Path> all = Files.walk(hub.data())) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private DiskFaults diskFaults() {
        return new DiskFaults(hub, disks.orElseThrow(), files().get(0), files().get(1));
    }

    private Path log() {
        return hub.data().resolve(HubDisks.LOG + "/log");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        proxy.close();
        hub.close();
        if (disks.isPresent()) {
            // A round has failed: its data stay, in images that can be mounted.
            disks.get().keep();
        }
    }

    private String killAndStart() throws IOException, InterruptedException {
        hub.kill();
        hub.start();
        return "";
    }

    private String killWhileItStarts(Random random) throws IOException, InterruptedException {
        List<String> moments = new ArrayList<>();
        hub.kill();
        for (int left = 1 + random.nextInt(3); left > 0; left--) {
            Process starting = hub.process(List.of(hub.home().resolve("bin/hub").toString(), "run"))
                    .redirectErrorStream(true).redirectOutput(folder.resolve("killed-start.out").toFile()).start();
            moments.add(pause(random, 100, 1_600));
            starting.destroyForcibly().waitFor();
        }
        hub.start();
        return "at " + String.join(", ", moments);
    }

    private String killWhileItStops(Random random) throws IOException, InterruptedException {
        ProcessHandle process = ProcessHandle.of(hub.pid()).orElseThrow();
        process.destroy();
        String moment = pause(random, 0, 400);
        killHard(process);
        hub.start();
        return moment + " after SIGTERM";
    }

    private String killWhileItSwaps(Random random) throws IOException, InterruptedException {
        dropNext(BACKEND, backend);
        // The folder is polled: the swap itself is somewhere in this span.
        String moment = pause(random, 0, 1_000);
        hub.kill();
        hub.start();
        return moment + " after the jar";
    }

    private String swap(String name, Path jar) throws IOException {
        String version = dropNext(name, jar);
        hub.waitForPlugin(name, version);
        return version;
    }

    private String dropNext(String name, Path jar) throws IOException {
        String version = "1." + ++jars + ".0";
        hub.drop(RenumberedJar.write(jar, version, folder.resolve("next.jar")), name);
        return version;
    }

    private String takeBackendAway(Random random) throws IOException {
        Files.delete(hub.plugins().resolve(BACKEND));
        hub.waitUntil("the backend is gone", () -> hub.plugin(BACKEND).isEmpty());
        String span = pause(random, 0, 1_500);
        swap(BACKEND, backend);
        return "for " + span;
    }

    private String cutConnections(Random random) {
        long before = proxy.cuts();
        proxy.cutAfterUpTo(CUT_BYTES);
        String span = pause(random, 1_000, 2_000);
        proxy.cutAfterUpTo(0);
        return (proxy.cuts() - before) + " cuts in " + span;
    }

    private String damage(Random random) throws IOException, InterruptedException {
        List<Path> passed = new ArrayList<>();
        hub.waitUntil("a closed segment that every lane has passed", () -> passed.addAll(passedSegments()), this::lanes);
        Path segment = passed.get(random.nextInt(passed.size()));
        int flips = 1 + random.nextInt(16);
        try (FileChannel file = FileChannel.open(segment, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (int i = 0; i < flips; i++) {
                long position = (long) (random.nextDouble() * file.size());
                ByteBuffer one = ByteBuffer.allocate(1);
                file.read(one, position);
                file.write(one.put(0, (byte) (one.get(0) ^ 1 + random.nextInt(255))).flip(), position);
            }
        } catch (NoSuchFileException taken) {
            // By a hub that needs the room: there are others.
            return damage(random);
        }
        damaged.add(segment);
        boolean kill = random.nextBoolean();
        if (kill) {
            killAndStart();
        }
        return flips + " bytes of " + segment.getFileName() + (kill ? ", then kill -9" : "");
    }

    private String moveClock(Random random, LoadRun load) throws IOException, InterruptedException {
        long seconds = 1 + random.nextInt(7_200);
        clock.orElseThrow().move(-seconds);
        long until = load.acked() + 5_000;
        hub.waitUntil("messages are acknowledged under the earlier clock", () -> load.acked() > until);
        boolean kill = random.nextBoolean();
        if (kill) {
            killAndStart();
        }
        return "by " + seconds + " s" + (kill ? ", then kill -9" : "");
    }

    /** Segments but the newest whose last entry every lane has committed. */
    private List<Path> passedSegments() {
        long committed = lanes().lines().map(line -> line.split(" +")).filter(cells -> cells.length > 2 && cells[2].matches("\\d+"))
                .mapToLong(cells -> Long.parseLong(cells[2])).min().orElse(0);
        try (Stream<Path> names = Files.list(log())) {
            List<Path> segments = names.filter(path -> path.toString().endsWith(".seg")).sorted().toList();
            List<Path> passed = new ArrayList<>();
            for (int i = 0; i + 1 < segments.size() && firstOffset(segments.get(i + 1)) <= committed; i++) {
                passed.add(segments.get(i));
            }
            return passed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long firstOffset(Path segment) {
        return Long.parseLong(segment.getFileName().toString().replace(".seg", ""));
    }

    private String lanes() {
        try {
            return hub.shell("hub:lanes").output();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void killHard(ProcessHandle process) {
        process.destroyForcibly();
        Path stat = Path.of("/proc/" + process.pid() + "/stat");
        hub.waitUntil("the killed process has gone", () -> {
            try {
                return !Files.readString(stat).matches("(?s).*\\) [^ZX] .*");
            } catch (IOException gone) {
                return true;
            }
        });
    }

    /** Lets a random time pass: not a wait for something, but the moment of a fault. @return how long, in words */
    static String pause(Random random, int fromMillis, int toMillis) {
        int millis = fromMillis + random.nextInt(toMillis - fromMillis);
        long end = System.nanoTime() + millis * 1_000_000L;
        while (end - System.nanoTime() > 0) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
        return millis + " ms";
    }
}
