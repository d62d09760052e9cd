package io.monitoringhub.plugin.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.testkit.Await;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestClock;
import io.monitoringhub.testkit.TestMessage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
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

/** What a real server can do to a backend. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class OutageTest {

    private static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");
    private static final String OFFSETS = "SELECT count(*) || ' of ' || count(DISTINCT log_offset) FROM monitoring.all_events";

    @TempDir
    private static Path folder;
    private static TestDatabase database;
    @TempDir
    private Path home;
    private PostgresqlBackend backend;

    @BeforeAll
    static void starts() throws Exception {
        database = TestDatabase.start(folder, "max_connections=12", "superuser_reserved_connections=3", "max_wal_senders=0");
        database.run("CREATE ROLE hub LOGIN", "GRANT ALL ON DATABASE postgres TO hub");
    }

    @AfterAll
    static void stops() throws Exception {
        database.close();
    }

    @BeforeEach
    void empties() throws Exception {
        database.run("DROP SCHEMA IF EXISTS monitoring CASCADE", "ALTER ROLE hub PASSWORD 'old'");
    }

    @AfterEach
    void closes() {
        if (backend != null) {
            backend.close();
        }
    }

    private PostgresqlBackend opened(Map<String, Object> more) throws Exception {
        backend = database.backend(more);
        backend.open(context());
        return backend;
    }

    private TestBackendContext context() {
        return TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "postgresql", "main"), "log", home, new TestClock(NOW));
    }

    private static TestBatch batch(long from, int count) {
        return TestBatch.of("log", from, LongStream.range(from, from + count)
                .mapToObj(i -> TestMessage.event("s", NOW.toEpochMilli(), "m" + i)).toList());
    }

    private void refuses(Class<? extends DeliveryException> kind, TestBatch batch, String... words) {
        assertThatThrownBy(() -> backend.write(batch)).isInstanceOf(kind).hasMessageContainingAll(words);
    }

    @Test
    void a_server_that_is_killed_and_comes_back() throws Exception {
        opened(Map.of());
        backend.write(batch(0, 1_000));
        database.server().kill();
        refuses(TransientDeliveryException.class, batch(1_000, 1_000), "cannot write");
        refuses(TransientDeliveryException.class, batch(1_000, 1_000), "unreachable", "08001");
        assertThatThrownBy(() -> backend.flush(1_500)).isInstanceOf(TransientDeliveryException.class).hasMessageContaining("unreachable");
        database.server().start();
        backend.write(batch(1_000, 1_000));
        assertThat(database.values(OFFSETS)).containsExactly("2000 of 2000");
    }

    @Test
    void a_server_that_hangs_gives_the_thread_back_within_a_second_of_an_interrupt() throws Exception {
        opened(Map.of());
        backend.write(batch(0, 1_000));
        database.server().freeze();
        CompletableFuture<Class<?>> ended = new CompletableFuture<>();
        Thread lane = new Thread(() -> {
            try {
                backend.write(batch(1_000, 30_000));
                ended.complete(Void.class);
            } catch (Exception e) {
                ended.complete(e.getClass());
            }
        }, "test-lane");
        lane.start();
        Await.until("the lane waits in the driver", () -> isIn(lane, "org.postgresql"));
        long start = System.nanoTime();
        lane.interrupt();
        assertThat(ended.get(30, TimeUnit.SECONDS)).isEqualTo(InterruptedException.class);
        assertThat(System.nanoTime() - start).as("not the hour of its time limit").isLessThan(TimeUnit.SECONDS.toNanos(30));
        database.server().thaw();
        backend.write(batch(1_000, 30_000));
        assertThat(database.values(OFFSETS)).containsExactly("31000 of 31000");
    }

    private static boolean isIn(Thread thread, String packageName) {
        for (StackTraceElement each : thread.getStackTrace()) {
            if (each.getClassName().startsWith(packageName) && thread.getState() != Thread.State.NEW) {
                return true;
            }
        }
        return false;
    }

    @Test
    void a_host_that_takes_the_connection_and_says_nothing() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            backend = database.backend(Map.of("url", "jdbc:postgresql://127.0.0.1:" + mute.getLocalPort() + "/postgres", "connect_timeout_s", 1));
            CompletableFuture<Class<?>> ended = new CompletableFuture<>();
            Thread lane = new Thread(() -> {
                try {
                    backend.open(context());
                    ended.complete(Void.class);
                } catch (Exception e) {
                    ended.complete(e.getClass());
                }
            }, "test-lane");
            lane.start();
            Await.until("the lane waits in the driver", () -> isIn(lane, "org.postgresql.core"));
            lane.interrupt();
            assertThat(ended.get(20, TimeUnit.SECONDS)).isIn(InterruptedException.class, TransientDeliveryException.class);
        }
    }

    @Test
    void of_several_hosts_the_one_that_lives_and_takes_writes_is_used() throws Exception {
        // Bound and not listening: it refuses, and nobody else gets the port meanwhile.
        try (Socket dead = new Socket()) {
            dead.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            String hosts = database.server().url().replace("//", "//127.0.0.1:" + dead.getLocalPort() + ",");
            opened(Map.of("url", hosts));
            backend.write(batch(0, 10));
            database.run("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()");
            database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'monitoring-hub%'");
            refuses(TransientDeliveryException.class, batch(10, 10), "57P01");
            refuses(TransientDeliveryException.class, batch(10, 10), "08001", "primary");
            takeWrites();
            backend.write(batch(10, 10));
            assertThat(database.values(OFFSETS)).containsExactly("20 of 20");
        }
    }

    private static void takeWrites() throws Exception {
        database.run("SET default_transaction_read_only = off", "ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()");
        Await.until("the server takes writes", () -> database.values("SHOW default_transaction_read_only").contains("off"));
    }

    @Test
    void a_server_that_becomes_read_only_under_an_open_connection() throws Exception {
        opened(Map.of());
        backend.write(batch(0, 10));
        database.run("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()");
        Await.until("the lane's connection is told", () -> {
            try {
                backend.write(batch(10, 10));
                return false;
            } catch (TransientDeliveryException e) {
                return e.getMessage().contains("25006") && e.getMessage().contains("read-only") || e.getMessage().contains("primary");
            }
        });
        takeWrites();
        backend.write(batch(10, 10));
        assertThat(database.values(OFFSETS)).containsExactly("20 of 20");
    }

    @Test
    void locks_and_slow_statements_are_given_up_and_tried_again() throws Exception {
        opened(Map.of("lock_timeout_s", 1, "statement_timeout_s", 2));
        backend.write(batch(0, 10));
        try (Connection rival = database.connect(); Statement statement = rival.createStatement()) {
            rival.setAutoCommit(false);
            statement.execute("LOCK monitoring.monitoring_events IN ACCESS EXCLUSIVE MODE");
            refuses(TransientDeliveryException.class, batch(10, 10), "locked", "55P03");
            rival.rollback();
        }
        database.run("CREATE FUNCTION monitoring.slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NEW; END'",
                "CREATE TRIGGER slow BEFORE INSERT ON monitoring.monitoring_events_20261122 FOR EACH ROW EXECUTE FUNCTION monitoring.slow()");
        refuses(TransientDeliveryException.class, batch(10, 10), "too slow", "57014");
        database.run("DROP TRIGGER slow ON monitoring.monitoring_events_20261122");
        backend.write(batch(10, 10));
        assertThat(database.values(OFFSETS)).containsExactly("20 of 20");
    }

    @Test
    void a_disk_that_is_full() throws Exception {
        opened(Map.of());
        // A trigger says what the server would: a disk of its own to fill takes root.
        database.run("CREATE FUNCTION monitoring.full() RETURNS trigger LANGUAGE plpgsql AS"
                + " $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$",
                "CREATE TRIGGER f BEFORE INSERT ON monitoring.monitoring_events FOR EACH ROW EXECUTE FUNCTION monitoring.full()");
        refuses(TransientDeliveryException.class, batch(0, 10), "full (53100", "make room");
        database.run("DROP TRIGGER f ON monitoring.monitoring_events");
        backend.write(batch(0, 10));
        assertThat(database.values(OFFSETS)).containsExactly("10 of 10");
    }

    @Test
    void rows_that_a_constraint_of_a_person_refuses_are_found_by_their_line() throws Exception {
        opened(Map.of());
        database.run("ALTER TABLE monitoring.monitoring_events ADD CHECK (data->>'msg' NOT IN ('m3', 'm7'))");
        assertThat(backend.write(batch(0, 10)).rejected()).allSatisfy(each -> assertThat(each.reason()).isEqualTo("refused"))
                .extracting("offset").containsExactly(3L, 7L);
        assertThat(database.values(OFFSETS)).containsExactly("8 of 8");
    }

    @Test
    void a_password_that_is_changed_needs_a_person_and_costs_nothing() throws Exception {
        opened(Map.of("user", "hub", ".password", "old"));
        backend.write(batch(0, 10));
        database.run("ALTER ROLE hub PASSWORD 'new'", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'hub'");
        refuses(TransientDeliveryException.class, batch(10, 10), "57P01");
        refuses(PermanentDeliveryException.class, batch(10, 10), "unauthorised", "28P01", "hub:retry");
        backend.close();
        assertThat(database.backend(Map.of("user", "hub", ".password", "new")).open(context())).isEqualTo(10);
    }

    @Test
    void a_privilege_that_is_taken_away_is_named() throws Exception {
        opened(Map.of("user", "hub", ".password", "old"));
        database.run("ALTER TABLE monitoring.monitoring_events OWNER TO postgres");
        refuses(PermanentDeliveryException.class, batch(0, 10), "unauthorised", "42501", "monitoring_events");
    }

    @Test
    void a_server_without_free_connections() throws Exception {
        opened(Map.of("user", "hub", ".password", "old"));
        backend.close();
        List<Connection> all = new ArrayList<>();
        try {
            for (int i = 0; i < 9; i++) {
                all.add(database.connect());
            }
            assertThatThrownBy(() -> backend.open(context())).isInstanceOf(TransientDeliveryException.class)
                    .hasMessageContainingAll("too many connections", "53300");
        } finally {
            for (Connection each : all) {
                each.close();
            }
        }
    }
}
