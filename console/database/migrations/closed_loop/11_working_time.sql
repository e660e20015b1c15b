-- Working time as a table of intervals with the time used up before each, so that a deadline is two index look-ups.
-- It says exactly what console/models/calendar.py computes; triggers keep it from calendar_day and working_hours.

-- The one way in which our functions say no: SQLSTATE of class CT, an English sentence with {names}, their values as JSON.
CREATE FUNCTION city.refuse(code text, sentence text, named jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = code, MESSAGE = sentence, DETAIL = named::text;
END $$;

-- The first and the last row have no length: they are the ends of the calendar.
CREATE TABLE city.working_interval (
    opens timestamptz NOT NULL,
    closes timestamptz NOT NULL,
    used_us bigint NOT NULL,
    PRIMARY KEY (opens, closes),
    CHECK (opens <= closes)
);
CREATE INDEX working_interval_used ON city.working_interval (used_us, opens, closes);

-- Days without a row, and 800 days after the last one, count as Monday to Friday.
CREATE FUNCTION city.computed_intervals() RETURNS TABLE (opens timestamptz, closes timestamptz, used_us bigint)
LANGUAGE sql STABLE SET search_path = city, public, pg_temp AS $$
    WITH span AS (
        SELECT min(day) AS first, max(day) + 800 AS last FROM calendar_day HAVING count(*) > 0
    ), day AS (
        SELECT d::date AS day
        FROM span, generate_series(span.first::timestamp, span.last::timestamp, interval '1 day') AS d
        LEFT JOIN calendar_day AS known ON known.day = d::date
        WHERE coalesce(known.is_working, extract(isodow FROM d) < 6)
    ), open AS (
        SELECT (day.day + h.opens) AT TIME ZONE 'Asia/Shanghai' AS opens, (day.day + h.closes) AT TIME ZONE 'Asia/Shanghai' AS closes
        FROM day JOIN working_hours AS h ON day.day BETWEEN h.valid_from AND h.valid_to
        UNION ALL
        SELECT first::timestamp AT TIME ZONE 'Asia/Shanghai', first::timestamp AT TIME ZONE 'Asia/Shanghai' FROM span
        UNION ALL
        SELECT (last + 1)::timestamp AT TIME ZONE 'Asia/Shanghai', (last + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM span
    )
    SELECT opens, closes,
        coalesce(sum((extract(epoch FROM closes - opens) * 1000000)::bigint)
            OVER (ORDER BY opens, closes ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint
    FROM open
$$;

-- Brings the intervals up to date and returns the first instant from which on they differ from before; NULL when none does.
-- What has passed stays as it was once limits have run in it. The lock waits for moves that are being made, and they for it.
CREATE FUNCTION city.refresh_working_time() RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    tomorrow timestamptz := ((clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai';
    known_from timestamptz := (SELECT min(i.opens) FROM working_interval AS i);
    fresh working_interval[];
    wrong timestamptz;
    changed timestamptz;
BEGIN
    LOCK TABLE working_interval IN EXCLUSIVE MODE;
    fresh := ARRAY(SELECT ROW(i.opens, i.closes, i.used_us)::working_interval FROM computed_intervals() AS i);
    SELECT n.opens INTO wrong FROM (
        SELECT i.opens, lag(i.closes) OVER (ORDER BY i.opens, i.closes) AS before FROM unnest(fresh) AS i
    ) AS n WHERE n.opens < n.before ORDER BY n.opens LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('CT014', 'Working hours overlap on {day}: mend them.',
            jsonb_build_object('day', (wrong AT TIME ZONE 'Asia/Shanghai')::date));
    END IF;
    SELECT min(d.opens) INTO changed FROM (
        (SELECT i.opens, i.closes FROM unnest(fresh) AS i EXCEPT SELECT i.opens, i.closes FROM working_interval AS i)
        UNION ALL
        (SELECT i.opens, i.closes FROM working_interval AS i EXCEPT SELECT i.opens, i.closes FROM unnest(fresh) AS i)
    ) AS d WHERE d.opens < d.closes AND (d.opens >= known_from) IS NOT FALSE;
    IF known_from IS NOT NULL AND changed < tomorrow AND EXISTS (SELECT FROM case_file WHERE dispatched_at IS NOT NULL) THEN
        PERFORM refuse('CT017', 'Limits have run in the working time of {day}: what has passed cannot be changed.',
            jsonb_build_object('day', (changed AT TIME ZONE 'Asia/Shanghai')::date));
    END IF;
    DELETE FROM working_interval AS i
        WHERE NOT EXISTS (SELECT FROM unnest(fresh) AS n WHERE n.opens = i.opens AND n.closes = i.closes);
    INSERT INTO working_interval AS i SELECT n.* FROM unnest(fresh) AS n
        ON CONFLICT ON CONSTRAINT working_interval_pkey DO UPDATE SET used_us = excluded.used_us
        WHERE i.used_us <> excluded.used_us;
    RETURN changed;
END $$;

-- Working time from the beginning of the calendar up to an instant, in microseconds.
CREATE FUNCTION city.working_us(at timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    i working_interval;
BEGIN
    SELECT * INTO i FROM working_interval AS w WHERE w.opens <= at ORDER BY w.opens DESC, w.closes DESC LIMIT 1;
    IF NOT FOUND OR (i.opens = i.closes AND i.used_us > 0) THEN
        PERFORM refuse_beyond_calendar(at);
    END IF;
    RETURN i.used_us + (extract(epoch FROM least(at, i.closes) - i.opens) * 1000000)::bigint;
END $$;

CREATE FUNCTION city.refuse_beyond_calendar(at timestamptz) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = city, public, pg_temp AS $$
BEGIN
    PERFORM refuse('CT017', 'The working calendar knows {first} to {last} but not {day}: import that year.', (
        SELECT jsonb_build_object('first', coalesce(min(c.day)::text, '–'), 'last', coalesce((max(c.day) + 800)::text, '–'),
            'day', (at AT TIME ZONE 'Asia/Shanghai')::date)
        FROM calendar_day AS c));
END $$;

-- When a limit that starts at an instant ends; a working limit that ends with the closing minute ends there.
CREATE FUNCTION city.limit_end(starts timestamptz, minutes double precision, unit city.limit_unit) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    length_us bigint := round(minutes * 60e6)::bigint;
    target bigint;
    i working_interval;
BEGIN
    IF unit IN ('UH', 'UD') THEN
        RETURN starts + length_us * interval '1 microsecond';
    END IF;
    target := working_us(starts) + length_us;
    -- The last interval before whose opening the target is not reached yet.
    SELECT * INTO i FROM working_interval AS w WHERE w.used_us < target
        ORDER BY w.used_us DESC, w.opens DESC, w.closes DESC LIMIT 1;
    IF NOT FOUND OR i.opens = i.closes THEN
        PERFORM refuse_beyond_calendar(starts + length_us * interval '1 microsecond');
    END IF;
    RETURN i.opens + (target - i.used_us) * interval '1 microsecond';
END $$;

-- Time between two instants on the clock of a unit, in microseconds; none when the second is not later.
CREATE FUNCTION city.limit_used_us(starts timestamptz, ends timestamptz, unit city.limit_unit) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
BEGIN
    IF unit IN ('UH', 'UD') THEN
        RETURN greatest((extract(epoch FROM ends - starts) * 1000000)::bigint, 0);
    END IF;
    RETURN greatest(working_us(ends) - working_us(starts), 0);
END $$;

CREATE FUNCTION city.unit_minutes(unit city.limit_unit) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE unit WHEN 'UH' THEN 60 WHEN 'UD' THEN 24 * 60 WHEN 'WH' THEN 60 WHEN 'WD' THEN 8 * 60 END;

SELECT city.refresh_working_time();

REVOKE ALL ON FUNCTION city.refuse, city.computed_intervals, city.refresh_working_time, city.working_us,
    city.refuse_beyond_calendar, city.limit_end, city.limit_used_us, city.unit_minutes FROM PUBLIC;
-- What a limit would come to, before a move is made.
GRANT EXECUTE ON FUNCTION city.limit_end, city.unit_minutes
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, gateway, administrator;
GRANT SELECT ON city.working_interval
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, gateway, administrator;

COMMENT ON TABLE city.working_interval IS 'Working time as intervals, computed from calendar_day and working_hours; days beyond the calendar, up to 800, count as Monday to Friday. The first and the last row have no length: they are the ends of the calendar.';
COMMENT ON COLUMN city.working_interval.opens IS 'Beginning of the interval.';
COMMENT ON COLUMN city.working_interval.closes IS 'End of the interval.';
COMMENT ON COLUMN city.working_interval.used_us IS 'Working time of all intervals before, in microseconds.';
COMMENT ON FUNCTION city.refuse IS 'Says no: SQLSTATE, English sentence with {names}, values of the names as JSON.';
COMMENT ON FUNCTION city.computed_intervals IS 'The rows of working_interval as they follow from calendar_day and working_hours now.';
COMMENT ON FUNCTION city.refresh_working_time IS 'Brings working_interval up to date; returns the first instant that changed, empty when none. Refuses with CT014 overlapping hours, CT017 a change of working time that has passed.';
COMMENT ON FUNCTION city.working_us IS 'Working time from the beginning of the calendar up to an instant, in microseconds.';
COMMENT ON FUNCTION city.refuse_beyond_calendar IS 'Refuses with CT017: the calendar does not reach that far.';
COMMENT ON FUNCTION city.limit_end IS 'When a limit of so many minutes of its unit''s clock, begun at an instant, ends.';
COMMENT ON FUNCTION city.limit_used_us IS 'Time between two instants on the clock of a unit, in microseconds.';
COMMENT ON FUNCTION city.unit_minutes IS 'Length of a unit of limit in minutes of its clock; a working day is eight working hours.';
