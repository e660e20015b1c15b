-- At least 60 000 components.
-- scope: full
SELECT 'components', count(*), 60000, NULL::double precision, '', NULL FROM city.component
