-- Who has which case open now. This is no history and nothing that may not be lost: the table is not logged, no change of it
-- goes through the outbox, and the notification itself says all, so that nobody reads anything to hear of it. A desk renews
-- its lease three times before it ends; whoever renews sweeps out those whose connection has gone.
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
    me record;
    began timestamptz;
    gone integer;
BEGIN
    SELECT s.id, s.login, s.title, s.title_en INTO me FROM staff AS s WHERE s.id = current_staff_id();
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    FOR gone IN
        DELETE FROM case_presence AS p USING (
            SELECT o.session FROM case_presence AS o
            WHERE o.session <> pg_backend_pid()
                AND (o.until < clock_timestamp() OR NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.pid = o.session))
            FOR UPDATE SKIP LOCKED
        ) AS lost
        WHERE p.session = lost.session
        RETURNING p.session
    LOOP
        PERFORM pg_notify('city_presence', jsonb_build_object('session', gone, 'case_id', NULL)::text);
    END LOOP;
    IF case_id IS NULL THEN
        DELETE FROM case_presence AS p WHERE p.session = pg_backend_pid();
    ELSE
        INSERT INTO case_presence AS p (session, staff_id, case_id, since, until)
        VALUES (pg_backend_pid(), me.id, case_id, clock_timestamp(), clock_timestamp() + make_interval(secs => lease_s))
        ON CONFLICT (session) DO UPDATE SET
            staff_id = excluded.staff_id, case_id = excluded.case_id, until = excluded.until,
            since = CASE
                WHEN p.case_id = excluded.case_id AND p.staff_id = excluded.staff_id AND p.until > excluded.since THEN p.since
                ELSE excluded.since
            END
        RETURNING p.since INTO began;
    END IF;
    PERFORM pg_notify('city_presence', jsonb_build_object(
        'session', pg_backend_pid(), 'case_id', case_id, 'login', me.login, 'title', me.title, 'title_en', me.title_en,
        'since', extract(epoch FROM began), 'left_s', lease_s)::text);
    RETURN lease_s;
END $$;

REVOKE ALL ON FUNCTION city.show_presence FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.show_presence
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, administrator;
GRANT SELECT ON city.case_presence
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, administrator;

COMMENT ON TABLE city.case_presence IS 'Who has a case open at a desk now. Leases, not history: unlogged, empty after a crash of the server. Changes are told by NOTIFY city_presence with the whole row as JSON, not through change_log.';
COMMENT ON COLUMN city.case_presence.session IS 'Process number of the desk''s listening connection; a person at two desks is there twice.';
COMMENT ON COLUMN city.case_presence.staff_id IS 'Who sits there, of city.staff.';
COMMENT ON COLUMN city.case_presence.case_id IS 'The case that is open, of city.case_file.';
COMMENT ON COLUMN city.case_presence.since IS 'When it was opened there.';
COMMENT ON COLUMN city.case_presence.until IS 'End of the lease; past it the row means nothing.';
COMMENT ON FUNCTION city.show_presence(bigint) IS 'Says that whoever asks has this case open on this connection, or, with NULL, none any more. Returns the seconds after which it must be said again, 0 for a login that is nobody''s. Told by NOTIFY city_presence: {session, case_id, login, title, title_en, since (epoch), left_s}; case_id null means gone.';
