-- Seven days of truck positions, every 30 s while driving.
-- scope: demonstration
WITH demonstration AS (
    SELECT (value ->> 'end')::timestamptz AS ends FROM city.setting WHERE name = 'demonstration'
), step AS (
    SELECT f.at, f.speed_kmh, lag(f.speed_kmh) OVER truck AS speed_before, f.at - lag(f.at) OVER truck AS since
    FROM demonstration d JOIN city.vehicle_fix f ON f.at BETWEEN d.ends - interval '7 days' AND d.ends
    WINDOW truck AS (PARTITION BY f.vehicle_id ORDER BY f.at)
), summary AS (
    SELECT count(*) AS positions, extract(epoch FROM max(at) - min(at)) / 86400 AS days,
           count(*) FILTER (WHERE speed_kmh > 0 AND speed_before > 0) AS steps,
           count(*) FILTER (WHERE speed_kmh > 0 AND speed_before > 0 AND since BETWEEN '28 s' AND '32 s') AS regular
    FROM step
)
SELECT line.* FROM summary, LATERAL (VALUES
    ('positions of the last 7 days', positions, 1, NULL, '', NULL),
    ('time that the positions span', days, 6.5, 7, 'd', NULL),
    ('steps of 30 s while driving', 100.0 * regular / nullif(steps, 0), 95, 100, '%', NULL)
) AS line
