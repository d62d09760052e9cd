-- With TimescaleDB this is a continuous aggregate of the same name and columns.
CREATE VIEW {schema}.metrics_by_minute AS
SELECT date_trunc('minute', "timestamp") AS minute, source, data->>'name' AS name, count(*) AS count,
    min((data->>'value')::double precision) AS min, max((data->>'value')::double precision) AS max,
    avg((data->>'value')::double precision) AS avg
FROM {schema}.monitoring_events
WHERE type = 'metric' AND abs((data->>'value')::numeric) < 1e300
GROUP BY 1, 2, 3;
