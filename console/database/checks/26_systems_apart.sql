-- Storm and sanitary sewers are separate: neither flows into the other.
-- scope: demonstration
SELECT 'pipes that flow into the other system', count(DISTINCT a.code), 0, 0, '', min(a.code)
FROM city.pipe a JOIN city.pipe b ON b.from_manhole = a.to_manhole
WHERE (a.system, b.system) IN (('storm', 'sanitary'), ('sanitary', 'storm'))
UNION ALL
SELECT 'drainage systems in the network', count(DISTINCT system), 3, 4, '', string_agg(DISTINCT system::text, ' ') FROM city.pipe
