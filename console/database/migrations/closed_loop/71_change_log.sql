-- The outbox keeps the days of the setting change_log_days. A little each minute: rows come off the old end, where nobody reads.
CREATE FUNCTION city.trim_change_log() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    days integer := (SELECT s.value::integer FROM setting AS s WHERE s.name = 'change_log_days');
    gone integer;
BEGIN
    DELETE FROM change_log AS l
    WHERE l.id IN (SELECT o.id FROM change_log AS o ORDER BY o.id LIMIT 2000 FOR UPDATE SKIP LOCKED)
        AND l.at < clock_timestamp() - make_interval(days => days);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;
REVOKE ALL ON FUNCTION city.trim_change_log FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.trim_change_log
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, gateway, administrator;
COMMENT ON FUNCTION city.trim_change_log IS 'Takes rows older than the setting change_log_days off the outbox, up to 2000; returns how many. Call it once a minute: one of many callers does it.';
