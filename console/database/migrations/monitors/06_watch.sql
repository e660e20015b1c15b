-- What monitors have still to judge, what they remember, and how both are kept together with the alarms that follow.

-- Positions and readings as they came in, whoever brought them: one row a statement, each column an array as array_send writes it.
CREATE TABLE city.fix_inbox (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    count integer NOT NULL,
    vehicle_ids bytea NOT NULL,
    ats bytea NOT NULL,
    xs bytea NOT NULL,
    ys bytea NOT NULL,
    speeds bytea NOT NULL,
    headings bytea NOT NULL,
    loads bytea NOT NULL,
    flags bytea NOT NULL,
    alarm_bits bytea NOT NULL
);
CREATE TABLE city.reading_inbox (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    count integer NOT NULL,
    sensor_ids bytea NOT NULL,
    ats bytea NOT NULL,
    readings bytea NOT NULL,
    qualities bytea NOT NULL
);
CREATE INDEX fix_inbox_at ON city.fix_inbox (at);
CREATE INDEX reading_inbox_at ON city.reading_inbox (at);

CREATE FUNCTION city.post_fixes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
BEGIN
    INSERT INTO fix_inbox (count, vehicle_ids, ats, xs, ys, speeds, headings, loads, flags, alarm_bits)
    SELECT count(*), array_send(array_agg(vehicle_id)), array_send(array_agg(extract(epoch FROM at)::double precision)),
        array_send(array_agg(ST_X(geom))), array_send(array_agg(ST_Y(geom))), array_send(array_agg(speed_kmh)),
        array_send(array_agg(heading)),
        array_send(array_agg(CASE load WHEN 'empty' THEN 0 WHEN 'half' THEN 1 ELSE 2 END::smallint)),
        array_send(array_agg((lid_closed::integer + 2 * ignition::integer)::smallint)), array_send(array_agg(alarm_bits))
    FROM added HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER post_fixes AFTER INSERT ON city.vehicle_fix REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION city.post_fixes();

CREATE FUNCTION city.post_readings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
BEGIN
    INSERT INTO reading_inbox (count, sensor_ids, ats, readings, qualities)
    SELECT count(*), array_send(array_agg(sensor_id)), array_send(array_agg(extract(epoch FROM at)::double precision)),
        array_send(array_agg(value)), array_send(array_agg(quality))
    FROM added HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER post_readings AFTER INSERT ON city.sensor_reading REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION city.post_readings();

-- One row: whose turn it is to judge, and what was known when it last wrote. Each taking over is a new turn.
CREATE TABLE city.monitor_state (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    turn bigint NOT NULL DEFAULT 0,
    owner text NOT NULL DEFAULT '',
    at timestamptz NOT NULL DEFAULT '-infinity',
    state bytea
) WITH (fillfactor = 50);
ALTER TABLE city.monitor_state ALTER COLUMN state SET STORAGE EXTENDED;
INSERT INTO city.monitor_state DEFAULT VALUES;

-- Takes over when nobody has judged for so many seconds; returns the turn and what was known, nothing while somebody does.
CREATE FUNCTION city.take_monitors(owner text, patience_s double precision) RETURNS TABLE (turn bigint, state bytea)
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    UPDATE monitor_state AS m SET turn = m.turn + 1, owner = take_monitors.owner, at = clock_timestamp()
    WHERE m.at < clock_timestamp() - make_interval(secs => greatest(patience_s, 0)) OR m.owner = take_monitors.owner
    RETURNING m.turn, m.state
$$;

-- Keeps what is known now and lets go of what was judged; refuses one whose turn is over. Call it before what alarms follow.
CREATE FUNCTION city.keep_monitors(turn bigint, state bytea, fix_ids bigint[], reading_ids bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
BEGIN
    UPDATE monitor_state AS m SET at = clock_timestamp(), state = keep_monitors.state WHERE m.turn = keep_monitors.turn;
    IF NOT FOUND THEN
        PERFORM refuse('CT079', 'Another gateway judges positions and readings now.');
    END IF;
    DELETE FROM fix_inbox WHERE id = ANY (fix_ids);
    DELETE FROM reading_inbox WHERE id = ANY (reading_ids);
END $$;

-- Lets another one take over at once.
CREATE FUNCTION city.leave_monitors(turn bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    UPDATE monitor_state AS m SET at = '-infinity' WHERE m.turn = leave_monitors.turn
$$;

REVOKE ALL ON FUNCTION city.post_fixes, city.post_readings, city.take_monitors, city.keep_monitors, city.leave_monitors FROM PUBLIC;
GRANT SELECT ON city.fix_inbox, city.reading_inbox, city.monitor_state TO gateway;
GRANT EXECUTE ON FUNCTION city.take_monitors, city.keep_monitors, city.leave_monitors TO gateway;

COMMENT ON TABLE city.fix_inbox IS 'Positions that monitors have still to judge, a row a statement; every column is an array in the binary form of array_send. Judged ones go.';
COMMENT ON COLUMN city.fix_inbox.id IS 'Number of the row.';
COMMENT ON COLUMN city.fix_inbox.at IS 'When it came in.';
COMMENT ON COLUMN city.fix_inbox.count IS 'How many positions.';
COMMENT ON COLUMN city.fix_inbox.vehicle_ids IS 'Trucks (integer).';
COMMENT ON COLUMN city.fix_inbox.ats IS 'Times, seconds since 1970 (double precision).';
COMMENT ON COLUMN city.fix_inbox.xs IS 'East, EPSG:4546 m (double precision).';
COMMENT ON COLUMN city.fix_inbox.ys IS 'North, EPSG:4546 m (double precision).';
COMMENT ON COLUMN city.fix_inbox.speeds IS 'Speeds, km/h (real).';
COMMENT ON COLUMN city.fix_inbox.headings IS 'Headings, degrees clockwise from north (smallint).';
COMMENT ON COLUMN city.fix_inbox.loads IS 'Loads (smallint): 0 empty, 1 half, 2 full.';
COMMENT ON COLUMN city.fix_inbox.flags IS 'Added up (smallint): 1 lid closed, 2 engine on.';
COMMENT ON COLUMN city.fix_inbox.alarm_bits IS 'Alarm bits of JT/T 808 (integer).';
COMMENT ON TABLE city.reading_inbox IS 'Readings that monitors have still to judge, as city.fix_inbox.';
COMMENT ON COLUMN city.reading_inbox.id IS 'Number of the row.';
COMMENT ON COLUMN city.reading_inbox.at IS 'When it came in.';
COMMENT ON COLUMN city.reading_inbox.count IS 'How many readings.';
COMMENT ON COLUMN city.reading_inbox.sensor_ids IS 'Sensors (smallint).';
COMMENT ON COLUMN city.reading_inbox.ats IS 'Times, seconds since 1970 (double precision).';
COMMENT ON COLUMN city.reading_inbox.readings IS 'Values, in the unit of each sensor (real).';
COMMENT ON COLUMN city.reading_inbox.qualities IS 'Qualities (smallint).';
COMMENT ON TABLE city.monitor_state IS 'What monitors remember: one row, written together with the alarms that follow from it.';
COMMENT ON COLUMN city.monitor_state.is_only IS 'True: there is one row.';
COMMENT ON COLUMN city.monitor_state.turn IS 'Counts who took over.';
COMMENT ON COLUMN city.monitor_state.owner IS 'Gateway whose turn it is.';
COMMENT ON COLUMN city.monitor_state.at IS 'When it last wrote; after a pause of half a minute another one may take over.';
COMMENT ON COLUMN city.monitor_state.state IS 'What it knew then.';
COMMENT ON FUNCTION city.post_fixes IS 'Puts new positions into city.fix_inbox.';
COMMENT ON FUNCTION city.post_readings IS 'Puts new readings into city.reading_inbox.';
COMMENT ON FUNCTION city.take_monitors IS 'Takes over the judging when nobody has judged for so many seconds, or the same gateway did; returns the turn and what was known.';
COMMENT ON FUNCTION city.keep_monitors IS 'Keeps what monitors know and lets go of what they have judged; refuses with CT079 when it is another one''s turn.';
COMMENT ON FUNCTION city.leave_monitors IS 'Lets another gateway take over at once.';
