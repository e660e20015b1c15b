-- The row of every case is the fold of its history, to the microsecond of its clock and lights.
-- scope: any
WITH since AS (
    -- Cases from before the closed loop knew fewer rules.
    SELECT coalesce((SELECT value::bigint FROM city.setting WHERE name = 'closed_loop_from'), 1) AS id
), direct AS (
    SELECT f.id, f.case_no FROM city.case_file f
    LEFT JOIN city.case_event r ON r.case_id = f.id AND r.seq = 1
    LEFT JOIN city.case_event a ON a.case_id = f.id AND a.seq = 2
    WHERE f.mode = 'direct_assess' AND f.state = 'assessed' AND f.version = 2 AND NOT (
        r.move = 'report' AND a.move = 'assess' AND f.reported_at = r.at AND f.accepted_at = a.at AND f.closed_at = a.at
        AND f.responsible_id = a.department_id AND f.condition_id = (a.detail ->> 'condition_id')::integer
        AND num_nonnulls(f.filed_at, f.dispatched_at, f.deadline, f.due_at, f.limit_minutes, f.running_since, f.request) = 0
    ) IS TRUE
), looped AS (
    SELECT f.id, f.case_no FROM city.case_file f, since
    WHERE f.id >= since.id AND NOT (f.mode = 'direct_assess' AND f.state = 'assessed' AND f.version = 2)
        AND city.folded_columns(f) IS DISTINCT FROM city.folded_columns(city.fold_case(f.id))
)
SELECT 'cases of direct assessment that differ from their history', count(*), 0, 0, '', min(case_no) FROM direct
UNION ALL
SELECT 'other cases that differ from the fold of their history', count(*), 0, 0, '', min(case_no) FROM looped
