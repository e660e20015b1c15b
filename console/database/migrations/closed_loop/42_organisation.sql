-- Departments, posts, shifts and hours that contradict themselves are kept out.
ALTER TABLE city.staff ADD COLUMN IF NOT EXISTS is_lead boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN city.staff.is_lead IS 'Whether the person leads the unit: endorses what the unit asks for.';

ALTER TABLE city.department ADD CONSTRAINT department_words CHECK (btrim(code) <> '' AND btrim(short_name) <> '' AND btrim(name) <> '');
ALTER TABLE city.staff ADD CONSTRAINT staff_words CHECK (btrim(title) <> '');
ALTER TABLE city.shift ADD CONSTRAINT shift_words CHECK (btrim(name) <> '' AND starts <> ends);

CREATE FUNCTION city.guard_department() RETURNS trigger
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
DECLARE
    above smallint := NEW.parent_id;
BEGIN
    WHILE above IS NOT NULL LOOP
        IF above = NEW.id THEN
            RAISE EXCEPTION USING ERRCODE = 'CT044', MESSAGE = 'The department {name} cannot belong to itself or to one of its own parts.',
                DETAIL = jsonb_build_object('name', NEW.name)::text;
        END IF;
        SELECT parent_id INTO above FROM department WHERE id = above;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_department AFTER INSERT OR UPDATE OF parent_id ON city.department
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION city.guard_department();

-- Somebody must always be able to put things right again.
CREATE FUNCTION city.guard_administrator() RETURNS trigger
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM staff WHERE role = 'administrator' AND active AND login IS NOT NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'CT045', MESSAGE = 'The last active administrator stays: give another post that role first.',
            DETAIL = '{}';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_administrator AFTER UPDATE ON city.staff FOR EACH ROW
    WHEN (OLD.role = 'administrator' AND OLD.active AND OLD.login IS NOT NULL
        AND (NEW.role <> 'administrator' OR NOT NEW.active OR NEW.login IS NULL))
    EXECUTE FUNCTION city.guard_administrator();
CREATE TRIGGER guard_last_administrator AFTER DELETE ON city.staff FOR EACH ROW
    WHEN (OLD.role = 'administrator' AND OLD.active AND OLD.login IS NOT NULL) EXECUTE FUNCTION city.guard_administrator();

-- Working time of a day is the sum of all rows in force on it: two that overlap would count twice. Checked at the end of the
-- transaction, so that a season can be split.
CREATE FUNCTION city.guard_hours() RETURNS trigger
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
DECLARE
    other record;
BEGIN
    SELECT * INTO other FROM working_hours w
        WHERE (w.valid_from, w.opens) <> (NEW.valid_from, NEW.opens)
            AND daterange(w.valid_from, w.valid_to, '[]') && daterange(NEW.valid_from, NEW.valid_to, '[]')
            AND w.opens < NEW.closes AND NEW.opens < w.closes LIMIT 1;
    IF FOUND AND EXISTS (SELECT FROM working_hours w WHERE w = NEW) THEN
        RAISE EXCEPTION USING ERRCODE = 'CT046', MESSAGE = 'The hours {hours} from {day} on overlap {other} from {other_day} on.',
            DETAIL = jsonb_build_object('hours', to_char(NEW.opens, 'HH24:MI') || '–' || to_char(NEW.closes, 'HH24:MI'),
                'day', NEW.valid_from, 'other', to_char(other.opens, 'HH24:MI') || '–' || to_char(other.closes, 'HH24:MI'),
                'other_day', other.valid_from)::text;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER guard_hours AFTER INSERT OR UPDATE ON city.working_hours
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION city.guard_hours();

CREATE TRIGGER log_added AFTER INSERT ON city.shift REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION city.log_added('id');
CREATE TRIGGER log_change AFTER UPDATE OR DELETE ON city.shift FOR EACH ROW EXECUTE FUNCTION city.log_change('id');
CREATE TRIGGER log_audit AFTER UPDATE OR DELETE ON city.shift FOR EACH ROW EXECUTE FUNCTION city.log_audit('id');

REVOKE ALL ON FUNCTION city.guard_department, city.guard_administrator, city.guard_hours FROM PUBLIC;
COMMENT ON FUNCTION city.guard_department IS 'A department belongs neither to itself nor to one of its own parts.';
COMMENT ON FUNCTION city.guard_administrator IS 'There is always an active administrator with a login.';
COMMENT ON FUNCTION city.guard_hours IS 'Opening hours that are in force on the same day do not overlap.';
