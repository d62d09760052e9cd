package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.benchmarks.load.LoadRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Does what docs/felix-walkthrough.md says, command by command, with messages coming in. */
class FelixWalkthroughIT {

    private static final int RATE = 2_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private static Path folder;
    private static LoadedHub loaded;
    private static PackagedHub hub;
    private String id = "no bundle was named";

    @BeforeAll
    static void start() throws Exception {
        loaded = LoadedHub.startIn(folder);
        hub = loaded.hub();
        Path next = Files.createDirectory(hub.home().resolve("next"));
        LoadedHub.withVersion(hub.plugins().resolve("backend-filesystem.jar"), "0.2.0", next.resolve("backend-filesystem.jar"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (hub != null) {
            hub.close();
        }
    }

    @Test
    void the_page_is_true_and_no_message_is_lost_or_doubled_meanwhile() throws Exception {
        List<WalkThroughPage.Step> steps = WalkThroughPage.read(Path.of("../docs/felix-walkthrough.md")).steps();
        assertThat(steps.stream().map(step -> step.text().split(" ")[0])).contains("lb", "stop", "start", "update", "refresh", "uninstall", "install",
                "touch", "hub:lanes", "hub:plugins");
        LoadReport sent;
        try (LoadRun load = loaded.load().rate(RATE).messages(0).build().start()) {
            for (WalkThroughPage.Step step : steps) {
                // Every state sees some messages.
                awaitSent(load, load.sent() + 20);
                run(step);
            }
            load.stop();
            sent = load.await();
        }
        assertThat(sent.reconnects()).as("the sender noticed nothing").isZero();
        loaded.assertComplete(sent);
    }

    private void run(WalkThroughPage.Step step) throws Exception {
        Pattern expected = step.expected(hub.home().toString());
        AtomicReference<String> seen = new AtomicReference<>("");
        if (step.asks()) {
            hub.waitUntil(step + " says so", PATIENCE, () -> {
                seen.set(hub.ask(real(step)));
                return expected.matcher(seen.get()).matches();
            }, seen::get);
        } else {
            seen.set(step.isShell() ? hub.shell(real(step)).output() : inTheHubsFolder(real(step)));
            assertThat(seen.get()).as("%s", step).matches(expected);
        }
        Matcher found = expected.matcher(seen.get());
        if (found.matches() && found.groupCount() > 0) {
            id = found.group(1);
        }
    }

    private String real(WalkThroughPage.Step step) {
        return step.text().replace("/opt/monitoring-hub", hub.home().toString()).replace("<ID>", id);
    }

    private static String inTheHubsFolder(String command) throws Exception {
        PackagedHub.Outcome outcome = hub.run(List.of("sh", "-c", "cd '" + hub.home() + "' && " + command));
        assertThat(outcome.exitCode()).as("%s: %s", command, outcome.output()).isZero();
        return outcome.output();
    }

    private static void awaitSent(LoadRun load, long count) {
        hub.waitUntil(count + " messages are sent", PATIENCE, () -> load.sent() >= count || !load.isRunning(), () -> load.sent() + " sent");
        assertThat(load.isRunning()).as("the sender runs").isTrue();
    }
}
