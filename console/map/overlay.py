"""Small things that stand still above the map: scale bar, coordinates, notes."""

from __future__ import annotations

from functools import cache
from math import ceil, floor, log10
from typing import TYPE_CHECKING

from pyproj import Transformer
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPixmap

from console.map.style import colour, font

if TYPE_CHECKING:
    from console.map.view import View
    from console.theme import Theme

SCALE_BAR_AT_MOST_PX = 150
EDGE_PX = 12
STATUS_PX = 40
PADDING_PX = 10
NARROW_PX = 620
"""Below this width the coordinates in metres are left out."""


@cache
def _to_geographic() -> Transformer:
    return Transformer.from_crs("EPSG:4546", "EPSG:4490", always_xy=True)


def geographic(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude in degrees, CGCS2000 (EPSG:4490), of a place in metres, EPSG:4546."""
    longitude, latitude = _to_geographic().transform(x, y)
    return longitude, latitude


def planar(longitude: float, latitude: float) -> tuple[float, float]:
    """Metres, EPSG:4546, of a place in degrees, CGCS2000, from which WGS 84 differs by less than a metre."""
    x, y = _to_geographic().transform(longitude, latitude, direction="INVERSE")
    return x, y


def scale_bar(metres_per_pixel: float, at_most_px: float = SCALE_BAR_AT_MOST_PX) -> tuple[float, float]:
    """Metres and pixels of the longest bar of 1, 2 or 5 times a power of ten that fits."""
    limit = metres_per_pixel * at_most_px
    power = 10.0 ** floor(log10(limit))
    metres = next(step * power for step in (5, 2, 1) if step * power <= limit * (1 + 1e-9))
    return metres, metres / metres_per_pixel


def distance_text(metres: float) -> str:
    """A round distance with its unit: metres below 1 km."""
    return f"{metres:g} m" if metres < 1_000 else f"{metres / 1_000:g} km"


def coordinate_text(x: float, y: float, *, metres: bool = True) -> str:
    """Longitude and latitude to 5 places (1 m), and eastings and northings to the metre."""
    longitude, latitude = geographic(x, y)
    words = f"{longitude:.5f}°E  {latitude:.5f}°N"
    return f"{words}   E {x:,.0f}  N {y:,.0f} m".replace(",", " ") if metres else words


def paint_scale_bar(painter: QPainter, theme: Theme, left: float, middle: float, length_px: float, words: str) -> None:
    """Draw a bar with ticks at its ends and its length written in its middle."""
    face = font(theme, theme.secondary_px)
    width = QFontMetricsF(face).horizontalAdvance(words) + 10
    painter.setPen(QPen(colour(theme, "secondary"), 1))
    centre = left + length_px / 2
    for begin, end in ((left, centre - width / 2), (centre + width / 2, left + length_px)):
        if end > begin:
            painter.drawLine(QPointF(begin, middle), QPointF(end, middle))
    for x in (left, left + length_px):
        painter.drawLine(QPointF(x, middle - 4), QPointF(x, middle + 4))
    painter.setFont(face)
    painter.setPen(colour(theme, "text"))
    painter.drawText(QRectF(centre - width / 2, middle - 10, width, 20), Qt.AlignmentFlag.AlignCenter, words)


def paint_status(painter: QPainter, view: View, theme: Theme, pointer: tuple[float, float] | None) -> None:
    """Draw scale bar and coordinates into the lower right corner."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    face = font(theme, theme.secondary_px)
    words = coordinate_text(*(pointer or (view.x, view.y)), metres=view.width >= NARROW_PX)
    metrics = QFontMetricsF(face)
    metres, bar_px = scale_bar(view.metres_per_pixel)
    text_width = metrics.horizontalAdvance(words)
    box = QRectF(0, 0, bar_px + text_width + 3.5 * PADDING_PX, 26)
    box.moveBottomRight(QPointF(view.width - EDGE_PX, view.height - EDGE_PX))
    painter.fillRect(box, colour(theme, "panel", 0.9))
    painter.setPen(QPen(colour(theme, "line"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
    paint_scale_bar(
        painter, theme, round(box.left()) + PADDING_PX, round(box.center().y()), bar_px, distance_text(metres)
    )
    painter.setFont(face)
    painter.setPen(colour(theme, "secondary"))
    painter.drawText(
        QRectF(box.right() - PADDING_PX - text_width, box.top(), text_width + 1, box.height()),
        Qt.AlignmentFlag.AlignVCenter,
        words,
    )


class StatusLine:
    """Scale bar and coordinates, drawn once as long as neither map nor pointer move: a film is played over them."""

    def __init__(self) -> None:
        self._shows: tuple[object, ...] = ()
        self._picture = QPixmap()

    def paint(self, painter: QPainter, view: View, theme: Theme, pointer: tuple[float, float] | None) -> None:
        """Paint them into the lower right corner."""
        ratio = painter.device().devicePixelRatio()
        shows = view, theme, pointer, ratio
        if shows != self._shows:
            self._shows = shows
            self._picture = QPixmap(ceil(view.width * ratio), ceil(STATUS_PX * ratio))
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
            inside = QPainter(self._picture)
            paint_status(inside, view.resized(view.width, STATUS_PX), theme, pointer)
            inside.end()
        painter.drawPixmap(QPointF(0, view.height - STATUS_PX), self._picture)


def paint_notes(painter: QPainter, view: View, theme: Theme, notes: list[str]) -> None:
    """Draw a few quiet lines into the lower left corner."""
    face = font(theme, theme.secondary_px)
    metrics = QFontMetricsF(face)
    painter.setFont(face)
    bottom = view.height - EDGE_PX
    for words in reversed(notes):
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(view.width * 0.45, 120))
        box = QRectF(EDGE_PX, bottom - 24, metrics.horizontalAdvance(shown) + 2 * PADDING_PX, 24)
        painter.fillRect(box, colour(theme, "panel", 0.9))
        painter.setPen(colour(theme, "secondary"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
        bottom -= 26


def layer_notes(loading: list[str], failed: list[tuple[str, str]], *, empty: bool) -> list[str]:
    """What is said about layers that are loading, failed, or when none is turned on."""
    notes = [
        QCoreApplication.translate("MapCanvas", "{layer}: {failure}").format(layer=title, failure=failure)
        for title, failure in failed
    ]
    if loading:
        notes.append(QCoreApplication.translate("MapCanvas", "Loading {layers}").format(layers=", ".join(loading)))
    if empty:
        notes.append(QCoreApplication.translate("MapCanvas", "No layer is turned on"))
    return notes
