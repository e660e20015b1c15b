-- Hand-over of a shift (交班): what somebody tells the next one at the same post, what waited there at that moment, and the
-- cases that need an eye. It is written once and taken over once. A post is a role in a department, an inspector's in a team.
CREATE TABLE city.shift_handover (
    id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    request_id uuid UNIQUE,
    giver_id integer NOT NULL REFERENCES city.staff,
    role city.role NOT NULL,
    department_id smallint NOT NULL REFERENCES city.department,
    team_id smallint REFERENCES city.team,
    receiver_id integer REFERENCES city.staff,
    handed_at timestamptz NOT NULL,
    notes text NOT NULL CHECK (btrim(notes) <> '' AND length(notes) <= 2000),
    waiting integer NOT NULL CHECK (waiting >= 0),
    soon integer NOT NULL CHECK (soon >= 0),
    overdue integer NOT NULL CHECK (overdue >= 0),
    case_ids bigint[] NOT NULL CHECK (cardinality(case_ids) <= 200),
    taken_by integer REFERENCES city.staff,
    taken_at timestamptz,
    CHECK (soon + overdue <= waiting),
    CHECK (receiver_id <> giver_id),
    CHECK (taken_by <> giver_id),
    CHECK ((taken_by IS NULL) = (taken_at IS NULL) AND taken_at >= handed_at)
);
CREATE INDEX shift_handover_post ON city.shift_handover (role, department_id, handed_at);

-- What waits at the desk of whoever asks: the cases in hand that his post leads on or whose request it answers.
CREATE FUNCTION city.desk_waiting(OUT waiting integer, OUT soon integer, OUT overdue integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    SELECT count(*)::integer,
        (count(*) FILTER (WHERE f.warn_at <= now() AND f.due_at > now()))::integer,
        (count(*) FILTER (WHERE f.due_at <= now()))::integer
    FROM asker() AS who CROSS JOIN case_file AS f
    WHERE f.is_open AND is_own(f, who)
        AND (f.request_to = who.role
            OR (f.mode, f.state) IN (SELECT t.mode, t.state FROM case_turn AS t WHERE t.role = who.role))
$$;

CREATE FUNCTION city.hand_over(
    notes text, receiver_id integer DEFAULT NULL, case_ids bigint[] DEFAULT NULL, request_id uuid DEFAULT NULL
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    who staff := asker();
    desk record;
    given integer;
BEGIN
    IF who.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'CT016', MESSAGE = 'The login {login} belongs to no active member of staff, or lacks the database role of its post.',
            DETAIL = jsonb_build_object('login', session_user)::text;
    END IF;
    IF NOT EXISTS (SELECT FROM case_turn AS t WHERE t.role = who.role) THEN
        RAISE EXCEPTION USING ERRCODE = 'CT012', MESSAGE = 'Your post ({role}) works no shifts that are handed over.',
            DETAIL = jsonb_build_object('role', who.role)::text;
    END IF;
    SELECT h.id INTO given FROM shift_handover AS h WHERE h.request_id = request_id AND h.giver_id = who.id;
    IF FOUND THEN
        RETURN given;
    END IF;
    notes := btrim(notes);
    IF notes IS NULL OR notes = '' OR length(notes) > 2000 THEN
        RAISE EXCEPTION USING ERRCODE = 'CT014', MESSAGE = 'A hand-over needs notes of at most 2000 characters: write what the next shift has to know.',
            DETAIL = '{}';
    END IF;
    IF receiver_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM staff AS s WHERE s.id = receiver_id AND s.id <> who.id AND s.active AND s.role = who.role
            AND s.department_id = who.department_id AND s.team_id IS NOT DISTINCT FROM who.team_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'CT014', MESSAGE = 'A shift is handed to a colleague at the same post, or to whoever comes next: choose one of them.',
            DETAIL = '{}';
    END IF;
    case_ids := coalesce(case_ids, ARRAY(SELECT c FROM my_cases() AS c ORDER BY c LIMIT 200));
    IF cardinality(case_ids) > 200 OR EXISTS (
        SELECT FROM unnest(case_ids) AS c WHERE NOT EXISTS (SELECT FROM case_file AS f WHERE f.id = c AND is_own(f, who))) THEN
        RAISE EXCEPTION USING ERRCODE = 'CT014', MESSAGE = 'At most 200 cases go with a hand-over, all of them cases that you see yourself.',
            DETAIL = '{}';
    END IF;
    SELECT * INTO desk FROM desk_waiting();
    INSERT INTO shift_handover AS h (request_id, giver_id, role, department_id, team_id, receiver_id, handed_at, notes,
        waiting, soon, overdue, case_ids)
    VALUES (request_id, who.id, who.role, who.department_id, who.team_id, receiver_id, clock_timestamp(), notes,
        desk.waiting, desk.soon, desk.overdue, case_ids)
    RETURNING h.id INTO given;
    RETURN given;
END $$;

CREATE FUNCTION city.take_over(handover_id integer) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    who staff := asker();
    known shift_handover;
    earlier text;
BEGIN
    SELECT * INTO known FROM shift_handover AS h WHERE h.id = handover_id AND h.role = who.role
        AND h.department_id = who.department_id AND h.team_id IS NOT DISTINCT FROM who.team_id
    FOR UPDATE;
    IF known.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'CT013', MESSAGE = 'This hand-over is for another post.', DETAIL = '{}';
    END IF;
    IF known.giver_id = who.id THEN
        RAISE EXCEPTION USING ERRCODE = 'CT013', MESSAGE = 'Your own hand-over is taken over by the next one at your post.', DETAIL = '{}';
    END IF;
    IF known.taken_by = who.id THEN
        RETURN known.taken_at;
    END IF;
    IF known.taken_by IS NOT NULL THEN
        SELECT s.title INTO earlier FROM staff AS s WHERE s.id = known.taken_by;
        RAISE EXCEPTION USING ERRCODE = 'CT011', MESSAGE = '{who} took this shift over already, {at}.',
            DETAIL = jsonb_build_object('who', earlier, 'at', to_char(known.taken_at AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24:MI'))::text;
    END IF;
    UPDATE shift_handover AS h SET taken_by = who.id, taken_at = clock_timestamp() WHERE h.id = handover_id
    RETURNING h.taken_at INTO known.taken_at;
    RETURN known.taken_at;
END $$;

ALTER TABLE city.shift_handover ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_post ON city.shift_handover FOR SELECT USING (EXISTS (
    SELECT FROM city.staff AS s WHERE s.id = (SELECT city.current_staff_id()) AND s.role = shift_handover.role
        AND s.department_id = shift_handover.department_id AND s.team_id IS NOT DISTINCT FROM shift_handover.team_id));
CREATE POLICY leaders ON city.shift_handover FOR SELECT TO shift_leader, supervisor, administrator USING (true);
REVOKE ALL ON FUNCTION city.desk_waiting, city.hand_over, city.take_over FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.desk_waiting, city.hand_over, city.take_over
    TO acceptor, dispatcher, shift_leader, department, inspector;
GRANT SELECT ON city.shift_handover TO acceptor, dispatcher, shift_leader, department, supervisor, inspector, administrator;

CREATE TRIGGER log_added AFTER INSERT ON city.shift_handover REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION city.log_added('id');
CREATE TRIGGER log_change AFTER UPDATE OR DELETE ON city.shift_handover
    FOR EACH ROW EXECUTE FUNCTION city.log_change('id');
CREATE TRIGGER log_audit AFTER UPDATE OR DELETE ON city.shift_handover
    FOR EACH ROW EXECUTE FUNCTION city.log_audit('id');

COMMENT ON TABLE city.shift_handover IS 'Hand-overs of shifts (交班); written by hand_over, acknowledged by take_over. A post sees its own, shift leaders, supervisors and the administrator all.';
COMMENT ON COLUMN city.shift_handover.id IS 'Number of the hand-over.';
COMMENT ON COLUMN city.shift_handover.request_id IS 'Given by whoever hands over: repeated with the same one it is made once.';
COMMENT ON COLUMN city.shift_handover.giver_id IS 'Who hands over.';
COMMENT ON COLUMN city.shift_handover.role IS 'Role of the post.';
COMMENT ON COLUMN city.shift_handover.department_id IS 'Department of the post.';
COMMENT ON COLUMN city.shift_handover.team_id IS 'Team of an inspector''s post; empty for others.';
COMMENT ON COLUMN city.shift_handover.receiver_id IS 'Who is meant to take over; empty for whoever comes next. Others at the post may do so in his place.';
COMMENT ON COLUMN city.shift_handover.handed_at IS 'When it was handed over.';
COMMENT ON COLUMN city.shift_handover.notes IS 'What the next shift has to know.';
COMMENT ON COLUMN city.shift_handover.waiting IS 'Cases in hand that waited for the post at that moment.';
COMMENT ON COLUMN city.shift_handover.soon IS 'Of these, those that had used 80 % of the time for their step.';
COMMENT ON COLUMN city.shift_handover.overdue IS 'Of these, those past it.';
COMMENT ON COLUMN city.shift_handover.case_ids IS 'Cases that go with it: those that were marked, else those that waited for the giver in person.';
COMMENT ON COLUMN city.shift_handover.taken_by IS 'Who has acknowledged it; empty before.';
COMMENT ON COLUMN city.shift_handover.taken_at IS 'When that was.';
COMMENT ON FUNCTION city.desk_waiting IS 'How many cases in hand wait for the post of whoever asks, of these due soon, and past the time for their step.';
COMMENT ON FUNCTION city.hand_over IS 'Hands the shift over to a colleague at the same post, or to whoever comes next; without case_ids those go with it that wait for the giver in person (my_cases). Returns the number of the hand-over, the same for a repeated request_id. Refuses with CT012, CT014, CT016.';
COMMENT ON FUNCTION city.take_over IS 'Acknowledges a hand-over of one''s own post and tells when; again for whoever did so. Refuses with CT011 when somebody else has, CT013 for another post''s or one''s own.';
