-- 173 muck trucks.
-- scope: full
SELECT 'trucks', count(*), 173, 173, '', NULL FROM city.vehicle WHERE active
