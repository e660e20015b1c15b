-- Unit grids are coded by GB/T 30428.1: 15 digits, of which the last three count from 001 inside the community.
-- scope: any
SELECT 'unit grids', count(*), NULL::double precision, NULL::double precision, '', NULL FROM city.unit_grid
UNION ALL
SELECT 'unit grids with a code against the standard', count(*), 0, 0, '', min(code) FROM city.unit_grid
WHERE code !~ '^\d{15}$' OR right(code, 3) = '000'
