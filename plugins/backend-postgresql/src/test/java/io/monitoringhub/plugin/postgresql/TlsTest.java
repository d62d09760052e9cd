package io.monitoringhub.plugin.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.testkit.Await;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestClock;
import io.monitoringhub.testkit.TestMessage;
import io.monitoringhub.testservers.ServerProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 300, unit = TimeUnit.SECONDS)
class TlsTest {

    private static final long NOW = Instant.parse("2026-11-22T09:30:00Z").toEpochMilli();

    @TempDir
    private static Path folder;
    private static TestDatabase database;
    private static Path trusted;
    private static Path foreign;

    @TempDir
    private Path home;
    private PostgresqlBackend backend;

    @BeforeAll
    static void starts() throws Exception {
        Path keys = Files.createDirectories(folder.resolve("keys"));
        trusted = certificate(keys, "server");
        foreign = certificate(folder, "foreign");
        ServerProcess.giveToServer(keys);
        database = TestDatabase.start(Files.createDirectories(folder.resolve("server")), "ssl=on", "ssl_cert_file=" + trusted,
                "ssl_key_file=" + keys.resolve("server.key"));
    }

    private static Path certificate(Path into, String name) throws Exception {
        ServerProcess.run(List.of("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                "subjectAltName=IP:127.0.0.1", "-keyout", into.resolve(name + ".key").toString(), "-out", into.resolve(name + ".crt").toString()));
        return into.resolve(name + ".crt");
    }

    @AfterAll
    static void stops() throws Exception {
        database.close();
    }

    @BeforeEach
    void empties() throws Exception {
        database.run("DROP SCHEMA IF EXISTS monitoring CASCADE");
    }

    @AfterEach
    void closes() {
        backend.close();
    }

    private void open(Path root) throws Exception {
        backend = database.backend(Map.of("url", database.server().url() + "?sslmode=verify-full&sslrootcert=" + root));
        backend.open(TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "postgresql", "main"), "log", home, new TestClock(Instant.ofEpochMilli(NOW))));
    }

    private static TestBatch batch(long from, int count) {
        return TestBatch.of("log", from, LongStream.range(from, from + count).mapToObj(i -> TestMessage.event("s", NOW, "m" + i)).toList());
    }

    @Test
    void rows_go_over_tls_to_the_server_whose_certificate_is_trusted() throws Exception {
        open(trusted);
        backend.write(batch(0, 20_000));
        assertThat(database.values("SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'monitoring-hub%'"))
                .containsExactly("t");
        assertThat(database.values("SELECT count(*) FROM monitoring.all_events")).containsExactly("20000");
    }

    @Test
    void a_server_whose_certificate_is_not_trusted_is_not_written_to() {
        assertThatThrownBy(() -> open(foreign)).isInstanceOf(TransientDeliveryException.class).hasMessageContaining("unreachable")
                .hasMessageContaining("SSL");
    }

    @Test
    void a_server_that_hangs_gives_the_thread_back_here_too() throws Exception {
        open(trusted);
        backend.write(batch(0, 10));
        database.server().freeze();
        CompletableFuture<Class<?>> ended = new CompletableFuture<>();
        Thread lane = new Thread(() -> {
            try {
                backend.write(batch(10, 30_000));
                ended.complete(Void.class);
            } catch (Exception e) {
                ended.complete(e.getClass());
            }
        }, "test-lane");
        lane.start();
        try {
            Await.until("the lane waits in its socket", () -> List.of(lane.getStackTrace()).stream().anyMatch(each -> each.getMethodName().startsWith("park")
                    || each.getClassName().equals("sun.nio.ch.Net")));
            lane.interrupt();
            assertThat(ended.get(20, TimeUnit.SECONDS)).isEqualTo(InterruptedException.class);
        } finally {
            database.server().thaw();
        }
        backend.write(batch(10, 30_000));
        assertThat(database.values("SELECT count(*) || ' of ' || count(DISTINCT log_offset) FROM monitoring.all_events")).containsExactly("30010 of 30010");
    }
}
