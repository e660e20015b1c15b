-- The ways in: every report, position and reading enters through one of these functions, whoever brings it.

-- Who is asking: the member of staff whose login this is; NULL for logins that are nobody's.
CREATE FUNCTION city.current_staff_id() RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = city, public, pg_temp
RETURN (SELECT id FROM city.staff WHERE login = session_user AND active);

CREATE FUNCTION city.next_case_no(day date) RETURNS text
LANGUAGE sql SET search_path = city, public, pg_temp AS $$
    INSERT INTO case_number AS n (day, last) VALUES (next_case_no.day, 1)
    ON CONFLICT ON CONSTRAINT case_number_pkey DO UPDATE SET last = n.last + 1
    RETURNING 'YC' || to_char(n.day, 'YYYYMMDD') || lpad(n.last::text, greatest(4, length(n.last::text)), '0')
$$;

-- The searchable text of a case: where, what, and the name of its class.
CREATE FUNCTION city.case_text(address text, description text, class_name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN concat_ws(E'\n', address, description, class_name);

CREATE FUNCTION city.index_case_text() RETURNS trigger
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
BEGIN
    NEW.search := bigram_codes(case_text(NEW.address, NEW.description, (SELECT name FROM case_class WHERE id = NEW.class_id)));
    RETURN NEW;
END $$;
CREATE TRIGGER index_text BEFORE INSERT OR UPDATE OF address, description, class_id ON city.case_file
    FOR EACH ROW EXECUTE FUNCTION city.index_case_text();

-- Takes in one report; says again what it said before when a request is repeated (same request_id).
-- Coordinates are EPSG:4546 metres, east and north. The place decides unit grid, zone and street.
CREATE FUNCTION city.report_case(
    source city.case_source,
    description text,
    x double precision,
    y double precision,
    class_id smallint DEFAULT NULL,
    address text DEFAULT NULL,
    component_code text DEFAULT NULL,
    level city.case_level DEFAULT 'normal',
    mode city.case_mode DEFAULT 'closed_loop',
    reported_at timestamptz DEFAULT now(),
    caller_name text DEFAULT NULL,
    caller_phone text DEFAULT NULL,
    wants_call_back boolean DEFAULT false,
    request_id uuid DEFAULT NULL
) RETURNS TABLE (id bigint, case_no text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    place geometry := ST_SetSRID(ST_MakePoint(x, y), 4546);
    grid record;
    known record;
    accept_limit interval := make_interval(mins => (SELECT (value ->> 'accept')::integer FROM setting WHERE name = 'stage_limit'));
BEGIN
    IF request_id IS NOT NULL THEN
        SELECT f.id, f.case_no INTO known FROM case_file f WHERE f.request_id = report_case.request_id;
        IF FOUND THEN
            id := known.id;
            case_no := known.case_no;
            RETURN NEXT;
            RETURN;
        END IF;
    END IF;
    IF btrim(coalesce(description, '')) = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'CT002', MESSAGE = 'A report needs a description: say what is wrong.', DETAIL = '{}';
    END IF;
    IF reported_at > clock_timestamp() + interval '5 minutes' THEN
        RAISE EXCEPTION USING ERRCODE = 'CT003', MESSAGE = 'The report is dated {at}, in the future: check the clock of the device.',
            DETAIL = jsonb_build_object('at', to_char(reported_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'))::text;
    END IF;
    -- A device without a signal sends later; a gateway hands in what waited, however long. People date nothing further back.
    IF reported_at < clock_timestamp() - interval '24 hours' AND NOT pg_has_role(session_user, 'gateway', 'MEMBER') THEN
        RAISE EXCEPTION USING ERRCODE = 'CT003', MESSAGE = 'The report is dated {at}: reports are taken in for 24 hours. Report it as of now.',
            DETAIL = jsonb_build_object('at', to_char(reported_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'))::text;
    END IF;
    SELECT g.code, g.zone_id INTO grid FROM unit_grid g WHERE ST_Covers(g.geom, place) ORDER BY g.code LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CT004',
            MESSAGE = 'The place {x}, {y} lies in no unit grid of the city: check the coordinates.',
            DETAIL = jsonb_build_object('x', x, 'y', y)::text;
    END IF;
    IF component_code IS NOT NULL THEN
        SELECT c.class_id INTO known FROM component AS c WHERE c.code = component_code;
        IF NOT FOUND OR class_id <> known.class_id THEN
            RAISE EXCEPTION USING ERRCODE = 'CT014', MESSAGE = 'Component {component} is not one of the class of the case.',
                DETAIL = jsonb_build_object('component', component_code)::text;
        END IF;
        class_id := known.class_id;
    END IF;
    INSERT INTO case_file (
        case_no, request_id, mode, source, kind, class_id, level, state, zone_id, unit_grid, street_id, component_code,
        reporter_id, reported_at, warn_at, due_at, caller_name, caller_phone, wants_call_back, address, description, geom
    ) VALUES (
        next_case_no((reported_at AT TIME ZONE 'Asia/Shanghai')::date), request_id, mode, source,
        coalesce((SELECT c.kind FROM case_class c WHERE c.id = class_id), 'event'), class_id, level, 'reported',
        grid.zone_id, grid.code,
        (SELECT s.id FROM street s WHERE ST_DWithin(s.geom, place, 100) ORDER BY s.geom <-> place LIMIT 1),
        component_code, current_staff_id(), reported_at, reported_at + 0.8 * accept_limit, reported_at + accept_limit,
        caller_name, caller_phone, wants_call_back, nullif(btrim(address), ''), btrim(description), place
    ) RETURNING case_file.id, case_file.case_no INTO id, case_no;
    INSERT INTO case_event (case_id, seq, at, move, to_state, staff_id)
        VALUES (id, 1, reported_at, 'report', 'reported', current_staff_id());
    RETURN NEXT;
END $$;

-- Makes the partitions that rows of these days (Asia/Shanghai) fall into.
CREATE FUNCTION city.ensure_partitions(first_day date, last_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    day date;
BEGIN
    FOR day IN SELECT d::date FROM generate_series(first_day, last_day, interval '1 day') AS d LOOP
        IF to_regclass(format('city.vehicle_fix_%s', to_char(day, 'YYYYMMDD'))) IS NULL THEN
            LOCK TABLE vehicle_fix IN SHARE UPDATE EXCLUSIVE MODE;  -- one at a time, by a lock that no login can hold
            EXECUTE format('CREATE TABLE IF NOT EXISTS city.%I PARTITION OF city.vehicle_fix FOR VALUES FROM (%L) TO (%L)',
                'vehicle_fix_' || to_char(day, 'YYYYMMDD'),
                day::timestamp AT TIME ZONE 'Asia/Shanghai', (day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai');
            EXECUTE format('ALTER TABLE city.%I ALTER geom SET STATISTICS 0', 'vehicle_fix_' || to_char(day, 'YYYYMMDD'));
        END IF;
    END LOOP;
    FOR day IN SELECT d::date FROM generate_series(date_trunc('month', first_day), last_day, interval '1 month') AS d LOOP
        IF to_regclass(format('city.sensor_reading_%s', to_char(day, 'YYYYMM'))) IS NULL THEN
            LOCK TABLE sensor_reading IN SHARE UPDATE EXCLUSIVE MODE;
            EXECUTE format('CREATE TABLE IF NOT EXISTS city.%I PARTITION OF city.sensor_reading FOR VALUES FROM (%L) TO (%L)',
                'sensor_reading_' || to_char(day, 'YYYYMM'),
                day::timestamp AT TIME ZONE 'Asia/Shanghai', (day + interval '1 month')::timestamp AT TIME ZONE 'Asia/Shanghai');
        END IF;
    END LOOP;
END $$;

-- Takes in a batch of positions (parallel arrays); a fix that is already there is left as it is. Returns how many were new.
CREATE FUNCTION city.record_fixes(
    vehicle_ids integer[], ats timestamptz[], xs double precision[], ys double precision[], speeds_kmh real[],
    headings smallint[], loads city.load_state[], lids_closed boolean[], mileages_m integer[], alarm_bits integer[]
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    added integer;
BEGIN
    IF cardinality(ats) = 0 THEN
        RETURN 0;
    END IF;
    PERFORM ensure_partitions((min(at) AT TIME ZONE 'Asia/Shanghai')::date, (max(at) AT TIME ZONE 'Asia/Shanghai')::date)
        FROM unnest(ats) AS at;
    WITH fix AS (
        SELECT f.*, ST_SetSRID(ST_MakePoint(f.x, f.y), 4546) AS geom
        FROM unnest(vehicle_ids, ats, xs, ys, speeds_kmh, headings, loads, lids_closed, mileages_m, alarm_bits)
            AS f (vehicle_id, at, x, y, speed_kmh, heading, load, lid_closed, mileage_m, bits)
    ), history AS (
        INSERT INTO vehicle_fix (vehicle_id, at, speed_kmh, heading, load, lid_closed, mileage_m, alarm_bits, geom)
        SELECT vehicle_id, at, speed_kmh, heading, load, lid_closed, mileage_m, bits, geom FROM fix
        ON CONFLICT DO NOTHING
        RETURNING 1
    ), latest AS (
        INSERT INTO vehicle_state AS s (vehicle_id, at, speed_kmh, heading, load, lid_closed, mileage_m, alarm_bits, geom)
        SELECT DISTINCT ON (vehicle_id) vehicle_id, at, speed_kmh, heading, load, lid_closed, mileage_m, bits, geom
        FROM fix ORDER BY vehicle_id, at DESC
        ON CONFLICT (vehicle_id) DO UPDATE SET
            at = excluded.at, received_at = clock_timestamp(), speed_kmh = excluded.speed_kmh, heading = excluded.heading,
            load = excluded.load, lid_closed = excluded.lid_closed, mileage_m = excluded.mileage_m,
            alarm_bits = excluded.alarm_bits, geom = excluded.geom
        WHERE s.at < excluded.at
    )
    SELECT count(*) INTO added FROM history;
    PERFORM pg_notify('city_telemetry', 'vehicle_state');
    RETURN added;
END $$;

-- Takes in a batch of sensor readings (parallel arrays); a reading that is already there is left as it is.
CREATE FUNCTION city.record_readings(
    sensor_ids smallint[], ats timestamptz[], readings real[], qualities smallint[]
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    added integer;
BEGIN
    IF cardinality(ats) = 0 THEN
        RETURN 0;
    END IF;
    PERFORM ensure_partitions((min(at) AT TIME ZONE 'Asia/Shanghai')::date, (max(at) AT TIME ZONE 'Asia/Shanghai')::date)
        FROM unnest(ats) AS at;
    WITH reading AS (
        SELECT * FROM unnest(sensor_ids, ats, readings, qualities) AS r (sensor_id, at, value, quality)
    ), history AS (
        INSERT INTO sensor_reading (sensor_id, at, value, quality)
        SELECT sensor_id, at, value, quality FROM reading
        ON CONFLICT DO NOTHING
        RETURNING 1
    ), latest AS (
        INSERT INTO sensor_state AS s (sensor_id, at, value, quality)
        SELECT DISTINCT ON (sensor_id) sensor_id, at, value, quality FROM reading ORDER BY sensor_id, at DESC
        ON CONFLICT (sensor_id) DO UPDATE SET
            at = excluded.at, received_at = clock_timestamp(), value = excluded.value, quality = excluded.quality
        WHERE s.at < excluded.at
    )
    SELECT count(*) INTO added FROM history;
    PERFORM pg_notify('city_telemetry', 'sensor_state');
    RETURN added;
END $$;

-- Stage limits of the centre in minutes of natural time, and what counts as a duplicate (domain: Yuncheng's defaults).
INSERT INTO city.setting (name, value, unit, assumed, source) VALUES
    ('stage_limit', '{"accept": 15, "dispatch": 15, "verify": 30, "check": 30, "close": 15}', 'min', false, 'Yuncheng, case workflow'),
    ('duplicate', '{"radius_m": 50, "hours": 24}', null, false, 'Yuncheng, case workflow'),
    ('disposal_limit_without_standard', '{"value": 4, "unit": "WH"}', null, false, 'Yuncheng, case workflow'),
    ('warning_share', '0.8', null, false, 'Yuncheng, lights'),
    ('change_log_days', '7', 'd', true, 'project');
