"""What lies below panels that float over the map, and how a place comes out from under them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF

from console.map.view import View

if TYPE_CHECKING:
    from console.map.view import Extent

EDGE_PX = 48
"""A place that came out from under a panel stands so far beside it."""
RIM_PX = 16
"""Nearer to the rim of the map than this, a place is not seen well."""
LEAST_PX = 240
"""Less width than this is not worth fitting anything into; then the map behaves as if nothing covered it."""


@dataclass(frozen=True)
class Covers:
    """Rectangles in pixels of the map that panels at its left and right side cover; empty where there is none."""

    left: QRect = field(default_factory=QRect)
    right: QRect = field(default_factory=QRect)

    def free(self, width: int, height: int) -> QRectF:
        """The part of the map between the panels; as if there were none where that would be too narrow."""
        left = 0 if self.left.isEmpty() else self.left.right() + 1
        right = width if self.right.isEmpty() else self.right.left()
        if right - left < LEAST_PX:
            left = 0
        if right - left < LEAST_PX:
            right = width
        return QRectF(left, 0, right - left, height)

    def fitted(self, extent: Extent, width: int, height: int, margin_px: int) -> View:
        """The closest view that shows all of `extent` beside the panels."""
        free = self.free(width, height)
        view = View.of(extent, round(free.width()), height, margin_px).resized(width, height)
        return self.centred(view, view.x, view.y)

    def centred(self, view: View, x: float, y: float) -> View:
        """The view with a place, metres, in the middle of what is free."""
        middle = self.free(view.width, view.height).center()
        return view.centred(x, y).panned(middle.x() - view.width / 2, 0)

    def revealed(self, view: View, x: float, y: float) -> View:
        """The view in which a place is seen: moved no farther than needed, or around it when it was far off."""
        at = QPointF(*view.to_screen(x, y))
        if not QRectF(0, 0, view.width, view.height).adjusted(RIM_PX, RIM_PX, -RIM_PX, -RIM_PX).contains(at):
            return self.centred(view, x, y)
        free = self.free(view.width, view.height)
        for cover, shift in (
            (self.left, free.left() + EDGE_PX - at.x()),
            (self.right, free.right() - EDGE_PX - at.x()),
        ):
            if QRectF(cover).adjusted(-RIM_PX, -RIM_PX, RIM_PX, RIM_PX).contains(at):
                return view.panned(shift, 0)
        return view
