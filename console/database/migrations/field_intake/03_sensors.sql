-- Devices bring readings by SL 651, MQTT or HTTP: which value of which device is which sensor's, and in which unit. A device
-- that brings no sensor's readings waits here for the administrator.
CREATE TABLE city.sensor_source (
    way smallint NOT NULL CHECK (way BETWEEN 2 AND 4),
    address text NOT NULL CHECK (length(address) BETWEEN 1 AND 200),
    field text NOT NULL CHECK (field ~ '^[A-Za-z0-9_.]{1,40}$'),
    sensor_id smallint NOT NULL REFERENCES city.sensor,
    factor double precision NOT NULL CHECK (factor > 0 AND factor <= 1e6),
    shift double precision NOT NULL DEFAULT 0 CHECK (shift BETWEEN -1e6 AND 1e6),
    is_total boolean NOT NULL DEFAULT false,
    password text CHECK (password IS NULL OR (way = 2 AND password ~ '^[0-9A-F]{4}$')),
    PRIMARY KEY (way, address, field),
    CHECK (way <> 2 OR (address ~ '^\d{10}$' AND field ~ '^[0-9A-F]{2}$'))
);
CREATE INDEX sensor_source_sensor ON city.sensor_source (sensor_id);
CREATE TRIGGER log_added AFTER INSERT ON city.sensor_source REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION city.log_added('sensor_id');
CREATE TRIGGER log_change AFTER UPDATE OR DELETE ON city.sensor_source FOR EACH ROW EXECUTE FUNCTION city.log_change('sensor_id');
CREATE TRIGGER log_audit AFTER UPDATE OR DELETE ON city.sensor_source FOR EACH ROW EXECUTE FUNCTION city.log_audit('sensor_id');

CREATE TABLE city.unknown_device (
    way smallint NOT NULL CHECK (way BETWEEN 2 AND 4),
    address text NOT NULL CHECK (length(address) BETWEEN 1 AND 200),
    fields text[] NOT NULL,
    peer text,
    sample bytea NOT NULL CHECK (length(sample) <= 5000),
    attempts integer NOT NULL,
    first_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (way, address)
);
CREATE TRIGGER log_change AFTER INSERT OR DELETE ON city.unknown_device
    FOR EACH ROW EXECUTE FUNCTION city.log_change('address', 'way');

-- Where the counter of a rain gauge that reports its total stood.
CREATE TABLE city.rain_total (
    sensor_id smallint PRIMARY KEY REFERENCES city.sensor,
    at timestamptz NOT NULL,
    total double precision NOT NULL
) WITH (fillfactor = 50);

-- Readings whose time cannot be believed.
CREATE TABLE city.doubtful_reading (
    sensor_id smallint NOT NULL REFERENCES city.sensor,
    received_at timestamptz NOT NULL,
    at timestamptz NOT NULL,
    doubt smallint NOT NULL CHECK (doubt > 0),
    value double precision NOT NULL,
    PRIMARY KEY (sensor_id, received_at, at)
);

-- Connects a value that a device reports with a sensor. `field` is the element of SL 651 in two hexadecimal digits, or the
-- member of the JSON message. Without `factor` the unit follows from the element, or from the end of the member's name.
CREATE FUNCTION city.connect_sensor(
    way integer, address text, field text, sensor_id integer, factor double precision DEFAULT NULL,
    shift double precision DEFAULT 0, is_total boolean DEFAULT NULL, password text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    wanted sensor;
    measures sensor_kind;
    unit text;
BEGIN
    SELECT * INTO wanted FROM sensor AS s WHERE s.id = sensor_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CT082', MESSAGE = 'There is no sensor {sensor}.',
            DETAIL = jsonb_build_object('sensor', sensor_id)::text;
    END IF;
    IF way = 2 THEN
        field := upper(field);
        measures := CASE WHEN field IN ('39', '3C', '3D', '3E', '3F', '40', '41', '42', '43', 'F5') THEN 'water_level'
            WHEN field IN ('22', '26', 'F4') THEN 'rain' END;
        unit := CASE measures WHEN 'water_level' THEN 'm' WHEN 'rain' THEN 'mm' END;
        is_total := coalesce(is_total, field = '26');
        IF measures IS DISTINCT FROM wanted.kind OR is_total <> (field = '26') THEN
            RAISE EXCEPTION USING ERRCODE = 'CT083',
                MESSAGE = '“{field}” does not bring what sensor {sensor} measures: choose another one.',
                DETAIL = jsonb_build_object('field', field, 'sensor', wanted.code)::text;
        END IF;
    ELSE
        unit := substring(field FROM '_(mm|cm|m)$');
        is_total := coalesce(is_total, false);
    END IF;
    factor := coalesce(factor, CASE unit WHEN 'm' THEN 1000.0 WHEN 'cm' THEN 10.0 WHEN 'mm' THEN 1.0 END
        / CASE wanted.unit WHEN 'cm' THEN 10.0 ELSE 1.0 END);
    IF factor IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'CT084',
            MESSAGE = 'The unit of “{field}” is not known: say by what it is multiplied to be in {unit}.',
            DETAIL = jsonb_build_object('field', field, 'unit', wanted.unit)::text;
    END IF;
    -- Increments and the total of one gauge would count the same rain twice; a level has no total.
    IF is_total AND wanted.kind <> 'rain' OR EXISTS (
        SELECT FROM sensor_source AS o WHERE o.sensor_id = wanted.id AND o.is_total <> is_total
            AND (o.way, o.address, o.field) IS DISTINCT FROM (way, address, field)
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'CT085',
            MESSAGE = 'Sensor {sensor} cannot be told by a running total and by single values at once.',
            DETAIL = jsonb_build_object('sensor', wanted.code)::text;
    END IF;
    INSERT INTO sensor_source AS o (way, address, field, sensor_id, factor, shift, is_total, password)
    VALUES (way, address, field, wanted.id, factor, shift, is_total, upper(password))
    ON CONFLICT ON CONSTRAINT sensor_source_pkey DO UPDATE SET
        sensor_id = excluded.sensor_id, factor = excluded.factor, shift = excluded.shift, is_total = excluded.is_total,
        password = excluded.password;
    DELETE FROM unknown_device AS u WHERE u.way = connect_sensor.way AND u.address = connect_sensor.address;
    DELETE FROM rain_total AS t WHERE t.sensor_id = wanted.id;
END $$;

-- Ends that a device brings a sensor's readings; what it has brought stays.
CREATE FUNCTION city.disconnect_sensor(way integer, address text, field text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    WITH gone AS (
        DELETE FROM sensor_source AS o
        WHERE o.way = disconnect_sensor.way AND o.address = disconnect_sensor.address AND o.field = disconnect_sensor.field
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM gone)
$$;

-- What devices bring, for gateways.
CREATE FUNCTION city.sensor_sources() RETURNS SETOF city.sensor_source
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    SELECT * FROM sensor_source
$$;

-- Notes a device that brings no sensor's readings. Of those that nobody connects, the thousand latest are kept.
CREATE FUNCTION city.note_device(way integer, address text, fields text[], peer text, sample bytea, attempts integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
    IF EXISTS (SELECT FROM sensor_source AS o WHERE o.way = note_device.way AND o.address = note_device.address) THEN
        RETURN;
    END IF;
    INSERT INTO unknown_device AS u (way, address, fields, peer, sample, attempts)
    VALUES (way, address, fields, peer, sample, attempts)
    ON CONFLICT ON CONSTRAINT unknown_device_pkey DO UPDATE SET
        fields = excluded.fields, peer = excluded.peer, sample = excluded.sample, attempts = u.attempts + excluded.attempts,
        last_seen = clock_timestamp();
    DELETE FROM unknown_device AS u WHERE u.ctid IN (
        SELECT o.ctid FROM unknown_device AS o ORDER BY o.last_seen DESC OFFSET 1000
    );
END $$;

-- Takes in readings whose time is not believed (parallel arrays).
CREATE FUNCTION city.record_doubtful_readings(
    sensor_ids smallint[], received_ats timestamptz[], ats timestamptz[], doubts smallint[], readings double precision[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    INSERT INTO doubtful_reading (sensor_id, received_at, at, doubt, value)
    SELECT * FROM unnest(sensor_ids, received_ats, ats, doubts, readings)
    ON CONFLICT DO NOTHING
$$;

REVOKE ALL ON FUNCTION city.connect_sensor, city.disconnect_sensor, city.sensor_sources, city.note_device,
    city.record_doubtful_readings FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.connect_sensor, city.disconnect_sensor TO administrator;
GRANT EXECUTE ON FUNCTION city.sensor_sources, city.note_device, city.record_doubtful_readings TO gateway;
GRANT SELECT (way, address, field, sensor_id, factor, shift, is_total) ON city.sensor_source
    TO engineer, supervisor, administrator;
GRANT SELECT ON city.unknown_device TO engineer, supervisor, administrator;
GRANT SELECT ON city.doubtful_reading, city.rain_total TO dispatcher, shift_leader, engineer, supervisor, administrator;

COMMENT ON TABLE city.sensor_source IS 'Which value of which device is which sensor''s reading, and in which unit.';
COMMENT ON COLUMN city.sensor_source.way IS 'How the device speaks: 2 SL 651, 3 MQTT, 4 HTTP.';
COMMENT ON COLUMN city.sensor_source.address IS 'Station code of ten digits (SL 651), topic (MQTT), or id in the message (HTTP).';
COMMENT ON COLUMN city.sensor_source.field IS 'Element in two hexadecimal digits (SL 651), or member of the JSON message.';
COMMENT ON COLUMN city.sensor_source.sensor_id IS 'Sensor whose reading it is.';
COMMENT ON COLUMN city.sensor_source.factor IS 'Multiplies the value, so that it is in the unit of the sensor.';
COMMENT ON COLUMN city.sensor_source.shift IS 'Added after that: the height of the device''s zero, unit of the sensor.';
COMMENT ON COLUMN city.sensor_source.is_total IS 'Whether it is the running total of a rain gauge.';
COMMENT ON COLUMN city.sensor_source.password IS 'Password of the station in hexadecimal digits (SL 651); any when empty. For gateways only.';
COMMENT ON TABLE city.unknown_device IS 'Devices that no sensor is connected with, for the administrator; the thousand latest.';
COMMENT ON COLUMN city.unknown_device.way IS 'How the device speaks: 2 SL 651, 3 MQTT, 4 HTTP.';
COMMENT ON COLUMN city.unknown_device.address IS 'Station code, topic or id.';
COMMENT ON COLUMN city.unknown_device.fields IS 'Elements or members that its latest message held.';
COMMENT ON COLUMN city.unknown_device.peer IS 'Address that it came from, or the broker.';
COMMENT ON COLUMN city.unknown_device.sample IS 'Its latest message as it came, cut after 5000 bytes.';
COMMENT ON COLUMN city.unknown_device.attempts IS 'How many messages it has sent.';
COMMENT ON COLUMN city.unknown_device.first_seen IS 'When the first came.';
COMMENT ON COLUMN city.unknown_device.last_seen IS 'When the latest came.';
COMMENT ON TABLE city.rain_total IS 'Where the counters of rain gauges that report a total stood last.';
COMMENT ON COLUMN city.rain_total.sensor_id IS 'Rain gauge.';
COMMENT ON COLUMN city.rain_total.at IS 'When it was read.';
COMMENT ON COLUMN city.rain_total.total IS 'What it said, mm.';
COMMENT ON TABLE city.doubtful_reading IS 'Readings that are kept but neither shown nor judged by, since their time cannot be right.';
COMMENT ON COLUMN city.doubtful_reading.sensor_id IS 'Sensor.';
COMMENT ON COLUMN city.doubtful_reading.received_at IS 'When it came; the message is in raw_message under the same time.';
COMMENT ON COLUMN city.doubtful_reading.at IS 'Time that the device gave.';
COMMENT ON COLUMN city.doubtful_reading.doubt IS 'Why, added up: 2 from the future, 32 older than 31 days.';
COMMENT ON COLUMN city.doubtful_reading.value IS 'What it said, in the unit of the sensor.';
COMMENT ON FUNCTION city.connect_sensor IS 'Connects a value that a device reports with a sensor; for administrators, audited. Refuses with CT082 to CT085.';
COMMENT ON FUNCTION city.disconnect_sensor IS 'Ends that a device brings a sensor''s readings; returns whether it did. For administrators, audited.';
COMMENT ON FUNCTION city.sensor_sources IS 'What devices bring, with their passwords, for gateways.';
COMMENT ON FUNCTION city.note_device IS 'Notes a device that brings no sensor''s readings.';
COMMENT ON FUNCTION city.record_doubtful_readings IS 'Takes in readings whose time is not believed, as parallel arrays.';
