"""What each truck is doing, as one position after another tells: driving, standing, loading, tipping, jumping about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from console.models.monitors.belief import FIELDS
from console.models.monitors.fixes import EMPTY, FULL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.models.alarms.rules import AlarmRule
    from console.models.monitors.facts import Facts

MOVING_KMH = 5.0
AGAINST, ALONG = -0.5, 0.5
"""Cosines between heading and route: below the first a truck drives against it, above the second along it."""
SURE = 2
"""Positions in a row that must say so before a truck counts as loaded or empty."""

_STATE = np.dtype(
    [
        *FIELDS, ("at", "f8"), ("seen", "?"), ("ignition", "?"), ("offset", "f8"),
        ("loaded", "i1"), ("run", "i1"), ("run_x", "f8"), ("run_y", "f8"), ("was_x", "f8"), ("was_y", "f8"),
        ("still_at", "f8"), ("still_x", "f8"), ("still_y", "f8"), ("against_m", "f8"), ("is_against", "?"),
    ]
)  # fmt: skip


class Doings:
    """What each truck was last seen doing.

    Attributes:
        state: one record a truck: where and when it was seen last, whether it is loaded, since when it stands …
    """

    def __init__(self, trucks: int) -> None:
        self.state = np.zeros(trucks, _STATE)
        for name in ("good_at", "still_at", "offset"):
            self.state[name] = np.nan
        self.state["loaded"] = -1

    def restore(self, state: NDArray[Any], trucks: NDArray[np.int64]) -> None:
        """Go on from records of these trucks, also from those of a version that knew less or more."""
        for name in set(state.dtype.names or ()) & set(self.state.dtype.names or ()):
            self.state[name][trucks] = state[name]

    def loads(
        self,
        truck: NDArray[np.int64],
        load: NDArray[np.int8],
        good: NDArray[np.bool_],
        x: NDArray[np.float64],
        y: NDArray[np.float64],
    ) -> NDArray[np.bool_]:
        """Which trucks have become loaded or empty; half a load is neither news."""
        s = self.state
        old = s[truck]
        says = np.where(load == FULL, 1, np.where(load == EMPTY, 0, old["loaded"]))
        differs = says != old["loaded"]
        at_once = differs & (old["loaded"] < 0)
        begins = differs & (old["run"] == 0)
        here_x, here_y = np.where(good, x, old["x"]), np.where(good, y, old["y"])
        s["run_x"][truck], s["run_y"][truck] = (
            np.where(begins, here_x, old["run_x"]),
            np.where(begins, here_y, old["run_y"]),
        )
        s["was_x"][truck] = np.where(begins, np.where(old["seen"], old["x"], here_x), old["was_x"])
        s["was_y"][truck] = np.where(begins, np.where(old["seen"], old["y"], here_y), old["was_y"])
        run = np.where(differs, old["run"] + 1, 0)
        turned: NDArray[np.bool_] = differs & ~at_once & (run >= SURE)
        s["loaded"][truck] = np.where(at_once | turned, says, old["loaded"])
        s["run"][truck] = np.where(turned | at_once, 0, run)
        return turned

    def against(
        self,
        facts: Facts,
        rows: NDArray[np.intp],
        before: NDArray[Any],
        judged: NDArray[np.bool_],
        speed: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Metres driven against the route in one go.

        A way counts when both its ends lie near the route and head against it: one position alone tells nothing of the
        way that led there. Who leaves the route begins anew; that is a deviation, and told as one.
        """
        fixes, truck = facts.fixes, facts.truck[rows]
        way = np.hypot(fixes.x[rows] - before["x"], fixes.y[rows] - before["y"])
        away = judged & (np.abs(facts.offset_m[rows]) > facts.corridor_m)
        near = judged & ~away & (speed > MOVING_KMH)
        alignment = facts.alignment[rows]
        is_against = near & (alignment < AGAINST)
        driven = before["against_m"] + np.where(is_against & before["is_against"], way, 0.0)
        ends = away | (near & (alignment > ALONG)) | (facts.permit[rows] < 0) | (self.state["loaded"][truck] != 1)
        driven = np.where(ends, 0.0, driven)
        self.state["against_m"][truck] = driven
        self.state["is_against"][truck] = ~ends & np.where(near, is_against, before["is_against"])
        return np.where(facts.permit[rows] >= 0, driven, -np.inf)

    def parked(
        self,
        rule: AlarmRule,
        facts: Facts,
        rows: NDArray[np.intp],
        good: NDArray[np.bool_],
        loaded: NDArray[np.bool_],
        speed: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Seconds for which trucks have stood outside all sites."""
        s, fixes, truck = self.state, facts.fixes, facts.truck[rows]
        near_m = float(rule.scope["near_m"])
        old = s[truck]
        x, y, at = fixes.x[rows], fixes.y[rows], fixes.at[rows]
        still = (speed <= float(rule.scope["still_kmh"])) & ~(
            good & ~np.isnan(old["still_at"]) & (np.hypot(x - old["still_x"], y - old["still_y"]) > near_m)
        )
        begins = still & np.isnan(old["still_at"])
        s["still_at"][truck] = np.where(still, np.where(begins, at, old["still_at"]), np.nan)
        moves = good & (begins | ~still)
        s["still_x"][truck], s["still_y"][truck] = (
            np.where(moves, x, old["still_x"]),
            np.where(moves, y, old["still_y"]),
        )
        stood = np.where(still, at - s["still_at"][truck], -np.inf)
        long = loaded & (stood >= float(rule.set_point or 0.0))
        stood[facts.near_site(rows, long, near_m) | ~(long | (stood == -np.inf))] = -np.inf
        return stood
