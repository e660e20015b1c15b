"""How a truck moves along a route: where it is, how fast and which way it looks, so many seconds after it set out.

A route is a line with a speed limit for each of its pieces. From these a driving profile is made once (limits, slow
corners, gentle acceleration, waits at crossings); afterwards any number of trucks at any moments are placed with array
operations alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

STEP_M = 20.0  # spacing of profile points; finer than GPS noise would show
ACCELERATION_M_S2 = 0.7  # of a loaded four-axle tipper
BRAKING_M_S2 = 0.9
CREEP_M_S = 1.5  # the least speed of a profile, so that time always passes
CORNER_M_S = 4.0  # through a right angle
WAIT_SPACING_M = 700.0  # about the distance between signalled crossings
WAIT_SHARE = 0.45  # of the signals show red
WAIT_S = (8.0, 50.0)
_APART = 1e6  # s; routes lie one after the other on one time axis, each shorter than this


@dataclass(frozen=True)
class Path:
    """A way to drive.

    Attributes:
        xy: vertices, shape (n, 2), EPSG:4546 metres, no two in a row alike.
        limit_m_s: speed that is kept on each piece between two vertices, shape (n - 1,), metres a second.
    """

    xy: NDArray[np.float64]
    limit_m_s: NDArray[np.float64]

    def reversed(self) -> Path:
        """The same way back."""
        return Path(self.xy[::-1], self.limit_m_s[::-1])


@dataclass(frozen=True)
class Place:
    """Where trucks are; every array has one entry a truck.

    Attributes:
        x, y: EPSG:4546 metres.
        speed_m_s: metres a second.
        heading: degrees clockwise from north, 0 to below 360.
        along_m: metres driven since the start of the route.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    speed_m_s: NDArray[np.float64]
    heading: NDArray[np.float64]
    along_m: NDArray[np.float64]


class Routes:
    """Driving profiles of many routes.

    Attributes:
        length_m: length of each route.
        duration_s: driving time of each route, waits included.
    """

    def __init__(self, paths: Sequence[Path], rng: np.random.Generator) -> None:
        pieces = [_profile(path, rng) for path in paths]
        counts = np.array([len(piece[0]) for piece in pieces], dtype=np.int64)
        self._first = np.concatenate(([0], np.cumsum(counts)[:-1]))
        self._last = self._first + counts - 1
        x, y, along, speed, at = (np.concatenate([piece[k] for piece in pieces]) for k in range(5))
        self._x, self._y, self._along, self._speed = x, y, along, speed
        self._key = at + np.repeat(np.arange(len(pieces)) * _APART, counts)
        self.length_m = along[self._last]
        self.duration_s = at[self._last]
        self._heading = _headings(x, y, self._last)

    def place(self, route: NDArray[np.integer], elapsed_s: NDArray[np.float64]) -> Place:
        """Where trucks are that set out `elapsed_s` seconds ago on `route` (index); before and after, at its ends."""
        key = route * _APART + np.clip(elapsed_s, 0.0, self.duration_s[route])
        left = np.clip(np.searchsorted(self._key, key, side="right") - 1, self._first[route], self._last[route] - 1)
        span = self._key[left + 1] - self._key[left]
        share = np.clip((key - self._key[left]) / span, 0.0, 1.0)

        def between(values: NDArray[np.float64]) -> NDArray[np.float64]:
            found: NDArray[np.float64] = values[left] + share * (values[left + 1] - values[left])
            return found

        return Place(
            between(self._x), between(self._y), between(self._speed), self._heading[left], between(self._along)
        )

    def bearing(self, route: int, along_m: float, span_m: float) -> float:
        """Which way `route` goes on the whole from `span_m` before a place to as far after it, degrees."""
        part = slice(int(self._first[route]), int(self._last[route]) + 1)
        ends = np.array([along_m - span_m, along_m + span_m])
        x, y = (np.interp(ends, self._along[part], axis[part]) for axis in (self._x, self._y))
        return float(np.degrees(np.arctan2(x[1] - x[0], y[1] - y[0])) % 360.0)

    def elapsed(self, route: int, along_m: float) -> float:
        """Seconds after setting out on `route` at which a truck has driven `along_m` metres."""
        part = slice(int(self._first[route]), int(self._last[route]) + 1)
        return float(np.interp(along_m, self._along[part], self._key[part] - route * _APART))

    def nearest(self, route: int, x: float, y: float) -> tuple[float, float]:
        """(metres along `route`, metres away from it) of the point of the route nearest to (x, y)."""
        part = slice(int(self._first[route]), int(self._last[route]) + 1)
        start = np.column_stack((self._x[part], self._y[part]))
        piece = np.diff(start, axis=0)
        length2 = np.maximum((piece**2).sum(axis=1), 1e-9)
        share = np.clip(((np.array([x, y]) - start[:-1]) * piece).sum(axis=1) / length2, 0.0, 1.0)
        away = np.hypot(*(start[:-1] + share[:, None] * piece - [x, y]).T)
        best = int(away.argmin())
        along = self._along[part]
        return float(along[best] + share[best] * (along[best + 1] - along[best])), float(away[best])


def _profile(path: Path, rng: np.random.Generator) -> tuple[NDArray[np.float64], ...]:
    """x, y, metres along, speed and seconds since the start at points along `path`, dense enough to interpolate."""
    vertices = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(path.xy, axis=0).T))))
    # Every vertex is kept, and long pieces are divided evenly.
    parts = np.maximum(np.ceil(np.diff(vertices) / STEP_M), 1).astype(int)
    along = np.concatenate(
        [np.linspace(a, b, n, endpoint=False) for (a, b), n in zip(pairwise(vertices), parts, strict=True)]
    )
    along = np.append(along, vertices[-1])
    limit = np.repeat(path.limit_m_s, parts)
    speed = np.minimum(np.append(limit, limit[-1]), np.insert(limit, 0, limit[0]))
    corner = np.concatenate(([0], np.cumsum(parts)))
    speed[corner[1:-1]] = np.minimum(speed[corner[1:-1]], _corner_speed(path.xy))
    waits = _waits(along, corner[1:-1], rng)
    speed[list(waits)] = CREEP_M_S
    speed[[0, -1]] = CREEP_M_S
    speed = _within_reach(speed, np.diff(along))
    at = np.concatenate(([0.0], np.cumsum(2.0 * np.diff(along) / (speed[1:] + speed[:-1]))))
    # A wait is a second point at the same place, later, with no speed in between.
    for index in sorted(waits, reverse=True):
        at[index + 1 :] += waits[index]
        at = np.insert(at, index + 1, at[index] + waits[index])
        along = np.insert(along, index + 1, along[index])
        speed = np.insert(speed, index, 0.0)
        speed[index + 1] = 0.0
    x, y = (np.interp(along, vertices, path.xy[:, axis]) for axis in (0, 1))
    return x, y, along, speed, at


def _corner_speed(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Speed at each inner vertex: any on a straight, `CORNER_M_S` through a right angle."""
    direction = np.arctan2(*np.diff(xy, axis=0).T)
    turn = np.abs((np.diff(direction) + np.pi) % (2 * np.pi) - np.pi)
    speed: NDArray[np.float64] = CORNER_M_S * (np.pi / 2) / np.maximum(turn, 0.15)
    return speed


def _waits(along: NDArray[np.float64], candidates: NDArray[np.intp], rng: np.random.Generator) -> dict[int, float]:
    """Profile points at which a signal is red, with the seconds that are waited there."""
    chosen: dict[int, float] = {}
    reached = WAIT_SPACING_M
    for index in candidates:
        if along[index] >= reached and along[-1] - along[index] > WAIT_SPACING_M / 2:
            reached = along[index] + WAIT_SPACING_M
            if rng.random() < WAIT_SHARE:
                chosen[int(index)] = float(rng.uniform(*WAIT_S))
    return chosen


def _within_reach(speed: NDArray[np.float64], step: NDArray[np.float64]) -> NDArray[np.float64]:
    """`speed` lowered to what acceleration from the point before and braking for the point after allow."""
    squares = (speed**2).tolist()
    gained = (2.0 * ACCELERATION_M_S2 * step).tolist()
    lost = (2.0 * BRAKING_M_S2 * step).tolist()
    for i in range(len(gained)):
        squares[i + 1] = min(squares[i + 1], squares[i] + gained[i])
    for i in range(len(lost) - 1, -1, -1):
        squares[i] = min(squares[i], squares[i + 1] + lost[i])
    reached: NDArray[np.float64] = np.maximum(np.sqrt(np.array(squares)), CREEP_M_S)
    return reached


def _headings(x: NDArray[np.float64], y: NDArray[np.float64], last: NDArray[np.int64]) -> NDArray[np.float64]:
    """Heading of the piece after each point; waits and the ends of routes look the way that was driven before."""
    dx, dy = np.diff(x, append=x[-1]), np.diff(y, append=y[-1])
    heading = np.degrees(np.arctan2(dx, dy)) % 360.0
    still = np.hypot(dx, dy) < 1e-6
    still[last] = True
    moving = np.where(still, 0, np.arange(len(x)))
    before: NDArray[np.float64] = heading[np.maximum.accumulate(moving)]
    return before
