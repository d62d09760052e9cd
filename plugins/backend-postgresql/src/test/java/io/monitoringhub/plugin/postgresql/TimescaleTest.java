package io.monitoringhub.plugin.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestClock;
import io.monitoringhub.testkit.TestMessage;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * TimescaleDB's statements on a plain server, whose functions of the same names and parameters note that they were called. Two statements
 * have options that only the extension can parse; of the one the query is run, the other is compared as text.
 */
class TimescaleTest {

    private static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");
    private static final String OPTIONS = " WITH (timescaledb.continuous, timescaledb.materialized_only = false)";

    @TempDir
    private static Path folder;
    private static TestDatabase database;

    @BeforeAll
    static void starts() throws Exception {
        database = TestDatabase.start(folder);
        database.run("CREATE TABLE calls (id serial, call text)",
                function("create_hypertable(relation regclass, time_column_name name, chunk_time_interval interval, create_default_indexes boolean)",
                        "'create_hypertable ' || relation || ' ' || time_column_name || ' ' || chunk_time_interval || ' ' || create_default_indexes"),
                function("add_continuous_aggregate_policy(continuous_aggregate regclass, start_offset interval, end_offset interval,"
                        + " schedule_interval interval, if_not_exists boolean)", "'aggregate ' || continuous_aggregate || ' ' || start_offset || ' ' || end_offset"),
                function("add_compression_policy(hypertable regclass, compress_after interval, if_not_exists boolean)", "'compress ' || hypertable || ' ' || compress_after"),
                function("remove_compression_policy(hypertable regclass, if_exists boolean)", "'compress never ' || hypertable"),
                function("add_retention_policy(relation regclass, drop_after interval, if_not_exists boolean)", "'retain ' || relation || ' ' || drop_after"),
                function("remove_retention_policy(relation regclass, if_exists boolean)", "'retain all ' || relation"),
                "CREATE FUNCTION time_bucket(bucket_width interval, ts timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$ SELECT date_bin(bucket_width, ts, '2000-01-01') $$");
    }

    private static String function(String signature, String noted) {
        return "CREATE FUNCTION " + signature + " RETURNS void LANGUAGE sql AS $$ INSERT INTO public.calls (call) VALUES (" + noted + ") $$";
    }

    @AfterAll
    static void stops() throws Exception {
        database.close();
    }

    @BeforeEach
    void empties() throws Exception {
        database.run("DROP SCHEMA IF EXISTS monitoring CASCADE", "TRUNCATE calls");
    }

    private static void makeSchema() throws Exception {
        Migrations migrations = new Migrations("monitoring", true);
        database.run(migrations.script(migrations.all()).replace(OPTIONS, ""));
    }

    private static List<String> calls() throws Exception {
        return database.values("SELECT call FROM calls ORDER BY id");
    }

    private static PostgresqlSettings settings(Map<String, Object> more) throws Exception {
        return PostgresqlSettings.from(TestConfig.of(database.config(more)), "test");
    }

    @Test
    void the_schema_is_made_of_a_hypertable_and_a_continuous_aggregate() throws Exception {
        makeSchema();
        assertThat(calls()).containsExactly("create_hypertable monitoring.monitoring_events timestamp 1 day false",
                "aggregate monitoring.metrics_by_minute 32 days 00:01:00");
        assertThat(Timescale.METRICS).contains("CREATE MATERIALIZED VIEW {schema}.metrics_by_minute" + OPTIONS + " AS").contains("WITH NO DATA");
        assertThat(database.values("SELECT relkind FROM pg_class WHERE oid = 'monitoring.metrics_by_minute'::regclass")).containsExactly("m");
    }

    @Test
    void both_layouts_have_the_same_tables_columns_and_views() throws Exception {
        makeSchema();
        String columns = "SELECT a.attrelid::regclass || '.' || attname || ' ' || atttypid::regtype || ' ' || attnotnull FROM pg_attribute a JOIN pg_class c"
                + " ON c.oid = a.attrelid WHERE attnum > 0 AND relkind IN ('r', 'p', 'v', 'm') AND relnamespace = 'monitoring'::regnamespace ORDER BY 1";
        String hypertables = String.join("\n", database.values(columns));
        database.run("DROP SCHEMA monitoring CASCADE");
        Migrations plain = new Migrations("monitoring", false);
        database.run(plain.script(plain.all()));
        assertThat(String.join("\n", database.values(columns))).isEqualTo(hypertables);
    }

    @Test
    void policies_are_what_the_settings_say() throws Exception {
        makeSchema();
        database.run("TRUNCATE calls");
        List<String> statements = Timescale.policies(settings(Map.of("retention_days", 90, "compress_days", 3)));
        String compression = "ALTER TABLE monitoring.monitoring_events SET (timescaledb.compress, timescaledb.compress_segmentby = 'log_id, source',"
                + " timescaledb.compress_orderby = 'log_offset')";
        assertThat(statements).contains(compression);
        database.run(statements.stream().filter(each -> !each.equals(compression)).toArray(String[]::new));
        assertThat(calls()).containsExactly("compress never monitoring.monitoring_events", "compress monitoring.monitoring_events 3 days",
                "retain all monitoring.monitoring_events", "retain all monitoring.metrics_by_minute", "retain monitoring.monitoring_events 90 days");
        assertThat(Timescale.policies(settings(Map.of("compress_days", 0))).stream().filter(each -> !each.contains("remove_")).collect(Collectors.toList()))
                .isEmpty();
    }

    @Test
    void rows_of_far_off_clocks_go_into_the_table_beside_it_and_come_once() throws Exception {
        makeSchema();
        PostgresqlBackend backend = database.backend(Map.of("compress_days", 0, "migrate", "check"));
        TestBackendContext context = TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "postgresql", "main"), "log", folder, new TestClock(NOW));
        backend.open(context);
        TestBatch batch = TestBatch.of("log", 0, List.of(at(0), at(NOW.toEpochMilli()), at(253_000_000_000_000L), at(NOW.toEpochMilli() + 1)));
        backend.write(batch);
        Commit commit = backend.flush(4);
        assertThat(database.values("SELECT log_offset FROM monitoring.monitoring_events ORDER BY 1")).containsExactly("1", "3");
        assertThat(database.values("SELECT log_offset FROM monitoring.monitoring_events_default ORDER BY 1")).containsExactly("0", "2");
        backend.open(context.after(commit).movedTo(0));
        backend.write(batch.again());
        assertThat(database.values("SELECT count(*) FROM monitoring.all_events")).containsExactly("4");
        backend.close();
    }

    private static TestMessage at(long timestamp) {
        TestMessage event = TestMessage.event("s", timestamp, "m");
        return new TestMessage(event.source(), event.type(), event.level(), timestamp, NOW.toEpochMilli(), event.body());
    }
}
