-- The funnel of the city's report over 18 months, as of the end date: accepted, by mode, filed, closed.
-- scope: full
WITH demonstration AS (
    SELECT (value ->> 'end')::timestamptz AS ends FROM city.setting WHERE name = 'demonstration'
), funnel AS (
    SELECT count(*) AS accepted,
           count(*) FILTER (WHERE f.mode = 'direct_assess') AS direct,
           count(*) FILTER (WHERE f.mode = 'closed_loop') AS loop,
           count(*) FILTER (WHERE f.mode = 'closed_loop' AND f.filed_at <= d.ends) AS filed,
           count(*) FILTER (WHERE f.mode = 'closed_loop' AND f.filed_at <= d.ends AND f.closed_at <= d.ends
                            AND f.state = 'closed') AS closed,
           extract(epoch FROM max(f.reported_at) - min(f.reported_at)) / 86400 AS days
    FROM demonstration d JOIN city.case_file f ON f.reported_at <= d.ends
)
SELECT line.* FROM funnel, LATERAL (VALUES
    ('cases accepted', accepted / 1e3, 526.5, 527.5, 'thousand', NULL),
    ('direct assessment', direct / 1e3, 481.5, 482.5, 'thousand', NULL),
    ('closed loop', loop / 1e3, 45.5, 46.5, 'thousand', NULL),
    ('filed', filed / 1e3, 40.15, 40.25, 'thousand', NULL),
    ('closed', closed / 1e3, 38.25, 38.35, 'thousand', NULL),
    ('closed of those filed', 100.0 * closed / nullif(filed, 0), 95.25, 95.35, '%', NULL),
    ('time that the reports span', days, 540, 552, 'd', NULL)
) AS line
