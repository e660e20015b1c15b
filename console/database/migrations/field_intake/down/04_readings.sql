DROP FUNCTION city.record_readings;
DROP FUNCTION city.judged_quality;

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

REVOKE ALL ON FUNCTION city.record_readings FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.record_readings TO gateway;
COMMENT ON FUNCTION city.record_readings IS 'Takes in sensor readings as parallel arrays (unit of the sensor); skips those that are already there; returns how many were new. NOTIFY city_telemetry wakes readers.';
DELETE FROM city.setting_field WHERE setting = 'sensor_range';
ALTER TABLE city.setting DISABLE TRIGGER check_setting;
DELETE FROM city.setting WHERE name = 'sensor_range';
ALTER TABLE city.setting ENABLE TRIGGER check_setting;
