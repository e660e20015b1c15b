-- Filters of the queue that somebody has given a name: his own, or shared with the colleagues of his department.
CREATE TABLE city.saved_filter (
    id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    owner_id integer NOT NULL REFERENCES city.staff,
    department_id smallint REFERENCES city.department,
    name text NOT NULL CHECK (btrim(name) <> '' AND length(name) <= 40),
    slot smallint CHECK (slot BETWEEN 1 AND 9),
    wanted jsonb NOT NULL CHECK (jsonb_typeof(wanted) = 'object' AND length(wanted::text) < 100000),
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX saved_filter_own_name ON city.saved_filter (owner_id, name) WHERE department_id IS NULL;
CREATE UNIQUE INDEX saved_filter_shared_name ON city.saved_filter (department_id, name) WHERE department_id IS NOT NULL;
CREATE UNIQUE INDEX saved_filter_own_slot ON city.saved_filter (owner_id, slot) WHERE department_id IS NULL;
CREATE UNIQUE INDEX saved_filter_shared_slot ON city.saved_filter (department_id, slot) WHERE department_id IS NOT NULL;

-- Saves under a name; the same name again replaces what was saved under it, a key in use changes its owner.
CREATE FUNCTION city.save_filter(name text, wanted jsonb, slot integer DEFAULT NULL, is_shared boolean DEFAULT false)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    me record;
    with_whom smallint;
    known record;
    saved integer;
BEGIN
    SELECT s.id, s.department_id, s.role INTO me FROM staff AS s WHERE s.id = current_staff_id();
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CT016', MESSAGE = 'Your login belongs to no active member of staff.', DETAIL = '{}';
    END IF;
    name := btrim(name);
    IF name = '' OR length(name) > 40 OR slot NOT BETWEEN 1 AND 9 THEN
        RAISE EXCEPTION USING ERRCODE = 'CT014', MESSAGE = 'A saved filter needs a name of at most 40 characters, and a key from 1 to 9 or none.',
            DETAIL = '{}';
    END IF;
    with_whom := CASE WHEN is_shared THEN me.department_id END;
    SELECT f.id, f.owner_id, s.title INTO known FROM saved_filter AS f JOIN staff AS s ON s.id = f.owner_id
    WHERE f.name = name AND f.department_id IS NOT DISTINCT FROM with_whom AND (is_shared OR f.owner_id = me.id)
    FOR UPDATE OF f;
    IF known.owner_id <> me.id AND me.role NOT IN ('shift_leader', 'administrator') THEN
        RAISE EXCEPTION USING ERRCODE = 'CT060', MESSAGE = 'The shared filter “{name}” is {owner}''s: choose another name.',
            DETAIL = jsonb_build_object('name', name, 'owner', known.title)::text;
    END IF;
    UPDATE saved_filter AS f SET slot = NULL
    WHERE f.slot = slot AND f.id IS DISTINCT FROM known.id AND f.department_id IS NOT DISTINCT FROM with_whom
        AND (is_shared OR f.owner_id = me.id);
    IF known.id IS NULL THEN
        INSERT INTO saved_filter (owner_id, department_id, name, slot, wanted) VALUES (me.id, with_whom, name, slot, wanted)
        RETURNING id INTO saved;
    ELSE
        UPDATE saved_filter AS f SET slot = slot, wanted = wanted, changed_at = now() WHERE f.id = known.id;
        saved := known.id;
    END IF;
    RETURN saved;
END $$;

CREATE FUNCTION city.drop_filter(filter_id integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    me record;
    known record;
BEGIN
    SELECT s.id, s.department_id, s.role INTO me FROM staff AS s WHERE s.id = current_staff_id();
    SELECT f.id, f.name, f.owner_id, f.department_id, s.title INTO known
    FROM saved_filter AS f JOIN staff AS s ON s.id = f.owner_id WHERE f.id = filter_id;
    IF known.id IS NULL THEN
        RETURN;
    END IF;
    IF me.id IS NULL OR NOT (known.owner_id = me.id
        OR (coalesce(known.department_id = me.department_id, false) AND me.role IN ('shift_leader', 'administrator'))) THEN
        RAISE EXCEPTION USING ERRCODE = 'CT060', MESSAGE = 'The filter “{name}” is {owner}''s: only its owner or the shift leader may drop it.',
            DETAIL = jsonb_build_object('name', known.name, 'owner', known.title)::text;
    END IF;
    DELETE FROM saved_filter AS f WHERE f.id = filter_id;
END $$;

ALTER TABLE city.saved_filter ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_or_shared ON city.saved_filter FOR SELECT USING (
    (department_id IS NULL AND owner_id = (SELECT city.current_staff_id()))
    OR department_id = (SELECT s.department_id FROM city.staff AS s WHERE s.id = city.current_staff_id())
);
REVOKE ALL ON FUNCTION city.save_filter, city.drop_filter FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.save_filter, city.drop_filter
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, administrator;
GRANT SELECT ON city.saved_filter
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, administrator;

CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON city.saved_filter
    FOR EACH ROW EXECUTE FUNCTION city.log_change('id', 'owner_id', 'department_id');

COMMENT ON TABLE city.saved_filter IS 'Filters of the queue that somebody has given a name; written by save_filter and drop_filter. One sees one''s own and those that are shared in one''s department.';
COMMENT ON COLUMN city.saved_filter.id IS 'Number of the filter.';
COMMENT ON COLUMN city.saved_filter.owner_id IS 'Who saved it.';
COMMENT ON COLUMN city.saved_filter.department_id IS 'Department whose people share it; empty when it is the owner''s alone.';
COMMENT ON COLUMN city.saved_filter.name IS 'What people call it; once a person, once a department.';
COMMENT ON COLUMN city.saved_filter.slot IS 'Digit of its key: Alt+1 to Alt+9 for one''s own, with Shift for shared ones; empty when it has none.';
COMMENT ON COLUMN city.saved_filter.wanted IS 'What it asks: {preset, text, order, descending, area: [[x, y], …] in metres EPSG:4546, fields: {zone_ids, states, modes, sources, kinds, levels, department_ids, class_ids, period (days back), overdue}}; what is missing asks nothing.';
COMMENT ON COLUMN city.saved_filter.changed_at IS 'When it was saved last.';
COMMENT ON FUNCTION city.save_filter(text, jsonb, integer, boolean) IS 'Saves a filter of the queue under a name and returns its number; the same name again replaces it, a key in use changes its owner. Shared ones may be replaced by whoever saved them, the shift leader and the administrator.';
COMMENT ON FUNCTION city.drop_filter(integer) IS 'Forgets a saved filter; whose it is, as for save_filter.';
