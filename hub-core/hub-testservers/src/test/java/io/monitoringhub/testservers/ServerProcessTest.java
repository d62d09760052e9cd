package io.monitoringhub.testservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessTest {

    @TempDir
    private Path folder;

    @Test
    void is_awaited_and_leaves_no_child_behind() throws Exception {
        Path output = folder.resolve("output");
        ServerProcess server = ServerProcess.start("sh", new ProcessBuilder("sh", "-c", "sleep 600 & echo child $!; wait"), output,
                () -> Files.readString(output).startsWith("child "));
        long child = Long.parseLong(Files.readString(output).replaceAll("(?s)child (\\d+)\n.*", "$1"));
        assertThat(ProcessHandle.of(child)).get().matches(ProcessHandle::isAlive);
        server.close();
        assertThat(ProcessHandle.of(child).filter(ProcessHandle::isAlive)).isEmpty();
        assertThat(ProcessHandle.of(server.pid()).filter(ProcessHandle::isAlive)).isEmpty();
        server.close();
    }

    @Test
    void that_ends_while_it_starts_is_told_with_what_it_printed() {
        assertThatThrownBy(() -> ServerProcess.start("the shop", new ProcessBuilder("sh", "-c", "echo 'no such table'; exit 3"),
                folder.resolve("output"), () -> false)).isInstanceOf(IOException.class).hasMessageContaining("the shop ended with 3: no such table");
    }

    @Test
    void never_runs_as_root() throws Exception {
        Path output = folder.resolve("output");
        try (ServerProcess server = ServerProcess.start("id", new ProcessBuilder("sh", "-c", "id -u; sleep 600"), output,
                () -> Files.size(output) > 1)) {
            assertThat(Files.readString(output).strip()).isNotEqualTo("0");
        }
    }

    @Test
    void a_free_port_is_no_other_call_s_and_none_that_the_system_gives_to_others() throws Exception {
        int end = FreePorts.end();
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            ports.add(ServerProcess.freePort());
        }
        assertThat(ports).hasSize(200).allMatch(port -> port < end);
    }

    @Test
    void a_program_that_fails_is_told_with_what_it_printed() {
        assertThatThrownBy(() -> ServerProcess.run(List.of("sh", "-c", "echo oh; exit 7"))).isInstanceOf(IOException.class)
                .hasMessageContaining("ended with 7: oh");
    }
}
