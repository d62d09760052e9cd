-- Milliseconds since 1970 as a time; NULL for what no calendar holds, so that one odd message does not spoil a view.
CREATE FUNCTION {schema}.to_time(milliseconds jsonb) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(milliseconds) = 'number' AND milliseconds::numeric > 0 AND milliseconds::numeric < 253402300800000
        THEN to_timestamp((milliseconds::numeric / 1000)::double precision) END
$$;

-- One row a span: the messages that open and close it together. The opening one's name and start hold.
CREATE VIEW {schema}.spans AS
SELECT trace_id, span_id,
    (array_agg(parent_span_id ORDER BY log_id, log_offset) FILTER (WHERE parent_span_id IS NOT NULL))[1] AS parent_span_id,
    (array_agg(source ORDER BY log_id, log_offset))[1] AS source,
    coalesce((array_agg(data->>'name' ORDER BY log_id, log_offset) FILTER (WHERE data->>'name' <> ''))[1], '') AS name,
    (array_agg({schema}.to_time(data->'start') ORDER BY log_id, log_offset) FILTER (WHERE {schema}.to_time(data->'start') IS NOT NULL))[1] AS start_time,
    (array_agg({schema}.to_time(data->'end') ORDER BY log_id, log_offset DESC) FILTER (WHERE {schema}.to_time(data->'end') IS NOT NULL))[1] AS end_time,
    (array_agg(data->>'status' ORDER BY log_id, log_offset DESC) FILTER (WHERE data->>'status' IS NOT NULL))[1] AS status,
    (array_agg(data->'tags' ORDER BY log_id, log_offset DESC) FILTER (WHERE data->'tags' IS NOT NULL AND data->'tags' NOT IN ('{}', '[]', 'null')))[1] AS tags
FROM {schema}.all_events
WHERE type = 'span' AND trace_id IS NOT NULL
GROUP BY trace_id, span_id;

CREATE VIEW {schema}.traces AS
SELECT trace_id, min(start_time) AS start_time,
    CASE WHEN bool_and(end_time IS NOT NULL) THEN max(end_time) END AS end_time,
    count(*) AS spans, count(*) FILTER (WHERE end_time IS NULL) AS open_spans,
    array_agg(DISTINCT source ORDER BY source) AS sources,
    (array_agg(name ORDER BY (parent_span_id IS NULL) DESC, start_time))[1] AS name
FROM {schema}.spans
GROUP BY trace_id;

-- The last report of each source about each job. Clocks may be off: what the hub received last counts.
CREATE VIEW {schema}.latest_progress AS
SELECT DISTINCT ON (source, data->>'job_id')
    source, data->>'job_id' AS job_id, (data->>'percent')::numeric AS percent, data->>'status' AS status,
    "timestamp", received_at, trace_id
FROM {schema}.all_events
WHERE type = 'progress'
ORDER BY source, data->>'job_id', received_at DESC, log_offset DESC;

-- One row a job, whoever reports about it, as the hub itself takes it.
CREATE VIEW {schema}.jobs AS
SELECT data->>'job_id' AS job_id, array_agg(DISTINCT source ORDER BY source) AS sources,
    min("timestamp") AS first_report, max("timestamp") AS last_report, count(*) AS reports,
    (array_agg((data->>'percent')::numeric ORDER BY received_at DESC, log_offset DESC))[1] AS percent,
    (array_agg(data->>'status' ORDER BY received_at DESC, log_offset DESC))[1] AS status,
    (array_agg((data->>'percent')::numeric ORDER BY received_at DESC, log_offset DESC))[1] >= 100 AS is_complete,
    (array_agg(trace_id ORDER BY received_at DESC, log_offset DESC) FILTER (WHERE trace_id IS NOT NULL))[1] AS trace_id
FROM {schema}.all_events
WHERE type = 'progress'
GROUP BY data->>'job_id';
