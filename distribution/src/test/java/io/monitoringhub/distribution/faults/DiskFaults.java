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

    /** What becomes of an instance that hangs. */
    private enum Ending {
        GOES_ON, REPLACED, KILLED
    }

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
     * A backend hangs: for a while; or its jar is replaced meanwhile; or the hub is killed. A replacement is not asked to be done before the
     * hang ends: Java's interrupt of a thread that writes to a file returns only when the write does, and holds up whoever replaces.
     *
     * @param before how many entries there were before this load
     * @param dropNext puts a new jar of the backend in place, and returns its version
     */
    String hang(Random random, LoadRun load, long before, Action dropNext) throws IOException, InterruptedException {
        Ending ending = Ending.values()[random.nextInt(Ending.values().length)];
        String version = "";
        long start = System.nanoTime();
        try (FrozenDisk frozen = disks.backend().freeze()) {
            othersGoOn(load, before);
            FaultyHub.pause(random, 0, 1_500);
            if (ending == Ending.REPLACED) {
                version = dropNext.run();
                hub.waitForPlugin(FaultyHub.BACKEND, version);
                othersGoOn(load, before);
                FaultyHub.pause(random, 0, 5_000);
            } else if (ending == Ending.KILLED) {
                ProcessHandle.of(hub.pid()).orElseThrow().destroyForcibly();
            }
        }
        String detail = "for " + secondsSince(start);
        if (ending == Ending.REPLACED) {
            hub.waitForPlugin(FaultyHub.BACKEND, version);
            return detail + ", replaced by " + version;
        }
        if (ending == Ending.KILLED) {
            hub.waitUntil("the killed process has gone", () -> !hub.isRunning());
            hub.start();
            return detail + ", kill -9";
        }
        return detail;
    }

    /** A backend's disk is full; in half of the cases the hub is killed meanwhile. @param before entries before this load */
    String fillBackend(Random random, LoadRun load, long before, Action kill) throws IOException, InterruptedException {
        long start = System.nanoTime();
        fill(disks.backend(), "hub:lanes", "No space left");
        othersGoOn(load, before);
        boolean isKilled = killSometimes(random, kill);
        othersGoOn(load, before);
        disks.backend().free();
        return "for " + secondsSince(start) + (isKilled ? ", kill -9 meanwhile" : "");
    }

    /** The log's disk is full; in half of the cases the hub is killed meanwhile. */
    String fillLog(Random random, Action kill) throws IOException, InterruptedException {
        long start = System.nanoTime();
        fill(disks.log(), "hub:status", "is full but for what cursors need");
        boolean isKilled = killSometimes(random, kill);
        disks.log().free();
        return "for " + secondsSince(start) + (isKilled ? ", kill -9 meanwhile" : "");
    }

    private static boolean killSometimes(Random random, Action kill) throws IOException, InterruptedException {
        FaultyHub.pause(random, 0, 1_500);
        boolean isKilled = random.nextBoolean();
        if (isKilled) {
            kill.run();
        }
        return isKilled;
    }

    private static String secondsSince(long start) {
        return "%.1f s".formatted((System.nanoTime() - start) / 1e9);
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
