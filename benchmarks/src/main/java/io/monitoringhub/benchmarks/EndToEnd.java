package io.monitoringhub.benchmarks;

import io.monitoringhub.benchmarks.hub.DiskProbe;
import io.monitoringhub.benchmarks.hub.HubSetup;
import io.monitoringhub.benchmarks.hub.PackagedHub;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Command behind {@code benchmarks/run}: measures the packaged hub, and the limit if asked for, and prints a table.
 *
 * <p>Used by one thread.
 */
public final class EndToEnd {
    private static final Duration DISK_AT_RATE = Duration.ofSeconds(10);

    private final Arguments arguments;
    private final String[] words;
    private final Path work;
    private final int repeat;
    private final List<Result> results = new ArrayList<>();
    private volatile PackagedHub running;

    private EndToEnd(String[] words) {
        this.words = words;
        arguments = new Arguments(words, "latency", "limit", "only-limit");
        work = Path.of(arguments.required("work")).toAbsolutePath();
        repeat = (int) arguments.number("repeat", 1);
    }

    /** Runs the command: exit code 0 = all complete, 1 = something was lost or failed, 64 = wrong options. */
    public static void main(String[] words) throws IOException, InterruptedException, TimeoutException {
        EndToEnd run;
        try {
            run = new EndToEnd(words);
        } catch (IllegalArgumentException e) {
            System.err.println("run: " + e.getMessage());
            System.exit(64);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(run::stopHub, "stop-hub"));
        try {
            System.exit(run.measure() ? 0 : 1);
        } catch (IllegalArgumentException e) {
            System.err.println("run: " + e.getMessage());
            System.exit(64);
        }
    }

    private boolean measure() throws IOException, InterruptedException, TimeoutException {
        Measurement measurement = new Measurement(arguments);
        boolean latency = arguments.isSet("latency");
        boolean onlyLimit = arguments.isSet("only-limit");
        boolean limit = arguments.isSet("limit") || onlyLimit;
        Optional<Path> tarball = arguments.text("tarball").map(Path::of);
        Path output = Path.of(arguments.text("results").orElse("results"));
        String name = arguments.text("name").orElse(latency ? "latency" : "throughput");
        HubSetup setup = setup();
        arguments.noOthers();
        Report report = new Report(words, work);
        double before = DiskProbe.medianMillis(work);
        if (!onlyLimit) {
            hubs(measurement, latency, tarball.orElseThrow(() -> new IllegalArgumentException("--tarball is missing")), setup);
        }
        for (int i = 1; i <= repeat && limit; i++) {
            limits(measurement, latency, i);
        }
        double after = DiskProbe.medianMillis(work);
        report.put("fdatasyncMillisBefore", before);
        report.put("fdatasyncMillisAfter", after);
        double acknowledged = onlyLimit ? 0 : measurement.acknowledgedBytesPerSecond();
        Optional<DiskProbe.AtRate> disk = acknowledged == 0 ? Optional.empty() : Optional.of(DiskProbe.atRate(work, acknowledged, DISK_AT_RATE));
        disk.ifPresent(found -> report.put("diskAtThisRate", found.json()));
        report.put("results", results.stream().map(Result::json).toList());
        System.out.println("machine: " + report.machine());
        System.out.printf(Locale.ROOT, "fdatasync of 4 KiB, median: %.3f ms before, %.3f ms after%n%n", before, after);
        print();
        disk.ifPresent(found -> System.out.println("\nthe disk alone at this rate: " + found));
        report.save(output, name);
        return results.stream().allMatch(Result::complete);
    }

    /** What every run's configuration has in common; port and folders are each run's own. */
    private HubSetup setup() throws IOException {
        return HubSetup.below(work, arguments.text("durability").orElse("sync"))
                .with(arguments.text("file-pattern"), arguments.text("template").map(Path::of));
    }

    private void hubs(Measurement measurement, boolean latency, Path tarball, HubSetup setup)
            throws IOException, InterruptedException, TimeoutException {
        for (int i = 1; i <= repeat; i++) {
            Path folder = Files.createDirectories(work.resolve("run-" + i));
            hub(measurement, latency, folder, tarball, HubSetup.below(folder, setup.durability()).with(setup.filePattern(), setup.template()));
            if (i < repeat) {
                delete(folder);
            }
        }
    }

    private void hub(Measurement measurement, boolean latency, Path folder, Path tarball, HubSetup setup)
            throws IOException, InterruptedException, TimeoutException {
        try (PackagedHub hub = PackagedHub.unpack(tarball, folder, setup)) {
            running = hub;
            hub.start();
            Target target = new Target("hub, durability " + setup.durability() + ", " + measurement.load(), hub.address(), hub.pid(),
                    setup.files(), Map.of("ready s", hub.readySeconds()));
            done(latency ? measurement.latency(target) : measurement.throughput(target));
        }
    }

    private void limits(Measurement measurement, boolean latency, int run) throws IOException, InterruptedException, TimeoutException {
        for (String sync : latency ? List.of("0") : List.of("0", "16777216")) {
            Path folder = Files.createDirectories(work.resolve("limit-" + run + "-" + sync));
            Path files = folder.resolve("files");
            Process sink = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-cp",
                    System.getProperty("java.class.path"), RawSink.class.getName(), "--files", files.toString(), "--sync", sync)
                    .redirectError(ProcessBuilder.Redirect.INHERIT).start();
            try {
                int port = Integer.parseInt(sink.inputReader().readLine());
                String what = "limit: socket to file, no parsing, " + (sync.equals("0") ? "no sync" : "fdatasync every 16 MiB");
                Target target = new Target(what, new InetSocketAddress("127.0.0.1", port), sink.pid(), files, Map.of());
                done(latency ? measurement.latency(target) : measurement.throughput(target));
            } finally {
                sink.destroy();
                sink.waitFor();
            }
            delete(folder);
        }
    }

    private void done(Result result) {
        results.add(result);
        System.err.println(result.row());
    }

    /** Frees the disk between runs; the last hub's folder stays for {@code --keep}. */
    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private void print() {
        System.out.println(Result.HEAD);
        Map<String, List<Result>> byKind = new LinkedHashMap<>();
        results.forEach(result -> byKind.computeIfAbsent(result.what(), key -> new ArrayList<>()).add(result));
        byKind.values().forEach(runs -> System.out.println(Result.median(runs).row()));
        Iterator<List<Result>> kinds = byKind.values().iterator();
        double first = kinds.hasNext() ? Result.median(kinds.next()).rate() : 0;
        kinds.forEachRemaining(runs -> System.out.printf(Locale.ROOT, "%nthe first runs at %.0f %% of: %s%n",
                100 * first / Result.median(runs).rate(), runs.get(0).what()));
    }

    private void stopHub() {
        try {
            if (running != null) {
                running.close();
            }
        } catch (IOException | InterruptedException e) {
            System.err.println("run: cannot stop the hub: " + e.getMessage());
        }
    }
}
