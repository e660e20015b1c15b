-- The one way in which a case changes after it was reported.

CREATE TYPE city.case_moved AS (
    version integer, seq smallint, at timestamptz, state city.case_state, deadline timestamptz, due_at timestamptz
);

-- Who asks: the member of staff whose login this is, if the login is in the database role of that post as well, so that
-- whoever may edit the list of staff gains no role by it.
CREATE FUNCTION city.asker() RETURNS city.staff
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    SELECT s.* FROM staff AS s WHERE s.login = session_user AND s.active AND pg_has_role(session_user, s.role::text, 'MEMBER')
$$;

-- Whether a case is one's own: a department's that it is responsible for, an inspector's in the zone of his team or that he
-- was asked to look at; the centre's all.
CREATE FUNCTION city.is_own(f city.case_file, who city.staff) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    SELECT coalesce(CASE who.role
        WHEN 'department' THEN f.responsible_id = who.department_id
        WHEN 'inspector' THEN f.inspector_id = who.id OR f.zone_id = (SELECT t.zone_id FROM team AS t WHERE t.id = who.team_id)
        ELSE true END, false)
$$;

CREATE FUNCTION city.refusal(code text, sentence text, named jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = city, public, pg_temp
RETURN jsonb_build_object('code', code, 'sentence', sentence, 'named', named);

-- Why somebody may not make a move of a rule in a case now, whatever else is given with it; NULL when nothing is against it.
CREATE FUNCTION city.against_move(f city.case_file, r city.case_rule, who city.staff) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    mark text;
    earlier case_move;
BEGIN
    IF NOT who.role = ANY (r.roles) THEN
        RETURN refusal('CT012', 'Your post ({role}) may not make the move “{move}” here.',
            jsonb_build_object('role', who.role, 'move', r.move));
    ELSIF r.by_lead AND NOT who.is_lead THEN
        RETURN refusal('CT012', 'Only the head of the department may make the move “{move}”.', jsonb_build_object('move', r.move));
    ELSIF NOT is_own(f, who) THEN
        RETURN refusal('CT013', 'Case {case} is not yours: it is there for another department, zone or person.',
            jsonb_build_object('case', f.case_no));
    END IF;
    FOREACH mark IN ARRAY r.given LOOP
        CASE mark
        WHEN 'unassigned' THEN
            IF f.assignee_id IS NOT NULL THEN
                RETURN refusal('CT011', 'The case is assigned to somebody of the department: take it back from there first.');
            END IF;
        WHEN 'assigned' THEN
            IF f.assignee_id IS NULL THEN
                RETURN refusal('CT011', 'The case is assigned to nobody.');
            END IF;
        WHEN 'mine' THEN
            IF f.assignee_id <> who.id AND NOT who.is_lead THEN
                RETURN refusal('CT013', 'The case is assigned to somebody else of your department.');
            END IF;
        WHEN 'no_request' THEN
            IF f.request IS NOT NULL THEN
                RETURN refusal('CT011', 'A request of the department has not been answered yet.');
            END IF;
        WHEN 'extension_asked' THEN
            IF (f.request = 'extension' AND f.request_to = 'department') IS NOT TRUE THEN
                RETURN refusal('CT011', 'There is no request that waits for this answer.');
            END IF;
        WHEN 'extension_endorsed' THEN
            IF (f.request = 'extension' AND f.request_to = 'dispatcher') IS NOT TRUE THEN
                RETURN refusal('CT011', 'There is no request that waits for this answer.');
            END IF;
        WHEN 'request_asked' THEN
            IF (f.request <> 'appeal') IS NOT TRUE OR (who.role = 'department' AND f.request_to <> 'department') THEN
                RETURN refusal('CT011', 'There is no request that waits for this answer.');
            ELSIF who.role = 'department' AND NOT who.is_lead THEN
                RETURN refusal('CT012', 'Only the head of the department may make the move “{move}”.',
                    jsonb_build_object('move', r.move));
            END IF;
        WHEN 'appeal_asked' THEN
            IF (f.request = 'appeal' AND f.request_to = 'dispatcher') IS NOT TRUE THEN
                RETURN refusal('CT011', 'There is no request that waits for this answer.');
            END IF;
        WHEN 'appeal_reviewed' THEN
            IF (f.request = 'appeal' AND f.request_to = 'acceptor') IS NOT TRUE THEN
                RETURN refusal('CT011', 'There is no request that waits for this answer.');
            END IF;
        WHEN 'supervised' THEN
            IF NOT f.awaits_reply THEN
                RETURN refusal('CT011', 'No supervision waits for a reply.');
            END IF;
        WHEN 'extendable' THEN
            IF f.extensions >= 2 THEN
                RETURN refusal('CT017', 'The limit was extended twice already, which is the most.');
            END IF;
        WHEN 'not_overdue' THEN
            IF f.is_overdue OR clock_timestamp() > f.deadline THEN
                RETURN refusal('CT017', 'The case is overdue: it is too late for an extension.');
            END IF;
        WHEN 'never_suspended' THEN
            IF f.suspensions > 0 THEN
                RETURN refusal('CT017', 'The case was on account already, which it may be only once.');
            END IF;
        WHEN 'overdue' THEN
            IF NOT f.is_overdue THEN
                RETURN refusal('CT017', 'The case is not overdue: there is nothing to appeal against.');
            END IF;
        WHEN 'never_appealed' THEN
            IF f.appeal IS NOT NULL THEN
                RETURN refusal('CT017', 'There was an appeal already, which there may be only once.');
            END IF;
        END CASE;
    END LOOP;
    IF r.duty IS NOT NULL THEN
        SELECT e.move INTO earlier FROM case_event AS e
        JOIN case_rule AS d ON (d.mode, d.move, d.from_state) = (f.mode, e.move, e.from_state)
        WHERE e.case_id = f.id AND e.staff_id = who.id AND d.duty <> r.duty ORDER BY e.seq LIMIT 1;
        IF FOUND THEN
            RETURN refusal('CT015', 'You made the move “{earlier}” in this case: “{move}” must be made by somebody else (separation of duties).',
                jsonb_build_object('earlier', earlier, 'move', r.move));
        END IF;
    END IF;
    RETURN NULL;
END $$;

-- The moves that whoever asks may make in a case now.
CREATE FUNCTION city.case_moves(case_id bigint)
RETURNS TABLE (move city.case_move, to_state city.case_state, else_state city.case_state, requires text[], takes text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    who staff := asker();
    f case_file;
BEGIN
    SELECT * INTO f FROM case_file AS c WHERE c.id = case_moves.case_id;
    IF who.id IS NULL OR f.id IS NULL OR NOT is_own(f, who) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT r.move, r.to_state, r.else_state,
        CASE WHEN f.class_id IS NULL THEN r.requires ELSE array_remove(r.requires, 'class') END,
        CASE WHEN f.class_id IS NULL OR NOT 'class' = ANY (r.requires) THEN r.takes ELSE r.takes || 'class'::text END
    FROM case_rule AS r
    WHERE r.mode = f.mode AND r.from_state = f.state AND who.role = ANY (r.roles) AND against_move(f, r, who) IS NULL
    ORDER BY r.move;
END $$;

-- The facts of a place: unit grid, zone and street, as report_case finds them. Coordinates are written down to the last digit,
-- whatever the client wants to see of numbers.
CREATE FUNCTION city.place_facts(x double precision, y double precision) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = city, public, pg_temp SET extra_float_digits = 1 AS $$
DECLARE
    place geometry := ST_SetSRID(ST_MakePoint(x, y), 4546);
    facts jsonb;
BEGIN
    SELECT jsonb_build_object('x', x, 'y', y, 'unit_grid', g.code, 'zone_id', g.zone_id, 'street_id', (
        SELECT s.id FROM street AS s WHERE ST_DWithin(s.geom, place, 100) ORDER BY s.geom <-> place LIMIT 1))
    INTO facts FROM unit_grid AS g WHERE ST_Covers(g.geom, place) ORDER BY g.code LIMIT 1;
    IF NOT FOUND THEN
        PERFORM refuse('CT004', 'The place {x}, {y} lies in no unit grid of the city: check the coordinates.',
            jsonb_build_object('x', x, 'y', y));
    END IF;
    RETURN facts;
END $$;

-- What differs of what is told of a case: the detail {before, after} of an event; NULL when nothing differs. A class brings
-- its kind, a component that is not of the class is let go.
CREATE FUNCTION city.described_anew(
    f city.case_file, class_id integer, level city.case_level, address text, description text, component_code text,
    x double precision, y double precision
) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = city, public, pg_temp SET extra_float_digits = 1 AS $$
DECLARE
    class case_class;
    component component;
    said jsonb := '{}';
    old jsonb := jsonb_build_object('class_id', f.class_id, 'kind', f.kind, 'level', f.level, 'address', f.address,
        'description', f.description, 'component_code', f.component_code, 'x', ST_X(f.geom), 'y', ST_Y(f.geom),
        'unit_grid', f.unit_grid, 'zone_id', f.zone_id, 'street_id', f.street_id);
    name text;
BEGIN
    IF class_id IS NOT NULL THEN
        SELECT * INTO class FROM case_class AS c WHERE c.id = described_anew.class_id AND c.in_use;
        IF NOT FOUND THEN
            PERFORM refuse('CT014', 'There is no class {class} in use.', jsonb_build_object('class', class_id));
        END IF;
        said := said || jsonb_build_object('class_id', class.id, 'kind', class.kind);
    END IF;
    IF level IS NOT NULL THEN
        said := said || jsonb_build_object('level', level);
    END IF;
    IF address IS NOT NULL THEN
        said := said || jsonb_build_object('address', nullif(btrim(address), ''));
    END IF;
    IF description IS NOT NULL THEN
        IF btrim(description) = '' THEN
            PERFORM refuse('CT014', 'A case needs a description: say what is wrong.');
        END IF;
        said := said || jsonb_build_object('description', btrim(description));
    END IF;
    IF x IS NOT NULL OR y IS NOT NULL THEN
        said := said || place_facts(x, y);
    END IF;
    IF component_code <> '' THEN
        SELECT * INTO component FROM component AS c WHERE c.code = described_anew.component_code;
        IF NOT FOUND OR component.class_id IS DISTINCT FROM coalesce(class_id, f.class_id) THEN
            PERFORM refuse('CT014', 'Component {component} is not one of the class of the case.',
                jsonb_build_object('component', component_code));
        END IF;
    END IF;
    IF component_code IS NOT NULL THEN
        said := said || jsonb_build_object('component_code', nullif(component_code, ''));
    ELSIF class_id IS NOT NULL AND f.component_code IS NOT NULL
        AND NOT EXISTS (SELECT FROM component AS c WHERE c.code = f.component_code AND c.class_id = described_anew.class_id) THEN
        said := said || jsonb_build_object('component_code', NULL);
    END IF;
    IF (said -> 'x', said -> 'y') = (old -> 'x', old -> 'y') THEN
        said := said - '{x,y}'::text[];
    END IF;
    FOR name IN SELECT k FROM jsonb_object_keys(said - '{x,y}'::text[]) AS k LOOP
        IF said -> name = old -> name THEN
            said := said - name;
        END IF;
    END LOOP;
    IF said = '{}' THEN
        RETURN NULL;
    END IF;
    RETURN jsonb_build_object('after', said, 'before', (SELECT jsonb_object_agg(k, old -> k) FROM jsonb_object_keys(said) AS k));
END $$;

-- The filing condition of that number, if it is in force today and of the class; its limit goes into the history.
CREATE FUNCTION city.condition_in_force(condition_id integer, class_id integer) RETURNS city.filing_condition
LANGUAGE plpgsql STABLE SET search_path = city, public, pg_temp AS $$
DECLARE
    today date := (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date;
    c filing_condition;
BEGIN
    SELECT * INTO c FROM filing_condition AS k WHERE k.id = condition_in_force.condition_id;
    IF NOT FOUND OR (class_id IS NOT NULL AND c.class_id <> class_id) THEN
        PERFORM refuse('CT014', 'The filing condition is not one of the class of the case.');
    ELSIF today < c.valid_from OR today > c.valid_to THEN
        PERFORM refuse('CT014', 'Filing condition {condition} is not in force any more: choose its present version.',
            jsonb_build_object('condition', c.code));
    END IF;
    RETURN c;
END $$;

-- Adds an event to the history of a case that is locked, and folds it into the row.
CREATE FUNCTION city.add_move(f city.case_file, e city.case_event) RETURNS city.case_file
LANGUAGE plpgsql SET search_path = city, public, pg_temp AS $$
DECLARE
    entered timestamptz;
BEGIN
    SELECT h.at INTO entered FROM case_event AS h WHERE h.case_id = f.id AND h.seq = f.version;
    e.case_id := f.id;
    e.seq := f.version + 1;
    e.at := greatest(clock_timestamp(), entered);
    e.from_state := f.state;
    e.used_s := extract(epoch FROM e.at - entered)::integer;
    f := case_step(f, e);
    INSERT INTO case_event SELECT (e).*;
    PERFORM keep_folded(f);
    RETURN f;
END $$;

CREATE FUNCTION city.move_case(
    case_id bigint,
    move city.case_move,
    version integer,
    opinion text DEFAULT NULL,
    class_id integer DEFAULT NULL,
    condition_id integer DEFAULT NULL,
    department_id integer DEFAULT NULL,
    staff_id integer DEFAULT NULL,
    passed boolean DEFAULT NULL,
    until date DEFAULT NULL,
    other_case_id bigint DEFAULT NULL,
    component_code text DEFAULT NULL,
    address text DEFAULT NULL,
    description text DEFAULT NULL,
    level city.case_level DEFAULT NULL,
    x double precision DEFAULT NULL,
    y double precision DEFAULT NULL,
    kind text DEFAULT NULL,
    request_id uuid DEFAULT NULL
) RETURNS city.case_moved
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    who staff := asker();
    today date := (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date;
    f case_file;
    r case_rule;
    e case_event;
    known case_event;
    other case_file;
    person staff;
    chosen filing_condition;
    against jsonb;
    detail jsonb := '{}';
    given text[];
    lacking text;
BEGIN
    IF who.id IS NULL THEN
        PERFORM refuse('CT016', 'The login {login} belongs to no active member of staff, or lacks the database role of its post.',
            jsonb_build_object('login', session_user));
    ELSIF NOT EXISTS (SELECT FROM case_rule AS c WHERE c.move = move AND who.role = ANY (c.roles)) THEN
        PERFORM refuse('CT012', 'Your post ({role}) may not make the move “{move}” here.',
            jsonb_build_object('role', who.role, 'move', move));
    END IF;
    LOCK TABLE working_interval IN ROW SHARE MODE;  -- a change of the calendar waits for us, and we for it
    SELECT c.* INTO f FROM case_file AS c WHERE c.id = case_id FOR UPDATE;
    IF request_id IS NOT NULL THEN
        SELECT h.* INTO known FROM case_event AS h WHERE h.request_id = request_id;
        IF FOUND AND (known.case_id, known.move, known.staff_id) = (case_id, move, who.id) THEN
            f := fold_case(case_id, known.seq);
            RETURN (f.version, known.seq, known.at, f.state, f.deadline, f.due_at)::case_moved;
        ELSIF FOUND THEN
            PERFORM refuse('CT014', 'The request number {request} was used for another move already.',
                jsonb_build_object('request', request_id));
        END IF;
    END IF;
    IF f.id IS NULL OR NOT is_own(f, who) THEN
        PERFORM refuse('CT013', 'Case {case} is not yours: it is there for another department, zone or person.',
            jsonb_build_object('case', '#' || case_id));
    ELSIF f.version IS DISTINCT FROM version THEN
        SELECT h.* INTO known FROM case_event AS h WHERE h.case_id = f.id AND h.seq = f.version;
        SELECT s.* INTO person FROM staff AS s WHERE s.id = known.staff_id;
        PERFORM refuse('CT010', 'The case was changed meanwhile: {who}, “{move}”, {at}. Look at it again; nothing of yours was done.',
            jsonb_build_object('who', coalesce(person.title, '系统'), 'who_en', coalesce(person.title_en, 'the system'),
                'move', known.move, 'at', to_char(known.at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'),
                'version', f.version));
    END IF;
    SELECT c.* INTO r FROM case_rule AS c WHERE (c.mode, c.move, c.from_state) = (f.mode, move, f.state);
    IF NOT FOUND THEN
        PERFORM refuse('CT011', 'The move “{move}” is not possible while the case is in the state “{state}”.',
            jsonb_build_object('move', move, 'state', f.state));
    END IF;
    against := against_move(f, r, who);
    IF against IS NOT NULL THEN
        PERFORM refuse(against ->> 'code', against ->> 'sentence', against -> 'named');
    END IF;

    -- What is given must be all that is required, and nothing that the move would not look at.
    opinion := nullif(btrim(opinion), '');
    given := array_remove(ARRAY[
        CASE WHEN opinion IS NOT NULL THEN 'opinion' END, CASE WHEN class_id IS NOT NULL THEN 'class' END,
        CASE WHEN condition_id IS NOT NULL THEN 'condition' END, CASE WHEN department_id IS NOT NULL THEN 'department' END,
        CASE WHEN staff_id IS NOT NULL THEN 'staff' END, CASE WHEN passed IS NOT NULL THEN 'passed' END,
        CASE WHEN until IS NOT NULL THEN 'until' END, CASE WHEN other_case_id IS NOT NULL THEN 'other_case' END,
        CASE WHEN component_code IS NOT NULL THEN 'component' END, CASE WHEN address IS NOT NULL THEN 'address' END,
        CASE WHEN description IS NOT NULL THEN 'description' END, CASE WHEN level IS NOT NULL THEN 'level' END,
        CASE WHEN x IS NOT NULL OR y IS NOT NULL THEN 'place' END, CASE WHEN kind IS NOT NULL THEN 'kind' END
    ], NULL);
    FOREACH lacking IN ARRAY r.requires LOOP
        IF NOT lacking = ANY (given) AND NOT (lacking = 'class' AND f.class_id IS NOT NULL) THEN
            PERFORM refuse('CT014', 'The move “{move}” needs this: {field}.', jsonb_build_object('move', move, 'field', lacking));
        END IF;
    END LOOP;
    FOREACH lacking IN ARRAY given LOOP
        IF NOT lacking = ANY (r.requires || r.takes || 'opinion'::text) THEN
            PERFORM refuse('CT014', 'The move “{move}” does not take this: {field}.',
                jsonb_build_object('move', move, 'field', lacking));
        END IF;
    END LOOP;
    IF until < today OR until > today + interval '1 year' THEN
        PERFORM refuse('CT017', 'The last day on account must lie between today and a year ahead; {day} does not.',
            jsonb_build_object('day', until));
    END IF;

    IF move = 'amend' OR class_id IS NOT NULL THEN
        detail := described_anew(f, class_id, level, address, description, component_code, x, y);
        IF move = 'amend' AND detail IS NULL THEN
            PERFORM refuse('CT014', 'Nothing differs from what the case says already.');
        END IF;
        detail := coalesce(detail, '{}');
        f.class_id := coalesce(class_id, f.class_id);
    END IF;
    IF condition_id IS NOT NULL THEN
        chosen := condition_in_force(condition_id, f.class_id);
        detail := detail || jsonb_build_object('condition_id', condition_id);
        IF f.class_id IS NULL THEN
            detail := detail || described_anew(f, chosen.class_id, NULL, NULL, NULL, NULL, NULL, NULL);
        END IF;
    END IF;
    IF department_id IS NOT NULL AND NOT EXISTS (SELECT FROM department AS d WHERE d.id = department_id AND d.kind <> 'centre') THEN
        PERFORM refuse('CT014', 'This department does not dispose of cases.');
    END IF;
    IF staff_id IS NOT NULL THEN
        SELECT s.* INTO person FROM staff AS s WHERE s.id = staff_id AND s.active AND CASE
            WHEN move = 'assign' THEN s.role = 'department' AND s.department_id = f.responsible_id ELSE s.role = 'inspector' END;
        IF NOT FOUND THEN
            PERFORM refuse('CT014', 'This person cannot be asked: not active, or not of the right post or department.');
        END IF;
        detail := detail || jsonb_build_object('staff_id', staff_id);
    END IF;
    IF other_case_id IS NOT NULL THEN
        SELECT c.* INTO other FROM case_file AS c WHERE c.id = other_case_id FOR SHARE;
        IF NOT FOUND OR other.id = f.id OR other.merged_into IS NOT NULL OR other.state IN ('cancelled', 'not_accepted') THEN
            PERFORM refuse('CT014', 'Cases cannot be merged into this one: it is the same case, merged itself, cancelled or not accepted.');
        END IF;
        detail := detail || jsonb_build_object('other_case_id', other_case_id);
    END IF;
    IF kind NOT IN ('timeout', 'leader', 'important') THEN
        PERFORM refuse('CT014', 'The kind of supervision must be timeout, leader or important.');
    END IF;

    e.to_state := r.to_state;
    CASE move
    WHEN 'verify', 'check' THEN
        detail := jsonb_build_object(CASE move WHEN 'verify' THEN 'exists' ELSE 'passed' END, passed);
        e.to_state := CASE WHEN passed THEN r.to_state ELSE r.else_state END;
    WHEN 'review_appeal', 'decide_appeal' THEN
        detail := jsonb_build_object('granted', passed);
    WHEN 'reopen' THEN
        e.to_state := CASE WHEN r.else_state IS NOT NULL AND f.filed_at IS NULL THEN r.else_state ELSE r.to_state END;
    WHEN 'accept' THEN
        IF department_id IS NOT NULL THEN
            detail := detail || jsonb_build_object('department_id', department_id);
        END IF;
    WHEN 'dispatch', 'extend' THEN
        SELECT k.* INTO chosen FROM filing_condition AS k WHERE k.id = f.condition_id;
        detail := jsonb_build_object('limit_value', chosen.limit_value, 'limit_unit', chosen.limit_unit);
    WHEN 'request_extension' THEN
        detail := CASE WHEN who.is_lead THEN '{"endorsed": true}'::jsonb ELSE '{}' END;
    WHEN 'suspend', 'request_suspension' THEN
        detail := jsonb_build_object('until', until);
    WHEN 'supervise' THEN
        detail := jsonb_build_object('kind', kind);
    ELSE
        NULL;
    END CASE;

    e.move := move;
    e.staff_id := who.id;
    e.department_id := CASE WHEN move IN ('dispatch', 'assess') THEN department_id ELSE f.responsible_id END;
    e.opinion := opinion;
    e.detail := nullif(detail, '{}');
    e.request_id := request_id;
    f := add_move(f, e);
    RETURN (f.version, f.version, (SELECT h.at FROM case_event AS h WHERE h.case_id = f.id AND h.seq = f.version),
        f.state, f.deadline, f.due_at)::case_moved;
END $$;

REVOKE ALL ON FUNCTION city.asker, city.is_own, city.refusal, city.against_move, city.case_moves, city.place_facts,
    city.described_anew, city.condition_in_force, city.add_move, city.move_case FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.move_case, city.case_moves
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, administrator;

COMMENT ON FUNCTION city.asker IS 'The active member of staff whose login this is, if it has the database role of the post; else empty.';
COMMENT ON FUNCTION city.is_own IS 'Whether a case is one''s own: of the department, of the zone or asked to look at; the centre''s all.';
COMMENT ON FUNCTION city.refusal IS 'A reason to say no, for refuse.';
COMMENT ON FUNCTION city.against_move IS 'Why somebody may not make a move now: SQLSTATE, sentence and values; empty when nothing is against it.';
COMMENT ON FUNCTION city.case_moves IS 'The moves that whoever asks may make in a case now: where they lead, the arguments of move_case that they require and may take.';
COMMENT ON FUNCTION city.place_facts IS 'Unit grid, zone and street of a place (EPSG:4546, m). Refuses with CT004 outside the city.';
COMMENT ON FUNCTION city.described_anew IS 'What differs of what is told of a case, as {before, after}; empty when nothing does.';
COMMENT ON FUNCTION city.condition_in_force IS 'The filing condition, if it is in force and of the class. Refuses with CT014.';
COMMENT ON FUNCTION city.add_move IS 'Adds an event to the history of a case that is locked and folds it into the row.';
COMMENT ON FUNCTION city.move_case IS 'Makes a move in a case of that version and answers with its new version, event, state, deadline and due_at; the same again for a repeated request_id. Refuses with CT004 and CT010 to CT017 (docs/closed_loop.md).';
