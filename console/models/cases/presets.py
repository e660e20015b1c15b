"""The queues that the desks work through: what waits for whom, by role.

Whose turn it is follows from the table of moves in the database (view ``city.case_turn``); what is one's own of it is
answered by ``city.my_cases``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import column, func, or_, select, table, tuple_

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, FromClause

_TURN = table("case_turn", column("role"), column("mode"), column("state"), schema="city")


class Preset(StrEnum):
    """The queues that a desk works through; `ALL` is the whole history.

    `MINE` is what waits for whoever asks in person, `POST` what waits for his role; `REQUESTS` the departments'
    requests that the role answers (extension, suspension, appeal); `REWORKED` what came back to a department after a
    check; `REPORTED` what whoever asks has reported himself.
    """

    TO_ACCEPT = "to_accept"
    TO_VERIFY = "to_verify"
    TO_FILE = "to_file"
    TO_DISPATCH = "to_dispatch"
    TO_TAKE_ON = "to_take_on"
    HANDLING = "handling"
    TO_FEED_BACK = "to_feed_back"
    TO_ORDER_CHECK = "to_order_check"
    CHECKING = "checking"
    FAILED = "failed"
    TO_CLOSE = "to_close"
    SUSPENDED = "suspended"
    MINE = "mine"
    POST = "post"
    REQUESTS = "requests"
    REWORKED = "reworked"
    SUPERVISED = "supervised"
    REPORTED = "reported"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    OPEN = "open"
    ALL = "all"


PRESET_STATES: Mapping[Preset, tuple[str, ...]] = {
    Preset.TO_ACCEPT: ("reported",),
    Preset.TO_VERIFY: ("pending_verify",),
    Preset.TO_FILE: ("pending_register",),
    Preset.TO_DISPATCH: ("pending_dispatch", "returned"),
    Preset.TO_TAKE_ON: ("pending_handle",),
    Preset.HANDLING: ("handling",),
    Preset.TO_FEED_BACK: ("handle_finish",),
    Preset.TO_ORDER_CHECK: ("pending_check",),
    Preset.CHECKING: ("checking",),
    Preset.FAILED: ("check_not_pass",),
    Preset.TO_CLOSE: ("pending_close",),
    Preset.SUSPENDED: ("suspended",),
}
"""States in which a case waits in each queue (domain: state machine of the Yuncheng system); each in one of them."""

_LIGHTS = (Preset.OVERDUE, Preset.DUE_SOON, Preset.OPEN, Preset.ALL)
_EVERY_STAGE = (Preset.OPEN, *PRESET_STATES, Preset.SUPERVISED, Preset.OVERDUE, Preset.DUE_SOON, Preset.ALL)
DESKS: Mapping[str, tuple[Preset, ...]] = {
    "acceptor": (
        Preset.TO_ACCEPT,
        Preset.TO_VERIFY,
        Preset.TO_ORDER_CHECK,
        Preset.FAILED,
        Preset.REQUESTS,
        Preset.MINE,
        Preset.POST,
        *_LIGHTS,
    ),
    "shift_leader": (
        Preset.TO_FILE,
        Preset.TO_CLOSE,
        Preset.TO_ACCEPT,
        Preset.SUPERVISED,
        Preset.MINE,
        Preset.POST,
        *_LIGHTS,
    ),
    "dispatcher": (
        Preset.TO_DISPATCH,
        Preset.REQUESTS,
        Preset.TO_FEED_BACK,
        Preset.FAILED,
        Preset.SUSPENDED,
        Preset.MINE,
        Preset.POST,
        *_LIGHTS,
    ),
    "department": (
        Preset.TO_TAKE_ON,
        Preset.HANDLING,
        Preset.REWORKED,
        Preset.SUPERVISED,
        Preset.REQUESTS,
        Preset.MINE,
        Preset.SUSPENDED,
        *_LIGHTS,
    ),
    "inspector": (Preset.TO_VERIFY, Preset.CHECKING, Preset.REPORTED, Preset.MINE, *_LIGHTS),
}
"""The queues of each role in the order of its work; the first one is its inbox."""


def presets_of(role: str) -> tuple[Preset, ...]:
    """The queues of a role; a role that moves no cases day by day looks at all stages."""
    return DESKS.get(role, _EVERY_STAGE)


def preset_conditions(preset: Preset, role: str, now: datetime | None, case: FromClause) -> list[ColumnElement[bool]]:
    """What must hold of a row of `case` in this queue of a role; without a role of any role.

    `now` decides lights; None is the database's clock.
    """
    moment = func.now() if now is None else now
    is_open: ColumnElement[bool] = case.c.is_open
    if preset in PRESET_STATES:
        return [is_open, case.c.state.in_(PRESET_STATES[preset])]
    found: Mapping[Preset, list[ColumnElement[bool]]] = {
        Preset.MINE: [is_open, case.c.id.in_(select(func.city.my_cases()))],
        Preset.POST: [is_open, _is_turn(role, case)],
        Preset.REQUESTS: [_is_asked(role, case)],
        Preset.REWORKED: [is_open, case.c.reworks > 0, case.c.state.in_(("pending_handle", "handling"))],
        Preset.SUPERVISED: [is_open, case.c.is_supervised],
        Preset.REPORTED: [is_open, case.c.reporter_id == select(func.city.current_staff_id()).scalar_subquery()],
        Preset.DUE_SOON: [is_open, case.c.warn_at <= moment, case.c.due_at > moment],
        Preset.OVERDUE: [is_open, case.c.due_at <= moment],
        Preset.OPEN: [is_open],
        Preset.ALL: [],
    }
    return found[preset]


def _is_turn(role: str, case: FromClause) -> ColumnElement[bool]:
    turns = select(_TURN.c.mode, _TURN.c.state)
    if role:
        turns = turns.where(_TURN.c.role == role)
    return or_(tuple_(case.c.mode, case.c.state).in_(turns), _is_asked(role, case))


def _is_asked(role: str, case: FromClause) -> ColumnElement[bool]:
    return case.c.request_to == role if role else case.c.request_to.is_not(None)
