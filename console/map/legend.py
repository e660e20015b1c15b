"""Samples of a style, as the layer tree and prints show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from console.map.style import PolygonSample, Stroke, Symbol, colour
from console.map.symbols import draw_symbol

if TYPE_CHECKING:
    from console.map.style import LegendEntry
    from console.theme import Theme

SAMPLE_WIDTH_PX = 22
SAMPLE_HEIGHT_PX = 16
LARGEST_SYMBOL_PX = 13.0


def paint_sample(painter: QPainter, rect: QRectF, sample: Stroke | Symbol | PolygonSample, theme: Theme) -> None:
    """Draw one sample in the middle of `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = rect.center()
    match sample:
        case Stroke():
            painter.setPen(sample.pen(theme, max(sample.width_px, 2.0)))
            painter.drawLine(QPointF(rect.left() + 1, middle.y()), QPointF(rect.right() - 1, middle.y()))
        case Symbol():
            # A symbol that is larger than the row is drawn smaller, not cut.
            scale = min(1.0, LARGEST_SYMBOL_PX / sample.size_px)
            painter.translate(middle)
            painter.scale(scale, scale)
            draw_symbol(painter, sample, theme, 0, 0, 45 if sample.shape == "arrow" else 0)
        case PolygonSample():
            box = rect.adjusted(2, 2.5, -2, -2.5)
            painter.setPen(Qt.PenStyle.NoPen if sample.outline is None else sample.outline.pen(theme))
            if sample.fill is not None:
                painter.setBrush(colour(theme, sample.fill, sample.fill_alpha))
            painter.drawRect(box)
    painter.restore()


class Swatch(QWidget):
    """A few samples side by side."""

    def __init__(self, entries: list[LegendEntry], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries = entries
        self._theme = theme
        self.setFixedSize(self.sizeHint())

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Room for all samples."""
        return QSize(SAMPLE_WIDTH_PX * len(self._entries), SAMPLE_HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the samples."""
        del event
        painter = QPainter(self)
        for place, entry in enumerate(self._entries):
            rect = QRectF(place * SAMPLE_WIDTH_PX, 0, SAMPLE_WIDTH_PX, SAMPLE_HEIGHT_PX)
            paint_sample(painter, rect, entry.sample, self._theme)
        painter.end()
