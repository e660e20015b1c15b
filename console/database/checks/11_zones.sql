-- The city has five zones: east, west, south, north, centre.
-- scope: demonstration
SELECT 'zones', count(*), 5, 5, '', string_agg(name, ' ' ORDER BY id) FROM city.zone
UNION ALL
SELECT 'zones that are not one of 东西南北中', count(*), 0, 0, '', min(name) FROM city.zone WHERE name !~ '^[东西南北中]'
