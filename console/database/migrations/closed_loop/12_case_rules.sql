-- Which move may be made where, by whom and with what: the table of docs/closed_loop.md, one row for each mode, move and
-- state. Whoever wants to know what is possible reads it; nobody edits it.
CREATE TABLE city.case_rule (
    mode city.case_mode NOT NULL,
    move city.case_move NOT NULL,
    from_state city.case_state NOT NULL,
    to_state city.case_state NOT NULL,
    else_state city.case_state,
    roles city.role[] NOT NULL,
    by_lead boolean NOT NULL DEFAULT false,
    by_keeper boolean NOT NULL DEFAULT false,
    given text[] NOT NULL DEFAULT '{}',
    requires text[] NOT NULL DEFAULT '{}',
    takes text[] NOT NULL DEFAULT '{}',
    duty text CHECK (duty IN ('centre', 'unit')),
    PRIMARY KEY (mode, move, from_state)
);

DO $$
DECLARE
    looped city.case_mode[] := '{closed_loop,simple}';
    every city.case_mode[] := enum_range(NULL::city.case_mode);
    desk city.role[] := '{acceptor,shift_leader}';
    unfiled city.case_state[] := '{reported,pending_verify,pending_register}';
    in_hand city.case_state[] := '{pending_dispatch,returned,pending_handle,handling}';
    dispatched city.case_state[] := in_hand || '{suspended,handle_finish,pending_check,checking,check_not_pass,pending_close}'::city.case_state[];
    ended city.case_state[] := '{closed,forced_close}';
    described text[] := '{class,address,description,level,place,component}';
BEGIN
    -- A state that is empty is the one that the case is in.
    INSERT INTO city.case_rule (mode, move, from_state, to_state, else_state, roles, given, requires, takes, duty)
    SELECT mode, r.move::city.case_move, from_state, coalesce(r.to_state::city.case_state, from_state),
        r.else_state::city.case_state, r.roles::city.role[], r.given::text[], r.requires::text[], r.takes::text[], r.duty
    FROM (VALUES
        (every, 'amend', '{reported}'::city.case_state[], NULL, NULL, desk, '{}', '{}', described, NULL),
        (looped, 'amend', '{pending_verify,pending_register}', NULL, NULL, desk, '{}', '{}', described, NULL),
        (looped, 'order_verify', '{reported}', 'pending_verify', NULL, desk, '{}', '{class}', '{staff}', NULL),
        (looped, 'verify', '{pending_verify}', 'pending_register', 'not_accepted', '{inspector}', '{}', '{passed}', '{}', NULL),
        (looped, 'accept', '{reported}', 'pending_register', NULL, desk, '{}', '{class}', '{condition,department}', NULL),
        (every, 'refuse', '{reported}', 'not_accepted', NULL, desk, '{}', '{opinion}', '{}', NULL),
        (looped, 'refuse', '{pending_register}', 'not_accepted', NULL, desk, '{}', '{opinion}', '{}', NULL),
        (every, 'merge', '{reported}', 'not_accepted', NULL, desk, '{}', '{other_case}', '{}', NULL),
        (looped, 'merge', '{pending_register}', 'not_accepted', NULL, desk, '{}', '{other_case}', '{}', NULL),
        ('{closed_loop}', 'file', '{pending_register}', 'pending_dispatch', NULL, '{shift_leader}', '{}', '{condition}', '{}', 'centre'),
        ('{simple}', 'file', '{pending_register}', 'pending_dispatch', NULL, desk, '{}', '{condition}', '{}', 'centre'),
        ('{closed_loop}', 'dispatch', '{pending_dispatch,returned}', 'pending_handle', NULL, '{dispatcher}', '{}', '{department}', '{}', NULL),
        ('{simple}', 'dispatch', '{pending_dispatch,returned}', 'pending_handle', NULL, desk || '{dispatcher}', '{}', '{department}', '{}', NULL),
        (looped, 'return', '{pending_dispatch,returned}', 'pending_register', NULL, '{dispatcher}', '{}', '{opinion}', '{}', NULL),
        (looped, 'return', '{pending_handle,handling}', 'returned', NULL, '{department}', '{unassigned}', '{opinion}', '{}', 'unit'),
        (looped, 'return', '{pending_check}', 'handle_finish', NULL, '{acceptor}', '{}', '{opinion}', '{}', NULL),
        (looped, 'department_accept', '{pending_handle}', 'handling', NULL, '{department}', '{}', '{}', '{}', 'unit'),
        (looped, 'assign', '{handling}', NULL, NULL, '{department}', '{}', '{staff}', '{}', 'unit'),
        (looped, 'revoke_assign', '{handling}', NULL, NULL, '{department}', '{assigned}', '{}', '{}', 'unit'),
        (looped, 'request_extension', '{handling}', NULL, NULL, '{department}', '{no_request,extendable,not_overdue}', '{opinion}', '{}', 'unit'),
        (looped, 'request_suspension', '{handling}', NULL, NULL, '{department}', '{no_request,never_suspended}', '{opinion,until}', '{}', 'unit'),
        (looped, 'endorse', '{handling}', NULL, NULL, '{department}', '{extension_asked}', '{}', '{}', 'unit'),
        (looped, 'extend', '{handling}', NULL, NULL, '{dispatcher}', '{extension_endorsed,extendable,not_overdue}', '{}', '{}', NULL),
        (looped, 'suspend', '{handling}', 'suspended', NULL, '{dispatcher}', '{never_suspended}', '{until}', '{}', NULL),
        (looped, 'refuse_request', '{handling}', NULL, NULL, '{department,dispatcher}', '{request_asked}', '{opinion}', '{}', NULL),
        (looped, 'resume', '{suspended}', 'handling', NULL, '{dispatcher,department}', '{}', '{}', '{}', NULL),
        (looped, 'overdue', '{pending_handle,handling}', NULL, NULL, '{}', '{}', '{}', '{}', NULL),
        (looped, 'dispose', '{handling}', 'handle_finish', NULL, '{department}', '{mine}', '{opinion}', '{}', 'unit'),
        (looped, 'feed_back', '{handle_finish}', 'pending_check', NULL, '{dispatcher}', '{}', '{}', '{}', NULL),
        (looped, 'order_check', '{pending_check}', 'checking', NULL, '{acceptor}', '{}', '{}', '{staff}', NULL),
        (looped, 'check', '{checking}', 'pending_close', 'check_not_pass', '{inspector}', '{}', '{passed}', '{}', 'centre'),
        (looped, 'rework', '{check_not_pass}', 'pending_handle', NULL, '{acceptor,dispatcher}', '{}', '{opinion}', '{}', NULL),
        (looped, 'rework', '{handle_finish}', 'pending_handle', NULL, '{dispatcher}', '{}', '{opinion}', '{}', NULL),
        (looped, 'close', '{pending_close}', 'closed', NULL, '{shift_leader}', '{}', '{}', '{}', 'centre'),
        ('{simple}', 'close', '{handle_finish}', 'closed', NULL, desk, '{}', '{}', '{}', 'centre'),
        ('{self_handled,campaign}', 'close', '{reported}', 'closed', NULL, desk, '{}', '{class}', '{}', 'centre'),
        ('{direct_assess}', 'assess', '{reported}', 'assessed', NULL, desk, '{}', '{class,condition,department}', '{}', 'centre'),
        (looped, 'force_close', dispatched, 'forced_close', NULL, '{shift_leader,administrator}', '{}', '{opinion}', '{}', 'centre'),
        (looped, 'cancel', '{pending_register,suspended}' || in_hand, 'cancelled', NULL, '{shift_leader}', '{}', '{opinion}', '{}', 'centre'),
        (every, 'reopen', '{not_accepted}', 'reported', NULL, '{shift_leader}', '{}', '{opinion}', '{}', NULL),
        ('{self_handled,campaign}', 'reopen', '{closed}', 'reported', NULL, '{shift_leader}', '{}', '{opinion}', '{}', NULL),
        (looped, 'reopen', ended, 'pending_dispatch', NULL, '{shift_leader}', '{no_request}', '{opinion}', '{}', NULL),
        (looped, 'reopen', '{cancelled}', 'pending_dispatch', 'pending_register', '{shift_leader}', '{}', '{opinion}', '{}', NULL),
        (looped, 'urge', dispatched, NULL, NULL, desk[2:2] || '{dispatcher,supervisor}', '{}', '{opinion}', '{}', NULL),
        (every, 'supervise', '{reported}', NULL, NULL, '{shift_leader,supervisor}', '{}', '{opinion,kind}', '{}', NULL),
        (looped, 'supervise', unfiled[2:] || dispatched, NULL, NULL, '{shift_leader,supervisor}', '{}', '{opinion,kind}', '{}', NULL),
        (looped, 'reply', '{pending_handle,handling,suspended}', NULL, NULL, '{department}', '{supervised}', '{opinion}', '{}', NULL),
        (looped, 'appeal', ended, NULL, NULL, '{department}', '{overdue,never_appealed}', '{opinion}', '{}', 'unit'),
        (looped, 'review_appeal', ended, NULL, NULL, '{dispatcher}', '{appeal_asked}', '{passed}', '{}', NULL),
        (looped, 'decide_appeal', ended, NULL, NULL, '{acceptor}', '{appeal_reviewed}', '{passed}', '{}', NULL)
    ) AS r (modes, move, from_states, to_state, else_state, roles, given, requires, takes, duty)
    CROSS JOIN LATERAL unnest(r.modes) AS mode CROSS JOIN LATERAL unnest(r.from_states) AS from_state;
    UPDATE city.case_rule SET by_lead = true WHERE move = 'endorse';
    UPDATE city.case_rule SET by_keeper = true WHERE move IN ('overdue', 'resume');
END $$;

GRANT SELECT ON city.case_rule
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, gateway, administrator;

COMMENT ON TABLE city.case_rule IS 'Rules of the closed loop: which move may be made in which state, by whom, and what it requires. move_case obeys it; nobody edits it.';
COMMENT ON COLUMN city.case_rule.mode IS 'Mode of the cases to which the rule applies.';
COMMENT ON COLUMN city.case_rule.move IS 'Move that is allowed.';
COMMENT ON COLUMN city.case_rule.from_state IS 'State in which it is.';
COMMENT ON COLUMN city.case_rule.to_state IS 'State that it leads to.';
COMMENT ON COLUMN city.case_rule.else_state IS 'State that it leads to when a verification or check was not passed, or when a cancelled case had not been filed.';
COMMENT ON COLUMN city.case_rule.roles IS 'Roles that may make it; department and inspector only in cases of their own.';
COMMENT ON COLUMN city.case_rule.by_lead IS 'Whether only the head of the department may make it.';
COMMENT ON COLUMN city.case_rule.by_keeper IS 'Whether keep_cases makes it by itself when it is time.';
COMMENT ON COLUMN city.case_rule.given IS 'What must hold of the case besides, such as no_request or never_suspended.';
COMMENT ON COLUMN city.case_rule.requires IS 'Arguments of move_case that must be given; class only when the case has none yet.';
COMMENT ON COLUMN city.case_rule.takes IS 'Arguments of move_case that may be given; an opinion always may.';
COMMENT ON COLUMN city.case_rule.duty IS 'Side of the house whose duty it is, centre or unit: whoever acted for one in a case cannot act for the other (监管分离).';
