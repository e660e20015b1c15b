-- Seven days of truck positions, every 30 s while driving.
-- scope: demonstration
WITH demonstration AS (
    SELECT (value ->> 'end')::timestamptz AS ends FROM city.setting WHERE name = 'demonstration'
), step AS (
    SELECT f.at, f.speed_kmh, lag(f.speed_kmh) OVER truck AS speed_before, f.at - lag(f.at) OVER truck AS since
    FROM demonstration d JOIN city.vehicle_fix f ON f.at BETWEEN d.ends - interval '7 days' AND d.ends
    WINDOW truck AS (PARTITION BY f.vehicle_id ORDER BY f.at)
)
SELECT 'positions of the last 7 days', count(*), 1, NULL::double precision, '', NULL FROM step
UNION ALL
SELECT 'time that the positions span', extract(epoch FROM max(at) - min(at)) / 86400, 6.5, 7, 'd', NULL FROM step
UNION ALL
SELECT 'steps of 30 s while driving', 100.0 * count(*) FILTER (WHERE since BETWEEN '28 s' AND '32 s') / nullif(count(*), 0), 95, 100, '%', NULL
FROM step WHERE speed_kmh > 0 AND speed_before > 0
