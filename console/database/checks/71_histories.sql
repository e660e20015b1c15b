-- The history of every case is whole: numbered without gaps, in time order, each move starting where the last one ended.
-- scope: any
WITH move AS (
    SELECT case_id, seq, row_number() OVER history AS place, at, lag(at) OVER history AS at_before,
           from_state, lag(to_state) OVER history AS state_before
    FROM city.case_event WINDOW history AS (PARTITION BY case_id ORDER BY seq)
)
SELECT 'moves recorded', count(*), NULL::double precision, NULL::double precision, '', NULL FROM move
UNION ALL
SELECT 'moves that are out of order', count(*), 0, 0, '', min(case_id)::text
FROM move WHERE seq <> place OR at < at_before OR from_state IS DISTINCT FROM state_before
