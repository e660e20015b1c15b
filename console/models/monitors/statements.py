"""What monitors say: an alarm is to be raised or is over, and which points mean nothing for now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from console.models.alarms.rules import AlarmRule
    from console.models.monitors.delays import Delays, Turns


@dataclass(frozen=True)
class Statement:
    """The condition of a kind of alarm holds at a point, in this grade, or is over.

    Attributes:
        kind: of alarm.
        subject_id: truck or sensor.
        rule: the worst that holds; None when it is over.
        at: when that was known, seconds since 1970.
        since: when the run of positions or readings began that decided it.
        value, limit: what was measured and what it broke, in the unit of the rule.
        x, y: where; EPSG:4546.
        detail: further values.
        subject: ``vehicle`` or ``sensor``.
    """

    kind: str
    subject_id: int
    rule: AlarmRule | None
    at: float
    since: float
    value: float | None = None
    limit: float | None = None
    x: float | None = None
    y: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    subject: str = "vehicle"


@dataclass(frozen=True)
class Held:
    """Alarms of a kind at a point are held back by design, or are so no more.

    Attributes:
        reason: why; empty when they are no more.
        subject: ``vehicle`` or ``sensor``.
    """

    kind: str
    subject_id: int
    is_on: bool
    reason: str = ""
    subject: str = "vehicle"


class Grades:
    """The rules of each kind by grade.

    Args:
        rules: rows of the conditions.
    """

    def __init__(self, rules: Sequence[AlarmRule]) -> None:
        self.rows: dict[str, list[int]] = {}
        self._kind = [rule.kind for rule in rules]
        for row in sorted(range(len(rules)), key=lambda one: rules[one].grade):
            self.rows.setdefault(rules[row].kind, []).append(row)

    def worst(self, kind: str, holds: NDArray[np.bool_]) -> int | None:
        """Row of the worst rule of a kind that holds, of one point; None when none does."""
        return next((row for row in reversed(self.rows[kind]) if holds[row]), None)

    def changed(
        self, delays: Delays, turns: Turns, points: NDArray[np.int64]
    ) -> Iterator[tuple[str, int, int | None, float]]:
        """(kind, column, row of the worst rule that holds now, since) where that has changed by `turns`."""
        since: dict[tuple[str, int], tuple[float, NDArray[np.bool_]]] = {}
        for rule, column, held, begun in zip(
            turns.rule.tolist(), turns.column.tolist(), turns.holds.tolist(), turns.since.tolist(), strict=True
        ):
            key = self._kind[rule], column
            if key not in since:
                since[key] = begun, delays.holds[:, points[column]].copy()
            since[key][1][rule] = not held
        for (kind, column), (begun, before) in since.items():
            now = self.worst(kind, delays.holds[:, points[column]])
            if now != self.worst(kind, before):
                yield kind, column, now, begun
