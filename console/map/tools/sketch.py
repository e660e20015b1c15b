"""A line or an area under the hand: its corners, everything that was done to them, and what is wrong with it.

Metres in EPSG:4546. Rules of shape are those of the database (GEOS), so that what passes here is not refused there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import hypot, isfinite
from typing import Literal

import shapely

Place = tuple[float, float]
Kind = Literal["line", "area"]
LEAST_M = 1.0
"""A line shorter than this, or an area smaller than its square, is a slip of the hand."""
MOST_CORNERS = 5_000
_PLACE = re.compile(r"\[(\S+) (\S+)\]")


class Fault(StrEnum):
    """What a shape cannot be kept with."""

    TOO_FEW = "too_few"
    NO_SIZE = "no_size"
    CROSSES = "crosses"


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a shape, and where; `place` is None where it is nowhere in particular."""

    fault: Fault
    place: Place | None = None


def flaw(kind: Kind, points: tuple[Place, ...]) -> Flaw | None:
    """Why a shape cannot be kept; None when it can. A line may cross itself, the border of an area may not."""
    least = 2 if kind == "line" else 3
    if len(set(points)) < least:
        return Flaw(Fault.TOO_FEW)
    if kind == "line":
        return Flaw(Fault.NO_SIZE, points[0]) if shapely.LineString(points).length < LEAST_M else None
    polygon = shapely.Polygon(points)
    reason = shapely.is_valid_reason(polygon)
    if reason != "Valid Geometry":
        found = _PLACE.search(reason)
        # Corners on one straight line enclose nothing; GEOS calls that a crossing.
        if shapely.convex_hull(polygon).area < LEAST_M**2:
            return Flaw(Fault.NO_SIZE, points[0])
        return Flaw(Fault.CROSSES, (float(found[1]), float(found[2])) if found else None)
    return Flaw(Fault.NO_SIZE, points[0]) if polygon.area < LEAST_M**2 else None


class Sketch:
    """The corners of a shape and the steps that led to them.

    Args:
        kind: ``line`` or ``area``; the last corner of an area is joined to the first.
        points: where it begins.
    """

    def __init__(self, kind: Kind, points: tuple[Place, ...] = ()) -> None:
        self.kind: Kind = kind
        self._steps: list[tuple[Place, ...]] = [tuple(points)]
        self._at = 0
        self._judged: tuple[tuple[Place, ...], Flaw | None] | None = None

    @property
    def points(self) -> tuple[Place, ...]:
        """The corners as they are now."""
        return self._steps[self._at]

    @property
    def flaw(self) -> Flaw | None:
        """Why it cannot be kept; worked out once for each step, as it is asked in every frame."""
        if self._judged is None or self._judged[0] is not self.points:
            self._judged = self.points, flaw(self.kind, self.points)
        return self._judged[1]

    @property
    def can_undo(self) -> bool:
        """Whether a step can be taken back."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """Whether a step that was taken back can be made again."""
        return self._at < len(self._steps) - 1

    def undo(self) -> None:
        """Take the last step back."""
        self._at = max(self._at - 1, 0)

    def redo(self) -> None:
        """Make the step again that was taken back last."""
        self._at = min(self._at + 1, len(self._steps) - 1)

    def insert(self, place: int, at: Place) -> bool:
        """Put a corner before the one at `place`; returns whether it was put there.

        One on top of its neighbour, such as the second click of a double click, is none; so is one that is nowhere.
        """
        points = self.points
        neighbours = points[max(place - 1, 0) : place + 1]
        if at in neighbours or not _is_place(at) or len(points) >= MOST_CORNERS:
            return False
        self._do((*points[:place], at, *points[place:]))
        return True

    def move(self, place: int, to: Place) -> None:
        """Move a corner."""
        if _is_place(to) and to != self.points[place]:
            self._do((*self.points[:place], to, *self.points[place + 1 :]))

    def remove(self, place: int) -> None:
        """Take a corner away."""
        self._do((*self.points[:place], *self.points[place + 1 :]))

    def middle(self, place: int) -> Place | None:
        """The middle between a corner and the one after it; None after the end of a line."""
        points = self.points
        if place == len(points) - 1 and self.kind == "line":
            return None
        (x0, y0), (x1, y1) = points[place], points[(place + 1) % len(points)]
        return (x0 + x1) / 2, (y0 + y1) / 2

    def nearest_corner(self, x: float, y: float, within: float) -> int | None:
        """The corner nearest to a place, None when none is within so many metres."""
        distances = [hypot(px - x, py - y) for px, py in self.points]
        best = min(range(len(distances)), key=distances.__getitem__, default=None)
        return best if best is not None and distances[best] <= within else None

    def nearest_side(self, x: float, y: float, within: float) -> tuple[int, Place] | None:
        """The side nearest to a place: (where a corner on it would be inserted, the place on it)."""
        points = self.points
        ends = points if self.kind == "line" else (*points, *points[:1])
        best: tuple[float, int, Place] | None = None
        for place, ((x0, y0), (x1, y1)) in enumerate(pairwise(ends), 1):
            dx, dy = x1 - x0, y1 - y0
            square = dx * dx + dy * dy
            share = 0.0 if square == 0 else min(max(((x - x0) * dx + (y - y0) * dy) / square, 0.0), 1.0)
            foot = x0 + share * dx, y0 + share * dy
            away = hypot(foot[0] - x, foot[1] - y)
            if away <= within and (best is None or away < best[0]):
                best = away, place, foot
        return None if best is None else best[1:]

    def _do(self, points: tuple[Place, ...]) -> None:
        del self._steps[self._at + 1 :]
        self._steps.append(points)
        self._at += 1


def _is_place(at: Place) -> bool:
    return isfinite(at[0]) and isfinite(at[1])
