package io.monitoringhub.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShellSocketTest {

    @TempDir
    private Path folder;

    @Test
    void liesInRunWhereThePathIsShortEnough() throws Exception {
        HubPaths paths = paths(folder);
        assertThat(new ShellSocket(paths).prepare()).isEqualTo(paths.run().resolve("hub.sock"));
        assertThat(new ShellSocket(paths).locate()).isEqualTo(paths.run().resolve("hub.sock"));
    }

    @Test
    void movesToAPrivateFolderWhereItIsNotAndLeavesNothingBehind() throws Exception {
        ShellSocket socket = new ShellSocket(paths(folder.resolve("x".repeat(120))));
        Path first = socket.prepare();
        assertThat(first.toString().length()).isLessThan(108);
        assertThat(socket.locate()).isEqualTo(first);
        Path second = socket.prepare();
        assertThat(first.getParent()).as("left by a hub that was killed").doesNotExist();
        socket.remove();
        assertThat(second.getParent()).doesNotExist();
    }

    private static HubPaths paths(Path data) throws Exception {
        HubPaths paths = HubPaths.from(Map.of("HUB_HOME", "/opt/hub", "HUB_DATA", data.toString()));
        Files.createDirectories(paths.run());
        return paths;
    }
}
