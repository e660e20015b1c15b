"""The warning in force and its checklist: each item ticked once for all desks, by whom and when."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from console.models import duty
from console.models.duty import COLOURS
from console.widgets.shared import figures
from console.widgets.shared.panel import ElidedLabel, Heading, Stateful, margins
from console.widgets.shared.words import WARNING, word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from console.database.feed import Change
    from console.models.duty import Duty, DutyItem
    from console.widgets.shared.desk import Desk

DECLARERS = frozenset({"dispatcher", "shift_leader", "engineer"})
TICKERS = DECLARERS | {"acceptor"}
"""Posts that put a warning in force, and that tick; the database has the last word."""
SUBJECTS = frozenset({"duty_item", "flood_warning", "duty_tick", "alarm"})
ITEM_ROLE = Qt.ItemDataRole.UserRole


class DutyPanel(QWidget):
    """Checklist of the rainstorm warning that is in force."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._is_active = False
        self.duty: Duty | None = None
        self.heading = Heading(self.tr("Flood duty"))
        self.colour = QComboBox()
        self.colour.addItem(self.tr("No warning"), None)
        for code in COLOURS:
            self.colour.addItem(word(WARNING, code), code)
        self.colour.setAccessibleName(self.tr("Warning in force"))
        self.colour.setEnabled(desk.person.role in DECLARERS)
        self.colour.activated.connect(self._on_colour)
        self.measured = ElidedLabel("", "secondary")
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Checklist of flood duty"))
        self.list.setWordWrap(True)
        self.list.setSpacing(3)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemChanged.connect(self._on_ticked)
        self.state = Stateful(self.list, self.refresh)
        row = QHBoxLayout()
        margins(row, 12, 6, 12, 6, 8)
        row.addWidget(self.colour)
        row.addWidget(self.measured, 1)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(self.heading)
        box.addLayout(row)
        box.addWidget(self.state, 1)
        self.state.show_loading()
        desk.changes.changed.connect(self._on_changes)

    def activate(self, *, active: bool) -> None:
        """The workspace comes to the front, or goes."""
        self._is_active = active
        self.refresh()

    def refresh(self) -> None:
        """Read it anew."""
        if self._is_active:
            self._desk.operations.read(self, duty.duty, self._show, self._fail, key="duty")

    def _on_changes(self, changes: Sequence[Change]) -> None:
        if any(change.subject in SUBJECTS for change in changes):
            self.refresh()

    def _on_colour(self) -> None:
        self._write(partial(duty.set_warning, colour=self.colour.currentData()))

    def _on_ticked(self, item: QListWidgetItem) -> None:
        if self.duty is not None and self.duty.warning_id is not None:
            done = item.checkState() == Qt.CheckState.Checked
            self._write(partial(duty.tick, warning_id=self.duty.warning_id, item_id=item.data(ITEM_ROLE), done=done))

    def _write(self, work: Callable[[Connection], None]) -> None:
        self._desk.operations.write(self, work, lambda _done: self.refresh(), self._refused)

    def _refused(self, error: Exception) -> None:
        """What was not taken is shown as it is."""
        self._desk.notices.post(self._desk.notices.words_for(error))
        self.refresh()

    def _fail(self, error: Exception) -> None:
        self.state.show_failed(self._desk.notices.words_for(error))

    def _show(self, found: Duty) -> None:
        self.duty = found
        if not self.colour.view().isVisible():
            self.colour.setCurrentIndex(max(self.colour.findData(found.colour), 0))
        self.measured.setText(self._measured(found))
        done = sum(item.done_at is not None for item in found.items)
        says = self.tr("{done} of {all} done").format(done=done, all=len(found.items)) if found.colour else ""
        self.heading.say(self.tr("Flood duty"), says)
        self._fill(found.items)
        if found.items:
            self.state.show_content()
        elif found.colour is None:
            self.state.show_empty(self.tr("No rainstorm warning is in force."), "mdi6.weather-pouring")
        else:
            self.state.show_empty(self.tr("The checklist of this colour is empty."), "mdi6.clipboard-text-outline")

    def _measured(self, found: Duty) -> str:
        if found.measured is not None and found.measured != found.colour:
            return self.tr("▲ rain measured: {colour}").format(colour=word(WARNING, found.measured))
        if found.since is None:
            return ""
        return self.tr("since {time}").format(time=figures.short_moment(found.since, self._desk.now()))

    def _fill(self, items: Sequence[DutyItem]) -> None:
        """Rows are kept where they are: a hand that ticks is not led astray by a colleague's tick."""
        self.list.blockSignals(True)
        while self.list.count() > len(items):
            self.list.takeItem(self.list.count() - 1)
        for place, item in enumerate(items):
            if place == self.list.count():
                self.list.addItem(QListWidgetItem())
            row = self.list.item(place)
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            if self._desk.person.role in TICKERS:
                flags |= Qt.ItemFlag.ItemIsUserCheckable
            row.setFlags(flags)
            row.setData(ITEM_ROLE, item.id)
            row.setText(self._words(item))
            row.setToolTip(self.tr("Assumed: to be confirmed in the configuration") if item.assumed else "")
            row.setCheckState(Qt.CheckState.Checked if item.done_at is not None else Qt.CheckState.Unchecked)
        self.list.blockSignals(False)

    def _words(self, item: DutyItem) -> str:
        name = self._desk.name
        words = f"{word(WARNING, item.colour)} · {name(item.words, item.words_en)}"
        if item.assumed:
            words += self.tr(" (assumed)")
        if item.done_at is not None:
            when = figures.short_moment(item.done_at, self._desk.now())
            words += f"\n✓ {name(item.done_by, item.done_by_en)} {when}"
        return words
