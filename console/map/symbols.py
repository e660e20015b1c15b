"""Symbols of points: drawn as vectors on paper, stamped from a prepared pixmap on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from console.map.primitives import FRAGMENT_NUMBERS, first_fragment
from console.map.style import Symbol, colour, font

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.map.style import Shape
    from console.theme import Theme

FRAGMENTS = 512
"""Symbols that are stamped at a time without making more room."""
HEADINGS = 72
"""Arrows are prepared in so many directions: every 5 degrees."""

_UNIT_CORNERS: dict[Shape, tuple[tuple[float, float], ...]] = {
    "arrow": ((0.0, -0.62), (0.4, 0.5), (0.0, 0.24), (-0.4, 0.5)),
    "triangle": ((0.0, -0.56), (0.58, 0.44), (-0.58, 0.44)),
    "diamond": ((0.0, -0.56), (0.56, 0.0), (0.0, 0.56), (-0.56, 0.0)),
    "square": ((-0.44, -0.44), (0.44, -0.44), (0.44, 0.44), (-0.44, 0.44)),
}


def symbol_path(shape: Shape, size_px: float) -> QPainterPath:
    """The outline of `shape` around the origin, pointing up."""
    path = QPainterPath()
    half = size_px / 2
    if shape in ("ring", "dot"):
        path.addEllipse(QPointF(0, 0), half, half)
    elif shape == "cross":
        for dx, dy in ((half, half), (half, -half)):
            path.moveTo(-dx, -dy)
            path.lineTo(dx, dy)
    else:
        path.addPolygon(QPolygonF([QPointF(x * size_px, y * size_px) for x, y in _UNIT_CORNERS[shape]]))
        path.closeSubpath()
    return path


def draw_symbol(painter: QPainter, symbol: Symbol, theme: Theme, x: float, y: float, heading: float = 0.0) -> None:
    """Draw one symbol as vectors with its middle at (x, y), turned clockwise by `heading` degrees."""
    painter.save()
    painter.translate(x, y)
    painter.rotate(heading)
    _take_colours(painter, symbol, theme)
    painter.drawPath(symbol_path(symbol.shape, symbol.size_px))
    painter.restore()


def _take_colours(painter: QPainter, symbol: Symbol, theme: Theme) -> None:
    if symbol.outline is None:
        painter.setPen(Qt.PenStyle.NoPen)
    else:
        pen = QPen(colour(theme, symbol.outline, symbol.alpha), symbol.outline_px)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        if symbol.dotted:
            pen.setDashPattern([1.4, 1.4])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
    painter.setBrush(QBrush() if symbol.fill is None else QBrush(colour(theme, symbol.fill, symbol.alpha)))


def cluster_radius_px(count: int) -> float:
    """Radius of a cluster sign: grows with the number of its digits."""
    return 9.0 + 2.5 * len(str(count))


@dataclass(frozen=True)
class ClusterSign:
    """A number in a ring.

    Attributes:
        count: the number.
        ink: colour token of the ring.
        ring_px: width of the ring.
    """

    count: int
    ink: str
    ring_px: float


def draw_sign(painter: QPainter, sign: ClusterSign, theme: Theme, x: float, y: float) -> None:
    """Draw the sign of a cluster with its middle at (x, y)."""
    radius = cluster_radius_px(sign.count)
    painter.setPen(QPen(colour(theme, sign.ink), sign.ring_px))
    painter.setBrush(colour(theme, "map_ground"))
    painter.drawEllipse(QPointF(x, y), radius, radius)
    painter.setFont(font(theme, theme.secondary_px))
    painter.setPen(colour(theme, "text"))
    box = QRectF(x - radius, y - radius, 2 * radius, 2 * radius)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(sign.count))


class SymbolAtlas:
    """Symbols of one theme and pixel density, each drawn once in all its headings and stamped many at a time."""

    def __init__(self, theme: Theme, device_pixel_ratio: float) -> None:
        self._theme = theme
        self._ratio = device_pixel_ratio
        self._strips: dict[tuple[Symbol, bool], tuple[QPixmap, int]] = {}
        self._signs: dict[ClusterSign, QPixmap] = {}
        self._reserve(FRAGMENTS)

    def stamp(
        self,
        painter: QPainter,
        symbol: Symbol,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        headings: NDArray[np.float64] | None = None,
    ) -> None:
        """Draw `symbol` at pixels (x, y), each turned clockwise by its heading in degrees."""
        if not len(x):
            return
        strip, cell = self._strip(symbol, turning=headings is not None)
        if len(x) > len(self._places):
            self._reserve(len(x))
        places = self._places[: len(x)]
        # Whole device pixels keep the outlines as crisp as they were drawn; the cell has an odd number of them.
        places[:, 0] = (np.floor(x * self._ratio) + 0.5) / self._ratio
        places[:, 1] = (np.floor(y * self._ratio) + 0.5) / self._ratio
        places[:, 2] = 0 if headings is None else np.rint(headings * (HEADINGS / 360)) % HEADINGS * cell
        places[:, 4:6] = cell
        painter.drawPixmapFragments(self._first, len(x), strip)

    def _reserve(self, count: int) -> None:
        """Make room for so many symbols at a time; what is the same of each is written once."""
        self._places = np.empty((count, FRAGMENT_NUMBERS))
        self._places[:] = (0, 0, 0, 0, 0, 0, 1 / self._ratio, 1 / self._ratio, 0, 1)
        self._first = first_fragment(self._places)

    def stamp_sign(self, painter: QPainter, sign: ClusterSign, x: float, y: float) -> None:
        """Draw the sign of a cluster at pixel (x, y)."""
        pixmap = self._signs.get(sign)
        if pixmap is None:
            pixmap = self._signs[sign] = self._drawn_sign(sign)
        half = pixmap.width() / self._ratio / 2
        painter.drawPixmap(QPointF(x - half, y - half), pixmap)

    def _drawn_sign(self, sign: ClusterSign) -> QPixmap:
        cell = ceil(2 * (cluster_radius_px(sign.count) + sign.ring_px) * self._ratio) | 1
        pixmap = QPixmap(cell, cell)
        pixmap.setDevicePixelRatio(self._ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_sign(painter, sign, self._theme, cell / self._ratio / 2, cell / self._ratio / 2)
        painter.end()
        return pixmap

    def _strip(self, symbol: Symbol, *, turning: bool) -> tuple[QPixmap, int]:
        known = self._strips.get((symbol, turning))
        if known is not None:
            return known
        reach = symbol.size_px * 1.3 + 2 * symbol.outline_px + 2
        cell = ceil(reach * self._ratio) | 1
        steps = HEADINGS if turning else 1
        strip = QPixmap(cell * steps, cell)
        strip.fill(Qt.GlobalColor.transparent)
        painter = QPainter(strip)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _take_colours(painter, symbol, self._theme)
        path = symbol_path(symbol.shape, symbol.size_px)
        for step in range(steps):
            painter.resetTransform()
            painter.translate((step + 0.5) * cell, 0.5 * cell)
            painter.scale(self._ratio, self._ratio)
            painter.rotate(step * 360 / HEADINGS)
            painter.drawPath(path)
        painter.end()
        self._strips[symbol, turning] = strip, cell
        return strip, cell
