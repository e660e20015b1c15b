"""A page that follows the field: a table of things as they are now, one of them in full in the panel at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import QCoreApplication, QTimer, Signal

from console.widgets.shared import figures
from console.widgets.shared.searched_table import SearchedTable
from console.widgets.shared.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget
    from sqlalchemy import Connection

    from console.database.feed import Change
    from console.widgets.shared.desk import Desk

AGAIN_MS = 5_000
"""Gateways tell what they have met this often."""


class IntakePage(SearchedTable):
    """A table that is read anew when the database tells of a change, and every few seconds while it is looked at.

    Subclasses say what is read (`read`), show it (`show_answer`), and describe the chosen record in their `panel`.
    """

    key: ClassVar[str]
    """Name in code."""
    title: ClassVar[str]
    about: ClassVar[str]
    """What it is called, and one sentence on it, to be translated."""
    subjects: ClassVar[frozenset[str]]
    """Tables whose changes make it read anew."""

    counted = Signal(str, int, int)
    """Key of the page, how many records it has, how many of them wait for a decision."""
    named = Signal(str, str)
    """What the record in its panel is called, and a remark on it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.panel: QWidget
        self._is_front = False
        super().__init__(
            QCoreApplication.translate("words", self.title), QCoreApplication.translate("words", self.about)
        )
        self.table.chosen.connect(self._on_chosen)
        self._refresh_soon = Throttle(AGAIN_MS, self.refresh, self)
        timer = QTimer(self, interval=AGAIN_MS)
        timer.timeout.connect(self._refresh_soon)
        timer.start()
        desk.changes.changed.connect(self._on_changes)
        desk.changes.reload.connect(self.refresh)

    def waiting_words(self, count: int) -> str:
        """What is said of those that wait."""
        return self.tr("{n} wait for a decision").format(n=count)

    def activate(self, *, active: bool) -> None:
        """Follow the field while it is looked at."""
        self._is_front = active
        if active:
            self.refresh()

    def count(self) -> None:
        """Read once, so that the list of topics says what waits here."""
        self.desk.operations.read(self, self.read, self._show, self._fail, key="intake")

    def refresh(self) -> None:
        """Read anew, while it is looked at."""
        if self._is_front:
            self.count()

    def retry(self) -> None:
        """Read anew."""
        self.refresh()

    def read(self, connection: Connection) -> Any:
        """What it shows; runs off the GUI thread."""
        raise NotImplementedError

    def show_answer(self, answer: Any) -> tuple[Sequence[Any], int]:
        """Take in what was read: the records of the table, and how many of them wait for a decision."""
        raise NotImplementedError

    def show_record(self, record: Any | None) -> None:
        """Show a record in the panel; the same one again only brings it up to date."""
        raise NotImplementedError

    def title_of(self, record: Any) -> tuple[str, str]:
        """What a record is called, and a remark on it."""
        raise NotImplementedError

    def name_record(self, record: Any | None) -> None:
        """Say what the panel shows; its page while nothing is chosen."""
        self.named.emit(*((self._title, "") if record is None else self.title_of(record)))

    def empty_words(self) -> str:
        """What to say while there is no record."""
        raise NotImplementedError

    @property
    def marked(self) -> Any | None:
        """The record that is chosen; None when there is none, or it is there no more."""
        key = self.table.marked
        row = None if key is None else self.model.row_of(key)
        return None if row is None else self.model.record(row)

    def write(self, work: Callable[[Connection], Any], said: str, done: Callable[[Any], object] | None = None) -> None:
        """Decide something: say so when it is done, and read anew; a refusal is said by the notice of the window."""

        def finished(answer: Any) -> None:
            if said:
                self.desk.notices.post(said)
            if done is not None:
                done(answer)
            self.count()

        self.desk.operations.write(self, work, finished, lambda _error: self.count())

    def _on_chosen(self, record: Any) -> None:
        self.show_record(record)
        self.name_record(record)

    def _on_changes(self, changes: Sequence[Change]) -> None:
        if any(change.subject in self.subjects for change in changes):
            self.refresh()

    def _show(self, answer: Any) -> None:
        records, waiting = self.show_answer(answer)
        self.model.show(records)
        self.counted.emit(self.key, len(records), waiting)
        words = self.waiting_words(waiting) if waiting else ""
        self.heading.say(self._title, words or self.tr("{n} entries").format(n=figures.count(len(records))))
        if records:
            self.state.show_content()
        else:
            self.state.show_empty(self.empty_words())
        self.show_record(self.marked)
        if self._is_front:
            self.name_record(self.marked)

    def _fail(self, error: Exception) -> None:
        if self.model.rowCount() == 0:
            self.state.show_failed(self.desk.notices.words_for(error))
