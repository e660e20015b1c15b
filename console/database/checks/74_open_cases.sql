-- Some hundred cases are open, in every stage, some of them near or past what they wait for.
-- scope: demonstration
WITH moment AS (
    SELECT greatest((SELECT (value ->> 'end')::timestamptz FROM city.setting WHERE name = 'demonstration'),
                    (SELECT max(at) FROM city.case_event)) AS at
)
SELECT 'open cases', count(*), 20, 2000, '', NULL FROM city.case_file WHERE is_open
UNION ALL
SELECT 'stages with open cases', count(DISTINCT CASE
        WHEN state <= 'pending_register' THEN 1 WHEN state = 'pending_dispatch' THEN 2
        WHEN state IN ('pending_handle', 'handling') THEN 3 WHEN state = 'suspended' THEN 4
        WHEN state <= 'check_not_pass' THEN 5 WHEN state = 'pending_close' THEN 6 END), 6, 6, '',
    string_agg(DISTINCT state::text, ' ')
FROM city.case_file WHERE is_open
UNION ALL
SELECT 'open cases near or past what they wait for', count(*), 1, NULL, '', NULL
FROM moment m JOIN city.case_file f ON f.is_open AND f.warn_at <= m.at
