-- What desks say to GPS terminals: words for the driver, a question where the truck is, parameters. The gateway that a terminal
-- is signed in at takes it from here, and says what the terminal has answered.
CREATE TABLE city.terminal_command (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    vehicle_id integer NOT NULL REFERENCES city.vehicle,
    kind text NOT NULL CHECK (kind IN ('text', 'position', 'parameters')),
    content jsonb NOT NULL,
    staff_id integer REFERENCES city.staff,
    login text NOT NULL DEFAULT session_user,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'sent', 'done', 'failed', 'wrong', 'unsupported', 'unanswered', 'expired')),
    sent_at timestamptz,
    answered_at timestamptz
) WITH (fillfactor = 80);
CREATE INDEX terminal_command_open ON city.terminal_command (vehicle_id) WHERE state IN ('waiting', 'sent');
CREATE INDEX terminal_command_vehicle ON city.terminal_command (vehicle_id, id);
CREATE TRIGGER log_added AFTER INSERT ON city.terminal_command REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION city.log_added('id');
CREATE TRIGGER log_change AFTER UPDATE ON city.terminal_command
    FOR EACH ROW EXECUTE FUNCTION city.log_change('id', 'vehicle_id', 'kind', 'state');

-- Puts one command for each vehicle into the queue; returns their numbers. It waits for a terminal that is away so long.
CREATE FUNCTION city.queue_commands(vehicle_ids integer[], kind text, content jsonb, minutes integer) RETURNS SETOF bigint
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    unknown integer;
BEGIN
    SELECT w INTO unknown FROM unnest(vehicle_ids) AS w
    WHERE NOT EXISTS (SELECT FROM vehicle AS v WHERE v.id = w AND v.active) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CT081', MESSAGE = 'There is no vehicle {vehicle}.',
            DETAIL = jsonb_build_object('vehicle', unknown)::text;
    END IF;
    IF minutes IS NULL OR NOT minutes BETWEEN 1 AND 1440 OR NOT coalesce(cardinality(vehicle_ids) BETWEEN 1 AND 1000, false) THEN
        RAISE EXCEPTION USING ERRCODE = 'CT089', DETAIL = '{}',
            MESSAGE = 'A command is for 1 to 1000 vehicles and waits for 1 to 1440 minutes.';
    END IF;
    RETURN QUERY
    INSERT INTO terminal_command AS c (vehicle_id, kind, content, staff_id, expires_at)
    SELECT DISTINCT w, kind, content, current_staff_id(), clock_timestamp() + make_interval(mins => minutes)
    FROM unnest(vehicle_ids) AS w
    RETURNING c.id;
END $$;

-- Words for drivers, shown and read aloud.
CREATE FUNCTION city.send_text(vehicle_ids integer[], words text, urgent boolean DEFAULT false, minutes integer DEFAULT 10)
RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    fits boolean := false;
BEGIN
    BEGIN
        fits := length(convert_to(btrim(words), 'GBK')) BETWEEN 1 AND 400 AND words !~ '[[:cntrl:]]';
    EXCEPTION WHEN untranslatable_character THEN
        fits := false;
    END;
    IF fits IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'CT087', DETAIL = '{}',
            MESSAGE = 'A text for a driver has 1 to 200 characters on one line, all of which a terminal can show (GBK).';
    END IF;
    RETURN QUERY SELECT queue_commands(
        vehicle_ids, 'text', jsonb_build_object('words', btrim(words), 'urgent', coalesce(urgent, false)), minutes);
END $$;

-- Where the trucks are now.
CREATE FUNCTION city.ask_positions(vehicle_ids integer[], minutes integer DEFAULT 10) RETURNS SETOF bigint
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    SELECT queue_commands(vehicle_ids, 'position', '{}', minutes)
$$;

-- How terminals work from now on: `report_s` and `report_asleep_s` between positions, `heartbeat_s`, `speed_limit_kmh`.
CREATE FUNCTION city.set_parameters(vehicle_ids integer[], parameters jsonb, minutes integer DEFAULT 1440) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT coalesce(p.key, '-') AS name, p.value,
            CASE p.key WHEN 'report_s' THEN int4range(5, 601) WHEN 'report_asleep_s' THEN int4range(30, 7201)
                WHEN 'heartbeat_s' THEN int4range(10, 601) WHEN 'speed_limit_kmh' THEN int4range(20, 121) END AS allowed
        FROM (VALUES (1)) AS once LEFT JOIN jsonb_each(CASE jsonb_typeof(parameters) WHEN 'object' THEN parameters END) AS p ON true
    LOOP
        CONTINUE WHEN jsonb_typeof(one.value) = 'number' AND one.value::numeric = trunc(one.value::numeric)
            AND one.value::numeric BETWEEN 0 AND 100000 AND one.allowed @> one.value::numeric::integer;
        RAISE EXCEPTION USING ERRCODE = 'CT088',
            MESSAGE = 'The parameter {name} cannot be {value}: report_s is 5–600, report_asleep_s 30–7200, heartbeat_s 10–600, speed_limit_kmh 20–120.',
            DETAIL = jsonb_build_object('name', one.name, 'value', coalesce(one.value::text, '-'))::text;
    END LOOP;
    RETURN QUERY SELECT queue_commands(vehicle_ids, 'parameters', parameters, minutes);
END $$;

-- For gateways: what the terminals of these vehicles are to be told, which counts as sent from now on; what has waited too long
-- expires, and what no terminal has answered within a minute stays unanswered.
CREATE FUNCTION city.take_commands(vehicle_ids integer[]) RETURNS TABLE (id bigint, vehicle_id integer, kind text, content jsonb)
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    UPDATE terminal_command AS c SET state = CASE c.state WHEN 'sent' THEN 'unanswered' ELSE 'expired' END
    WHERE c.state = 'sent' AND c.sent_at < clock_timestamp() - interval '1 minute'
        OR c.state = 'waiting' AND c.expires_at < clock_timestamp();
    UPDATE terminal_command AS c SET state = 'sent', sent_at = clock_timestamp()
    WHERE c.id IN (
        SELECT w.id FROM terminal_command AS w
        WHERE w.state = 'waiting' AND w.vehicle_id = ANY (take_commands.vehicle_ids)
        ORDER BY w.id LIMIT 500 FOR UPDATE SKIP LOCKED
    )
    RETURNING c.id, c.vehicle_id, c.kind, c.content
$$;

-- For gateways: what a terminal has answered, also when that came late; or that it went away before it could be told.
CREATE FUNCTION city.answer_command(id bigint, state text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    UPDATE terminal_command AS c SET
        state = answer_command.state,
        sent_at = CASE WHEN answer_command.state <> 'waiting' THEN c.sent_at END,
        answered_at = CASE WHEN answer_command.state <> 'waiting' THEN clock_timestamp() END
    WHERE c.id = answer_command.id AND c.state IN ('sent', 'unanswered')
        AND answer_command.state IN ('waiting', 'done', 'failed', 'wrong', 'unsupported')
$$;

REVOKE ALL ON FUNCTION city.queue_commands, city.send_text, city.ask_positions, city.set_parameters, city.take_commands,
    city.answer_command FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.send_text, city.ask_positions TO dispatcher, shift_leader, administrator;
GRANT EXECUTE ON FUNCTION city.set_parameters TO administrator;
GRANT EXECUTE ON FUNCTION city.take_commands, city.answer_command TO gateway;
GRANT SELECT ON city.terminal_command TO dispatcher, shift_leader, supervisor, administrator;

COMMENT ON TABLE city.terminal_command IS 'What desks have said to GPS terminals, and what those have answered.';
COMMENT ON COLUMN city.terminal_command.id IS 'Number of the command.';
COMMENT ON COLUMN city.terminal_command.vehicle_id IS 'Truck whose terminal is told.';
COMMENT ON COLUMN city.terminal_command.kind IS 'text for the driver (0x8300), position (0x8201) or parameters (0x8103).';
COMMENT ON COLUMN city.terminal_command.content IS 'The words, or the parameters.';
COMMENT ON COLUMN city.terminal_command.staff_id IS 'Who told it.';
COMMENT ON COLUMN city.terminal_command.login IS 'Login that told it.';
COMMENT ON COLUMN city.terminal_command.asked_at IS 'When.';
COMMENT ON COLUMN city.terminal_command.expires_at IS 'So long it waits for a terminal that is away.';
COMMENT ON COLUMN city.terminal_command.state IS 'waiting, sent, then what the terminal has answered: done, failed, wrong, unsupported; unanswered after a minute, expired when it waited too long.';
COMMENT ON COLUMN city.terminal_command.sent_at IS 'When the gateway said it to the terminal.';
COMMENT ON COLUMN city.terminal_command.answered_at IS 'When the terminal answered.';
COMMENT ON FUNCTION city.queue_commands IS 'Puts a command for each vehicle into the queue. Refuses with CT081 and CT089.';
COMMENT ON FUNCTION city.send_text IS 'Words for drivers, shown and read aloud; returns the numbers of the commands. For dispatchers and shift leaders, audited. Refuses with CT081, CT087, CT089.';
COMMENT ON FUNCTION city.ask_positions IS 'Asks terminals where they are; returns the numbers of the commands. For dispatchers and shift leaders, audited. Refuses with CT081 and CT089.';
COMMENT ON FUNCTION city.set_parameters IS 'Sets how terminals work (report_s, report_asleep_s, heartbeat_s, speed_limit_kmh); returns the numbers of the commands. For administrators, audited. Refuses with CT081, CT088, CT089.';
COMMENT ON FUNCTION city.take_commands IS 'For gateways: what the terminals of these vehicles are to be told; settles what has expired or was never answered.';
COMMENT ON FUNCTION city.answer_command IS 'For gateways: what a terminal has answered to a command, or waiting when it could not be told.';
