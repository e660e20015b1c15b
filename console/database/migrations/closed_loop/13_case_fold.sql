-- The fold: what one event makes of the row of its case, and what a whole history makes of it.

-- State, marks, clocks and lights after an event. The row before the first event only has what the report says.
CREATE FUNCTION city.case_step(f city.case_file, e city.case_event) RETURNS city.case_file
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    starts boolean := false;
    stops boolean := false;
    anew boolean := false;
    since timestamptz := e.at;
    limit_now integer := e.detail ->> 'limit_value';
    unit_now limit_unit := e.detail ->> 'limit_unit';
    left_minutes double precision;
BEGIN
    IF limit_now IS NOT NULL THEN
        limit_now := limit_now * unit_minutes(unit_now);
    END IF;
    f.version := e.seq;
    f.state := e.to_state;
    IF e.detail ? 'after' THEN
        f := case_described(f, e.detail -> 'after');
    END IF;
    CASE e.move
    WHEN 'report' THEN
        f.reported_at := e.at;
        f.accepted_at := NULL;
        f.closed_at := NULL;
        f.is_overdue := false;
        f.is_supervised := false;
        f.awaits_reply := false;
        f.merged_into := NULL;
        f.suspended_until := NULL;
        f.suspensions := 0;
        f.extensions := 0;
        f.reworks := 0;
        f.appeal := NULL;
        f.request := NULL;
        f.request_to := NULL;
        f.request_until := NULL;
        f.inspector_id := NULL;
        f.condition_id := NULL;
        f.filed_at := NULL;
        f.proposed_condition_id := NULL;
        f.proposed_department_id := NULL;
        anew := true;
    WHEN 'order_verify' THEN
        f.accepted_at := e.at;
        f.inspector_id := e.detail ->> 'staff_id';
    WHEN 'verify', 'check' THEN
        f.inspector_id := NULL;
    WHEN 'accept' THEN
        f.accepted_at := e.at;
        f.proposed_condition_id := e.detail ->> 'condition_id';
        f.proposed_department_id := e.detail ->> 'department_id';
    WHEN 'merge' THEN
        f.merged_into := e.detail ->> 'other_case_id';
    WHEN 'file' THEN
        f.filed_at := e.at;
        f.condition_id := e.detail ->> 'condition_id';
        f.proposed_condition_id := NULL;
    WHEN 'assess' THEN
        f.accepted_at := e.at;
        f.condition_id := e.detail ->> 'condition_id';
        f.responsible_id := e.department_id;
    WHEN 'dispatch' THEN
        starts := true;
        f.proposed_department_id := NULL;
        -- The same unit again goes on with what it has left, another one starts anew.
        IF e.from_state <> 'returned' OR f.responsible_id IS DISTINCT FROM e.department_id THEN
            f.responsible_id := e.department_id;
            f.assignee_id := NULL;
            f.dispatched_at := e.at;
            f.disposed_at := NULL;
            f.limit_minutes := limit_now;
            f.limit_unit := unit_now;
            f.consumed_minutes := 0;
        END IF;
    WHEN 'return' THEN
        IF e.to_state = 'returned' THEN
            stops := true;
        ELSIF e.to_state = 'pending_register' THEN
            f.proposed_condition_id := f.condition_id;
            f.condition_id := NULL;
            f.filed_at := NULL;
            anew := true;
        END IF;
    WHEN 'assign' THEN
        f.assignee_id := e.detail ->> 'staff_id';
    WHEN 'revoke_assign' THEN
        f.assignee_id := NULL;
    WHEN 'request_extension' THEN
        f.request := 'extension';
        f.request_to := CASE WHEN (e.detail ->> 'endorsed')::boolean THEN 'dispatcher' ELSE 'department' END;
    WHEN 'request_suspension' THEN
        f.request := 'suspension';
        f.request_to := 'dispatcher';
        f.request_until := e.detail ->> 'until';
    WHEN 'endorse' THEN
        f.request_to := 'dispatcher';
    WHEN 'extend' THEN
        f.limit_minutes := f.limit_minutes + limit_now;
        f.extensions := f.extensions + 1;
        f.request := NULL;
        f.deadline := limit_end(f.running_since, f.limit_minutes - f.consumed_minutes, f.limit_unit);
    WHEN 'refuse_request', 'refuse_extension' THEN
        f.request := NULL;
    WHEN 'suspend' THEN
        stops := true;
        f.suspended_until := e.detail ->> 'until';
        f.suspensions := 1;
    WHEN 'resume' THEN
        starts := true;
        -- The clock goes on when the last day has ended, however late somebody notices.
        since := least(e.at, (f.suspended_until + 1)::timestamp AT TIME ZONE 'Asia/Shanghai');
        f.suspended_until := NULL;
    WHEN 'overdue' THEN
        f.is_overdue := true;
    WHEN 'dispose' THEN
        stops := true;
        f.disposed_at := e.at;
    WHEN 'order_check' THEN
        f.inspector_id := e.detail ->> 'staff_id';
    WHEN 'rework' THEN
        starts := true;
        f.reworks := f.reworks + 1;
    WHEN 'close' THEN
        f.accepted_at := coalesce(f.accepted_at, e.at);
    WHEN 'force_close', 'cancel' THEN
        stops := true;
        f.suspended_until := NULL;
    WHEN 'reopen' THEN
        f.closed_at := NULL;
        f.merged_into := NULL;
        IF e.to_state = 'reported' THEN
            f.accepted_at := NULL;
        END IF;
        anew := true;
    WHEN 'supervise' THEN
        f.is_supervised := true;
        f.awaits_reply := true;
    WHEN 'reply' THEN
        f.awaits_reply := false;
    WHEN 'appeal' THEN
        f.appeal := 'pending';
        f.request := 'appeal';
        f.request_to := 'dispatcher';
    WHEN 'review_appeal' THEN
        IF (e.detail ->> 'granted')::boolean THEN
            f.request_to := 'acceptor';
        ELSE
            f.appeal := 'refused';
            f.request := NULL;
        END IF;
    WHEN 'decide_appeal' THEN
        f.appeal := CASE WHEN (e.detail ->> 'granted')::boolean THEN 'granted' ELSE 'refused' END;
        f.request := NULL;
    ELSE
        NULL;
    END CASE;

    IF anew THEN  -- as if it had never been dispatched; marks stay
        f.responsible_id := NULL;
        f.assignee_id := NULL;
        f.dispatched_at := NULL;
        f.disposed_at := NULL;
        f.deadline := NULL;
        f.limit_minutes := NULL;
        f.limit_unit := NULL;
        f.consumed_minutes := 0;
        f.running_since := NULL;
    ELSIF stops AND f.running_since IS NOT NULL THEN
        f.consumed_minutes := (round(f.consumed_minutes * 60e6)::bigint + limit_used_us(f.running_since, e.at, f.limit_unit))
            / 60e6::double precision;
        f.running_since := NULL;
        f.is_overdue := f.is_overdue OR e.at > f.deadline;
    ELSIF starts THEN
        f.running_since := since;
        -- A unit that has nothing left keeps its old deadline, which it has missed.
        left_minutes := f.limit_minutes - f.consumed_minutes;
        IF left_minutes > 0 THEN
            f.deadline := limit_end(since, left_minutes, f.limit_unit);
        END IF;
    END IF;
    IF e.to_state <> 'handling' AND f.request <> 'appeal' THEN
        f.request := NULL;
    END IF;
    IF f.request IS NULL THEN
        f.request_to := NULL;
        f.request_until := NULL;
    END IF;
    IF e.to_state >= 'closed' THEN
        f.closed_at := coalesce(f.closed_at, e.at);
        f.awaits_reply := false;
    END IF;
    IF e.from_state IS DISTINCT FROM e.to_state OR e.move = 'extend' THEN
        f := case_lights(f, e.at);
    END IF;
    RETURN f;
END $$;

-- The lights of a case that entered its state at an instant: until when it may stay there, and when most of that is used.
CREATE FUNCTION city.case_lights(f city.case_file, entered timestamptz) RETURNS city.case_file
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    stage interval;
    share double precision;
    left_minutes double precision;
BEGIN
    f.due_at := NULL;
    f.warn_at := NULL;
    IF f.state >= 'closed' OR f.state = 'suspended' THEN
        RETURN f;
    END IF;
    share := (SELECT s.value::double precision FROM setting AS s WHERE s.name = 'warning_share');
    IF f.running_since IS NULL THEN
        stage := make_interval(mins => (
            SELECT (s.value ->> CASE f.state
                WHEN 'pending_verify' THEN 'verify' WHEN 'pending_dispatch' THEN 'dispatch' WHEN 'returned' THEN 'dispatch'
                WHEN 'handle_finish' THEN 'dispatch' WHEN 'checking' THEN 'check' WHEN 'pending_close' THEN 'close'
                ELSE 'accept' END)::integer
            FROM setting AS s WHERE s.name = 'stage_limit'));
        f.due_at := entered + stage;
        f.warn_at := entered + share * stage;
        RETURN f;
    END IF;
    f.due_at := f.deadline;
    left_minutes := share * f.limit_minutes - f.consumed_minutes;
    f.warn_at := least(f.deadline,
        CASE WHEN left_minutes > 0 THEN limit_end(f.running_since, left_minutes, f.limit_unit) ELSE f.running_since END);
    RETURN f;
END $$;

-- What was amended, put into the row: some of class_id, kind, level, address, description, component_code, and the place
-- (x, y, unit_grid, zone_id, street_id), as an event's “before” and “after” have them.
CREATE FUNCTION city.case_described(f city.case_file, said jsonb) RETURNS city.case_file
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = city, public, pg_temp AS $$
BEGIN
    f := jsonb_populate_record(f, said - 'x' - 'y');
    IF said ? 'x' THEN
        f.geom := ST_SetSRID(ST_MakePoint((said ->> 'x')::double precision, (said ->> 'y')::double precision), 4546);
    END IF;
    RETURN f;
END $$;

-- The row of a case as its history makes it, up to its newest event or the one with a number.
CREATE FUNCTION city.fold_case(case_id bigint, up_to smallint DEFAULT NULL) RETURNS city.case_file
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    f case_file;
    e case_event;
BEGIN
    SELECT * INTO f FROM case_file AS c WHERE c.id = fold_case.case_id;
    -- The row says what was reported, but for what was amended since.
    FOR e IN SELECT * FROM case_event AS h WHERE h.case_id = fold_case.case_id AND h.detail ? 'before' ORDER BY h.seq DESC LOOP
        f := case_described(f, e.detail -> 'before');
    END LOOP;
    FOR e IN SELECT * FROM case_event AS h WHERE h.case_id = fold_case.case_id AND (h.seq <= up_to) IS NOT FALSE ORDER BY h.seq LOOP
        f := case_step(f, e);
    END LOOP;
    RETURN f;
END $$;

-- Writes a row that was folded. Texts and places, which carry the search index, only when they differ.
CREATE FUNCTION city.keep_folded(f city.case_file) RETURNS void
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
BEGIN
    UPDATE case_file AS c SET
        class_id = f.class_id, kind = f.kind, level = f.level, address = f.address, description = f.description,
        component_code = f.component_code, unit_grid = f.unit_grid, zone_id = f.zone_id, street_id = f.street_id, geom = f.geom
    WHERE c.id = f.id
        AND (c.class_id, c.kind, c.level, c.address, c.description, c.component_code, c.unit_grid, c.zone_id, c.street_id)
            IS DISTINCT FROM (f.class_id, f.kind, f.level, f.address, f.description, f.component_code, f.unit_grid, f.zone_id, f.street_id)
        OR c.id = f.id AND NOT c.geom ~= f.geom;
    UPDATE case_file AS c SET
        version = f.version, condition_id = f.condition_id, state = f.state, is_overdue = f.is_overdue,
        is_supervised = f.is_supervised, responsible_id = f.responsible_id, merged_into = f.merged_into,
        accepted_at = f.accepted_at, filed_at = f.filed_at, dispatched_at = f.dispatched_at, disposed_at = f.disposed_at,
        closed_at = f.closed_at, deadline = f.deadline, warn_at = f.warn_at, due_at = f.due_at,
        limit_minutes = f.limit_minutes, limit_unit = f.limit_unit, consumed_minutes = f.consumed_minutes,
        running_since = f.running_since, suspended_until = f.suspended_until, suspensions = f.suspensions,
        extensions = f.extensions, reworks = f.reworks, appeal = f.appeal, proposed_condition_id = f.proposed_condition_id,
        proposed_department_id = f.proposed_department_id, assignee_id = f.assignee_id, inspector_id = f.inspector_id,
        request = f.request, request_to = f.request_to, request_until = f.request_until, awaits_reply = f.awaits_reply
    WHERE c.id = f.id;
END $$;

-- The columns of a row that follow from its history, to compare them; times of the clock come to the microsecond.
CREATE FUNCTION city.folded_columns(f city.case_file) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = city, public, pg_temp
RETURN to_jsonb(f) - '{id,case_no,request_id,mode,source,is_open,reporter_id,caller_name,caller_phone,wants_call_back,search}'::text[];

-- Calendar and stage limits bind all clocks, also those that run: what lies ahead of a change is computed anew, so that the
-- row stays the fold of its history. Cases from before the closed loop keep what they have.
CREATE FUNCTION city.refold_cases(changed timestamptz, only_open boolean DEFAULT false) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    first_case bigint := coalesce((SELECT s.value::bigint FROM setting AS s WHERE s.name = 'closed_loop_from'), 1);
    f case_file;
    folded case_file;
    count integer := 0;
BEGIN
    FOR f IN
        SELECT * FROM case_file AS c
        WHERE c.id >= first_case
            AND CASE WHEN only_open THEN c.is_open ELSE c.deadline >= changed OR c.is_open AND c.due_at >= changed END
        ORDER BY c.id FOR UPDATE
    LOOP
        folded := fold_case(f.id);
        IF (folded.deadline, folded.warn_at, folded.due_at) IS DISTINCT FROM (f.deadline, f.warn_at, f.due_at) THEN
            PERFORM keep_folded(folded);
            count := count + 1;
        END IF;
    END LOOP;
    RETURN count;
END $$;

CREATE FUNCTION city.keep_working_time() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    changed timestamptz := refresh_working_time();
BEGIN
    IF changed IS NOT NULL THEN
        PERFORM refold_cases(changed);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_working_time AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON city.calendar_day
    FOR EACH STATEMENT EXECUTE FUNCTION city.keep_working_time();
CREATE TRIGGER keep_working_time AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON city.working_hours
    FOR EACH STATEMENT EXECUTE FUNCTION city.keep_working_time();

CREATE FUNCTION city.keep_lights() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
BEGIN
    LOCK TABLE working_interval IN EXCLUSIVE MODE;  -- moves wait, as for a change of the calendar
    PERFORM refold_cases('-infinity', only_open => true);
    RETURN NULL;
END $$;
CREATE TRIGGER keep_lights AFTER UPDATE ON city.setting
    FOR EACH ROW WHEN (NEW.name IN ('stage_limit', 'warning_share') AND OLD.value <> NEW.value)
    EXECUTE FUNCTION city.keep_lights();

REVOKE ALL ON FUNCTION city.case_step, city.case_lights, city.case_described, city.fold_case, city.keep_folded,
    city.folded_columns, city.refold_cases, city.keep_working_time, city.keep_lights FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.fold_case, city.folded_columns TO administrator;

COMMENT ON FUNCTION city.case_step IS 'The row of a case after an event: the fold of histories.';
COMMENT ON FUNCTION city.case_lights IS 'The row with warn_at and due_at as they follow from its state, which it entered at an instant.';
COMMENT ON FUNCTION city.case_described IS 'The row with what an event''s “before” or “after” says of class, level, texts, component and place.';
COMMENT ON FUNCTION city.fold_case IS 'The row of a case as its history makes it, up to its newest event or the one with that number.';
COMMENT ON FUNCTION city.keep_folded IS 'Writes a folded row.';
COMMENT ON FUNCTION city.folded_columns IS 'The columns of a row that follow from its history, as JSON.';
COMMENT ON FUNCTION city.refold_cases IS 'Computes deadlines and lights anew that lie at or after an instant; returns how many changed.';
COMMENT ON FUNCTION city.keep_working_time IS 'Trigger: keeps working_interval, and the deadlines ahead, in step with calendar_day and working_hours.';
COMMENT ON FUNCTION city.keep_lights IS 'Trigger: keeps the lights of open cases in step with the settings stage_limit and warning_share.';
