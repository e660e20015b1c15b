-- An alarm becomes a case, and the end of the case is told to its alarm.
-- Without a foreign key, which would keep the two tables from being filled each by itself: alarm_to_case alone writes it, and
-- cases are never deleted.
ALTER TABLE city.alarm ADD COLUMN case_id bigint;
CREATE INDEX alarm_case ON city.alarm (case_id) WHERE case_id IS NOT NULL;

-- Takes in a case for an alarm: whoever makes one has seen the alarm and acts. The same again for a repeated request_id.
CREATE FUNCTION city.alarm_to_case(
    alarm_id bigint, version integer, description text, x double precision, y double precision,
    class_id smallint DEFAULT NULL, address text DEFAULT NULL, component_code text DEFAULT NULL,
    level city.case_level DEFAULT 'normal', request_id uuid DEFAULT NULL
) RETURNS TABLE (id bigint, case_no text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    me staff := alarm_desk(ARRAY['acceptor', 'shift_leader']);
    a alarm := lock_alarm(alarm_id);
    known case_file;
BEGIN
    IF a.case_id IS NOT NULL THEN
        SELECT * INTO known FROM case_file AS f WHERE f.id = a.case_id;
        IF known.request_id IS DISTINCT FROM request_id THEN
            PERFORM refuse('CT090', 'This alarm is case {case} already.', jsonb_build_object('case', known.case_no));
        END IF;
        id := known.id;
        case_no := known.case_no;
        RETURN NEXT;
        RETURN;
    END IF;
    a := alarm_seen(alarm_id, version);
    IF a.state = 'normal' THEN
        PERFORM refuse('CT077', 'This is not possible while the alarm is in this state.');
    END IF;
    SELECT made.id, made.case_no INTO id, case_no FROM report_case(
        source => 'sensor', description => description, x => x, y => y, class_id => class_id, address => address,
        component_code => component_code, level => level, request_id => request_id
    ) AS made;
    UPDATE alarm AS x SET case_id = alarm_to_case.id WHERE x.id = alarm_id;
    IF a.acknowledged_at IS NULL THEN
        a.acknowledged_at := clock_timestamp();
        a.acknowledged_by := me.id;
    END IF;
    PERFORM note_alarm(a, 'make_case', clock_timestamp(), me.id, case_no);
    RETURN NEXT;
END $$;

-- What was disposed of asks nobody any more: a latched alarm is let go, one that no monitor watches is over. One whose
-- condition still holds stands on, acknowledged, and is told how its case ended.
CREATE FUNCTION city.end_alarm_of_case() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    found_id bigint;
    a alarm;
BEGIN
    FOR found_id IN SELECT x.id FROM alarm AS x WHERE x.case_id = NEW.id AND x.state <> 'normal' ORDER BY x.kind, x.id LOOP
        a := lock_alarm(found_id);
        a.acknowledged_at := coalesce(a.acknowledged_at, clock_timestamp());
        a.is_reset := true;
        IF a.rule_id IS NULL THEN
            a.cleared_at := coalesce(a.cleared_at, clock_timestamp());
        END IF;
        PERFORM note_alarm(a, 'end_case', clock_timestamp(), (SELECT s.id FROM asker() AS s), NEW.case_no);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER end_alarm AFTER UPDATE OF state ON city.case_file
    FOR EACH ROW WHEN (OLD.state < 'closed' AND NEW.state >= 'closed') EXECUTE FUNCTION city.end_alarm_of_case();

REVOKE ALL ON FUNCTION city.alarm_to_case, city.end_alarm_of_case FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.alarm_to_case TO acceptor, shift_leader;

COMMENT ON COLUMN city.alarm.case_id IS 'Case that it has become; empty when it has become none.';
COMMENT ON FUNCTION city.alarm_to_case IS 'Takes in a case for an alarm, which counts as acknowledged; returns id and number of the case. Refuses with CT074 to CT077, CT090 when it is a case already, and as report_case.';
COMMENT ON FUNCTION city.end_alarm_of_case IS 'Trigger: tells the alarm of a case that has ended, and lets it go unless its condition still holds.';
