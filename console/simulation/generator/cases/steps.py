"""The moves of the closed loop in the order in which a case can meet them.

A history is a table of steps × cases: when each step was taken, or that it was not. What a step is called in the
database and which state it leads to stands here; the sequence of one case is the steps that it has taken, in order.
"""

from __future__ import annotations

from enum import IntEnum, auto

MOVES = (
    "report", "order_verify", "verify", "accept", "refuse", "file", "cancel", "dispatch", "department_accept",
    "dispose", "feed_back", "order_check", "check", "rework", "return", "request_extension", "extend",
    "refuse_request", "suspend", "resume", "overdue", "supervise", "close", "force_close", "merge", "appeal",
    "review_appeal", "decide_appeal", "assess",
)  # fmt: skip
"""Labels of ``city.case_move`` that the history uses."""

STATES = (
    "reported", "pending_verify", "pending_register", "pending_dispatch", "pending_handle", "handling", "suspended",
    "handle_finish", "pending_check", "checking", "check_not_pass", "pending_close", "returned",
    "closed", "forced_close", "cancelled", "not_accepted", "assessed",
)  # fmt: skip
"""Labels of ``city.case_state`` in its order; from ``closed`` on a case has ended."""
CLOSED = STATES.index("closed")

STAGE_LIMIT_MINUTES = {
    "reported": 15,
    "pending_verify": 30,
    "pending_register": 15,
    "pending_dispatch": 15,
    "returned": 15,
    "handle_finish": 15,
    "pending_check": 15,
    "checking": 30,
    "check_not_pass": 15,
    "pending_close": 15,
}
"""Natural minutes that the centre gives itself for what a state waits for (Yuncheng: accept, dispatch and close 15,
verify and check 30); the states of a department wait for the disposal limit."""


class Step(IntEnum):
    """A step of the closed loop; the number is its row in a history."""

    REPORT = 0
    ACCEPT = auto()
    ORDER_VERIFY = auto()
    VERIFY = auto()
    REFUSE = auto()
    MERGE = auto()
    FILE = auto()
    CANCEL = auto()
    DISPATCH = auto()
    RETURN = auto()
    DISPATCH_AGAIN = auto()
    TAKE = auto()
    SUPERVISE = auto()
    REQUEST_EXTENSION = auto()
    EXTEND = auto()
    REFUSE_EXTENSION = auto()
    SUSPEND = auto()
    RESUME = auto()
    FORCE_CLOSE = auto()
    OVERDUE = auto()
    DISPOSE = auto()
    FEED_BACK = auto()
    ORDER_CHECK = auto()
    CHECK = auto()
    REWORK = auto()
    TAKE_AGAIN = auto()
    DISPOSE_AGAIN = auto()
    FEED_BACK_AGAIN = auto()
    ORDER_CHECK_AGAIN = auto()
    CHECK_AGAIN = auto()
    CLOSE = auto()
    APPEAL = auto()
    REVIEW_APPEAL = auto()
    DECIDE_APPEAL = auto()


# What each step is called and the state that it leads to. A check that is not passed leads to check_not_pass instead;
# the mark of being overdue leaves the case where it is.
_MEANING = {
    Step.REPORT: ("report", "reported"),
    Step.ACCEPT: ("accept", "pending_register"),
    Step.ORDER_VERIFY: ("order_verify", "pending_verify"),
    Step.VERIFY: ("verify", "pending_register"),
    Step.REFUSE: ("refuse", "not_accepted"),
    Step.MERGE: ("merge", "not_accepted"),
    Step.FILE: ("file", "pending_dispatch"),
    Step.CANCEL: ("cancel", "cancelled"),
    Step.DISPATCH: ("dispatch", "pending_handle"),
    Step.RETURN: ("return", "returned"),
    Step.DISPATCH_AGAIN: ("dispatch", "pending_handle"),
    Step.TAKE: ("department_accept", "handling"),
    Step.SUPERVISE: ("supervise", "handling"),
    Step.REQUEST_EXTENSION: ("request_extension", "handling"),
    Step.EXTEND: ("extend", "handling"),
    Step.REFUSE_EXTENSION: ("refuse_request", "handling"),
    Step.SUSPEND: ("suspend", "suspended"),
    Step.RESUME: ("resume", "handling"),
    Step.FORCE_CLOSE: ("force_close", "forced_close"),
    Step.OVERDUE: ("overdue", "handling"),
    Step.DISPOSE: ("dispose", "handle_finish"),
    Step.FEED_BACK: ("feed_back", "pending_check"),
    Step.ORDER_CHECK: ("order_check", "checking"),
    Step.CHECK: ("check", "pending_close"),
    Step.REWORK: ("rework", "pending_handle"),
    Step.TAKE_AGAIN: ("department_accept", "handling"),
    Step.DISPOSE_AGAIN: ("dispose", "handle_finish"),
    Step.FEED_BACK_AGAIN: ("feed_back", "pending_check"),
    Step.ORDER_CHECK_AGAIN: ("order_check", "checking"),
    Step.CHECK_AGAIN: ("check", "pending_close"),
    Step.CLOSE: ("close", "closed"),
    Step.APPEAL: ("appeal", "closed"),
    Step.REVIEW_APPEAL: ("review_appeal", "closed"),
    Step.DECIDE_APPEAL: ("decide_appeal", "closed"),
}
MOVE_OF_STEP = tuple(MOVES.index(_MEANING[step][0]) for step in Step)
STATE_OF_STEP = tuple(STATES.index(_MEANING[step][1]) for step in Step)
