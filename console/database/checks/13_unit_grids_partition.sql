-- Unit grids partition their zone (GB/T 30428.1): no gaps, no overlaps.
-- scope: any
WITH covered AS (
    SELECT zone_id, ST_Union(geom) AS geom, sum(area_m2) AS area_m2 FROM city.unit_grid GROUP BY zone_id
)
SELECT 'overlap of unit grids', coalesce(sum(area_m2 - ST_Area(geom)), 0), -1, 1, 'm²', NULL FROM covered
UNION ALL
SELECT 'zone without unit grid, or unit grid outside its zone', coalesce(sum(ST_Area(ST_SymDifference(z.geom, c.geom))), 0), 0, 1, 'm²',
       min(z.name) FILTER (WHERE ST_Area(ST_SymDifference(z.geom, c.geom)) > 0.2)
FROM covered c JOIN city.zone z ON z.id = c.zone_id
UNION ALL
SELECT 'zones without any unit grid', count(*), 0, 0, '', min(z.name)
FROM city.zone z WHERE EXISTS (SELECT FROM covered) AND NOT EXISTS (SELECT FROM covered c WHERE c.zone_id = z.id)
