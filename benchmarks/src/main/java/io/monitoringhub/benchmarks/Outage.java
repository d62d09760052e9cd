package io.monitoringhub.benchmarks;

import io.monitoringhub.benchmarks.hub.FillableDisk;
import io.monitoringhub.benchmarks.hub.Heap;
import io.monitoringhub.benchmarks.hub.HubSetup;
import io.monitoringhub.benchmarks.hub.PackagedHub;
import io.monitoringhub.benchmarks.hub.ProcessCost;
import io.monitoringhub.benchmarks.load.LoadGenerator;
import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.benchmarks.load.LoadRun;
import io.monitoringhub.benchmarks.message.Messages;
import io.monitoringhub.benchmarks.verify.FileProgress;
import io.monitoringhub.benchmarks.verify.VerificationReport;
import io.monitoringhub.benchmarks.verify.Verifier;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Command behind {@code benchmarks/outage}: a constant load into two lanes, of which one has a full disk for a long time. Measures what the
 * outage does to ingest and memory, and how quickly the lane catches up while the load goes on; then compares every line in both places.
 *
 * <p>Used by one thread.
 */
public final class Outage {
    private static final int QUARTERS = 4;
    private static final Duration DELIVERY = Duration.ofSeconds(60);
    private static final long POLL_NANOS = 20_000_000;

    private final OutageSettings settings;
    private final List<Phase> phases = new ArrayList<>();
    private final Report report;
    private final Map<Integer, Long> sent = new TreeMap<>();
    private final Map<Integer, Long> acknowledged = new TreeMap<>();
    private boolean isComplete = true;
    private PackagedHub hub;
    private FillableDisk disk;
    private FileProgress healthy;
    private FileProgress away;

    private Outage(OutageSettings settings, Report report) {
        this.settings = settings;
        this.report = report;
    }

    /** Runs the command: exit code 0 = all complete, 1 = something was lost or failed, 64 = wrong options. */
    public static void main(String[] words) throws IOException, InterruptedException {
        OutageSettings settings;
        try {
            settings = OutageSettings.of(new Arguments(words));
        } catch (IllegalArgumentException e) {
            System.err.println("outage: " + e.getMessage());
            System.exit(64);
            return;
        }
        System.exit(new Outage(settings, new Report(words, settings.work())).measure() ? 0 : 1);
    }

    private boolean measure() throws IOException, InterruptedException {
        System.out.println("machine: " + report.machine());
        Path folder = settings.work().resolve("away");
        try (FillableDisk mounted = FillableDisk.mount(settings.work().resolve("away.img"), folder, settings.roomBytes())) {
            disk = mounted;
            HubSetup setup = setup(folder.resolve("files"));
            try (PackagedHub started = PackagedHub.unpack(settings.tarball(), settings.work(), setup)) {
                hub = started;
                healthy = new FileProgress(setup.files());
                away = new FileProgress(folder.resolve("files"));
                hub.start();
                run();
                hub.stop();
                verify("healthy destination", setup.files());
                verify("destination that was away", folder.resolve("files"));
            }
        }
        report.put("phases", phases.stream().map(Phase::json).toList());
        report.put("complete", isComplete);
        report.save(settings.results(), "outage");
        return isComplete;
    }

    private HubSetup setup(Path awayFiles) throws IOException {
        try (InputStream in = HubSetup.class.getResourceAsStream("outage.yaml")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("@AWAY@", awayFiles.toString())
                    .replace("@BUDGET@", Long.toString(settings.budgetBytes()));
            Path template = Files.writeString(settings.work().resolve("outage.yaml"), text);
            return HubSetup.below(settings.work(), settings.durability()).with(Optional.empty(), Optional.of(template));
        }
    }

    private void run() throws IOException, InterruptedException {
        System.out.println("\n" + Phase.HEAD);
        phase("before", until(settings.before()));
        awaitDelivery(away);
        disk.fill();
        long delivered = away.bytes();
        for (int quarter = 1; quarter <= QUARTERS; quarter++) {
            phase("outage, quarter " + quarter, until(settings.seconds() / QUARTERS));
            if (quarter == QUARTERS / 2) {
                lanes("in the middle of the outage");
            }
        }
        lanes("at the end of the outage");
        long meanwhile = away.bytes() - delivered;
        report.put("bytesDeliveredDuringTheOutage", meanwhile);
        System.out.printf(Locale.ROOT, "%ndelivered during the outage: %,d bytes%n", meanwhile);
        check("the destination was away: it got less than a second of the load", meanwhile < oneSecond());
        catchUp();
        phase("afterwards", until(settings.after()));
        awaitDelivery(healthy);
        awaitDelivery(away);
        lanes("afterwards");
    }

    private void catchUp() throws IOException, InterruptedException {
        long before = away.bytes();
        long[] moments = new long[3];
        boolean[] late = new boolean[1];
        phase("catching up", () -> {
            try {
                if (moments[0] == 0) {
                    disk.free();
                    moments[0] = System.nanoTime();
                }
                // The healthy one first: what comes between the two looks must not count as a lag.
                long ahead = healthy.bytes();
                long now = away.bytes();
                if (now > before && moments[1] == 0) {
                    moments[1] = System.nanoTime();
                }
                moments[2] = System.nanoTime();
                late[0] = moments[2] - moments[0] > Duration.ofSeconds(settings.patience()).toNanos();
                return late[0] || now + oneSecond() >= ahead;
            } catch (IOException e) {
                throw new IllegalStateException("cannot look at the destination", e);
            }
        });
        check("it has caught up to a second of the load", !late[0]);
        CatchUp caughtUp = new CatchUp((long) ((away.bytes() - before) / Messages.meanLength()), (moments[1] - moments[0]) / 1e9,
                (moments[2] - moments[1]) / 1e9, settings.rate());
        report.put("catchUp", caughtUp.json());
        System.out.println("\ncaught up: " + caughtUp + "\n");
    }

    /** One load after the other, each with connections of its own, so that each has its own latencies. */
    private void phase(String name, BooleanSupplier isOver) throws IOException, InterruptedException {
        LongSummaryStatistics resident = new LongSummaryStatistics();
        LongSummaryStatistics heap = new LongSummaryStatistics();
        LoadGenerator generator = LoadGenerator.to(hub.address()).connections(settings.connections()).acknowledged(true).messages(0)
                .rate(settings.rate()).firstConnection(phases.size() * settings.connections()).build();
        LoadReport load;
        try (LoadRun run = generator.start()) {
            long nextSample = System.nanoTime();
            while (!isOver.getAsBoolean() && run.isRunning()) {
                if (System.nanoTime() - nextSample >= 0) {
                    nextSample += Duration.ofSeconds(settings.sample()).toNanos();
                    resident.accept(ProcessCost.of(hub.pid()).residentBytes());
                    Heap.of(hub.pid()).ifPresent(now -> heap.accept(now.usedBytes()));
                }
                LockSupport.parkNanos(POLL_NANOS);
                if (Thread.interrupted()) {
                    throw new InterruptedException("during " + name);
                }
            }
            run.stop();
            load = run.await();
        }
        sent.putAll(load.sentByConnection());
        acknowledged.putAll(load.ackedByConnection());
        OptionalLong alive = Heap.alive(hub.pid()).stream().mapToLong(Heap::usedBytes).findFirst();
        phases.add(new Phase(name, load, resident, heap, alive));
        System.out.println(phases.get(phases.size() - 1).row());
        check("the clients have no problem: " + load.problems(), load.isClean() && load.acked() == load.sent());
    }

    private static BooleanSupplier until(long seconds) {
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        return () -> System.nanoTime() - end >= 0;
    }

    private void awaitDelivery(FileProgress destination) throws IOException, InterruptedException {
        try {
            destination.awaitBytes(sent.values().stream().mapToLong(last -> Messages.bytes(1, last)).sum(), DELIVERY);
        } catch (TimeoutException e) {
            check(e.getMessage(), false);
        }
    }

    private void lanes(String when) throws IOException, InterruptedException {
        String lanes = hub.command("shell", "hub:lanes").strip();
        report.put("lanes " + when, lanes);
        System.out.println("\nhub:lanes " + when + ":\n" + lanes + "\n");
    }

    private void verify(String what, Path files) throws IOException {
        VerificationReport found = new Verifier(files).sent(sent).acknowledged(acknowledged).verify();
        report.put(what, found.toString());
        System.out.println(what + ": " + found);
        check(what + " holds everything once and in order", found.isClean());
    }

    private void check(String what, boolean holds) {
        if (!holds) {
            isComplete = false;
            System.out.println("NOT SO: " + what);
        }
    }

    private double oneSecond() {
        return settings.rate() * Messages.meanLength();
    }
}
