-- The whole filing standard of Yuncheng: its classes of components and events, each with conditions in force.
-- scope: demonstration
SELECT 'component classes in use', count(*), 92, 94, '', NULL FROM city.case_class WHERE in_use AND kind = 'component'
UNION ALL
SELECT 'event classes in use', count(*), 97, 98, '', NULL FROM city.case_class WHERE in_use AND kind = 'event'
UNION ALL
SELECT 'classes in use without a condition in force', count(*), 0, 0, '', min(c.name)
FROM city.case_class c
WHERE c.in_use AND NOT EXISTS (SELECT FROM city.filing_condition f WHERE f.class_id = c.id AND f.valid_to IS NULL)
UNION ALL
SELECT 'filing conditions', count(*), NULL, NULL, '', NULL FROM city.filing_condition
