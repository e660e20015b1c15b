-- At least 360 km of pipes and 13 000 manholes.
-- scope: full
SELECT 'length of pipes', sum(length_m) / 1000, 360, NULL::double precision, 'km', NULL FROM city.pipe
UNION ALL
SELECT 'manholes', count(*), 13000, NULL, '', NULL FROM city.manhole
