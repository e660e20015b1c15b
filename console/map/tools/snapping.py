"""Where the hand is drawn to: corners and lines of what the map shows, corners first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from console.map.features import GeometryKind
from console.map.view import Extent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.map.features import Features


@dataclass(frozen=True)
class Snap:
    """A place that the hand was drawn to, metres; whether it is a corner there or somewhere on a line."""

    x: float
    y: float
    is_corner: bool


def snap(layers: Iterable[Features], x: float, y: float, within: float) -> Snap | None:
    """The corner within so many metres of (x, y) that is nearest, else the nearest place on a line; None without."""
    place = np.array((x, y))
    corner: tuple[float, np.ndarray] | None = None
    side: tuple[float, np.ndarray] | None = None
    for features in layers:
        near = features.touching(Extent(x, y, x, y).grown(within))
        if not near.any():
            continue
        close = features.subset(near)
        corner = _nearer(corner, close.xy, place)
        if close.kind is not GeometryKind.POINT:
            begin, end, _part = close.segments
            along = end - begin
            square = np.einsum("ij,ij->i", along, along)
            share = np.einsum("ij,ij->i", place - begin, along) / np.where(square > 0, square, 1.0)
            side = _nearer(side, begin + np.clip(share, 0.0, 1.0)[:, None] * along, place)
    for found, is_corner in ((corner, True), (side, False)):
        if found is not None and found[0] <= within:
            return Snap(float(found[1][0]), float(found[1][1]), is_corner)
    return None


def _nearer(
    known: tuple[float, np.ndarray] | None, places: np.ndarray, place: np.ndarray
) -> tuple[float, np.ndarray] | None:
    if not len(places):
        return known
    away = np.hypot(*(places - place).T)
    best = int(away.argmin())
    return (float(away[best]), places[best]) if known is None or away[best] < known[0] else known
