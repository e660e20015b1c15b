-- What waits at whose desk.

CREATE INDEX case_file_request_to ON city.case_file (request_to) WHERE request_to IS NOT NULL;

-- Whose turn it is: the roles that lead a case on from a state. What may be done to it besides (urge, amend, cancel) is no turn.
CREATE VIEW city.case_turn AS
SELECT DISTINCT who AS role, r.mode, r.from_state AS state
FROM city.case_rule AS r CROSS JOIN LATERAL unnest(r.roles) AS who
WHERE r.move IN ('verify', 'order_verify', 'accept', 'file', 'dispatch', 'department_accept', 'dispose', 'feed_back',
    'order_check', 'check', 'rework', 'close', 'assess');

-- The cases in hand that wait for whoever asks in person: those that he was asked to look at or that were assigned to him;
-- where nobody was, those that he was the last of his post to move.
CREATE FUNCTION city.my_cases() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    WITH who AS MATERIALIZED (SELECT a.id, a.role FROM asker() AS a WHERE a.id IS NOT NULL)
    SELECT f.id FROM who CROSS JOIN case_file AS f
    WHERE f.is_open
        AND (f.mode, f.state) IN (SELECT t.mode, t.state FROM case_turn AS t WHERE t.role = (SELECT role FROM who))
        AND who.id = coalesce(
            CASE who.role WHEN 'department' THEN f.assignee_id WHEN 'inspector' THEN f.inspector_id END,
            (SELECT e.staff_id FROM case_event AS e JOIN staff AS s ON s.id = e.staff_id
             WHERE e.case_id = f.id AND s.role = who.role ORDER BY e.seq DESC LIMIT 1))
$$;

REVOKE ALL ON FUNCTION city.my_cases FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.my_cases
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, administrator;
GRANT SELECT ON city.case_turn
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, administrator;

COMMENT ON VIEW city.case_turn IS 'Whose turn it is: the roles that lead a case on from a state.';
COMMENT ON COLUMN city.case_turn.role IS 'Database role of the post.';
COMMENT ON COLUMN city.case_turn.mode IS 'Mode of the case.';
COMMENT ON COLUMN city.case_turn.state IS 'State in which it waits for that post.';
COMMENT ON FUNCTION city.my_cases() IS 'The cases in hand that wait for whoever asks in person: assigned to him, or that he was the last of his post to move.';
