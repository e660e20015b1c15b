"""Measures length and area in the plane of EPSG:4546.

Yuncheng lies on the central meridian; within 15 km of it the projection stretches by less than 3e-6, so that lengths
and areas are taken straight from the plane.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QFontMetricsF, QPainter, QPen, QPolygonF

from console.map.style import colour, font
from console.map.tools.base import Tool

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent

    from console.map.canvas import MapCanvas
    from console.map.view import View
    from console.theme import Theme


@dataclass(frozen=True)
class Measurement:
    """What was measured.

    Attributes:
        what: length along the points, or area inside them.
        points: corners in metres, EPSG:4546.
        length_m: length of the line, or circumference of the area.
        area_m2: area inside; 0 for a length.
    """

    what: Literal["length", "area"]
    points: tuple[tuple[float, float], ...]
    length_m: float
    area_m2: float


def measure(what: Literal["length", "area"], points: list[tuple[float, float]]) -> Measurement:
    """Length or area of `points` (metres), in the plane; the area of a border that crosses itself is its net area."""
    xy = np.array(points, dtype=np.float64).reshape(-1, 2)
    if what == "area" and len(xy) > 2:
        xy = np.concatenate((xy, xy[:1]))
    length = float(np.hypot(*np.diff(xy, axis=0).T).sum()) if len(xy) > 1 else 0.0
    area = 0.0
    if what == "area" and len(xy) > 3:
        # Relative to the first corner: the products of full coordinates would lose the centimetres.
        x, y = (xy - xy[0]).T
        area = abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))) / 2
    return Measurement(what, tuple(points), length, area)


def length_text(metres: float) -> str:
    """A length with its unit: metres below 1 km."""
    if metres < 100:
        return f"{metres:.1f} m"
    return f"{metres:,.0f} m" if metres < 1_000 else f"{metres / 1_000:,.2f} km"


def area_text(square_metres: float) -> str:
    """An area with its unit: square metres below 1 km²."""
    if square_metres < 1_000_000:
        return f"{square_metres:,.0f} m²"
    return f"{square_metres / 1_000_000:,.3f} km²"


class MeasureTool(Tool):
    """Clicks set corners and the readout follows the pointer.

    Double click or Enter ends, Backspace takes the last corner back, Esc stops.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, canvas: MapCanvas, what: Literal["length", "area"]) -> None:
        super().__init__(canvas)
        self._what: Literal["length", "area"] = what
        self._points: list[tuple[float, float]] = []
        self._pointer: tuple[float, float] | None = None
        self._is_ended = False

    @property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """The corners that are set, metres, EPSG:4546."""
        return tuple(self._points)

    @property
    def current(self) -> Measurement:
        """What the corners and the pointer enclose so far."""
        points = list(self._points)
        if self._pointer is not None and points and not self._is_ended:
            points.append(self._pointer)
        return measure(self._what, points)

    def press(self, event: QMouseEvent) -> None:
        """Set a corner; after an ended measurement, the first of a new one."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._is_ended:
            self._points.clear()
            self._is_ended = False
        self._points.append(self.canvas.view.to_world(event.position().x(), event.position().y()))
        self.canvas.update()

    def move(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        self._pointer = self.canvas.view.to_world(event.position().x(), event.position().y())
        if self._points and not self._is_ended:
            self.canvas.update()

    def double_click(self, event: QMouseEvent) -> None:
        """End: the first click of the two has set the last corner."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._end()

    def key(self, event: QKeyEvent) -> bool:
        """Enter ends, Backspace takes the last corner back, Esc stops and then leaves the tool."""
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._end()
            case Qt.Key.Key_Backspace if self._points and not self._is_ended:
                self._points.pop()
                self.canvas.update()
            case Qt.Key.Key_Escape if self._points:
                self.cancel()
            case Qt.Key.Key_Escape:
                self.canvas.set_tool("navigate")
            case _:
                return False
        return True

    def cancel(self) -> None:
        """Forget all corners."""
        self._points.clear()
        self._is_ended = False
        self.canvas.update()

    def paint(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Draw the line or area and its readout."""
        found = self.current
        if not found.points:
            return
        corners = [QPointF(*view.to_screen(x, y)) for x, y in found.points]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour(theme, "accent"), 2))
        if self._what == "area" and len(corners) > 2:
            painter.setBrush(QBrush(colour(theme, "accent", 0.15)))
            painter.drawPolygon(QPolygonF(corners))
        else:
            painter.drawPolyline(QPolygonF(corners))
        painter.setBrush(colour(theme, "map_ground"))
        for corner in corners:
            painter.drawEllipse(corner, 3.5, 3.5)
        self._paint_readout(painter, theme, corners[-1], _words(found))

    def _paint_readout(self, painter: QPainter, theme: Theme, at: QPointF, words: str) -> None:
        face = font(theme, theme.text_px, bold=True)
        metrics = QFontMetricsF(face)
        box = QRectF(at.x() + 14, at.y() + 10, metrics.horizontalAdvance(words) + 16, metrics.height() + 8)
        box.moveRight(min(box.right(), self.canvas.width() - 4.0))
        box.moveBottom(min(box.bottom(), self.canvas.height() - 4.0))
        painter.setPen(QPen(colour(theme, "line"), 1))
        painter.setBrush(colour(theme, "raised"))
        painter.drawRoundedRect(box, theme.radius_px, theme.radius_px)
        painter.setFont(face)
        painter.setPen(colour(theme, "text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _end(self) -> None:
        if len(self._points) > 1 and not self._is_ended:
            self._is_ended = True
            self.canvas.measured.emit(self.current)
            self.canvas.update()


def _words(found: Measurement) -> str:
    if found.what == "length" or found.area_m2 == 0:
        return length_text(found.length_m)
    return QCoreApplication.translate("MeasureTool", "{area} · border {length}").format(
        area=area_text(found.area_m2), length=length_text(found.length_m)
    )
