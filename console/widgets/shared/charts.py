"""Panels of charts, figures and bars in the look of the window: grey data, colour for what is chosen or wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from console.widgets.shared.panel import ElidedLabel, Stateful, label, line, margins
from console.widgets.shared.style import Look, font, set_role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QMouseEvent, QPaintEvent


class ChartPanel(QFrame):
    """A chart with its title, and what stands in its place while there is none."""

    def __init__(self, title: str, chart: QWidget, retry: Callable[[], object] | None = None) -> None:
        super().__init__()
        self.setProperty("surface", "panel")
        self.title = ElidedLabel(title, "secondary")
        self.state = Stateful(chart, retry)
        box = QVBoxLayout(self)
        margins(box, 14, 10, 14, 8, 6)
        box.addWidget(self.title)
        box.addWidget(self.state, 1)


class ChartStrip(QWidget):
    """Charts side by side, each with its share of the width; in a low window one line of figures instead."""

    def __init__(self, panels: Sequence[tuple[QWidget, int]] = ()) -> None:
        super().__init__()
        self._charts = QWidget()
        self._row = QHBoxLayout(self._charts)
        margins(self._row, 0, 0, 0, 0)
        self.fill(panels)
        self.folded_line = ElidedLabel("", "secondary")
        self.folded_line.setContentsMargins(14, 0, 14, 0)
        self.folded_line.hide()
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(self._charts, 1)
        box.addWidget(self.folded_line)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("surface", "panel")

    def fill(self, panels: Sequence[tuple[QWidget, int]]) -> None:
        """Show these charts after those that are there."""
        for panel, stretch in panels:
            if self._row.count():
                self._row.addWidget(line(vertical=True))
            self._row.addWidget(panel, stretch)

    def fold(self, *, folded: bool) -> None:
        """Show one line instead of the charts, or the charts again."""
        self._charts.setVisible(not folded)
        self.folded_line.setVisible(folded)
        self.setMaximumHeight(32 if folded else 16777215)
        self.setMinimumHeight(32 if folded else 150)

    @property
    def is_folded(self) -> bool:
        """Whether only one line is shown."""
        return not self.folded_line.isHidden()


@dataclass(frozen=True)
class Figure:
    """One figure: value, what it counts, and its role (``figure``, ``figure-critical``, ``figure-stale``)."""

    value: str
    name: str
    role: str = "figure"
    tip: str = ""


class FigureBoard(QWidget):
    """A few large figures in columns."""

    clicked = Signal(int)

    def __init__(self, columns: int = 2) -> None:
        super().__init__()
        self._columns = columns
        self._cells: list[_FigureCell] = []
        self._rows = QVBoxLayout(self)
        margins(self._rows, 0, 0, 0, 0, 10)

    def show_figures(self, shown: Sequence[Figure]) -> None:
        """Show `shown`; cells are reused."""
        while len(self._cells) < len(shown):
            if len(self._cells) % self._columns == 0:
                row = QHBoxLayout()
                margins(row, 0, 0, 0, 0, 12)
                self._rows.addLayout(row)
            cell = _FigureCell(self, len(self._cells))
            last = self._rows.itemAt(self._rows.count() - 1)
            layout = last.layout() if last is not None else None
            if isinstance(layout, QHBoxLayout):
                layout.addWidget(cell, 1)
            self._cells.append(cell)
        for cell, figure in zip(self._cells, shown, strict=False):
            cell.show_figure(figure)


class _FigureCell(QWidget):
    def __init__(self, board: FigureBoard, place: int) -> None:
        super().__init__()
        self._board, self._place = board, place
        self._value = label("", "figure")
        self._name = label("", "secondary", wraps=True)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0, 0)
        box.addWidget(self._value)
        box.addWidget(self._name)
        box.addStretch(1)

    def show_figure(self, figure: Figure) -> None:
        self._value.setText(figure.value)
        self._name.setText(figure.name)
        self.setToolTip(figure.tip)
        set_role(self._value, figure.role)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self._board.clicked.emit(self._place)


@dataclass(frozen=True)
class Bar:
    """A named share; `urgent` bars stand out."""

    name: str
    share: float | None
    text: str
    urgent: bool = False


class ShareBars(QWidget):
    """Horizontal bars with names and values; a click tells which one.

    Names have the room that the longest of them needs, but at most `NAMES` of the width.
    """

    clicked = Signal(int)
    ROW = 24
    NAMES = 0.5

    def __init__(self, lowest: float = 0.0, value_width: int = 52) -> None:
        super().__init__()
        self._lowest, self._value_width = lowest, value_width
        self._bars: list[Bar] = []
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show `bars` from the top."""
        self._bars = list(bars)
        self.setMinimumHeight(min(len(self._bars), 5) * 18)
        self.update()

    @property
    def bars(self) -> list[Bar]:
        """What is shown."""
        return self._bars

    def _row_height(self) -> float:
        return min(self.ROW, self.height() / max(1, len(self._bars)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Names at the left, bars from `lowest` to one, values at the right."""
        del event
        look, painter = Look.current(), QPainter(self)
        painter.setFont(font(look.secondary_px))
        height = self._row_height()
        metrics = painter.fontMetrics()
        longest = max((metrics.horizontalAdvance(bar.name) for bar in self._bars), default=0)
        name_width = min(longest + 1, int(self.width() * self.NAMES))
        left = name_width + 8
        width = max(10, self.width() - left - self._value_width - 8)
        for place, bar in enumerate(self._bars):
            top = place * height
            name_area = QRectF(0, top, name_width, height)
            painter.setPen(QPen(QColor(look.secondary)))
            name = metrics.elidedText(bar.name, Qt.TextElideMode.ElideRight, name_width)
            painter.drawText(name_area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
            if bar.share is not None:
                share = max(0.0, min(1.0, (bar.share - self._lowest) / (1 - self._lowest)))
                colour = QColor(look.critical if bar.urgent else look.disabled)
                painter.fillRect(QRectF(left, top + height / 2 - 5, width * share, 10), colour)
            painter.setPen(QPen(QColor(look.critical_text if bar.urgent else look.text)))
            value_area = QRectF(left + width + 8, top, self._value_width, height)
            painter.drawText(value_area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, bar.text)

    def _place(self, y: float) -> int | None:
        place = int(y // self._row_height()) if self._bars else -1
        return place if 0 <= place < len(self._bars) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell which bar was clicked."""
        if (place := self._place(event.position().y())) is not None:
            self.clicked.emit(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the full name as a tip."""
        place = self._place(event.position().y())
        if place is not None:
            bar = self._bars[place]
            QToolTip.showText(event.globalPosition().toPoint(), f"{bar.name}: {bar.text}", self)
