package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/hub convert}, from a file that the hub refuses to one that it runs with. */
class ConvertIT {

    @TempDir
    private Path folder;
    private PackagedHub hub;

    @BeforeEach
    void unpack() throws Exception {
        hub = PackagedHub.unpackInto(folder);
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void aFileInTheOlderLayoutIsRefusedByNameAndRunsOnceItIsConverted() throws Exception {
        Path old = Files.writeString(folder.resolve("sidecar.yaml"), """
                tcp: { host: 127.0.0.1, port: %d }
                buffers: { max_size: 1000 }
                backends:
                  filesystem: { type: filesystem, enabled: true, config: { path: events } }
                routing:
                  default:
                    - { backend: filesystem, enabled: true, priority: 1, filter: { types: [event] } }
                """.formatted(TestConfiguration.freePort()));
        hub.with("HUB_CONF", old.toString());
        PackagedHub.Outcome refused = hub.hub("start");
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.output()).contains("sidecar.yaml").contains("layout of the older sidecar")
                .contains("bin/hub convert " + old + " -o hub.yaml");

        Path converted = folder.resolve("new.yaml");
        PackagedHub.Outcome outcome = hub.hub("convert", old.toString(), "-o", converted.toString());
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
        assertThat(outcome.output()).contains("line 1    tcp.port -> transports.tcp.port").endsWith(" converted, 0 lost\n");

        hub.with("HUB_CONF", converted.toString()).start();
        assertThat(hub.shell("hub:routes").output()).contains("event").contains("-> filesystem, and go on   (default)");
        assertThat(hub.stop().exitCode()).isZero();
    }

    @Test
    void exitCodesTellWhatHappened() throws Exception {
        Path old = Files.writeString(folder.resolve("sidecar.yaml"), "tcp: { port: 1, extra: 2 }\n");
        assertThat(hub.hub("convert", old.toString()).exitCode()).as("something was lost").isEqualTo(1);
        assertThat(hub.hub("convert").exitCode()).isEqualTo(64);
        assertThat(hub.hub("convert", hub.conf().toString()).exitCode()).as("not in the older layout").isEqualTo(65);
        assertThat(hub.hub("convert", folder.resolve("none").toString()).exitCode()).isEqualTo(66);
        assertThat(hub.hub("convert", old.toString(), "-o", hub.conf().toString()).exitCode()).as("exists").isEqualTo(73);
        assertThat(hub.hub("help", "convert").output()).contains("convert OLD");
    }
}
