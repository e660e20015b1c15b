"""Which period the slider covers: a day, the last seven, or from one moment to another."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QDateTime, QTime, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QDateTimeEdit, QHBoxLayout, QWidget

from console.widgets.shared import figures
from console.widgets.shared.panel import label, margins

if TYPE_CHECKING:
    from collections.abc import Callable

WEEK = timedelta(days=7)


class PeriodField(QWidget):
    """Chooses a period that has begun.

    Args:
        now: tells the present.
    """

    chosen = Signal()
    """`period` is another one."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._now = now
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("Period of the replay"))
        for key, words in (
            ("hours", self.tr("Last 24 hours")),
            ("today", self.tr("Today")),
            ("yesterday", self.tr("Yesterday")),
            ("week", self.tr("Last 7 days")),
            ("day", self.tr("Another day")),
            ("span", self.tr("From … to …")),
        ):
            self.kind.addItem(words, key)
        now_here = now().astimezone(figures.CITY_TIME)
        today = QDate(now_here.year, now_here.month, now_here.day)
        self.day = QDateEdit(today.addDays(-1))
        self.day.setCalendarPopup(True)
        self.day.setDisplayFormat("yyyy-MM-dd")
        self.day.setMaximumDate(today)
        self.day.setAccessibleName(self.tr("Day of the replay"))
        minute = QDateTime(today, QTime(now_here.hour, now_here.minute))
        self.first, self.last = QDateTimeEdit(minute.addSecs(-3600)), QDateTimeEdit(minute)
        for field, name in ((self.first, self.tr("Begin of the replay")), (self.last, self.tr("End of the replay"))):
            field.setCalendarPopup(True)
            field.setDisplayFormat("yyyy-MM-dd HH:mm")
            field.setAccessibleName(name)
        self._dash = label("–", "secondary")
        row = QHBoxLayout(self)
        margins(row, 0, 0, 0, 0, 4)
        for widget in (self.kind, self.day, self.first, self._dash, self.last):
            row.addWidget(widget)
        self._show_fields()
        self.kind.currentIndexChanged.connect(self._on_kind)
        self.day.dateChanged.connect(lambda _day: self.chosen.emit())
        for field in (self.first, self.last):
            field.editingFinished.connect(self.chosen.emit)

    @property
    def period(self) -> tuple[datetime, datetime] | None:
        """First and last moment; None when the last is not after the first, or the first is still to come."""
        now = self._now().astimezone(figures.CITY_TIME)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        key = self.kind.currentData()
        if key == "span":
            start, end = (
                datetime.fromisoformat(field.dateTime().toString("yyyy-MM-ddTHH:mm")).replace(tzinfo=figures.CITY_TIME)
                for field in (self.first, self.last)
            )
        elif key == "day":
            chosen = self.day.date()
            start = datetime(chosen.year(), chosen.month(), chosen.day(), tzinfo=figures.CITY_TIME)
            end = start + timedelta(days=1)
        else:
            start, end = {
                "hours": (now - timedelta(days=1), now),
                "today": (midnight, now),
                "yesterday": (midnight - timedelta(days=1), midnight),
                "week": (now - WEEK, now),
            }[key]
        end = min(end, now)
        return (start, end) if start < end else None

    def _on_kind(self) -> None:
        self._show_fields()
        self.chosen.emit()

    def _show_fields(self) -> None:
        key = self.kind.currentData()
        self.day.setVisible(key == "day")
        for widget in (self.first, self._dash, self.last):
            widget.setVisible(key == "span")
