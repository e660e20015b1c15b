"""What waits at a desk: how many cases in each of its queues, and how urgent they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, func, or_, select

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
    late = CASE.c.due_at <= moment
    soon = and_(CASE.c.warn_at <= moment, CASE.c.due_at > moment)
    presets = [preset for preset in presets_of(role) if preset is not Preset.ALL]
    counts = []
    for preset in presets:
        here = preset_conditions(preset, role, now, CASE)
        counts += [
            func.count().filter(*here),
            func.count().filter(*here, soon),
            func.count().filter(*here, late),
        ]
    in_hand = or_(CASE.c.is_open, CASE.c.request_to.is_not(None))
    row = connection.execute(select(*(c.label(f"n{i}") for i, c in enumerate(counts))).where(in_hand)).one()
    return {preset: Waiting(*row[3 * place : 3 * place + 3]) for place, preset in enumerate(presets)}
