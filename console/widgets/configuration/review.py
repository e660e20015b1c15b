"""What would be saved, read once more before it is: each change from what to what, why, and from which day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from console.models.configuration.draft import ChangeKind
from console.widgets.configuration.cells import mark_of, title_of
from console.widgets.configuration.fields import read_day
from console.widgets.configuration.leaving import Errand, ErrandLine
from console.widgets.configuration.words import MARK, field_word
from console.widgets.shared import figures
from console.widgets.shared.panel import label, line, margins, scrolled, surface

if TYPE_CHECKING:
    from console.models.configuration.draft import Change
    from console.widgets.configuration.register import Register
    from console.widgets.configuration.topics import Topic
    from console.widgets.shared.desk import Desk

MOST_SHOWN = 50
"""Changes that are told one by one; a whole year of days is more than anybody reads, or a window lays out in time."""


class Review(Errand):
    """The changes of a topic, to be looked through and saved.

    Args:
        desk: the time.
        register: rows and drafts.
    """

    wanted = Signal(str, date)
    """They are to be saved, for this reason, in force from this day."""
    opened = Signal(str)
    """Key of an entry that is to be looked at again."""

    def __init__(self, desk: Desk, register: Register) -> None:
        super().__init__()
        self._desk, self._register = desk, register
        self._topic: Topic | None = None
        self._changes = QVBoxLayout()
        margins(self._changes, 14, 10, 14, 10, 4)
        inside = QWidget()
        inside.setLayout(self._changes)
        scroll = scrolled(inside)
        self.day_name = label(self.tr("In force from"), "secondary")
        self.day = ErrandLine(self.tr("In force from"), "2026-07-01")
        self.reason = ErrandLine(self.tr("Reason"), self.tr("Why is it changed? The record keeps it."))
        said = QVBoxLayout()
        margins(said, 10, 8, 10, 8)
        self.problem = label("", "critical", wraps=True, selectable=True)
        said.addWidget(self.problem)
        self.trouble = surface("critical", said)
        cancel = QPushButton(self.tr("Back  Esc"))
        cancel.clicked.connect(self.given_up)
        self.send = QPushButton(self.tr("Save  Enter"))
        self.send.setDefault(True)
        self.send.clicked.connect(self.do)
        self._lay_out(scroll, cancel)

    def _lay_out(self, scroll: QScrollArea, cancel: QPushButton) -> None:
        below = QVBoxLayout()
        margins(below, 14, 10, 14, 12, 6)
        self.effect = label("", "secondary", wraps=True)
        for widget in (
            self.effect,
            self.trouble,
            self.day_name,
            self.day,
            label(self.tr("Reason"), "secondary"),
            self.reason,
        ):
            below.addWidget(widget)
        buttons = QHBoxLayout()
        margins(buttons, 0, 6, 0, 0, 8)
        buttons.addWidget(cancel)
        buttons.addStretch(1)
        buttons.addWidget(self.send)
        below.addLayout(buttons)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(scroll, 1)
        box.addWidget(line())
        box.addLayout(below)

    @property
    def topic(self) -> Topic | None:
        """Whose changes are shown."""
        return self._topic

    @property
    def texts(self) -> list[str]:
        """All that is said of the changes, from the top."""
        items = (self._changes.itemAt(place) for place in range(self._changes.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget.property("text") for widget in widgets if widget is not None and widget.property("text")]

    def begin(self, topic: Topic) -> None:
        """Show the changes of `topic` and ask why."""
        if topic is not self._topic or not self.day.text():
            tomorrow = self._desk.now().astimezone(figures.CITY_TIME).date() + timedelta(days=1)
            self.day.setText(tomorrow.isoformat())
        self._topic = topic
        self.day.setVisible(topic.has_day)
        self.day_name.setVisible(topic.has_day)
        self.effect.setText(QCoreApplication.translate("words", topic.effect) if topic.effect else "")
        self.effect.setVisible(bool(topic.effect))
        self.say("")
        self.refresh()
        self.reason.setFocus()

    def refresh(self) -> None:
        """Show the changes as they are now."""
        while (item := self._changes.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        topic = self._topic
        if topic is None:
            return
        draft = self._register.drafts[topic.key]
        changes = draft.changes()
        for change in changes[:MOST_SHOWN]:
            self._add_change(topic, change)
        if len(changes) > MOST_SHOWN:
            more = self.tr("and {n} more, which the table marks").format(n=figures.count(len(changes) - MOST_SHOWN))
            self._say_line(more)
        self._changes.addStretch(1)
        self.send.setEnabled(draft.is_changed and not self._register.is_saving)

    def say(self, words: str) -> None:
        """Say why it was not saved; nothing takes it back."""
        self.problem.setText(words)
        self.trouble.setVisible(bool(words))

    def do(self) -> None:
        """Ask for it to be saved, if nothing is missing."""
        topic = self._topic
        if topic is None or not self.send.isEnabled():
            return
        draft = self._register.drafts[topic.key]
        day = read_day(self.day.text().strip())
        reason = self.reason.text().strip()
        flawed, undecided = draft.flawed(), draft.conflict_count
        if flawed:
            told = (
                self.tr("1 entry is to be mended first; it is marked with ▲."),
                self.tr("{n} entries are to be mended first; they are marked with ▲."),
            )
            self.say(figures.things(len(flawed), *told))
            self.opened.emit(flawed[0])
        elif undecided:
            told = (
                self.tr("1 entry was changed meanwhile by somebody else; decide first."),
                self.tr("{n} entries were changed meanwhile by somebody else; decide first."),
            )
            self.say(figures.things(undecided, *told))
            self.opened.emit(next(key for key in draft.keys if draft.conflicts(key)))
        elif topic.has_day and not isinstance(day, date):
            self.say(self.tr("From which day on? Written like 2026-07-01."))
            self.day.setFocus()
        elif not reason:
            self.say(self.tr("Say why it is changed: whoever reads the record later will ask."))
            self.reason.setFocus()
        else:
            self.say("")
            self.wanted.emit(reason, day if isinstance(day, date) else self._desk.now().date())

    def saved(self) -> None:
        """It was saved: the next change has another reason."""
        self.reason.clear()
        self._topic = None

    def _add_change(self, topic: Topic, change: Change) -> None:
        draft = self._register.drafts[topic.key]
        values = draft.values(change.key)
        symbol, words = MARK[mark_of(draft, change.key)]
        button = QPushButton(f"{symbol}  {title_of(topic, values, self._register)}")
        button.setProperty("entry", True)
        button.setToolTip(QCoreApplication.translate("words", words))
        button.clicked.connect(lambda *_: self.opened.emit(change.key))
        self._changes.addWidget(button)
        if change.kind is ChangeKind.REMOVE:
            self._say_line(self.tr("goes"))
        for field in topic.subject.fields_of(values):
            if field.name not in change.values or (change.kind is ChangeKind.ADD and not change.values[field.name]):
                continue
            after = self._register.said(topic, field, change.values[field.name]) or figures.NONE
            before = self._register.said(topic, field, change.base.get(field.name)) or figures.NONE
            told = after if change.kind is ChangeKind.ADD else f"{before} → {after}"
            self._say_line(f"{field_word(field.name)}: {told}")

    def _say_line(self, words: str) -> None:
        made = label(words, "secondary", wraps=True, selectable=True)
        made.setContentsMargins(22, 0, 0, 0)
        self._changes.addWidget(made)
