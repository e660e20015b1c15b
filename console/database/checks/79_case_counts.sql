-- The daily counts of the statistics equal counting the cases themselves.
-- scope: any
WITH counted AS (
    SELECT day, sum(reported) AS reported, sum(accepted) AS accepted, sum(filed) AS filed, sum(disposed) AS disposed,
           sum(disposed_overdue) AS overdue, sum(closed) AS closed, sum(assessed) AS assessed, sum(closing_s) AS closing_s
    FROM city.case_fact GROUP BY day
), kept AS (
    SELECT day, sum(reported) AS reported, sum(accepted) AS accepted, sum(filed) AS filed, sum(disposed) AS disposed,
           sum(disposed_overdue) AS overdue, sum(closed) AS closed, sum(assessed) AS assessed, sum(closing_s) AS closing_s
    FROM city.case_count WHERE dimension = 'all' GROUP BY day
)
SELECT 'days whose counts differ from the cases', count(*), 0, 0, 'd', min(day)::text
FROM (SELECT * FROM counted FULL JOIN kept USING (day)
      WHERE (counted.reported, counted.accepted, counted.filed, counted.disposed, counted.overdue, counted.closed, counted.assessed, counted.closing_s)
          IS DISTINCT FROM (kept.reported, kept.accepted, kept.filed, kept.disposed, kept.overdue, kept.closed, kept.assessed, kept.closing_s)) AS d
UNION ALL
SELECT 'sums along a dimension that differ from all', count(*), 0, 0, '', min(dimension::text)
FROM (SELECT dimension FROM city.case_count GROUP BY dimension
      HAVING sum(reported) <> (SELECT sum(reported) FROM city.case_count WHERE dimension = 'all')) AS d
