package io.monitoringhub.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadinessTest {

    @TempDir
    private Path folder;

    @Test
    void tellsTheAddressesOfTheHubThatIsReady() throws Exception {
        Path file = folder.resolve("ready");
        Readiness readiness = new Readiness(file);
        assertThat(readiness.addresses(42)).isEmpty();
        Files.writeString(file, "42 tcp:127.0.0.1:17000  unix:/run/x\n");
        assertThat(readiness.addresses(42)).contains("tcp:127.0.0.1:17000 unix:/run/x");
        Files.writeString(file, "42\n");
        assertThat(readiness.addresses(42)).contains("");
    }

    @Test
    void whatAKilledHubLeftBehindIsNotReadiness() throws Exception {
        Files.writeString(folder.resolve("ready"), "41 tcp:127.0.0.1:17000\n");
        assertThat(new Readiness(folder.resolve("ready")).addresses(42)).isEmpty();
    }
}
