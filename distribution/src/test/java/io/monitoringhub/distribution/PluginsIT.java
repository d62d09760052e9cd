package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jars that come, change, break and go in {@code plugins/} of a hub that runs. One hub serves all tests. */
class PluginsIT {

    private static final String FILE = "demo.jar";

    @TempDir
    private static Path folder;
    private static PackagedHub hub;

    @BeforeAll
    static void start() throws Exception {
        hub = PackagedHub.unpackInto(folder).configure(TestConfiguration.onFreePorts()).start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (hub != null) {
            hub.stop();
            hub.close();
        }
    }

    @AfterEach
    void remove() throws Exception {
        for (String file : new String[] {FILE, "other.jar", "library.jar"}) {
            Files.deleteIfExists(hub.plugins().resolve(file));
            hub.waitUntil(file + " is gone", () -> hub.plugin(file).isEmpty());
        }
    }

    @Test
    void aDroppedJarRunsIsReplacedAndGoes() throws Exception {
        hub.drop(running("1.0.0"), FILE);
        hub.waitForPlugin(FILE, "active");
        hub.drop(running("1.1.0"), FILE);
        hub.waitForPlugin(FILE, "1.1.0");
        assertThat(hub.shell("lb -s demo").output()).contains("1.1.0").doesNotContain("1.0.0");
        hub.waitUntil("the log says so", () -> hub.logTail(50).contains("demo 1.0.0 replaced by demo 1.1.0, pause "));
        Files.delete(hub.plugins().resolve(FILE));
        hub.waitUntil("it is uninstalled", () -> hub.plugin(FILE).isEmpty());
        hub.waitForShell("lb -s demo", bundles -> !bundles.output().contains("1.1.0"));
    }

    @Test
    void garbageDoesNotTouchWhatRuns() throws Exception {
        String id = bundleIdOfRunning("1.0.0");
        Files.writeString(hub.plugins().resolve(FILE), "this is not a jar");
        hub.waitForPlugin(FILE, "refused, previous version runs: not a whole jar");
        assertThat(hub.shell("lb -s demo").output()).contains(id).contains("Active");
    }

    @Test
    void aHalfCopiedJarDoesNotTouchWhatRunsAndTheWholeOneReplacesIt() throws Exception {
        String id = bundleIdOfRunning("1.0.0");
        byte[] whole = Files.readAllBytes(running("1.1.0"));
        Files.write(hub.plugins().resolve(FILE), Arrays.copyOf(whole, whole.length / 2));
        hub.waitForPlugin(FILE, "refused, previous version runs");
        assertThat(hub.shell("lb -s demo").output()).contains(id);
        Files.write(hub.plugins().resolve(FILE), whole);
        hub.waitUntil("the whole one is active", () -> hub.plugin(FILE).contains("1.1.0") && hub.plugin(FILE).endsWith("active"), () -> hub.plugin(FILE));
    }

    @Test
    void aMissingPackageDoesNotTouchWhatRunsAndIsNamed() throws Exception {
        String id = bundleIdOfRunning("1.0.0");
        hub.drop(needingLibrary("1.1.0"), FILE);
        hub.waitForPlugin(FILE, "demo 1.1.0: nobody provides package com.example.library");
        assertThat(hub.shell("lb -s demo").output()).contains(id).contains("Active");
    }

    @Test
    void aMissingPackageThatArrivesLaterIsUsed() throws Exception {
        hub.drop(needingLibrary("1.1.0"), FILE);
        hub.waitForPlugin(FILE, "refused: demo 1.1.0: nobody provides package com.example.library");
        hub.drop(library(), "library.jar");
        hub.waitForPlugin(FILE, "active");
    }

    @Test
    void aLibraryThatGoesStopsItsUserUntilItIsBack() throws Exception {
        hub.drop(library(), "library.jar");
        hub.waitForPlugin("library.jar", "active");
        hub.drop(needingLibrary("1.0.0"), FILE);
        hub.waitForPlugin(FILE, "active");
        Files.delete(hub.plugins().resolve("library.jar"));
        hub.waitForPlugin(FILE, "stopped: nobody provides package com.example.library");
        hub.drop(library(), "library.jar");
        hub.waitForPlugin(FILE, "active");
    }

    @Test
    void aBundleThatDoesNotStartIsTakenBack() throws Exception {
        String id = bundleIdOfRunning("1.0.0");
        hub.drop(TestBundle.of("demo", "1.1.0")
                .activator("demo.Activator", "throw new IllegalStateException(\"no luck\");").writeTo(folder, hub), FILE);
        hub.waitForPlugin(FILE, "failed, rolled back: demo 1.1.0 does not start (java.lang.IllegalStateException: no luck)");
        assertThat(hub.shell("lb -s demo").output()).contains(id).contains("Active");
    }

    @Test
    void theSamePluginUnderASecondNameWaitsUntilTheFirstIsGone() throws Exception {
        hub.drop(running("1.0.0"), FILE);
        hub.waitForPlugin(FILE, "active");
        hub.drop(running("1.1.0"), "other.jar");
        hub.waitForPlugin("other.jar", "refused: demo is already installed from demo.jar: remove one of the two");
        Files.delete(hub.plugins().resolve(FILE));
        hub.waitForPlugin("other.jar", "active");
    }

    @Test
    void equalBytesDoNotRestartIt() throws Exception {
        String id = bundleIdOfRunning("1.0.0");
        Path jar = hub.plugins().resolve(FILE);
        byte[] bytes = Files.readAllBytes(jar);
        Files.writeString(jar, "garbage");
        hub.waitForPlugin(FILE, "refused, previous version runs");
        Files.write(jar, bytes);
        hub.waitUntil("active again", () -> hub.plugin(FILE).endsWith("active"));
        assertThat(hub.shell("lb -s demo").output()).contains(id);
    }

    @Test
    void aComponentThatFailsIsReported() throws Exception {
        hub.drop(TestBundle.of("demo", "1.0.0")
                .component("""
                        <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="demo.Thing" immediate="true">
                          <implementation class="demo.Thing"/>
                        </scr:component>""")
                .source("demo.Thing", "package demo; public class Thing { public Thing() { throw new RuntimeException(\"broken\"); } }")
                .writeTo(folder, hub), FILE);
        hub.waitForPlugin(FILE, "degraded: component demo.Thing failed: java.lang.RuntimeException: broken");
        assertThat(hub.shell("hub:check").exitCode()).isEqualTo(1);
        hub.waitUntil("the log has what SCR tells the LogService", () -> hub.logTail(100).contains("ERROR") && hub.logTail(100).contains("demo.Thing"));
    }

    @Test
    void aComponentThatMissesAServiceIsReported() throws Exception {
        hub.drop(TestBundle.of("demo", "1.0.0")
                .component("""
                        <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="demo.Thing" immediate="true">
                          <implementation class="demo.Thing"/>
                          <reference name="clock" interface="com.example.Clock"/>
                        </scr:component>""")
                .source("demo.Thing", "package demo; public class Thing { }")
                .writeTo(folder, hub), FILE);
        hub.waitForPlugin(FILE, "degraded: component demo.Thing misses clock");
    }

    @Test
    void aConfigurationStaysWithThePluginWhenItsJarIsReplaced() throws Exception {
        hub.drop(TestBundle.of("configurator", "1.0.0")
                .activator("configurator.Activator", """
                        org.osgi.service.cm.ConfigurationAdmin admin = context.getService(
                                context.getServiceReference(org.osgi.service.cm.ConfigurationAdmin.class));
                        java.util.Hashtable<String, Object> values = new java.util.Hashtable<>();
                        values.put("greeting", "hello");
                        admin.getFactoryConfiguration("demo.thing", "one", "?").update(values);
                        """)
                .header("Import-Package", "org.osgi.framework,org.osgi.service.cm").writeTo(folder, hub), "other.jar");
        for (String version : new String[] {"1.0.0", "1.1.0", "1.2.0"}) {
            hub.drop(configured(version), FILE);
            hub.waitForPlugin(FILE, version);
            hub.waitUntil("configured " + version, () -> hub.logTail(20).contains("demo " + version + " says hello"));
        }
    }

    @Test
    void survivesARestartWithABadJar() throws Exception {
        bundleIdOfRunning("1.0.0");
        Files.writeString(hub.plugins().resolve(FILE), "garbage");
        hub.stop();
        hub.start();
        hub.waitForPlugin(FILE, "refused, previous version runs");
        assertThat(hub.shell("lb -s demo").output()).contains("Active").contains("1.0.0");
    }

    @Test
    void aJarRemovedWhileTheHubWasDownIsGone() throws Exception {
        bundleIdOfRunning("1.0.0");
        hub.stop();
        Files.delete(hub.plugins().resolve(FILE));
        hub.start();
        assertThat(hub.plugin(FILE)).isEmpty();
        Files.writeString(hub.plugins().resolve(FILE), "garbage");
        hub.waitForPlugin(FILE, "refused: not a whole jar");
    }

    @Test
    void dotFilesAreDrafts() throws Exception {
        Files.copy(running("1.0.0"), hub.plugins().resolve(".draft.jar"));
        hub.drop(running("1.1.0"), FILE);
        hub.waitForPlugin(FILE, "1.1.0");
        assertThat(hub.plugin(".draft.jar")).isEmpty();
        Files.delete(hub.plugins().resolve(".draft.jar"));
    }

    @Test
    void aFragmentAndAJarWithoutANameAreRefusedInWords() throws Exception {
        hub.drop(TestBundle.of("demo", "1.0.0").header("Fragment-Host", "system.bundle").writeTo(folder, hub), FILE);
        hub.waitForPlugin(FILE, "refused: a fragment");
        hub.drop(TestBundle.of(" ", "1.0.0").writeTo(folder, hub), "other.jar");
        hub.waitForPlugin("other.jar", "refused: not a bundle");
    }

    private static String bundleIdOfRunning(String version) throws Exception {
        hub.drop(running(version), FILE);
        hub.waitForPlugin(FILE, "active");
        return hub.shell("lb -s demo").output().lines().filter(line -> line.contains("demo")).findFirst().orElseThrow();
    }

    private static Path running(String version) throws Exception {
        return TestBundle.of("demo", version).entry("payload", new byte[4096]).writeTo(folder, hub);
    }

    private static Path needingLibrary(String version) throws Exception {
        return TestBundle.of("demo", version).header("Import-Package", "com.example.library;version=\"[1,2)\"").writeTo(folder, hub);
    }

    private static Path library() throws Exception {
        return TestBundle.of("library", "1.0.0").header("Export-Package", "com.example.library;version=1.5")
                .source("com.example.library.Api", "package com.example.library; public class Api { }").writeTo(folder, hub);
    }

    private static Path configured(String version) throws Exception {
        return TestBundle.of("demo", version).header("Import-Package", "org.slf4j")
                .component("""
                        <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="demo.thing" immediate="true"
                                       configuration-policy="require" activate="activate">
                          <implementation class="demo.Thing"/>
                        </scr:component>""")
                .source("demo.Thing", """
                        package demo;
                        public class Thing {
                            public void activate(java.util.Map<String, Object> values) {
                                org.slf4j.LoggerFactory.getLogger("demo").info("demo %s says {}", values.get("greeting"));
                            }
                        }""".formatted(version))
                .writeTo(folder, hub);
    }
}
