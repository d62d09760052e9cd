package io.monitoringhub.plugin.postgresql;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * All SQL that only TimescaleDB understands. Its tests run it on a plain server against functions of the same names that note their
 * calls, as far as that goes: two statements have options that only the extension can parse.
 *
 * <p>Immutable.
 */
final class Timescale {

    /** Whether a database has the extension. */
    static final String IS_INSTALLED = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')";

    /** As {@code sql/1-events.sql}. A hypertable has no default partition, so far-off time stamps have a table beside it. */
    static final String EVENTS = """
            CREATE TABLE {schema}.monitoring_events (
                "timestamp" timestamptz NOT NULL,
                source text COLLATE "C" NOT NULL,
                type text COLLATE "C" NOT NULL,
                trace_id text COLLATE "C",
                span_id text COLLATE "C",
                parent_span_id text COLLATE "C",
                data jsonb,
                log_id text COLLATE "C" NOT NULL,
                log_offset bigint NOT NULL,
                received_at timestamptz NOT NULL,
                extra jsonb,
                PRIMARY KEY (log_id, log_offset, "timestamp")
            );
            CREATE TABLE {schema}.monitoring_events_default (LIKE {schema}.monitoring_events INCLUDING ALL);
            SELECT create_hypertable('{schema}.monitoring_events', 'timestamp', chunk_time_interval => INTERVAL '1 day', create_default_indexes => FALSE);
            CREATE INDEX monitoring_events_time ON {schema}.monitoring_events ("timestamp" DESC);
            CREATE INDEX monitoring_events_trace ON {schema}.monitoring_events (trace_id) WHERE trace_id IS NOT NULL;
            CREATE INDEX monitoring_events_progress ON {schema}.monitoring_events ("timestamp") WHERE type = 'progress';
            CREATE VIEW {schema}.all_events AS
            SELECT * FROM {schema}.monitoring_events UNION ALL SELECT * FROM {schema}.monitoring_events_default;
            """;

    /** As {@code sql/4-metrics.sql}; filled by its policy, which a transaction can't do. */
    static final String METRICS = """
            CREATE MATERIALIZED VIEW {schema}.metrics_by_minute WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
            SELECT time_bucket(INTERVAL '1 minute', "timestamp") AS minute, source, data->>'name' AS name, count(*) AS count,
                min((data->>'value')::double precision) AS min, max((data->>'value')::double precision) AS max,
                avg((data->>'value')::double precision) AS avg
            FROM {schema}.monitoring_events
            WHERE type = 'metric' AND abs((data->>'value')::numeric) < 1e300
            GROUP BY 1, 2, 3
            WITH NO DATA;
            SELECT add_continuous_aggregate_policy('{schema}.metrics_by_minute', start_offset => INTERVAL '32 days', end_offset => INTERVAL '1 minute', schedule_interval => INTERVAL '1 minute', if_not_exists => TRUE);
            """;

    private Timescale() { }

    /** Makes the policies what the settings say, whatever they were before. */
    static List<String> policies(PostgresqlSettings settings) {
        List<String> statements = new ArrayList<>();
        String table = "'" + settings.schema() + ".monitoring_events'";
        statements.add("SELECT remove_compression_policy(" + table + ", if_exists => TRUE)");
        if (settings.compressDays() > 0) {
            statements.add("ALTER TABLE " + settings.schema() + ".monitoring_events SET (timescaledb.compress, timescaledb.compress_segmentby"
                    + " = 'log_id, source', timescaledb.compress_orderby = 'log_offset')");
            statements.add("SELECT add_compression_policy(" + table + ", " + days(settings.compressDays()) + ", if_not_exists => TRUE)");
        }
        for (String each : List.of(table, "'" + settings.schema() + ".metrics_by_minute'")) {
            statements.add("SELECT remove_retention_policy(" + each + ", if_exists => TRUE)");
        }
        if (settings.retentionDays() > 0) {
            statements.add("SELECT add_retention_policy(" + table + ", " + days(settings.retentionDays()) + ", if_not_exists => TRUE)");
        }
        return statements;
    }

    private static String days(int days) {
        return "INTERVAL '" + days + " days'";
    }

    /** What takes the place of scripts for plain servers, by their names. */
    static Map<String, String> replacements() {
        return Map.of("1-events", EVENTS, "4-metrics", METRICS);
    }
}
