"""Approved routes as flat arrays: how far a truck is from its own, how far along it, and which way it drives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NEAR_M = 15.0
"""Pieces of a route that are about as near as the nearest: any of them may be the one that is driven."""
MOST_PAIRS = 1 << 20
"""Pairs of place and piece that are worked out at once."""


@dataclass(frozen=True)
class Found:
    """Where places are on their routes, as parallel arrays.

    Attributes:
        offset_m: distance from the route, positive to the left of its direction.
        along_m: metres from the beginning of the route to the nearest point of it.
        alignment: cosine between heading and route, the best of the pieces that are about as near.
    """

    offset_m: NDArray[np.float64]
    along_m: NDArray[np.float64]
    alignment: NDArray[np.float64]


class Routes:
    """Many lines; EPSG:4546 metres.

    Args:
        lines: the routes, each with two points at least.
    """

    def __init__(self, lines: Sequence[shapely.Geometry]) -> None:
        xy = [shapely.get_coordinates(line) for line in lines]
        pieces = [np.diff(points, axis=0) for points in xy]
        self._count = np.array([len(piece) for piece in pieces], np.int64)
        self._first = np.concatenate(([0], np.cumsum(self._count)))
        self._start = np.vstack([points[:-1] for points in xy]) if xy else np.zeros((0, 2))
        piece = np.vstack(pieces) if pieces else np.zeros((0, 2))
        self._length = np.hypot(*piece.T)
        self._unit = piece / np.maximum(self._length, 1e-9)[:, None]
        lengths = [np.hypot(*part.T) for part in pieces]
        self._along = np.concatenate([np.cumsum(part) - part for part in lengths]) if lengths else np.zeros(0)
        self.length_m = np.array([part.sum() for part in lengths])

    def __len__(self) -> int:
        return len(self._count)

    def find(
        self,
        route: NDArray[np.int64],
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        heading: NDArray[np.float64],
    ) -> Found:
        """Find places on their routes.

        Args:
            route: index of the route of each place.
            x: metres.
            y: metres.
            heading: degrees clockwise from north.
        """
        pairs = np.cumsum(self._count[route])
        ends = np.arange(MOST_PAIRS, pairs[-1], MOST_PAIRS) if len(pairs) else np.zeros(0)
        cuts = np.searchsorted(pairs, ends)
        parts = [self._find(*chunk) for chunk in zip(*(np.split(a, cuts) for a in (route, x, y, heading)), strict=True)]
        return Found(*(np.concatenate([part[k] for part in parts]) for k in range(3)))

    def _find(
        self,
        route: NDArray[np.int64],
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        heading: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], ...]:
        if len(route) == 0:
            return np.zeros(0), np.zeros(0), np.zeros(0)
        count = self._count[route]
        begin = np.concatenate(([0], np.cumsum(count)[:-1]))
        place = np.repeat(np.arange(len(route)), count)
        piece = np.arange(len(place)) - begin[place] + self._first[route][place]
        start, unit, length = self._start[piece], self._unit[piece], self._length[piece]
        dx, dy = x[place] - start[:, 0], y[place] - start[:, 1]
        share = np.clip(dx * unit[:, 0] + dy * unit[:, 1], 0.0, length)
        away = np.hypot(dx - share * unit[:, 0], dy - share * unit[:, 1])
        least = np.minimum.reduceat(away, begin)
        nearest = np.minimum.reduceat(np.where(away <= least[place], np.arange(len(place)), len(place)), begin)
        cross = unit[nearest, 0] * dy[nearest] - unit[nearest, 1] * dx[nearest]
        angle = np.radians(heading)
        cosine = unit[:, 0] * np.sin(angle)[place] + unit[:, 1] * np.cos(angle)[place]
        alignment = np.maximum.reduceat(np.where(away <= least[place] + NEAR_M, cosine, -2.0), begin)
        return np.copysign(least, cross), self._along[piece[nearest]] + share[nearest], alignment
