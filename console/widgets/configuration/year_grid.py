"""A year at a glance: twelve months, each day as working or free, holidays, make-up days and what is only assumed."""

from __future__ import annotations

import calendar as gregorian
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from console.widgets.shared.panel import ENTER
from console.widgets.shared.style import Look, font

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent

WIDE = 900
"""From this width on four months stand side by side, else three."""
TITLE_HEIGHT, WEEKDAY_HEIGHT, GAP = 22, 17, 18
DAYS, WEEKS, SATURDAY = 7, 6, 5
HOURS_PX = 11
LEAST_CELL = 20
STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -DAYS, Qt.Key.Key_Down: DAYS}


@dataclass(frozen=True)
class DayLook:
    """How a day is shown.

    Attributes:
        is_working: whether limits run.
        name: of its holiday, empty for none.
        is_assumed: whether nobody has announced it yet.
        is_changed: whether this is drafted and not saved.
    """

    is_working: bool
    name: str = ""
    is_assumed: bool = False
    is_changed: bool = False


@dataclass(frozen=True)
class Season:
    """Hours of a working day, such as ``08:00–12:00``, in force between two days, both included."""

    first: date
    last: date
    hours: str


class YearGrid(QWidget):
    """Shows a year; one day is current, and a stretch of days may be selected.

    Args:
        today: the day that is shown first.
        language: of the names of months and weekdays.
    """

    moved = Signal()
    """Another day is current, or more or fewer are selected."""
    opened = Signal()
    """The current day is to be looked at."""
    toggled = Signal()
    """The selected days are to be the other way round."""
    wanted = Signal(bool)
    """The selected days are to be working days, or not."""

    def __init__(self, today: date, language: str) -> None:
        super().__init__()
        self._today = self.current = self.anchor = today
        self._locale = QLocale(language)
        self._days: Mapping[date, DayLook] = {}
        self._seasons: Sequence[Season] = ()
        self._turns: frozenset[date] = frozenset()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(420, self._least_height())
        self.setMouseTracking(True)

    @property
    def selected(self) -> list[date]:
        """The selected days, in their order."""
        first, last = min(self.current, self.anchor), max(self.current, self.anchor)
        return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]

    def show_days(self, days: Mapping[date, DayLook]) -> None:
        """Show these days."""
        self._days = days
        self.update()

    def show_seasons(self, seasons: Sequence[Season]) -> None:
        """Show the working hours that are in force, and the days on which others begin."""
        self._seasons = seasons
        ends = {one.last + timedelta(days=1) for one in seasons if one.last < date.max}
        self._turns = frozenset({one.first for one in seasons} | ends)
        self.update()

    def hours_on(self, day: date) -> str:
        """The hours of a working day that are in force on `day`; empty for none."""
        return "  ".join(sorted(one.hours for one in self._seasons if one.first <= day <= one.last))

    def go_to(self, day: date, *, extend: bool = False) -> None:
        """Make a day current; `extend` selects all days up to it."""
        self.current = day
        if not extend:
            self.anchor = day
        self.update()
        self.moved.emit()

    def sizeHint(self) -> QSize:
        """As large as there is room."""
        return QSize(900, 700)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the months need more lines."""
        super().resizeEvent(event)
        self.setMinimumHeight(self._least_height())

    # Where days are

    @property
    def _across(self) -> int:
        return 4 if self.width() >= WIDE else 3

    def _least_height(self) -> int:
        down = 12 // self._across
        return down * (TITLE_HEIGHT + WEEKDAY_HEIGHT + WEEKS * LEAST_CELL) + (down - 1) * GAP

    def _month_area(self, month: int) -> QRect:
        across = self._across
        down = 12 // across
        width = (self.width() - GAP * (across - 1)) // across
        height = (self.height() - GAP * (down - 1)) // down
        row, column = divmod(month - 1, across)
        return QRect(column * (width + GAP), row * (height + GAP), width, height)

    def day_area(self, day: date) -> QRect:
        """Where a day of the year stands."""
        area = self._month_area(day.month)
        first = date(day.year, day.month, 1).weekday()
        week, weekday = divmod(first + day.day - 1, DAYS)
        top = area.top() + TITLE_HEIGHT + WEEKDAY_HEIGHT
        height = (area.height() - TITLE_HEIGHT - WEEKDAY_HEIGHT) // WEEKS
        width = area.width() // DAYS
        return QRect(area.left() + weekday * width, top + week * height, width, height)

    def day_at(self, x: int, y: int) -> date | None:
        """The day at a place; None beside all of them."""
        for month in range(1, 13):
            if self._month_area(month).contains(x, y):
                for number in range(1, gregorian.monthrange(self.current.year, month)[1] + 1):
                    day = date(self.current.year, month, number)
                    if self.day_area(day).contains(x, y):
                        return day
        return None

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """All twelve months."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = set(self.selected)
        for month in range(1, 13):
            self._paint_month(painter, month)
            for number in range(1, gregorian.monthrange(self.current.year, month)[1] + 1):
                day = date(self.current.year, month, number)
                self._paint_day(painter, day, is_selected=day in selected)
        painter.end()

    def _paint_month(self, painter: QPainter, month: int) -> None:
        look, area = Look.current(), self._month_area(month)
        painter.setPen(QColor(look.text))
        painter.setFont(font(look.text_px, semibold=True))
        title = self._locale.standaloneMonthName(month, QLocale.FormatType.LongFormat)
        painter.drawText(QRect(area.left() + 4, area.top(), area.width(), TITLE_HEIGHT), 0, title)
        used = painter.fontMetrics().horizontalAdvance(title) + 12
        painter.setFont(font(HOURS_PX))
        painter.setPen(QColor(look.secondary))
        room = QRect(area.left() + used, area.top(), DAYS * (area.width() // DAYS) - used - 6, TITLE_HEIGHT)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
        hours = self.hours_on(date(self.current.year, month, 1))
        if painter.fontMetrics().horizontalAdvance(hours) <= room.width():
            painter.drawText(room.adjusted(0, 3, 0, 0), right, hours)
        painter.setFont(font(look.secondary_px))
        painter.setPen(QColor(look.disabled))
        width = area.width() // DAYS
        for weekday in range(DAYS):
            name = self._locale.standaloneDayName(weekday + 1, QLocale.FormatType.NarrowFormat)
            place = QRect(area.left() + weekday * width, area.top() + TITLE_HEIGHT, width, WEEKDAY_HEIGHT)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name)

    def _paint_day(self, painter: QPainter, day: date, *, is_selected: bool) -> None:
        look, known = Look.current(), self._days.get(day)
        area = QRectF(self.day_area(day)).adjusted(1, 1, -1, -1)
        is_off = known is not None and not known.is_working and bool(known.name)
        is_made_up = known is not None and known.is_working and day.weekday() >= SATURDAY
        if is_selected or is_off:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.accent_ground if is_selected else look.raised))
            painter.drawRoundedRect(area, look.radius_px, look.radius_px)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if is_made_up or (day == self.current and self.hasFocus()):
            painter.setPen(QPen(QColor(look.accent if day == self.current else look.disabled), 1))
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), look.radius_px, look.radius_px)
        is_work = known is not None and known.is_working
        painter.setPen(QColor(look.disabled if known is None else look.text if is_work or is_off else look.secondary))
        painter.setFont(font(look.text_px if area.height() > 17 else look.secondary_px, semibold=day == self._today))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, str(day.day))
        if is_off or is_made_up:
            painter.setFont(font(9))
            painter.setPen(QColor(look.secondary))
            corner = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
            painter.drawText(area.adjusted(0, 0, -3, 0), corner, self.tr("off") if is_off else self.tr("on"))
        if day in self._turns:
            painter.setPen(QPen(QColor(look.text), 2))
            painter.drawLine(area.topLeft() + QPointF(0, 4), area.bottomLeft() - QPointF(0, 4))
        if known is not None and known.is_assumed:
            painter.setPen(QPen(QColor(look.disabled), 1, Qt.PenStyle.DotLine))
            painter.drawLine(area.bottomLeft() + QPointF(6, 0), area.bottomRight() - QPointF(6, 0))
        if known is not None and known.is_changed:
            painter.setFont(font(9))
            painter.setPen(QColor(look.text))
            painter.drawText(area.adjusted(3, 0, 0, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, "✎")

    # Hand and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses a day, with Shift all days up to it."""
        day = self.day_at(round(event.position().x()), round(event.position().y()))
        if day is not None:
            self.go_to(day, extend=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drawing over days selects them; resting on one tells its name."""
        day = self.day_at(round(event.position().x()), round(event.position().y()))
        if day is None:
            self.setToolTip("")
        elif event.buttons() & Qt.MouseButton.LeftButton:
            if day != self.current:
                self.go_to(day, extend=True)
        else:
            known = self._days.get(day)
            self.setToolTip("" if known is None else known.name)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens."""
        if self.day_at(round(event.position().x()), round(event.position().y())) is not None:
            self.opened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go, with Shift they select; page keys change the year; O, W and the space bar decide."""
        key = Qt.Key(event.key())
        extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        wanted = self._goal(key)
        if wanted is not None:
            self.go_to(wanted, extend=extend)
        elif key in {Qt.Key.Key_O, Qt.Key.Key_W}:
            self.wanted.emit(key == Qt.Key.Key_W)
        elif key == Qt.Key.Key_Space:
            self.toggled.emit()
        elif key in ENTER:
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def _goal(self, key: Qt.Key) -> date | None:
        year = self.current.year
        if key in STEPS:
            return self.current + timedelta(days=STEPS[key])
        if key in {Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}:
            return in_year(self.current, year + (1 if key == Qt.Key.Key_PageDown else -1))
        ends = {Qt.Key.Key_Home: date(year, 1, 1), Qt.Key.Key_End: date(year, 12, 31), Qt.Key.Key_T: self._today}
        return ends.get(key)


def in_year(day: date, year: int) -> date:
    """The same day of another year."""
    return day.replace(year=year, day=min(day.day, gregorian.monthrange(year, day.month)[1]))
