package io.monitoringhub.plugin.spool;

import static io.monitoringhub.plugin.spool.TestHub.lines;
import static io.monitoringhub.plugin.spool.TestHub.message;
import static io.monitoringhub.plugin.spool.TestHub.messages;
import static io.monitoringhub.plugin.spool.TestHub.name;
import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Replies;
import io.monitoringhub.spi.transport.Session;
import io.monitoringhub.testkit.Await;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTransportTest {

    private static final Duration GRACE = Duration.ofSeconds(60);
    private static final Map<String, Object> AT_ONCE = Map.of("abandoned_after", "0s");
    private static final UUID CLIENT = UUID.fromString("6f2c7a30-5a0e-4d0b-9d5e-0b8f1f0c9a11");

    @TempDir
    private Path home;
    private TestHub hub;
    private SpoolTransport transport = new SpoolTransport(TestHub.config(Map.of()));

    @BeforeEach
    void open() throws Exception {
        hub = new TestHub(home);
    }

    @AfterEach
    void close() throws Exception {
        transport.stop(GRACE);
        hub.close();
    }

    @Test
    void files_of_a_client_are_taken_in_the_order_of_their_numbers_and_deleted() throws Exception {
        hub.write(name(CLIENT, 101, "ldjson"), lines(101, 150));
        hub.write(name(CLIENT, 21, "ldjson"), lines(21, 100));
        hub.write(name(CLIENT, 1, "ldjson"), lines(1, 20));
        start(Map.of());
        awaitEmpty();
        assertThat(hub.stored()).isEqualTo(messages(1, 150));
    }

    @Test
    void what_the_hub_has_from_the_clients_own_connection_is_not_stored_again() throws Exception {
        Session session = connect(CLIENT, 1);
        send(session, lines(1, 30));
        session.end();
        hub.write(name(CLIENT, 11, "ldjson"), lines(11, 50));
        start(Map.of());
        awaitEmpty();
        assertThat(hub.stored()).isEqualTo(messages(1, 50));
    }

    @Test
    void the_file_of_a_client_that_is_connected_waits_and_others_do_not() throws Exception {
        Session session = connect(CLIENT, 1);
        hub.write(name(CLIENT, 1, "ldjson"), lines(1, 3));
        UUID other = UUID.randomUUID();
        start(Map.of());
        Await.until("it is in hand", () -> hub.names().equals(List.of(name(CLIENT, 1, "claimed-hub"))));
        hub.write(name(other, 1, "ldjson"), lines(7, 9));
        Await.until("the other's is taken", () -> hub.storedCount() == 3);
        Await.until("only the first is left", () -> hub.names().equals(List.of(name(CLIENT, 1, "claimed-hub"))));
        session.end();
        awaitEmpty();
        assertThat(hub.storedCount()).isEqualTo(6);
    }

    @Test
    void a_file_that_a_living_process_writes_is_left_alone_and_taken_once_it_has_died() throws Exception {
        Path file = hub.write(name(CLIENT, 1, "open-java"), lines(1, 3) + "{\"v\":1,\"half a li");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE); FileLock lock = channel.lock()) {
            start(AT_ONCE);
            passLook();
            assertThat(lock.isValid()).isTrue();
            assertThat(file).exists();
        }
        awaitEmpty();
        assertThat(hub.stored()).hasSize(4).endsWith(messages(1, 3).toArray(String[]::new));
    }

    @Test
    void a_lock_of_flock_is_seen_too() throws Exception {
        Path file = hub.write(name(CLIENT, 1, "open"), lines(1, 3));
        Process writer = new ProcessBuilder("flock", "-x", file.toString(), "sh", "-c", "echo locked; cat").start();
        try {
            assertThat(writer.inputReader().readLine()).isEqualTo("locked");
            start(AT_ONCE);
            passLook();
            assertThat(file).exists();
        } finally {
            writer.getOutputStream().close();
            writer.waitFor();
        }
        awaitEmpty();
        assertThat(hub.storedCount()).isEqualTo(4);
    }

    @Test
    void while_an_sdk_sends_a_file_the_others_of_its_client_wait() throws Exception {
        Path sent = hub.write(name(CLIENT, 11, "claimed-java"), lines(11, 20));
        hub.write(name(CLIENT, 1, "ldjson"), lines(1, 10));
        hub.write(name(CLIENT, 21, "ldjson"), lines(21, 30));
        try (FileChannel channel = FileChannel.open(sent, StandardOpenOption.WRITE); FileLock lock = channel.lock()) {
            start(AT_ONCE);
            passLook();
            assertThat(lock.isValid()).isTrue();
            assertThat(hub.names()).containsExactlyInAnyOrder(name(CLIENT, 1, "ldjson"), name(CLIENT, 11, "claimed-java"),
                    name(CLIENT, 21, "ldjson"));
        }
        awaitEmpty();
        assertThat(hub.stored().stream().filter(line -> !line.contains("pass")).toList()).isEqualTo(messages(1, 30));
    }

    @Test
    void what_an_earlier_hub_had_in_hand_goes_on_where_it_stopped() throws Exception {
        Session session = connect(CLIENT, 1);
        send(session, lines(1, 7));
        session.end();
        hub.restart();
        hub.write(name(CLIENT, 1, "claimed-hub"), lines(1, 20));
        start(Map.of());
        awaitEmpty();
        assertThat(hub.stored()).isEqualTo(messages(1, 20));
    }

    @Test
    void plain_files_are_deliveries_of_their_own_even_if_they_are_alike() throws Exception {
        hub.write("b.ldjson.tmp", lines(1, 1));
        hub.write(".c.ldjson", lines(1, 1));
        hub.write("a b.ldjson", lines(1, 2) + message(3));
        start(Map.of());
        Await.until("it is taken", () -> hub.storedCount() == 3);
        hub.write("a b.ldjson", lines(1, 2) + message(3));
        Await.until("it is taken again", () -> hub.storedCount() == 6);
        Await.until("only drafts are left", () -> hub.names().equals(List.of(".c.ldjson", "b.ldjson.tmp")));
    }

    @Test
    void a_plain_file_in_hand_keeps_its_identity_over_a_restart() throws Exception {
        UUID given = new UUID(0x8000L, 2L << 62);
        Session session = connect(given, 1);
        send(session, lines(1, 2));
        session.end();
        hub.restart();
        hub.write("x-" + given + "-1.dropped-hub", lines(1, 2) + message(3));
        start(Map.of());
        awaitEmpty();
        assertThat(hub.stored()).isEqualTo(messages(1, 3));
    }

    @Test
    void bad_lines_are_refused_and_do_not_stop_the_file() throws Exception {
        hub.write(name(CLIENT, 1, "ldjson"), message(1) + "\nnonsense\n\n" + message(3) + "\n");
        start(Map.of());
        awaitEmpty();
        assertThat(hub.stored()).containsExactly(message(1), message(3));
    }

    @Test
    void a_file_that_holds_no_message_goes_to_quarantine_with_the_reason_and_shows_in_health() throws Exception {
        hub.write("notes.ldjson", "this is\nno JSON\n");
        hub.write("large.ldjson", lines(1, 20));
        start(Map.of("max_file", "1KB"));
        Await.until("degraded", () -> hub.health.reports().stream().anyMatch(report -> report.contains("2 files in ")));
        assertThat(bad("notes-.*\\.ldjson\\.reason")).contains("none of its 2 lines is a message; line 1: not_object");
        assertThat(bad("large-.*\\.ldjson\\.reason")).contains("more than max_file allows (1024)");
        assertThat(bad("notes-.*\\.ldjson")).isEqualTo("this is\nno JSON\n");
        assertThat(hub.names()).containsExactly("bad");
        Files.move(find("large-.*\\.ldjson"), home.resolve("large"));
        Files.delete(find("notes-.*\\.ldjson"));
        Await.until("well again", () -> hub.health.reports().get(hub.health.reports().size() - 1).equals("ok"));
        assertThat(hub.storedCount()).isZero();
    }

    @Test
    void a_file_from_quarantine_that_was_mended_is_taken() throws Exception {
        hub.write("x.ldjson", "nonsense\n");
        start(Map.of());
        Await.until("set aside", () -> hub.names().equals(List.of("bad")) && find("x-.*\\.ldjson") != null);
        Path mended = Files.writeString(find("x-.*\\.ldjson"), lines(1, 2));
        Files.move(mended, hub.spool.resolve(mended.getFileName()));
        Await.until("taken", () -> hub.storedCount() == 2);
    }

    @Test
    void taken_files_are_kept_if_wanted_and_old_ones_deleted() throws Exception {
        Path old = Files.createDirectories(hub.spool.resolve("done")).resolve("20200101T000000Z-old-" + CLIENT + "-1.ldjson");
        Files.writeString(old, "");
        Path strange = Files.writeString(hub.spool.resolve("done/not-put-here-by-the-hub.ldjson"), "");
        hub.write(name(CLIENT, 1, "ldjson"), lines(1, 2));
        start(Map.of("keep", "7d"));
        Await.until("the old one is gone, the new one there", () -> !Files.exists(old) && hub.names().equals(List.of("done")));
        try (var kept = Files.list(hub.spool.resolve("done"))) {
            List<Path> all = kept.filter(path -> !path.equals(strange)).toList();
            assertThat(all).singleElement().satisfies(path -> assertThat(path.getFileName().toString())
                    .matches("\\d{8}T\\d{6}Z-" + name(CLIENT, 1, "ldjson")));
            assertThat(Files.readString(all.get(0))).isEqualTo(lines(1, 2));
        }
    }

    @Test
    void folders_that_match_a_pattern_come_and_go_and_links_are_not_followed() throws Exception {
        start(Map.of("path", new String[] {home + "/in-*"}));
        Path in = Files.createDirectory(home.resolve("in-1"));
        Path elsewhere = Files.createDirectory(home.resolve("elsewhere"));
        Files.createSymbolicLink(home.resolve("in-2"), elsewhere);
        Files.writeString(elsewhere.resolve("x.ldjson"), lines(1, 1));
        Files.createSymbolicLink(in.resolve("y.ldjson"), elsewhere.resolve("x.ldjson"));
        // The folder is being watched: a file that is written in place could be taken before anything is in it.
        Files.move(Files.writeString(elsewhere.resolve("draft"), lines(1, 5)), in.resolve(name(CLIENT, 1, "ldjson")));
        Await.until("taken", () -> hub.storedCount() == 5 && !Files.exists(in.resolve(name(CLIENT, 1, "claimed-hub"))));
        assertThat(elsewhere.resolve("x.ldjson")).exists();
        assertThat(elsewhere.resolve(SpoolFolder.LOCK)).doesNotExist();
    }

    @Test
    void two_transports_do_not_share_a_folder() throws Exception {
        start(Map.of());
        Await.until("the first has it", () -> Files.exists(hub.spool.resolve(SpoolFolder.LOCK)));
        hub.write("warm-up.ldjson", lines(1, 1));
        Await.until("the first works", () -> hub.storedCount() == 1);
        SpoolTransport second = hub.transport(Map.of());
        try {
            Await.until("the second says so", () -> hub.health.reports().stream().anyMatch(report -> report.contains("let only one do it")));
        } finally {
            second.stop(GRACE);
        }
    }

    @Test
    void a_stop_leaves_the_file_in_hand_and_the_thread_ends() throws Exception {
        hub.write(name(CLIENT, 1, "ldjson"), lines(1, 400_000));
        start(Map.of());
        Await.until("in the middle", () -> hub.storedCount() > 10_000);
        transport.stop(GRACE);
        assertThat(Thread.getAllStackTraces().keySet()).noneMatch(thread -> thread.getName().equals("hub-transport-spool-spool"));
        hub.restart();
        start(Map.of());
        awaitEmpty();
        assertThat(hub.stored()).isEqualTo(messages(1, 400_000));
    }

    private void start(Map<String, Object> more) {
        transport = hub.transport(new HashMap<>(more));
    }

    private void awaitEmpty() throws Exception {
        Await.until("the folder is empty", Await.DEADLINE.multipliedBy(2), () -> hub.names().isEmpty(), () -> hub.health.reports().toString());
    }

    /** Returns when the transport has looked at everything that is there now. */
    private void passLook() throws Exception {
        long before = hub.storedCount();
        hub.write("pass.ldjson", message("pass") + "\n");
        Await.until("a plain file was taken", () -> hub.storedCount() == before + 1 && hub.names().stream().noneMatch(name -> name.startsWith("pass")));
    }

    private Path find(String pattern) throws Exception {
        try (var files = Files.list(hub.spool.resolve("bad"))) {
            return files.filter(path -> path.getFileName().toString().matches(pattern)).findFirst().orElse(null);
        }
    }

    private String bad(String pattern) throws Exception {
        return Files.readString(find(pattern));
    }

    private Session connect(UUID client, long next) {
        Session session = hub.ingest().open(new Peer("127.0.0.1:1"), new Replies() {
            @Override
            public void send(ByteBuffer bytes) {
            }

            @Override
            public void resume() {
            }

            @Override
            public void close(String reason) {
            }
        });
        session.receive(bytes("{\"v\":1,\"type\":\"hello\",\"src\":\"svc\",\"ts\":1,\"data\":{\"client\":\"" + client + "\",\"next\":" + next + "}}\n"));
        return session;
    }

    private void send(Session session, String text) throws Exception {
        long before = hub.storedCount();
        session.receive(bytes(text));
        Await.until("stored", () -> hub.storedCount() == before + text.lines().count());
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
