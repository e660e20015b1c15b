-- Every unit grid lies inside its community, every community inside its subdistrict.
-- scope: any
WITH outside AS (
    SELECT g.code, ST_Area(ST_Difference(g.geom, c.geom)) AS area_m2
    FROM city.unit_grid g JOIN city.community c ON c.code = g.community_code WHERE NOT ST_CoveredBy(g.geom, c.geom)
)
SELECT 'unit grids outside their community', coalesce(sum(area_m2), 0), 0, 1, 'm²', (SELECT code FROM outside ORDER BY area_m2 DESC LIMIT 1)
FROM outside
UNION ALL
SELECT 'communities outside their subdistrict', coalesce(sum(ST_Area(ST_Difference(c.geom, s.geom))), 0), 0, 1, 'm²', min(c.code)
FROM city.community c JOIN city.subdistrict s ON s.code = c.subdistrict_code WHERE NOT ST_CoveredBy(c.geom, s.geom)
