"""What follows from each position by itself, worked out for a whole batch at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from console.models.monitors.fixes import EMPTY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from console.models.alarms.rules import AlarmRule
    from console.models.monitors.fixes import Fixes
    from console.models.monitors.ground import Ground


class Facts:
    """What follows from each position by itself, as parallel arrays.

    Args:
        ground: what lies where.
        rules: those in force of each kind.
        fixes: the positions.
        truck: which truck of `ground` each is of.
        loaded: whether that was loaded before.

    Attributes:
        permit: index of the permit in force; -1 without one.
        offset_m, along_m, alignment: as those of `Found`; NaN where no route is asked for.
        corridor_m: half the width of the corridor.
        excess_kmh: how much faster than allowed; -inf at a speed that is allowed everywhere.
        depth_m: how far inside a forbidden area; -inf outside.
    """

    def __init__(
        self,
        ground: Ground,
        rules: Mapping[str, Sequence[AlarmRule]],
        fixes: Fixes,
        truck: NDArray[np.int64],
        loaded: NDArray[np.bool_],
    ) -> None:
        self.fixes, self.truck = fixes, truck
        self._ground = ground
        self.permit = ground.permits.at(truck, fixes.at)
        self.offset_m, self.along_m, self.alignment = (np.full(len(fixes), np.nan) for _ in range(3))
        corridor = rules.get("route_deviation", ())
        self.corridor_m = min((rule.set_point or 0.0 for rule in corridor), default=50.0)
        # One that says empty counts as loaded still until the next one agrees.
        carries = (fixes.load != EMPTY) | loaded
        carries[1:] |= (fixes.load[:-1] != EMPTY) & (truck[1:] == truck[:-1])
        carries |= any(rule.scope.get("load") != "full" for rule in corridor)
        on_route = np.flatnonzero((self.permit >= 0) & carries)
        if len(on_route):
            found = ground.routes.find(
                ground.permits.route[self.permit[on_route]],
                fixes.x[on_route], fixes.y[on_route], fixes.heading[on_route],
            )  # fmt: skip
            for mine, there in ((self.offset_m, found.offset_m), (self.along_m, found.along_m),
                (self.alignment, found.alignment)):  # fmt: skip
                mine[on_route] = there
        self.excess_kmh = np.full(len(fixes), -np.inf)
        speeding = rules.get("overspeed", ())
        if speeding:
            of_class = {k: float(v) for k, v in speeding[0].scope.items() if k != "near_m"}
            slowest = min([*of_class.values(), *(area.speed_kmh for area in ground.slow_areas)])
            fast = np.flatnonzero(fixes.speed_kmh > slowest)
            if len(fast):
                place = fixes.x[fast], fixes.y[fast], fixes.at[fast]
                limits = ground.limits(*place, of_class, float(speeding[0].scope["near_m"]))
                self.excess_kmh[fast] = fixes.speed_kmh[fast] - limits
        self.depth_m = np.full(len(fixes), -np.inf)
        if "forbidden_area" in rules:
            self.depth_m = ground.forbidden_depth(fixes.x, fixes.y, fixes.at)

    def at_own_site(self, rows: NDArray[np.intp], asked: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which of the positions that are asked for, and lie off their route, are on the site that the permit names."""
        inside = np.zeros(len(rows), bool)
        off = np.flatnonzero(asked & (np.abs(self.offset_m[rows]) >= self.corridor_m))
        if len(off):
            inside[off] = self.near_site(rows[off], np.ones(len(off), bool), 0.0)
        return inside

    def near_site(self, rows: NDArray[np.intp], asked: NDArray[np.bool_], near_m: float) -> NDArray[np.bool_]:
        """Which of the positions that are asked for are within `near_m` of any site."""
        near = np.zeros(len(rows), bool)
        some = np.flatnonzero(asked)
        if len(some):
            near[some] = self._ground.is_near_site(self.fixes.x[rows[some]], self.fixes.y[rows[some]], near_m)
        return near

    def detail(self, row: int, *, is_placed: bool = True) -> dict[str, Any]:
        """What an alarm tells besides its value; nothing of the place of a position that is not believed."""
        told: dict[str, Any] = {"speed_kmh": round(float(self.fixes.speed_kmh[row]), 1)}
        if self.permit[row] >= 0:
            told["permit"] = self._ground.permits.permits[int(self.permit[row])].number
        if is_placed and np.isfinite(self.offset_m[row]):
            told["offset_m"] = round(float(self.offset_m[row]), 1)
            told["along_m"] = round(float(self.along_m[row]))
        return told
