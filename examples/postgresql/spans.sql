-- A trace from merged spans, which are one row each without a view: psql -v trace=ID -f spans.sql
SELECT data->>'name' AS span, source, complete.to_time(data->'start') AS start_time, complete.to_time(data->'end') AS end_time,
    (data->>'duration_ms')::numeric AS ms
FROM complete.monitoring_events
WHERE trace_id = :'trace'
ORDER BY start_time, end_time DESC;
