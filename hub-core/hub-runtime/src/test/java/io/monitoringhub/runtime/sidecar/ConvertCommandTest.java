package io.monitoringhub.runtime.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.monitoringhub.delivery.routing.RouteRule;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.runtime.config.ConfigurationException;
import io.monitoringhub.runtime.config.ConfigurationFile;
import io.monitoringhub.runtime.config.HubConfiguration;
import io.monitoringhub.runtime.config.HubFolders;
import io.monitoringhub.runtime.config.PluginTypes;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertCommandTest {

    @TempDir
    private Path folder;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void aFileWithNothingSpecialIsConvertedWholeAndLoads() throws Exception {
        assertThat(convert("whole.yaml")).as(out + "" + err).isEqualTo(ConvertCommand.COMPLETE);
        HubConfiguration hub = load(Map.of("PGPASSWORD", "secret"));

        assertThat(hub.transports().get("tcp").properties()).containsEntry("bind", "0.0.0.0").containsEntry("port", 17000);
        assertThat(hub.backends()).containsOnlyKeys("filesystem", "time-scale");
        assertThat(hub.backends().get("filesystem").id().type()).isEqualTo("filesystem");
        assertThat(hub.backends().get("filesystem").properties()).containsEntry("path", "/var/log/monitoring").containsEntry("rotate", "hourly")
                .containsEntry("rotate_bytes", 100 << 20).containsEntry("gzip", true);
        assertThat(hub.backends().get("time-scale").id().type()).isEqualTo("postgresql");
        assertThat(hub.backends().get("time-scale").properties()).containsEntry(".password", "secret").containsEntry("user", "hub");
        assertThat(hub.lanes()).allMatch(lane -> lane.members().get(0).batching().maxEntries() == 500);
        assertThat(lanes(hub, "config-service", MessageType.SPAN)).containsExactly("filesystem");
        assertThat(lanes(hub, "queue-service", MessageType.METRIC)).containsExactlyInAnyOrder("time-scale", "filesystem");
        assertThat(lanes(hub, "queue-service", MessageType.EVENT)).containsExactly("filesystem");
        assertThat(lanes(hub, "queue-service", MessageType.SPAN)).as("its target is off, and the default is for others").isEmpty();
        assertThat(lanes(hub, "batch-7", MessageType.SPAN)).containsExactly("filesystem");
        assertThat(lanes(hub, "unheard-of", MessageType.EVENT)).containsExactly("filesystem");
        assertThat(hub.routes()).filteredOn(rule -> !rule.place().isEnabled()).extracting(RouteRule::to).containsExactly(List.of("filesystem"));

        assertThat(out.toString()).contains("  line 3    tcp.host -> transports.tcp.bind").contains("line 15   backends.filesystem.config.path -> backends.filesystem.path")
                .contains("backends.Time Scale: is called 'time-scale' now").contains("buffers.event.max_size: not needed")
                .contains("an environment variable is written ${env:NAME}").contains("backends.cold: it was off").contains("because backend 'cold' is off")
                .contains("each of its backends gets the entries, whatever its priority").endsWith(" converted, 0 lost\n");
        assertThat(Files.readString(target())).contains("# It was off:\n# cold:\n#   type: s3\n");
        assertThat(Files.getPosixFilePermissions(target())).as("it may hold secrets")
                .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    }

    @Test
    void whatHasNoPlaceIsReportedWithItsLineAndTheRestLoads() throws Exception {
        assertThat(convert("lossy.yaml")).isEqualTo(ConvertCommand.INCOMPLETE);
        HubConfiguration hub = load(Map.of());

        assertThat(hub.backends()).containsOnlyKeys("fs", "statsd");
        assertThat((String[]) hub.backends().get("statsd").properties().get("list")).containsExactly("x", "y");
        assertThat(lanes(hub, "app", MessageType.EVENT)).containsExactly("fs");
        assertThat(lanes(hub, "other", MessageType.METRIC)).containsExactly("fs");
        assertThat(out.toString().split("Has no equivalent:")[1].lines().map(String::strip)).contains(
                "line 1    tcp.nodelay", "line 6    backends[0].timeout", "line 7    backends[0].config.colour", "line 13   routing.app[0].weight",
                "line 17   extra");
        assertThat(out.toString()).contains("line 2    logging: what the hub logs about itself")
                .contains("line 7    backends[0].config.rotation: files end never, hourly, daily")
                .contains("backends[0].config.backup_count: the hub deletes none").contains("backends[0].config.compress: files are compressed by gzip")
                .contains("line 8    backends[1].type: the hub ships no backend of that type").contains("backends[1].config.tags: a plugin's settings")
                .contains("routing.app[0].filter.types: there is no message type 'audit'").contains("routing.app[0].filter.sample_rate: the hub does not")
                .contains("routing.app[1].backend: no backend is called 'nobody'; the file has [fs, statsd]")
                .contains("backends[0].config.directory: a relative path starts in the hub's data folder now");
        assertThat(Files.readString(target())).contains("#   line 17: extra: unknown");
    }

    @Test
    void jsonIsReadTooAndAHubThatDidNotListenDoesNot() throws Exception {
        assertThat(convert("old.json")).as(out + "" + err).isEqualTo(ConvertCommand.COMPLETE);
        HubConfiguration hub = load(Map.of());
        assertThat(hub.transports()).isEmpty();
        assertThat(hub.backends()).containsOnlyKeys("fs");
        assertThat(lanes(hub, "a.b c", MessageType.EVENT)).containsExactly("fs");
        assertThat(lanes(hub, "else", MessageType.EVENT)).containsExactly("fs");
    }

    @Test
    void aFileThatIsNoYamlOrNotInTheOlderLayoutIsRefusedAndNothingIsWritten() throws Exception {
        assertThat(convert("broken.yaml")).isEqualTo(ConvertCommand.BAD_INPUT);
        assertThat(err.toString()).contains("broken.yaml is neither YAML nor JSON").contains("line 4");
        for (String text : List.of("transports: { tcp: {} }\n", "[1, 2]", "", "text", "a: &a { b: *a }", "routing: {}\nrouting: {}\n")) {
            Path file = Files.writeString(folder.resolve("file.yaml"), text);
            assertThat(run(file.toString(), "-o", target().toString())).as(text).isEqualTo(ConvertCommand.BAD_INPUT);
        }
        Files.write(folder.resolve("file.yaml"), new byte[] {(byte) 0xC3, 0x28});
        assertThat(run(folder.resolve("file.yaml").toString())).isEqualTo(ConvertCommand.BAD_INPUT);
        assertThat(target()).doesNotExist();
    }

    @Test
    void oddSectionsAreReportedInsteadOfFailing() throws Exception {
        Path file = Files.writeString(folder.resolve("odd.yaml"), """
                tcp: 17000
                buffers: [1]
                backends: { a: text, "": { config: {} }, b: { config: [1], type: }, "ä": { type: "!", config: {} } }
                routing: [x]
                """);
        assertThat(run(file.toString(), "-o", target().toString())).isEqualTo(ConvertCommand.INCOMPLETE);
        load(Map.of());
        assertThat(out.toString()).contains("line 1    tcp\n").contains("line 3    backends.a\n").contains("line 3    backends.b.config\n")
                .contains("line 4    routing\n");
    }

    @Test
    void exitCodesSayWhatIsWrongWithTheCall() throws Exception {
        assertThat(run()).isEqualTo(ConvertCommand.USAGE);
        assertThat(run("a", "b")).isEqualTo(ConvertCommand.USAGE);
        assertThat(run("a", "-o")).isEqualTo(ConvertCommand.USAGE);
        assertThat(run("a", "-x")).isEqualTo(ConvertCommand.USAGE);
        assertThat(run(folder.resolve("none").toString())).isEqualTo(ConvertCommand.NO_INPUT);
        assertThat(run(folder.toString())).isEqualTo(ConvertCommand.NO_INPUT);
        Files.writeString(target(), "mine");
        assertThat(convert("whole.yaml")).isEqualTo(ConvertCommand.CANNOT_CREATE);
        assertThat(Files.readString(target())).isEqualTo("mine");
        assertThat(run(sample("whole.yaml").toString(), "-o", target().toString(), "--force")).isEqualTo(ConvertCommand.COMPLETE);
        assertThat(Files.readString(target())).startsWith("# Made of whole.yaml");
    }

    @Test
    void withoutATargetTheFileGoesToStandardOutputAndTheReportBeside() throws Exception {
        assertThat(run(sample("whole.yaml").toString())).isEqualTo(ConvertCommand.COMPLETE);
        assertThat(out.toString()).startsWith("# Made of whole.yaml").doesNotContain("converted, ");
        assertThat(err.toString()).startsWith("Converted:\n").endsWith(" converted, 0 lost\n");
    }

    @Test
    void aHubThatIsGivenSuchAFileNamesItAndTheCommand() throws Exception {
        for (String name : List.of("whole.yaml", "lossy.yaml", "old.json")) {
            Path old = sample(name);
            ConfigurationException refused = catchThrowableOfType(ConfigurationException.class, () -> load(old, Map.of("PGPASSWORD", "x")));
            assertThat(refused.problems()).containsExactly("this is a file in the layout of the older sidecar. Convert it: bin/hub convert " + old
                    + " -o hub.yaml");
        }
    }

    private int convert(String name) throws IOException {
        return run(sample(name).toString(), "-o", target().toString());
    }

    private int run(String... arguments) {
        return new ConvertCommand(new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8))
                .run(List.of(arguments));
    }

    private Path sample(String name) throws IOException {
        try (InputStream sample = getClass().getResourceAsStream(name)) {
            return Files.write(folder.resolve(name), sample.readAllBytes());
        }
    }

    private Path target() {
        return folder.resolve("hub.yaml");
    }

    private HubConfiguration load(Map<String, String> environment) throws ConfigurationException {
        return load(target(), environment);
    }

    private HubConfiguration load(Path file, Map<String, String> environment) throws ConfigurationException {
        return new ConfigurationFile(new HubFolders(folder, folder, file), environment).read(PluginTypes.NONE).hub();
    }

    private static Set<String> lanes(HubConfiguration hub, String source, MessageType type) throws IOException {
        Optional<Level> level = type == MessageType.EVENT ? Optional.of(Level.ERROR) : Optional.empty();
        return RouteTable.lanes(RouteTable.of(hub.routes()).matching(source, type, level, ByteBuffer.wrap(new byte[] {'{', '}'})));
    }
}
