package io.monitoringhub.distribution.faults;

import io.monitoringhub.benchmarks.load.LoadGenerator;
import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.benchmarks.load.LoadRun;
import io.monitoringhub.benchmarks.verify.FileProgress;
import io.monitoringhub.benchmarks.verify.VerificationReport;
import io.monitoringhub.benchmarks.verify.Verifier;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;

/**
 * Rounds of load with a fault in each. After every round, when all is acknowledged and delivered, every line in every backend's files is
 * compared with what the clients know as acknowledged: nothing may be missing, doubled, changed, or out of its connection's order.
 *
 * <p>Which fault a round has, and its parameters, follow from seed and number of the round; what else happens at that moment does not. A
 * failed round is tried again with {@code --seed S --first N --rounds 1}.
 *
 * <p>Used by one thread at a time.
 */
public final class FaultRun {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final FaultSettings settings;
    private final PrintStream out;
    private final List<Fault> faults;
    private final Map<Integer, Long> sent = new TreeMap<>();
    private final Map<Integer, Long> acknowledged = new TreeMap<>();
    private final List<Round> rounds = new ArrayList<>();
    private FaultyHub faulty;
    private int dataFolders;
    private long comparedLines;

    private FaultRun(FaultSettings settings, PrintStream out) {
        this.settings = settings;
        this.out = out;
        this.faults = new ArrayList<>(settings.faults());
    }

    /**
     * Runs all rounds and prints one line each, then a table.
     *
     * @throws AssertionError in the first round that fails, with all that is needed to repeat and to understand it
     */
    public static void run(FaultSettings settings, PrintStream out) throws IOException, InterruptedException {
        new FaultRun(settings, out).run();
    }

    private void run() throws IOException, InterruptedException {
        out.printf("seed %d, rounds %d to %d, %,d messages/s from %d acknowledging clients, two file backends, in %s%n", settings.seed(),
                settings.first(), settings.first() + settings.rounds() - 1, settings.rate(), settings.connections(), settings.folder());
        long start = System.nanoTime();
        try (FaultyHub hub = new FaultyHub(settings.folder(), settings.seed())) {
            faulty = hub;
            if (!hub.canMoveItsClock() && faults.remove(Fault.CLOCK)) {
                out.println("LEFT OUT: " + Fault.CLOCK.words() + ", because there is no C compiler (cc) here");
            }
            leaveOutWhatTakesRoot();
            for (int done = 0; done < settings.rounds(); done++) {
                if (done % settings.roundsPerData() == 0) {
                    startAnew();
                }
                attempt(settings.first() + done);
            }
            finishData();
        }
        FaultTable.print(out, rounds, comparedLines, (System.nanoTime() - start) / 1e9);
    }

    private void leaveOutWhatTakesRoot() throws InterruptedException {
        if (faults.stream().anyMatch(Fault::needsDisks)) {
            HubDisks.obstacle(settings.folder()).ifPresent(obstacle -> {
                faults.removeIf(Fault::needsDisks);
                out.println("LEFT OUT: all that takes disks of their own, because " + obstacle);
            });
        }
        if (faults.isEmpty()) {
            throw new AssertionError("no fault is left that can be done here");
        }
    }

    private void startAnew() throws IOException, InterruptedException {
        if (dataFolders > 0) {
            finishData();
        }
        sent.clear();
        acknowledged.clear();
        faulty.startAnew("data-" + ++dataFolders, faults.stream().anyMatch(Fault::needsDisks));
    }

    private void finishData() throws IOException, InterruptedException {
        faulty.stopAndCheck();
        compare();
        out.printf("     data folder %d: stopped, compared again, log as it should be%n", dataFolders);
        faulty.deleteData();
    }

    private void attempt(int number) throws IOException, InterruptedException {
        Fault fault = faultOf(number);
        int firstConnection = firstConnection();
        try {
            Round round = round(number, fault);
            rounds.add(round);
            out.printf("%4d %-30s %,9d sent, %,7d sent again, %3d reconnects, %5.1f s  %s%n", number, fault.words(), round.sent(),
                    round.resent(), round.reconnects(), round.seconds(), round.detail());
        } catch (AssertionError | IOException | IllegalStateException failure) {
            throw new AssertionError("round " + number + " (" + fault.words() + ") failed: " + failure.getMessage()
                    + "\nrepeat it: benchmarks/faults --seed " + settings.seed() + " --first " + number + " --rounds 1 --rate " + settings.rate()
                    + " --connections " + settings.connections() + " --faults " + String.join(",", faults.stream().map(Fault::option).toList())
                    + "\nits clients: connections " + firstConnection + " and following; before it in the same data folder: "
                    + inThisData()
                    + "\nkept: " + faulty.hub().data() + "\n" + state(), failure);
        }
    }

    /** Every fault once in each deck, the decks shuffled by the seed: which one a round has does not depend on the rounds before. */
    private Fault faultOf(int number) {
        List<Fault> deck = new ArrayList<>(faults);
        Collections.shuffle(deck, new Random(settings.seed() + (number - 1) / deck.size()));
        return deck.get((number - 1) % deck.size());
    }

    /** Rounds that passed with the data folder of now. */
    private List<Round> inThisData() {
        return rounds.subList((dataFolders - 1) * settings.roundsPerData(), rounds.size());
    }

    private int firstConnection() {
        return sent.size();
    }

    private Round round(int number, Fault fault) throws IOException, InterruptedException {
        Random random = new Random(settings.seed() * 1_000_003 + number);
        long start = System.nanoTime();
        long before = sent.values().stream().mapToLong(Long::longValue).sum();
        LoadReport report;
        String detail;
        LoadGenerator generator = LoadGenerator.to(faulty.address(fault)).connections(settings.connections()).firstConnection(firstConnection())
                .acknowledged(true).reconnectFor(PATIENCE).rate(settings.rate()).messages(0).build();
        try (LoadRun load = generator.start()) {
            awaitAcked(load, settings.rate() / 5);
            FaultyHub.pause(random, 0, 500);
            detail = faulty.inflict(fault, random, load, before);
            awaitAcked(load, load.acked() + settings.rate() / 5);
            load.stop();
            faulty.hub().waitUntil("everything is acknowledged", () -> !load.isRunning(), () -> load.acked() + " of " + load.sent());
            report = load.await();
        }
        faulty.recover();
        if (!report.isClean() || report.acked() != report.sent()) {
            throw new AssertionError("the clients: " + report.acked() + " of " + report.sent() + " acknowledged, " + report.refused()
                    + " refused, " + report.regressions() + " times the hub knew less than it had acknowledged: " + report.problems());
        }
        sent.putAll(report.sentByConnection());
        acknowledged.putAll(report.ackedByConnection());
        compare();
        return Round.of(number, fault, detail, report, (System.nanoTime() - start) / 1e9);
    }

    private void awaitAcked(LoadRun load, long count) {
        faulty.hub().waitUntil(count + " messages are acknowledged", () -> load.acked() >= count || !load.isRunning(),
                () -> load.acked() + " are");
        if (!load.isRunning()) {
            throw new AssertionError("the clients have given up");
        }
    }

    private void compare() throws IOException, InterruptedException {
        long expected = sent.values().stream().mapToLong(Long::longValue).sum();
        for (Path files : faulty.files()) {
            try {
                new FileProgress(files).awaitCount(expected, PATIENCE);
            } catch (TimeoutException late) {
                throw new AssertionError(late.getMessage() + "\n" + new Verifier(files).sent(sent).acknowledged(acknowledged).verify(), late);
            }
            VerificationReport found = new Verifier(files).sent(sent).acknowledged(acknowledged).verify();
            if (!found.isClean() || found.lines() != expected) {
                throw new AssertionError(files + " should hold " + expected + " lines: " + found);
            }
            comparedLines += found.lines();
        }
    }

    private String state() {
        try {
            return faulty.hub().shell("hub:status").output() + faulty.hub().logTail(60);
        } catch (IOException e) {
            return "no shell (" + e + ")\n" + faulty.hub().logTail(60);
        }
    }
}
