"""One alarm in full: where it stands, what to do about it, what was done, and the acts that are possible now."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSpinBox, QVBoxLayout, QWidget

from console.models import alarms
from console.widgets.alarms.acts import NEEDS_REASON
from console.widgets.alarms.lines import mark_words
from console.widgets.shared import figures
from console.widgets.shared.flow import FlowLayout
from console.widgets.shared.panel import Facts, label, line, margins, scrolled
from console.widgets.shared.style import set_role
from console.widgets.shared.words import ALARM_ACT, ALARM_STATE, SYMBOL, URGENCY, word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QKeyEvent
    from sqlalchemy import Connection

    from console.models.alarms import AlarmEvent, AlarmRecord, AlarmRule
    from console.widgets.alarms.lines import AlarmLine
    from console.widgets.shared.desk import Desk

MEMBERS_SHOWN = 30
KEYS = {
    "acknowledge": "A",
    "reset": "R",
    "shelve": "S",
    "unshelve": "U",
    "take_out_of_service": "O",
    "return_to_service": "O",
    "make_case": "C",
    "show_case": "C",
    "sheet": "Ctrl+Shift+V",
}
"""The key of each act, while the list has the keyboard."""


class AlarmDetail(QWidget):
    """Shows the alarm that is chosen in the list.

    Args:
        desk: language, time and database.
    """

    wanted = Signal(str)
    """An act was pressed."""
    given = Signal(str, str, int)
    """An act that asks for a reason, the reason, and minutes (0 when it has no end)."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.line: AlarmLine | None = None
        self._record: AlarmRecord | None = None
        self.title = label("", "title", wraps=True)
        self.state = label("", "secondary")
        self.facts, self.guidance, self.history = Facts(96), Facts(96), Facts(96)
        self._titles = {
            part: label(words, "secondary")
            for part, words in ((self.guidance, self.tr("What to do")), (self.history, self.tr("History")))
        }
        inside = QWidget()
        inside.setProperty("surface", "panel")
        box = QVBoxLayout(inside)
        margins(box, 14, 10, 14, 12, 10)
        box.addWidget(self.title)
        box.addWidget(self.state)
        for part in (self.facts, self.guidance, self.history):
            if part in self._titles:
                box.addWidget(line())
                box.addWidget(self._titles[part])
            box.addWidget(part)
        box.addStretch(1)
        self.sheet = scrolled(inside)
        self.complaint = label("", "critical", wraps=True)
        self.complaint.setContentsMargins(14, 4, 14, 4)
        self.complaint.hide()
        self.form = ReasonForm()
        self.form.given.connect(self.given)
        self.buttons: dict[str, QPushButton] = {}
        row_of_acts = QWidget()
        flow = FlowLayout(row_of_acts)
        flow.setContentsMargins(14, 8, 14, 8)
        for act, words in self._words().items():
            button = QPushButton(f"{words}  {KEYS[act]}")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(partial(self.wanted.emit, act))
            button.hide()
            flow.addWidget(button)
            self.buttons[act] = button
        outer = QVBoxLayout(self)
        margins(outer, 0, 0, 0, 0)
        outer.addWidget(self.sheet, 1)
        outer.addWidget(line())
        for below in (self.complaint, self.form, row_of_acts):
            outer.addWidget(below)
        self.show_line(None, ())

    def _words(self) -> dict[str, str]:
        return {
            "acknowledge": self.tr("Acknowledge"),
            "reset": self.tr("Reset"),
            "shelve": self.tr("Shelve …"),
            "unshelve": self.tr("Show again"),
            "take_out_of_service": self.tr("Out of service …"),
            "return_to_service": self.tr("Back in service"),
            "make_case": self.tr("Make a case …"),
            "show_case": self.tr("Show its case"),
            "sheet": self.tr("Evidence as PDF …"),
        }

    def show_line(self, shown: AlarmLine | None, acts: Iterable[str]) -> None:
        """Show an alarm of the list, with the acts that are possible; nothing when none is chosen."""
        is_other = shown is None or self.line is None or shown.key != self.line.key
        self.line = shown
        offered = set(acts)
        for act, button in self.buttons.items():
            button.setVisible(act in offered)
        if is_other:
            self._record = None
            self.form.leave()
            self.say("")
            self.sheet.verticalScrollBar().setValue(0)
        self._tell()
        asked = None if shown is None else (shown.members[0] if shown.members else shown).alarm_id
        if asked is not None:
            self._desk.operations.read(
                self, partial(_record, asked), self._show_record, lambda _error: None, key="alarm"
            )

    def say(self, words: str) -> None:
        """Say why something was not done; an empty text takes it back."""
        self.complaint.setText(words)
        self.complaint.setVisible(bool(words))

    def ask_reason(self, act: str, shelving_min: tuple[int, int]) -> None:
        """Open the form of an act that wants a reason; what was half written for the same act is still there."""
        self.say("")
        self.form.open(act, self._words()[act].rstrip(" …"), shelving_min if act == NEEDS_REASON[0] else None)

    def _show_record(self, record: AlarmRecord | None) -> None:
        shown = self.line
        if record is None or shown is None:
            return
        if record.alarm.id == (shown.members[0] if shown.members else shown).alarm_id:
            self._record = record
            self._tell()

    def _tell(self) -> None:
        shown, record = self.line, self._record
        if shown is None:
            self.title.setText(self.tr("No alarm is chosen."))
            self.state.setText("")
        else:
            self.title.setText(f"{shown.who}  {shown.what}")
            self.state.setText(f"{SYMBOL[shown.urgency]} {word(URGENCY, shown.urgency)}   {mark_words(shown)}")
            set_role(self.state, shown.urgency if shown.is_waiting else "secondary")
        self.facts.show_facts(self._facts(shown, record))
        rule = None if record is None else record.rule
        guidance = [] if rule is None else self._guidance(rule)
        if record is not None and rule is None:
            guidance = [(self.tr("Action"), self.tr("No rule is kept for this alarm: ask the shift leader."), "")]
        self.guidance.show_facts(guidance)
        events = [] if record is None or shown is None or shown.members else record.events
        self.history.show_facts([self._event(event) for event in reversed(events)])
        for part, rows in ((self.guidance, guidance), (self.history, events)):
            self._titles[part].setVisible(bool(rows))

    def _facts(self, shown: AlarmLine | None, record: AlarmRecord | None) -> list[tuple[str, str, str]]:
        if shown is None:
            return []
        since = (self.tr("Since"), figures.moment(shown.at), "")
        if shown.members:
            first, *others = shown.members
            rows = [(self.tr("First"), f"{figures.clock(first.at, seconds=True)}  {first.who}", "")]
            rows += [
                ("", f"{figures.clock(one.at, seconds=True)}  {one.who}", "") for one in others[: MEMBERS_SHOWN - 1]
            ]
            if len(shown.members) > MEMBERS_SHOWN:
                rows.append(("", self.tr("and {n} more").format(n=len(shown.members) - MEMBERS_SHOWN), "secondary"))
            return rows
        rows = [since]
        if record is not None:
            alarm = record.alarm
            if alarm.acknowledged_at is not None:
                who = f"{figures.moment(alarm.acknowledged_at)}  {alarm.acknowledged_by}"
                rows.append((self.tr("Acknowledged"), who, ""))
            if alarm.cleared_at is not None:
                rows.append((self.tr("Over since"), figures.moment(alarm.cleared_at), ""))
        if shown.case:
            rows.append((self.tr("Case"), shown.case, ""))
        if shown.until is not None:
            rows.append((self.tr("Comes back"), figures.moment(shown.until), ""))
        if shown.reason:
            rows.append((self.tr("Reason"), shown.reason, ""))
        return rows

    def _guidance(self, rule: AlarmRule) -> list[tuple[str, str, str]]:
        return [
            (self.tr("Action"), rule.action or figures.NONE, ""),
            (self.tr("Cause"), rule.cause or figures.NONE, ""),
            (self.tr("Consequence"), rule.consequence or figures.NONE, ""),
        ]

    def _event(self, event: AlarmEvent) -> tuple[str, str, str]:
        words = f"{word(ALARM_ACT, event.act)} → {word(ALARM_STATE, event.to_state)}"
        if event.act in {"raise", "step_up", "step_down"}:
            words = f"{word(ALARM_ACT, event.act)} {SYMBOL[event.urgency]} {word(URGENCY, event.urgency)}"
        for part in (event.who, event.reason):
            words += f"\n{part}" if part else ""
        return figures.short_moment(event.at, self._desk.now()), words, ""


class ReasonForm(QWidget):
    """Asks why an alarm is set aside, and for how long; Enter does it, Esc leaves what was written for later."""

    given = Signal(str, str, int)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.act = ""
        self._title = label("")
        self.reason = QLineEdit(placeholderText=self.tr("Why?"), maxLength=200)
        self.reason.setAccessibleName(self.tr("Reason"))
        self.minutes = QSpinBox(minimum=1)
        self.minutes.setSuffix(self.tr(" min"))
        self.minutes.setAccessibleName(self.tr("Minutes"))
        self._send = QPushButton()
        self._send.setDefault(True)
        self._send.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._send.clicked.connect(self._give)
        self.minutes.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        row = QHBoxLayout()
        margins(row, 0, 0, 0, 0, 8)
        row.addWidget(self.minutes)
        row.addStretch(1)
        row.addWidget(self._send)
        box = QVBoxLayout(self)
        margins(box, 14, 8, 14, 0, 6)
        box.addWidget(self._title)
        box.addWidget(self.reason)
        box.addLayout(row)
        self.hide()

    def open(self, act: str, words: str, shelving_min: tuple[int, int] | None) -> None:
        """Ask for an act, with the minutes that are usual and the most that are possible if it has an end."""
        if act != self.act:
            self.reason.clear()
            if shelving_min is not None:
                self.minutes.setMaximum(shelving_min[1])
                self.minutes.setValue(shelving_min[0])
        self.act = act
        self._title.setText(words)
        self._send.setText(self.tr("{act}  Enter").format(act=words))
        self.minutes.setVisible(shelving_min is not None)
        self.show()
        self.reason.setFocus()

    def leave(self) -> None:
        """Ask no more; the next alarm is asked about anew."""
        self.act = ""
        self.fold()

    def fold(self) -> None:
        """Go out of the way with what is written, and give the keyboard back first: it must not go elsewhere."""
        focus = self.focusWidget()
        if focus is not None and focus.hasFocus():
            self.left.emit()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter gives, Esc goes back to the list."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._give()
        elif event.key() == Qt.Key.Key_Escape:
            self.fold()
        else:
            super().keyPressEvent(event)

    def _give(self) -> None:
        self.given.emit(self.act, self.reason.text().strip(), 0 if self.minutes.isHidden() else self.minutes.value())


def _record(alarm_id: int, connection: Connection) -> AlarmRecord | None:
    return alarms.record(connection, alarm_id)
