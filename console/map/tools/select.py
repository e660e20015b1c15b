"""Selects everything in a rectangle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from console.map.tools.base import RubberBand, Tool

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter

    from console.map.canvas import MapCanvas
    from console.map.view import View
    from console.theme import Theme


class SelectTool(Tool):
    """Drag selects what the rectangle meets; a click identifies."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, canvas: MapCanvas) -> None:
        super().__init__(canvas)
        self._band = RubberBand()

    def press(self, event: QMouseEvent) -> None:
        """Begin the rectangle."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._band.begin(event.position())

    def move(self, event: QMouseEvent) -> None:
        """Drag its other corner."""
        if self._band.is_open:
            self._band.drag(event.position())
            self.canvas.update()

    def release(self, event: QMouseEvent) -> None:
        """Select what it meets."""
        if event.button() != Qt.MouseButton.LeftButton or not self._band.is_open:
            return
        extent = self._band.end(self.canvas.view)
        self.canvas.update()
        if extent is None:
            self.canvas.click(event.position().x(), event.position().y())
        else:
            self.canvas.select_rectangle(extent)

    def key(self, event: QKeyEvent) -> bool:
        """Esc gives up the rectangle, else returns to the default tool."""
        if event.key() != Qt.Key.Key_Escape:
            return False
        if self._band.is_open:
            self.cancel()
        else:
            self.canvas.set_tool("navigate")
        return True

    def cancel(self) -> None:
        """Give up the rectangle."""
        self._band.drop()
        self.canvas.update()

    def paint(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Draw the rectangle."""
        del view
        self._band.paint(painter, theme)
