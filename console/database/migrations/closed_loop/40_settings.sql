-- What the values of settings may be. A rule reads a setting as a figure it can rely on, so nonsense is kept out here.
CREATE TABLE city.setting_field (
    setting text NOT NULL,
    field text NOT NULL,
    place smallint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('integer', 'number', 'choice')),
    least numeric,
    most numeric CHECK (most >= least),
    choices text[],
    unit text,
    PRIMARY KEY (setting, field),
    CHECK ((kind = 'choice') = (choices IS NOT NULL)),
    CHECK ((kind = 'choice') = (least IS NULL AND most IS NULL))
);

INSERT INTO city.setting_field (setting, field, place, kind, least, most, choices, unit) VALUES
    ('stage_limit', 'accept', 1, 'integer', 1, 1440, null, 'min'),
    ('stage_limit', 'verify', 2, 'integer', 1, 1440, null, 'min'),
    ('stage_limit', 'dispatch', 3, 'integer', 1, 1440, null, 'min'),
    ('stage_limit', 'check', 4, 'integer', 1, 1440, null, 'min'),
    ('stage_limit', 'close', 5, 'integer', 1, 1440, null, 'min'),
    ('disposal_limit_without_standard', 'value', 1, 'integer', 1, 999, null, null),
    ('disposal_limit_without_standard', 'unit', 2, 'choice', null, null, ARRAY['UH', 'UD', 'WH', 'WD'], null),
    ('warning_share', '', 1, 'number', 0.1, 0.99, null, null),
    ('duplicate', 'radius_m', 1, 'integer', 1, 1000, null, 'm'),
    ('duplicate', 'hours', 2, 'integer', 1, 720, null, 'h'),
    ('evidence_limit', 'file_mb', 1, 'integer', 1, 100, null, 'MB'),
    ('evidence_limit', 'case_mb', 2, 'integer', 1, 1000, null, 'MB'),
    ('evidence_doubt', 'hours', 1, 'integer', 1, 720, null, 'h'),
    ('evidence_doubt', 'metres', 2, 'integer', 10, 100000, null, 'm'),
    ('change_log_days', '', 1, 'integer', 1, 365, null, 'd');

CREATE FUNCTION city.check_setting() RETURNS trigger
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
DECLARE
    rule record;
    part jsonb;
    is_right boolean;
BEGIN
    -- From where on proofs hold, and what the demonstration made, are no choices: they would hide what was falsified.
    IF (TG_OP = 'INSERT' OR OLD.name IN ('closed_loop_from', 'demonstration'))
        AND NOT pg_has_role(current_user, (SELECT c.relowner FROM pg_class AS c WHERE c.oid = TG_RELID), 'MEMBER') THEN
        RAISE EXCEPTION USING ERRCODE = 'CT040', MESSAGE = 'The setting {name} is not one that can be chosen.',
            DETAIL = jsonb_build_object('name', CASE TG_OP WHEN 'INSERT' THEN NEW.name ELSE OLD.name END)::text;
    ELSIF TG_OP = 'INSERT' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' OR NEW.name <> OLD.name THEN
        RAISE EXCEPTION USING ERRCODE = 'CT040', MESSAGE = 'The setting {name} is relied on by rules; change its value instead.',
            DETAIL = jsonb_build_object('name', OLD.name)::text;
    END IF;
    FOR rule IN SELECT * FROM setting_field WHERE setting = NEW.name LOOP
        part := CASE WHEN rule.field = '' THEN NEW.value ELSE NEW.value -> rule.field END;
        is_right := CASE
            WHEN part IS NULL THEN false
            WHEN rule.kind = 'choice' THEN jsonb_typeof(part) = 'string' AND part #>> '{}' = ANY (rule.choices)
            WHEN jsonb_typeof(part) <> 'number' THEN false
            WHEN rule.kind = 'integer' AND part::numeric <> trunc(part::numeric) THEN false
            ELSE part::numeric BETWEEN rule.least AND rule.most
        END;
        IF NOT is_right THEN
            RAISE EXCEPTION USING ERRCODE = 'CT040', MESSAGE = '{name} cannot be {value}: it must be {allowed}.',
                DETAIL = jsonb_build_object('name', concat_ws('.', NEW.name, nullif(rule.field, '')), 'value', coalesce(part #>> '{}', '-'),
                    'allowed', coalesce(array_to_string(rule.choices, ' / '), concat_ws(' ', rule.least || '–' || rule.most, rule.unit)))::text;
        END IF;
    END LOOP;
    IF FOUND THEN
        IF jsonb_typeof(NEW.value) = 'object' THEN
            SELECT key INTO rule FROM jsonb_object_keys(NEW.value) AS key
                WHERE NOT EXISTS (SELECT FROM setting_field WHERE setting = NEW.name AND field = key);
            IF FOUND THEN
                RAISE EXCEPTION USING ERRCODE = 'CT040', MESSAGE = 'The setting {name} has no part {field}.',
                    DETAIL = jsonb_build_object('name', NEW.name, 'field', rule.key)::text;
            END IF;
        END IF;
        IF NEW.value <> OLD.value AND NEW.source = OLD.source THEN
            NEW.source := 'set by ' || session_user;
            NEW.assumed := false;
        END IF;
    ELSIF jsonb_typeof(NEW.value) <> jsonb_typeof(OLD.value) THEN
        RAISE EXCEPTION USING ERRCODE = 'CT040', MESSAGE = '{name} cannot be {value}: it must be {allowed}.',
            DETAIL = jsonb_build_object('name', NEW.name, 'value', NEW.value, 'allowed', jsonb_typeof(OLD.value))::text;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_setting BEFORE INSERT OR UPDATE OR DELETE ON city.setting FOR EACH ROW EXECUTE FUNCTION city.check_setting();

REVOKE ALL ON FUNCTION city.check_setting FROM PUBLIC;
GRANT SELECT ON city.setting_field
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, gateway, administrator;

COMMENT ON TABLE city.setting_field IS 'What the value of a setting, or each part of it, may be; the database refuses anything else.';
COMMENT ON COLUMN city.setting_field.setting IS 'Name of the setting.';
COMMENT ON COLUMN city.setting_field.field IS 'Part of the value, a key of its JSON object; empty for a setting that is one value.';
COMMENT ON COLUMN city.setting_field.place IS 'Order in which the parts are shown.';
COMMENT ON COLUMN city.setting_field.kind IS 'integer, number or choice.';
COMMENT ON COLUMN city.setting_field.least IS 'Smallest allowed figure.';
COMMENT ON COLUMN city.setting_field.most IS 'Largest allowed figure.';
COMMENT ON COLUMN city.setting_field.choices IS 'Allowed words, for a choice.';
COMMENT ON COLUMN city.setting_field.unit IS 'Unit of the figure: min, h, d, m, MB; empty for a bare number.';
COMMENT ON FUNCTION city.check_setting IS 'Keeps values out of settings that setting_field does not allow, and settings from being deleted, added or, where they are facts, changed; a value set by hand is no assumption any more.';
