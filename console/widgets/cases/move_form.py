"""The form of one move: fields for what it requires and takes, the cases that it may repeat, and why it was refused."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.database.vocabulary import FIELD
from console.errors import QT_TRANSLATE_NOOP
from console.widgets.cases.duplicate_list import DuplicateList
from console.widgets.cases.move_fields import AnswerField, Fields, Hit, LastDayField, OpinionField, Picker
from console.widgets.cases.move_hits import class_hits, condition_hits, duplicate_hits, unit_hits
from console.widgets.cases.move_told import MoveTrouble, quoted
from console.widgets.cases.place_field import PlaceField
from console.widgets.shared import figures
from console.widgets.shared.evidence.source import EvidenceSource
from console.widgets.shared.evidence.tray import Tray
from console.widgets.shared.panel import ENTER, keeps_key, label, line, margins
from console.widgets.shared.words import ACT, LEVEL, STATE, word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QKeyEvent

    from console.models.cases import CaseEvent
    from console.models.cases.duplicates import Duplicate
    from console.models.cases.filing import Class, Condition, Proposal, Standard, Unit
    from console.models.cases.moves import PossibleMove
    from console.models.cases.workbench import Workbench
    from console.widgets.shared.desk import Desk

ANSWERS = {
    "verify": (QT_TRANSLATE_NOOP("words", "It is so"), QT_TRANSLATE_NOOP("words", "It is not so")),
    "check": (QT_TRANSLATE_NOOP("words", "Passed"), QT_TRANSLATE_NOOP("words", "Not passed")),
    "review_appeal": (QT_TRANSLATE_NOOP("words", "Granted"), QT_TRANSLATE_NOOP("words", "Not granted")),
    "decide_appeal": (QT_TRANSLATE_NOOP("words", "Granted"), QT_TRANSLATE_NOOP("words", "Not granted")),
}
SUPERVISION = {
    "timeout": QT_TRANSLATE_NOOP("words", "Overdue"),
    "leader": QT_TRANSLATE_NOOP("words", "By a leader"),
    "important": QT_TRANSLATE_NOOP("words", "Important"),
}
SHOWS_DUPLICATES = frozenset({"accept", "file"})
WITH_EVIDENCE = frozenset({
    "verify", "refuse", "order_check", "dispose", "feed_back", "check", "reply", "return", "rework",
    "request_extension", "request_suspension",
})  # fmt: skip
"""Moves that photos and papers go with: what was found, what was done, why it takes longer."""
REASONED = frozenset({
    "refuse", "return", "request_extension", "request_suspension", "refuse_request", "rework", "force_close", "cancel",
    "reopen", "appeal",
})  # fmt: skip
"""Moves whose opinion says why they are made."""
DAYS_ON_ACCOUNT = 7


class MoveForm(QFrame):
    """Asks for what a move requires; Enter sends it, Esc gives it up.

    Args:
        bench: the case as it was seen.
        move: which move.
        standard: what classes, conditions and departments are chosen from.
        phrases: set phrases for the opinion, in the language of the window.
        desk: language and time.
    """

    wanted = Signal()
    """It is filled in and to be sent."""
    given_up = Signal()
    merge_wanted = Signal(int)
    """The case is to be merged into the one of this id instead."""
    condition_chosen = Signal(int)
    """Somebody has to say which department fits this condition."""

    def __init__(
        self, bench: Workbench, move: PossibleMove, standard: Standard, phrases: Sequence[str], desk: Desk
    ) -> None:
        super().__init__()
        self.setProperty("surface", "panel")
        self.bench, self.move_name = bench, move.move
        self.request_id = uuid.uuid4()
        self._requires, self._standard, self._desk = move.requires, standard, desk
        self._proposal: Proposal | None = bench.proposal
        self._asks = move.requires | move.takes
        self.answer: AnswerField | None = None
        self.condition: Picker[Condition] | None = None
        self.class_: Picker[Class] | None = None
        self.unit: Picker[Unit] | None = None
        self.staff: QComboBox | None = None
        self.until: LastDayField | None = None
        self.kind: QComboBox | None = None
        self.other: Picker[Duplicate] | None = None
        self.duplicates: DuplicateList | None = None
        self.description: QLineEdit | None = None
        self.place: PlaceField | None = None
        self.level: QComboBox | None = None
        self._fields = QVBoxLayout()
        margins(self._fields, 14, 4, 14, 8, 4)
        self._add_fields()
        self._add_duplicates()
        # Files are of one case; a form for several has none.
        self.tray = self._add_tray() if move.move in WITH_EVIDENCE and bench.case_id else None
        self.opinion = OpinionField(phrases, self._title("opinion"))
        if self.tray is not None:
            self.opinion.text.takes = self.tray.take_files
        self._add("opinion", self.opinion)
        self._listen()
        self.trouble = MoveTrouble(desk)
        self.send = QPushButton(self.tr("{move}  Enter").format(move=word(ACT, move.move)))
        self.send.setDefault(True)
        self.send.clicked.connect(self.wanted)
        self._lay_out(move)

    def _lay_out(self, move: PossibleMove) -> None:
        inside = QWidget()
        inside.setProperty("surface", "panel")
        inside.setLayout(self._fields)
        cancel = QPushButton(self.tr("Cancel  Esc"))
        cancel.clicked.connect(self.given_up)
        lead = [word(STATE, self.bench.state)]
        if move.to_state != self.bench.state:
            lead.append(" / ".join(word(STATE, code) for code in (move.to_state, move.else_state) if code is not None))
        head = QHBoxLayout()
        margins(head, 14, 10, 14, 4, 8)
        self.title = label(word(ACT, move.move), "title")
        head.addWidget(self.title, 1)
        head.addWidget(label(" → ".join(lead) if len(lead) > 1 else "", "secondary"))
        said = QVBoxLayout()
        margins(said, 14, 0, 14, 4, 2)
        for one in self.bench.said:
            said.addWidget(quoted(one, self._desk))
        held = QVBoxLayout()
        margins(held, 14, 4, 14, 4)
        held.addWidget(self.trouble)
        buttons = QHBoxLayout()
        margins(buttons, 14, 4, 14, 12, 8)
        buttons.addWidget(cancel)
        buttons.addStretch(1)
        buttons.addWidget(self.send)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(line())
        box.addLayout(head)
        box.addLayout(said)
        self._scroll = Fields(inside)
        box.addWidget(self._scroll, 1)
        box.addLayout(held)
        box.addLayout(buttons)

    # Fields

    def _name(self, field: str) -> str:
        """What a field is called in this form."""
        if field == "opinion" and self.move_name in REASONED:
            return self.tr("Reason")
        return word(FIELD, "condition" if field == "class" and self.condition is not None else field)

    def _title(self, field: str) -> str:
        name = self._name(field)
        return name if field in self._requires else self.tr("{field} (optional)").format(field=name)

    def _add(self, field: str, widget: QWidget) -> None:
        """A field under its name; searched fields and opinions have their name inside."""
        if not isinstance(widget, (Picker, OpinionField)):
            self._fields.addWidget(label(self._title(field), "secondary"))
        self._fields.addWidget(widget)

    def _add_fields(self) -> None:
        """What is required and what may be given, but for the opinion, which comes last."""
        self._add_searched()
        self._add_chosen()
        if "description" in self._asks:
            self.description = QLineEdit(self.bench.description)
            self._add("description", self.description)
        if "place" in self._asks:
            self._add_place()

    def _add_searched(self) -> None:
        bench, asks, standard = self.bench, self._asks, self._standard
        if "passed" in asks:
            self.answer = AnswerField(*ANSWERS[self.move_name])
            self._add("passed", self.answer)
        if "other_case" in asks:
            self.other = Picker(self.tr("Number of the other case"), self._find_duplicates)
            self._add("other_case", self.other)
        if "condition" in asks:
            self.condition = Picker(self.tr("Filing condition: code, name or initials"), self._find_conditions)
            self.condition.choose(standard.condition(bench.condition_id))
            self.condition.chosen.connect(self._on_condition)
            self._add("condition", self.condition)
        elif "class" in asks:
            self.class_ = Picker(self.tr("Class: code, name or initials"), self._find_classes)
            self._add("class", self.class_)
        if "department" in asks:
            self.unit = Picker(self.tr("Department: code, name or initials"), self._find_units)
            self._add("department", self.unit)

    def _add_chosen(self) -> None:
        bench, asks = self.bench, self._asks
        if "staff" in asks:
            self.staff = QComboBox()
            if "staff" not in self._requires:
                self.staff.addItem(self.tr("The team of the zone"), None)
            for one in bench.colleagues.get(self.move_name, []):
                self.staff.addItem(self._desk.name(one.title, one.title_en), one.id)
            self._add("staff", self.staff)
        if "until" in asks:
            today = self._desk.now().astimezone(figures.CITY_TIME).date()
            self.until = LastDayField(today, bench.request_until or today + timedelta(days=DAYS_ON_ACCOUNT))
            self._add("until", self.until)
        if "kind" in asks:
            self.kind = QComboBox()
            for code in SUPERVISION:
                self.kind.addItem(word(SUPERVISION, code), code)
            self._add("kind", self.kind)
        if "level" in asks:
            self.level = QComboBox()
            for code in LEVEL:
                self.level.addItem(word(LEVEL, code), code)
            self.level.setCurrentIndex(self.level.findData(bench.level))
            self._add("level", self.level)

    def _add_place(self) -> None:
        bench = self.bench
        self.place = PlaceField(
            self._desk,
            address=bench.address,
            place=(bench.x, bench.y),
            component_code=bench.component_code,
            class_id=bench.class_id,
        )
        if self.class_ is not None:
            self.class_.chosen.connect(self._on_class)
        self._add("place", self.place)

    def _on_class(self, chosen: Class | None) -> None:
        if self.place is not None:
            self.place.set_class(self.bench.class_id if chosen is None else chosen.id)

    def _add_tray(self) -> Tray:
        """Files that go with the move, if this post may add to the case."""
        source = EvidenceSource(self._desk, self.isVisible, self, with_pictures=False)
        made = Tray(self._desk, source, sends=False, goes_with=self)
        self._fields.addWidget(made)
        source.follow(self.bench.case_id)
        self._desk.unsent.changed.connect(self._keep_in_sight)
        return made

    def _keep_in_sight(self, _case_id: int) -> None:
        """Files that come and go push the field that is written in about."""
        focus = self.focusWidget()
        if focus is not None:
            QTimer.singleShot(0, focus, lambda: self._scroll.ensureWidgetVisible(focus))

    def _add_duplicates(self) -> None:
        found = self.bench.duplicates
        if self.move_name not in SHOWS_DUPLICATES or found is None or not found.found:
            return
        words = self.tr("Perhaps reported already: within {radius} and {hours} h")
        self._fields.addWidget(
            label(words.format(radius=figures.distance(found.radius_m), hours=f"{found.hours:g}"), "medium", wraps=True)
        )
        self.duplicates = DuplicateList(self.tr("Cases that this one may repeat"), self._desk)
        self.duplicates.show_hits(self._find_duplicates(""))
        self._fields.addWidget(self.duplicates)
        self.merge = QPushButton(self.tr("Merge into this case  Ctrl+M"))
        self.merge.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.merge.clicked.connect(self._merge)
        self._fields.addWidget(self.merge)

    def _find_conditions(self, typed: str) -> list[Hit[Condition]]:
        of_class = "class" not in self._asks
        return condition_hits(self._standard, typed, self._desk, self.bench.class_id, of_class=of_class)

    def _find_classes(self, typed: str) -> list[Hit[Class]]:
        return class_hits(self._standard, typed, self._desk, self.bench.class_id)

    def _find_units(self, typed: str) -> list[Hit[Unit]]:
        return unit_hits(self._standard, typed, self._desk, self._proposal)

    def _find_duplicates(self, typed: str) -> list[Hit[Duplicate]]:
        return duplicate_hits(() if self.bench.duplicates is None else self.bench.duplicates.found, typed)

    def _on_condition(self, chosen: Condition | None) -> None:
        if self.unit is not None and chosen is not None:
            self.condition_chosen.emit(chosen.id)

    def show_proposal(self, proposal: Proposal) -> None:
        """This department fits the condition that is chosen."""
        self._proposal = proposal
        if self.unit is not None:
            self.unit.search()

    # What is given

    def arguments(self) -> dict[str, Any]:
        """What was filled in, as arguments of `Move`; what is amended only where it differs."""
        bench = self.bench
        condition = None if self.condition is None else self.condition.choice
        chosen = condition.of if condition is not None else None if self.class_ is None else self.class_.choice
        unit = None if self.unit is None else self.unit.choice
        other = None if self.other is None else self.other.choice
        given: dict[str, Any] = {
            "opinion": self.opinion.words or None,
            "passed": None if self.answer is None else self.answer.answer,
            "condition_id": None if condition is None else condition.id,
            "department_id": None if unit is None else unit.id,
            "staff_id": None if self.staff is None else self.staff.currentData(),
            "until": None if self.until is None else self.until.date().toPython(),
            "kind": None if self.kind is None else self.kind.currentData(),
            "other_case_id": None if other is None else other.id,
        }
        if chosen is not None and "class" in self._asks and chosen.id != bench.class_id:
            given["class_id"] = chosen.id
        if self.level is not None and self.level.currentData() != bench.level:
            given["level"] = self.level.currentData()
        if self.description is not None and self.description.text().strip() != bench.description.strip():
            given["description"] = self.description.text().strip()
        if self.place is not None:
            given |= self.place.arguments()
        return {name: value for name, value in given.items() if value is not None}

    @property
    def other_case_no(self) -> str:
        """Number of a case that is none of the candidates; empty when one of them is chosen."""
        return self.other.text.text().strip() if self.other is not None and self.other.choice is None else ""

    def missing(self) -> str:
        """The first required field that is empty; empty when all are filled in."""
        given = self.arguments()
        names = {"condition": "condition_id", "department": "department_id", "staff": "staff_id", "class": "class_id"}
        for field in FIELD:
            if field in self._requires and names.get(field, field) not in given:
                if field == "other_case" and ("other_case_id" in given or self.other_case_no):
                    continue
                return field
        return ""

    # What comes of it

    def take_keyboard(self) -> None:
        """Begin with the first field."""
        searched = (self.answer, self.other, self.condition, self.class_, self.unit)
        chosen = (self.staff, self.until, self.kind)
        next((field for field in (*searched, *chosen) if field is not None), self.opinion).setFocus()

    def _listen(self) -> None:
        """Hear of what is filled in."""
        self.opinion.text.textChanged.connect(self._on_given)
        if self.answer is not None:
            self.answer.answered.connect(self._on_given)
        for field in (self.other, self.condition, self.class_, self.unit):
            if field is not None:
                field.chosen.connect(self._on_given)

    def _on_given(self) -> None:
        """What was asked for is asked for until it is there."""
        self.trouble.is_given(self.missing())

    def set_sending(self, *, sending: bool) -> None:
        """While it is under way nothing is sent twice."""
        self.send.setEnabled(not sending)
        if sending:
            self.trouble.hide()

    def complain(self, words: str) -> None:
        """Say why it was not done; what was typed stays."""
        self.trouble.complain(words)

    def ask_for(self, field: str) -> None:
        """Say what is missing and go there."""
        self.trouble.ask_for(field, self._name(field))
        by_field: dict[str, QWidget | None] = {
            "opinion": self.opinion,
            "class": self.class_ or self.condition,
            "condition": self.condition,
            "department": self.unit,
            "staff": self.staff,
            "passed": self.answer,
            "other_case": self.other,
        }
        widget = by_field.get(field)
        if widget is not None:
            widget.setFocus()

    def show_changes(self, bench: Workbench, events: Sequence[CaseEvent], words: str) -> None:
        """The case was changed meanwhile: show how; what was typed stays and can be sent for the case as it is now."""
        self.bench = bench
        possible = bench.move(self.move_name) is not None
        self.trouble.tell_changes(words, events, self.move_name, is_possible=possible)
        self.send.setEnabled(possible)

    # Keys

    def event(self, event: QEvent) -> bool:
        """The keys of the form come before those of the window."""
        return keeps_key(event, self._handler) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter sends, Esc gives up, Ctrl+M merges into the duplicate that is marked."""
        handler = self._handler(event)
        if handler is None:
            super().keyPressEvent(event)
        else:
            handler()

    def _handler(self, event: QKeyEvent) -> Callable[[], object] | None:
        key, control = Qt.Key(event.key()), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key == Qt.Key.Key_Escape:
            return self.given_up.emit
        if key in ENTER:
            return self._ask_to_send
        if self.duplicates is None or not control:
            return None
        steps: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_M: self._merge,
            Qt.Key.Key_Down: partial(self.duplicates.step, 1),
            Qt.Key.Key_Up: partial(self.duplicates.step, -1),
        }
        return steps.get(key)

    def _ask_to_send(self) -> None:
        if self.send.isEnabled():
            self.wanted.emit()

    def _merge(self) -> None:
        item = None if self.duplicates is None else self.duplicates.currentItem()
        if item is not None and self.send.isEnabled():
            self.merge_wanted.emit(item.data(Qt.ItemDataRole.UserRole).found.id)
