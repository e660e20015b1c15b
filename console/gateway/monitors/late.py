"""Positions that come after their turn: what a truck did where there was no signal is judged once it is known.

The truck's way from before the gap to after it is judged again by itself, from the recorded positions. What it shows
within the gap, and was not told at the time, is raised and, where it is over, returned at the times at which it was so.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from console.models.monitors import sink, source
from console.models.monitors.episodes import episodes
from console.models.monitors.statements import Statement
from console.models.monitors.trucks import Trucks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from console.models.alarms import AlarmRule
    from console.models.monitors.fixes import Fixes

BEFORE, AFTER = timedelta(minutes=30), timedelta(minutes=2)
"""How much of the way around the gap is judged with it."""
OLDEST = timedelta(days=2)
"""What comes later than this joins the history alone, as trips and mileage do."""
OF_NOW = ("terminal_silent", "terminals_silent", "position_jump")
"""Kinds that say something of the present alone."""


class Late:
    """Gaps that have been filled and are to be judged: from and to when, of each truck."""

    def __init__(self) -> None:
        self._gaps: dict[int, tuple[float, float]] = {}

    def note(self, late: Fixes) -> None:
        """Remember that these have come late."""
        for vehicle, at in zip(late.vehicle_id.tolist(), late.at.tolist(), strict=True):
            begin, end = self._gaps.get(vehicle, (at, at))
            self._gaps[vehicle] = min(begin, at), max(end, at)

    def state(self) -> dict[str, NDArray[Any]]:
        """The gaps, for a later run."""
        return {"gaps": np.array([[vehicle, *gap] for vehicle, gap in self._gaps.items()], float).reshape(-1, 3)}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from there."""
        self._gaps = {int(vehicle): (begin, end) for vehicle, begin, end in state["gaps"].tolist()}

    def judge(self, connection: Connection, trucks: Trucks, rules: Sequence[AlarmRule], now: float) -> list[Statement]:
        """What the gaps show that nobody was told; they are done then."""
        said: list[Statement] = []
        standing = {(kind, vehicle) for kind, vehicle, _rule in trucks.standing()}
        by = [rule for rule in rules if rule.subject == "vehicle" and rule.kind not in OF_NOW]
        for vehicle, (begin, end) in self._gaps.items():
            if _moment(now) - _moment(begin) > OLDEST:
                continue
            recorded = source.fixes_between(connection, _moment(begin) - BEFORE, _moment(end) + AFTER, [vehicle])
            judge = Trucks(by, trucks.ground, trucks.vehicle_ids, begin)
            for one in episodes(judge.judge(recorded)[0]):
                ended = one.ended if one.ended is not None else end
                if one.raised > end or ended < begin or (one.worst.kind, vehicle) in standing:
                    continue
                if sink.was_told(connection, one.worst.kind, vehicle, one.raised - AFTER.total_seconds(), ended):
                    continue
                over = Statement(one.worst.kind, vehicle, None, ended, ended)
                said += [one.worst, over]
        self._gaps.clear()
        return said


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
