-- The network has gullies, outfalls, pump stations and flood-prone points.
-- scope: demonstration
SELECT 'gullies', count(*), 1, NULL::double precision, '', NULL FROM city.gully
UNION ALL SELECT 'outfalls', count(*), 1, NULL, '', NULL FROM city.outfall
UNION ALL SELECT 'pump stations', count(*), 1, NULL, '', NULL FROM city.pump_station
UNION ALL SELECT 'flood points', count(*), 1, NULL, '', NULL FROM city.flood_point
