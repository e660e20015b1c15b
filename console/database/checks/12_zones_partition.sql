-- Zones partition the city: no overlaps between them and no gaps inside.
-- scope: any
WITH whole AS (SELECT ST_Union(geom) AS geom FROM city.zone)
SELECT 'overlap of zones', coalesce(sum(ST_Area(ST_Intersection(a.geom, b.geom))), 0), 0, 1, 'm²', min(a.name || ' ' || b.name)
FROM city.zone a JOIN city.zone b ON a.id < b.id AND a.geom && b.geom AND NOT ST_Touches(a.geom, b.geom)
UNION ALL
SELECT 'gaps between zones', coalesce(sum(ST_Area(ST_MakePolygon(ST_ExteriorRing(part.geom))) - ST_Area(part.geom)), 0), 0, 1, 'm²', NULL
FROM whole, ST_Dump(whole.geom) AS part
UNION ALL
SELECT 'parts that the city falls into', coalesce(ST_NumGeometries(geom), 0), 0, 1, '', NULL FROM whole
