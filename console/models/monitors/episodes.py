"""What rules would have said of what is recorded: each time that a condition held, from its beginning to its end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from console.models.monitors.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.models.monitors.statements import Held


@dataclass(frozen=True)
class Episode:
    """One time that a kind of alarm would have stood.

    Attributes:
        worst: what was said when it was at its worst; the first of that grade.
        raised: when it was raised, seconds since 1970.
        ended: when it was over; None when it was not by the end.
    """

    worst: Statement
    raised: float
    ended: float | None = None


def episodes(said: Iterable[Statement | Held]) -> list[Episode]:
    """The episodes that statements, in the order of their times, tell; by their beginnings."""
    found: list[Episode] = []
    standing: dict[tuple[str, int], int] = {}
    for one in said:
        if not isinstance(one, Statement):
            continue
        point = one.kind, one.subject_id
        at = standing.get(point)
        if one.rule is None:
            if at is not None:
                found[at] = replace(found[at], ended=one.at)
                del standing[point]
        elif at is None:
            standing[point] = len(found)
            found.append(Episode(one, one.at))
        elif (rule := found[at].worst.rule) is not None and one.rule.grade > rule.grade:
            found[at] = replace(found[at], worst=one)
    return found
