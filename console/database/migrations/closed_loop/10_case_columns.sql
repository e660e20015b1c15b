-- What cases and their histories must hold for the whole closed loop.

-- The vocabulary of moves, anew: PostgreSQL cannot use a label in the transaction that adds it to a type.
ALTER TYPE city.case_move RENAME TO case_move_before;
CREATE TYPE city.case_move AS ENUM (
    'report', 'amend', 'order_verify', 'verify', 'accept', 'refuse', 'merge', 'file', 'cancel', 'dispatch', 'return',
    'department_accept', 'assign', 'revoke_assign', 'request_extension', 'request_suspension', 'endorse', 'extend',
    'refuse_request', 'refuse_extension', 'suspend', 'resume', 'overdue', 'dispose', 'feed_back', 'order_check', 'check',
    'rework', 'close', 'force_close', 'reopen', 'urge', 'supervise', 'reply', 'appeal', 'review_appeal', 'decide_appeal',
    'assess'
);
-- What the way down has kept of the moves that it did not know comes back.
ALTER TABLE city.case_event
    ALTER COLUMN move TYPE city.case_move USING coalesce(detail ->> 'was', move::text)::city.case_move,
    ALTER COLUMN detail TYPE jsonb USING nullif(detail - 'was', '{}'),
    ADD COLUMN request_id uuid;
DROP TYPE city.case_move_before;
CREATE UNIQUE INDEX case_event_request ON city.case_event (request_id) WHERE request_id IS NOT NULL;

CREATE TYPE city.case_request AS ENUM ('extension', 'suspension', 'appeal');

-- Minutes used up are exact to the microsecond only in double precision. A view stands in the way: it is put back as it was.
DO $$
DECLARE
    definition text := pg_get_viewdef('city.case_fact');
    words text := obj_description('city.case_fact'::regclass, 'pg_class');
    columns jsonb := (
        SELECT jsonb_object_agg(attname, col_description(attrelid, attnum)) FROM pg_attribute
        WHERE attrelid = 'city.case_fact'::regclass AND attnum > 0
    );
    described record;
BEGIN
    DROP VIEW city.case_fact;
    ALTER TABLE city.case_file ALTER COLUMN consumed_minutes TYPE double precision;
    EXECUTE 'CREATE VIEW city.case_fact AS ' || definition;
    EXECUTE format('COMMENT ON VIEW city.case_fact IS %L', words);
    FOR described IN SELECT * FROM jsonb_each_text(columns) AS t (name, words) LOOP
        EXECUTE format('COMMENT ON COLUMN city.case_fact.%I IS %L', described.name, described.words);
    END LOOP;
END $$;

ALTER TABLE city.case_file
    ADD COLUMN limit_unit city.limit_unit,
    ADD COLUMN proposed_condition_id integer REFERENCES city.filing_condition,
    ADD COLUMN proposed_department_id smallint REFERENCES city.department,
    ADD COLUMN assignee_id integer REFERENCES city.staff,
    ADD COLUMN inspector_id integer REFERENCES city.staff,
    ADD COLUMN request city.case_request,
    ADD COLUMN request_to city.role,
    ADD COLUMN request_until date,
    ADD COLUMN suspensions smallint NOT NULL DEFAULT 0 CHECK (suspensions BETWEEN 0 AND 1),
    ADD COLUMN awaits_reply boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT request_has_addressee CHECK ((request IS NULL) = (request_to IS NULL)),
    ADD CONSTRAINT suspended_until_a_day CHECK (suspended_until IS NULL OR state = 'suspended');

-- Cases of before keep the clock of their condition. Their histories knew fewer rules and are not held to these.
ALTER TABLE city.case_file DISABLE TRIGGER USER;
UPDATE city.case_file AS f SET limit_unit = c.limit_unit
FROM city.filing_condition AS c WHERE c.id = f.condition_id AND f.dispatched_at IS NOT NULL;
UPDATE city.case_file SET suspensions = 1
WHERE id IN (SELECT case_id FROM city.case_event WHERE move = 'suspend');
ALTER TABLE city.case_file ENABLE TRIGGER USER;
INSERT INTO city.setting (name, value, assumed, source)
SELECT 'closed_loop_from', to_jsonb(max(id) + 1), false, 'project' FROM city.case_file HAVING max(id) IS NOT NULL
ON CONFLICT (name) DO NOTHING;

CREATE INDEX case_file_inspector ON city.case_file (inspector_id, zone_id) WHERE inspector_id IS NOT NULL;

ALTER TABLE city.staff ADD COLUMN is_lead boolean NOT NULL DEFAULT false;

-- Nothing here is secret to those who see the case.
GRANT SELECT (
    limit_unit, proposed_condition_id, proposed_department_id, assignee_id, inspector_id, request, request_to, request_until,
    suspensions, awaits_reply
) ON city.case_file TO department, engineer, supervisor, inspector;

COMMENT ON TYPE city.case_move IS 'What was done to a case: one word for each move that a row of case_event records; overdue and resume also by the keeper. refuse_extension only occurs in old histories.';
COMMENT ON TYPE city.case_request IS 'What a department may ask for: extension 延期, suspension 挂账, appeal 申诉.';
COMMENT ON COLUMN city.case_event.request_id IS 'Given by whoever makes the move: repeated with the same one it is not made twice.';
COMMENT ON COLUMN city.case_file.limit_unit IS 'Unit of the disposal limit, as dispatched: decides when the clock runs.';
COMMENT ON COLUMN city.case_file.proposed_condition_id IS 'Filing condition that the acceptor proposes, until the case is filed.';
COMMENT ON COLUMN city.case_file.proposed_department_id IS 'Department that the acceptor proposes, until the case is dispatched.';
COMMENT ON COLUMN city.case_file.assignee_id IS 'Member of the department to whom the case is assigned.';
COMMENT ON COLUMN city.case_file.inspector_id IS 'Inspector who was asked to look; empty when the whole team of the zone was.';
COMMENT ON COLUMN city.case_file.request IS 'What the department asks for and nobody has answered yet.';
COMMENT ON COLUMN city.case_file.request_to IS 'Role that must answer the request: department for the head of the unit.';
COMMENT ON COLUMN city.case_file.request_until IS 'Last day on account that is asked for.';
COMMENT ON COLUMN city.case_file.suspensions IS 'How often it was on account: once a case at most.';
COMMENT ON COLUMN city.case_file.awaits_reply IS 'Whether the department still owes the supervisor a reply.';
COMMENT ON COLUMN city.staff.is_lead IS 'Whether the person leads the unit: endorses its requests and may dispose of what is assigned to others.';
COMMENT ON COLUMN city.case_file.consumed_minutes IS 'Minutes of the disposal limit used up before running_since, in the clock of its unit, exact to the microsecond.';
