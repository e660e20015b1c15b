"""Rows and drafts of all topics, kept up with the database: whatever is typed stays, whatever others save comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from console.models.configuration.draft import Draft
from console.models.configuration.kept import keep, take_up
from console.models.configuration.references import read_references
from console.models.configuration.rows import give_reason
from console.widgets.configuration.topics import TOPICS
from console.widgets.configuration.words import say
from console.widgets.shared.throttle import Debounce

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from console.database.feed import Change
    from console.models.configuration.draft import Row
    from console.models.configuration.subjects import Field
    from console.widgets.configuration.topics import Topic
    from console.widgets.configuration.words import Edited, References
    from console.widgets.shared.desk import Desk

REFERRED = frozenset({"department", "team", "zone", "case_class", "staff", "shift"})
"""Tables whose rows give others their names."""
KEEP_MS = 1_000


class Register(QObject):
    """What is stored and what is drafted, by topic.

    Args:
        desk: whose database it is.
        topics: what is edited.
        kept: name under which drafts are remembered for the next window.
    """

    changed = Signal(str)
    """Rows or draft of the topic of this key are not what they were."""
    recorded = Signal()
    """Something of the configuration was saved, here or elsewhere."""
    failed = Signal(str, str)
    """The rows of a topic could not be read; why."""

    def __init__(
        self, desk: Desk, parent: QObject, topics: Sequence[Topic] = TOPICS, kept: str = "configuration/drafts"
    ) -> None:
        super().__init__(parent)
        self._desk, self._topics, self._kept = desk, topics, kept
        self.language = desk.language
        self.drafts = {topic.key: Draft(topic.subject) for topic in topics}
        self.references: References = {}
        self.is_saving = False
        self._is_front = False
        self._stale = {topic.key for topic in topics}
        take_up(self.drafts, str(desk.memory.value(kept, "")))
        self._keep_soon = Debounce(KEEP_MS, self._keep, self)
        self.changed.connect(lambda _key: self._keep_soon())
        desk.changes.changed.connect(self._on_changes)
        desk.changes.reload.connect(self.reload)

    @property
    def unsaved(self) -> int:
        """How many rows differ from what is stored."""
        return sum(draft.count for draft in self.drafts.values())

    def activate(self, *, active: bool) -> None:
        """Follow the database while it is looked at; on coming back, make up for what was missed."""
        self._is_front = active
        if active:
            self._read_stale()
        else:
            self._keep_soon.flush()

    def _keep(self) -> None:
        """Write down what is typed and not saved, for the next window of this person here."""
        self._desk.memory.setValue(self._kept, keep(self.drafts))

    def reload(self) -> None:
        """Read everything anew."""
        self._stale = {topic.key for topic in self._topics}
        self._read_stale()
        self.recorded.emit()

    def go_on_from(self, drafts: Mapping[str, Draft]) -> None:
        """Take over the drafts of another window."""
        for key, draft in drafts.items():
            self.drafts[key].go_on_from(draft)
            self.changed.emit(key)

    def touched(self, key: str) -> None:
        """The draft of this topic was changed here."""
        self.changed.emit(key)

    def said(self, topic: Edited, field: Field, value: object) -> str:
        """A value as it is read in this window."""
        return say(topic.subject, field, value, self.references, self.language)

    def save(
        self,
        topic: Topic,
        reason: str,
        day: date,
        done: Callable[[], object],
        failed: Callable[[Exception], object],
    ) -> None:
        """Save all changes of a topic, for a reason, in force from a day; all of them or none.

        Whoever is refused because of somebody else's change has that change in the draft afterwards.
        """
        draft = self.drafts[topic.key]
        changes = draft.changes()
        self.is_saving = True

        def work(connection: Connection) -> list[Row]:
            give_reason(connection, reason)
            topic.save(connection, changes, day)
            return topic.read(connection)

        def saved(rows: list[Row]) -> None:
            draft.saved()
            draft.take_in(rows)
            # Shown with the next turn: a thousand rows take one to take in and one to show.
            QTimer.singleShot(0, self, shown)

        def shown() -> None:
            self.is_saving = False
            self.changed.emit(topic.key)
            done()

        def refused(error: Exception) -> None:
            self.is_saving = False
            self.changed.emit(topic.key)
            failed(error)
            self.read(topic)

        self._desk.operations.write(self, work, saved, refused)

    def _on_changes(self, changes: Sequence[Change]) -> None:
        tables = {change.subject for change in changes}
        stale = {topic.key for topic in self._topics if topic.subject.table in tables}
        if tables & REFERRED:
            stale |= {t.key for t in self._topics if any(f.refers_to in tables for f in t.subject.fields)}
        if stale:
            self._stale |= stale
            self._read_stale()
            self.recorded.emit()

    def _read_stale(self) -> None:
        if not self._is_front:
            return
        wanted, self._stale = [topic for topic in self._topics if topic.key in self._stale], set()
        for topic in wanted:
            self.read(topic)

    def read(self, topic: Topic) -> None:
        """Read the rows of a topic, and the names that they refer to, anew."""

        def work(connection: Connection) -> tuple[References, list[Row]]:
            return read_references(connection), topic.read(connection)

        def done(found: tuple[References, list[Row]]) -> None:
            self.references, rows = found
            self.drafts[topic.key].take_in(rows)
            self.changed.emit(topic.key)

        def fail(error: Exception) -> None:
            self._stale.add(topic.key)
            self.failed.emit(topic.key, self._desk.notices.words_for(error))

        self._desk.operations.read(self, work, done, fail, key=topic.key)
