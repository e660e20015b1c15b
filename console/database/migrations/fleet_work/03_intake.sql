DROP FUNCTION city.record_fixes;

-- Takes in a batch of positions (parallel arrays); a fix that is already there is left as it is. Returns how many were new.
-- Without `ignitions` engines count as on. Mileage and trips follow; what comes more than two days late joins the history alone.
CREATE FUNCTION city.record_fixes(
    vehicle_ids integer[], ats timestamptz[], xs double precision[], ys double precision[], speeds_kmh real[],
    headings smallint[], loads city.load_state[], lids_closed boolean[], mileages_m integer[], alarm_bits integer[],
    ignitions boolean[] DEFAULT NULL
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    added integer;
    positions vehicle_fix[];
    late_trucks integer[];
    late_since timestamptz[];
BEGIN
    IF cardinality(ats) = 0 THEN
        RETURN 0;
    END IF;
    PERFORM ensure_partitions((min(at) AT TIME ZONE 'Asia/Shanghai')::date, (max(at) AT TIME ZONE 'Asia/Shanghai')::date)
        FROM unnest(ats) AS at;
    -- Two gateways that hear the same truck count its work one after the other.
    PERFORM FROM vehicle_state s WHERE s.vehicle_id = ANY (record_fixes.vehicle_ids) ORDER BY s.vehicle_id FOR NO KEY UPDATE;
    -- What comes late is put among what is there: the work is counted anew from the position before it.
    SELECT array_agg(b.vehicle_id), array_agg(coalesce(before.at, b.first)) INTO late_trucks, late_since
    FROM (
        SELECT vehicle_id, min(at) AS first FROM unnest(record_fixes.vehicle_ids, ats) AS f (vehicle_id, at) GROUP BY vehicle_id
    ) AS b
    JOIN vehicle_state s ON s.vehicle_id = b.vehicle_id AND s.at >= b.first AND s.at < b.first + interval '2 days'
    LEFT JOIN LATERAL (
        SELECT f.at FROM vehicle_fix f
        WHERE f.vehicle_id = b.vehicle_id AND f.at < b.first AND f.at > b.first - interval '1 day'
        ORDER BY f.at DESC LIMIT 1
    ) AS before ON true;
    IF late_trucks IS NOT NULL THEN
        PERFORM forget_work(late_trucks, late_since);
    END IF;
    WITH fix AS (
        SELECT f.*, ST_SetSRID(ST_MakePoint(f.x, f.y), 4546) AS geom
        FROM unnest(vehicle_ids, ats, xs, ys, speeds_kmh, headings, loads, lids_closed, mileages_m, alarm_bits, ignitions)
            AS f (vehicle_id, at, x, y, speed_kmh, heading, load, lid_closed, mileage_m, bits, engine_on)
    ), start AS (
        SELECT vehicle_id, min(at) AS first FROM fix GROUP BY vehicle_id
    ), history AS (
        INSERT INTO vehicle_fix (vehicle_id, at, speed_kmh, heading, load, lid_closed, mileage_m, alarm_bits, ignition, geom)
        SELECT vehicle_id, at, speed_kmh, heading, load, lid_closed, mileage_m, bits, coalesce(engine_on, true), geom
        FROM fix
        ON CONFLICT DO NOTHING
        RETURNING *
    ), latest AS (
        INSERT INTO vehicle_state AS s (vehicle_id, at, speed_kmh, heading, load, lid_closed, mileage_m, alarm_bits, ignition, geom)
        SELECT DISTINCT ON (vehicle_id) vehicle_id, at, speed_kmh, heading, load, lid_closed, mileage_m, bits,
            coalesce(engine_on, true), geom
        FROM fix ORDER BY vehicle_id, at DESC
        ON CONFLICT (vehicle_id) DO UPDATE SET
            at = excluded.at, received_at = clock_timestamp(), speed_kmh = excluded.speed_kmh, heading = excluded.heading,
            load = excluded.load, lid_closed = excluded.lid_closed, mileage_m = excluded.mileage_m,
            alarm_bits = excluded.alarm_bits, ignition = excluded.ignition, geom = excluded.geom
        WHERE s.at < excluded.at
    )
    SELECT count(*) FILTER (WHERE p.is_new), array_agg(p.position) FILTER (WHERE p.in_order) INTO added, positions
    FROM (
        -- A truck that goes on from its latest position needs no look into its history.
        SELECT h.*::vehicle_fix AS position, true AS is_new, s.at IS NULL OR s.at < b.first AS in_order
        FROM history h JOIN start b USING (vehicle_id) LEFT JOIN vehicle_state s USING (vehicle_id)
        UNION ALL
        SELECT (s.vehicle_id, s.at, s.speed_kmh, s.heading, s.load, s.lid_closed, s.mileage_m, s.alarm_bits, s.geom, s.ignition)
            ::vehicle_fix, false, true
        FROM vehicle_state s JOIN start b ON b.vehicle_id = s.vehicle_id AND s.at < b.first
    ) AS p;
    positions := positions || fixes_since(late_trucks, late_since);
    IF positions IS NOT NULL THEN
        PERFORM count_work(positions);
    END IF;
    PERFORM pg_notify('city_telemetry', 'vehicle_state');
    RETURN added;
END $$;
COMMENT ON FUNCTION city.record_fixes IS 'Takes in truck positions as parallel arrays (EPSG:4546 m, km/h, degrees, m); skips those that are already there; keeps trip and vehicle_day; returns how many were new. NOTIFY city_telemetry wakes readers.';
REVOKE ALL ON FUNCTION city.record_fixes, city.count_work, city.forget_work, city.fixes_since, city.fix_steps FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.record_fixes TO gateway;
-- Adds up positions that are handed to it and reads nothing: whoever may read positions adds up the work of a part of a day.
GRANT EXECUTE ON FUNCTION city.fix_steps
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, administrator;
