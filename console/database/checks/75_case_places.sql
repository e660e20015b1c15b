-- Cases lie in the unit grid and the zone that they name.
-- scope: any
SELECT 'cases outside their unit grid', count(*), 0, 0, '', min(f.case_no)
FROM city.case_file f JOIN city.unit_grid g ON g.code = f.unit_grid
WHERE NOT ST_Intersects(g.geom, f.geom) AND NOT ST_DWithin(g.geom, f.geom, 0.01)
UNION ALL
SELECT 'cases with another zone than their unit grid', count(*), 0, 0, '', min(f.case_no)
FROM city.case_file f JOIN city.unit_grid g ON g.code = f.unit_grid WHERE g.zone_id <> f.zone_id
