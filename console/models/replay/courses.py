"""What many things said over time, and which word of each was the last at an instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


class Courses:
    """Records of many things, of each in the order of time.

    Args:
        owner: number of the thing that each record is of, from 0, ascending, shape (n,).
        at: when, seconds since 1970 (UTC), ascending within each thing, shape (n,).
        things: how many things there are; some may have no record.
    """

    def __init__(self, owner: NDArray[np.int64], at: NDArray[np.float64], things: int) -> None:
        self.owner, self.at, self.things = owner, at, things
        self._first = float(at.min()) if len(at) else 0.0
        self._span = (float(at.max()) - self._first if len(at) else 0.0) + 2.0
        # One ascending array, so that one search finds the places of all things.
        self._keys = owner * self._span + (at - self._first)
        self._begins = np.arange(things) * self._span

    def last(self, at: float) -> NDArray[np.int64]:
        """Number of the last record of each thing at or before an instant, -1 where there is none yet; (things,)."""
        if not len(self.at):
            return np.full(self.things, -1, np.int64)
        since = min(max(at - self._first, -1.0), self._span - 1.0)
        found = np.searchsorted(self._keys, self._begins + since, side="right") - 1
        is_its_own = self.owner[found] == np.arange(self.things)
        return np.where((found >= 0) & is_its_own, found, -1)


class Turns:
    """The instants at which something becomes another one: of two instants with none between, all is the same.

    Args:
        instants: of any things, seconds since 1970 (UTC), in any order; what is not a number never comes.
    """

    def __init__(self, instants: Iterable[NDArray[np.float64]]) -> None:
        every = np.concatenate(list(instants))
        self._at = np.unique(every[np.isfinite(every)])

    def count(self, at: float) -> int:
        """How many have been by an instant."""
        return int(np.searchsorted(self._at, at, side="right"))
