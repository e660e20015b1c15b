-- Who has which case open now. This is no history and nothing that may not be lost: the table is not logged, no change of it
-- goes through the outbox; a notification only says that the table should be read, for anybody may notify anything. A desk
-- renews its lease three times before it ends; whoever renews sweeps out those whose connection has gone.
-- No foreign key to the case: its check would lock the row that somebody is about to move.
CREATE UNLOGGED TABLE city.case_presence (
    session integer PRIMARY KEY,
    staff_id integer NOT NULL,
    case_id bigint NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL
);

CREATE FUNCTION city.show_presence(case_id bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    lease_s constant integer := 45;
    me integer := current_staff_id();
BEGIN
    IF me IS NULL THEN
        RETURN 0;
    END IF;
    DELETE FROM case_presence AS p USING (
        SELECT o.session FROM case_presence AS o
        WHERE o.session <> pg_backend_pid()
            AND (o.until < clock_timestamp() OR NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.pid = o.session))
        FOR UPDATE SKIP LOCKED
    ) AS lost
    WHERE p.session = lost.session;
    IF EXISTS (SELECT FROM case_file AS f WHERE f.id = case_id AND sees_case(f)) THEN
        INSERT INTO case_presence AS p (session, staff_id, case_id, since, until)
        VALUES (pg_backend_pid(), me, case_id, clock_timestamp(), clock_timestamp() + make_interval(secs => lease_s))
        ON CONFLICT (session) DO UPDATE SET
            staff_id = excluded.staff_id, case_id = excluded.case_id, until = excluded.until,
            since = CASE
                WHEN p.case_id = excluded.case_id AND p.staff_id = excluded.staff_id AND p.until > excluded.since THEN p.since
                ELSE excluded.since
            END;
    ELSE
        DELETE FROM case_presence AS p WHERE p.session = pg_backend_pid();
    END IF;
    -- Whoever changed it has no need to read it.
    PERFORM pg_notify('city_presence', pg_backend_pid()::text);
    RETURN lease_s;
END $$;

-- Seen by those who see the case.
ALTER TABLE city.case_presence ENABLE ROW LEVEL SECURITY;
CREATE POLICY as_its_case ON city.case_presence FOR SELECT
    USING (EXISTS (SELECT FROM city.case_file AS f WHERE f.id = case_presence.case_id));

REVOKE ALL ON FUNCTION city.show_presence FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.show_presence
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, administrator;
GRANT SELECT ON city.case_presence
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, administrator;

COMMENT ON TABLE city.case_presence IS 'Who has a case open at a desk now. Leases, not history: unlogged, empty after a crash of the server. NOTIFY city_presence says that it changed; it does not go through change_log. Seen by those who see the case.';
COMMENT ON COLUMN city.case_presence.session IS 'Process number of the desk''s listening connection; a person at two desks is there twice.';
COMMENT ON COLUMN city.case_presence.staff_id IS 'Who sits there, of city.staff.';
COMMENT ON COLUMN city.case_presence.case_id IS 'The case that is open, of city.case_file.';
COMMENT ON COLUMN city.case_presence.since IS 'When it was opened there.';
COMMENT ON COLUMN city.case_presence.until IS 'End of the lease; past it the row means nothing.';
COMMENT ON FUNCTION city.show_presence(bigint) IS 'Says that whoever asks has this case open on this connection, or, with NULL, none any more. Returns the seconds after which it must be said again, 0 for a login that is nobody''s. Ignored for a case that the login does not see. NOTIFY city_presence wakes the others up; its payload is the process number of this connection.';
