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
        OR pg_has_role(session_user, 'inspector', 'MEMBER') AND current_staff_id() IN (f.inspector_id, f.reporter_id), false)
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

-- The row as it was at an instant: the fold of what had happened by then. Who may not see the caller now does not see him then.
CREATE FUNCTION city.case_as_of(case_id bigint, at timestamptz) RETURNS SETOF city.case_file
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    f case_file;
    up_to smallint;
BEGIN
    SELECT * INTO f FROM case_file AS c WHERE c.id = case_as_of.case_id;
    SELECT max(h.seq) INTO up_to FROM case_event AS h WHERE h.case_id = case_as_of.case_id AND h.at <= case_as_of.at;
    IF f.id IS NULL OR up_to IS NULL OR NOT sees_case(f) THEN
        RETURN;
    END IF;
    f := fold_case(case_as_of.case_id, up_to);
    f.is_open := f.state < 'closed';
    IF NOT has_column_privilege(session_user, 'city.case_file', 'caller_phone', 'SELECT') THEN
        f.caller_name := NULL;
        f.caller_phone := NULL;
    END IF;
    RETURN NEXT f;
END $$;

-- What every case in hand during a span had become by each of its events in the span, and by the last one before.
CREATE FUNCTION city.cases_during(since timestamptz, until timestamptz)
RETURNS TABLE (
    case_id bigint, seq smallint, at timestamptz, state city.case_state, level city.case_level, class_id smallint,
    is_supervised boolean, warn_at timestamptz, due_at timestamptz, geom public.geometry
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    SELECT c.id, e.seq, e.at, f.state, f.level, f.class_id, f.is_supervised, f.warn_at, f.due_at, f.geom
    FROM case_file AS c
    CROSS JOIN LATERAL (
        SELECT h.seq, h.at FROM case_event AS h
        WHERE h.case_id = c.id AND h.at < cases_during.until AND h.seq >= coalesce(
            (SELECT max(b.seq) FROM case_event AS b WHERE b.case_id = c.id AND b.at <= cases_during.since), 1)
        OFFSET 0  -- case by case: a plan for any span would read the history of all cases to join it
    ) AS e
    CROSS JOIN LATERAL fold_case(c.id, e.seq) AS f
    WHERE c.reported_at < cases_during.until AND (c.is_open OR c.closed_at >= cases_during.since) AND sees_case(c)
$$;

REVOKE ALL ON FUNCTION city.sees_case, city.case_disposals, city.case_as_of, city.cases_during FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.case_disposals, city.case_as_of, city.cases_during
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, administrator;

COMMENT ON FUNCTION city.sees_case IS 'Whether whoever asks may see the case: the centre all, departments and inspectors their own.';
COMMENT ON FUNCTION city.case_disposals IS 'Of each disposal of a case: its number in the history, minutes of the limit used up by then in the clock of its unit, and the limit. Nothing of cases that whoever asks does not see.';
COMMENT ON FUNCTION city.case_as_of IS 'The row of a case as it was at an instant, by folding its history up to then; none before its report, and none of cases that whoever asks does not see.';
COMMENT ON FUNCTION city.cases_during IS 'What each case that was in hand at some time of a span had become by each of its events in it, and by the last one before: by folding its history. Nothing of cases that whoever asks does not see.';
