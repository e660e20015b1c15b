-- The five inspection zones cover 91 km².
-- scope: full
SELECT 'area of the city', sum(ST_Area(geom)) / 1e6, 91 * 0.995, 91 * 1.005, 'km²', NULL FROM city.zone
