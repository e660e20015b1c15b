"""The tool that is active by default: drag moves the map, Shift+drag zooms, Ctrl+drag selects, a click identifies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from console.map.tools.base import RubberBand, Tool

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter

    from console.map.canvas import MapCanvas
    from console.map.view import View
    from console.theme import Theme

DRAG_FROM_PX = 4
"""A press that moved less is a click."""


class NavigateTool(Tool):
    """Moves the map and asks what is under the pointer."""

    def __init__(self, canvas: MapCanvas) -> None:
        super().__init__(canvas)
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._is_dragging = False
        self._band = RubberBand()
        self._band_selects = False

    def press(self, event: QMouseEvent) -> None:
        """Begin a drag or a click."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position()
        held = event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
        if held:
            self._band_selects = bool(held & Qt.KeyboardModifier.ControlModifier)
            self._band.begin(at)
            return
        self._pressed = self._last = at
        self._is_dragging = False

    def move(self, event: QMouseEvent) -> None:
        """Move the map or the rubber band."""
        at = event.position()
        if self._band.is_open:
            self._band.drag(at)
            self.canvas.update()
            return
        if self._pressed is None:
            return
        if not self._is_dragging and (at - self._pressed).manhattanLength() < DRAG_FROM_PX:
            return
        if not self._is_dragging:
            self._is_dragging = True
            self.canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
        shift = at - self._last
        self._last = at
        self.canvas.pan(shift.x(), shift.y())

    def release(self, event: QMouseEvent) -> None:
        """Zoom or select by the rubber band, end the drag, or identify."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._band.is_open:
            extent = self._band.end(self.canvas.view)
            self.canvas.update()
            if extent is None:
                return
            if self._band_selects:
                self.canvas.select_rectangle(extent)
            else:
                self.canvas.zoom_to(extent, margin_px=0, nearest=0)
            return
        is_click, was_dragging = self._pressed is not None and not self._is_dragging, self._is_dragging
        self._stop_dragging()
        if is_click:
            self.clicked(event.position().x(), event.position().y())
        elif was_dragging:
            self.canvas.settle()

    def clicked(self, px: float, py: float) -> None:
        """A click that was no drag, at a pixel."""
        self.canvas.click(px, py)

    def double_click(self, event: QMouseEvent) -> None:
        """Zoom in on the place."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.canvas.zoom(2.0, event.position().x(), event.position().y())

    def key(self, event: QKeyEvent) -> bool:
        """Esc gives up a rubber band, else clears the selection."""
        if event.key() != Qt.Key.Key_Escape:
            return False
        if self._band.is_open:
            self.cancel()
            return True
        return self.canvas.clear_selection()

    def cancel(self) -> None:
        """Give up a rubber band or a drag."""
        self._band.drop()
        self._stop_dragging()
        self.canvas.update()

    def paint(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Draw the rubber band."""
        del view
        self._band.paint(painter, theme)

    def _stop_dragging(self) -> None:
        self._pressed = None
        self._is_dragging = False
        self.canvas.setCursor(self.cursor)
