-- What changed, for consoles (change_log) and for the record (audit_log).

-- The outbox: written in the transaction that makes the change. A reader remembers the snapshot of its last reading and
-- takes what that snapshot had not seen, so a transaction that commits late is never missed, nor waited for.
CREATE TABLE city.change_log (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    subject text NOT NULL,
    key text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('insert', 'update', 'delete')),
    detail jsonb
);
CREATE INDEX change_log_xid ON city.change_log (xid);

CREATE TABLE city.audit_log (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    login text NOT NULL DEFAULT session_user,
    client text DEFAULT host(inet_client_addr()),
    subject text NOT NULL,
    key text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('insert', 'update', 'delete')),
    before jsonb,
    after jsonb
);
CREATE INDEX audit_log_key ON city.audit_log (subject, key);

-- Trigger arguments: the key column, then further columns that the outbox row carries for readers.
CREATE FUNCTION city.log_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    whole jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
    carried jsonb;
BEGIN
    SELECT jsonb_object_agg(name, whole -> name) INTO carried FROM unnest(TG_ARGV[1:]) AS name;
    INSERT INTO change_log (subject, key, kind, detail) VALUES (TG_TABLE_NAME, whole ->> TG_ARGV[0], lower(TG_OP), carried);
    PERFORM pg_notify('city_change', '');
    RETURN NULL;
END $$;

-- What is written down must not depend on how many digits of a number the client wants to see.
CREATE FUNCTION city.log_audit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp SET extra_float_digits = 1 AS $$
BEGIN
    INSERT INTO audit_log (subject, key, kind, before, after) VALUES (
        TG_TABLE_NAME,
        to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END) ->> TG_ARGV[0],
        lower(TG_OP),
        CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,
        CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END
    );
    RETURN NULL;
END $$;

-- Both logs for all rows of one INSERT at once: an import of a hundred thousand pipes is one statement, and row by row the
-- logs would take three times as long as the pipes. Argument: the key column.
CREATE FUNCTION city.log_added() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp SET extra_float_digits = 1 AS $$
DECLARE
    logged bigint;
BEGIN
    EXECUTE format('INSERT INTO change_log (subject, key, kind) SELECT %L, %I::text, ''insert'' FROM added', TG_TABLE_NAME, TG_ARGV[0]);
    GET DIAGNOSTICS logged = ROW_COUNT;
    IF logged > 0 THEN
        EXECUTE format('INSERT INTO audit_log (subject, key, kind, after) SELECT %L, %I::text, ''insert'', to_jsonb(added) FROM added',
            TG_TABLE_NAME, TG_ARGV[0]);
        PERFORM pg_notify('city_change', '');
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION city.refuse_rewriting() RETURNS trigger
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'CT001', MESSAGE = 'Rows of {table} are only ever added, never changed or deleted.',
        DETAIL = jsonb_build_object('table', TG_TABLE_NAME)::text;
END $$;

CREATE TRIGGER keep_history BEFORE UPDATE OR DELETE ON city.case_event
    FOR EACH ROW EXECUTE FUNCTION city.refuse_rewriting();
CREATE TRIGGER keep_history BEFORE UPDATE OR DELETE ON city.audit_log
    FOR EACH ROW EXECUTE FUNCTION city.refuse_rewriting();

-- Everybody reads the outbox: of a case it says that it changed, and nothing of it.
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON city.case_file
    FOR EACH ROW EXECUTE FUNCTION city.log_change('id');
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON city.alarm
    FOR EACH ROW EXECUTE FUNCTION city.log_change('id', 'kind', 'urgency', 'state');

DO $$
DECLARE
    watched record;
BEGIN
    FOR watched IN SELECT * FROM (VALUES
        ('zone', 'id'), ('subdistrict', 'code'), ('community', 'code'), ('unit_grid', 'code'), ('street', 'id'),
        ('component', 'code'), ('manhole', 'code'), ('pipe', 'code'), ('gully', 'code'), ('outfall', 'code'),
        ('pump_station', 'code'), ('flood_point', 'id'), ('sensor', 'id'), ('vehicle', 'id'), ('route_permit', 'id'),
        ('work_site', 'id'), ('dump_site', 'id'), ('department', 'id'), ('staff', 'id'), ('team', 'id'), ('roster', 'staff_id'),
        ('calendar_day', 'day'), ('working_hours', 'valid_from'), ('case_class', 'id'), ('filing_condition', 'id'),
        ('setting', 'name')) AS t (name, key)
    LOOP
        EXECUTE format('CREATE TRIGGER log_added AFTER INSERT ON city.%I REFERENCING NEW TABLE AS added '
            'FOR EACH STATEMENT EXECUTE FUNCTION city.log_added(%L)', watched.name, watched.key);
        EXECUTE format('CREATE TRIGGER log_change AFTER UPDATE OR DELETE ON city.%I '
            'FOR EACH ROW EXECUTE FUNCTION city.log_change(%L)', watched.name, watched.key);
        EXECUTE format('CREATE TRIGGER log_audit AFTER UPDATE OR DELETE ON city.%I '
            'FOR EACH ROW EXECUTE FUNCTION city.log_audit(%L)', watched.name, watched.key);
    END LOOP;
END $$;
