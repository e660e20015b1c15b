"""A small picture of the map around a place, for a page of something else: north up, places marked, with its scale."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from console.map.on_paper import PaperMap
from console.map.overlay import distance_text, paint_scale_bar, scale_bar
from console.map.style import colour, font
from console.map.view import View

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from console.map.canvas import MapCanvas
    from console.map.view import Extent

ROUND_SCALES = (1_000, 2_000, 2_500, 5_000, 7_500, 10_000, 15_000, 20_000, 25_000, 50_000, 100_000)
"""Scales of pictures that show all of something, the largest first."""
DPI = 288
"""Three dots for one pixel of 96 an inch."""
SCALES = (2_500, 5_000, 10_000)
"""Nearest first: the first one on which all marks are seen, or else the last."""
EDGE_PX = 24
RING_PX = 9.0
MARK_PX = 8.0
BAR_PX = 110.0


@dataclass(frozen=True)
class Mark:
    """A further place with a short text, metres in EPSG:4546."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Way:
    """A line to be drawn over the layers.

    Attributes:
        xy: its points, metres in EPSG:4546, shape (n, 2).
        ink: colour of the theme.
        width: pixels; metres when `is_band`.
        is_band: whether it is a pale band so many metres wide.
        is_dashed: whether it is broken.
    """

    xy: NDArray[np.float64]
    ink: str
    width: float
    is_band: bool = False
    is_dashed: bool = False


def whole_view(extent: Extent, width: int, height: int) -> tuple[View, int]:
    """The view that shows all of an extent, and n of its scale 1:n on paper."""
    free = (width - 2 * EDGE_PX, height - 2 * EDGE_PX)
    needed = max(extent.width / free[0], extent.height / free[1]) / (0.0254 / 96)
    number = next((scale for scale in ROUND_SCALES if scale >= needed), ceil(needed / 100_000) * 100_000)
    return View(*extent.centre, number * 0.0254 / 96, width, height), number


def excerpt_view(place: tuple[float, float], marks: Sequence[Mark], width: int, height: int) -> tuple[View, int]:
    """The view around `place` that shows the marks, and n of its scale 1:n on paper."""
    for number in SCALES:
        view = View(*place, number * 0.0254 / 96, width, height)
        inner = View(*place, number * 0.0254 / 96, width - 2 * EDGE_PX, height - 2 * EDGE_PX).extent
        if all(inner.xmin <= m.x <= inner.xmax and inner.ymin <= m.y <= inner.ymax for m in marks):
            break
    return view, number


class MapExcerpt(PaperMap):
    """Paints the surroundings of a place.

    Args:
        canvas: whose layers are painted, whether they are turned on there or not.
        keys: of these layers.
        place: in the middle, metres in EPSG:4546.
        marks: further places; those that lie too far away are left out.
        width, height: of the picture, pixels of 96 an inch.
    """

    painted = Signal(object)
    """The `QImage`, at `DPI` dots an inch."""

    def __init__(
        self,
        canvas: MapCanvas,
        keys: Sequence[str],
        place: tuple[float, float],
        marks: Sequence[Mark],
        width: int,
        height: int,
    ) -> None:
        view, self.scale = excerpt_view(place, marks, width, height)
        layers = [one for one in canvas.layers if one.key in keys and one.in_scale(view.metres_per_pixel)]
        super().__init__(canvas, "excerpt", view, layers)
        self._marks = marks

    def _steps_of(self) -> Generator[None, None, None]:
        zoom = DPI / 96
        image = QImage(QSize(self._view.width, self._view.height) * zoom, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        try:
            painter.scale(zoom, zoom)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.save()
            yield from self._paint_layers(painter)
            painter.restore()
            self._paint_marks(painter)
        finally:
            painter.end()
        self.painted.emit(image)
        self.deleteLater()
        yield

    def _paint_marks(self, painter: QPainter) -> None:
        for mark in self._marks:
            x, y = self._view.to_screen(mark.x, mark.y)
            if 0 <= x <= self._view.width and 0 <= y <= self._view.height:
                self._paint_mark(painter, x, y, mark.text)
        middle = QPointF(self._view.width / 2, self._view.height / 2)
        for pen in (QPen(QColor("white"), 5), QPen(colour(self._theme, "critical"), 2.5)):
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(middle, RING_PX, RING_PX)
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                way = QPointF(dx, dy)
                painter.drawLine(middle + way * RING_PX, middle + way * (RING_PX + 7))
        self._paint_scale(painter)

    def _paint_scale(self, painter: QPainter) -> None:
        metres, length = scale_bar(self._view.metres_per_pixel, BAR_PX)
        ground = QRectF(6, self._view.height - 34, length + 22, 28)
        painter.fillRect(ground, QColor(255, 255, 255, 220))
        paint_scale_bar(painter, self._theme, 16, self._view.height - 14, length, distance_text(metres))

    def _paint_mark(self, painter: QPainter, x: float, y: float, text: str) -> None:
        painter.setPen(QPen(QColor("white"), 1.5))
        painter.setBrush(colour(self._theme, "accent"))
        painter.drawEllipse(QPointF(x, y), MARK_PX, MARK_PX)
        painter.setFont(font(self._theme, 10, bold=True))
        painter.setPen(colour(self._theme, "on_accent"))
        painter.drawText(QRectF(x - 12, y - 10, 24, 20), Qt.AlignmentFlag.AlignCenter, text)


class WaysExcerpt(MapExcerpt):
    """Paints ways and places on the map, all of them in sight.

    Args:
        canvas: whose layers are painted, whether they are turned on there or not.
        keys: of these layers.
        extent: what is to be seen of it.
        ways: from the ground up; marks lie above them.
        marks: places with a short text.
        width, height: of the picture, pixels of 96 an inch.
    """

    def __init__(
        self,
        canvas: MapCanvas,
        keys: Sequence[str],
        extent: Extent,
        ways: Sequence[Way],
        marks: Sequence[Mark],
        width: int,
        height: int,
    ) -> None:
        super().__init__(canvas, keys, extent.centre, marks, width, height)
        self._view, self.scale = whole_view(extent, width, height)
        self._layers = [one for one in canvas.layers if one.key in keys and one.in_scale(self._view.metres_per_pixel)]
        self._ways = ways

    def _paint_marks(self, painter: QPainter) -> None:
        for way in self._ways:
            ink = colour(self._theme, way.ink)
            width = way.width / self._view.metres_per_pixel if way.is_band else way.width
            if way.is_band:
                ink.setAlphaF(0.16)
            pen = QPen(ink, width, Qt.PenStyle.DashLine if way.is_dashed else Qt.PenStyle.SolidLine)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap if way.is_dashed else Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF([QPointF(*self._view.to_screen(x, y)) for x, y in way.xy.tolist()]))
        for mark in self._marks:
            self._paint_mark(painter, *self._view.to_screen(mark.x, mark.y), mark.text)
        self._paint_scale(painter)
