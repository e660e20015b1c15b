-- Inspectors work in five teams, one a zone.
-- scope: demonstration
SELECT 'teams with inspectors', count(DISTINCT team_id), 5, 5, '', NULL FROM city.staff WHERE role = 'inspector' AND active
UNION ALL
SELECT 'inspectors without team', count(*), 0, 0, '', min(title) FROM city.staff WHERE role = 'inspector' AND team_id IS NULL
