-- Components stand in the unit grid and the zone that they name.
-- scope: any
SELECT 'components outside their unit grid', count(*), 0, 0, '', min(c.code)
FROM city.component c JOIN city.unit_grid g ON g.code = c.unit_grid WHERE NOT ST_DWithin(c.geom, g.geom, 0.01)
UNION ALL
SELECT 'components with another zone than their unit grid', count(*), 0, 0, '', min(c.code)
FROM city.component c JOIN city.unit_grid g ON g.code = c.unit_grid WHERE g.zone_id <> c.zone_id
