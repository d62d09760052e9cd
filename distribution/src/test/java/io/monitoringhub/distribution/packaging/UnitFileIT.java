package io.monitoringhub.distribution.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the unit has to say and must not say, whether or not systemd is there to judge it. {@link DebPackageIT} runs its commands. */
class UnitFileIT {

    private static final Path DEPLOY = Path.of("src/main/deploy");

    @Test
    void endsAHubOnlyAfterTheHubItselfWouldHaveGivenUp() throws Exception {
        UnitFile unit = UnitFile.read(DEPLOY.resolve("systemd/monitoring-hub.service"));
        assertThat(unit.seconds("Service.TimeoutStopSec")).as("HubProcess gives up after 120 s").isGreaterThan(120);
        assertThat(unit.all("Service.KillSignal")).as("SIGTERM, which is the default").isEmpty();
        assertThat(unit.one("Service.KillMode")).isEqualTo("mixed");
        long patience = Long.parseLong(unit.command("Service.ExecStartPost", 0).get(2));
        assertThat(unit.seconds("Service.TimeoutStartSec")).as("the check, then the wait for a hub that is not ready").isGreaterThan(patience + 60);
    }

    @Test
    void restartsAHubThatFailedButNotOneThatIsConfiguredWrongly() throws Exception {
        UnitFile unit = UnitFile.read(DEPLOY.resolve("systemd/monitoring-hub.service"));
        assertThat(unit.one("Service.Restart")).isEqualTo("on-failure");
        assertThat(unit.one("Service.RestartPreventExitStatus")).isEqualTo("78");
        assertThat(unit.one("Service.ExecStartPre")).as("a check that fails must not stop the start").startsWith("-/");
    }

    @Test
    void letsTheHubWriteWhereItsDataAreAndLetsJavaCompile() throws Exception {
        UnitFile unit = UnitFile.read(DEPLOY.resolve("systemd/monitoring-hub.service"));
        assertThat(unit.one("Service.ProtectSystem")).isEqualTo("strict");
        assertThat(unit.environment().get("HUB_DATA")).isEqualTo("/var/lib/" + unit.one("Service.StateDirectory"));
        assertThat(unit.one("Service.NoNewPrivileges")).isEqualTo("true");
        assertThat(unit.one("Service.CapabilityBoundingSet")).isEmpty();
        assertThat(unit.all("Service.MemoryDenyWriteExecute")).as("Java writes the code that it runs").isEmpty();
        assertThat(unit.all("Service.ProcSubset")).as("Java asks /proc how much memory there is").isEmpty();
        assertThat(List.of(unit.one("Service.RestrictAddressFamilies").split(" "))).contains("AF_UNIX", "AF_INET", "AF_INET6");
        assertThat(Long.parseLong(unit.one("Service.LimitNOFILE"))).as("more than the connections that a transport takes").isGreaterThan(10_000);
    }
}
