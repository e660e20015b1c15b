-- 55 inspectors.
-- scope: full
SELECT 'inspectors', count(*), 55, 55, '', NULL FROM city.staff WHERE role = 'inspector' AND active
