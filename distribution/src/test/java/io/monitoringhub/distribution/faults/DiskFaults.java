package io.monitoringhub.distribution.faults;

import io.monitoringhub.benchmarks.hub.FillableDisk;
import io.monitoringhub.benchmarks.hub.FrozenDisk;
import io.monitoringhub.benchmarks.load.LoadRun;
import io.monitoringhub.benchmarks.verify.FileProgress;
import io.monitoringhub.distribution.PackagedHub;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Random;

/**
 * Disks that hang or are full, and what the rest of the hub must do meanwhile.
 *
 * <p>Used by one thread at a time.
 */
final class DiskFaults {

    /** So many messages must be acknowledged, and be with the healthy backend, while the other one is away. */
    private static final int FURTHER = 5_000;

    private final PackagedHub hub;
    private final HubDisks disks;
    private final Path healthy;
    private final Path hurt;

    /** What else happens while the disk is away. */
    interface Action {
        String run() throws IOException, InterruptedException;
    }

    /**
     * Faults of a hub's disks.
     *
     * @param healthy what the backend writes that has no disk of its own
     * @param hurt what the other one writes
     */
    DiskFaults(PackagedHub hub, HubDisks disks, Path healthy, Path hurt) {
        this.hub = hub;
        this.disks = disks;
        this.healthy = healthy;
        this.hurt = hurt;
    }

    /**
     * A backend hangs: for a while; or while its jar is replaced; or while the hub is killed, which ends only with the hang.
     *
     * @param before how many entries there were before this load
     */
    String hang(Random random, LoadRun load, long before, Action swap) throws IOException, InterruptedException {
        return switch (random.nextInt(3)) {
            case 0 -> whileItHangs(random, load, before, () -> "");
            case 1 -> whileItHangs(random, load, before, () -> {
                String version = swap.run();
                othersGoOn(load, before);
                return ", replaced by " + version;
            });
            default -> {
                String detail = whileItHangs(random, load, before, this::killLater);
                hub.waitUntil("the killed process has gone", () -> !hub.isRunning());
                hub.start();
                yield detail;
            }
        };
    }

    private String whileItHangs(Random random, LoadRun load, long before, Action action) throws IOException, InterruptedException {
        long start = System.nanoTime();
        try (FrozenDisk frozen = disks.backend().freeze()) {
            othersGoOn(load, before);
            FaultyHub.pause(random, 0, 1_500);
            String detail = action.run();
            return "for %.1f s%s".formatted((System.nanoTime() - start) / 1e9, detail);
        }
    }

    private String killLater() throws IOException {
        ProcessHandle.of(hub.pid()).orElseThrow().destroyForcibly();
        return ", kill -9";
    }

    /** A backend's disk is full; in half of the cases the hub is killed meanwhile. @param before entries before the load */
    String fillBackend(Random random, LoadRun load, long before, Action kill) throws IOException, InterruptedException {
        fill(disks.backend(), "hub:lanes", "No space left");
        othersGoOn(load, before);
        String detail = whileFull(random, kill);
        othersGoOn(load, before);
        disks.backend().free();
        return detail;
    }

    /** The log's disk is full; in half of the cases the hub is killed meanwhile. */
    String fillLog(Random random, Action kill) throws IOException, InterruptedException {
        fill(disks.log(), "hub:status", "is full but for what cursors need");
        String detail = whileFull(random, kill);
        disks.log().free();
        return detail;
    }

    private static String whileFull(Random random, Action kill) throws IOException, InterruptedException {
        String detail = "for some s and " + FaultyHub.pause(random, 0, 1_500);
        if (random.nextBoolean()) {
            kill.run();
            return detail + ", kill -9 meanwhile";
        }
        return detail;
    }

    /** Again and again, because the hub frees what it can do without, until it says that nothing is left. */
    private void fill(FillableDisk disk, String command, String complaint) {
        hub.waitUntil(command + " says: " + complaint, () -> {
            try {
                disk.fill();
                return hub.shell(command).output().contains(complaint);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while filling " + disk.folder(), e);
            }
        }, () -> shell(command));
    }

    /** Ingest goes on, and the healthy backend gets all that is acknowledged by then, while the other one does not. */
    private void othersGoOn(LoadRun load, long before) throws IOException {
        long more = load.acked() + FURTHER;
        hub.waitUntil("further messages are acknowledged", () -> load.acked() >= more || !load.isRunning(), () -> load.acked() + " of " + more);
        long wanted = before + load.acked();
        FileProgress progress = new FileProgress(healthy);
        hub.waitUntil("the other backend has all that is acknowledged", () -> count(progress) >= wanted,
                () -> count(progress) + " of " + wanted + "\n" + shell("hub:lanes"));
        long arrived = new FileProgress(hurt).count();
        if (arrived >= wanted) {
            throw new AssertionError("the fault was none: " + hurt + " has " + arrived + " lines, the other backend was asked for " + wanted);
        }
    }

    private static long count(FileProgress progress) {
        try {
            return progress.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String shell(String command) {
        try {
            return hub.shell(command).output();
        } catch (IOException e) {
            return command + ": " + e;
        }
    }
}
