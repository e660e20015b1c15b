DROP FUNCTION city.record_fixes;

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
COMMENT ON FUNCTION city.record_fixes IS 'Takes in truck positions as parallel arrays (EPSG:4546 m, km/h, degrees, m); skips those that are already there; returns how many were new. NOTIFY city_telemetry wakes readers.';
REVOKE ALL ON FUNCTION city.record_fixes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.record_fixes TO gateway;
