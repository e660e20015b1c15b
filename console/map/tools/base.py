"""The least that a tool of the map is, and the rubber band that two of them draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from console.map.style import colour
from console.map.view import Extent

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter

    from console.map.canvas import MapCanvas
    from console.map.view import View
    from console.theme import Theme


class Tool:
    """Answers the pointer and keys while it is active; does nothing by itself.

    Positions of events are pixels of the canvas. The middle button and the wheel belong to the canvas.
    """

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, canvas: MapCanvas) -> None:
        self.canvas = canvas

    def press(self, event: QMouseEvent) -> None:
        """A button went down."""

    def move(self, event: QMouseEvent) -> None:
        """The pointer moved."""

    def release(self, event: QMouseEvent) -> None:
        """A button went up."""

    def double_click(self, event: QMouseEvent) -> None:
        """A button went down twice."""

    def key(self, event: QKeyEvent) -> bool:
        """A key went down; returns whether the tool took it."""
        del event
        return False

    def cancel(self) -> None:
        """Give up what was begun."""

    def paint(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Draw what was begun above everything else."""


class RubberBand:
    """A rectangle dragged with the pointer."""

    def __init__(self) -> None:
        self._begin: QPointF | None = None
        self._end = QPointF()

    @property
    def is_open(self) -> bool:
        """Whether a rectangle is being dragged."""
        return self._begin is not None

    def begin(self, at: QPointF) -> None:
        """Begin at a corner."""
        self._begin = self._end = at

    def drag(self, at: QPointF) -> None:
        """Move the other corner."""
        self._end = at

    def end(self, view: View) -> Extent | None:
        """Let go: the rectangle in metres, None when it is only a few pixels wide or high."""
        rect = self.rect()
        self._begin = None
        if rect.width() < 4 or rect.height() < 4:
            return None
        return Extent.spanning(*view.to_world(rect.left(), rect.top()), *view.to_world(rect.right(), rect.bottom()))

    def drop(self) -> None:
        """Let go without a result."""
        self._begin = None

    def rect(self) -> QRectF:
        """The rectangle in pixels; empty when none is dragged."""
        return QRectF() if self._begin is None else QRectF(self._begin, self._end).normalized()

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draw the rectangle."""
        if self._begin is None:
            return
        painter.setPen(QPen(colour(theme, "accent"), 1))
        painter.setBrush(colour(theme, "accent", 0.15))
        painter.drawRect(self.rect())
