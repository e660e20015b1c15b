"""The working calendar as a year: holidays, make-up days and the hours of the season; what is searched is a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from console.models.configuration.working_time import fill_year
from console.widgets.configuration.page import GridPage
from console.widgets.configuration.topics import BY_KEY, CALENDAR
from console.widgets.configuration.year_grid import DayLook, Season, YearGrid, in_year
from console.widgets.shared import figures
from console.widgets.shared.panel import ElidedLabel, label, margins
from console.widgets.shared.style import icon

if TYPE_CHECKING:
    from datetime import date

    from console.widgets.configuration.register import Register
    from console.widgets.shared.desk import Desk

HOURS = "working_hours"
NAME_WIDTH = 150
SEEN_AROUND = 90


class YearPage(GridPage):
    """Days are decided where they stand in the year; each change is a draft like any other.

    Args:
        desk: the day, and where to tell what was done.
        register: days and hours.
    """

    hours_wanted = Signal()
    """The working hours are to be edited."""

    def __init__(self, desk: Desk, register: Register) -> None:
        self._desk = desk
        self._keys: dict[date, str] = {}
        self._today = desk.now().astimezone(figures.CITY_TIME).date()
        super().__init__(BY_KEY[CALENDAR], register)
        self.setFocusProxy(self.grid)
        register.changed.connect(self._on_hours)

    def make_grid(self) -> QWidget:
        """The year, and what can be made of the selected days."""
        self.grid = YearGrid(self._today, self._register.language)
        self.grid.setAccessibleName(self.tr("Year"))
        self.year = label("", "title")
        self.before, self.after = QToolButton(), QToolButton()
        for button, symbol, step, tip in (
            (self.before, "mdi6.chevron-left", -1, self.tr("Year before  (Page up)")),
            (self.after, "mdi6.chevron-right", 1, self.tr("Next year  (Page down)")),
        ):
            button.setIcon(icon(symbol))
            button.setToolTip(tip)
            button.clicked.connect(lambda _on=False, step=step: self._turn(step))
        self.fill = QPushButton(self.tr("Announced holidays"))
        self.fill.setToolTip(self.tr("Drafts the days of this year as they were announced; what has passed stays."))
        self.fill.clicked.connect(lambda *_: self._fill())
        self.off = QPushButton(self.tr("Day off  O"))
        self.on = QPushButton(self.tr("Working day  W"))
        self.off.clicked.connect(lambda *_: self._decide(is_working=False))
        self.on.clicked.connect(lambda *_: self._decide(is_working=True))
        self.name = QLineEdit(placeholderText=self.tr("Name of the holiday …"))
        self.name.setAccessibleName(self.tr("Name of the holiday"))
        self.name.setFixedWidth(NAME_WIDTH)
        self.name.returnPressed.connect(self._give_name)
        self.hours = ElidedLabel("", "secondary")
        self.edit_hours = QPushButton(self.tr("Working hours …"))
        self.edit_hours.clicked.connect(self.hours_wanted)
        self.grid.moved.connect(self._on_moved)
        self.grid.opened.connect(lambda: self.opened.emit(self.marked) if self.marked else None)
        self.grid.wanted.connect(lambda is_working: self._decide(is_working=is_working))
        self.grid.toggled.connect(self._toggle)
        return self._lay_out()

    def _lay_out(self) -> QWidget:
        above = QHBoxLayout()
        margins(above, 0, 0, 0, 0, 6)
        for widget in (self.before, self.year, self.after, self.fill):
            above.addWidget(widget)
        above.addStretch(1)
        for button in (self.off, self.on):
            above.addWidget(button)
        above.addWidget(self.name)
        below = QHBoxLayout()
        margins(below, 0, 0, 0, 0, 8)
        below.addWidget(self.hours, 1)
        self.frame = QScrollArea(widgetResizable=True)
        self.frame.setFrameShape(QFrame.Shape.NoFrame)
        self.frame.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.frame.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.frame.setWidget(self.grid)
        below.addWidget(self.edit_hours)
        inside = QWidget()
        box = QVBoxLayout(inside)
        margins(box, 12, 0, 12, 10, 10)
        box.addLayout(above)
        box.addWidget(self.frame, 1)
        box.addLayout(below)
        words = self.tr(
            "“off”: holiday · “on”: make-up working day · grey: no work · dotted: assumed · bar: other hours"
        )
        box.addWidget(ElidedLabel(words, "disabled"))
        return inside

    # What is shown

    @property
    def marked(self) -> str | None:
        """Key of the current day."""
        if self.is_searched:
            return super().marked
        return self._keys.get(self.grid.current)

    def mark(self, key: str | None) -> None:
        """Go to the day of that key."""
        super().mark(key)
        if key is not None and key in self._draft.keys:
            day = self._draft.values(key)["day"]
            if day != self.grid.current:
                self.grid.go_to(day)

    def refresh(self) -> None:
        """Show days and draft as they are now."""
        super().refresh()
        self._keys.clear()
        days: dict[date, DayLook] = {}
        for key in self._draft.keys:
            values = self._draft.values(key)
            self._keys[values["day"]] = key
            days[values["day"]] = DayLook(
                bool(values["is_working"]),
                values["name"] or "",
                bool(values["assumed"]),
                self._draft.is_changed_row(key),
            )
        self.grid.show_days(days)
        self._say_days()

    def _on_moved(self) -> None:
        self._say_days()
        place = self.grid.day_area(self.grid.current).center()
        self.frame.ensureVisible(place.x(), place.y(), 0, SEEN_AROUND)
        key = self.marked
        if key is not None:
            self.chosen.emit(key)

    def _on_hours(self, key: str) -> None:
        if key == HOURS:
            self._show_seasons()
            self._say_days()

    def _say_days(self) -> None:
        days, locale = self.grid.selected, QLocale(self._register.language)
        weekday = locale.dayName(self.grid.current.isoweekday())
        self.year.setText(str(self.grid.current.year))
        said = (
            f"{days[0]} {weekday}"
            if len(days) == 1
            else self.tr("{first} to {last}: {n} days").format(first=days[0], last=days[-1], n=len(days))
        )
        hours = self.grid.hours_on(self.grid.current)
        words = self.tr("Hours of a working day: {hours}") if hours else self.tr("No working hours are in force.")
        self.hours.setText(" · ".join((said, words.format(hours=hours))))

    def _show_seasons(self) -> None:
        draft = self._register.drafts[HOURS]
        rows = (draft.values(key) for key in draft.keys if not draft.is_removed(key) and not draft.flaws(key))
        self.grid.show_seasons(
            [Season(row["valid_from"], row["valid_to"], f"{row['opens']:%H:%M}–{row['closes']:%H:%M}") for row in rows]
        )

    # Deciding

    def _turn(self, step: int) -> None:
        self.grid.go_to(in_year(self.grid.current, self.grid.current.year + step))
        self.grid.setFocus()

    def _fill(self) -> None:
        year = self.grid.current.year
        count = fill_year(self._draft, year, self._today)
        if count:
            self._register.touched(CALENDAR)
        words = self.tr("{year} is as announced.").format(year=year)
        if count:
            drafted = (
                self.tr("1 day of {year} is drafted as announced."),
                self.tr("{n} days of {year} are drafted as announced."),
            )
            words = figures.things(count, *drafted, year=year)
        self._desk.notices.post(words)

    def _toggle(self) -> None:
        key = self._keys.get(self.grid.current)
        is_working = key is not None and bool(self._draft.values(key)["is_working"])
        self._decide(is_working=not is_working)

    def _decide(self, *, is_working: bool) -> None:
        self._set({"is_working": is_working, "assumed": False})

    def _give_name(self) -> None:
        self._set({"name": self.name.text().strip() or None})
        self.name.clear()
        self.grid.setFocus()

    def _set(self, values: dict[str, object]) -> None:
        """Draft this for all selected days."""
        if self._register.is_saving:
            return
        for day in self.grid.selected:
            key = self._keys.get(day)
            if key is None:
                self._draft.add({"day": day, "is_working": day.isoweekday() <= 5, **values})
            else:
                for name, value in values.items():
                    self._draft.set(key, name, value)
        self._register.touched(CALENDAR)
        self._on_moved()
