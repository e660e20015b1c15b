"""The slider of a period: where the instant is, when alarms were raised, when it rained, what is in memory."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from console.widgets.shared import figures
from console.widgets.shared.style import Look, font
from console.widgets.shared.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent

    from console.models.replay import AlarmMark, Marks

HEIGHT_PX, EDGE_PX = 46, 10
FRAME_MS = 16
"""A hand that drags moves more often than there are frames; of what it passes the last place counts."""
GROOVE_PX, GROOVE_TOP_PX = 4, 18
TEXT_EDGE_PX = 4
RAIN_PX = 12
ALARM_EVERY_PX = 5
"""Of alarms nearer together only the most urgent one is marked."""
LEAST_RAIN_MM = 2.0
"""Less rain than this does not fill its height."""
URGENCIES = ("medium", "high", "critical")
MINUTE_S, HOUR_S = 60.0, 3_600.0
TICKS_S = (300, 900, 3_600, 3 * 3_600, 6 * 3_600, 24 * 3_600, 7 * 24 * 3_600)
TICK_PX = 64


class TimeSlider(QWidget):
    """A period from left to right. Times are seconds since 1970 (UTC).

    Keys: arrows a minute, with Page Up and Page Down an hour, Home and End the ends of the period.
    """

    scrubbed = Signal(float)
    """Somebody wants this instant."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT_PX)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Time of the replay"))
        self._start = self._end = self._at = 0.0
        self._marks: Marks | None = None
        self._known: Sequence[tuple[float, float]] = ()
        self._still: QPixmap | None = None
        self._drag = Throttle(FRAME_MS, self.scrubbed.emit, self)

    def sizeHint(self) -> QSize:
        """As wide as there is place."""
        return QSize(400, HEIGHT_PX)

    @property
    def at(self) -> float:
        """The instant that is marked."""
        return self._at

    @property
    def marks(self) -> Marks | None:
        """What is marked; None while it is not read."""
        return self._marks

    def show_period(self, start: float, end: float) -> None:
        """Show another period, of which nothing is marked yet."""
        if (start, end) != (self._start, self._end):
            self._start, self._end, self._marks = start, end, None
            self._repaint_all()

    def show_marks(self, marks: Marks | None) -> None:
        """Mark alarms and rain."""
        self._marks = marks
        self._repaint_all()

    def show_known(self, spans: Sequence[tuple[float, float]]) -> None:
        """Show which spans are in memory."""
        self._known = spans
        self._repaint_all()

    def show_at(self, at: float) -> None:
        """Mark the instant that is shown."""
        if at != self._at:
            was, self._at = self._at, at
            for place in (self._x(was), self._x(at)):
                self.update(round(place) - 8, 0, 16, HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the period as it was painted before, and the instant over it."""
        del event
        if self._still is None:
            self._still = self._painted()
        look, painter = Look.current(), QPainter(self)
        painter.drawPixmap(0, 0, self._still)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = self._x(self._at)
        painter.setPen(QPen(QColor(look.accent), 2))
        painter.drawLine(QPointF(x, 2), QPointF(x, GROOVE_TOP_PX + GROOVE_PX + RAIN_PX))
        painter.setPen(QPen(QColor(look.text if self.hasFocus() else look.accent), 2))
        painter.setBrush(QColor(look.accent))
        painter.drawEllipse(QPointF(x, GROOVE_TOP_PX + GROOVE_PX / 2), 5, 5)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Paint everything anew."""
        super().resizeEvent(event)
        self._repaint_all()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.scrubbed.emit(self._time(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along; without a button tell the time below the pointer."""
        at = self._time(event.position().x())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(at)
        else:
            QToolTip.showText(event.globalPosition().toPoint(), self._words(at), self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stay where the hand let go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag.cancel()
            self.scrubbed.emit(self._time(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step by minutes and hours."""
        step = {
            Qt.Key.Key_Left: -MINUTE_S,
            Qt.Key.Key_Right: MINUTE_S,
            Qt.Key.Key_PageUp: -HOUR_S,
            Qt.Key.Key_PageDown: HOUR_S,
            Qt.Key.Key_Home: -np.inf,
            Qt.Key.Key_End: np.inf,
        }.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.scrubbed.emit(min(max(self._at + step, self._start), self._end))

    def _repaint_all(self) -> None:
        self._still = None
        self.update()

    def _x(self, at: float) -> float:
        share = (at - self._start) / (self._end - self._start) if self._end > self._start else 0.0
        return EDGE_PX + share * (self.width() - 2 * EDGE_PX)

    def _time(self, x: float) -> float:
        share = (x - EDGE_PX) / max(self.width() - 2 * EDGE_PX, 1)
        return self._start + min(max(share, 0.0), 1.0) * (self._end - self._start)

    def _words(self, at: float) -> str:
        words = figures.moment(figures.city_time(at))
        if self._marks is not None and self._end > self._start:
            bins = len(self._marks.rain_mm)
            place = min(int((at - self._start) / (self._end - self._start) * bins), bins - 1)
            if self._marks.rain_mm[place] > 0:
                minutes = (self._end - self._start) / bins / MINUTE_S
                said = self.tr("rain {mm} mm in {minutes} min")
                words += " · " + said.format(mm=f"{self._marks.rain_mm[place]:.1f}", minutes=f"{minutes:.0f}")
        return words

    def _painted(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        still = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        still.setDevicePixelRatio(ratio)
        look = Look.current()
        still.fill(QColor(look.panel))
        painter = QPainter(still)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.line))
        groove = QRectF(EDGE_PX, GROOVE_TOP_PX, self.width() - 2 * EDGE_PX, GROOVE_PX)
        painter.drawRect(groove)
        painter.setBrush(QColor(look.disabled))
        for begin, end in self._known:
            left, right = (self._x(min(max(at, self._start), self._end)) for at in (begin, end))
            painter.drawRect(QRectF(left, GROOVE_TOP_PX, right - left, GROOVE_PX))
        if self._end > self._start:
            self._paint_ticks(painter)
            if self._marks is not None:
                self._paint_rain(painter, self._marks)
                self._paint_alarms(painter, self._marks.alarms)
        painter.end()
        return still

    def _paint_ticks(self, painter: QPainter) -> None:
        look, face = Look.current(), font(11)
        painter.setFont(face)
        metrics = QFontMetricsF(face)
        width = max(self.width() - 2 * EDGE_PX, 1)
        least = (self._end - self._start) * TICK_PX / width
        every = next((tick for tick in TICKS_S if tick >= least), TICKS_S[-1])
        begin = figures.city_time(self._start)
        midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
        first = ceil((begin - midnight).total_seconds() / every)
        for number in range(first, first + ceil((self._end - self._start) / every) + 1):
            at = midnight + timedelta(seconds=number * every)
            x = self._x(at.timestamp())
            if at.timestamp() > self._end:
                break
            is_day = at.hour == at.minute == 0
            words = at.strftime("%m-%d") if is_day else at.strftime("%H:%M")
            half = metrics.horizontalAdvance(words) / 2
            painter.setPen(QPen(QColor(look.secondary if is_day else look.line), 1))
            painter.drawLine(QPointF(x, GROOVE_TOP_PX + GROOVE_PX), QPointF(x, HEIGHT_PX - 13))
            painter.setPen(QColor(look.secondary))
            left = min(max(x - half, TEXT_EDGE_PX), self.width() - 2 * half - TEXT_EDGE_PX)
            painter.drawText(QPointF(left, HEIGHT_PX - 3), words)

    def _paint_rain(self, painter: QPainter, marks: Marks) -> None:
        """Hanging from the groove, as in the charts."""
        most = max(float(marks.rain_mm.max(initial=0.0)), LEAST_RAIN_MM)
        width = (self.width() - 2 * EDGE_PX) / len(marks.rain_mm)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(Look.current().storm))
        for place in np.flatnonzero(marks.rain_mm).tolist():
            height = max(marks.rain_mm[place] / most * RAIN_PX, 1.0)
            left = EDGE_PX + place * width
            painter.drawRect(QRectF(left, GROOVE_TOP_PX + GROOVE_PX + 1, max(width - 0.5, 1), height))

    def _paint_alarms(self, painter: QPainter, alarms: Sequence[AlarmMark]) -> None:
        """Shape and colour by urgency, as everywhere: a triangle, a diamond, a dot."""
        worst: dict[int, AlarmMark] = {}
        for mark in alarms:
            cell = int(self._x(mark.at) // ALARM_EVERY_PX)
            known = worst.get(cell)
            if known is None or URGENCIES.index(mark.urgency) > URGENCIES.index(known.urgency):
                worst[cell] = mark
        painter.setPen(Qt.PenStyle.NoPen)
        for mark in sorted(worst.values(), key=lambda one: URGENCIES.index(one.urgency)):
            painter.setBrush(QColor(getattr(Look.current(), mark.urgency)))
            x, y = self._x(mark.at), 9.0
            if mark.urgency == "critical":
                painter.drawPolygon(QPolygonF([QPointF(x, y - 5), QPointF(x + 5, y + 4), QPointF(x - 5, y + 4)]))
            elif mark.urgency == "high":
                corners = [(0, -5), (4.5, 0), (0, 5), (-4.5, 0)]
                painter.drawPolygon(QPolygonF([QPointF(x + dx, y + dy) for dx, dy in corners]))
            else:
                painter.drawEllipse(QPointF(x, y), 3.5, 3.5)
