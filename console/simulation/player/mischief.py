"""What goes wrong on the road, and the truth of it.

Loaded trucks leave their routes, receivers jump, terminals fall silent or are out of reach of the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ASIDE_M_S = 8.0  # how fast a truck gets away from its route, and back to it
ASIDE_M = (60.0, 400.0)
ASIDE_S = (40.0, 1500.0)
MARGIN_S = 60.0  # from the ends of a haul
JUMP_M = (200.0, 3000.0)
SILENT_S = (420.0, 1800.0)
"""A terminal without power: beyond the 300 s after which it counts as silent."""
NO_NETWORK_S = (20.0, 240.0)
"""In a hollow: positions are kept and sent afterwards."""


@dataclass(frozen=True)
class Deviation:
    """One truck's way off its route.

    Attributes:
        truck: place of the truck in the fleet.
        begin_s, end_s: when it leaves the line of the route and is back on it, seconds of play.
        aside_m: how far away it gets, positive to the left.
    """

    truck: int
    begin_s: float
    end_s: float
    aside_m: float


@dataclass(frozen=True)
class Absence:
    """A time in which nothing is heard of a truck.

    Attributes:
        truck: place of the truck in the fleet.
        begin_s, end_s: from when to when, seconds of play.
        is_broken: whether there are no positions at all; else they come afterwards.
    """

    truck: int
    begin_s: float
    end_s: float
    is_broken: bool


class Mischief:
    """What goes wrong, by chance.

    Args:
        rng: source of chance.
        trucks: how many there are.
        share: of the hauls on which the truck leaves its route.
        jump_share: of the positions that are somewhere else.
        silent_share: of the hauls on which the terminal falls silent.
        hollow_share: of the hauls on which the network is gone for a while.

    Attributes:
        truth: every deviation that was planned, in the order of the hauls.
        absences: likewise, when nothing was heard of trucks.
    """

    def __init__(
        self, rng: np.random.Generator, trucks: int, share: float = 0.0, jump_share: float = 0.0,
        silent_share: float = 0.0, hollow_share: float = 0.0,
    ) -> None:  # fmt: skip
        self.truth: list[Deviation] = []
        self.absences: list[Absence] = []
        self._rng, self._network = rng, rng.spawn(1)[0]
        self._share, self._jump_share = share, jump_share
        self._silent_share, self._hollow_share = silent_share, hollow_share
        self._absent: dict[int, Absence] = {}
        self._begin, self._end = np.full(trucks, np.inf), np.full(trucks, np.inf)
        self._aside = np.zeros(trucks)

    def set_out(self, truck: int, begin_s: float, lasts_s: float) -> None:
        """A truck sets out loaded; decides whether it will leave its route."""
        self._begin[truck] = self._end[truck] = np.inf
        self._lose_sight(truck, begin_s, lasts_s)
        lasts_s -= 2 * MARGIN_S
        if lasts_s < ASIDE_S[0] or self._rng.random() >= self._share:
            return
        duration = min(float(np.exp(self._rng.uniform(*np.log(ASIDE_S)))), lasts_s)
        begin = begin_s + MARGIN_S + self._rng.uniform(0.0, lasts_s - duration)
        aside = self._rng.uniform(*ASIDE_M) * self._rng.choice((-1.0, 1.0))
        self._begin[truck], self._end[truck], self._aside[truck] = begin, begin + duration, aside
        self.truth.append(Deviation(truck, begin, begin + duration, float(aside)))

    def _lose_sight(self, truck: int, begin_s: float, lasts_s: float) -> None:
        """Decide whether nothing will be heard of a truck for a while."""
        drawn = self._network.random()
        if truck in self._absent or drawn >= self._silent_share + self._hollow_share:
            return
        is_broken = bool(drawn < self._silent_share)
        begin = begin_s + self._network.uniform(0.0, max(lasts_s, 0.0))
        end = begin + self._network.uniform(*(SILENT_S if is_broken else NO_NETWORK_S))
        self._absent[truck] = Absence(truck, begin, end, is_broken)
        self.absences.append(self._absent[truck])

    def absent(self, elapsed_s: float) -> list[Absence]:
        """Of which trucks nothing is heard now."""
        over = [truck for truck, one in self._absent.items() if one.end_s <= elapsed_s]
        for truck in over:
            del self._absent[truck]
        return [one for one in self._absent.values() if one.begin_s <= elapsed_s]

    def astray(self, who: NDArray[np.intp], elapsed_s: float) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Places in `who` of the trucks that are off their routes, and how far away each of them gets, metres."""
        off = np.flatnonzero((self._begin[who] < elapsed_s) & (elapsed_s < self._end[who]))
        return off, np.abs(self._aside[who[off]])

    def aside(
        self, who: NDArray[np.intp], elapsed_s: float, heading: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Metres east and north by which trucks are away from where their routes would have them.

        Args:
            who: the trucks.
            elapsed_s: seconds of play.
            heading: which way they go on the whole, degrees; they leave at right angles to it.
        """
        reach = ASIDE_M_S * np.minimum(elapsed_s - self._begin[who], self._end[who] - elapsed_s)
        reach = np.where(np.isfinite(reach), np.clip(reach, 0.0, np.abs(self._aside[who])), 0.0)
        left = np.radians(heading) - np.pi / 2
        reach = reach * np.sign(self._aside[who])
        return reach * np.sin(left), reach * np.cos(left)

    def jumps(self, count: int) -> NDArray[np.float64]:
        """Metres east and north by which positions are wrong, shape (count, 2)."""
        jumps = self._rng.random(count) < self._jump_share
        away, angle = self._rng.uniform(*JUMP_M, count), self._rng.uniform(0, 2 * np.pi, count)
        wrong: NDArray[np.float64] = (jumps * away)[:, None] * np.column_stack((np.sin(angle), np.cos(angle)))
        return wrong
