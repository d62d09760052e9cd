package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.benchmarks.load.LoadGenerator;
import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.benchmarks.verify.FileProgress;
import io.monitoringhub.benchmarks.verify.VerificationReport;
import io.monitoringhub.benchmarks.verify.Verifier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * A packaged hub that takes messages over TCP and writes them to files, and what it takes to prove that none was lost or doubled.
 *
 * <p>Used by one thread at a time.
 */
final class LoadedHub {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final PackagedHub hub;
    private final int port;

    private LoadedHub(PackagedHub hub, int port) {
        this.hub = hub;
        this.port = port;
    }

    /** Unpacks the hub and starts it with one file backend. */
    static LoadedHub startIn(Path folder) throws IOException, InterruptedException {
        return startIn(folder, "");
    }

    /** The same with further lines of configuration. */
    static LoadedHub startIn(Path folder, String further) throws IOException, InterruptedException {
        int port = TestConfiguration.freePort();
        PackagedHub hub = PackagedHub.unpackInto(folder).configure("""
                transports: { tcp: { port: %d } }
                backends: { archive: { type: filesystem, path: events } }
                %s
                """.formatted(port, further));
        return of(hub, port);
    }

    /** Starts a hub that is configured already: TCP on this port, and a file backend named archive. */
    static LoadedHub of(PackagedHub hub, int port) throws IOException, InterruptedException {
        LoadedHub loaded = new LoadedHub(hub.start(), port);
        // Ready is a hub that takes messages; plugins may still be on their way.
        hub.waitUntil("the lane is served", () -> hub.lane("archive").state().equals("OK"), () -> hub.ask("hub:status"));
        return loaded;
    }

    PackagedHub hub() {
        return hub;
    }

    int port() {
        return port;
    }

    Path events() {
        return hub.data().resolve("events");
    }

    LoadGenerator.Builder load() {
        return LoadGenerator.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)).connections(4);
    }

    /** Waits until so many lines are in the files. */
    void awaitLines(long lines) throws IOException, InterruptedException {
        try {
            new FileProgress(events()).awaitCount(lines, PATIENCE);
        } catch (TimeoutException late) {
            throw new AssertionError(late.getMessage() + "\n" + hub.shell("hub:status").output() + hub.logTail(40), late);
        }
    }

    /** Everything that was sent is in the files: once, unchanged, in order. */
    void assertComplete(LoadReport sent) throws IOException, InterruptedException {
        assertThat(sent.isClean()).as("%s", sent.problems()).isTrue();
        awaitLines(sent.sent());
        VerificationReport found = new Verifier(events()).sent(sent.sentByConnection()).verify();
        assertThat(found.isClean()).as("%s%n%s", found, hub.logTail(60)).isTrue();
    }

    /** The shipped jar of a plugin with another version in its manifest. */
    static Path withVersion(Path jar, String version, Path target) throws IOException {
        return RenumberedJar.write(jar, version, target);
    }
}
