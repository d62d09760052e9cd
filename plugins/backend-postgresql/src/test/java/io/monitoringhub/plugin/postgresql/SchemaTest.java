package io.monitoringhub.plugin.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestClock;
import io.monitoringhub.testkit.TestMessage;
import io.monitoringhub.testservers.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaTest {

    @TempDir
    private static Path folder;
    private static TestDatabase database;

    @TempDir
    private Path home;

    @BeforeAll
    static void starts() throws Exception {
        database = TestDatabase.start(folder);
        database.run("CREATE ROLE writer LOGIN PASSWORD 'pen'");
    }

    @AfterAll
    static void stops() throws Exception {
        database.close();
    }

    @BeforeEach
    void empties() throws Exception {
        database.run("DROP SCHEMA IF EXISTS monitoring CASCADE");
    }

    private TestBackendContext context(String name) {
        return TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "postgresql", name), "log", home, new TestClock(Instant.parse("2026-11-22T09:30:00Z")));
    }

    private void open(Map<String, Object> config) throws Exception {
        PostgresqlBackend backend = database.backend(config);
        try {
            backend.open(context("main"));
        } finally {
            backend.close();
        }
    }

    private static List<String> versions() throws Exception {
        return database.values("SELECT version || ' ' || name FROM monitoring.monitoring_schema_version ORDER BY version");
    }

    @Test
    void is_made_once_and_then_left_alone() throws Exception {
        open(Map.of());
        assertThat(versions()).containsExactly("1 1-events", "2 2-positions", "3 3-views", "4 4-metrics");
        open(Map.of());
        open(Map.of("migrate", "check"));
        open(Map.of("migrate", "none"));
        assertThat(database.values("SELECT count(DISTINCT applied_at) FROM monitoring.monitoring_schema_version")).containsExactly("1");
    }

    @Test
    void an_older_schema_gets_what_it_lacks() throws Exception {
        open(Map.of());
        database.run("DROP VIEW monitoring.metrics_by_minute", "DELETE FROM monitoring.monitoring_schema_version WHERE version = 4");
        open(Map.of());
        assertThat(versions()).hasSize(4);
        assertThat(database.values("SELECT count(*) FROM monitoring.metrics_by_minute")).containsExactly("0");
    }

    @Test
    void check_names_what_is_missing_and_where_the_sql_is_which_then_will_do() throws Exception {
        Path script = home.resolve("postgresql-main.sql");
        assertThatThrownBy(() -> open(Map.of("migrate", "check"))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("lacks 1-events, 2-positions, 3-views, 4-metrics", "migrate is check", script.toString(), "hub:retry");
        assertThat(database.values("SELECT count(*) FROM pg_namespace WHERE nspname = 'monitoring'")).containsExactly("0");
        database.run(Files.readString(script));
        assertThatCode(() -> open(Map.of("migrate", "check"))).doesNotThrowAnyException();
    }

    @Test
    void a_role_that_may_not_create_tables_is_told_so_and_needs_only_what_the_readme_lists() throws Exception {
        Map<String, Object> writer = Map.of("user", "writer", ".password", "pen");
        assertThatThrownBy(() -> open(writer)).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("lacks 1-events", "role writer may not", "postgresql-main.sql");
        database.run(Files.readString(home.resolve("postgresql-main.sql")));
        database.run(grants());
        PostgresqlBackend backend = database.backend(writer);
        TestBackendContext context = context("main");
        backend.open(context);
        assertThat(backend.write(TestBatch.of("log", 0, List.of(TestMessage.event("s", 1_795_339_800_000L, "m")))).isAllWritten()).isTrue();
        backend.flush(5);
        backend.close();
        assertThat(context.health().reports()).as("partitions need the owner").anyMatch(each -> each.contains("cannot make a partition"));
        assertThat(database.values("SELECT count(*) FROM monitoring.all_events")).containsExactly("1");
    }

    /** The block of the README that grants what the backend needs. */
    private static String grants() throws Exception {
        String readme = Files.readString(Path.of("README.md"));
        int from = readme.indexOf("GRANT USAGE");
        return readme.substring(from, readme.indexOf("```", from)).replaceAll("\\bhub\\b", "writer");
    }

    @Test
    void a_later_or_a_foreign_schema_is_left_alone() throws Exception {
        open(Map.of());
        database.run("INSERT INTO monitoring.monitoring_schema_version (version, name, checksum) VALUES (99, 'later', 'x')");
        assertThatThrownBy(() -> open(Map.of())).isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("later version ([99])");
        database.run("DELETE FROM monitoring.monitoring_schema_version WHERE version = 99",
                "UPDATE monitoring.monitoring_schema_version SET checksum = 'y' WHERE version = 2");
        assertThatThrownBy(() -> open(Map.of())).isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("another 2-positions");
    }

    @Test
    void two_hubs_that_start_together_do_not_trip_over_each_other() throws Exception {
        List<CompletableFuture<Long>> starts = IntStream.range(0, 6).mapToObj(i -> CompletableFuture.supplyAsync(() -> {
            PostgresqlBackend backend = database.backend(Map.of());
            try {
                return backend.open(context("lane-" + i));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            } finally {
                backend.close();
            }
        })).toList();
        assertThat(starts).allSatisfy(each -> assertThat(each.get()).isZero());
        assertThat(versions()).hasSize(4);
    }

    @Test
    void a_database_of_another_encoding_is_refused() throws Exception {
        database.run("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
        String url = database.server().url().replaceAll("postgres$", "latin");
        assertThatThrownBy(() -> open(Map.of("url", url))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("encoding is LATIN1", "expected UTF8");
    }

    @Test
    void what_is_not_there_or_not_allowed_is_named() {
        assertThatThrownBy(() -> open(Map.of(".password", "wrong"))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("unauthorised", "28P01").message().doesNotContain("wrong").doesNotContain(PostgresServer.PASSWORD + "\"");
        String url = database.server().url().replaceAll("postgres$", "nowhere");
        assertThatThrownBy(() -> open(Map.of("url", url))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("no such database", "nowhere");
        assertThatThrownBy(() -> open(Map.of("migrate", "none"))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("not usable", "monitoring_positions");
        assertThatThrownBy(() -> open(Map.of("url", database.server().url() + "?sslmode=maybe"))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContaining("maybe");
        assertThatThrownBy(() -> open(Map.of("url", database.server().url() + "?sslmode=require"))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("unauthorised", "SSL");
    }
}
