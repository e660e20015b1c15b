"""Draws an area by its corners, to ask for what lies inside, and shows the one that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from console.map.style import colour
from console.map.tools.measure import MeasureTool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.map.canvas import MapCanvas
    from console.map.view import View
    from console.theme import Theme

Corners = tuple[tuple[float, float], ...]


class AreaTool(MeasureTool):
    """Clicks set corners, as for measuring; double click or Enter gives the area to whoever asked and ends the tool."""

    def __init__(self, canvas: MapCanvas) -> None:
        super().__init__(canvas, "area")

    def _end(self) -> None:
        corners = self.corners
        if len(corners) < 3:
            return
        self.cancel()
        self.canvas.set_tool("navigate")
        self.canvas.area_drawn.emit(corners)


def paint_area(painter: QPainter, view: View, theme: Theme, corners: Sequence[tuple[float, float]]) -> None:
    """Draw the border of an area that something is narrowed down to; what lies inside stays as it is."""
    if not corners:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour(theme, "accent"), 2, Qt.PenStyle.DashLine))
    painter.setBrush(colour(theme, "accent", 0.08))
    painter.drawPolygon(QPolygonF([QPointF(*view.to_screen(x, y)) for x, y in corners]))
