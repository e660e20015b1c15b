-- Every event of a case is a move that the rules of the closed loop allow, made by somebody of the right post.
-- scope: any
WITH made AS (
    SELECT f.mode, e.move, e.from_state, e.to_state, s.role, count(*) AS events, min(f.case_no) AS case_no
    FROM city.case_event e JOIN city.case_file f ON f.id = e.case_id LEFT JOIN city.staff s ON s.id = e.staff_id
    WHERE e.seq > 1 AND f.id >= coalesce((SELECT value::bigint FROM city.setting WHERE name = 'closed_loop_from'), 1)
    GROUP BY 1, 2, 3, 4, 5
)
SELECT 'moves that no rule allows', coalesce(sum(events), 0), 0, 0, '', min(case_no || ' ' || move)
FROM made m
WHERE NOT EXISTS (
    SELECT FROM city.case_rule r
    WHERE (r.mode, r.move, r.from_state) = (m.mode, m.move, m.from_state) AND m.to_state IN (r.to_state, r.else_state)
        AND (m.role = ANY (r.roles) OR m.role IS NULL AND r.by_keeper)
)
