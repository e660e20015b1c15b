-- Moves that the older vocabulary lacks stay in their places of the history as “urge”, with what they were in the detail.
ALTER TYPE city.case_move RENAME TO case_move_after;
CREATE TYPE city.case_move AS ENUM (
    'report', 'order_verify', 'verify', 'accept', 'refuse', 'file', 'cancel', 'dispatch', 'department_accept', 'assign',
    'dispose', 'feed_back', 'order_check', 'check', 'rework', 'return', 'request_extension', 'extend', 'refuse_extension',
    'suspend', 'resume', 'urge', 'supervise', 'close', 'force_close', 'reopen', 'merge', 'appeal', 'decide_appeal', 'assess'
);
ALTER TABLE city.case_event
    DROP COLUMN request_id,
    ALTER COLUMN move TYPE city.case_move USING CASE
        WHEN move::text = ANY (enum_range(NULL::city.case_move)::text[]) THEN move::text ELSE 'urge' END::city.case_move,
    ALTER COLUMN detail TYPE jsonb USING CASE
        WHEN move::text = ANY (enum_range(NULL::city.case_move)::text[]) THEN detail
        ELSE coalesce(detail, '{}') || jsonb_build_object('was', move) END;
DROP TYPE city.case_move_after;
COMMENT ON TYPE city.case_move IS 'What was done to a case: one word for each move that a row of case_event records.';

ALTER TABLE city.staff DROP COLUMN is_lead;
ALTER TABLE city.case_file
    DROP CONSTRAINT suspended_until_a_day,
    DROP COLUMN limit_unit, DROP COLUMN proposed_condition_id, DROP COLUMN proposed_department_id, DROP COLUMN assignee_id,
    DROP COLUMN inspector_id, DROP COLUMN request, DROP COLUMN request_to, DROP COLUMN request_until,
    DROP COLUMN suspensions, DROP COLUMN awaits_reply;
DROP TYPE city.case_request;
-- Minutes stay in double precision, which the older program reads as well.
COMMENT ON COLUMN city.case_file.consumed_minutes IS 'Minutes of the limit that were used before running_since.';
