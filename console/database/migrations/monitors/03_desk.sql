-- What desks do with alarms. Each checks who asks, and that the alarm is still as it was seen.

-- Whoever asks, when the post is one of these; refuses all others.
CREATE FUNCTION city.alarm_desk(roles text[]) RETURNS city.staff
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    me staff;
BEGIN
    SELECT * INTO me FROM asker();
    IF me.id IS NULL THEN
        PERFORM refuse('CT016', 'The login {login} belongs to no active member of staff, or lacks the database role of its post.',
            jsonb_build_object('login', session_user));
    ELSIF NOT me.role::text = ANY (roles) THEN
        PERFORM refuse('CT074', 'Your post ({role}) may not do this with alarms.', jsonb_build_object('role', me.role));
    END IF;
    RETURN me;
END $$;

-- An alarm, locked together with its point, in the order in which gateways lock them.
CREATE FUNCTION city.lock_alarm(alarm_id bigint) RETURNS city.alarm
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
DECLARE
    a alarm;
BEGIN
    PERFORM lock_alarm_kind(x.kind) FROM alarm AS x WHERE x.id = alarm_id;
    SELECT * INTO a FROM alarm AS x WHERE x.id = alarm_id FOR UPDATE;
    RETURN a;
END $$;

-- An alarm as it was seen, locked; refuses one that was changed since.
CREATE FUNCTION city.alarm_seen(alarm_id bigint, version integer) RETURNS city.alarm
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    a alarm := lock_alarm(alarm_id);
BEGIN
    IF a.id IS NULL THEN
        PERFORM refuse('CT075', 'There is no alarm {alarm}.', jsonb_build_object('alarm', alarm_id));
    ELSIF a.version <> version THEN
        PERFORM refuse('CT076', 'The alarm was changed meanwhile: look at it again; nothing of yours was done.');
    END IF;
    RETURN a;
END $$;

-- Somebody has seen it and acts. What a colleague has acknowledged already is so for all: saying it again changes nothing.
CREATE FUNCTION city.acknowledge_alarm(alarm_id bigint, version integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    me staff := alarm_desk(ARRAY['acceptor', 'dispatcher', 'shift_leader', 'engineer']);
    a alarm := lock_alarm(alarm_id);
BEGIN
    IF a.acknowledged_at IS NOT NULL THEN
        RETURN a.version;
    END IF;
    a := alarm_seen(alarm_id, version);
    IF me.role = 'engineer' AND a.sensor_id IS NULL THEN
        PERFORM refuse('CT074', 'Your post ({role}) may not do this with alarms.', jsonb_build_object('role', me.role));
    ELSIF a.state NOT IN ('unacknowledged', 'returned_unacknowledged') THEN
        PERFORM refuse('CT077', 'This is not possible while the alarm is in this state.');
    END IF;
    a.acknowledged_at := clock_timestamp();
    a.acknowledged_by := me.id;
    RETURN note_alarm(a, 'acknowledge', a.acknowledged_at, me.id);
END $$;

-- A latched alarm, whose condition is over, is let go.
CREATE FUNCTION city.reset_alarm(alarm_id bigint, version integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    me staff := alarm_desk(ARRAY['dispatcher', 'shift_leader']);
    a alarm := alarm_seen(alarm_id, version);
BEGIN
    IF a.state <> 'latched' THEN
        PERFORM refuse('CT077', 'This is not possible while the alarm is in this state.');
    END IF;
    a.is_reset := true;
    RETURN note_alarm(a, 'reset', clock_timestamp(), me.id);
END $$;

-- Puts a hold on a point or lifts it, and tells the alarm that stands there, if any.
CREATE FUNCTION city.turn_hold(
    kind text, vehicle_id integer, sensor_id integer, hold city.alarm_state, act city.alarm_act, is_on boolean, reason text,
    until timestamptz, staff_id integer
) RETURNS void
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    a alarm;
    changed boolean;
BEGIN
    PERFORM lock_alarm_kind(kind);
    IF is_on THEN
        INSERT INTO alarm_hold AS h (kind, vehicle_id, sensor_id, hold, until, reason, staff_id)
        VALUES (kind, coalesce(vehicle_id, 0), coalesce(sensor_id, 0), hold, until, btrim(reason), staff_id)
        ON CONFLICT ON CONSTRAINT alarm_hold_pkey DO UPDATE SET
            until = excluded.until, reason = excluded.reason, staff_id = excluded.staff_id;
    ELSE
        DELETE FROM alarm_hold AS h
        WHERE (h.kind, h.vehicle_id, h.sensor_id, h.hold) = (kind, coalesce(vehicle_id, 0), coalesce(sensor_id, 0), hold);
        IF NOT FOUND THEN
            RETURN;
        END IF;
    END IF;
    SELECT * INTO a FROM alarm_at(kind, vehicle_id, sensor_id);
    IF a.id IS NOT NULL THEN
        -- What is over when it comes to light again asks nobody to act any more.
        IF NOT is_on AND a.cleared_at IS NOT NULL AND a.acknowledged_at IS NULL THEN
            a.acknowledged_at := clock_timestamp();
            a.acknowledged_by := staff_id;
        END IF;
        PERFORM note_alarm(a, act, clock_timestamp(), staff_id, reason);
    END IF;
END $$;

-- Hides an alarm for a while; it comes back by itself. Without minutes for as long as the setting alarm_shelving says.
CREATE FUNCTION city.shelve_alarm(alarm_id bigint, version integer, reason text, minutes integer DEFAULT NULL) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    me staff := alarm_desk(ARRAY['dispatcher', 'shift_leader']);
    a alarm := alarm_seen(alarm_id, version);
    allowed jsonb := (SELECT s.value FROM setting AS s WHERE s.name = 'alarm_shelving');
    until timestamptz;
BEGIN
    minutes := coalesce(minutes, (allowed ->> 'default_min')::integer);
    IF btrim(coalesce(reason, '')) = '' THEN
        PERFORM refuse('CT078', 'Say why: an alarm is not set aside without a reason.');
    ELSIF minutes NOT BETWEEN 1 AND (allowed ->> 'most_min')::integer THEN
        PERFORM refuse('CT078', 'An alarm can be shelved for 1 to {most} minutes, not for {minutes}.',
            jsonb_build_object('most', allowed -> 'most_min', 'minutes', minutes));
    ELSIF a.state IN ('normal', 'suppressed', 'out_of_service') THEN
        PERFORM refuse('CT077', 'This is not possible while the alarm is in this state.');
    END IF;
    until := clock_timestamp() + make_interval(mins => minutes);
    PERFORM turn_hold(a.kind, a.vehicle_id, a.sensor_id, 'shelved', 'shelve', true, reason, until, me.id);
    RETURN until;
END $$;

CREATE FUNCTION city.unshelve_alarm(alarm_id bigint, version integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    me staff := alarm_desk(ARRAY['dispatcher', 'shift_leader']);
    a alarm := alarm_seen(alarm_id, version);
BEGIN
    IF a.state <> 'shelved' THEN
        PERFORM refuse('CT077', 'This is not possible while the alarm is in this state.');
    END IF;
    PERFORM turn_hold(a.kind, a.vehicle_id, a.sensor_id, 'shelved', 'unshelve', false, NULL, NULL, me.id);
END $$;

-- A point is under maintenance: nothing of it is announced until it is back.
CREATE FUNCTION city.take_out_of_service(kind text, vehicle_id integer, sensor_id integer, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    me staff := alarm_desk(ARRAY['shift_leader', 'administrator', 'engineer']);
BEGIN
    IF me.role = 'engineer' AND sensor_id IS NULL THEN
        PERFORM refuse('CT074', 'Your post ({role}) may not do this with alarms.', jsonb_build_object('role', me.role));
    ELSIF btrim(coalesce(reason, '')) = '' THEN
        PERFORM refuse('CT078', 'Say why: an alarm is not set aside without a reason.');
    ELSIF NOT EXISTS (
        SELECT FROM alarm_rule AS r WHERE r.kind = take_out_of_service.kind AND CASE r.subject
            WHEN 'vehicle' THEN sensor_id IS NULL AND EXISTS (SELECT FROM vehicle AS v WHERE v.id = take_out_of_service.vehicle_id)
            ELSE vehicle_id IS NULL AND EXISTS (SELECT FROM sensor AS s WHERE s.id = take_out_of_service.sensor_id) END
    ) THEN
        PERFORM refuse('CT075', 'There is nothing that could raise this alarm.');
    END IF;
    PERFORM turn_hold(kind, vehicle_id, sensor_id, 'out_of_service', 'take_out_of_service', true, reason, NULL, me.id);
END $$;

CREATE FUNCTION city.return_to_service(kind text, vehicle_id integer, sensor_id integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    me staff := alarm_desk(ARRAY['shift_leader', 'administrator', 'engineer']);
BEGIN
    IF me.role = 'engineer' AND sensor_id IS NULL THEN
        PERFORM refuse('CT074', 'Your post ({role}) may not do this with alarms.', jsonb_build_object('role', me.role));
    END IF;
    PERFORM turn_hold(kind, vehicle_id, sensor_id, 'out_of_service', 'return_to_service', false, NULL, NULL, me.id);
END $$;

-- By design: a monitor says that a point means nothing while something above it is wrong, or that it does again. For gateways.
CREATE FUNCTION city.suppress_alarm(kind text, vehicle_id integer, sensor_id integer, is_on boolean, reason text DEFAULT NULL) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    SELECT turn_hold(kind, vehicle_id, sensor_id, 'suppressed',
        CASE WHEN is_on THEN 'suppress' ELSE 'release' END::alarm_act, is_on, reason, NULL, NULL)
$$;

-- Shelved alarms whose time is over come back; returns how many. One of many callers does it.
CREATE FUNCTION city.keep_alarms() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    h alarm_hold;
    kept integer := 0;
BEGIN
    PERFORM FROM setting AS s WHERE s.name = 'alarm_shelving' FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    FOR h IN SELECT * FROM alarm_hold AS over WHERE over.until < clock_timestamp() ORDER BY over.kind, over.until LIMIT 500 LOOP
        PERFORM turn_hold(h.kind, nullif(h.vehicle_id, 0), nullif(h.sensor_id, 0::smallint), 'shelved', 'unshelve', false, NULL, NULL, NULL);
        kept := kept + 1;
    END LOOP;
    -- What no monitor has taken for a day will be of no use to it.
    DELETE FROM fix_inbox AS i WHERE i.at < clock_timestamp() - interval '1 day';
    DELETE FROM reading_inbox AS i WHERE i.at < clock_timestamp() - interval '1 day';
    RETURN kept;
END $$;
