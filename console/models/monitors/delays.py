"""When a condition holds: set point and clear point, with delays by time and by count (ISA-18.2, IEC 62682)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from console.models.alarms.rules import AlarmRule


@dataclass(frozen=True)
class Turns:
    """Conditions that begin or cease to hold, as parallel arrays.

    Attributes:
        rule: row of the rule.
        column: which of the values that were judged.
        holds: whether it holds now.
        since: when the run of values began that decided it, seconds since 1970.
    """

    rule: NDArray[np.int64]
    column: NDArray[np.int64]
    holds: NDArray[np.bool_]
    since: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.rule)


class Delays:
    """Conditions of several rules at many points.

    A condition begins to hold when its value is at or above the set point for as many values in a row, and as many
    seconds, as the rule says; it is over when the value is at or below the clear point likewise. Between the two lies
    the dead-band, which ends a run of either kind. NaN says nothing and leaves everything as it is; -inf says that the
    rule does not apply here, which counts as over.

    Attributes:
        rules: what decides; the rows of all arrays.
        set_point, clear_point: of each rule at each point; points may have their own.
        holds: whether each condition holds.
    """

    def __init__(self, rules: Sequence[AlarmRule], points: int) -> None:
        self.rules = tuple(rules)
        self._on_delay = _column([rule.on_delay_s or 0 for rule in rules])
        self._off_delay = _column([rule.off_delay_s or 0 for rule in rules])
        self._on_count = _column([rule.on_count for rule in rules])
        self._off_count = _column([rule.off_count for rule in rules])
        shape = len(rules), points
        self.set_point = np.tile(_column([rule.set_point or 0.0 for rule in rules]), points)
        self.clear_point = np.tile(_column([rule.clear_point or 0.0 for rule in rules]), points)
        self.holds = np.zeros(shape, bool)
        self._since = np.full(shape, np.nan)
        self._count = np.zeros(shape)

    def is_at_rest(self, values: NDArray[np.float64], point: int) -> bool:
        """Whether one value of each rule at a point changes nothing there: no condition holds or is on its way."""
        under_way = self.holds[:, point].any() or self._count[:, point].any()
        return not (under_way or (values >= self.set_point[:, point]).any())

    def is_on_its_way(self, rule: int, points: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Where the condition of a rule (row) does not hold yet but has begun to."""
        under_way: NDArray[np.bool_] = ~self.holds[rule, points] & (self._count[rule, points] > 0)
        return under_way

    def step(
        self,
        values: NDArray[np.float64],
        at: NDArray[np.float64],
        points: NDArray[np.int64],
        weights: NDArray[np.float64] | None = None,
        begun: NDArray[np.float64] | None = None,
    ) -> Turns:
        """Judge one value of each rule at each of several points.

        Args:
            values: one row a rule, one column a point.
            at: seconds since 1970 of each column; later than those before at its point.
            points: the points, each once.
            weights: as how many values in a row each counts; one by default.
            begun: when a run began whose first value this is; `at` by default.
        """
        holds, since, count = self.holds[:, points], self._since[:, points], self._count[:, points]
        is_on = values >= self.set_point[:, points]
        is_off = (values <= self.clear_point[:, points]) & ~is_on
        towards = np.where(holds, is_off, is_on)
        breaks = ~towards & ~np.isnan(values)
        count = np.where(breaks, 0.0, count + towards * (1.0 if weights is None else weights))
        since = np.where(breaks, np.nan, np.where(towards & np.isnan(since), at if begun is None else begun, since))
        enough = np.where(holds, self._off_count, self._on_count)
        long_enough = np.where(holds, self._off_delay, self._on_delay)
        turned = towards & (count >= enough) & (at - since >= long_enough)
        rule, column = np.nonzero(turned)
        turns = Turns(rule, column, ~holds[rule, column], since[rule, column])
        self.holds[:, points] = holds ^ turned
        self._since[:, points] = np.where(turned, np.nan, since)
        self._count[:, points] = np.where(turned, 0.0, count)
        return turns

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that a later run needs to go on from here."""
        return {
            "rule_id": np.array([rule.id for rule in self.rules], np.int64),
            "holds": self.holds,
            "since": self._since,
            "count": self._count,
        }

    def restore(self, state: Mapping[str, NDArray[Any]], points: NDArray[np.int64]) -> None:
        """Go on from a state; rules that it does not know are normal everywhere.

        Args:
            state: of an earlier run.
            points: which point each of its points is now; -1 for those that are no more.
        """
        known = points >= 0
        before = {int(rule): row for row, rule in enumerate(state["rule_id"])}
        for row, rule in enumerate(self.rules):
            if rule.id in before:
                for mine, name in ((self.holds, "holds"), (self._since, "since"), (self._count, "count")):
                    mine[row, points[known]] = state[name][before[rule.id]][known]


def _column(values: Sequence[float]) -> NDArray[np.float64]:
    return np.array(values, float).reshape(-1, 1)
