-- Rules of alarms (rationalisation by ISA-18.2 / IEC 62682). A kind of alarm has one rule a grade; the worst grade that holds
-- is the alarm's.
CREATE TYPE city.alarm_subject AS ENUM ('vehicle', 'sensor');

CREATE TABLE city.alarm_rule (
    id smallint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9_]*$'),
    grade smallint NOT NULL CHECK (grade BETWEEN 1 AND 4),
    subject city.alarm_subject NOT NULL,
    urgency city.urgency,
    cause text,
    consequence text,
    action text,
    set_point double precision,
    clear_point double precision,
    unit text NOT NULL,
    on_delay_s integer CHECK (on_delay_s BETWEEN 0 AND 86400),
    on_count smallint NOT NULL DEFAULT 1 CHECK (on_count BETWEEN 1 AND 100),
    off_delay_s integer CHECK (off_delay_s BETWEEN 0 AND 86400),
    off_count smallint NOT NULL DEFAULT 1 CHECK (off_count BETWEEN 1 AND 100),
    latches boolean NOT NULL DEFAULT false,
    scope jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(scope) = 'object'),
    enabled boolean NOT NULL DEFAULT false,
    assumed boolean NOT NULL,
    source text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by text,
    UNIQUE (kind, grade),
    CONSTRAINT alarm_rule_dead_band CHECK (clear_point <= set_point),
    -- What asks for nothing, or nobody knows why, is no alarm.
    CONSTRAINT alarm_rule_rational CHECK (NOT enabled OR (
        btrim(coalesce(cause, '')) <> '' AND btrim(coalesce(consequence, '')) <> '' AND btrim(coalesce(action, '')) <> ''
        AND num_nulls(urgency, set_point, clear_point, on_delay_s, off_delay_s) = 0
    ))
);

-- Saves a rule as a new version; parts that `said` does not name stay as they are. For shift leaders and administrators.
CREATE FUNCTION city.save_alarm_rule(rule_id integer, version integer, said jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    me staff;
    was alarm_rule;
    r alarm_rule;
    unknown text;
BEGIN
    me := alarm_desk(ARRAY['shift_leader', 'administrator']);
    SELECT * INTO was FROM alarm_rule AS a WHERE a.id = rule_id FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('CT070', 'There is no alarm rule {rule}.', jsonb_build_object('rule', rule_id));
    ELSIF was.version <> version THEN
        PERFORM refuse('CT071', 'The alarm rule was changed meanwhile: look at it again; nothing of yours was saved.');
    END IF;
    SELECT key INTO unknown FROM jsonb_object_keys(said) AS key WHERE key NOT IN ('urgency', 'cause', 'consequence', 'action',
        'set_point', 'clear_point', 'on_delay_s', 'on_count', 'off_delay_s', 'off_count', 'latches', 'scope', 'enabled', 'source');
    IF FOUND THEN
        PERFORM refuse('CT072', 'An alarm rule has no part {part} that can be changed.', jsonb_build_object('part', unknown));
    END IF;
    BEGIN
        r := jsonb_populate_record(was, said);
    EXCEPTION WHEN data_exception THEN
        PERFORM refuse('CT072', 'A part of the alarm rule has a value that it cannot have: figures are wanted, and delays from 0 to 86400 seconds.');
    END;
    IF coalesce(r.on_delay_s NOT BETWEEN 0 AND 86400, false) OR coalesce(r.off_delay_s NOT BETWEEN 0 AND 86400, false)
        OR coalesce(r.on_count NOT BETWEEN 1 AND 100, true) OR coalesce(r.off_count NOT BETWEEN 1 AND 100, true)
        OR num_nulls(r.latches, r.enabled, r.source) > 0
    THEN
        PERFORM refuse('CT072', 'A part of the alarm rule has a value that it cannot have: figures are wanted, and delays from 0 to 86400 seconds.');
    -- A monitor knows the figures of its kind; none may go missing, come by a slip of the pen or turn into words.
    ELSIF (SELECT jsonb_object_agg(key, jsonb_typeof(value)) FROM jsonb_each(was.scope))
        IS DISTINCT FROM (CASE jsonb_typeof(r.scope) WHEN 'object' THEN
            (SELECT jsonb_object_agg(key, jsonb_typeof(value)) FROM jsonb_each(r.scope)) END)
    THEN
        PERFORM refuse('CT072', 'The further figures of this alarm rule are {keys}: neither more nor fewer.',
            jsonb_build_object('keys', (SELECT string_agg(key, ', ' ORDER BY key) FROM jsonb_object_keys(was.scope) AS key)));
    END IF;
    IF r.clear_point > r.set_point THEN
        PERFORM refuse('CT072', 'The clear point must not lie above the set point: an alarm would end before it begins.');
    ELSIF r.enabled AND (btrim(coalesce(r.cause, '')) = '' OR btrim(coalesce(r.consequence, '')) = ''
        OR btrim(coalesce(r.action, '')) = '' OR num_nulls(r.urgency, r.set_point, r.clear_point, r.on_delay_s, r.off_delay_s) > 0)
    THEN
        PERFORM refuse('CT073', 'A rule without cause, consequence, action, priority, set point, clear point or delays cannot be enabled.');
    END IF;
    UPDATE alarm_rule AS a SET
        urgency = r.urgency, cause = r.cause, consequence = r.consequence, action = r.action, set_point = r.set_point,
        clear_point = r.clear_point, on_delay_s = r.on_delay_s, on_count = r.on_count, off_delay_s = r.off_delay_s,
        off_count = r.off_count, latches = r.latches, scope = r.scope, enabled = r.enabled, source = r.source, assumed = false,
        version = a.version + 1, changed_at = clock_timestamp(), changed_by = me.login
    WHERE a.id = rule_id;
    RETURN version + 1;
END $$;

-- How a rule came to be as it is: all its versions, the newest first; the one that the city began with is nobody's. From the
-- audit trail, which those who write rules may not read as a whole.
CREATE FUNCTION city.alarm_rule_versions(rule_id integer)
RETURNS TABLE (version integer, at timestamptz, login text, reason text, rule jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    WITH saved AS MATERIALIZED (
        SELECT * FROM audit_log AS a
        WHERE a.subject = 'alarm_rule' AND a.key = alarm_rule_versions.rule_id::text AND a.kind = 'update'
    )
    SELECT (s.after ->> 'version')::integer, s.at, s.login, s.reason, s.after FROM saved AS s
    UNION ALL
    SELECT (begun.rule ->> 'version')::integer, NULL, NULL, NULL, begun.rule
    FROM alarm_rule AS r, LATERAL (
        SELECT coalesce((SELECT s.before FROM saved AS s ORDER BY s.id LIMIT 1), to_jsonb(r)) AS rule
    ) AS begun
    WHERE r.id = alarm_rule_versions.rule_id
    ORDER BY 1 DESC
$$;

-- Where trucks may not drive, or only slowly.
CREATE TABLE city.traffic_area (
    id smallint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL UNIQUE,
    speed_kmh real NOT NULL CHECK (speed_kmh BETWEEN 0 AND 120),
    hours_from time NOT NULL DEFAULT '00:00',
    hours_to time NOT NULL DEFAULT '00:00',
    geom public.geometry(Polygon, 4546) NOT NULL CHECK (city.is_placed(geom))
);
CREATE INDEX traffic_area_geom ON city.traffic_area USING gist (geom);
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON city.traffic_area
    FOR EACH ROW EXECUTE FUNCTION city.log_change('id');
CREATE TRIGGER log_audit AFTER INSERT OR UPDATE OR DELETE ON city.traffic_area
    FOR EACH ROW EXECUTE FUNCTION city.log_audit('id');
