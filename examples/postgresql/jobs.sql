-- How far each job is, and what went wrong in the same trace: psql -v trace=ID -f jobs.sql
SELECT job_id, percent, status, reports, is_complete FROM monitoring.jobs WHERE trace_id = :'trace' ORDER BY first_report;
SELECT source, percent, status FROM monitoring.latest_progress WHERE trace_id = :'trace' ORDER BY "timestamp";
SELECT source, data->>'level' AS level, data->>'msg' AS message
FROM monitoring.monitoring_events
WHERE trace_id = :'trace' AND type = 'event' AND data->>'level' IN ('warn', 'error', 'fatal')
ORDER BY log_offset
LIMIT 10;
