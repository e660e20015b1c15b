-- Pipes fall in the direction of flow, and no end lies below the bottom of its manhole.
-- scope: demonstration
SELECT 'pipes with reverse slope or unknown inverts', count(*), 0, 0, '', min(code)
FROM city.pipe WHERE (in_elevation_m >= out_elevation_m) IS NOT true
UNION ALL
SELECT 'pipe ends below the bottom of their manhole', count(*), 0, 0, '', min(p.code)
FROM city.pipe p JOIN city.manhole a ON a.code = p.from_manhole JOIN city.manhole b ON b.code = p.to_manhole
WHERE p.in_elevation_m < a.invert_elevation_m - 0.01 OR p.out_elevation_m < b.invert_elevation_m - 0.01
