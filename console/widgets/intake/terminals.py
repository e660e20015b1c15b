"""GPS terminals: which are in, which ask to come in, and the administrator's decision about each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QPushButton, QVBoxLayout, QWidget

from console.errors import QT_TRANSLATE_NOOP
from console.models import terminals
from console.models.terminals import PLATE_COLOURS, Fleet, TerminalRow, TerminalState
from console.widgets.configuration.leaving import ErrandLine
from console.widgets.intake.page import IntakePage
from console.widgets.intake.pieces import AskingButton, Choice, row_of
from console.widgets.intake.words import PLATE_COLOUR, TERMINAL_STATE
from console.widgets.shared import figures
from console.widgets.shared.panel import Facts, label, line, margins, scrolled
from console.widgets.shared.table import Column
from console.widgets.shared.words import SYMBOL, word

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from console.models.terminals import Truck
    from console.widgets.shared.desk import Desk

ORDER = {state: place for place, state in enumerate(TerminalState)}
ROLE = {TerminalState.WAITING: "medium", TerminalState.BLOCKED: "high"}
"""Colours of states that are to be seen; the others are quiet."""
USUAL_BOX_M3 = 18.0


class TerminalsPage(IntakePage):
    """All terminals, those that ask to come in first."""

    key: ClassVar[str] = "terminals"
    title: ClassVar[str] = QT_TRANSLATE_NOOP("words", "GPS terminals")
    about: ClassVar[str] = QT_TRANSLATE_NOOP(
        "words", "A terminal comes in when a truck has its number; what is decided here holds within seconds."
    )
    subjects: ClassVar[frozenset[str]] = frozenset({"terminal", "vehicle", "company"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.fleet = Fleet((), (), ())
        self.panel = self.decision = TerminalPanel(desk)
        self.decision.admitted.connect(self.admit)
        self.decision.new_admitted.connect(self._admit_new)
        self.decision.blocked.connect(self._block)
        self.decision.unblock.clicked.connect(lambda *_: self.unblock())
        self.decision.withdraw.confirmed.connect(self._withdraw)

    def columns(self) -> list[Column[TerminalRow]]:
        """What is known of each terminal."""
        return [
            Column(self.tr("State"), _state, colour=_colour, width_px=148, rank=_rank),
            Column(self.tr("Number"), lambda t: t.phone or figures.NONE, width_px=132),
            Column(self.tr("Truck"), lambda t: t.plate or self._said(t), colour=_plate_colour),
            Column(self.tr("Form"), _form, colour=lambda _t: "secondary", width_px=56, spare=4),
            Column(self.tr("Heard"), self._age, lambda t: -t.seen_at.timestamp() if t.seen_at else None, width_px=70),
            Column(self.tr("Faulty frames"), lambda t: _number(t.flaws), lambda t: t.flaws, colour=_flaw_colour,
                   width_px=104),
            Column(self.tr("Doubled lines"), lambda t: _number(t.replaced), lambda t: t.replaced,
                   colour=lambda t: "" if t.replaced else "disabled", width_px=104, spare=2),
            Column(self.tr("Doubtful"), lambda t: _number(t.doubtful), lambda t: t.doubtful,
                   colour=lambda t: "" if t.doubtful else "disabled", width_px=84, spare=3),
            Column(self.tr("Refused"), self._attempts, lambda t: t.attempts if _is_out(t) else None, width_px=76),
            Column(self.tr("From"), lambda t: t.address or figures.NONE, colour=lambda _t: "secondary", width_px=130,
                   spare=1),
        ]  # fmt: skip

    def key_of(self, record: TerminalRow) -> str:
        """Its number, or that of the truck without one."""
        return record.key

    def read(self, connection: Connection) -> Fleet:
        """All terminals and trucks."""
        return terminals.fleet_terminals(connection)

    def show_answer(self, answer: Fleet) -> tuple[Sequence[TerminalRow], int]:
        """All of them, and how many wait."""
        self.fleet = answer
        self.decision.show_fleet(answer)
        return answer.terminals, sum(t.state is TerminalState.WAITING for t in answer.terminals)

    def show_record(self, record: TerminalRow | None) -> None:
        """What is known of a terminal, and what can be decided."""
        self.decision.show_terminal(record)

    def title_of(self, record: TerminalRow) -> tuple[str, str]:
        """Plate and number."""
        return record.plate or self._said(record), record.phone

    def empty_words(self) -> str:
        """There is neither truck nor terminal."""
        return self.tr("No truck is registered, and no terminal has called.")

    # Decisions

    def admit(self) -> None:
        """Let the marked terminal in for the truck that is chosen; the one whose plate it says is chosen by itself."""
        terminal, truck = self.marked, self.decision.truck
        if terminal is None or not terminal.phone or terminal.state not in _ADMITTABLE:
            self.desk.notices.post(self.tr("Choose a terminal that asks to come in first."))
        elif truck is None:
            self.desk.notices.post(self.tr("Choose the truck that the terminal is built into first."))
            self.decision.choice.setFocus()
        else:
            words = self.tr("{phone} is let in for {plate}.").format(phone=terminal.phone, plate=truck.plate)
            self.write(partial(terminals.admit, phone=terminal.phone, vehicle_id=truck.id), words)

    def unblock(self) -> None:
        """Keep the marked terminal out no more."""
        terminal = self.marked
        if terminal is None or terminal.state is not TerminalState.BLOCKED:
            self.desk.notices.post(self.tr("Choose a terminal that is blocked first."))
            return
        words = self.tr("{phone} is not blocked any more.").format(phone=terminal.phone)
        self.write(partial(terminals.unblock, phone=terminal.phone), words)

    def begin_block(self) -> None:
        """Ask why the marked terminal is to be kept out."""
        if self.decision.reason.isVisible():
            self.decision.reason.setFocus()
        else:
            self.desk.notices.post(self.tr("Choose a terminal that is not blocked first."))

    def begin_withdraw(self) -> None:
        """Ask whether the marked terminal is to be taken out of its truck; once more does it."""
        if self.decision.withdraw.isVisible():
            self.decision.withdraw.press()
        else:
            self.desk.notices.post(self.tr("Choose a terminal that is built into a truck first."))

    def _admit_new(self, truck: dict[str, Any]) -> None:
        terminal = self.marked
        if terminal is not None:
            words = self.tr("{phone} is let in for the new truck {plate}.")
            words = words.format(phone=terminal.phone, plate=truck["plate"])
            self.write(partial(terminals.admit_new, phone=terminal.phone, **truck), words, self.decision.forget)

    def _block(self, reason: str) -> None:
        terminal = self.marked
        if terminal is not None:
            words = self.tr("{phone} is blocked.").format(phone=terminal.phone)
            self.write(partial(terminals.block, phone=terminal.phone, reason=reason), words, self.decision.forget)

    def _withdraw(self) -> None:
        terminal = self.marked
        if terminal is not None:
            words = self.tr("{phone} is taken out of {plate}.").format(phone=terminal.phone, plate=terminal.plate)
            self.write(partial(terminals.withdraw, phone=terminal.phone), words)

    # Cells

    def _said(self, terminal: TerminalRow) -> str:
        return self.tr("says {plate}").format(plate=terminal.said_plate) if terminal.said_plate else figures.NONE

    def _age(self, terminal: TerminalRow) -> str:
        return figures.NONE if terminal.seen_at is None else figures.age(self.desk.now() - terminal.seen_at)

    def _attempts(self, terminal: TerminalRow) -> str:
        return self.tr("{n} ×").format(n=terminal.attempts) if _is_out(terminal) else ""


class TerminalPanel(QWidget):
    """One terminal in full, and the decisions about it.

    What is typed or chosen stays while the terminal stays, whatever is read anew.
    """

    admitted = Signal()
    """It is to come in for the truck that is chosen."""
    new_admitted = Signal(dict)
    """It is to come in for a truck that is described."""
    blocked = Signal(str)
    """It is to be kept out, for this reason."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._terminal: TerminalRow | None = None
        self._trucks: tuple[Truck, ...] = ()
        self.facts = Facts(118)
        self.choice = Choice(self.tr("Truck that it is built into"), self.tr("Plate of the truck"))
        self.replaces = label("", "medium", wraps=True)
        self.admit = QPushButton()
        self.admit.setDefault(True)
        self.new = QPushButton(self.tr("New truck …"))
        self.new.setCheckable(True)
        self.plate = ErrandLine(self.tr("Plate"), self.tr("Plate, such as 晋M·D1234"))
        self.colour = QComboBox()
        self.colour.setAccessibleName(self.tr("Colour of the plate"))
        for code in PLATE_COLOURS:
            self.colour.addItem(word(PLATE_COLOUR, str(code)), code)
        self.company = Choice(self.tr("Company"), self.tr("Haulage company"))
        self.box = QDoubleSpinBox(minimum=1.0, maximum=60.0, decimals=1, value=USUAL_BOX_M3, suffix=" m³")
        self.box.setAccessibleName(self.tr("Volume of the box"))
        self.box.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.add = QPushButton(self.tr("Add the truck and let it in"))
        self.reason = ErrandLine(self.tr("Reason for blocking"), self.tr("Why it is kept out"))
        self.block = QPushButton(self.tr("Block"))
        self.unblock = QPushButton(self.tr("Unblock"))
        self.withdraw = AskingButton(self.tr("Take it out of the truck"), self.tr("Take it out? Press again"))
        self.nothing = label(self.tr("Choose a terminal in the table."), "secondary", wraps=True)
        self._lay_out()
        self.choice.currentIndexChanged.connect(lambda _at: self._say_choice())
        self.choice.editTextChanged.connect(lambda _text: self._say_choice())
        self.admit.clicked.connect(lambda *_: self.admitted.emit())
        self.new.toggled.connect(self._show_new)
        self.add.clicked.connect(lambda *_: self._on_add())
        self.block.clicked.connect(lambda *_: self.blocked.emit(self.reason.text().strip()))
        self.reason.returnPressed.connect(lambda: self.blocked.emit(self.reason.text().strip()))
        self.show_terminal(None)

    def _lay_out(self) -> None:
        self.admission, self.description, self.blocking = QWidget(), QWidget(), QWidget()
        box = QVBoxLayout(self.admission)
        margins(box, 0, 0, 0, 0, 6)
        box.addWidget(line())
        self.admission_title = label("", "title")
        box.addWidget(self.admission_title)
        box.addWidget(self.choice)
        box.addWidget(self.replaces)
        box.addLayout(row_of(self.admit, self.new))
        box = QVBoxLayout(self.description)
        margins(box, 0, 0, 0, 0, 6)
        for widget in (self.plate, self.colour, self.company, self.box, self.add):
            box.addWidget(widget)
        box = QVBoxLayout(self.blocking)
        margins(box, 0, 0, 0, 0, 6)
        box.addWidget(line())
        box.addWidget(label(self.tr("Keep it out"), "title"))
        box.addWidget(self.reason)
        box.addLayout(row_of(self.block))
        inside = QWidget()
        whole = QVBoxLayout(inside)
        margins(whole, 14, 12, 14, 16, 12)
        for part in (self.nothing, self.facts, self.admission, self.description, self.blocking):
            whole.addWidget(part)
        whole.addLayout(row_of(self.unblock, self.withdraw))
        whole.addStretch(1)
        outer = QVBoxLayout(self)
        margins(outer, 0, 0, 0, 0)
        outer.addWidget(scrolled(inside, sideways=True))

    @property
    def truck(self) -> Truck | None:
        """The truck that is chosen."""
        typed = self.choice.currentText().strip()
        return next((truck for truck in self._trucks if truck.plate == typed), None)

    def show_fleet(self, fleet: Fleet) -> None:
        """The trucks and companies that can be chosen."""
        if fleet.trucks != self._trucks:
            self._trucks = fleet.trucks
            self.choice.offer([truck.plate for truck in fleet.trucks])
        self.company.offer(fleet.companies)

    def show_terminal(self, terminal: TerminalRow | None) -> None:
        """Show a terminal; another one than before begins with nothing typed."""
        is_new = (terminal.key if terminal else None) != (self._terminal.key if self._terminal else None)
        self._terminal = terminal
        if is_new:
            self.forget()
        self.nothing.setVisible(terminal is None)
        self.facts.setVisible(terminal is not None)
        state = None if terminal is None else terminal.state
        has_number = terminal is not None and bool(terminal.phone)
        self.admission.setVisible(has_number and state in _ADMITTABLE)
        self.description.setVisible(self.admission.isVisibleTo(self) and self.new.isChecked())
        self.blocking.setVisible(has_number and state is not TerminalState.BLOCKED)
        self.unblock.setVisible(state is TerminalState.BLOCKED)
        self.withdraw.setVisible(terminal is not None and terminal.vehicle_id is not None and has_number)
        is_in = terminal is not None and terminal.vehicle_id is not None
        self.admission_title.setText(self.tr("Build it into another truck") if is_in else self.tr("Let it in"))
        if terminal is not None:
            self.facts.show_facts(self._facts(terminal))
        self._say_choice()

    def forget(self, _done: object = None) -> None:
        """Forget what was typed; the truck whose plate the terminal says is chosen."""
        terminal = self._terminal
        self.choice.setEditText("" if terminal is None else terminal.match_plate)
        self.new.setChecked(False)
        self.plate.setText("" if terminal is None else terminal.said_plate)
        self.company.setEditText("")
        self.reason.clear()
        self.withdraw.forget()

    def _show_new(self, shown: bool) -> None:
        self.description.setVisible(shown)
        if shown:
            self.plate.setFocus()

    def _on_add(self) -> None:
        self.new_admitted.emit(
            {
                "plate": self.plate.text().strip(),
                "plate_colour": self.colour.currentData(),
                "company": self.company.currentText().strip(),
                "box_m3": self.box.value(),
            }
        )

    def _say_choice(self) -> None:
        truck, terminal = self.truck, self._terminal
        words = self.tr("Let it in for {plate}").format(plate=truck.plate) if truck else self.tr("Let it in")
        self.admit.setText(words)
        self.admit.setEnabled(truck is not None)
        taken = truck is not None and truck.phone and (terminal is None or truck.phone != terminal.phone)
        said = self.tr("It takes the place of {phone}, which then asks to come in.")
        self.replaces.setText(said.format(phone=truck.phone) if truck is not None and taken else "")
        self.replaces.setVisible(bool(taken))

    def _facts(self, terminal: TerminalRow) -> list[tuple[str, str, str]]:
        now = self._desk.now()
        doubtful = self.tr("{n} in 24 h").format(n=terminal.doubtful) if terminal.doubtful else ""
        told = [
            (self.tr("State"), _state(terminal), ROLE.get(terminal.state, "")),
            (self.tr("Number"), terminal.phone, ""),
            (self.tr("Truck"), terminal.plate, ""),
            (self.tr("Says its plate is"), terminal.said_plate, ""),
            (self.tr("Form"), "" if terminal.is_2019 is None else f"JT/T 808-{_form(terminal)}", ""),
            (self.tr("Device"), " · ".join(filter(None, (terminal.maker, terminal.model, terminal.terminal_id))), ""),
            (self.tr("Came from"), terminal.address, ""),
            (self.tr("First seen"), figures.moment(terminal.first_seen), ""),
            (self.tr("Last heard"), figures.short_moment(terminal.seen_at, now), ""),
            (self.tr("Tried to come in"), f"{terminal.attempts} ×" if terminal.attempts else "", ""),
            (self.tr("Faulty frames"), self._since(terminal.flaws, terminal.flawed_at), "medium"),
            (self.tr("Doubled lines"), self._since(terminal.replaced, terminal.replaced_at), ""),
            (self.tr("Counted since"), figures.moment(terminal.counted_since), ""),
            (self.tr("Doubtful positions"), doubtful, ""),
            (self.tr("Blocked"), self._blocked(terminal), "high"),
        ]
        return [(name, value, role) for name, value, role in told if value and value != figures.NONE]

    def _since(self, count: int, at: datetime | None) -> str:
        last = self.tr("{n}, the latest at {time}")
        return last.format(n=count, time=figures.short_moment(at, self._desk.now())) if count else ""

    def _blocked(self, terminal: TerminalRow) -> str:
        if terminal.blocked_at is None:
            return ""
        at, words = figures.moment(terminal.blocked_at), self.tr("{time} by {login}: {reason}")
        return words.format(time=at, login=terminal.blocked_by, reason=terminal.block_reason)


_ADMITTABLE = frozenset(TerminalState) - {TerminalState.NONE}


def _is_out(terminal: TerminalRow) -> bool:
    return terminal.state in {TerminalState.WAITING, TerminalState.BLOCKED}


def _state(terminal: TerminalRow) -> str:
    role = ROLE.get(terminal.state, "")
    return f"{SYMBOL[role]} {word(TERMINAL_STATE, terminal.state)}" if role else word(TERMINAL_STATE, terminal.state)


def _rank(terminal: TerminalRow) -> tuple[int, str, str]:
    """Those that ask first, then what is wrong."""
    return ORDER[terminal.state], terminal.plate, terminal.phone


def _colour(terminal: TerminalRow) -> str:
    role = ROLE.get(terminal.state, "")
    return f"{role}_text" if role else "" if terminal.state is TerminalState.ONLINE else "disabled"


def _plate_colour(terminal: TerminalRow) -> str:
    return "" if terminal.plate else "secondary"


def _flaw_colour(terminal: TerminalRow) -> str:
    return "medium_text" if terminal.flaws else "disabled"


def _form(terminal: TerminalRow) -> str:
    return figures.NONE if terminal.is_2019 is None else "2019" if terminal.is_2019 else "2013"


def _number(count: int) -> str:
    return figures.count(count) if count else figures.NONE
