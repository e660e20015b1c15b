"""The action bar below a case: each move that is possible now as a button with its key, and the form of one."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from console.database.faults import Refused
from console.models.cases import moves
from console.models.cases.evidence import attach_all
from console.models.cases.filing import propose
from console.models.cases.moves import Move
from console.models.cases.workbench import changes_since, merge_into, workbench
from console.widgets.cases.move_choices import MoveChoices
from console.widgets.cases.move_form import MoveForm
from console.widgets.shared.flow import FlowLayout
from console.widgets.shared.panel import label, line, margins
from console.widgets.shared.words import ACT, MOVE, STATE, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction
    from sqlalchemy import Connection

    from console.database.feed import Change
    from console.models.cases import CaseEvent
    from console.models.cases.moves import Moved
    from console.models.cases.workbench import Workbench
    from console.widgets.shared.desk import Desk, Thing
    from console.widgets.shared.evidence.unsent import Waiting

CHANGED = "CT010"
MOVE_KEY = {
    "verify": "V",
    "accept": "A",
    "assess": "A",
    "file": "F",
    "dispatch": "D",
    "department_accept": "T",
    "endorse": "N",
    "dispose": "D",
    "extend": "W",
    "suspend": "P",
    "resume": "O",
    "feed_back": "F",
    "order_check": "V",
    "check": "V",
    "close": "C",
    "rework": "G",
    "decide_appeal": "L",
    "review_appeal": "L",
    "reply": "Y",
    "amend": "E",
    "order_verify": "V",
    "assign": "G",
    "revoke_assign": "H",
    "request_extension": "W",
    "request_suspension": "P",
    "appeal": "L",
    "merge": "M",
    "return": "B",
    "refuse_request": "X",
    "refuse": "X",
    "urge": "U",
    "supervise": "S",
    "reopen": "O",
    "cancel": "Z",
    "force_close": "Q",
}
"""Key of each move, in the order of the buttons: what brings the case on first, what ends it last.

Moves that one post may make in one state have different keys; J, K and R belong to the queue.
"""
ONWARD = ("verify", "accept", "assess", "file", "dispatch", "department_accept", "dispose", "feed_back", "order_check",
          "check", "close", "rework", "extend", "decide_appeal", "review_appeal")  # fmt: skip
"""Moves that bring a case on: the first of them stands out."""
GRANTS = {"extension": ("endorse", "extend"), "suspension": ("suspend",), "appeal": ("review_appeal", "decide_appeal")}
"""Moves that answer a request: for whoever may make one, it comes before all others."""
log = logging.getLogger(__name__)


class MoveBar(QWidget):
    """Moves the case that is selected.

    Args:
        desk: whose selection is followed and whose person moves.
    """

    sending = Signal(int)
    """A move of this case is on its way."""
    moved = Signal(int, bool)
    """The case was moved; whether it is in another state now."""
    opened = Signal()
    """A form asks for something."""
    closed = Signal()
    """The form is gone."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._is_active = False
        self._case_id: int | None = None
        self._bench: Workbench | None = None
        self.choices = MoveChoices(desk, self)
        self._drafts: dict[tuple[int, str], str] = {}
        self._begun = ""
        self._is_sending = False
        self._is_held = self._is_second = False
        self._under_way: list[int] = []
        self.form: MoveForm | None = None
        self._actions: dict[str, QAction] = {}
        self.buttons: dict[str, QPushButton] = {}
        self.bar = QFrame()
        self.bar.setProperty("surface", "panel")
        box = QVBoxLayout(self.bar)
        margins(box, 0, 0, 0, 0)
        box.addWidget(line())
        held = QWidget()
        flow = FlowLayout(held)
        flow.setContentsMargins(14, 10, 14, 12)
        for name, key in MOVE_KEY.items():
            button = QPushButton(f"{word(ACT, name)}  {key}")
            button.hide()
            button.clicked.connect(partial(self.begin, name))
            self.buttons[name] = button
            flow.addWidget(button)
        box.addWidget(held)
        self._held = held
        self.nothing = label("", "secondary", wraps=True)
        self.nothing.setContentsMargins(14, 10, 14, 12)
        self.nothing.hide()
        box.addWidget(self.nothing)
        self._box = QVBoxLayout(self)
        margins(self._box, 0, 0, 0, 0)
        self._box.addWidget(self.bar)
        self.bar.hide()
        desk.selection.changed.connect(self._on_selected)
        desk.changes.changed.connect(self._on_changes)
        desk.changes.reload.connect(self.refresh)
        self.choices.here.connect(lambda: self.begin(self._begun))

    def add_actions(self, group: str) -> None:
        """Register a command for each move; it is there while the move is possible in the case that is selected."""
        for name, key in MOVE_KEY.items():
            action = self._desk.actions.add(
                f"case.{name}", word(ACT, name), partial(self.begin, name), group=group, shortcut=key
            )
            action.setEnabled(False)
            self._actions[name] = action

    @property
    def bench(self) -> Workbench | None:
        """The case as it can be moved; None while that is not known."""
        return self._bench

    @property
    def under_way(self) -> frozenset[int]:
        """The cases whose moves are on their way."""
        return frozenset(self._under_way)

    def activate(self, *, active: bool) -> None:
        """Follow the selection from now on, or rest."""
        self._is_active = active
        if active:
            self.choices.want()
            self._on_selected(self._desk.selection.thing)
        self._enable()

    def hold(self, held: bool) -> None:
        """Offer nothing while the case is shown as it was once; a form that is open closes and keeps its opinion."""
        if held:
            self.give_up()
            self._begun = ""
        self._is_held = held
        self.setVisible(not held)
        self._enable()

    def stand_back(self, is_second: bool) -> None:
        """Another form is what is worked with: no button stands out here meanwhile."""
        self._is_second = is_second
        if self.form is not None:
            self.form.send.setDefault(not is_second)
        self._fill()

    def keep(self) -> dict[tuple[int, str], str]:
        """Opinions that are written and not sent, by case and move."""
        form = self.form
        begun = {} if form is None else {(form.bench.case_id, form.move_name): form.opinion.words}
        return self._drafts | begun

    def resume(self, kept: dict[tuple[int, str], str]) -> None:
        """Go on with what `keep` gave."""
        self._drafts = dict(kept)

    def refresh(self) -> None:
        """Read anew what can be done with the case."""
        if self._case_id is not None and self._is_active:
            self._desk.operations.read(
                self, partial(_read_bench, self._case_id), self._show, lambda _error: None, key="workbench"
            )

    def begin(self, name: str, *_: object) -> None:
        """Open the form of a move; at once, or when what it chooses from is here."""
        bench = self._bench
        move = None if bench is None else bench.move(name)
        if bench is None or move is None or self.form is not None or self._is_held:
            return
        standard = self.choices.standard
        if standard is None:
            self._begun = name
            return
        self._begun = ""
        self.form = form = MoveForm(bench, move, standard, self.choices.phrases(name), self._desk)
        form.opinion.text.setPlainText(self._drafts.get((bench.case_id, name), ""))
        form.wanted.connect(self._send)
        form.given_up.connect(self.give_up)
        form.merge_wanted.connect(self._merge)
        form.condition_chosen.connect(self._propose)
        self.bar.hide()
        self._box.addWidget(form)
        self._enable()
        self.opened.emit()
        form.send.setDefault(not self._is_second)
        form.show()
        form.take_keyboard()
        if form.unit is not None and form.condition is not None and form.condition.choice is not None:
            self._propose(form.condition.choice.id)

    def give_up(self) -> None:
        """Close the form; the opinion that was begun is there when it is opened again."""
        form = self.form
        if form is None or self._is_sending:
            return
        self._drafts[form.bench.case_id, form.move_name] = form.opinion.words
        self._close_form()
        self._fill()

    def _close_form(self) -> None:
        form, self.form = self.form, None
        self._begun = ""
        if form is not None:
            form.hide()
            self._box.removeWidget(form)
            form.deleteLater()
            self.closed.emit()

    # What is possible

    def _on_selected(self, thing: Thing | None) -> None:
        if not self._is_active:
            return
        case_id = int(thing.key) if thing is not None and thing.subject == "case" else None
        if case_id == self._case_id:
            self.refresh()
            return
        if self.form is not None:
            self._drafts[self.form.bench.case_id, self.form.move_name] = self.form.opinion.words
            self._close_form()
        self._is_sending = False
        self._case_id, self._bench = case_id, None
        if case_id is None:
            self._desk.operations.cancel(self, "workbench")
            self.bar.hide()
        self._enable()
        self.refresh()

    def _on_changes(self, changes: Sequence[Change]) -> None:
        if not self._is_active:
            return
        if any(c.subject == "case_file" and c.key == str(self._case_id) for c in changes) and not self._is_sending:
            self.refresh()

    def _show(self, bench: Workbench | None) -> None:
        if bench is not None and bench.case_id != self._case_id:
            return
        form, self._bench = self.form, bench
        if form is not None and bench is not None:
            if bench.version != form.bench.version and not self._is_sending:
                self._tell_changes(bench, self.tr("The case was changed meanwhile."), form.bench.version)
            return
        self._fill()

    def _fill(self) -> None:
        """A button for each move that is possible now."""
        bench = self._bench
        possible = set() if bench is None else {one.move for one in bench.moves}
        granting = () if bench is None else GRANTS.get(bench.request, ())
        leading = (*granting, *(name for name in MOVE_KEY if name in ONWARD))
        onward = next((name for name in leading if name in possible), "")
        for name, button in self.buttons.items():
            button.setVisible(name in possible)
            button.setDefault(name == onward and not self._is_second)
        role = self._desk.person.role
        self._held.setVisible(bool(possible))
        self.nothing.setVisible(bench is not None and not possible)
        if bench is not None and not possible:
            told = self.tr("{state}: nothing to be done with it from your post.").format(state=word(STATE, bench.state))
            self.nothing.setText(told)
            log.debug("case %d has no move for %s", bench.case_id, role)
        self.bar.setVisible(bench is not None and self.form is None)
        self._enable()

    def _enable(self) -> None:
        bench = self._bench
        possible = set() if bench is None else {one.move for one in bench.moves}
        for name, action in self._actions.items():
            here = self._is_active and not self._is_held and self.form is None and name in possible
            action.setEnabled(here)
            action.setVisible(here)

    def _propose(self, condition_id: int) -> None:
        form = self.form
        if form is None:
            return
        bench = form.bench
        self._desk.operations.read(
            self,
            lambda connection: propose(connection, condition_id, bench.x, bench.y, bench.component_code),
            form.show_proposal,
            lambda _error: None,
            key="proposal",
        )

    # The move

    def _send(self) -> None:
        form = self.form
        if form is None or self._is_sending:
            return
        missing = form.missing()
        if missing:
            form.ask_for(missing)
            return
        if form.tray is not None and form.tray.is_looking:
            form.complain(self.tr("A file is still being looked at. Send it again in a moment."))
            return
        bench, case_no = form.bench, form.other_case_no
        wanted = Move(case_id=bench.case_id, move=form.move_name, version=bench.version, request_id=form.request_id)
        self._write(form, replace(wanted, **form.arguments()), case_no)

    def _merge(self, other_case_id: int) -> None:
        form = self.form
        if form is None or self._is_sending:
            return
        wanted = Move(
            case_id=form.bench.case_id,
            move="merge",
            version=form.bench.version,
            other_case_id=other_case_id,
            opinion=form.opinion.words or None,
        )
        self._write(form, wanted)

    def _write(self, form: MoveForm, wanted: Move, case_no: str = "") -> None:
        has_tray = form.tray is not None and form.tray.is_open
        files = self._desk.unsent.take(wanted.case_id) if has_tray else ()
        parcels = [file.parcel for file in files]

        def work(connection: Connection) -> Moved:
            # All or nothing, and first: what moves may end the case, or give it away.
            attach_all(connection, wanted.case_id, parcels)
            return merge_into(connection, wanted, case_no) if case_no else moves.move(connection, wanted)

        self._is_sending = True
        self._under_way.append(wanted.case_id)
        form.set_sending(sending=True)
        self.sending.emit(wanted.case_id)
        near = () if form.bench.duplicates is None else form.bench.duplicates.found
        other = case_no or next((one.case_no for one in near if one.id == wanted.other_case_id), "")
        done = partial(self._on_moved, form.bench, wanted, files, other)
        self._desk.operations.write(self, work, done, partial(self._on_failed, wanted, files))

    def _on_moved(
        self, bench: Workbench, wanted: Move, files: Sequence[Waiting], other_case_no: str, moved: Moved
    ) -> None:
        self._desk.unsent.sent(files)
        self._drafts.pop((wanted.case_id, wanted.move), None)
        self._under_way.remove(wanted.case_id)
        if wanted.case_id == self._case_id:
            self._is_sending = False
            self._close_form()
            self._bench = None
            self._enable()
            self.refresh()
        # Some moves are called like the state that they lead to.
        move = f"{word(MOVE, wanted.move)} → {other_case_no}" if other_case_no else word(MOVE, wanted.move)
        told = dict.fromkeys((bench.case_no, move, word(STATE, moved.state)))
        self._desk.notices.post(" · ".join(told))
        self.moved.emit(wanted.case_id, moved.state != bench.state)

    def _on_failed(self, wanted: Move, files: Sequence[Waiting], error: Exception) -> None:
        self._desk.unsent.put_back(files)
        self._under_way.remove(wanted.case_id)
        if wanted.case_id != self._case_id or self.form is None:
            return
        self._is_sending = False
        self.form.set_sending(sending=False)
        words = self._desk.notices.words_for(error)
        if isinstance(error, Refused) and error.code == CHANGED:
            self._look_again(words, wanted.version)
        else:
            self.form.complain(words)

    def _look_again(self, words: str, version: int) -> None:
        """The case is not what it was: read it and what was done with it."""
        case_id = self._case_id
        if case_id is None:
            return
        if self.form is not None:
            self.form.complain(words)

        def show(bench: Workbench | None) -> None:
            self._bench = bench
            if bench is not None and self.form is not None:
                self._tell_changes(bench, words, version)

        self._desk.operations.read(self, partial(_read_bench, case_id), show, key="workbench")

    def _tell_changes(self, bench: Workbench, words: str, version: int) -> None:
        form = self.form

        def show(events: list[CaseEvent]) -> None:
            if form is not None and form is self.form:
                form.show_changes(bench, events, words)

        self._desk.operations.read(
            self, lambda connection: changes_since(connection, bench.case_id, version), show, key="changes"
        )


def _read_bench(case_id: int, connection: Connection) -> Workbench | None:
    return workbench(connection, case_id)
