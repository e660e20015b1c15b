-- The latest reading of every sensor is the last of its history.
-- scope: any
SELECT 'sensors whose latest reading lags behind their history', count(*), 0, 0, '', min(s.code)
FROM city.sensor s
    CROSS JOIN LATERAL (SELECT r.at FROM city.sensor_reading r WHERE r.sensor_id = s.id ORDER BY r.at DESC LIMIT 1) AS last
    LEFT JOIN city.sensor_state t ON t.sensor_id = s.id
WHERE (t.at >= last.at) IS NOT true
