"""Picks a place by a click, for whoever asks where something is, and shows the one that is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from console.map.style import colour
from console.map.tools.navigate import NavigateTool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent

    from console.map.view import View
    from console.theme import Theme

PIN_PX = 26.0
HEAD_PX = 8.0
RING_PX = 5.0


class PlaceTool(NavigateTool):
    """A click gives the place to whoever asked and ends the tool; a drag still moves the map, Esc gives up."""

    cursor = Qt.CursorShape.CrossCursor

    def clicked(self, px: float, py: float) -> None:
        """This is the place."""
        self.canvas.set_tool("navigate")
        self.canvas.place_picked.emit(*self.canvas.view.to_world(px, py))

    def key(self, event: QKeyEvent) -> bool:
        """Esc leaves the tool; nothing was picked."""
        if event.key() != Qt.Key.Key_Escape:
            return False
        self.canvas.set_tool("navigate")
        return True


def paint_place(
    painter: QPainter,
    view: View,
    theme: Theme,
    place: tuple[float, float] | None,
    others: Sequence[tuple[float, float]],
) -> None:
    """A pin whose foot stands on the place, and rings around the others that may be meant."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour(theme, "accent"), 2))
    for x, y in others:
        painter.drawEllipse(QPointF(*view.to_screen(x, y)), RING_PX, RING_PX)
    if place is None:
        return
    foot = QPointF(*view.to_screen(*place))
    head = foot - QPointF(0.0, PIN_PX - HEAD_PX)
    pin = QPainterPath(foot)
    pin.lineTo(head + QPointF(-HEAD_PX, 2.0))
    pin.arcTo(head.x() - HEAD_PX, head.y() - HEAD_PX, 2 * HEAD_PX, 2 * HEAD_PX, 195.0, -210.0)
    pin.closeSubpath()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour(theme, "map_ground"), 2))
    painter.setBrush(colour(theme, "accent"))
    painter.drawPath(pin)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(theme, "map_ground"))
    painter.drawEllipse(head, 3.0, 3.0)
