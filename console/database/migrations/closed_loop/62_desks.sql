-- What waits at whose desk.

CREATE INDEX case_file_request_to ON city.case_file (request_to) WHERE request_to IS NOT NULL;
-- A department's cases in hand are some dozen of its tens of thousands.
CREATE INDEX case_file_open_responsible ON city.case_file (responsible_id) WHERE is_open;

-- Whose turn it is: the roles that lead a case on from a state. What may be done to it besides (urge, amend, cancel) is no turn.
CREATE VIEW city.case_turn AS
SELECT DISTINCT who AS role, r.mode, r.from_state AS state
FROM city.case_rule AS r CROSS JOIN LATERAL unnest(r.roles) AS who
WHERE r.move IN ('verify', 'order_verify', 'accept', 'file', 'dispatch', 'department_accept', 'dispose', 'feed_back',
    'order_check', 'check', 'rework', 'close', 'assess');

-- The cases in hand that wait for whoever asks in person: those that he was asked to look at or that were assigned to him;
-- where nobody was, those that he was the last of his post to move. Whose turn it is narrows down first: it is asked of some
-- dozen cases, their histories of no others.
CREATE FUNCTION city.my_cases() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    WITH who AS MATERIALIZED (
        SELECT a.*, ARRAY(SELECT s.id FROM staff AS s WHERE s.role = a.role) AS colleagues FROM asker() AS a WHERE a.id IS NOT NULL
    ), waiting AS MATERIALIZED (
        SELECT f.id, CASE who.role WHEN 'department' THEN f.assignee_id WHEN 'inspector' THEN f.inspector_id END AS named_id
        FROM who CROSS JOIN case_file AS f
        WHERE f.is_open AND (f.mode, f.state) IN (SELECT t.mode, t.state FROM case_turn AS t WHERE t.role = (SELECT role FROM who))
            AND (who.role <> 'department' OR f.responsible_id = who.department_id)
    )
    SELECT w.id FROM who CROSS JOIN waiting AS w
    WHERE who.id = coalesce(w.named_id,
        (SELECT e.staff_id FROM case_event AS e
         WHERE e.case_id = w.id AND e.staff_id = ANY (who.colleagues) ORDER BY e.seq DESC LIMIT 1))
$$;

-- How many cases whoever asks sees, and how many there are, from the counts that are kept: counting half a million rows takes
-- as long as reading them. By the rule of the policies of case_file; who sees a part is told of which department or zone, and
-- which cases besides.
CREATE FUNCTION city.seen_cases(
    OUT seen bigint, OUT total bigint, OUT department_id smallint, OUT zone_id smallint, OUT elsewhere bigint[]
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    WITH everything AS (
        SELECT coalesce(sum(reported), 0)::bigint AS cases FROM case_count WHERE dimension = 'all'
    ), part AS MATERIALIZED (
        SELECT own_department_id() AS department_id, own_zone_id() AS zone_id, ARRAY(SELECT own_cases_elsewhere()) AS elsewhere
        WHERE NOT pg_has_role(session_user, current_user, 'MEMBER') AND NOT EXISTS (
            SELECT FROM unnest('{acceptor,dispatcher,shift_leader,engineer,supervisor,administrator}'::text[]) AS centre
            WHERE pg_has_role(session_user, centre, 'MEMBER'))
    )
    SELECT CASE WHEN part.elsewhere IS NULL THEN everything.cases ELSE
        (SELECT coalesce(sum(reported), 0) FROM case_count WHERE dimension = 'department' AND key = part.department_id)
            + (SELECT coalesce(sum(reported), 0) FROM case_count WHERE dimension = 'zone' AND key = part.zone_id) + cardinality(part.elsewhere)
        END::bigint, everything.cases, part.department_id, part.zone_id, coalesce(part.elsewhere, '{}')
    FROM everything LEFT JOIN part ON true
$$;

REVOKE ALL ON FUNCTION city.my_cases, city.seen_cases FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.my_cases, city.seen_cases
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, administrator;
GRANT SELECT ON city.case_turn
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, administrator;

COMMENT ON VIEW city.case_turn IS 'Whose turn it is: the roles that lead a case on from a state.';
COMMENT ON COLUMN city.case_turn.role IS 'Database role of the post.';
COMMENT ON COLUMN city.case_turn.mode IS 'Mode of the case.';
COMMENT ON COLUMN city.case_turn.state IS 'State in which it waits for that post.';
COMMENT ON FUNCTION city.my_cases() IS 'The cases in hand that wait for whoever asks in person: assigned to him, or that he was the last of his post to move.';
COMMENT ON FUNCTION city.seen_cases() IS 'How many cases whoever asks sees, and how many there are: always what counting case_file would tell, from case_count; who sees a part, of which department or zone, and which of the others.';
