-- The standard changes by editions: a condition that was ever in force is never changed, it ends, and a new version follows.
-- So a case keeps the very words and limit that it was filed under (case_file.condition_id).
ALTER TABLE city.case_class ADD CONSTRAINT case_class_words CHECK (btrim(name) <> '' AND btrim(category) <> '');
ALTER TABLE city.filing_condition ADD CONSTRAINT filing_condition_words
    CHECK (code ~ '^[A-Z][A-Z0-9]{1,9}$' AND btrim(description) <> '' AND btrim(closing_condition) <> '');

CREATE FUNCTION city.guard_condition() RETURNS trigger
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Asia/Shanghai')::date;
    before filing_condition;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT * INTO before FROM filing_condition f
            WHERE f.class_id = NEW.class_id AND f.code = NEW.code ORDER BY f.version DESC LIMIT 1;
        IF FOUND AND (NEW.version <> before.version + 1 OR before.valid_to IS NULL OR before.valid_to >= NEW.valid_from
                OR NEW.valid_from < today) THEN
            RAISE EXCEPTION USING ERRCODE = 'CT041', DETAIL = jsonb_build_object('condition', NEW.code, 'version', before.version)::text,
                MESSAGE = 'A new version of the condition {condition} follows version {version}, after its last day and not in the past.';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.valid_from > today THEN  -- nobody can have filed a case under it yet
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        IF (NEW.class_id, NEW.code, NEW.version) = (OLD.class_id, OLD.code, OLD.version) AND NEW.valid_from >= today THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'valid_to' = to_jsonb(OLD) - 'valid_to'
            AND coalesce(OLD.valid_to, today) >= today AND coalesce(NEW.valid_to, today) >= today - 1 THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'CT041', DETAIL = jsonb_build_object('condition', OLD.code, 'version', OLD.version)::text,
        MESSAGE = 'Version {version} of the condition {condition} was in force and is never changed: end it and add a new version.';
END $$;
CREATE TRIGGER guard_condition BEFORE INSERT OR UPDATE OR DELETE ON city.filing_condition
    FOR EACH ROW EXECUTE FUNCTION city.guard_condition();

-- Gives a condition of a class these words, limit and units from a day on. `base_id` is the version that the editor saw, NULL for
-- a new condition. What was not in force yet is amended in place. Returns the id of the version that holds them.
CREATE FUNCTION city.set_condition(
    class_id smallint, code text, description text, description_en text, limit_value smallint, limit_unit city.limit_unit,
    closing_condition text, closing_condition_en text, responsible_id smallint, competent_id smallint,
    from_day date, base_id integer DEFAULT NULL
) RETURNS integer
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    today date := (now() AT TIME ZONE 'Asia/Shanghai')::date;
    latest filing_condition;
    number smallint := 1;
    made integer;
BEGIN
    PERFORM FROM filing_condition f WHERE f.class_id = class_id AND f.code = code FOR UPDATE;
    SELECT * INTO latest FROM filing_condition f WHERE f.class_id = class_id AND f.code = code ORDER BY f.version DESC LIMIT 1;
    IF base_id IS DISTINCT FROM latest.id THEN
        PERFORM refuse_stale_condition(latest.id, code);
    END IF;
    IF latest.id IS NOT NULL THEN
        IF latest.valid_to IS NULL AND (description, description_en, limit_value, limit_unit, closing_condition, closing_condition_en,
                responsible_id, competent_id) = (latest.description, latest.description_en, latest.limit_value, latest.limit_unit,
                latest.closing_condition, latest.closing_condition_en, latest.responsible_id, latest.competent_id)
                AND (latest.valid_from <= today OR latest.valid_from = from_day) THEN
            RETURN latest.id;
        END IF;
        IF from_day < today THEN
            RAISE EXCEPTION USING ERRCODE = 'CT042', MESSAGE = 'The standard cannot be changed from {day} on, in the past.',
                DETAIL = jsonb_build_object('day', from_day)::text;
        END IF;
        IF latest.valid_from > today THEN
            UPDATE filing_condition f SET valid_to = from_day - 1
                WHERE f.class_id = class_id AND f.code = code AND f.version = latest.version - 1
                    AND (f.valid_to = latest.valid_from - 1 OR f.valid_to >= from_day);
            UPDATE filing_condition f SET description = description, description_en = description_en, limit_value = limit_value,
                limit_unit = limit_unit, closing_condition = closing_condition, closing_condition_en = closing_condition_en,
                responsible_id = responsible_id, competent_id = competent_id, valid_from = from_day, valid_to = NULL
                WHERE f.id = latest.id;
            RETURN latest.id;
        END IF;
        IF from_day <= latest.valid_from THEN
            RAISE EXCEPTION USING ERRCODE = 'CT042', DETAIL = jsonb_build_object('condition', code, 'day', latest.valid_from)::text,
                MESSAGE = 'The condition {condition} came into force on {day} and cases may have been filed under it: let the change begin later.';
        END IF;
        IF latest.valid_to IS NULL OR latest.valid_to >= from_day THEN
            UPDATE filing_condition f SET valid_to = from_day - 1 WHERE f.id = latest.id;
        END IF;
        number := latest.version + 1;
    END IF;
    INSERT INTO filing_condition (class_id, code, version, description, description_en, limit_value, limit_unit, closing_condition,
        closing_condition_en, responsible_id, competent_id, valid_from, confidence)
    VALUES (class_id, code, number, description, description_en, limit_value, limit_unit, closing_condition,
        closing_condition_en, responsible_id, competent_id, from_day, 'sure') RETURNING id INTO made;
    RETURN made;
END $$;

-- Ends a condition: `last_day` is the last on which cases are filed under it. A version that is not in force yet is taken back.
CREATE FUNCTION city.end_condition(base_id integer, last_day date) RETURNS void
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    today date := (now() AT TIME ZONE 'Asia/Shanghai')::date;
    latest filing_condition;
BEGIN
    PERFORM FROM filing_condition f WHERE f.id = base_id FOR UPDATE;
    SELECT l.* INTO latest FROM filing_condition f JOIN filing_condition l ON l.class_id = f.class_id AND l.code = f.code
        WHERE f.id = base_id ORDER BY l.version DESC LIMIT 1;
    IF base_id IS DISTINCT FROM latest.id THEN
        PERFORM refuse_stale_condition(latest.id, latest.code);
    END IF;
    IF latest.valid_from > today THEN
        DELETE FROM filing_condition f WHERE f.id = base_id;
        UPDATE filing_condition f SET valid_to = NULL
            WHERE f.class_id = latest.class_id AND f.code = latest.code AND f.version = latest.version - 1
                AND f.valid_to = latest.valid_from - 1 AND f.valid_to >= today;
        RETURN;
    END IF;
    IF last_day < today THEN
        RAISE EXCEPTION USING ERRCODE = 'CT042', MESSAGE = 'The standard cannot be changed from {day} on, in the past.',
            DETAIL = jsonb_build_object('day', last_day)::text;
    END IF;
    UPDATE filing_condition f SET valid_to = last_day WHERE f.id = base_id;
END $$;

CREATE FUNCTION city.refuse_stale_condition(latest_id integer, code text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = city, public, pg_temp AS $$
DECLARE
    last record;
BEGIN
    SELECT login, to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') AS moment INTO last FROM audit_log
        WHERE subject = 'filing_condition' AND key = latest_id::text ORDER BY id DESC LIMIT 1;
    RAISE EXCEPTION USING ERRCODE = 'CT010', DETAIL = jsonb_build_object('condition', code, 'login', last.login, 'at', last.moment)::text,
        MESSAGE = 'The condition {condition} was changed meanwhile by {login} at {at}.';
END $$;

CREATE FUNCTION city.guard_class() RETURNS trigger
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
BEGIN
    IF (NEW.code_system, NEW.kind, NEW.code) IS DISTINCT FROM (OLD.code_system, OLD.kind, OLD.code) THEN
        RAISE EXCEPTION USING ERRCODE = 'CT043', DETAIL = jsonb_build_object('class', OLD.code)::text,
            MESSAGE = 'The code of the class {class} stands in cases and components and never changes: add a class of its own.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_class BEFORE UPDATE ON city.case_class FOR EACH ROW EXECUTE FUNCTION city.guard_class();

-- Cases are found by the name of their class, too.
CREATE FUNCTION city.index_class_name() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
BEGIN
    UPDATE case_file SET search = bigram_codes(case_text(address, description, NEW.name)) WHERE class_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER index_name AFTER UPDATE OF name ON city.case_class
    FOR EACH ROW WHEN (NEW.name <> OLD.name) EXECUTE FUNCTION city.index_class_name();

REVOKE ALL ON FUNCTION city.guard_condition, city.set_condition, city.end_condition, city.refuse_stale_condition, city.guard_class,
    city.index_class_name FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.set_condition, city.end_condition, city.refuse_stale_condition TO administrator;

COMMENT ON FUNCTION city.guard_condition IS 'A version of a condition that was ever in force is never changed nor deleted; only its last day is set, not in the past. Versions follow each other without overlap.';
COMMENT ON FUNCTION city.set_condition IS 'Gives a condition of a class new words, limit and units from a day on, as a new version; refuses a base that is not the latest version (CT010) and days in the past (CT042).';
COMMENT ON FUNCTION city.end_condition IS 'Ends a condition with a last day; takes back a version that is not in force yet.';
COMMENT ON FUNCTION city.refuse_stale_condition IS 'Says who changed a condition meanwhile, and when (CT010).';
COMMENT ON FUNCTION city.guard_class IS 'Code, kind and code system of a class never change.';
COMMENT ON FUNCTION city.index_class_name IS 'Lets cases be found by the new name of their class.';
