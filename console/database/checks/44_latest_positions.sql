-- The latest position of every truck is the last of its history.
-- scope: any
SELECT 'trucks whose latest position lags behind their history', count(*), 0, 0, '', min(v.plate)
FROM city.vehicle v
    CROSS JOIN LATERAL (SELECT f.at FROM city.vehicle_fix f WHERE f.vehicle_id = v.id ORDER BY f.at DESC LIMIT 1) AS last
    LEFT JOIN city.vehicle_state s ON s.vehicle_id = v.id
WHERE (s.at >= last.at) IS NOT true
