-- Logins of the server, kept in line with city.staff. The owner of the schema needs CREATEROLE, nobody a superuser.
-- Only logins of this city are ever touched: made here, or members of one of the nine roles and of nothing else.

-- Whether `login` may be managed from here.
CREATE FUNCTION city.is_own_login(login text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = city, public, pg_temp
RETURN EXISTS (
    SELECT FROM pg_catalog.pg_roles r
    WHERE r.rolname = login AND r.rolname !~ '^pg_' AND r.rolname <> ALL (enum_range(NULL::city.role)::text[])
        AND NOT (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls)
        AND r.oid <> (SELECT nspowner FROM pg_catalog.pg_namespace WHERE nspname = 'city')
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_shdepend d WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass
            AND d.refobjid = r.oid AND d.deptype = 'o')
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
            WHERE m.member = r.oid AND g.rolname <> ALL (enum_range(NULL::city.role)::text[]))
        AND (pg_catalog.shobj_description(r.oid, 'pg_authid') = 'urban management centre'
            OR EXISTS (SELECT FROM pg_catalog.pg_auth_members m WHERE m.member = r.oid))
);

-- Gives a login of this city the one role of its active post and lets it sign in, or takes both away when it has none.
CREATE FUNCTION city.align_login(login text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    wanted text := (SELECT s.role::text FROM staff s WHERE s.login = login AND s.active);
    had text;
    session record;
BEGIN
    IF NOT is_own_login(login) THEN
        RETURN;
    END IF;
    EXECUTE format('COMMENT ON ROLE %I IS %L', login, 'urban management centre');
    FOR had IN SELECT g.rolname FROM pg_roles g JOIN pg_auth_members m ON m.roleid = g.oid
        JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = login AND g.rolname IS DISTINCT FROM wanted
    LOOP
        EXECUTE format('REVOKE %I FROM %I', had, login);
    END LOOP;
    IF wanted IS NOT NULL THEN
        EXECUTE format('GRANT %I TO %I', wanted, login);
        EXECUTE format('ALTER ROLE %I LOGIN', login);
        RETURN;
    END IF;
    EXECUTE format('ALTER ROLE %I NOLOGIN', login);
    FOR session IN SELECT pid FROM pg_stat_activity WHERE usename = login AND pid <> pg_backend_pid() LOOP
        BEGIN
            PERFORM pg_terminate_backend(session.pid);
        EXCEPTION WHEN insufficient_privilege THEN
            EXIT;  -- it has lost its role: what it still shows is all that it will ever see
        END;
    END LOOP;
END $$;

-- A post that is given up, gets another role or another login takes its login with it.
CREATE FUNCTION city.follow_post() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
BEGIN
    PERFORM align_login(OLD.login);
    IF TG_OP = 'UPDATE' AND NEW.login IS DISTINCT FROM OLD.login THEN
        PERFORM align_login(NEW.login);
    END IF;
    RETURN NULL;
EXCEPTION WHEN insufficient_privilege THEN
    -- Where logins are kept by hand the post alone decides: without an active post a login may do nothing to a case.
    RAISE WARNING 'The logins of the server were left as they are: the owner of schema city may not change them.';
    RETURN NULL;
END $$;
CREATE TRIGGER follow_post AFTER UPDATE OF login, role, active OR DELETE ON city.staff
    FOR EACH ROW EXECUTE FUNCTION city.follow_post();

-- Makes the login of a post, or sets its password anew. `verifier` is what the client made of the password (SCRAM-SHA-256),
-- so that the password itself never reaches the server. Returns whether the login is new.
CREATE FUNCTION city.set_password(staff_id integer, verifier text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    post staff;
    is_new boolean;
BEGIN
    SELECT * INTO post FROM staff s WHERE s.id = staff_id FOR UPDATE;
    IF post.login IS NULL OR NOT post.active THEN
        RAISE EXCEPTION USING ERRCODE = 'CT047', MESSAGE = 'Only an active post that has a login gets a password.', DETAIL = '{}';
    END IF;
    IF verifier !~ '^SCRAM-SHA-256\$[1-9]\d{3,6}:[A-Za-z0-9+/]{16,}={0,2}\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$' THEN
        RAISE EXCEPTION USING ERRCODE = 'CT047', MESSAGE = 'A password is set by its verifier (SCRAM-SHA-256), never as plain text.', DETAIL = '{}';
    END IF;
    is_new := NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = post.login);
    IF post.login ~ '^pg_' OR post.login = ANY (enum_range(NULL::city.role)::text[]) OR NOT (is_new OR is_own_login(post.login)) THEN
        RAISE EXCEPTION USING ERRCODE = 'CT048', DETAIL = jsonb_build_object('login', post.login)::text,
            MESSAGE = 'The server uses the name {login} for something else than a login of this city: choose another name.';
    END IF;
    BEGIN
        EXECUTE format(CASE WHEN is_new THEN 'CREATE ROLE %I LOGIN PASSWORD %L' ELSE 'ALTER ROLE %I PASSWORD %L' END, post.login, verifier);
        IF is_new THEN
            EXECUTE format('COMMENT ON ROLE %I IS %L', post.login, 'urban management centre');
        END IF;
        PERFORM align_login(post.login);
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE EXCEPTION USING ERRCODE = 'CT049', DETAIL = jsonb_build_object('login', post.login)::text,
            MESSAGE = 'The owner of the database may not manage the login {login}: let the server''s administrator give it CREATEROLE, or keep logins by hand.';
    END;
    INSERT INTO audit_log (subject, key, kind, after) VALUES ('login', post.login, CASE WHEN is_new THEN 'insert' ELSE 'update' END,
        jsonb_build_object('staff_id', post.id, 'role', post.role, 'password', 'set'));
    INSERT INTO change_log (subject, key, kind) VALUES ('staff', post.id::text, 'update');
    PERFORM pg_notify('city_change', '');
    RETURN is_new;
END $$;

-- What the server knows of the login of each post.
CREATE FUNCTION city.account_states() RETURNS TABLE (staff_id integer, state text)
LANGUAGE sql STABLE SET search_path = city, public, pg_temp AS $$
    SELECT s.id, CASE
        WHEN s.login IS NULL THEN 'none'
        WHEN r.oid IS NULL THEN 'absent'
        WHEN NOT is_own_login(s.login) THEN 'foreign'
        WHEN NOT r.rolcanlogin THEN 'locked'
        WHEN s.active AND pg_has_role(r.oid, s.role::text::regrole, 'MEMBER') THEN 'open'
        ELSE 'unequal' END
    FROM staff s LEFT JOIN pg_roles r ON r.rolname = s.login
$$;

REVOKE ALL ON FUNCTION city.is_own_login, city.align_login, city.follow_post, city.set_password, city.account_states FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.is_own_login, city.set_password, city.account_states TO administrator;

COMMENT ON FUNCTION city.is_own_login IS 'Whether a login of the server is one of this city: made here or a member of the nine roles, without privileges, property or other memberships.';
COMMENT ON FUNCTION city.align_login IS 'Brings a login of this city in line with its post: the one role of an active post, or no role and no way in.';
COMMENT ON FUNCTION city.follow_post IS 'Lets the login of a post follow the post: its role, whether it is active, its end.';
COMMENT ON FUNCTION city.set_password IS 'Makes the login of an active post or sets its password, given as a SCRAM-SHA-256 verifier that the client computed; for administrators, audited.';
COMMENT ON FUNCTION city.account_states IS 'What the server knows of each post''s login: none, absent, open, locked, foreign (not of this city) or unequal (other rights than the post).';
