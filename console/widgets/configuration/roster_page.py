"""Duty rosters as posts by days; what is searched for is a table."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.models.configuration.rosters import duties_of, plan
from console.widgets.configuration.cells import MARK_COLOUR, mark_of
from console.widgets.configuration.page import GridPage
from console.widgets.configuration.roster_grid import Cell, Post, RosterGrid, RosterModel
from console.widgets.configuration.topics import BY_KEY, CALENDAR, ROSTERS
from console.widgets.configuration.words import MARK
from console.widgets.shared import figures
from console.widgets.shared.flow import FlowLayout
from console.widgets.shared.panel import ElidedLabel, label, margins

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QAction

    from console.models.configuration.references import Reference
    from console.widgets.configuration.register import Register
    from console.widgets.shared.desk import Desk

LEAST_DAYS = 14
MOST_CELLS = 200
MOST_SHIFTS = 9
"""So many have a digit."""


class RosterPage(GridPage):
    """Shifts are decided where they stand; each change is a draft like any other.

    Args:
        desk: the day.
        register: rosters, calendar, posts and shifts.
    """

    free_chosen = Signal()
    """A cell without an entry is current."""

    def __init__(self, desk: Desk, register: Register) -> None:
        self._desk = desk
        self._today = desk.now().astimezone(figures.CITY_TIME).date()
        self._shifts: list[Reference] = []
        self._is_following = False
        super().__init__(BY_KEY[ROSTERS], register)
        self.setFocusProxy(self.grid)
        register.changed.connect(self._on_calendar)

    def make_grid(self) -> QWidget:
        """Posts by days, and above them what can be made of the selected cells."""
        self.cells = RosterModel(self._register.language, self)
        self.grid = RosterGrid(self.cells)
        self.grid.setAccessibleName(self.tr("Posts by days"))
        self.current = label("", "secondary")
        self.buttons: list[QPushButton] = []
        self._keys = QWidget()
        margins(FlowLayout(self._keys), 0, 0, 0, 0, 6)
        self.grid.moved.connect(self._on_moved)
        self.grid.opened.connect(self._open)
        self.grid.wanted.connect(self._decide)
        above = QHBoxLayout()
        margins(above, 0, 0, 0, 0, 8)
        above.addWidget(self._keys, 1)
        above.addWidget(self.current)
        inside = QWidget()
        box = QVBoxLayout(inside)
        margins(box, 12, 0, 12, 10, 8)
        box.addLayout(above)
        box.addWidget(self.grid, 1)
        words = self.tr("Shift+arrows select several · Enter: in full · grey: no working day · ＋ new ✎ changed ✕ goes")
        box.addWidget(ElidedLabel(words, "disabled"))
        return inside

    def add_tools(self, actions: Iterable[QAction]) -> None:
        """A command of this topic is seldom needed and long remembered: it says what it does."""
        for action in actions:
            button = QPushButton(action.icon(), action.text())
            button.setToolTip(action.toolTip())
            button.clicked.connect(action.trigger)
            self._tools.addWidget(button)

    # What is shown

    @property
    def marked(self) -> str | None:
        """Key of the entry of the current cell."""
        if self.is_searched:
            return super().marked
        cell = self.cells.cell(self.grid.currentIndex())
        return None if cell is None else cell.key

    def mark(self, key: str | None) -> None:
        """Go to the cell of that entry."""
        super().mark(key)
        if key is not None and key in self._draft.keys:
            values = self._draft.values(key)
            self._is_following = True
            self.grid.go_to((values["staff_id"], values["day"]))
            self._is_following = False
            self._say_current()

    def show_rows(self) -> None:
        """Show rows and draft in the grid."""
        super().show_rows()
        self._show_shifts()
        self._show_cells()
        self._say_current()

    def _on_calendar(self, key: str) -> None:
        if key == CALENDAR and self.isVisible():
            self._show_cells()

    def _show_shifts(self) -> None:
        shifts = list(self._register.references.get("shift", {}).values())[:MOST_SHIFTS]
        if shifts == self._shifts:
            return
        self._shifts = shifts
        flow = self._keys.layout()
        for button in self.buttons:
            button.deleteLater()
        names = [self._name(one) for one in shifts]
        self.buttons = [QPushButton(f"{name}  {digit}") for digit, name in enumerate(names, start=1)]
        self.buttons.append(QPushButton(self.tr("Free  0")))
        for digit, button in enumerate(self.buttons, start=1):
            is_shift = digit <= len(shifts)
            button.setToolTip(shifts[digit - 1].detail if is_shift else "")
            button.clicked.connect(lambda _on=False, digit=digit if is_shift else 0: self._decide(digit))
            if flow is not None:
                flow.addWidget(button)

    def _show_cells(self) -> None:
        draft, references = self._draft, self._register.references
        duties = duties_of(draft)
        staff, shifts = references.get("staff", {}), references.get("shift", {})

        def cell_of(duty: tuple[int, date]) -> Cell | None:
            key = duties.get(duty)
            # A new entry that was saved has another key by now, and is about to be shown anew.
            if key is None or not (draft.is_added(key) or draft.stored(key)):
                return None
            mark, found = mark_of(draft, key), shifts.get(draft.values(key)["shift_id"] or 0)
            words = figures.NONE if found is None else self._name(found)
            return Cell(key, words, MARK[mark][0] if mark else "", MARK_COLOUR.get(mark, "text"))

        planned = {staff_id for staff_id, _ in duties}
        known = sorted((one for one in staff.values() if one.id in planned), key=lambda one: one.id)
        posts = [Post(one.id, self._name(one), one.code) for one in known]
        days = self._days(day for _, day in duties)
        calendar = self._register.drafts[CALENDAR]
        rows = (calendar.values(key) for key in calendar.keys)
        free = frozenset(row["day"] for row in rows if not row["is_working"])
        self.cells.show(posts, days, cell_of, free, self._today)

    def _days(self, planned: Iterable[date]) -> list[date]:
        """From yesterday to the last day that is planned, two weeks at the least."""
        first = self._today - timedelta(days=1)
        last = max(planned, default=first)
        return [first + timedelta(days=n) for n in range(max(LEAST_DAYS, (last - first).days + 1))]

    def _name(self, one: Reference) -> str:
        return one.name if self._register.language == "zh_CN" else one.name_en or one.name

    def _say_current(self) -> None:
        index = self.grid.currentIndex()
        if not index.isValid():
            self.current.setText(self.tr("Choose a cell"))
            return
        selected = self.grid.count_selected
        post, day = self.cells.posts[index.row()], self.cells.days[index.column()]
        weekday = QLocale(self._register.language).dayName(day.isoweekday(), QLocale.FormatType.ShortFormat)
        many = self.tr("{n} shifts selected")
        self.current.setText(many.format(n=selected) if selected > 1 else f"{post.title} · {day:%m-%d} {weekday}")

    def _on_moved(self) -> None:
        self._say_current()
        if self._is_following:
            return
        key = self.marked
        if key is None:
            self.free_chosen.emit()
        else:
            self.chosen.emit(key)

    # Deciding

    def _open(self) -> None:
        """The entry in full; a free cell begins one."""
        key, index = self.marked, self.grid.currentIndex()
        if self._register.is_saving or not index.isValid():
            return
        if key is None:
            staff_id, day = self.cells.duty(index)
            key = self._draft.add({"staff_id": staff_id, "day": day})
            self._register.touched(ROSTERS)
        self.opened.emit(key)

    def _decide(self, digit: int) -> None:
        """Draft the shift of that digit for all selected cells, or that they are free."""
        if self._register.is_saving or digit > len(self._shifts):
            return
        if self.grid.count_selected > MOST_CELLS:
            self._desk.notices.post(self.tr("At most {n} shifts are decided at once.").format(n=MOST_CELLS))
            return
        plan(self._draft, self.grid.selected, self._shifts[digit - 1].id if digit else None)
        self._register.touched(ROSTERS)
        self.grid.setFocus()
        self._on_moved()
