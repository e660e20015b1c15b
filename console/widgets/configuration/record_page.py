"""Who changed what of the configuration, when, from where and why: the record as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.models.configuration.record import SHOWN, recorded_changes
from console.widgets.configuration.history import change_lines
from console.widgets.configuration.page import NARROW_MS, SearchField
from console.widgets.configuration.words import DONE, TABLE
from console.widgets.shared import figures
from console.widgets.shared.panel import ElidedLabel, Heading, Stateful, margins
from console.widgets.shared.table import Column, RecordModel, RecordTable
from console.widgets.shared.throttle import Debounce
from console.widgets.shared.words import word

if TYPE_CHECKING:
    from console.models.configuration.record import Entry
    from console.widgets.configuration.register import Register
    from console.widgets.shared.desk import Desk


class RecordPage(QWidget):
    """The latest changes of the configuration, newest first."""

    chosen = Signal(object)
    """The entry that is to be read in full."""

    def __init__(self, desk: Desk, register: Register) -> None:
        super().__init__()
        self._desk = desk
        self._title = self.tr("Who changed what")
        self.heading = Heading(self._title)
        self.text = SearchField(self.tr("Search in any column …"))
        columns: list[Column[Entry]] = [
            Column(self.tr("When"), lambda e: figures.moment(e.at), lambda e: -e.id, width_px=138),
            Column(self.tr("Who"), lambda e: e.login, width_px=120),
            Column(
                self.tr("What"), lambda e: f"{word(TABLE, e.subject)} · {word(DONE, e.kind)}", width_px=150, spare=2
            ),
            Column(self.tr("Entry"), lambda e: e.name),
            Column(self.tr("Changes"), lambda e: "; ".join(change_lines(e, register))),
            Column(self.tr("Reason"), lambda e: e.reason, spare=1),
        ]
        self.model: RecordModel[Entry] = RecordModel(columns, lambda entry: str(entry.id), self)
        self.table = RecordTable(self.model)
        self.table.setAccessibleName(self._title)
        self.state = Stateful(self.table, self.refresh)
        about = QCoreApplication.translate("RecordPage", "The latest {n} changes; nobody can alter this record.")
        above = QHBoxLayout()
        margins(above, 12, 8, 12, 8, 12)
        above.addWidget(self.text)
        above.addWidget(ElidedLabel(about.format(n=SHOWN), "secondary"), 1)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(self.heading)
        box.addLayout(above)
        box.addWidget(self.state, 1)
        self.setFocusProxy(self.table)
        self.state.show_loading()
        self._narrow = Debounce(NARROW_MS, self.table.narrow, self)
        self.text.textChanged.connect(self._narrow)
        self.text.left.connect(self.table.setFocus)
        self.table.chosen.connect(self.chosen)

    def search(self) -> None:
        """Let the keyboard go to the search field."""
        self.text.setFocus()
        self.text.selectAll()

    def refresh(self) -> None:
        """Read the record anew."""
        self._desk.operations.read(self, recorded_changes, self._show, self._fail, key="record")

    def _show(self, entries: list[Entry]) -> None:
        self.model.show(entries)
        self.heading.say(self._title, figures.things(len(entries), self.tr("1 entry"), self.tr("{n} entries")))
        if entries:
            self.state.show_content()
        else:
            self.state.show_empty(self.tr("Nothing has been changed yet."))

    def _fail(self, error: Exception) -> None:
        self.state.show_failed(self._desk.notices.words_for(error))
