-- Every pipe begins and ends at its two manholes.
-- scope: demonstration
SELECT 'pipes with an end away from its manhole', count(*), 0, 0, '', min(p.code)
FROM city.pipe p JOIN city.manhole a ON a.code = p.from_manhole JOIN city.manhole b ON b.code = p.to_manhole
WHERE ST_Distance(ST_StartPoint(p.geom), a.geom) > 0.01 OR ST_Distance(ST_EndPoint(p.geom), b.geom) > 0.01
UNION ALL
SELECT 'manholes without any pipe', count(*), 0, 0, '', min(m.code)
FROM city.manhole m
WHERE NOT EXISTS (SELECT FROM city.pipe p WHERE p.from_manhole = m.code)
  AND NOT EXISTS (SELECT FROM city.pipe p WHERE p.to_manhole = m.code)
