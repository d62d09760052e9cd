package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the packaged hub says of its health, to machines and to people. */
class HealthIT {

    @TempDir
    private Path folder;
    private PackagedHub hub;
    private HubPages pages;
    private int tcp;
    private int http;

    @BeforeEach
    void start() throws Exception {
        tcp = TestConfiguration.freePort();
        http = TestConfiguration.freePort();
        pages = new HubPages(http);
        hub = PackagedHub.unpackInto(folder);
        configure("path: events");
        hub.start();
    }

    private void configure(String archive) throws IOException {
        hub.configure("""
                transports: { tcp: { port: %d }, http: { port: %d } }
                backends: { archive: { type: filesystem, %s } }
                """.formatted(tcp, http, archive));
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void readinessFollowsTransportsAndLanesThatAreRequired() throws Exception {
        assertThat(pages.status("/ready")).isEqualTo(200);
        awaitState("lane archive", "OK");
        assertThat(pages.component("/health", "lane archive")).containsEntry("status", "ok");

        Path occupied = Files.writeString(folder.resolve("a-file"), "");
        configure("path: " + occupied);
        awaitState("lane archive", "FAILED");
        assertThat(pages.component("/ready", "lane archive")).containsEntry("status", "degraded");
        assertThat(pages.component("/ready", "lane archive").get("reason")).contains(occupied.toString());
        assertThat(pages.status("/ready")).as("a lane that nobody requires; its entries wait").isEqualTo(200);

        configure("path: " + occupied + ", delivery: { required: true }");
        hub.waitUntil("the hub is not ready", () -> pages.status("/ready") == 503, () -> pages.body("/ready"));
        assertThat(pages.component("/ready", "lane archive")).containsEntry("status", "unready").containsKey("since");
        assertThat(pages.status("/health")).as("a restart would not help").isEqualTo(200);

        configure("path: events, delivery: { required: true }");
        hub.waitUntil("the hub is ready again", () -> pages.status("/ready") == 200, () -> pages.body("/ready"));

        Files.delete(hub.plugins().resolve("transport-tcp.jar"));
        awaitState("transport:tcp/tcp", "WAITING");
        assertThat(pages.status("/ready")).isEqualTo(503);
        assertThat(pages.component("/ready", "transport:tcp/tcp").get("reason")).contains("waiting for a bundle that provides transport type tcp");
    }

    @Test
    void aRefusedConfigurationAndARefusedJarAreToldAndStopNothing() throws Exception {
        hub.configure("transports: { tcp: { prt: 1 } }");
        hub.waitUntil("the configuration is refused", () -> pages.component("/health", "configuration").get("state").equals("REFUSED"));
        assertThat(pages.component("/health", "configuration").get("reason")).contains("prt");
        Files.writeString(hub.plugins().resolve("backend-broken.jar"), "no jar");
        hub.waitUntil("the jar is refused", () -> pages.component("/health", "plugin backend-broken.jar").get("state").equals("REFUSED"));
        assertThat(pages.status("/ready")).isEqualTo(200);
        assertThat(pages.body("/metrics")).contains("hub_config_in_use 0.0").contains("hub_config_reloads_total{result=\"refused\"} 1.0")
                .contains("hub_plugin_state{file=\"backend-broken.jar\",hub_plugin_state=\"refused\"} 1");
    }

    private void awaitState(String component, String state) {
        hub.waitUntil(component + " is " + state, () -> pages.component("/health", component).getOrDefault("state", "").equals(state), () -> pages.body("/health"));
    }
}
