-- A trace as a tree, over all programs that took part: psql -v trace=ID -f trace.sql
WITH RECURSIVE tree AS (
    SELECT span.*, 0 AS depth, ARRAY[start_time::text, span_id] AS path
    FROM monitoring.spans AS span
    WHERE trace_id = :'trace'
      AND (parent_span_id IS NULL OR NOT EXISTS (SELECT FROM monitoring.spans AS parent
            WHERE parent.trace_id = span.trace_id AND parent.span_id = span.parent_span_id))
    UNION ALL
    SELECT child.*, depth + 1, path || ARRAY[child.start_time::text, child.span_id]
    FROM tree JOIN monitoring.spans AS child ON child.trace_id = tree.trace_id AND child.parent_span_id = tree.span_id
)
SELECT repeat('  ', depth) || name AS span, source, status, round(extract(epoch FROM end_time - start_time) * 1000) AS ms
FROM tree
ORDER BY path;
