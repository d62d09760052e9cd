package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Plugins that are worse than the version before them, in code that the hub calls: activators and components that throw or never come back.
 * One hub serves all tests; a backend of each test's plugin has a lane.
 */
class PluginSafetyIT {

    private static final String FILE = "demo.jar";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String PLUGIN = "plugin " + FILE;
    private static final String FOR_EVER = "java.nio.file.Path end = java.nio.file.Path.of(\"%s\");"
            + " while (!java.nio.file.Files.exists(end)) { java.util.concurrent.locks.LockSupport.parkNanos(20_000_000L); Thread.interrupted(); }";

    @TempDir
    private static Path folder;
    private static PackagedHub hub;
    private static HubPages pages;
    private static String configuration;

    @BeforeAll
    static void start() throws Exception {
        int http = TestConfiguration.freePort();
        pages = new HubPages(http);
        configuration = """
                transports: { http: { port: %d } }
                backends: { archive: { type: filesystem, path: events }, demo: { type: demo } }
                """.formatted(http);
        hub = PackagedHub.unpackInto(folder).configure(configuration).start();
        hub.waitUntil("the hub has taken its plugins", () -> hub.plugin("backend-filesystem.jar").endsWith("active"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (hub != null) {
            hub.close();
        }
    }

    @AfterEach
    void remove() throws Exception {
        use(configuration);
        Files.deleteIfExists(hub.plugins().resolve(FILE));
        hub.waitUntil(FILE + " is gone", () -> hub.plugin(FILE).isEmpty());
    }

    @Test
    void a_start_that_does_not_end_is_ended_and_the_version_before_runs_again() throws Exception {
        String id = bundleIdOfRunning(TestBundle.of("demo", "1.0.0"));
        double before = refused("start_limit");
        startsAreShort();
        hub.drop(TestBundle.of("demo", "1.1.0").activator("demo.Activator", "new java.util.concurrent.CountDownLatch(1).await();")
                .writeTo(folder, hub), FILE);
        awaitPlugin("failed, rolled back: demo 1.1.0 has not started after 2000 ms");
        hub.waitForShell("lb -s demo", bundles -> bundles.output().contains(id) && bundles.output().contains("Active")
                && !bundles.output().contains("1.1.0"));
        hub.waitUntil("it is counted", () -> refused("start_limit") == before + 1, () -> "" + refused("start_limit"));
        Map<String, String> health = pages.component("/health", PLUGIN);
        assertThat(health).containsEntry("status", "degraded").containsEntry("state", "ROLLED_BACK").containsKey("since");
        assertThat(health.get("reason")).contains("has not started after 2000 ms (plugins.start_limit)");
    }

    @Test
    void a_start_that_minds_no_interrupt_is_left_to_itself_and_keeps_neither_other_jars_nor_the_end_of_the_hub() throws Exception {
        Path end = folder.resolve("end-of-start");
        String id = bundleIdOfRunning(TestBundle.of("demo", "1.0.0"));
        Path hanging = TestBundle.of("demo", "1.1.0").activator("demo.Activator", FOR_EVER.formatted(end)).writeTo(folder, hub);
        startsAreShort();
        hub.drop(hanging, FILE);
        awaitPlugin("failed, rolled back: demo 1.1.0 has not started");
        assertThat(hub.shell("lb -s demo").output()).contains(id);
        use(configuration);
        hub.drop(TestBundle.of("demo", "1.2.0").writeTo(folder, hub), FILE);
        awaitPlugin("1.2.0");
        hub.drop(hanging, FILE);
        awaitPlugin("demo 1.1.0 hangs since it was tried before");
        assertThat(hub.plugin(FILE)).contains("1.2.0");
        assertThat(hub.stop().exitCode()).as("the hub waits no two minutes for it").isZero();
        assertThat(hub.logTail(20)).contains("the hub has stopped; demo 1.1.0 hang since they were tried and are left behind");
        Files.delete(hub.plugins().resolve(FILE));
        hub.start();
    }

    @Test
    void a_plugin_that_nobody_configured_keeps_nobody_waiting_for_the_hub() throws Exception {
        Path end = folder.resolve("end-of-slow-start");
        hub.stop();
        hub.drop(TestBundle.of("demo", "1.0.0").activator("demo.Activator", FOR_EVER.formatted(end)).writeTo(folder, hub), FILE);
        hub.start();
        assertThat(pages.component("/health", "transport:http/http")).containsEntry("status", "ok");
        assertThat(pages.component("/health", PLUGIN)).containsEntry("status", "ok").containsEntry("state", "NEW");
        assertThat(hub.plugin(FILE)).endsWith("being looked at");
        Files.createFile(end);
        awaitPlugin("active");
        assertThat(hub.hub("plugins").output()).contains("demo", "codec-jobevent.jar", "backend-s3.jar");
    }

    @Test
    void a_component_that_worked_and_throws_now_is_taken_back_and_after_a_restart_the_good_version_stands_in() throws Exception {
        bundleIdOfRunning(component("1.0.0", "", ""));
        hub.drop(component("1.1.0", "throw new RuntimeException(\"broken\");", "").writeTo(folder, hub), FILE);
        awaitPlugin("failed, rolled back: demo 1.1.0: component demo.Thing failed: java.lang.RuntimeException: broken");
        assertThat(hub.shell("lb -s demo").output()).contains("1.0.0").doesNotContain("1.1.0");
        assertThat(refused("component")).isPositive();
        hub.stop();
        hub.start();
        awaitPlugin("refused, previous version runs: demo 1.1.0: component demo.Thing failed");
        assertThat(hub.shell("lb -s demo").output()).contains("1.0.0").contains("Active");
    }

    @Test
    void a_component_that_worked_and_misses_a_service_now_is_taken_back() throws Exception {
        bundleIdOfRunning(component("1.0.0", "", ""));
        hub.drop(component("1.1.0", "", "<reference name=\"clock\" interface=\"com.example.Clock\"/>").writeTo(folder, hub), FILE);
        awaitPlugin("failed, rolled back: demo 1.1.0: component demo.Thing misses clock");
    }

    @Test
    void a_component_that_never_worked_is_no_reason_to_keep_the_version_before() throws Exception {
        hub.drop(component("1.0.0", "throw new RuntimeException(\"broken\");", "").writeTo(folder, hub), FILE);
        awaitPlugin("degraded: component demo.Thing failed");
        hub.drop(component("1.1.0", "throw new RuntimeException(\"broken\");", "").writeTo(folder, hub), FILE);
        awaitPlugin("1.1.0");
        hub.drop(component("1.2.0", "", "").writeTo(folder, hub), FILE);
        awaitPlugin("active");
        assertThat(hub.plugin(FILE)).contains("1.2.0");
    }

    @Test
    void a_backend_whose_new_version_throws_hangs_or_is_not_there_leaves_its_lane_to_the_version_before() throws Exception {
        Path end = folder.resolve("end-of-constructor");
        bundleIdOfRunning(backend("1.0.0", ""));
        awaitLane();
        hub.drop(backend("1.1.0", "if (true) throw new IllegalStateException(\"no luck\");").writeTo(folder, hub), FILE);
        awaitPlugin("failed, rolled back: demo 1.1.0: component demo.Sink failed: java.lang.IllegalStateException: no luck");
        awaitLane();
        hub.drop(TestBundle.of("demo", "1.2.0").writeTo(folder, hub), FILE);
        awaitPlugin("failed, rolled back: demo 1.2.0: no component takes the configuration hub.backend.demo~demo any more");
        awaitLane();
        startsAreShort();
        hub.drop(backend("1.3.0", FOR_EVER.formatted(end)).writeTo(folder, hub), FILE);
        awaitPlugin("failed, rolled back: demo 1.3.0 has not started");
        awaitLane();
        Files.createFile(end);
        hub.waitForShell("lb -s demo", bundles -> !bundles.output().contains("1.3.0"));
        awaitLane();
        use(configuration);
        hub.drop(backend("1.4.0", "").writeTo(folder, hub), FILE);
        awaitPlugin("1.4.0");
        awaitLane();
    }

    @Test
    void what_is_done_in_the_shell_is_shown_and_not_undone() throws Exception {
        Path jar = backend("1.0.0", "").writeTo(folder, hub);
        hub.drop(jar, FILE);
        awaitPlugin("active");
        String id = bundleId();
        hub.shell("stop " + id);
        awaitPlugin("stopped: by hand; 'start " + id + "' in the shell starts it");
        hub.drop(Files.writeString(folder.resolve("garbage"), "garbage"), FILE);
        awaitPlugin("refused, previous version runs: not a whole jar");
        assertThat(hub.shell("lb -s demo").output()).as("a refusal starts nothing").contains("Resolved");
        hub.drop(jar, FILE);
        awaitPlugin("stopped: by hand");
        hub.shell("start " + id);
        awaitPlugin("active");
        Path next = Files.copy(backend("1.5.0", "").writeTo(folder, hub), folder.resolve("by-hand.jar"));
        hub.shell("update " + id + " " + next.toUri());
        awaitPlugin("active: updated by hand");
        assertThat(hub.plugin(FILE)).contains("1.5.0");
        awaitLane();
        hub.shell("uninstall " + id);
        awaitPlugin("stopped: uninstalled by hand");
        hub.drop(jar, FILE);
        awaitPlugin("active");
        assertThat(hub.plugin(FILE)).contains("1.0.0");
    }

    @Test
    void signatures_can_be_asked_for_while_the_hub_runs() throws Exception {
        SigningKey key = SigningKey.createIn(folder);
        String terms = configuration + "plugins: { verify: %s, keystore: \"" + key.certificate() + "\" }\n";
        hub.drop(backend("1.0.0", "").writeTo(folder, hub), FILE);
        awaitPlugin("active");

        use(terms.formatted("require"));
        awaitPlugin("runs, but would be refused: signature: it is not signed");
        assertThat(pages.component("/health", PLUGIN)).containsEntry("state", "UNVERIFIED").containsEntry("status", "degraded");
        Path unsigned = backend("1.1.0", "").writeTo(folder, hub);
        hub.drop(unsigned, FILE);
        awaitPlugin("refused, previous version runs: signature: it is not signed");
        assertThat(hub.plugin(FILE)).contains("1.0.0").contains("Sign the jar with jarsigner").contains(key.certificate().toString());
        assertThat(refused("signature")).isPositive();

        use(terms.formatted("warn"));
        awaitPlugin("1.1.0");
        awaitPlugin("active: signature: it is not signed");
        assertThat(pages.metrics().get("hub_plugin_unverified_total")).isPositive();

        use(terms.formatted("require"));
        awaitPlugin("runs, but would be refused");
        hub.drop(key.sign(backend("1.2.0", "").writeTo(folder, hub)), FILE);
        awaitPlugin("1.2.0");
        hub.waitUntil("it is good", () -> hub.plugin(FILE).endsWith("active"));
        awaitLane();

        // What lies in run/good is looked at, too.
        hub.stop();
        hub.drop(unsigned, FILE);
        Files.copy(unsigned, hub.data().resolve("run/good").resolve(FILE), StandardCopyOption.REPLACE_EXISTING);
        String needed = "transport-http.jar";
        hub.drop(key.sign(Files.copy(hub.plugins().resolve(needed), folder.resolve(needed))), needed);
        hub.start();
        awaitPlugin("refused: signature: it is not signed");
        use(configuration + "plugins: { verify: off }\n");
        hub.waitUntil("nobody asks", () -> hub.plugin(FILE).endsWith("active"), () -> hub.plugin(FILE));
    }

    private static void use(String yaml) throws Exception {
        assertThat(hub.configure(yaml).shell("hub:reload").output()).contains("was read again");
    }

    /** Only here: a busy machine may take longer for a good one. */
    private static void startsAreShort() throws Exception {
        use(configuration + "plugins: { start_limit: 2s }\n");
    }

    private static void awaitPlugin(String words) {
        hub.waitUntil(FILE + " is '" + words + "'", PATIENCE, () -> hub.plugin(FILE).contains(words), () -> "it is: " + hub.plugin(FILE));
    }

    private static void awaitLane() {
        hub.waitUntil("the lane is served", PATIENCE, () -> hub.lane("demo").state().equals("OK"), () -> hub.ask("hub:lanes"));
    }

    private static double refused(String reason) {
        return pages.metrics().get("hub_plugin_refused_total{reason=\"" + reason + "\"}");
    }

    private static String bundleIdOfRunning(TestBundle bundle) throws Exception {
        hub.drop(bundle.writeTo(folder, hub), FILE);
        awaitPlugin("active");
        return bundleId();
    }

    private static String bundleId() throws Exception {
        return hub.shell("lb -s demo").output().lines().filter(line -> line.contains("|demo ")).findFirst().orElseThrow().split("\\|")[0].strip();
    }

    private static TestBundle component(String version, String constructor, String reference) {
        return TestBundle.of("demo", version).component("""
                <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="demo.Thing" immediate="true">
                  <implementation class="demo.Thing"/>%s
                </scr:component>""".formatted(reference))
                .source("demo.Thing", "package demo; public class Thing { public Thing() { %s } }".formatted(constructor));
    }

    /** One that takes everything and does nothing with it. SCR makes it when the hub wants it. */
    private static TestBundle backend(String version, String constructor) {
        return TestBundle.of("demo", version).header("Import-Package", "io.monitoringhub.spi.backend,io.monitoringhub.spi").component("""
                <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="demo.Sink" configuration-policy="require"
                               configuration-pid="hub.backend.demo">
                  <service><provide interface="io.monitoringhub.spi.backend.Backend"/></service>
                  <implementation class="demo.Sink"/>
                </scr:component>""")
                .source("demo.Sink", """
                        package demo;
                        import io.monitoringhub.spi.backend.*;
                        public class Sink implements Backend {
                            public Sink() { %s }
                            public long open(BackendContext context) { return context.committed(); }
                            public WriteResult write(Batch batch) { return WriteResult.allWritten(); }
                            public void close() { }
                        }""".formatted(constructor));
    }
}
