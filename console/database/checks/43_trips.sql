-- Thirty days of trips and mileage.
-- scope: demonstration
WITH demonstration AS (
    SELECT ((value ->> 'end')::timestamptz AT TIME ZONE 'Asia/Shanghai')::date AS ends FROM city.setting WHERE name = 'demonstration'
)
SELECT 'days with mileage', count(DISTINCT v.day), 30, 31, 'd', NULL
FROM demonstration d JOIN city.vehicle_day v ON v.day BETWEEN d.ends - 30 AND d.ends
UNION ALL
SELECT 'days with trips', count(DISTINCT (t.loaded_at AT TIME ZONE 'Asia/Shanghai')::date), 25, 31, 'd', NULL
FROM demonstration d JOIN city.trip t ON (t.loaded_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN d.ends - 30 AND d.ends
