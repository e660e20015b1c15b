-- From every manhole the water reaches an outfall.
-- scope: demonstration
WITH RECURSIVE drained AS (
    SELECT manhole_code AS code FROM city.outfall
    UNION
    SELECT p.from_manhole FROM drained d JOIN city.pipe p ON p.to_manhole = d.code
)
SELECT 'manholes that drain to no outfall', count(*), 0, 0, '', min(m.code)
FROM city.manhole m WHERE NOT EXISTS (SELECT FROM drained d WHERE d.code = m.code)
