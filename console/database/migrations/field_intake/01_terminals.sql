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
    last_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
    blocked_at timestamptz,
    blocked_by text,
    block_reason text,
    CHECK ((blocked_at IS NULL) = (blocked_by IS NULL) AND (blocked_at IS NULL) = (block_reason IS NULL))
);
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OF blocked_at OR DELETE ON city.terminal
    FOR EACH ROW EXECUTE FUNCTION city.log_change('phone', 'plate');

-- What gateways have met of each terminal that has authenticated: heard when and from where, what was wrong and how often.
CREATE TABLE city.terminal_contact (
    phone text PRIMARY KEY,
    gateway text NOT NULL,
    address inet,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    heard_at timestamptz NOT NULL,
    signed_in boolean NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    flaws integer NOT NULL DEFAULT 0 CHECK (flaws >= 0),
    flawed_at timestamptz,
    replaced integer NOT NULL DEFAULT 0 CHECK (replaced >= 0),
    replaced_at timestamptz
) WITH (fillfactor = 50);

-- The number of a terminal as all editions write it: without leading zeros.
CREATE FUNCTION city.bare_phone(phone text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN ltrim(phone, '0');
CREATE UNIQUE INDEX vehicle_bare_phone ON city.vehicle (city.bare_phone(terminal_phone));

-- Terminals that may come in, for the gateway.
CREATE FUNCTION city.known_terminals() RETURNS TABLE (phone text, vehicle_id integer, code text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    SELECT bare_phone(v.terminal_phone), v.id, coalesce(t.code, '')
    FROM vehicle AS v LEFT JOIN terminal AS t ON t.phone = bare_phone(v.terminal_phone)
    WHERE v.active AND v.terminal_phone IS NOT NULL AND t.blocked_at IS NULL
$$;

-- Notes what a terminal says of itself. Returns its vehicle and the code by which it authenticates from now on; no row for
-- one that no active vehicle has, or that is blocked.
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
        RETURNING t.phone, t.code, t.blocked_at
    )
    SELECT v.id, s.code FROM seen AS s JOIN vehicle AS v ON bare_phone(v.terminal_phone) = s.phone AND v.active
    WHERE s.blocked_at IS NULL
$$;

-- Notes terminals that were refused with a code of another platform and so never registered here (parallel arrays).
CREATE FUNCTION city.note_refused(phones text[], are_2019 boolean[], addresses inet[], attempts integer[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    INSERT INTO terminal AS t (phone, code, is_2019, address, attempts)
    SELECT r.phone, replace(gen_random_uuid()::text, '-', ''), r.is_2019, r.address, r.attempts
    FROM unnest(phones, are_2019, addresses, note_refused.attempts) AS r (phone, is_2019, address, attempts)
    ON CONFLICT ON CONSTRAINT terminal_pkey DO UPDATE SET
        is_2019 = excluded.is_2019, address = excluded.address, attempts = t.attempts + excluded.attempts,
        last_seen = clock_timestamp()
$$;

-- Notes what a gateway has met of terminals since it last said so (parallel arrays); faults are counted up.
CREATE FUNCTION city.note_contacts(
    gateway text, phones text[], addresses inet[], heard_ats timestamptz[], are_signed_in boolean[], flaws integer[],
    replaced integer[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    INSERT INTO terminal_contact AS c
        (phone, gateway, address, heard_at, signed_in, flaws, flawed_at, replaced, replaced_at)
    SELECT n.phone, gateway, n.address, n.heard_at, n.signed_in,
        n.flaws, CASE WHEN n.flaws > 0 THEN n.heard_at END, n.replaced, CASE WHEN n.replaced > 0 THEN n.heard_at END
    FROM unnest(phones, addresses, heard_ats, are_signed_in, note_contacts.flaws, note_contacts.replaced)
        AS n (phone, address, heard_at, signed_in, flaws, replaced)
    ORDER BY n.phone
    ON CONFLICT ON CONSTRAINT terminal_contact_pkey DO UPDATE SET
        gateway = excluded.gateway, address = excluded.address, noted_at = clock_timestamp(),
        heard_at = greatest(c.heard_at, excluded.heard_at), signed_in = excluded.signed_in,
        flaws = c.flaws + excluded.flaws, flawed_at = coalesce(excluded.flawed_at, c.flawed_at),
        replaced = c.replaced + excluded.replaced, replaced_at = coalesce(excluded.replaced_at, c.replaced_at)
$$;

-- Of terminals that were refused and that nobody admits or blocks, the thousand latest are kept.
CREATE FUNCTION city.forget_refused() RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    WITH gone AS (
        DELETE FROM terminal WHERE phone IN (
            SELECT t.phone FROM terminal AS t
            WHERE t.blocked_at IS NULL
                AND NOT EXISTS (SELECT FROM vehicle AS v WHERE bare_phone(v.terminal_phone) = t.phone)
            ORDER BY t.last_seen DESC OFFSET 1000
        )
        RETURNING 1
    )
    SELECT count(*)::integer FROM gone
$$;

-- The number of a terminal as it is written for a vehicle: 12 digits, or 20 for one of the edition of 2019.
CREATE FUNCTION city.written_phone(t city.terminal) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = city, public, pg_temp
RETURN lpad(t.phone, CASE WHEN t.is_2019 OR length(t.phone) > 12 THEN 20 ELSE 12 END, '0');

-- Lets a terminal in: it is built into this vehicle from now on, and into no other; it is blocked no more. For administrators.
CREATE FUNCTION city.admit_terminal(phone text, vehicle_id integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    t terminal;
BEGIN
    SELECT * INTO t FROM terminal AS known WHERE known.phone = bare_phone(phone) FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CT080', MESSAGE = 'No terminal {phone} has registered.',
            DETAIL = jsonb_build_object('phone', phone)::text;
    END IF;
    IF NOT EXISTS (SELECT FROM vehicle AS v WHERE v.id = vehicle_id AND v.active) THEN
        RAISE EXCEPTION USING ERRCODE = 'CT081', MESSAGE = 'There is no vehicle {vehicle}.',
            DETAIL = jsonb_build_object('vehicle', vehicle_id)::text;
    END IF;
    UPDATE vehicle AS v SET terminal_phone = NULL WHERE bare_phone(v.terminal_phone) = t.phone AND v.id <> vehicle_id;
    UPDATE vehicle AS v SET terminal_phone = written_phone(t)
        WHERE v.id = vehicle_id AND v.terminal_phone IS DISTINCT FROM written_phone(t);
    PERFORM unblock_terminal(t.phone);
END $$;

-- Lets a terminal in with a truck that the city does not know yet; returns the truck's number. For administrators.
CREATE FUNCTION city.admit_new_vehicle(phone text, plate text, plate_colour integer, company text, box_m3 double precision)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    wanted text := regexp_replace(coalesce(plate, ''), '\s', '', 'g');
    owner text := btrim(coalesce(company, ''));
    made integer;
BEGIN
    IF NOT coalesce(length(wanted) BETWEEN 4 AND 12 AND length(owner) BETWEEN 1 AND 60 AND box_m3 > 0 AND box_m3 <= 60
        AND plate_colour IN (1, 2, 3, 4, 9), false) OR wanted || owner ~ '[[:cntrl:]]' THEN
        RAISE EXCEPTION USING ERRCODE = 'CT092', DETAIL = '{}',
            MESSAGE = 'A truck needs a plate of 4 to 12 letters, the colour of it, a company, and a box of up to 60 m³.';
    END IF;
    IF EXISTS (SELECT FROM vehicle AS v WHERE replace(v.plate, '·', '') = replace(wanted, '·', '')) THEN
        RAISE EXCEPTION USING ERRCODE = 'CT091', MESSAGE = 'There is a truck {plate} already: choose it instead.',
            DETAIL = jsonb_build_object('plate', wanted)::text;
    END IF;
    INSERT INTO company AS c (name) VALUES (owner) ON CONFLICT (name) DO NOTHING;
    INSERT INTO vehicle AS v (plate, plate_colour, company_id, box_m3)
        SELECT wanted, plate_colour, c.id, box_m3 FROM company AS c WHERE c.name = owner
        RETURNING v.id INTO made;
    PERFORM admit_terminal(phone, made);
    RETURN made;
END $$;

-- Takes a terminal out of its vehicle; it has to register anew, and waits to be admitted. Returns the vehicle, nothing for a
-- terminal that had none. For administrators.
CREATE FUNCTION city.withdraw_terminal(phone text) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    UPDATE terminal AS t SET code = replace(gen_random_uuid()::text, '-', '') WHERE t.phone = bare_phone(withdraw_terminal.phone);
    UPDATE vehicle AS v SET terminal_phone = NULL WHERE bare_phone(v.terminal_phone) = bare_phone(withdraw_terminal.phone)
        RETURNING v.id
$$;

-- Keeps a terminal out, whichever vehicle has it, until it is unblocked or admitted anew. For administrators.
CREATE FUNCTION city.block_terminal(phone text, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    bare text := bare_phone(btrim(block_terminal.phone));
    why text := btrim(coalesce(reason, ''));
BEGIN
    IF why = '' OR NOT coalesce(bare ~ '^[1-9]\d{0,19}$', false) THEN
        RAISE EXCEPTION USING ERRCODE = 'CT093', DETAIL = '{}',
            MESSAGE = 'To block a terminal takes its number and a reason.';
    END IF;
    INSERT INTO terminal AS t (phone, code, is_2019, attempts, blocked_at, blocked_by, block_reason)
        VALUES (bare, replace(gen_random_uuid()::text, '-', ''), length(bare) > 12, 0, clock_timestamp(), session_user, why)
        ON CONFLICT ON CONSTRAINT terminal_pkey DO UPDATE
            SET blocked_at = clock_timestamp(), blocked_by = session_user, block_reason = why
            WHERE t.blocked_at IS NULL;
    IF FOUND THEN
        INSERT INTO audit_log (subject, key, kind, after)
            VALUES ('terminal', bare, 'update', jsonb_build_object('blocked', true, 'reason', why));
    END IF;
END $$;

-- Keeps a terminal out no more; returns whether it was blocked. For administrators.
CREATE FUNCTION city.unblock_terminal(phone text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    WITH freed AS (
        UPDATE terminal AS t SET blocked_at = NULL, blocked_by = NULL, block_reason = NULL
        WHERE t.phone = bare_phone(unblock_terminal.phone) AND t.blocked_at IS NOT NULL RETURNING t.phone
    ), noted AS (
        INSERT INTO audit_log (subject, key, kind, after)
        SELECT 'terminal', f.phone, 'update', jsonb_build_object('blocked', false) FROM freed AS f RETURNING 1
    )
    SELECT EXISTS (SELECT FROM noted)
$$;

REVOKE ALL ON FUNCTION city.bare_phone, city.known_terminals, city.register_terminal, city.note_refused, city.note_contacts,
    city.forget_refused, city.written_phone, city.admit_terminal, city.admit_new_vehicle, city.withdraw_terminal,
    city.block_terminal, city.unblock_terminal FROM PUBLIC;
GRANT SELECT (phone, is_2019, province, county, maker, model, terminal_id, plate, plate_colour, address, attempts, first_seen,
    last_seen, blocked_at, blocked_by, block_reason) ON city.terminal TO administrator, supervisor;
GRANT SELECT ON city.terminal_contact TO administrator, supervisor;
GRANT EXECUTE ON FUNCTION city.bare_phone
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, gateway, administrator;
GRANT EXECUTE ON FUNCTION city.known_terminals, city.register_terminal, city.note_refused, city.note_contacts TO gateway;
GRANT EXECUTE ON FUNCTION city.admit_terminal, city.admit_new_vehicle, city.withdraw_terminal, city.block_terminal,
    city.unblock_terminal TO administrator;

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
COMMENT ON COLUMN city.terminal.attempts IS 'How often it has registered or was refused.';
COMMENT ON COLUMN city.terminal.first_seen IS 'When it first registered.';
COMMENT ON COLUMN city.terminal.last_seen IS 'When it last registered, or was last refused.';
COMMENT ON COLUMN city.terminal.blocked_at IS 'Since when it is kept out; empty for one that is not.';
COMMENT ON COLUMN city.terminal.blocked_by IS 'Login that keeps it out.';
COMMENT ON COLUMN city.terminal.block_reason IS 'Why it is kept out.';
COMMENT ON TABLE city.terminal_contact IS 'When each terminal was heard last by a gateway, and what was wrong with what it said.';
COMMENT ON COLUMN city.terminal_contact.phone IS 'Number of the terminal without leading zeros.';
COMMENT ON COLUMN city.terminal_contact.gateway IS 'Name of the gateway that heard it last.';
COMMENT ON COLUMN city.terminal_contact.address IS 'Where it connected from.';
COMMENT ON COLUMN city.terminal_contact.noted_at IS 'When the gateway last said so.';
COMMENT ON COLUMN city.terminal_contact.heard_at IS 'When it last said anything.';
COMMENT ON COLUMN city.terminal_contact.signed_in IS 'Whether its line was open then.';
COMMENT ON COLUMN city.terminal_contact.since IS 'Since when its faults are counted.';
COMMENT ON COLUMN city.terminal_contact.flaws IS 'How many faulty frames it has sent since.';
COMMENT ON COLUMN city.terminal_contact.flawed_at IS 'When the latest of them came.';
COMMENT ON COLUMN city.terminal_contact.replaced IS 'How often since a further line of the same number took the place of an open one.';
COMMENT ON COLUMN city.terminal_contact.replaced_at IS 'When that was last.';
COMMENT ON FUNCTION city.bare_phone IS 'Number of a terminal without leading zeros.';
COMMENT ON FUNCTION city.known_terminals IS 'Terminals of active vehicles with their codes, for gateways.';
COMMENT ON FUNCTION city.register_terminal IS 'Notes what a terminal says of itself; returns its vehicle and code, nothing for one of no vehicle or a blocked one.';
COMMENT ON FUNCTION city.note_refused IS 'Notes terminals of no vehicle that tried to authenticate without registering, as parallel arrays, for gateways.';
COMMENT ON FUNCTION city.note_contacts IS 'Notes when terminals were heard and what was wrong, as parallel arrays, for gateways.';
COMMENT ON FUNCTION city.forget_refused IS 'Keeps the thousand latest of the terminals that were refused; returns how many went.';
COMMENT ON FUNCTION city.written_phone IS 'Number of a terminal as vehicles have it: 12 digits, or 20.';
COMMENT ON FUNCTION city.admit_terminal IS 'Lets a terminal in for a vehicle, which it leaves any other for, and unblocks it. For administrators, audited. Refuses with CT080 and CT081.';
COMMENT ON FUNCTION city.admit_new_vehicle IS 'Lets a terminal in with a new truck; returns the number of the truck. For administrators, audited. Refuses with CT080, CT091, CT092.';
COMMENT ON FUNCTION city.withdraw_terminal IS 'Takes a terminal out of its vehicle, whose number is returned; its code counts no more. For administrators, audited.';
COMMENT ON FUNCTION city.block_terminal IS 'Keeps a terminal out for a reason. For administrators, audited. Refuses with CT093.';
COMMENT ON FUNCTION city.unblock_terminal IS 'Keeps a terminal out no more; returns whether it was blocked. For administrators, audited.';
