"""One entry in full: its form and how it came to be so; or all changes of a topic, to be looked through and saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from console.models.configuration.record import Entry, history
from console.models.configuration.standard import Version, versions
from console.widgets.configuration.account_box import AccountBox
from console.widgets.configuration.cells import title_of
from console.widgets.configuration.form import EntryForm
from console.widgets.configuration.history import History, told_changes
from console.widgets.configuration.review import Review
from console.widgets.configuration.standard_page import OUTCOME
from console.widgets.configuration.words import DONE, TABLE, field_word
from console.widgets.shared import figures
from console.widgets.shared.panel import Facts, Heading, Stateful, margins, scrolled
from console.widgets.shared.words import word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from console.models.configuration.draft import Row
    from console.models.configuration.standard_import.verdicts import Verdict
    from console.widgets.configuration.register import Register
    from console.widgets.configuration.topics import Topic
    from console.widgets.shared.desk import Desk

NAME_WIDTH = 118
HISTORY = 50
"""So many of the latest changes are told."""


class EntryPanel(QWidget):
    """The entry that is marked in the table, with its history below.

    Args:
        desk: language and database.
        register: rows and drafts.
    """

    copied = Signal()
    """A new entry like this one is wanted."""
    removed = Signal()
    """The entry is to go, or to stay after all."""

    def __init__(self, desk: Desk, register: Register) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Entry"))
        self._desk, self._register = desk, register
        self._topic: Topic | None = None
        self._key: str | None = None
        self._stamp = ""
        self.form: EntryForm | None = None
        self.heading = Heading(self.tr("Entry"))
        self.facts = Facts(NAME_WIDTH)
        self.history = History(register)
        self.back = QPushButton(self.tr("Undo my changes"))
        self.remove = QPushButton(self.tr("Remove"))
        self.copy = QPushButton(self.tr("New like this"))
        self.back.clicked.connect(self._restore)
        self.remove.clicked.connect(self.removed)
        self.copy.clicked.connect(self.copied)
        self.account = AccountBox(desk)
        self._place = QVBoxLayout()
        self.review = Review(desk, register)
        self.state = Stateful(self._lay_out())
        self.stack = QStackedWidget()
        self.stack.addWidget(self.state)
        self.stack.addWidget(self.review)
        outer = QVBoxLayout(self)
        margins(outer, 0, 0, 0, 0)
        outer.addWidget(self.heading)
        outer.addWidget(self.stack, 1)
        self.show_nothing()
        register.changed.connect(self._on_changed)

    def _lay_out(self) -> QScrollArea:
        buttons = QHBoxLayout()
        margins(buttons, 0, 0, 0, 0, 6)
        for button in (self.back, self.remove, self.copy):
            buttons.addWidget(button)
        buttons.addStretch(1)
        inside = QWidget()
        box = QVBoxLayout(inside)
        margins(box, 14, 12, 14, 16, 12)
        box.addWidget(self.facts)
        box.addLayout(self._place)
        box.addLayout(buttons)
        box.addWidget(self.account)
        box.addWidget(self.history)
        box.addStretch(1)
        return scrolled(inside)

    @property
    def key(self) -> str | None:
        """Key of the entry that is shown."""
        return self._key

    # What is shown

    def show_nothing(self) -> None:
        """Nothing is chosen."""
        self._forget()
        self.heading.say(self.tr("Entry"))
        self.state.show_empty(self.tr("Choose an entry in the table."), "mdi6.cursor-default-click-outline")
        self.stack.setCurrentWidget(self.state)

    def show_row(self, topic: Topic, key: str) -> None:
        """Show a row of a topic."""
        if self.form is None or (topic, key) != (self._topic, self._key):
            self._forget()
            self._topic, self._key = topic, key
            self.form = EntryForm(topic, key, self._register)
            self.form.edited.connect(lambda: self._register.touched(topic.key))
            self._place.addWidget(self.form)
            self._ask_history(topic, key)
        self.facts.hide()
        self._refresh()
        self.state.show_content()
        self.stack.setCurrentWidget(self.state)

    def show_record(self, entry: Entry) -> None:
        """Show an entry of the record."""
        self._forget()
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
        self.facts.show()
        self.state.show_content()
        self.stack.setCurrentWidget(self.state)

    def show_verdict(self, verdict: Verdict) -> None:
        """Show what is said of a line of a standard."""
        self._forget()
        self.heading.say(f"{verdict.class_code} {verdict.class_name}".strip(), verdict.place)
        language = self._desk.language
        reasons = [(self.tr("Why"), reason.text(language), "") for reason in verdict.reasons]
        changes = [(field_word(name), f"{old} → {new}", "") for name, (old, new) in verdict.changes.items()]
        self.facts.show_facts(
            [
                (self.tr("Filing condition"), verdict.condition, ""),
                (self.tr("Verdict"), word(OUTCOME, verdict.outcome), ""),
                *reasons,
                *changes,
            ]
        )
        self.facts.show()
        self.state.show_content()
        self.stack.setCurrentWidget(self.state)

    def show_review(self, topic: Topic) -> None:
        """Show all changes of a topic, to be saved."""
        self.heading.say(self.tr("What will be saved"), "")
        self.stack.setCurrentWidget(self.review)
        self.review.begin(topic)

    def add_panel(self, panel: QWidget) -> None:
        """Take a panel in, to be shown when it is wanted."""
        self.stack.addWidget(panel)

    def show_panel(self, panel: QWidget) -> None:
        """Show a panel, taken in before, of something that is no entry of a topic, and says itself what it is."""
        self._forget()
        self.stack.setCurrentWidget(panel)

    def show_refusal(self, topic: Topic, key: str, field: str, words: str) -> None:
        """Show the entry that the database does not take, and why at the field."""
        self.show_row(topic, key)
        if self.form is not None:
            self.form.show_refusal(field, words)

    @property
    def is_review(self) -> bool:
        """Whether changes are looked through."""
        return self.stack.currentWidget() is self.review

    # Inside

    def _forget(self) -> None:
        self._topic = self._key = None
        if self.form is not None:
            self._place.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
            self.form = None
        self.history.clear()
        for widget in (self.back, self.remove, self.copy, self.account):
            widget.hide()

    def _refresh(self) -> None:
        topic, key, form = self._topic, self._key, self.form
        if topic is None or key is None or form is None:
            return
        draft = self._register.drafts[topic.key]
        form.refresh()
        if not self.is_review:
            self.heading.say(
                title_of(topic, draft.values(key), self._register) or self.tr("New entry"),
                word(TABLE, topic.subject.table),
            )
        self.back.setVisible(draft.is_changed_row(key))
        self.remove.setVisible(topic.grows and not draft.is_removed(key))
        self.copy.setVisible(topic.grows)
        stored = draft.stored(key)
        self.account.setVisible(topic.key == "staff" and stored is not None)
        if topic.key == "staff" and stored is not None:
            self.account.show_post(int(key), stored.values, is_changed=draft.is_changed_row(key))

    def _restore(self) -> None:
        topic, key = self._topic, self._key
        if topic is not None and key is not None:
            self._register.drafts[topic.key].restore(key)
            self._register.touched(topic.key)

    def _ask_history(self, topic: Topic, key: str) -> None:
        row = self._register.drafts[topic.key].stored(key)
        if row is None:
            self.history.clear()
            return
        self._stamp = row.stamp

        def work(connection: Connection) -> tuple[list[Version], list[Entry]]:
            return _versions(connection, topic, row), history(connection, topic.subject, row, HISTORY)

        def done(found: tuple[list[Version], list[Entry]]) -> None:
            if (topic, key) == (self._topic, self._key):
                self.history.show_history(*found)
                if self.form is not None and found[1]:
                    self.form.show_rival(found[1][0].login, found[1][0].at)

        self._desk.operations.read(self, work, done, key="history")

    def _on_changed(self, key: str) -> None:
        if self.is_review and self.review.topic is not None and self.review.topic.key == key:
            self.review.refresh()
        topic, entry = self._topic, self._key
        if topic is None or entry is None or key != topic.key:
            return
        draft = self._register.drafts[key]
        if entry not in draft.keys:
            if not self.is_review:
                self.show_nothing()
            else:
                self._forget()
            return
        self._refresh()
        stored = draft.stored(entry)
        if stored is not None and stored.stamp != self._stamp:
            self._ask_history(topic, entry)


def _versions(connection: Connection, topic: Topic, row: Row) -> list[Version]:
    if topic.key != "filing_condition":
        return []
    return versions(connection, row.values["class_id"], row.values["code"])
