-- What the history of a case tells beside its rows. The fold reads past row-level security, so that these functions ask for
-- themselves who may see the case, by the rule of the policies of case_file.

CREATE FUNCTION city.sees_case(f city.case_file) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    SELECT coalesce(
        pg_has_role(session_user, current_user, 'MEMBER')
        OR EXISTS (
            SELECT FROM unnest('{acceptor,dispatcher,shift_leader,engineer,supervisor,administrator}'::text[]) AS centre
            WHERE pg_has_role(session_user, centre, 'MEMBER'))
        OR f.responsible_id = own_department_id()
        OR f.zone_id = own_zone_id()
        OR pg_has_role(session_user, 'inspector', 'MEMBER') AND f.inspector_id = current_staff_id(), false)
$$;

-- What each disposal used of its limit.
CREATE FUNCTION city.case_disposals(case_id bigint)
RETURNS TABLE (seq smallint, used_minutes double precision, limit_minutes integer, limit_unit city.limit_unit)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    SELECT e.seq, f.consumed_minutes, f.limit_minutes, f.limit_unit
    FROM case_file AS c
    JOIN case_event AS e ON e.case_id = c.id AND e.move = 'dispose'
    CROSS JOIN LATERAL fold_case(c.id, e.seq) AS f
    WHERE c.id = case_disposals.case_id AND f.limit_minutes IS NOT NULL AND sees_case(c)
$$;

REVOKE ALL ON FUNCTION city.sees_case, city.case_disposals FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.case_disposals
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, administrator;

COMMENT ON FUNCTION city.sees_case IS 'Whether whoever asks may see the case: the centre all, departments and inspectors their own.';
COMMENT ON FUNCTION city.case_disposals IS 'Of each disposal of a case: its number in the history, minutes of the limit used up by then in the clock of its unit, and the limit. Nothing of cases that whoever asks does not see.';
