-- The entries, one partition a day of their time stamp. Far-off time stamps have the default partition.
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
) PARTITION BY RANGE ("timestamp");
CREATE INDEX monitoring_events_time ON {schema}.monitoring_events USING brin ("timestamp");
CREATE INDEX monitoring_events_trace ON {schema}.monitoring_events (trace_id) WHERE trace_id IS NOT NULL;
CREATE INDEX monitoring_events_progress ON {schema}.monitoring_events ("timestamp") WHERE type = 'progress';
CREATE TABLE {schema}.monitoring_events_default PARTITION OF {schema}.monitoring_events DEFAULT;
CREATE VIEW {schema}.all_events AS SELECT * FROM {schema}.monitoring_events;
