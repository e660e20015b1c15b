-- What time itself does to cases. Whichever console or gateway is there calls it once a minute; one of many does it.

-- Marks what has become overdue and resumes what was on account until yesterday; returns how many cases that were.
CREATE FUNCTION city.keep_cases() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    today date := (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date;
    due record;
    f case_file;
    e case_event;
    kept integer := 0;
BEGIN
    -- One of many: by a row that nobody else can lock, where any login could hold an advisory lock for ever.
    PERFORM FROM case_rule AS r WHERE (r.mode, r.move, r.from_state) = ('closed_loop', 'overdue', 'handling')
        FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    LOCK TABLE working_interval IN ROW SHARE MODE;
    FOR due IN
        SELECT c.id, 'overdue'::case_move AS move FROM case_file AS c
        WHERE c.is_open AND c.state IN ('pending_handle', 'handling') AND c.due_at < clock_timestamp() AND NOT c.is_overdue
        UNION ALL
        SELECT c.id, 'resume' FROM case_file AS c WHERE c.is_open AND c.state = 'suspended' AND c.suspended_until < today
        ORDER BY id LIMIT 500  -- after a long rest of the whole centre, the others follow minute by minute
    LOOP
        -- Who is at work on a case just now finds it marked a minute later.
        SELECT * INTO f FROM case_file AS c WHERE c.id = due.id FOR UPDATE SKIP LOCKED;
        IF FOUND AND (
            due.move = 'overdue' AND f.running_since IS NOT NULL AND f.deadline < clock_timestamp() AND NOT f.is_overdue
            OR due.move = 'resume' AND f.state = 'suspended' AND f.suspended_until < today
        ) THEN
            e := NULL;
            e.move := due.move;
            e.to_state := CASE due.move WHEN 'resume' THEN 'handling' ELSE f.state END;
            e.department_id := f.responsible_id;
            PERFORM add_move(f, e);
            kept := kept + 1;
        END IF;
    END LOOP;
    RETURN kept;
END $$;

REVOKE ALL ON FUNCTION city.keep_cases FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.keep_cases
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, gateway, administrator;
COMMENT ON FUNCTION city.keep_cases IS 'Marks what has become overdue and resumes what was on account until yesterday, each with an event; returns how many cases. Call it once a minute: one of many callers does it.';
