"""Many alarms of one cause: when a line fails, everything behind it falls silent at once, and that is one alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.models.alarms.rules import AlarmRule


class Flood:
    """Points that fall silent together.

    A group begins when as many points as the rule's set point have fallen silent within ``within_s`` of its scope. The
    first of them (first-out) names it; all of them belong to it until they speak again, and later ones join. It ends
    when no more than the clear point are left.

    Args:
        rule: of the group; None when it is not in force, so that nothing is ever grouped.
        points: how many there are.
    """

    def __init__(self, rule: AlarmRule | None, points: int) -> None:
        self._rule = rule
        self.members = np.zeros(points, bool)
        self.first = -1

    @property
    def stands(self) -> bool:
        """Whether there is a group."""
        return self.first >= 0

    def look(self, silent: NDArray[np.bool_], since: NDArray[np.float64]) -> tuple[list[int], list[int]]:
        """Judge who is silent now, and since when; returns (points that have joined, points that have left)."""
        before = self.members.copy()
        if self._rule is None:
            self.members[:] = False
        elif self.stands:
            self.members = silent & (before | (since >= since[self.first]))
        else:
            self.members = _together(self._rule, silent, since)
        if self.stands and (self._rule is None or self.members.sum() <= (self._rule.clear_point or 0)):
            self.members[:] = False
            self.first = -1
        elif not self.stands and self.members.any():
            self.first = int(np.flatnonzero(self.members)[np.argmin(since[self.members])])
        return np.flatnonzero(self.members & ~before).tolist(), np.flatnonzero(before & ~self.members).tolist()


def _together(rule: AlarmRule, silent: NDArray[np.bool_], since: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The largest set of points that fell silent within the time of the rule, if it is large enough."""
    nobody = np.zeros(len(silent), bool)
    moments = np.sort(since[silent])
    if len(moments) < (rule.set_point or 0):
        return nobody
    within = float(rule.scope["within_s"])
    counts = np.searchsorted(moments, moments + within, side="right") - np.arange(len(moments))
    if counts.max() < (rule.set_point or 0):
        return nobody
    begin = moments[int(counts.argmax())]
    together: NDArray[np.bool_] = silent & (since >= begin) & (since <= begin + within)
    return together
