package io.monitoringhub.plugin.unix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.testkit.Await;
import io.monitoringhub.testkit.ComponentConfig;
import io.monitoringhub.testkit.RecordingIngest;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class UnixTransportTest {

    private static final Duration GRACE = Duration.ofSeconds(3);

    @TempDir
    private Path home;
    private final List<SocketChannel> clients = new ArrayList<>();
    private RecordingIngest ingest;
    private UnixTransport transport;

    @BeforeEach
    void prepare() {
        ingest = RecordingIngest.silent("unix", home);
        transport = new UnixTransport(config(Map.of()));
    }

    @AfterEach
    void stop() throws Exception {
        for (SocketChannel client : clients) {
            client.close();
        }
        transport.stop(GRACE);
        ingest.close();
        assertThat(ingest.breaches()).isEmpty();
    }

    @Test
    void listens_below_the_data_folder_with_rights_for_its_group_and_leaves_no_file() throws Exception {
        start(Map.of());
        Path path = home.resolve("run/ingest.sock");
        assertThat(transport.address()).isEqualTo(path.toString());
        assertThat(Files.getPosixFilePermissions(path)).isEqualTo(PosixFilePermissions.fromString("rw-rw----"));
        transport.stop(GRACE);
        assertThat(path).doesNotExist();
    }

    @Test
    void the_mode_may_be_written_with_and_without_zero_and_as_yaml_reads_it_without_quotes() throws Exception {
        for (String mode : List.of("0606", "606", "390")) {
            start(Map.of("mode", mode));
            assertThat(Files.getPosixFilePermissions(Path.of(transport.address()))).as(mode)
                    .isEqualTo(PosixFilePermissions.fromString("rw----rw-"));
            transport.stop(GRACE);
        }
    }

    @Test
    void the_group_is_that_which_was_asked_for() throws Exception {
        String group = Files.readAttributes(home, PosixFileAttributes.class).group().getName();
        start(Map.of("group", group));
        assertThat(Files.readAttributes(Path.of(transport.address()), PosixFileAttributes.class).group().getName()).isEqualTo(group);
    }

    @Test
    void the_hub_is_told_whose_process_is_at_the_other_end() throws Exception {
        start(Map.of("allow_users", new String[] {"somebody-else", user()}));
        write(connect(), "hello\n");
        write(connect(), "hello\n");
        assertThat(ingest.session(1).peer().user()).isEqualTo(Optional.of(user()));
        assertThat(ingest.sessions()).extracting(session -> session.peer().address())
                .containsExactlyInAnyOrder(transport.address() + "#1", transport.address() + "#2");
    }

    @Test
    void a_user_who_is_not_allowed_is_turned_away_and_counted_and_is_no_illness_of_the_hub() throws Exception {
        start(Map.of("allow_users", new String[] {"somebody-else"}));
        assertThat(connect().read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(connect().read(ByteBuffer.allocate(1))).isEqualTo(-1);
        Await.until("both are counted", () -> transport.refused(UnixSockets.NOT_ALLOWED) == 2);
        assertThat(ingest.reports()).isEmpty();
        assertThat(ingest.sessions()).isEmpty();
    }

    @Test
    void a_burst_of_messages_arrives_whole_and_in_order() throws Exception {
        start(Map.of("io_threads", 1));
        StringBuilder sent = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            sent.append("line ").append(i).append('\n');
        }
        SocketChannel client = connect();
        write(client, sent.toString());
        client.shutdownOutput();
        assertThat(client.read(ByteBuffer.allocate(1))).as("the hub ends its side when all is read").isEqualTo(-1);
        assertThat(ingest.session(0).text()).isEqualTo(sent.toString());
    }

    @Test
    void all_problems_of_a_configuration_are_named_at_once() {
        Map<String, Object> wrong = Map.of("path", " ", "mode", "0444", "max_connections", 0, "io_threads", 2000, "read_bytes", 1);
        assertThatThrownBy(() -> new UnixTransport(config(wrong)).start(ingest)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("path ' '", "mode '0444': expected octal rights from 0600 to 0777", "max_connections '0'",
                        "io_threads '2000'", "read_bytes '1'");
    }

    @Test
    void the_sample_with_all_its_keys_live_is_the_default_but_for_names() throws Exception {
        String sample = Files.readString(Path.of("src/main/samples/transport-unix.yaml"));
        assertThat(Files.readString(Path.of("README.md"))).contains("```yaml\n" + sample + "```");
        assertThat(sample).contains("# path: run/ingest.sock", "# mode: \"0660\"");
        UnixSettings settings = UnixSettings.from(config(Map.of("path", "run/ingest.sock", "mode", "0660", "group", "monitoring", "allow_users",
                new String[] {"app", "batch"})));
        assertThat(settings.streams()).isEqualTo(UnixSettings.from(config(Map.of())).streams());
        assertThat(settings.group()).hasValue("monitoring");
        assertThat(settings.users()).containsExactlyInAnyOrder("app", "batch");
    }

    private void start(Map<String, Object> values) throws Exception {
        transport = new UnixTransport(config(values));
        transport.start(ingest);
    }

    private static UnixConfig config(Map<String, Object> values) {
        return ComponentConfig.of(UnixConfig.class, values);
    }

    private String user() throws IOException {
        return Files.getOwner(home).getName();
    }

    private SocketChannel connect() throws IOException {
        SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(transport.address()));
        clients.add(client);
        return client;
    }

    private static void write(SocketChannel client, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }
}
