-- Messages as they came, for some days, so that a dispute can be replayed; and positions that are kept but not believed.
CREATE TABLE city.raw_message (
    received_at timestamptz NOT NULL,
    way smallint NOT NULL CHECK (way BETWEEN 1 AND 4),
    owner_id integer NOT NULL,
    raw bytea NOT NULL,
    PRIMARY KEY (owner_id, way, received_at)
) PARTITION BY RANGE (received_at);

CREATE TABLE city.doubtful_fix (
    vehicle_id integer NOT NULL REFERENCES city.vehicle,
    received_at timestamptz NOT NULL,
    at timestamptz NOT NULL,
    doubt smallint NOT NULL CHECK (doubt > 0),
    longitude double precision NOT NULL,
    latitude double precision NOT NULL,
    speed_kmh real NOT NULL,
    PRIMARY KEY (vehicle_id, received_at, at)
);

CREATE TABLE city.gateway_state (
    name text PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz NOT NULL,
    terminals integer NOT NULL,
    connections integer NOT NULL,
    waiting_rows integer NOT NULL,
    spooled_bytes bigint NOT NULL,
    counters jsonb NOT NULL
) WITH (fillfactor = 50);

-- Takes in messages as they came (parallel arrays); one that is there already is left as it is.
CREATE FUNCTION city.record_messages(received_ats timestamptz[], ways smallint[], owner_ids integer[], raws bytea[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    day date;
BEGIN
    FOR day IN SELECT DISTINCT (at AT TIME ZONE 'Asia/Shanghai')::date FROM unnest(received_ats) AS at LOOP
        IF to_regclass(format('city.raw_message_%s', to_char(day, 'YYYYMMDD'))) IS NULL THEN
            LOCK TABLE raw_message IN SHARE UPDATE EXCLUSIVE MODE;
            EXECUTE format('CREATE TABLE IF NOT EXISTS city.%I PARTITION OF city.raw_message FOR VALUES FROM (%L) TO (%L)',
                'raw_message_' || to_char(day, 'YYYYMMDD'),
                day::timestamp AT TIME ZONE 'Asia/Shanghai', (day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai');
        END IF;
    END LOOP;
    INSERT INTO raw_message (received_at, way, owner_id, raw)
    SELECT * FROM unnest(received_ats, ways, owner_ids, raws) ON CONFLICT DO NOTHING;
END $$;

-- Takes in positions that are not believed (parallel arrays, WGS-84 degrees).
CREATE FUNCTION city.record_doubtful_fixes(
    vehicle_ids integer[], received_ats timestamptz[], ats timestamptz[], doubts smallint[], longitudes double precision[],
    latitudes double precision[], speeds_kmh real[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    INSERT INTO doubtful_fix (vehicle_id, received_at, at, doubt, longitude, latitude, speed_kmh)
    SELECT * FROM unnest(vehicle_ids, received_ats, ats, doubts, longitudes, latitudes, speeds_kmh)
    ON CONFLICT DO NOTHING
$$;

-- A gateway says every few seconds that it lives, and what it has met; it hears what time it is here.
CREATE FUNCTION city.report_gateway(
    name text, started_at timestamptz, terminals integer, connections integer, waiting_rows integer, spooled_bytes bigint,
    counters jsonb
) RETURNS timestamptz
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    INSERT INTO gateway_state AS g (name, started_at, terminals, connections, waiting_rows, spooled_bytes, counters)
    VALUES (name, started_at, terminals, connections, waiting_rows, spooled_bytes, counters)
    ON CONFLICT ON CONSTRAINT gateway_state_pkey DO UPDATE SET
        at = clock_timestamp(), started_at = excluded.started_at, terminals = excluded.terminals,
        connections = excluded.connections, waiting_rows = excluded.waiting_rows, spooled_bytes = excluded.spooled_bytes,
        counters = excluded.counters
    RETURNING at
$$;

-- Drops what is older than the setting message_days; returns how many days' messages went.
CREATE FUNCTION city.forget_messages() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    first_day date := (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date
        - (SELECT s.value::integer FROM setting AS s WHERE s.name = 'message_days');
    old name;
    dropped integer := 0;
BEGIN
    FOR old IN
        SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'city.raw_message'::regclass AND right(c.relname, 8) < to_char(first_day, 'YYYYMMDD')
    LOOP
        EXECUTE format('DROP TABLE city.%I', old);
        dropped := dropped + 1;
    END LOOP;
    DELETE FROM doubtful_fix WHERE received_at < first_day::timestamp AT TIME ZONE 'Asia/Shanghai';
    DELETE FROM doubtful_reading WHERE received_at < first_day::timestamp AT TIME ZONE 'Asia/Shanghai';
    PERFORM forget_refused();
    RETURN dropped;
END $$;

INSERT INTO city.setting (name, value, unit, assumed, source) VALUES ('message_days', '7', 'd', true, 'project');
INSERT INTO city.setting_field (setting, field, place, kind, least, most, unit) VALUES ('message_days', '', 1, 'integer', 1, 365, 'd');

REVOKE ALL ON FUNCTION city.record_messages, city.record_doubtful_fixes, city.report_gateway, city.forget_messages FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.record_messages, city.record_doubtful_fixes, city.report_gateway, city.forget_messages TO gateway;
GRANT SELECT ON city.raw_message, city.doubtful_fix TO dispatcher, shift_leader, supervisor, administrator;
GRANT SELECT ON city.gateway_state
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, gateway, administrator;

COMMENT ON TABLE city.raw_message IS 'Messages from the field as they came, one partition a day (Asia/Shanghai), kept for the days of the setting message_days.';
COMMENT ON COLUMN city.raw_message.received_at IS 'When it came; unique for its owner.';
COMMENT ON COLUMN city.raw_message.way IS 'How it came: 1 JT/T 808, 2 SL 651, 3 MQTT, 4 HTTP.';
COMMENT ON COLUMN city.raw_message.owner_id IS 'Vehicle (way 1) or sensor that it belongs to.';
COMMENT ON COLUMN city.raw_message.raw IS 'The message without the marks around it; parts of one message are joined by a mark.';
COMMENT ON TABLE city.doubtful_fix IS 'Positions that are kept but neither shown nor judged by.';
COMMENT ON COLUMN city.doubtful_fix.vehicle_id IS 'Truck.';
COMMENT ON COLUMN city.doubtful_fix.received_at IS 'When it came; the message is in raw_message under the same time.';
COMMENT ON COLUMN city.doubtful_fix.at IS 'Time that the terminal gave.';
COMMENT ON COLUMN city.doubtful_fix.doubt IS 'Why, added up: 1 no satellite fix, 2 from the future, 4 older than a day, 8 outside EPSG:4546, 16 faster than a truck, 32 older than 31 days.';
COMMENT ON COLUMN city.doubtful_fix.longitude IS 'As sent, degrees WGS-84.';
COMMENT ON COLUMN city.doubtful_fix.latitude IS 'As sent, degrees WGS-84.';
COMMENT ON COLUMN city.doubtful_fix.speed_kmh IS 'As sent, km/h.';
COMMENT ON TABLE city.gateway_state IS 'What each gateway last said of itself.';
COMMENT ON COLUMN city.gateway_state.name IS 'Name of the gateway, its host unless configured.';
COMMENT ON COLUMN city.gateway_state.at IS 'When it last said so.';
COMMENT ON COLUMN city.gateway_state.started_at IS 'When it was started.';
COMMENT ON COLUMN city.gateway_state.terminals IS 'Terminals that are signed in.';
COMMENT ON COLUMN city.gateway_state.connections IS 'Open connections.';
COMMENT ON COLUMN city.gateway_state.waiting_rows IS 'Rows that wait in its memory.';
COMMENT ON COLUMN city.gateway_state.spooled_bytes IS 'Bytes that wait on its disk for the database.';
COMMENT ON COLUMN city.gateway_state.counters IS 'How often it has met what, since it was started.';
COMMENT ON FUNCTION city.record_messages IS 'Takes in raw messages as parallel arrays; skips those that are there.';
COMMENT ON FUNCTION city.record_doubtful_fixes IS 'Takes in positions that are not believed as parallel arrays (WGS-84 degrees, km/h).';
COMMENT ON FUNCTION city.report_gateway IS 'A gateway says what it is doing; returns the time, by which it knows how far its clock is off.';
COMMENT ON FUNCTION city.forget_messages IS 'Drops raw messages and doubtful positions older than the setting message_days, and all but the latest refused terminals.';
