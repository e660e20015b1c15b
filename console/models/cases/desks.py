"""What waits at a desk: how many cases in each of its queues, and how urgent they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, func, or_, select, true

from console.models.cases.filters import CASE
from console.models.cases.presets import Preset, preset_conditions, presets_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


class Waiting(NamedTuple):
    """What waits in one queue.

    Attributes:
        cases: how many.
        soon: of these, those that have used 80 % of the time for their present step; `overdue` those past it.
    """

    cases: int
    soon: int
    overdue: int


def preset_counts(connection: Connection, role: str, *, now: datetime | None = None) -> dict[Preset, Waiting]:
    """What waits in each queue of a role's desk but `Preset.ALL`, in one question over the cases in hand."""
    moment = func.now() if now is None else now
    presets = [preset for preset in presets_of(role) if preset is not Preset.ALL]
    late = CASE.c.due_at <= moment
    soon = and_(CASE.c.warn_at <= moment, CASE.c.due_at > moment)
    marks = [and_(true(), *preset_conditions(preset, role, now, CASE)) for preset in presets]
    in_hand = or_(CASE.c.is_open, CASE.c.request_to.is_not(None))
    # Each case in hand is judged once, whatever is counted of it then.
    judged = select(late.label("late"), soon.label("soon"), *(mark.label(f"m{i}") for i, mark in enumerate(marks)))
    desk = judged.where(in_hand).cte("desk").prefix_with("MATERIALIZED")
    counts = []
    for place in range(len(presets)):
        here = desk.c[f"m{place}"]
        counts += [
            func.count().filter(here),
            func.count().filter(here, desk.c.soon),
            func.count().filter(here, desk.c.late),
        ]
    row = connection.execute(select(*(c.label(f"n{i}") for i, c in enumerate(counts))).select_from(desk)).one()
    return {preset: Waiting(*row[3 * place : 3 * place + 3]) for place, preset in enumerate(presets)}
