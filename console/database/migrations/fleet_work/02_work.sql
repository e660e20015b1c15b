-- Mileage and trips are kept as positions come in, so that every source of positions has the same effect.
CREATE INDEX trip_under_way ON city.trip (vehicle_id) WHERE dumped_at IS NULL;
ALTER TABLE city.vehicle_day SET (fillfactor = 70);
ALTER TABLE city.trip SET (fillfactor = 90);
COMMENT ON COLUMN city.trip.distance_m IS 'Distance driven loaded, so far while under way, m.';
COMMENT ON TABLE city.vehicle_day IS 'Work of each truck on each day, kept up with its positions.';
COMMENT ON COLUMN city.vehicle_day.trips IS 'Trips that ended on the day.';

-- Positions of trucks as they were taken, each with what was driven to get there from the one before among them. Metres are
-- the counter's, or straight on where it was changed or is absent; time counts while either end moved and none was silent.
CREATE FUNCTION city.fix_steps(positions city.vehicle_fix[]) RETURNS TABLE (
    vehicle_id integer, at timestamptz, load city.load_state, distance_m double precision, driving_s double precision
)
LANGUAGE sql STABLE SET search_path = city, public, pg_temp AS $$
    SELECT vehicle_id, at, load,
        CASE
            WHEN seconds IS NULL THEN 0
            WHEN counted_m BETWEEN 0 AND 1000 + 50 * seconds THEN counted_m
            WHEN moves THEN ST_Distance(geom, geom_before)
            ELSE 0
        END,
        CASE WHEN moves AND seconds <= 300 THEN seconds ELSE 0 END
    FROM (
        SELECT f.vehicle_id, f.at, f.load, f.geom, lag(f.geom) OVER truck AS geom_before,
            f.mileage_m - lag(f.mileage_m) OVER truck AS counted_m,
            extract(epoch FROM f.at - lag(f.at) OVER truck)::double precision AS seconds,
            f.speed_kmh > 5 OR lag(f.speed_kmh) OVER truck > 5 AS moves
        FROM unnest(positions) AS f
        WINDOW truck AS (PARTITION BY f.vehicle_id ORDER BY f.at)
    ) AS step
$$;
COMMENT ON FUNCTION city.fix_steps IS 'Positions of trucks, each with the metres and seconds that were driven since the one before among them.';

-- The positions in the history of each truck from a moment on.
CREATE FUNCTION city.fixes_since(vehicle_ids integer[], since timestamptz[]) RETURNS city.vehicle_fix[]
LANGUAGE sql STABLE SET search_path = city, public, pg_temp AS $$
    SELECT array_agg(f.*::vehicle_fix)
    FROM unnest(fixes_since.vehicle_ids, fixes_since.since) AS w (vehicle_id, since)
    -- A subquery of its own, so that each truck costs one look into the index however many days there are.
    CROSS JOIN LATERAL (SELECT * FROM vehicle_fix WHERE vehicle_id = w.vehicle_id AND at >= w.since OFFSET 0) AS f
$$;
COMMENT ON FUNCTION city.fixes_since IS 'Positions of trucks from a moment on (parallel arrays), as one array.';

-- Adds the work that positions show; the work of each truck is known up to its first position among them. A trip begins when the box is full and
-- ends when it is empty, wherever that is: whether it may be there is a question for alarms.
CREATE FUNCTION city.count_work(positions city.vehicle_fix[]) RETURNS void
LANGUAGE sql SET search_path = city, public, pg_temp AS $$
    WITH step AS MATERIALIZED (
        SELECT * FROM fix_steps(positions)
    ), under_way AS (
        SELECT vehicle_id, max(loaded_at) AS loaded_at FROM trip
        WHERE dumped_at IS NULL AND vehicle_id IN (SELECT vehicle_id FROM step) GROUP BY vehicle_id
    ), turn AS (
        SELECT vehicle_id, at, is_loaded, lead(at) OVER (PARTITION BY vehicle_id ORDER BY at) AS next_at
        FROM (
            SELECT s.vehicle_id, s.at, s.load = 'full' AS is_loaded,
                lag(s.load = 'full', 1, u.loaded_at IS NOT NULL) OVER (PARTITION BY s.vehicle_id ORDER BY s.at) AS was_loaded
            FROM step s LEFT JOIN under_way u USING (vehicle_id)
            WHERE s.load <> 'half' AND s.at > coalesce(u.loaded_at, '-infinity')
        ) AS load
        WHERE is_loaded <> was_loaded
    ), gone_on AS (
        UPDATE trip t SET dumped_at = w.dumped_at, distance_m = t.distance_m + w.distance_m
        FROM (
            SELECT u.vehicle_id, u.loaded_at, first.at AS dumped_at, sum(s.distance_m) AS distance_m
            FROM under_way u
            JOIN step s ON s.vehicle_id = u.vehicle_id AND s.at > u.loaded_at
            LEFT JOIN (
                SELECT vehicle_id, min(at) AS at FROM turn GROUP BY vehicle_id
            ) AS first ON first.vehicle_id = u.vehicle_id
            WHERE s.at <= coalesce(first.at, 'infinity')
            GROUP BY u.vehicle_id, u.loaded_at, first.at
            HAVING first.at IS NOT NULL OR sum(s.distance_m) > 0
        ) AS w
        WHERE t.vehicle_id = w.vehicle_id AND t.loaded_at = w.loaded_at
    ), begun AS (
        INSERT INTO trip (vehicle_id, loaded_at, dumped_at, permit_id, distance_m, volume_m3)
        SELECT b.vehicle_id, b.at, b.next_at, p.id, coalesce(sum(s.distance_m), 0), v.box_m3
        FROM turn b
        JOIN vehicle v ON v.id = b.vehicle_id
        -- What was driven to get there was driven empty.
        LEFT JOIN step s ON s.vehicle_id = b.vehicle_id AND s.at > b.at AND s.at <= coalesce(b.next_at, 'infinity')
        LEFT JOIN LATERAL (
            SELECT id FROM route_permit
            WHERE vehicle_id = b.vehicle_id AND (b.at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN valid_from AND valid_to
                AND (revoked_at IS NULL OR revoked_at > b.at)
            ORDER BY valid_from DESC, id DESC LIMIT 1
        ) AS p ON true
        WHERE b.is_loaded
        GROUP BY b.vehicle_id, b.at, b.next_at, p.id, v.box_m3
    )
    INSERT INTO vehicle_day AS d (vehicle_id, day, distance_m, driving_s, trips)
    SELECT vehicle_id, (at AT TIME ZONE 'Asia/Shanghai')::date, sum(distance_m), round(sum(driving_s)), sum(trips)
    FROM (
        SELECT vehicle_id, at, distance_m, driving_s, 0 AS trips FROM step
        UNION ALL
        SELECT vehicle_id, at, 0, 0, 1 FROM turn WHERE NOT is_loaded
    ) AS work
    GROUP BY 1, 2
    HAVING sum(distance_m) > 0 OR sum(driving_s) > 0 OR sum(trips) > 0
    ON CONFLICT (vehicle_id, day) DO UPDATE SET
        distance_m = d.distance_m + excluded.distance_m,
        driving_s = least(d.driving_s + excluded.driving_s, 86400),
        trips = d.trips + excluded.trips
$$;
COMMENT ON FUNCTION city.count_work IS 'Adds what trucks drove and carried, as positions show it, to trip and vehicle_day.';

-- Takes the work from a moment on back, before positions that come late are put among those that are there.
CREATE FUNCTION city.forget_work(vehicle_ids integer[], since timestamptz[]) RETURNS void
LANGUAGE sql SET search_path = city, public, pg_temp AS $$
    WITH step AS MATERIALIZED (
        SELECT * FROM fix_steps(fixes_since(forget_work.vehicle_ids, forget_work.since))
    ), later AS (
        SELECT t.* FROM unnest(forget_work.vehicle_ids, forget_work.since) AS w (vehicle_id, since)
        JOIN trip t ON t.vehicle_id = w.vehicle_id AND t.dumped_at > w.since
    ), shortened AS (
        UPDATE trip t SET dumped_at = NULL, distance_m = greatest(t.distance_m - w.distance_m, 0)
        FROM (
            SELECT t.vehicle_id, t.loaded_at, coalesce(sum(s.distance_m), 0) AS distance_m
            FROM unnest(forget_work.vehicle_ids, forget_work.since) AS w (vehicle_id, since)
            JOIN trip t ON t.vehicle_id = w.vehicle_id AND t.loaded_at <= w.since
                AND (t.dumped_at IS NULL OR t.dumped_at > w.since)
            LEFT JOIN step s ON s.vehicle_id = t.vehicle_id AND s.at > w.since AND s.at <= coalesce(t.dumped_at, 'infinity')
            GROUP BY t.vehicle_id, t.loaded_at
        ) AS w
        WHERE t.vehicle_id = w.vehicle_id AND t.loaded_at = w.loaded_at
    ), gone AS (
        DELETE FROM trip t USING unnest(forget_work.vehicle_ids, forget_work.since) AS w (vehicle_id, since)
        WHERE t.vehicle_id = w.vehicle_id AND t.loaded_at > w.since
    )
    UPDATE vehicle_day d SET
        distance_m = greatest(d.distance_m - work.distance_m, 0),
        driving_s = greatest(d.driving_s - work.driving_s, 0),
        trips = greatest(d.trips - work.trips, 0)
    FROM (
        SELECT vehicle_id, (at AT TIME ZONE 'Asia/Shanghai')::date AS day, sum(distance_m) AS distance_m,
            round(sum(driving_s)) AS driving_s, sum(trips) AS trips
        FROM (
            SELECT vehicle_id, at, distance_m, driving_s, 0 AS trips FROM step
            UNION ALL
            SELECT vehicle_id, dumped_at, 0, 0, 1 FROM later
        ) AS part
        GROUP BY 1, 2
    ) AS work
    WHERE d.vehicle_id = work.vehicle_id AND d.day = work.day
$$;
COMMENT ON FUNCTION city.forget_work IS 'Takes what trucks drove and carried from a moment on (parallel arrays) back from trip and vehicle_day.';
