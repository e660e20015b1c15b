"""Who changed what of the configuration, when, from where and why: the record as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal

from console.models.configuration.record import SHOWN, recorded_changes
from console.widgets.configuration.history import change_lines
from console.widgets.configuration.words import DONE, TABLE
from console.widgets.shared import figures
from console.widgets.shared.searched_table import SearchedTable
from console.widgets.shared.table import Column
from console.widgets.shared.words import word

if TYPE_CHECKING:
    from console.models.configuration.record import Entry
    from console.widgets.configuration.register import Register
    from console.widgets.shared.desk import Desk


class RecordPage(SearchedTable):
    """The latest changes of the configuration, newest first."""

    chosen = Signal(object)
    """The entry that is to be read in full."""

    def __init__(self, desk: Desk, register: Register) -> None:
        self._desk, self._register = desk, register
        about = QCoreApplication.translate("RecordPage", "The latest {n} changes; nobody can alter this record.")
        super().__init__(QCoreApplication.translate("RecordPage", "Who changed what"), about.format(n=SHOWN))
        self.table.chosen.connect(self.chosen)

    def columns(self) -> list[Column[Entry]]:
        """When, who, what and why."""
        return [
            Column(self.tr("When"), lambda e: figures.moment(e.at), lambda e: -e.id, width_px=138),
            Column(self.tr("Who"), lambda e: e.login, width_px=120),
            Column(
                self.tr("What"), lambda e: f"{word(TABLE, e.subject)} · {word(DONE, e.kind)}", width_px=150, spare=2
            ),
            Column(self.tr("Entry"), lambda e: e.name),
            Column(self.tr("Changes"), lambda e: "; ".join(change_lines(e, self._register))),
            Column(self.tr("Reason"), lambda e: e.reason, spare=1),
        ]

    def key_of(self, record: Entry) -> str:
        """Its number."""
        return str(record.id)

    def retry(self) -> None:
        """Read the record anew."""
        self.refresh()

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
