"""What would be saved, read once more before it is: each change from what to what, why, and from which day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QTextBrowser, QVBoxLayout

from console.models.configuration.draft import ChangeKind
from console.widgets.configuration.cells import mark_of, title_of
from console.widgets.configuration.fields import read_day
from console.widgets.configuration.leaving import Errand, ErrandLine
from console.widgets.configuration.told import Lines
from console.widgets.configuration.words import MARK, field_word
from console.widgets.shared import figures
from console.widgets.shared.panel import label, line, margins, surface

if TYPE_CHECKING:
    from console.models.configuration.draft import Change
    from console.widgets.configuration.register import Register
    from console.widgets.configuration.topics import Topic
    from console.widgets.shared.desk import Desk

MOST_SHOWN = 50
"""Changes that are told one by one; a whole year of days is more than anybody reads."""


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
        self._lines = Lines()
        self._told = QTextBrowser(openLinks=False)
        self._told.setFrameShape(QFrame.Shape.NoFrame)
        self._told.document().setDocumentMargin(14)
        self._told.anchorClicked.connect(lambda link: self.opened.emit(link.path()))
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
        self._lay_out(cancel)

    def _lay_out(self, cancel: QPushButton) -> None:
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
        box.addWidget(self._told, 1)
        box.addWidget(line())
        box.addLayout(below)

    @property
    def topic(self) -> Topic | None:
        """Whose changes are shown."""
        return self._topic

    @property
    def texts(self) -> list[str]:
        """All that is said of the changes, from the top."""
        return self._lines.texts

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
        self._lines, topic = Lines(), self._topic
        if topic is None:
            self._told.clear()
            return
        draft = self._register.drafts[topic.key]
        changes = draft.changes()
        for change in changes[:MOST_SHOWN]:
            self._tell(topic, change)
        if len(changes) > MOST_SHOWN:
            more = self.tr("and {n} more, which the table marks").format(n=figures.count(len(changes) - MOST_SHOWN))
            self._lines.add(more)
        self._told.setHtml(self._lines.html)
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

    def _tell(self, topic: Topic, change: Change) -> None:
        """A change: the entry, which leads to it, and what of it differs."""
        draft, told = self._register.drafts[topic.key], self._lines
        values = draft.values(change.key)
        symbol, _ = MARK[mark_of(draft, change.key)]
        told.add(f"{symbol}  {title_of(topic, values, self._register)}", link=change.key)
        if change.kind is ChangeKind.REMOVE:
            told.add(self.tr("goes"), is_quiet=True)
        for field in topic.subject.fields_of(values):
            if field.name not in change.values or (change.kind is ChangeKind.ADD and not change.values[field.name]):
                continue
            after = self._register.said(topic, field, change.values[field.name]) or figures.NONE
            before = self._register.said(topic, field, change.base.get(field.name)) or figures.NONE
            words = after if change.kind is ChangeKind.ADD else f"{before} → {after}"
            told.add(f"{field_word(field.name)}: {words}", is_quiet=True)
