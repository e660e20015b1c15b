-- GPS terminals (JT/T 808): what each says of itself, and by which code it authenticates. A terminal is let in when a
-- vehicle has its number; one that no vehicle has waits here for the administrator.
CREATE TABLE city.terminal (
    phone text PRIMARY KEY CHECK (phone ~ '^[1-9]\d{0,19}$'),
    code text NOT NULL,
    is_2019 boolean NOT NULL,
    province smallint,
    county integer,
    maker text,
    model text,
    terminal_id text,
    plate text,
    plate_colour smallint,
    address inet,
    attempts integer NOT NULL DEFAULT 1,
    first_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TRIGGER log_change AFTER INSERT OR DELETE ON city.terminal
    FOR EACH ROW EXECUTE FUNCTION city.log_change('phone', 'plate');

-- The number of a terminal as all editions write it: without leading zeros.
CREATE FUNCTION city.bare_phone(phone text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN ltrim(phone, '0');
CREATE UNIQUE INDEX vehicle_bare_phone ON city.vehicle (city.bare_phone(terminal_phone));

-- Terminals that may come in, for the gateway.
CREATE FUNCTION city.known_terminals() RETURNS TABLE (phone text, vehicle_id integer, code text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    SELECT bare_phone(v.terminal_phone), v.id, coalesce(t.code, '')
    FROM vehicle AS v LEFT JOIN terminal AS t ON t.phone = bare_phone(v.terminal_phone)
    WHERE v.active
$$;

-- Notes what a terminal says of itself. Returns its vehicle and the code by which it authenticates from now on; no row for
-- one that no active vehicle has.
CREATE FUNCTION city.register_terminal(
    phone text, is_2019 boolean, province integer, county integer, maker text, model text, terminal_id text, plate text,
    plate_colour integer, address inet
) RETURNS TABLE (vehicle_id integer, code text)
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    WITH seen AS (
        INSERT INTO terminal AS t (phone, code, is_2019, province, county, maker, model, terminal_id, plate, plate_colour, address)
        VALUES (bare_phone(phone), replace(gen_random_uuid()::text, '-', ''), is_2019, province, county, maker, model,
            terminal_id, plate, plate_colour, address)
        ON CONFLICT ON CONSTRAINT terminal_pkey DO UPDATE SET
            is_2019 = excluded.is_2019, province = excluded.province, county = excluded.county, maker = excluded.maker,
            model = excluded.model, terminal_id = excluded.terminal_id, plate = excluded.plate,
            plate_colour = excluded.plate_colour, address = excluded.address, attempts = t.attempts + 1,
            last_seen = clock_timestamp()
        RETURNING t.phone, t.code
    )
    SELECT v.id, s.code FROM seen AS s JOIN vehicle AS v ON bare_phone(v.terminal_phone) = s.phone AND v.active
$$;

-- Lets a terminal in: it is built into this vehicle from now on. For administrators.
CREATE FUNCTION city.admit_terminal(phone text, vehicle_id integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    t terminal;
BEGIN
    SELECT * INTO t FROM terminal AS known WHERE known.phone = bare_phone(phone);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CT080', MESSAGE = 'No terminal {phone} has registered.',
            DETAIL = jsonb_build_object('phone', phone)::text;
    END IF;
    UPDATE vehicle AS v SET terminal_phone = lpad(t.phone, CASE WHEN t.is_2019 OR length(t.phone) > 12 THEN 20 ELSE 12 END, '0')
        WHERE v.id = vehicle_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CT081', MESSAGE = 'There is no vehicle {vehicle}.',
            DETAIL = jsonb_build_object('vehicle', vehicle_id)::text;
    END IF;
END $$;

REVOKE ALL ON FUNCTION city.bare_phone, city.known_terminals, city.register_terminal, city.admit_terminal FROM PUBLIC;
GRANT SELECT (phone, is_2019, province, county, maker, model, terminal_id, plate, plate_colour, address, attempts, first_seen,
    last_seen) ON city.terminal TO administrator, supervisor;
GRANT EXECUTE ON FUNCTION city.bare_phone
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, gateway, administrator;
GRANT EXECUTE ON FUNCTION city.known_terminals, city.register_terminal TO gateway;
GRANT EXECUTE ON FUNCTION city.admit_terminal TO administrator;

COMMENT ON TABLE city.terminal IS 'GPS terminals that have registered (JT/T 808), also those that no vehicle has yet.';
COMMENT ON COLUMN city.terminal.phone IS 'Number of the terminal without leading zeros.';
COMMENT ON COLUMN city.terminal.code IS 'By which the terminal authenticates; for gateways only.';
COMMENT ON COLUMN city.terminal.is_2019 IS 'Whether it last registered in the edition of 2019.';
COMMENT ON COLUMN city.terminal.province IS 'Province by GB/T 2260 as the terminal says (14 Shanxi).';
COMMENT ON COLUMN city.terminal.county IS 'City and county by GB/T 2260 as the terminal says.';
COMMENT ON COLUMN city.terminal.maker IS 'Code of its maker.';
COMMENT ON COLUMN city.terminal.model IS 'Its model.';
COMMENT ON COLUMN city.terminal.terminal_id IS 'Its number at its maker.';
COMMENT ON COLUMN city.terminal.plate IS 'Plate of the vehicle, as the terminal says.';
COMMENT ON COLUMN city.terminal.plate_colour IS 'Colour of the plate: 1 blue, 2 yellow, 3 black, 4 white, 9 other, 0 no plate.';
COMMENT ON COLUMN city.terminal.address IS 'Where it last registered from.';
COMMENT ON COLUMN city.terminal.attempts IS 'How often it has registered.';
COMMENT ON COLUMN city.terminal.first_seen IS 'When it first registered.';
COMMENT ON COLUMN city.terminal.last_seen IS 'When it last registered.';
COMMENT ON FUNCTION city.bare_phone IS 'Number of a terminal without leading zeros.';
COMMENT ON FUNCTION city.known_terminals IS 'Terminals of active vehicles with their codes, for gateways.';
COMMENT ON FUNCTION city.register_terminal IS 'Notes what a terminal says of itself; returns its vehicle and code, nothing for a terminal of no vehicle.';
COMMENT ON FUNCTION city.admit_terminal IS 'Lets a registered terminal in for a vehicle. Refuses with CT080 and CT081.';
