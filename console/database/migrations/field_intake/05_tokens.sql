-- Who may bring readings by HTTP. Only the hash of a token is kept: it is as random as its hash, so nothing slower is needed.
CREATE TABLE city.intake_token (
    name text PRIMARY KEY CHECK (length(btrim(name)) BETWEEN 1 AND 60),
    hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    devices text[] CHECK (cardinality(devices) > 0),
    issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    issued_by text NOT NULL DEFAULT session_user
);

-- Issues a token and says it this once. Without `devices` it may bring readings of any device.
CREATE FUNCTION city.issue_intake_token(name text, devices text[] DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    token text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
BEGIN
    IF EXISTS (SELECT FROM intake_token AS t WHERE t.name = btrim(issue_intake_token.name)) THEN
        RAISE EXCEPTION USING ERRCODE = 'CT086', MESSAGE = 'There is a token {name} already: revoke it first.',
            DETAIL = jsonb_build_object('name', name)::text;
    END IF;
    INSERT INTO intake_token (name, hash, devices) VALUES (btrim(name), sha256(token::bytea), devices);
    INSERT INTO audit_log (subject, key, kind, after)
        VALUES ('intake_token', btrim(name), 'insert', jsonb_build_object('devices', devices));
    RETURN token;
END $$;

-- Issues a token anew under its name and says it this once; the one before is refused within seconds.
CREATE FUNCTION city.renew_intake_token(name text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    token text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
BEGIN
    UPDATE intake_token AS t SET hash = sha256(token::bytea), issued_at = clock_timestamp(), issued_by = session_user
        WHERE t.name = btrim(renew_intake_token.name);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CT094', MESSAGE = 'There is no token {name} any more.',
            DETAIL = jsonb_build_object('name', name)::text;
    END IF;
    INSERT INTO audit_log (subject, key, kind, after)
        VALUES ('intake_token', btrim(name), 'update', jsonb_build_object('renewed', true));
    RETURN token;
END $$;

-- Takes a token back; returns whether there was one. The gateway refuses it within seconds.
CREATE FUNCTION city.revoke_intake_token(name text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    WITH gone AS (
        DELETE FROM intake_token AS t WHERE t.name = btrim(revoke_intake_token.name) RETURNING t.name, t.devices
    ), noted AS (
        INSERT INTO audit_log (subject, key, kind, before)
        SELECT 'intake_token', g.name, 'delete', jsonb_build_object('devices', g.devices) FROM gone AS g RETURNING 1
    )
    SELECT EXISTS (SELECT FROM noted)
$$;

-- Who may bring readings, for gateways.
CREATE FUNCTION city.intake_tokens() RETURNS TABLE (name text, hash bytea, devices text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    SELECT name, hash, devices FROM intake_token
$$;

REVOKE ALL ON FUNCTION city.issue_intake_token, city.renew_intake_token, city.revoke_intake_token, city.intake_tokens FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.issue_intake_token, city.renew_intake_token, city.revoke_intake_token TO administrator;
GRANT EXECUTE ON FUNCTION city.intake_tokens TO gateway;
GRANT SELECT (name, devices, issued_at, issued_by) ON city.intake_token TO supervisor, administrator;

COMMENT ON TABLE city.intake_token IS 'Who may bring readings by HTTP.';
COMMENT ON COLUMN city.intake_token.name IS 'Who it is.';
COMMENT ON COLUMN city.intake_token.hash IS 'SHA-256 of the token, which is kept nowhere; for gateways only.';
COMMENT ON COLUMN city.intake_token.devices IS 'Ids of the devices whose readings it may bring; any when empty.';
COMMENT ON COLUMN city.intake_token.issued_at IS 'When it was issued.';
COMMENT ON COLUMN city.intake_token.issued_by IS 'Login that issued it.';
COMMENT ON FUNCTION city.issue_intake_token IS 'Issues a token for the HTTP intake and says it this once; for administrators, audited. Refuses with CT086.';
COMMENT ON FUNCTION city.renew_intake_token IS 'Issues a token of the HTTP intake anew and says it this once; for administrators, audited. Refuses with CT094.';
COMMENT ON FUNCTION city.revoke_intake_token IS 'Takes a token of the HTTP intake back; returns whether there was one. For administrators, audited.';
COMMENT ON FUNCTION city.intake_tokens IS 'Hashes of the tokens of the HTTP intake, for gateways.';
