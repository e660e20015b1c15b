-- Thirty days of water level and rain, with at least two storms: 10 mm at one gauge, six dry hours between two of them.
-- scope: demonstration
WITH demonstration AS (
    SELECT (value ->> 'end')::timestamptz AS ends FROM city.setting WHERE name = 'demonstration'
), reading AS (
    SELECT s.id, s.kind, r.at, r.value
    FROM demonstration d JOIN city.sensor_reading r ON r.at BETWEEN d.ends - interval '30 days' AND d.ends
        JOIN city.sensor s ON s.id = r.sensor_id
), tip AS (
    SELECT id, at, value, (at - lag(at) OVER (PARTITION BY id ORDER BY at) < interval '6 hours') IS NOT true AS begins
    FROM reading WHERE kind = 'rain' AND value > 0
), numbered AS (
    SELECT id, at, value, count(*) FILTER (WHERE begins) OVER (PARTITION BY id ORDER BY at) AS shower FROM tip
), storm AS (
    SELECT id, shower FROM numbered GROUP BY id, shower HAVING sum(value) >= 10
)
SELECT 'days of readings', count(DISTINCT (at AT TIME ZONE 'Asia/Shanghai')::date), 30, 31, 'd', NULL FROM reading
UNION ALL
SELECT 'sensors without readings', count(*), 0, 0, '', min(code)
FROM city.sensor s WHERE NOT EXISTS (SELECT FROM reading r WHERE r.id = s.id)
UNION ALL
SELECT 'storms at the gauge with most of them', coalesce(max(storms), 0), 2, NULL, '', NULL
FROM (SELECT count(*) AS storms FROM storm GROUP BY id) AS gauge
