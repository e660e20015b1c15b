-- Permits, traffic areas and sites as they are drawn and edited at the desks. Each row counts its changes, whoever makes them,
-- so that of two who edit the same the second is told what the first has changed.
DO $$
DECLARE
    edited text;
BEGIN
    FOREACH edited IN ARRAY '{route_permit,traffic_area,work_site,dump_site}'::text[] LOOP
        EXECUTE format('ALTER TABLE city.%I ADD COLUMN version integer NOT NULL DEFAULT 1, '
            'ADD COLUMN changed_at timestamptz, ADD COLUMN changed_by text', edited);
    END LOOP;
END $$;
ALTER TABLE city.traffic_area ADD CONSTRAINT traffic_area_words CHECK (btrim(name) <> '');

CREATE FUNCTION city.count_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.changed_at := clock_timestamp();
    NEW.changed_by := session_user;
    RETURN NEW;
END $$;
DO $$
DECLARE
    edited text;
BEGIN
    FOREACH edited IN ARRAY '{route_permit,traffic_area,work_site,dump_site}'::text[] LOOP
        EXECUTE format('CREATE TRIGGER count_version BEFORE UPDATE ON city.%I FOR EACH ROW '
            'WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION city.count_version()', edited);
    END LOOP;
END $$;

-- Whoever asks, if permits, areas and sites are his to change; refuses all others.
CREATE FUNCTION city.haulage_desk() RETURNS city.staff
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    me staff;
BEGIN
    SELECT * INTO me FROM asker();
    IF me.id IS NULL OR me.role NOT IN ('shift_leader', 'administrator') THEN
        PERFORM refuse('CT100', 'Your post ({role}) may not change permits, areas and sites.',
            jsonb_build_object('role', coalesce(me.role::text, session_user)));
    END IF;
    RETURN me;
END $$;

-- Refuses to go on when what is edited is gone, or is not as it was when it was looked at.
CREATE FUNCTION city.refuse_stale(known integer, seen integer, changed_at timestamptz, changed_by text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    who staff;
BEGIN
    IF known IS NULL THEN
        PERFORM refuse('CT101', 'Somebody has taken this away meanwhile; nothing of yours was saved.');
    ELSIF known IS DISTINCT FROM seen THEN
        SELECT * INTO who FROM staff AS s WHERE s.login = changed_by;
        PERFORM refuse('CT102', 'This was changed meanwhile by {who} at {at}; nothing of yours was saved yet.', jsonb_build_object(
            'who', coalesce(who.title, changed_by, '管理员'), 'who_en', coalesce(who.title_en, changed_by, 'an administrator'),
            'at', to_char(coalesce(changed_at, clock_timestamp()) AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24:MI')));
    END IF;
END $$;

-- A line or polygon as it was drawn (WKB, EPSG:4546 m); refuses one that is nowhere, nothing, or crosses itself.
CREATE FUNCTION city.drawn(shape bytea, kind text) RETURNS public.geometry
LANGUAGE plpgsql IMMUTABLE SET search_path = city, public, pg_temp AS $$
DECLARE
    found geometry;
BEGIN
    BEGIN
        found := ST_Force2D(ST_GeomFromWKB(shape, 4546));
    EXCEPTION WHEN internal_error OR data_exception THEN
        found := NULL;
    END;
    IF found IS NULL OR GeometryType(found) <> kind OR NOT is_placed(found)
        OR (CASE kind WHEN 'POLYGON' THEN ST_Area(found) ELSE ST_Length(found) END) < 1
    THEN
        PERFORM refuse('CT103', 'The shape cannot be kept: it must lie in the city, be larger than a metre, and its border must not cross itself.');
    END IF;
    RETURN found;
END $$;

-- A new traffic area without an id, else the one of that version as it shall be; without an outline its shape stays. Returns its
-- id and new version.
CREATE FUNCTION city.save_traffic_area(
    area_id integer, version integer, name text, speed_kmh real, hours_from time, hours_to time, outline bytea
) RETURNS TABLE (id integer, new_version integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    me staff := haulage_desk();
    a traffic_area;
BEGIN
    IF btrim(coalesce(name, '')) = '' OR speed_kmh IS NULL OR speed_kmh NOT BETWEEN 0 AND 120 OR num_nulls(hours_from, hours_to) > 0 THEN
        PERFORM refuse('CT104', 'A traffic area has a name, a speed from 0 (no entry) to 120 km/h, and hours.');
    END IF;
    IF area_id IS NOT NULL THEN
        SELECT * INTO a FROM traffic_area AS x WHERE x.id = area_id FOR UPDATE;
        PERFORM refuse_stale(a.version, version, a.changed_at, a.changed_by);
    END IF;
    BEGIN
        IF area_id IS NULL THEN
            INSERT INTO traffic_area AS x (name, speed_kmh, hours_from, hours_to, geom, changed_at, changed_by)
            VALUES (btrim(name), speed_kmh, hours_from, hours_to, drawn(outline, 'POLYGON'), clock_timestamp(), me.login)
            RETURNING x.id, x.version INTO id, new_version;
        ELSE
            UPDATE traffic_area AS x SET name = btrim(name), speed_kmh = speed_kmh, hours_from = hours_from, hours_to = hours_to,
                geom = CASE WHEN outline IS NULL THEN x.geom ELSE drawn(outline, 'POLYGON') END
            WHERE x.id = area_id RETURNING x.id, x.version INTO id, new_version;
        END IF;
    EXCEPTION WHEN unique_violation THEN
        PERFORM refuse('CT105', 'The name {name} is taken: choose another one.', jsonb_build_object('name', btrim(name)));
    END;
    RETURN NEXT;
END $$;

CREATE FUNCTION city.remove_traffic_area(area_id integer, version integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    me staff := haulage_desk();
    a traffic_area;
BEGIN
    SELECT * INTO a FROM traffic_area AS x WHERE x.id = area_id FOR UPDATE;
    PERFORM refuse_stale(a.version, version, a.changed_at, a.changed_by);
    DELETE FROM traffic_area AS x WHERE x.id = area_id;
END $$;

-- A new work or dump site without an id, else the one of that version as it shall be; without an outline its shape stays. The zone
-- of a work site is the one that its middle lies in or is nearest to. Returns its id and new version.
CREATE FUNCTION city.save_site(
    kind text, site_id integer, version integer, code text, name text, capacity_m3 double precision, outline bytea
) RETURNS TABLE (id integer, new_version integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    me staff := haulage_desk();
    w work_site;
    d dump_site;
    shape geometry := CASE WHEN outline IS NOT NULL OR site_id IS NULL THEN drawn(outline, 'POLYGON') END;
    zone smallint := (SELECT z.id FROM zone AS z ORDER BY z.geom <-> ST_PointOnSurface(shape) LIMIT 1);
BEGIN
    IF btrim(coalesce(code, '')) = '' OR btrim(coalesce(name, '')) = '' OR kind = 'dump_site' AND NOT coalesce(capacity_m3 > 0, false) THEN
        PERFORM refuse('CT106', 'A site has a code and a name, and a dump site a capacity.');
    END IF;
    BEGIN
        IF kind = 'work_site' AND site_id IS NULL THEN
            INSERT INTO work_site AS x (code, name, zone_id, geom, changed_at, changed_by)
            VALUES (btrim(code), btrim(name), zone, shape, clock_timestamp(), me.login)
            RETURNING x.id, x.version INTO id, new_version;
        ELSIF kind = 'work_site' THEN
            SELECT * INTO w FROM work_site AS x WHERE x.id = site_id FOR UPDATE;
            PERFORM refuse_stale(w.version, version, w.changed_at, w.changed_by);
            UPDATE work_site AS x SET code = btrim(code), name = btrim(name), zone_id = CASE WHEN shape IS NULL THEN x.zone_id ELSE zone END,
                geom = coalesce(shape, x.geom)
            WHERE x.id = site_id RETURNING x.id, x.version INTO id, new_version;
        ELSIF kind = 'dump_site' AND site_id IS NULL THEN
            INSERT INTO dump_site AS x (code, name, capacity_m3, geom, changed_at, changed_by)
            VALUES (btrim(code), btrim(name), capacity_m3, shape, clock_timestamp(), me.login)
            RETURNING x.id, x.version INTO id, new_version;
        ELSIF kind = 'dump_site' THEN
            SELECT * INTO d FROM dump_site AS x WHERE x.id = site_id FOR UPDATE;
            PERFORM refuse_stale(d.version, version, d.changed_at, d.changed_by);
            UPDATE dump_site AS x SET code = btrim(code), name = btrim(name), capacity_m3 = capacity_m3,
                geom = coalesce(shape, x.geom)
            WHERE x.id = site_id RETURNING x.id, x.version INTO id, new_version;
        END IF;
    EXCEPTION WHEN unique_violation THEN
        PERFORM refuse('CT105', 'The name {name} is taken: choose another one.', jsonb_build_object('name', btrim(code)));
    END;
    RETURN NEXT;
END $$;

-- A site that no permit names is taken away; one that a permit names stays, with the permits that tell of it.
CREATE FUNCTION city.remove_site(kind text, site_id integer, version integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    me staff := haulage_desk();
    w work_site;
    d dump_site;
BEGIN
    IF kind = 'work_site' THEN
        SELECT * INTO w FROM work_site AS x WHERE x.id = site_id FOR UPDATE;
        PERFORM refuse_stale(w.version, version, w.changed_at, w.changed_by);
    ELSE
        SELECT * INTO d FROM dump_site AS x WHERE x.id = site_id FOR UPDATE;
        PERFORM refuse_stale(d.version, version, d.changed_at, d.changed_by);
    END IF;
    IF EXISTS (SELECT FROM route_permit AS p WHERE CASE kind WHEN 'work_site' THEN p.work_site_id ELSE p.dump_site_id END = site_id) THEN
        PERFORM refuse('CT107', 'Permits name this site: it stays, so that what they allowed can be told.');
    END IF;
    DELETE FROM work_site AS x WHERE kind = 'work_site' AND x.id = site_id;
    DELETE FROM dump_site AS x WHERE kind = 'dump_site' AND x.id = site_id;
END $$;

-- A new permit without an id, else the one of that version as it shall be; without a route its route stays. Returns its id and
-- new version.
CREATE FUNCTION city.save_permit(
    permit_id integer, version integer, permit_no text, vehicle_id integer, work_site_id integer, dump_site_id integer,
    valid_from date, valid_to date, hours_from time, hours_to time, volume_m3 double precision, route bytea
) RETURNS TABLE (id integer, new_version integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    me staff := haulage_desk();
    p route_permit;
BEGIN
    IF btrim(coalesce(permit_no, '')) = '' OR NOT coalesce(volume_m3 > 0, false) OR num_nulls(valid_from, valid_to, hours_from, hours_to) > 0
        OR valid_from > valid_to OR valid_to > valid_from + 1096
        OR NOT EXISTS (SELECT FROM vehicle AS v WHERE v.id = vehicle_id)
        OR NOT EXISTS (SELECT FROM work_site AS w WHERE w.id = work_site_id)
        OR NOT EXISTS (SELECT FROM dump_site AS d WHERE d.id = dump_site_id)
    THEN
        PERFORM refuse('CT108', 'A permit has a number, a truck, a work site, a dump site, a volume, hours, and days from first to last, three years at most.');
    END IF;
    IF permit_id IS NOT NULL THEN
        SELECT * INTO p FROM route_permit AS x WHERE x.id = permit_id FOR UPDATE;
        PERFORM refuse_stale(p.version, version, p.changed_at, p.changed_by);
        IF p.revoked_at IS NOT NULL THEN
            PERFORM refuse('CT109', 'The permit is revoked and is not changed any more: copy it to make a new one.');
        END IF;
    END IF;
    BEGIN
        IF permit_id IS NULL THEN
            INSERT INTO route_permit AS x (permit_no, vehicle_id, work_site_id, dump_site_id, valid_from, valid_to, hours_from,
                hours_to, volume_m3, geom, changed_at, changed_by)
            VALUES (btrim(permit_no), vehicle_id, work_site_id, dump_site_id, valid_from, valid_to, hours_from, hours_to, volume_m3,
                drawn(route, 'LINESTRING'), clock_timestamp(), me.login)
            RETURNING x.id, x.version INTO id, new_version;
        ELSE
            UPDATE route_permit AS x SET permit_no = btrim(permit_no), vehicle_id = vehicle_id, work_site_id = work_site_id,
                dump_site_id = dump_site_id, valid_from = valid_from, valid_to = valid_to, hours_from = hours_from,
                hours_to = hours_to, volume_m3 = volume_m3,
                geom = CASE WHEN route IS NULL THEN x.geom ELSE drawn(route, 'LINESTRING') END
            WHERE x.id = permit_id RETURNING x.id, x.version INTO id, new_version;
        END IF;
    EXCEPTION WHEN unique_violation THEN
        PERFORM refuse('CT105', 'The name {name} is taken: choose another one.', jsonb_build_object('name', btrim(permit_no)));
    END;
    RETURN NEXT;
END $$;

-- A permit ends at once; what was hauled under it before stays hauled under it.
CREATE FUNCTION city.revoke_permit(permit_id integer, version integer, reason text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    me staff := haulage_desk();
    p route_permit;
BEGIN
    IF btrim(coalesce(reason, '')) = '' THEN
        PERFORM refuse('CT108', 'A permit is revoked for a reason: write it down.');
    END IF;
    SELECT * INTO p FROM route_permit AS x WHERE x.id = permit_id FOR UPDATE;
    PERFORM refuse_stale(p.version, version, p.changed_at, p.changed_by);
    IF p.revoked_at IS NOT NULL THEN
        PERFORM refuse('CT109', 'The permit is revoked and is not changed any more: copy it to make a new one.');
    END IF;
    UPDATE route_permit AS x SET revoked_at = clock_timestamp(), revoked_reason = btrim(reason) WHERE x.id = permit_id;
    RETURN version + 1;
END $$;

REVOKE ALL ON FUNCTION city.count_version, city.haulage_desk, city.refuse_stale, city.drawn, city.save_traffic_area,
    city.remove_traffic_area, city.save_site, city.remove_site, city.save_permit, city.revoke_permit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.save_traffic_area, city.remove_traffic_area, city.save_site, city.remove_site, city.save_permit,
    city.revoke_permit TO shift_leader, administrator;

COMMENT ON COLUMN city.route_permit.version IS 'Counts its changes.';
COMMENT ON COLUMN city.route_permit.changed_at IS 'When it was changed last; empty for one of the beginning.';
COMMENT ON COLUMN city.route_permit.changed_by IS 'Login that did it.';
COMMENT ON COLUMN city.traffic_area.version IS 'Counts its changes.';
COMMENT ON COLUMN city.traffic_area.changed_at IS 'When it was changed last.';
COMMENT ON COLUMN city.traffic_area.changed_by IS 'Login that did it.';
COMMENT ON COLUMN city.work_site.version IS 'Counts its changes.';
COMMENT ON COLUMN city.work_site.changed_at IS 'When it was changed last; empty for one of the beginning.';
COMMENT ON COLUMN city.work_site.changed_by IS 'Login that did it.';
COMMENT ON COLUMN city.dump_site.version IS 'Counts its changes.';
COMMENT ON COLUMN city.dump_site.changed_at IS 'When it was changed last; empty for one of the beginning.';
COMMENT ON COLUMN city.dump_site.changed_by IS 'Login that did it.';
COMMENT ON FUNCTION city.count_version IS 'Trigger: counts the changes of a row, and notes when and by whom.';
COMMENT ON FUNCTION city.haulage_desk IS 'Whoever asks, if permits, areas and sites are his to change: shift leaders and administrators; refuses all others with CT100.';
COMMENT ON FUNCTION city.refuse_stale IS 'Refuses with CT101 what is gone, with CT102 what is of another version than the one that was looked at.';
COMMENT ON FUNCTION city.drawn IS 'A shape from WKB in EPSG:4546; refuses with CT103 one that cannot be kept.';
COMMENT ON FUNCTION city.save_traffic_area IS 'Saves a traffic area, a new one without an id; returns its id and version. Refuses with CT100 to CT105.';
COMMENT ON FUNCTION city.remove_traffic_area IS 'Takes a traffic area away. Refuses with CT100 to CT102.';
COMMENT ON FUNCTION city.save_site IS 'Saves a work or dump site (kind work_site or dump_site), a new one without an id; returns its id and version. Refuses with CT100 to CT103, CT105, CT106.';
COMMENT ON FUNCTION city.remove_site IS 'Takes a site away that no permit names. Refuses with CT100 to CT102, CT107.';
COMMENT ON FUNCTION city.save_permit IS 'Saves a transport permit with its route, a new one without an id; returns its id and version. Refuses with CT100 to CT103, CT105, CT108, CT109.';
COMMENT ON FUNCTION city.revoke_permit IS 'Revokes a permit for a reason; returns its version. Refuses with CT100 to CT102, CT108, CT109.';
