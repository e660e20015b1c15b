-- Every reading is judged where it is kept, whoever brings it: what cannot be is kept as bad (2), what is unlikely as suspect (1).
INSERT INTO city.setting (name, value, unit, assumed, source) VALUES
    ('sensor_range', '{"level_least_cm": -5, "level_most_cm": 300, "level_rate_cm_min": 30, "rain_most_mm_h": 150}', null, true,
     'domain: data checks of sensors; rain by the heaviest hour of record in the region and a margin');
INSERT INTO city.setting_field (setting, field, place, kind, least, most, unit) VALUES
    ('sensor_range', 'level_least_cm', 1, 'number', -100, 0, 'cm'),
    ('sensor_range', 'level_most_cm', 2, 'number', 10, 2000, 'cm'),
    ('sensor_range', 'level_rate_cm_min', 3, 'number', 1, 500, 'cm/min'),
    ('sensor_range', 'rain_most_mm_h', 4, 'number', 10, 500, 'mm/h');

-- Judges one reading: `quality` as it was given, or worse. `before` is the last good reading of the hour before it.
CREATE FUNCTION city.judged_quality(
    kind city.sensor_kind, value double precision, quality integer, at timestamptz, before_value double precision,
    before_at timestamptz, hours double precision, allowed jsonb
) RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = city, public, pg_temp
RETURN CASE
    WHEN quality = 2 THEN 2
    WHEN kind = 'water_level' AND (value < (allowed ->> 'level_least_cm')::double precision
        OR value > (allowed ->> 'level_most_cm')::double precision) THEN 2
    -- Rain of one reading, against what may fall in an hour, or in the longer time since the reading before.
    WHEN kind = 'rain' AND (value < 0 OR value > (allowed ->> 'rain_most_mm_h')::double precision * greatest(hours, 1)) THEN 2
    WHEN quality <> 0 THEN quality
    WHEN kind = 'water_level' AND abs(value - before_value)
        > (allowed ->> 'level_rate_cm_min')::double precision * greatest(extract(epoch FROM at - before_at) / 60, 1) THEN 1
    WHEN kind = 'rain' AND value > 0 AND hours > 1 THEN 1
    ELSE 0
END;

DROP FUNCTION city.record_readings;

-- Takes in a batch of sensor readings (parallel arrays); a reading that is already there is left as it is. Returns how many were
-- new. Where `are_totals` the value is the running total of a rain gauge: what fell since the total before is stored; a total
-- that is not newer than the latest one brings nothing, since that one told its rain already.
CREATE FUNCTION city.record_readings(
    sensor_ids smallint[], ats timestamptz[], readings real[], qualities smallint[], are_totals boolean[] DEFAULT NULL
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    r record;
    before record;
    day date;
    seen integer;
    judged integer;
    amount double precision;
    hours double precision;
    allowed jsonb := (SELECT value FROM setting WHERE name = 'sensor_range');
    added integer := 0;
BEGIN
    IF cardinality(ats) = 0 THEN
        RETURN 0;
    END IF;
    FOR day IN SELECT DISTINCT (a AT TIME ZONE 'Asia/Shanghai')::date FROM unnest(ats) AS a LOOP
        PERFORM ensure_partitions(day, day);
    END LOOP;
    FOR r IN
        SELECT u.sensor_id, u.at, u.value::double precision AS value, u.quality, coalesce(u.is_total, false) AS is_total, s.kind
        FROM unnest(record_readings.sensor_ids, record_readings.ats, readings, qualities, are_totals)
            WITH ORDINALITY AS u (sensor_id, at, value, quality, is_total, place)
        LEFT JOIN sensor AS s ON s.id = u.sensor_id
        ORDER BY u.sensor_id, u.at, u.place
    LOOP
        amount := r.value;
        hours := NULL;
        judged := r.quality;
        IF r.is_total THEN
            SELECT t.at, t.total INTO before FROM rain_total AS t WHERE t.sensor_id = r.sensor_id FOR UPDATE;
            IF NOT FOUND THEN
                INSERT INTO rain_total AS t (sensor_id, at, total) VALUES (r.sensor_id, r.at, r.value);
                CONTINUE;
            END IF;
            CONTINUE WHEN r.at <= before.at;
            amount := round((r.value - before.total)::numeric, 2);
            hours := extract(epoch FROM r.at - before.at) / 3600;
            -- A counter that fell was reset, so that nobody knows what fell meanwhile: bad, and a new beginning.
            IF amount < 0 THEN
                amount := r.value;
                judged := 2;
                UPDATE rain_total AS t SET at = r.at, total = r.value WHERE t.sensor_id = r.sensor_id;
            END IF;
        END IF;
        IF r.kind = 'water_level' THEN
            SELECT h.value, h.at INTO before FROM sensor_reading AS h
            WHERE h.sensor_id = r.sensor_id AND h.at < r.at AND h.at >= r.at - interval '1 hour' AND h.quality = 0
            ORDER BY h.at DESC LIMIT 1;
            judged := judged_quality(r.kind, amount, judged, r.at, before.value, before.at, hours, allowed);
        ELSE
            judged := judged_quality(r.kind, amount, judged, r.at, NULL, NULL, hours, allowed);
        END IF;
        IF r.is_total AND judged < 2 THEN
            UPDATE rain_total AS t SET at = r.at, total = r.value WHERE t.sensor_id = r.sensor_id;
        END IF;
        INSERT INTO sensor_reading (sensor_id, at, value, quality) VALUES (r.sensor_id, r.at, amount, judged)
        ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS seen = ROW_COUNT;
        added := added + seen;
        CONTINUE WHEN seen = 0;
        INSERT INTO sensor_state AS s (sensor_id, at, value, quality) VALUES (r.sensor_id, r.at, amount, judged)
        ON CONFLICT (sensor_id) DO UPDATE SET
            at = excluded.at, received_at = clock_timestamp(), value = excluded.value, quality = excluded.quality
        WHERE s.at < excluded.at;
    END LOOP;
    PERFORM pg_notify('city_telemetry', 'sensor_state');
    RETURN added;
END $$;

REVOKE ALL ON FUNCTION city.judged_quality, city.record_readings FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.record_readings TO gateway;
COMMENT ON FUNCTION city.judged_quality IS 'Quality of a reading as it was given, or worse where it cannot be (2) or is unlikely (1), by the setting sensor_range.';
COMMENT ON FUNCTION city.record_readings IS 'Takes in sensor readings as parallel arrays (unit of the sensor; running totals of rain where are_totals); skips those that are already there; judges their quality; returns how many were new. NOTIFY city_telemetry wakes readers.';
