-- The life of an alarm (ISA-18.2 / IEC 62682). An alarm is one row from raising to normal; its state follows from whether its
-- condition holds, whether it is acknowledged, whether it latches, and what holds its point back.
ALTER TABLE city.alarm ADD COLUMN rule_id smallint REFERENCES city.alarm_rule;
ALTER TABLE city.alarm ADD COLUMN rule_version integer;
ALTER TABLE city.alarm ADD COLUMN grade smallint NOT NULL DEFAULT 1;
ALTER TABLE city.alarm ADD COLUMN latches boolean NOT NULL DEFAULT false;
ALTER TABLE city.alarm ADD COLUMN is_reset boolean NOT NULL DEFAULT false;
ALTER TABLE city.alarm ADD COLUMN version integer NOT NULL DEFAULT 1;
CREATE UNIQUE INDEX alarm_point ON city.alarm (kind, coalesce(vehicle_id, 0), coalesce(sensor_id, 0::smallint))
    WHERE state <> 'normal' AND rule_id IS NOT NULL;

CREATE TYPE city.alarm_act AS ENUM (
    'raise', 'step_up', 'step_down', 'return', 'acknowledge', 'reset', 'shelve', 'unshelve', 'suppress', 'release',
    'take_out_of_service', 'return_to_service', 'make_case', 'end_case'
);

CREATE TABLE city.alarm_event (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    alarm_id bigint NOT NULL REFERENCES city.alarm,
    version integer NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    act city.alarm_act NOT NULL,
    from_state city.alarm_state,
    to_state city.alarm_state NOT NULL,
    urgency city.urgency NOT NULL,
    value double precision,
    staff_id integer REFERENCES city.staff,
    reason text,
    UNIQUE (alarm_id, version)
);
CREATE INDEX alarm_event_at ON city.alarm_event USING brin (at);
CREATE TRIGGER keep_history BEFORE UPDATE OR DELETE ON city.alarm_event
    FOR EACH ROW EXECUTE FUNCTION city.refuse_rewriting();

-- What holds the alarms of one point back, also those that are raised later.
CREATE TABLE city.alarm_hold (
    kind text NOT NULL,
    vehicle_id integer NOT NULL DEFAULT 0,
    sensor_id smallint NOT NULL DEFAULT 0,
    hold city.alarm_state NOT NULL CHECK (hold IN ('shelved', 'suppressed', 'out_of_service')),
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    until timestamptz,
    reason text NOT NULL CHECK (btrim(reason) <> ''),
    staff_id integer REFERENCES city.staff,
    PRIMARY KEY (kind, vehicle_id, sensor_id, hold),
    CHECK ((vehicle_id = 0) <> (sensor_id = 0)),
    CHECK ((hold = 'shelved') = (until IS NOT NULL))
);
CREATE INDEX alarm_hold_until ON city.alarm_hold (until);
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON city.alarm_hold
    FOR EACH ROW EXECUTE FUNCTION city.log_change('kind', 'vehicle_id', 'sensor_id', 'hold');
CREATE TRIGGER log_audit AFTER INSERT OR UPDATE OR DELETE ON city.alarm_hold
    FOR EACH ROW EXECUTE FUNCTION city.log_audit('kind');

INSERT INTO city.setting (name, value, unit, assumed, source) VALUES
    ('alarm_shelving', '{"default_min": 240, "most_min": 480}', 'min', true, 'ISA-18.2 practice');
INSERT INTO city.setting_field (setting, field, place, kind, least, most, unit) VALUES
    ('alarm_shelving', 'default_min', 1, 'integer', 1, 1440, 'min'),
    ('alarm_shelving', 'most_min', 2, 'integer', 1, 1440, 'min');

-- The state that follows from the facts of an alarm. Shelving and suppression keep the point; what they hide is shown again
-- as it is when they end.
CREATE FUNCTION city.alarm_state_of(a city.alarm) RETURNS city.alarm_state
LANGUAGE sql STABLE SET search_path = city, public, pg_temp AS $$
    SELECT coalesce(
        (SELECT h.hold FROM alarm_hold AS h
         WHERE (h.kind, h.vehicle_id, h.sensor_id) = (a.kind, coalesce(a.vehicle_id, 0), coalesce(a.sensor_id, 0::smallint))
         ORDER BY h.hold DESC LIMIT 1),
        CASE
            WHEN a.cleared_at IS NULL AND a.acknowledged_at IS NULL THEN 'unacknowledged'
            WHEN a.cleared_at IS NULL THEN 'acknowledged'
            WHEN a.acknowledged_at IS NULL THEN 'returned_unacknowledged'
            WHEN a.latches AND NOT a.is_reset THEN 'latched'
            ELSE 'normal'
        END::alarm_state)
$$;

-- Writes what has happened to an alarm: its new state, and one row of its history.
CREATE FUNCTION city.note_alarm(a city.alarm, act city.alarm_act, at timestamptz, staff_id integer DEFAULT NULL, reason text DEFAULT NULL)
RETURNS integer
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    before alarm_state := a.state;
BEGIN
    a.state := alarm_state_of(a);
    a.version := a.version + 1;
    UPDATE alarm AS x SET
        state = a.state, urgency = a.urgency, acknowledged_at = a.acknowledged_at, acknowledged_by = a.acknowledged_by,
        cleared_at = a.cleared_at, value = a.value, limit_value = a.limit_value, detail = a.detail, rule_id = a.rule_id,
        rule_version = a.rule_version, grade = a.grade, latches = a.latches, is_reset = a.is_reset, geom = a.geom,
        version = a.version
    WHERE x.id = a.id;
    INSERT INTO alarm_event (alarm_id, version, at, act, from_state, to_state, urgency, value, staff_id, reason)
    VALUES (a.id, a.version, at, act, before, a.state, a.urgency, a.value, staff_id, reason);
    RETURN a.version;
END $$;

-- One at a time for each kind, by a row that no login can lock by itself, as it could an advisory lock.
CREATE FUNCTION city.lock_alarm_kind(kind text) RETURNS void
LANGUAGE sql SET search_path = city, public, pg_temp AS $$
    SELECT FROM alarm_rule AS r WHERE r.kind = lock_alarm_kind.kind ORDER BY r.grade LIMIT 1 FOR NO KEY UPDATE
$$;

-- The alarm of a point that stands or is held back; none when all is normal.
CREATE FUNCTION city.alarm_at(kind text, vehicle_id integer, sensor_id integer) RETURNS SETOF city.alarm
LANGUAGE sql SET search_path = city, public, pg_temp AS $$
    SELECT * FROM alarm AS a
    WHERE a.kind = alarm_at.kind AND a.state <> 'normal'
        AND (a.vehicle_id = alarm_at.vehicle_id OR a.sensor_id = alarm_at.sensor_id)
    ORDER BY a.rule_id IS NULL, a.raised_at DESC LIMIT 1 FOR UPDATE
$$;

-- The condition of a rule holds. An alarm of the point that stands already rises or falls to the grade of the rule: a
-- worse one must be acknowledged again, and is shelved no more. Saying the same twice changes nothing. Returns the alarm. For gateways.
CREATE FUNCTION city.raise_alarm(
    rule_id integer, vehicle_id integer, sensor_id integer, at timestamptz, value double precision DEFAULT NULL,
    limit_value double precision DEFAULT NULL, x double precision DEFAULT NULL, y double precision DEFAULT NULL,
    detail jsonb DEFAULT '{}'
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    r alarm_rule;
    a alarm;
    act alarm_act;
    place geometry := CASE WHEN x IS NOT NULL THEN ST_SetSRID(ST_MakePoint(x, y), 4546) END;
BEGIN
    SELECT * INTO r FROM alarm_rule AS known WHERE known.id = rule_id AND known.enabled;
    IF NOT FOUND OR (r.subject = 'vehicle') <> (vehicle_id IS NOT NULL) OR (r.subject = 'sensor') <> (sensor_id IS NOT NULL) THEN
        PERFORM refuse('CT070', 'There is no alarm rule {rule}.', jsonb_build_object('rule', rule_id));
    END IF;
    PERFORM lock_alarm_kind(r.kind);
    SELECT * INTO a FROM alarm_at(r.kind, vehicle_id, sensor_id);
    IF NOT FOUND THEN
        INSERT INTO alarm (kind, urgency, state, vehicle_id, sensor_id, raised_at, value, limit_value, detail, geom,
            rule_id, rule_version, grade, latches, version)
        VALUES (r.kind, r.urgency, 'normal', vehicle_id, sensor_id, at, value, limit_value, detail, place, r.id, r.version,
            r.grade, r.latches, 0)
        RETURNING * INTO a;
        act := 'raise';
    ELSIF a.cleared_at IS NOT NULL THEN
        act := 'raise';
    ELSIF r.grade > a.grade OR (a.rule_id IS NULL AND r.urgency > a.urgency) THEN
        act := 'step_up';
    ELSIF a.rule_id IS NOT NULL AND r.grade < a.grade THEN
        act := 'step_down';
    ELSE
        RETURN a.id;
    END IF;
    IF act <> 'step_down' THEN
        a.geom := coalesce(place, a.geom);
        a.acknowledged_at := NULL;
        a.acknowledged_by := NULL;
    END IF;
    a.cleared_at := NULL;
    a.is_reset := false;
    a.urgency := r.urgency;
    a.value := value;
    a.limit_value := limit_value;
    a.detail := detail;
    a.rule_id := r.id;
    a.rule_version := r.version;
    a.grade := r.grade;
    a.latches := a.latches OR r.latches;
    IF act = 'step_up' THEN
        -- What was set aside was less than this.
        DELETE FROM alarm_hold AS h
        WHERE (h.kind, h.vehicle_id, h.sensor_id, h.hold) = (a.kind, coalesce(vehicle_id, 0), coalesce(sensor_id, 0), 'shelved');
    END IF;
    PERFORM note_alarm(a, act, at);
    RETURN a.id;
END $$;

-- The condition holds no more. Returns the alarm, NULL when none stood. For gateways.
CREATE FUNCTION city.return_alarm(kind text, vehicle_id integer, sensor_id integer, at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    a alarm;
BEGIN
    PERFORM lock_alarm_kind(kind);
    SELECT * INTO a FROM alarm_at(kind, vehicle_id, sensor_id);
    IF NOT FOUND OR a.cleared_at IS NOT NULL THEN
        RETURN NULL;
    END IF;
    a.cleared_at := greatest(at, a.raised_at);
    PERFORM note_alarm(a, 'return', at);
    RETURN a.id;
END $$;
