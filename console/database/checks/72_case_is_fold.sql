-- The row of a case says what its history says: state, times, reworks, extensions.
-- scope: any
WITH fold AS (
    SELECT case_id, min(at) AS first, max(at) AS last, (array_agg(to_state ORDER BY seq DESC))[1] AS state,
           max(at) FILTER (WHERE move = 'file') AS filed_at,
           count(*) FILTER (WHERE move = 'rework') AS reworks, count(*) FILTER (WHERE move = 'extend') AS extensions
    FROM city.case_event GROUP BY case_id
)
SELECT 'cases that differ from their history', count(*), 0, 0, '', min(f.case_no)
FROM city.case_file f LEFT JOIN fold e ON e.case_id = f.id
WHERE e.case_id IS NULL OR f.state <> e.state OR f.reported_at <> e.first OR f.filed_at IS DISTINCT FROM e.filed_at
   OR f.closed_at > e.last OR f.reworks <> e.reworks OR f.extensions <> e.extensions
