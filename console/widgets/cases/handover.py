"""Hand-over of a shift at the desk: what the one before has to say stands above the queue until the shift is over."""

from __future__ import annotations

import uuid
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
)

from console.models.cases import handover
from console.models.cases.handover import NOTES_MOST
from console.widgets.shared import figures
from console.widgets.shared.desk import Thing
from console.widgets.shared.panel import ENTER, keeps_key, label, margins
from console.widgets.shared.style import Look, font, icon
from console.widgets.shared.words import STATE, SYMBOL, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent
    from sqlalchemy import Connection

    from console.database.feed import Change
    from console.models.cases.handover import DeskState, Handover
    from console.widgets.cases.marking import Marking
    from console.widgets.shared.desk import Desk

NOTES_HEIGHT = 96
SHOWN_CASES = 4
POSTS = frozenset({"acceptor", "dispatcher", "shift_leader", "department", "inspector"})
"""Roles whose people work shifts that are handed over."""


class ShiftDesk(QObject):
    """Reads, makes and acknowledges hand-overs; `strip` shows one, `form` makes one.

    Args:
        desk: whose post it is.
        marks: the cases that go with a hand-over, if any are marked.
        parent: keeps it.
    """

    def __init__(self, desk: Desk, marks: Marking, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._marks = desk, marks
        self._is_active = False
        self._has_desk = desk.person.role in POSTS
        self._has_commands = False
        self.strip = HandoverStrip(desk)
        self.form = HandoverForm(desk)
        self.strip.taken.connect(self.take)
        self.form.wanted.connect(self._give)
        desk.changes.changed.connect(self._on_changes)
        desk.changes.reload.connect(self.refresh)

    def add_actions(self, group: str) -> None:
        """Register the commands, for those who have a desk to hand over."""
        if self._has_desk:
            self._has_commands = True
            add = self._desk.actions.add
            add("shift.hand_over", self.tr("Hand over the shift"), self.begin, group=group, shortcut="Ctrl+H")
            add("shift.take_over", self.tr("Take over the shift"), self.take, group=group, shortcut="Ctrl+Shift+H")
            add("shift.notes", self.tr("Notes of the shift before"), self.strip.toggle, group=group)
            self._enable()

    def activate(self, *, active: bool) -> None:
        """Follow changes from now on, or rest."""
        self._is_active = active
        self._enable()
        self.refresh()

    def refresh(self) -> None:
        """Read anew what there is to know."""
        if self._is_active and self._has_desk:
            self._desk.operations.read(self, handover.current, self._show, lambda _error: None, key="handover")

    def begin(self) -> None:
        """Open the form."""
        self.strip.fold_up()
        self.form.open(self._marks.ids)
        self._desk.operations.read(self, handover.desk_state, self.form.show_state, key="desk")

    def take(self) -> None:
        """Acknowledge what is shown."""
        told = self.strip.told
        if told is not None and not told.is_taken and not told.is_own:
            self._desk.operations.write(
                self, partial(_take, told.id), lambda _none: self.refresh(), lambda _error: self.refresh()
            )

    def _give(self) -> None:
        form = self.form
        notes, receiver, case_ids, request = form.notes.toPlainText(), form.receiver_id, form.case_ids, form.request_id

        def work(connection: Connection) -> int:
            return handover.hand_over(connection, notes, receiver_id=receiver, case_ids=case_ids, request_id=request)

        form.send.setEnabled(False)
        self._desk.operations.write(
            self, work, lambda _id: self._on_given(), lambda error: form.fail(self._desk.notices.words_for(error))
        )

    def _on_given(self) -> None:
        self.form.done()
        self._desk.notices.post(self.tr("The shift is handed over: it waits to be taken over."))
        self.refresh()

    def _show(self, told: Handover | None) -> None:
        before = self.strip.told
        self.strip.show_handover(told)
        self._enable()
        if before is not None and told is not None and before.is_own and before.id == told.id and told.is_taken:
            who = self._desk.name(told.taker, told.taker_en)
            self._desk.notices.post(self.tr("{who} has taken over your shift.").format(who=who))

    def _enable(self) -> None:
        if not self._has_commands:
            return  # a queue beside the one that is worked in tells of the shift and hands nothing over
        told, actions = self.strip.told, self._desk.actions
        actions["shift.hand_over"].setEnabled(self._is_active)
        can_take = self._is_active and told is not None and not told.is_taken and not told.is_own
        actions["shift.take_over"].setEnabled(can_take)
        actions["shift.take_over"].setVisible(can_take)
        actions["shift.notes"].setEnabled(self._is_active and told is not None)
        actions["shift.notes"].setVisible(told is not None)

    def _on_changes(self, changes: Sequence[Change]) -> None:
        if any(c.subject == "shift_handover" for c in changes):
            self.refresh()


def _take(handover_id: int, connection: Connection) -> None:
    handover.take_over(connection, handover_id)


class HandoverStrip(QFrame):
    """One line: who handed over, when, what waited; below it, while it is open, the notes and the cases.

    It is open until somebody has taken over; then it is for each to open and close.
    """

    taken = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("surface", "raised")
        self._desk = desk
        self._told: Handover | None = None
        symbol = QLabel()
        symbol.setPixmap(icon("mdi6.account-switch-outline", "text").pixmap(16, 16))
        self.text = label(wraps=True)
        self.fold = QToolButton()
        self.fold.clicked.connect(self.toggle)
        self.fold.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.notes = label("", wraps=True, selectable=True)
        self.figures = label("", "secondary", wraps=True)
        self.cases = QListWidget()
        self.cases.setAccessibleName(self.tr("Cases that go with the hand-over"))
        self.cases.setUniformItemSizes(True)
        self.cases.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.cases.itemClicked.connect(self._open)
        self.cases.itemActivated.connect(self._open)
        self.take = QPushButton(self.tr("Take over the shift  Ctrl+Shift+H"))
        self.take.clicked.connect(self.taken)
        head = QHBoxLayout()
        margins(head, 0, 0, 0, 0, 8)
        top = Qt.AlignmentFlag.AlignTop
        head.addWidget(symbol, 0, top)
        head.addWidget(self.text, 1)
        head.addWidget(self.fold, 0, top)
        box = QVBoxLayout(self)
        margins(box, 12, 6, 12, 8, 6)
        box.addLayout(head)
        for part in (self.figures, self.notes, self.cases, self.take):
            box.addWidget(part)
        self.hide()

    @property
    def told(self) -> Handover | None:
        """What is shown."""
        return self._told

    @property
    def is_open(self) -> bool:
        """Whether the notes are shown."""
        return not self.notes.isHidden()

    def show_handover(self, told: Handover | None) -> None:
        """Show one, or nothing."""
        before, self._told = self._told, told
        self.setVisible(told is not None)
        if told is None:
            return
        name, now = self._desk.name, self._desk.now()
        at = figures.short_moment(told.at, now)
        words = self.tr("{who} handed over, {at}").format(who=name(told.giver, told.giver_en), at=at)
        if told.is_own and not told.is_taken:
            words = self.tr("You handed over, {at}: not taken over yet").format(at=at)
        elif told.taken_at is not None:
            words = self.tr("{words} · {taker} took over").format(words=words, taker=name(told.taker, told.taker_en))
        elif told.receiver:
            words = self.tr("{words} to {who}").format(words=words, who=name(told.receiver, told.receiver_en))
        self.text.setText(words)
        counts = [figures.things(told.waiting, self.tr("1 case waited"), self.tr("{n} cases waited"))]
        if told.overdue:
            words = self.tr("{n} overdue").format(n=figures.count(told.overdue))
            counts.append(f"{SYMBOL['critical']} {words}")
        if told.soon:
            words = self.tr("{n} due soon").format(n=figures.count(told.soon))
            counts.append(f"{SYMBOL['medium']} {words}")
        self.figures.setText(" · ".join(counts))
        self.notes.setText(told.notes)
        self._show_cases(told)
        is_news = before is None or (before.id, before.is_taken) != (told.id, told.is_taken)
        self._set_open(is_open=not told.is_taken and not told.is_own if is_news else self.is_open)

    def _show_cases(self, told: Handover) -> None:
        self.cases.clear()
        for row in told.cases:
            title = self._desk.name(row.class_name, row.class_name_en) or row.description
            item = QListWidgetItem(f"{title} · {row.address or row.street} · {word(STATE, row.state)}")
            item.setToolTip(f"{row.case_no}\n{row.description}")
            item.setData(Qt.ItemDataRole.UserRole, row.id)
            item.setSizeHint(QSize(0, Look.current().row_dense_px))
            self.cases.addItem(item)
        self.cases.setFixedHeight(Look.current().row_dense_px * max(1, min(len(told.cases), SHOWN_CASES)))

    def toggle(self) -> None:
        """Open or close the notes."""
        self._set_open(is_open=not self.is_open)

    def fold_up(self) -> None:
        """Close the notes: something else needs the place."""
        self._set_open(is_open=False)

    def _set_open(self, *, is_open: bool) -> None:
        told = self._told
        for part in (self.notes, self.figures):
            part.setVisible(is_open)
        self.cases.setVisible(is_open and self.cases.count() > 0)
        self.take.setVisible(told is not None and not told.is_taken and not told.is_own)
        self.fold.setIcon(icon("mdi6.chevron-up" if is_open else "mdi6.chevron-down"))
        self.fold.setToolTip(self.tr("Close the notes") if is_open else self.tr("Read the notes"))

    def _open(self, item: QListWidgetItem) -> None:
        self._desk.selection.select(Thing("case", str(item.data(Qt.ItemDataRole.UserRole))))


class HandoverForm(QFrame):
    """To whom, what the next shift has to know, and what goes with it; Ctrl+Enter sends it, Esc keeps it for later."""

    wanted = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("surface", "raised")
        self._desk = desk
        self.case_ids: tuple[int, ...] | None = None
        self.request_id = uuid.uuid4()
        self.receiver = QComboBox()
        self.receiver.setAccessibleName(self.tr("To whom"))
        self.receiver.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.notes = QPlainTextEdit()
        self.notes.setPlaceholderText(self.tr("What the next shift has to know"))
        self.notes.setAccessibleName(self.tr("What the next shift has to know"))
        self.notes.setTabChangesFocus(True)
        self.notes.setFixedHeight(NOTES_HEIGHT)
        self.notes.textChanged.connect(self._on_typed)
        self.state = label("", "secondary", wraps=True)
        self.problem = label("", "critical", wraps=True)
        self.problem.hide()
        self.send = QPushButton(self.tr("Hand over  Ctrl+Enter"))
        self.send.setDefault(True)
        self.send.setFont(font(Look.current().text_px, semibold=True))  # as the default one is lettered
        self.send.clicked.connect(self._ask)
        cancel = QPushButton(self.tr("Later  Esc"))
        cancel.clicked.connect(self.hide)
        foot = QHBoxLayout()
        margins(foot, 0, 0, 0, 0, 6)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.send)
        box = QVBoxLayout(self)
        margins(box, 12, 8, 12, 10, 6)
        box.addWidget(label(self.tr("Hand over the shift"), "title"))
        for part in (self.receiver, self.notes, self.state, self.problem):
            box.addWidget(part)
        box.addLayout(foot)
        self.hide()

    @property
    def receiver_id(self) -> int | None:
        """Who is meant to take over; None for whoever comes next."""
        found: int | None = self.receiver.currentData()
        return found

    def open(self, marked: tuple[int, ...]) -> None:
        """Ask; with the marked cases, or without any choice those that wait for oneself."""
        self.case_ids = marked or None
        self.problem.hide()
        self.send.setEnabled(True)
        self.show()
        self.notes.setFocus()

    def show_state(self, state: DeskState) -> None:
        """What would be handed over now, and to whom."""
        chosen = self.receiver.currentData()
        self.receiver.clear()
        self.receiver.addItem(self.tr("Whoever comes next"), None)
        for one in state.relievers:
            words = self._desk.name(one.title, one.title_en)
            if one.begins is not None:
                at = figures.short_moment(one.begins, self._desk.now())
                words = f"{words} · {self._desk.name(one.shift, one.shift_en)} {at}"
            self.receiver.addItem(words, one.id)
        self.receiver.setCurrentIndex(max(0, self.receiver.findData(chosen)))
        counts = figures.things(
            state.waiting,
            self.tr("1 case waits at your post; overdue: {overdue}."),
            self.tr("{n} cases wait at your post; overdue: {overdue}."),
            overdue=figures.count(state.overdue),
        )
        if self.case_ids is None:
            goes = figures.things(
                state.own,
                self.tr("The one that waits for you in person goes with it; mark others in the queue to choose."),
                self.tr("The {n} that wait for you in person go with it; mark others in the queue to choose."),
            )
        else:
            marked = self.tr("The marked case goes with it."), self.tr("The {n} marked cases go with it.")
            goes = figures.things(len(self.case_ids), *marked)
        self.state.setText(f"{counts}\n{goes}")

    def done(self) -> None:
        """It is handed over."""
        self.notes.clear()
        self.receiver.setCurrentIndex(0)
        self.hide()

    def fail(self, reason: str) -> None:
        """Say why not; what was typed stays."""
        self.problem.setText(reason)
        self.problem.show()
        self.send.setEnabled(True)

    def event(self, event: QEvent) -> bool:
        """Esc and Ctrl+Enter belong to the form while it has the keyboard."""
        return keeps_key(event, _is_own) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc keeps it for later, Ctrl+Enter sends it."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        elif _sends(event):
            self._ask()
        else:
            super().keyPressEvent(event)

    def _on_typed(self) -> None:
        # What is written anew is another hand-over.
        self.request_id = uuid.uuid4()

    def _ask(self) -> None:
        words = self.notes.toPlainText().strip()
        if not words or len(words) > NOTES_MOST:
            told = self.tr("Write what the next shift has to know, in at most {n} letters.")
            self.fail(told.format(n=figures.count(NOTES_MOST)))
            self.notes.setFocus()
        elif self.send.isEnabled():
            self.wanted.emit()


def _is_own(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Escape or _sends(event)


def _sends(event: QKeyEvent) -> bool:
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return control and Qt.Key(event.key()) in ENTER
