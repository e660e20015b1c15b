"""One entry in full: what it holds, and how it came to be so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from console.models.configuration.record import Entry, history
from console.models.configuration.standard import Version, versions
from console.widgets.configuration.cells import title_of
from console.widgets.configuration.history import History, told_changes
from console.widgets.configuration.words import DONE, TABLE, field_word
from console.widgets.shared import figures
from console.widgets.shared.panel import Facts, Heading, Stateful, margins
from console.widgets.shared.words import word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from console.models.configuration.draft import Row
    from console.widgets.configuration.register import Register
    from console.widgets.configuration.topics import Topic
    from console.widgets.shared.desk import Desk

NAME_WIDTH = 118


class EntryPanel(QWidget):
    """The entry that is marked in the table, with its history below.

    Args:
        desk: language and database.
        register: rows and drafts.
    """

    def __init__(self, desk: Desk, register: Register) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Entry"))
        self._desk, self._register = desk, register
        self._topic: Topic | None = None
        self._key: str | None = None
        self.heading = Heading(self.tr("Entry"))
        self.facts = Facts(NAME_WIDTH)
        self.history = History(register)
        inside = QWidget()
        box = QVBoxLayout(inside)
        margins(box, 14, 12, 14, 16, 12)
        box.addWidget(self.facts)
        box.addWidget(self.history)
        box.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        self.state = Stateful(scroll)
        outer = QVBoxLayout(self)
        margins(outer, 0, 0, 0, 0)
        outer.addWidget(self.heading)
        outer.addWidget(self.state, 1)
        self.show_nothing()
        register.changed.connect(self._on_changed)

    @property
    def key(self) -> str | None:
        """Key of the entry that is shown."""
        return self._key

    def show_nothing(self) -> None:
        """Nothing is chosen."""
        self._topic = self._key = None
        self.heading.say(self.tr("Entry"))
        self.state.show_empty(self.tr("Choose an entry in the table."))

    def show_row(self, topic: Topic, key: str) -> None:
        """Show a row of a topic."""
        is_same = (topic, key) == (self._topic, self._key)
        self._topic, self._key = topic, key
        if not is_same:
            self.history.clear()
        self._show_facts(topic, key)
        self._ask_history(topic, key)

    def show_record(self, entry: Entry) -> None:
        """Show an entry of the record."""
        self._topic = self._key = None
        self.heading.say(entry.name, word(TABLE, entry.subject))
        self.facts.show_facts(
            [
                (self.tr("When"), figures.moment(entry.at), ""),
                (self.tr("Who"), entry.login, ""),
                (self.tr("From"), entry.client or self.tr("the server itself"), ""),
                (self.tr("What"), word(DONE, entry.kind), ""),
                (self.tr("Reason"), entry.reason or figures.NONE, ""),
                *((name, words, "") for name, words in told_changes(entry, self._register)),
            ]
        )
        self.history.clear()
        self.state.show_content()

    def _show_facts(self, topic: Topic, key: str) -> None:
        values = self._register.drafts[topic.key].values(key)
        self.heading.say(title_of(topic, values, self._register), word(TABLE, topic.subject.table))
        self.facts.show_facts(
            (
                field_word(field.name),
                self._register.said(topic, field, values.get(field.name)) or figures.NONE,
                "",
            )
            for field in topic.subject.fields_of(values)
        )
        self.state.show_content()

    def _ask_history(self, topic: Topic, key: str) -> None:
        row = self._register.drafts[topic.key].stored(key)
        if row is None:
            self.history.clear()
            return

        def work(connection: Connection) -> tuple[list[Version], list[Entry]]:
            return _versions(connection, topic, row), history(connection, topic.subject, row)

        def done(found: tuple[list[Version], list[Entry]]) -> None:
            if (topic, key) == (self._topic, self._key):
                self.history.show_history(*found)

        self._desk.operations.read(self, work, done, key="history")

    def _on_changed(self, key: str) -> None:
        if self._topic is None or self._key is None or key != self._topic.key:
            return
        if self._key in self._register.drafts[key].keys:
            self.show_row(self._topic, self._key)
        else:
            self.show_nothing()


def _versions(connection: Connection, topic: Topic, row: Row) -> list[Version]:
    if topic.key != "filing_condition":
        return []
    return versions(connection, row.values["class_id"], row.values["code"])
