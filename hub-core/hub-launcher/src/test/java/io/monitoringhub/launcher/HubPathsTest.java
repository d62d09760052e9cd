package io.monitoringhub.launcher;

import io.monitoringhub.command.ExitCode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubPathsTest {

    @Test
    void everythingDefaultsToPlacesBelowHome() throws Exception {
        HubPaths paths = HubPaths.from(Map.of("HUB_HOME", "/opt/hub"));
        assertThat(paths).isEqualTo(new HubPaths(Path.of("/opt/hub"), Path.of("/opt/hub/conf/hub.yaml"), Path.of("/opt/hub/data"),
                Path.of("/opt/hub/plugins")));
    }

    @Test
    void eachVariableMovesItsPlaceAndAnEmptyOneDoesNot() throws Exception {
        HubPaths paths = HubPaths.from(Map.of("HUB_HOME", "/opt/hub", "HUB_CONF", "/etc/hub.yaml", "HUB_DATA", "/var/lib/hub/../hub",
                "HUB_PLUGINS", ""));
        assertThat(paths).isEqualTo(new HubPaths(Path.of("/opt/hub"), Path.of("/etc/hub.yaml"), Path.of("/var/lib/hub"),
                Path.of("/opt/hub/plugins")));
    }

    @Test
    void theFolderOfPluginsIsNamedWithoutLinksAsFileInstallNamesItsFiles(@TempDir Path folder) throws Exception {
        Path home = Files.createDirectories(folder.toRealPath().resolve("hub-1.0"));
        Path plugins = Files.createDirectories(home.resolve("plugins"));
        Path link = Files.createSymbolicLink(folder.resolve("hub"), home);
        assertThat(HubPaths.from(Map.of("HUB_HOME", link.toString())).plugins()).isEqualTo(plugins);
        assertThat(HubPaths.from(Map.of("HUB_HOME", "/opt/hub", "HUB_PLUGINS", link + "/plugins")).plugins()).isEqualTo(plugins);
    }

    @Test
    void withoutHomeItSaysHowToStart() {
        assertThatThrownBy(() -> HubPaths.from(Map.of())).hasMessageContaining("bin/hub")
                .extracting(e -> ((ExitException) e).exitCode()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void runIsClosedToOthers(@TempDir Path folder) throws Exception {
        HubPaths paths = HubPaths.from(Map.of("HUB_HOME", folder.toString()));
        paths.createDirectories();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(paths.run()))).isEqualTo("rwx------");
    }

    @Test
    void dataThatCannotBeWrittenIsAMatterOfConfiguration(@TempDir Path folder) throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        HubPaths paths = HubPaths.from(Map.of("HUB_HOME", folder.toString(), "HUB_DATA", file.toString()));
        assertThatThrownBy(paths::createDirectories).hasMessageContaining("HUB_DATA")
                .extracting(e -> ((ExitException) e).exitCode()).isEqualTo(ExitCode.CONFIG);
    }
}
