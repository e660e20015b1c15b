"""The days of the audit trail at the left: how many entries each has, and whether its chain holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from console.models import audit
from console.widgets.shared import figures
from console.widgets.shared.panel import Heading, Stateful, label, margins
from console.widgets.shared.table import Column, RecordModel, RecordTable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from console.models.audit import Breach, Day
    from console.widgets.shared.desk import Desk

ALL = "all"
HOLDS, BROKEN = "✓", "▲"


@dataclass(frozen=True)
class DayRow:
    """A row: a day, or all of them together; `breaches` is None as long as the chain was not checked."""

    day: date | None
    entries: int
    head: bytes | None = None
    is_closed: bool = False
    breaches: tuple[Breach, ...] | None = None

    @property
    def key(self) -> str:
        """Of the row."""
        return ALL if self.day is None else self.day.isoformat()

    @property
    def mark(self) -> str:
        """Whether the chain holds, in a symbol and a number."""
        if self.breaches is None:
            return ""
        return f"{BROKEN} {len(self.breaches)}" if self.breaches else HOLDS


class DayList(QWidget):
    """Days, newest first, below a row for all of them."""

    chosen = Signal(object)
    """The `DayRow` whose entries are to be shown."""
    updated = Signal(object)
    """The same `DayRow` as it is now: it has grown, or its chain was checked."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Days"))
        self._desk = desk
        self._checked: dict[date, tuple[Breach, ...]] = {}
        self.heading = Heading(self.tr("Audit"))
        columns: list[Column[DayRow]] = [
            Column(
                self.tr("Day"),
                lambda row: self.tr("All days") if row.day is None else f"{row.day:%Y-%m-%d}",
            ),
            Column(self.tr("Sealed"), lambda row: figures.count(row.entries), lambda row: row.entries, width_px=74),
            Column(
                self.tr("Chain"),
                lambda row: row.mark,
                colour=lambda row: "critical_text" if row.breaches else "",
                width_px=62,
            ),
        ]
        self.model: RecordModel[DayRow] = RecordModel(columns, lambda row: row.key, self)
        self.table = RecordTable(self.model)
        self.table.setAccessibleName(self.tr("Days of the audit trail"))
        self.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)  # words come after figures: all days stand on top
        self.state = Stateful(self.table, self.refresh)
        self.check_button = QPushButton(self.tr("Check all days"))
        self.check_button.clicked.connect(self.check_all)
        about = label(
            self.tr("A day's head stands for all entries up to it. Kept outside, it proves them against anybody."),
            "secondary",
            wraps=True,
        )
        below = QVBoxLayout()
        margins(below, 12, 8, 12, 12, 8)
        below.addWidget(self.check_button)
        below.addWidget(about)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(self.heading)
        box.addWidget(self.state, 1)
        box.addLayout(below)
        self.state.show_loading()
        self.table.chosen.connect(self.chosen)

    @property
    def row(self) -> DayRow | None:
        """The row whose entries are shown."""
        return None if self.table.marked is None else self._row_of(self.table.marked)

    def refresh(self) -> None:
        """Read the days anew."""
        self._desk.operations.read(self, audit.days, self._show, self._fail, key="days")

    def note(self, day: date, found: Sequence[Breach]) -> None:
        """The chain of a day was checked."""
        self._checked[day] = tuple(found)
        self.refresh()

    def check_all(self) -> None:
        """Check the chain of every day."""
        self.check_button.setEnabled(False)
        self.check_button.setText(self.tr("Checking …"))
        self._desk.operations.read(self, audit.breaches, self._checked_all, self._check_failed, key="check")

    def _checked_all(self, found: list[Breach]) -> None:
        rows = [self.model.key_at(place) for place in range(self.model.rowCount())]
        days = {row.day for key in rows if (row := self._row_of(key)) is not None and row.day is not None}
        days |= {breach.day for breach in found}
        self._checked = {day: tuple(b for b in found if b.day == day) for day in days}
        self._end_check()
        self.refresh()
        if found:
            words = self.tr("The audit trail is broken. Breaches: {n}; days: {days}.")
            broken = len({breach.day for breach in found})
            self._desk.notices.post(words.format(n=figures.count(len(found)), days=broken), "medium")
        else:
            self._desk.notices.post(self.tr("The audit trail is unbroken from its first day on."))

    def _check_failed(self, error: Exception) -> None:
        self._end_check()
        self._desk.notices.post(self._desk.notices.words_for(error), "medium")

    def _end_check(self) -> None:
        self.check_button.setEnabled(True)
        self.check_button.setText(self.tr("Check all days"))

    def _show(self, found: list[Day]) -> None:
        today = self._desk.now().date()
        rows = {day.day: DayRow(day.day, day.entries, day.head, day.is_closed) for day in found}
        # A day of which nothing is left is a breach that has no day.
        for day in {today, *(day for day, broken in self._checked.items() if broken)} - rows.keys():
            rows[day] = DayRow(day, 0)
        rows = {
            day: DayRow(day, row.entries, row.head, row.is_closed, self._checked.get(day)) for day, row in rows.items()
        }
        everything = DayRow(None, sum(row.entries for row in rows.values()))
        self.model.show([everything, *rows.values()])
        self.heading.say(self.tr("Audit"), figures.things(len(rows), self.tr("1 day"), self.tr("{n} days")))
        self.state.show_content()
        if self.table.marked is None:
            self.table.mark(today.isoformat())
            self.chosen.emit(self.row)
        elif self.row is not None:
            self.updated.emit(self.row)

    def _row_of(self, key: str) -> DayRow | None:
        place = self.model.row_of(key)
        return None if place is None else self.model.record(place)

    def _fail(self, error: Exception) -> None:
        self.state.show_failed(self._desk.notices.words_for(error))
