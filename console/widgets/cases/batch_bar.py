"""What can be done with all marked cases at once: pick a move, fill in its form, see what would come of it, do it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.models.cases.batch import SINGLE, benches, moves_for, possible_in, together
from console.widgets.cases.batch_run import BatchRun
from console.widgets.cases.batch_verdicts import BatchVerdicts, Line
from console.widgets.cases.move_bar import MOVE_KEY, ONWARD
from console.widgets.cases.move_form import MoveForm
from console.widgets.shared import figures
from console.widgets.shared.desk import Thing
from console.widgets.shared.flow import FlowLayout
from console.widgets.shared.panel import label, line, margins
from console.widgets.shared.throttle import Throttle
from console.widgets.shared.words import ACT, MOVE, STATE, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction
    from sqlalchemy import Connection

    from console.database.feed import Change
    from console.models.cases.moves import Move, Verdict
    from console.models.cases.workbench import Workbench
    from console.widgets.cases.marking import Marking
    from console.widgets.cases.move_choices import MoveChoices
    from console.widgets.shared.desk import Desk

AGAIN_MS = 300
KEYS = {name: key for name, key in MOVE_KEY.items() if name not in SINGLE}


class BatchBar(QWidget):
    """Moves the cases that are marked; hidden while none is.

    Args:
        desk: whose person moves.
        marks: which cases.
        choices: what moves choose from.
    """

    opened = Signal()
    """A form asks for something."""
    closed = Signal()
    """Form and verdicts are gone."""
    sending = Signal(object)
    """Moves of the cases of these ids are on their way."""
    moved = Signal(object)
    """The cases of these ids were moved."""

    def __init__(self, desk: Desk, marks: Marking, choices: MoveChoices) -> None:
        super().__init__()
        self._desk, self._marks, self._choices = desk, marks, choices
        self._is_active = self._is_second = False
        self._benches: list[Workbench] = []
        self._drafts: dict[str, str] = {}
        self._actions: dict[str, QAction] = {}
        self._run: BatchRun | None = None
        self.form: MoveForm | None = None
        self.page: BatchVerdicts | None = None
        self.told = label("", "title")
        self.clear = QPushButton(self.tr("Take the marks off"))
        self.clear.clicked.connect(marks.clear)
        self.buttons: dict[str, QPushButton] = {}
        self.nothing = label(self.tr("Nothing can be done with these cases together from your post."), "secondary")
        self.nothing.setWordWrap(True)
        self.nothing.setContentsMargins(14, 0, 14, 12)
        self.nothing.hide()
        self.bar = QFrame()
        self.bar.setProperty("surface", "panel")
        self._box = QVBoxLayout(self)
        margins(self._box, 0, 0, 0, 0)
        self._box.addWidget(self.bar)
        self._lay_out()
        self.hide()
        self._read_again = Throttle(AGAIN_MS, self._read, self)
        marks.changed.connect(self._on_marked)
        desk.changes.changed.connect(self._on_changes)
        desk.changes.reload.connect(self._read)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        margins(head, 14, 10, 14, 0, 8)
        head.addWidget(self.told, 1)
        head.addWidget(self.clear)
        held = QWidget()
        flow = FlowLayout(held)
        flow.setContentsMargins(14, 8, 14, 12)
        for name in KEYS:
            button = QPushButton()
            button.hide()
            button.clicked.connect(partial(self.begin, name))
            self.buttons[name] = button
            flow.addWidget(button)
        box = QVBoxLayout(self.bar)
        margins(box, 0, 0, 0, 0)
        box.addWidget(line())
        box.addLayout(head)
        box.addWidget(held)
        box.addWidget(self.nothing)

    def add_actions(self, group: str) -> None:
        """Register a command for each move; it is there while it is possible in some marked case."""
        for name, key in KEYS.items():
            title = self.tr("Marked cases: {move}").format(move=word(ACT, name))
            action = self._desk.actions.add(
                f"marked.{name}", title, partial(self.begin, name), group=group, shortcut=key
            )
            self._actions[name] = action
        self._enable()

    @property
    def is_ready(self) -> bool:
        """Whether it is known what can be done with all marked cases."""
        return {bench.case_id for bench in self._benches} == set(self._marks.ids)

    @property
    def run(self) -> BatchRun | None:
        """The moves under way, or those that were made last; None before and after."""
        return self._run

    @property
    def under_way(self) -> frozenset[int]:
        """The cases whose moves are on their way."""
        run = self._run
        return run.case_ids if run is not None and run.is_under_way and not run.trial else frozenset()

    def stand_back(self, is_second: bool) -> None:
        """Another form is what is worked with: no button stands out here meanwhile."""
        self._is_second = is_second
        if self.form is not None:
            self.form.send.setDefault(not is_second)
        self._fill()

    def activate(self, *, active: bool) -> None:
        """The workspace comes to the front, or goes."""
        self._is_active = active
        if active:
            self._read()
        self._enable()

    # What is possible

    def _on_marked(self) -> None:
        if self._run is not None and self._run.is_under_way:
            return
        self._close()
        self._benches = [bench for bench in self._benches if bench.case_id in self._marks]
        self.setVisible(bool(self._marks))
        self._fill()
        self._read()

    def _on_changes(self, changes: Sequence[Change]) -> None:
        if self._is_active and any(c.subject == "case_file" and int(c.key) in self._marks for c in changes):
            self._read_again()

    def _read(self) -> None:
        """Read anew what can be done; not while somebody decides upon what he has seen."""
        ids = self._marks.ids
        if ids and self._is_active and self.form is None:
            self._choices.want()
            self._desk.operations.read(self, partial(benches, case_ids=ids), self._show, key="benches")

    def _show(self, found: list[Workbench]) -> None:
        if self.form is not None:
            return
        self._benches = [bench for bench in found if bench.case_id in self._marks]
        # What whoever is signed in does not see any more cannot be moved.
        self._marks.take_off(
            set(self._marks.ids) - {bench.case_id for bench in found} if len(found) else self._marks.ids
        )
        self._fill()

    def _fill(self) -> None:
        """A button for each move that is possible in some of the cases, and in how many if not in all."""
        total, possible = len(self._marks), possible_in(self._benches)
        self.told.setText(figures.things(total, self.tr("1 case marked"), self.tr("{n} cases marked")))
        onward = next((name for name in KEYS if name in ONWARD and name in possible), "")
        for name, button in self.buttons.items():
            number = possible.get(name, 0)
            words = f"{word(ACT, name)}  {KEYS[name]}"
            button.setText(words if number == total else f"{words} · {number}")
            button.setVisible(number > 0)
            button.setDefault(name == onward and not self._is_second)
        self.nothing.setVisible(self.is_ready and not possible)
        self._enable()

    def _enable(self) -> None:
        possible = possible_in(self._benches)
        is_free = self._is_active and self.form is None
        for name, action in self._actions.items():
            action.setEnabled(is_free and name in possible)
            action.setVisible(is_free and name in possible)

    # The form

    def begin(self, name: str, *_: object) -> None:
        """Ask once for all marked cases what the move needs."""
        standard = self._choices.standard
        if self.form is not None or standard is None or not self.is_ready or name not in possible_in(self._benches):
            return
        bench, move = together(self._benches, name)
        self.form = form = MoveForm(bench, move, standard, self._choices.phrases(name), self._desk)
        form.opinion.text.setPlainText(self._drafts.get(name, ""))
        number = possible_in(self._benches)[name]
        titles = self.tr("{move}: 1 case"), self.tr("{move}: {n} cases")
        form.title.setText(figures.things(number, *titles, move=word(ACT, name)))
        form.send.setText(self.tr("Preview  Enter"))
        for picker, words in (
            (form.condition, self.tr("Filing condition: as each case proposes, or one for all")),
            (form.class_, self.tr("Class: as each case has it, or one for all")),
            (form.unit, self.tr("Department: as each case proposes, or one for all")),
        ):
            if picker is not None:
                picker.text.setPlaceholderText(words)
        form.wanted.connect(self._try)
        form.given_up.connect(self._close)
        self.bar.hide()
        self._box.addWidget(form)
        self._enable()
        self.opened.emit()
        form.send.setDefault(not self._is_second)
        form.show()
        form.take_keyboard()

    def _close(self) -> None:
        """Form and verdicts go; what was written is there when the form is opened again."""
        form, self.form = self.form, None
        page, self.page = self.page, None
        run, self._run = self._run, None
        if run is not None:
            run.deleteLater()
        if form is None:
            return
        is_done = run is not None and not run.trial
        if is_done:
            self._benches = []  # they are not what they were
        self._drafts[form.move_name] = "" if is_done else form.opinion.words
        for widget in (form, page):
            if widget is not None:
                widget.hide()
                self._box.removeWidget(widget)
                widget.deleteLater()
        self.bar.show()
        self._enable()
        self.closed.emit()
        if run is not None and is_done:
            self._marks.take_off(verdict.move.case_id for verdict in run.verdicts if verdict.moved is not None)
        self._read()

    # What would come of it

    def _try(self) -> None:
        form = self.form
        if form is None or self.page is not None:
            return
        missing = form.missing()
        if missing:
            form.ask_for(missing)
            return
        wanted = moves_for(self._benches, form.move_name, form.arguments())
        by_id = {bench.case_id: bench for bench in self._benches}
        self.page = page = BatchVerdicts(word(ACT, form.move_name), [self._line(by_id[one.case_id]) for one in wanted])
        page.confirmed.connect(self._confirm)
        page.given_up.connect(self._give_up)
        page.opened.connect(lambda case_id: self._desk.selection.select(Thing("case", str(case_id))))
        form.hide()
        self._box.addWidget(page)
        page.show()
        page.setFocus()
        self._start(wanted, trial=True)

    def _line(self, bench: Workbench, verdict: Verdict | None = None) -> Line:
        standard = self._choices.standard
        own = None if standard is None else standard.class_of(bench.class_id)
        name = "" if own is None else self._desk.name(own.name, own.name_en)
        title = " · ".join(filter(None, (name, bench.address or bench.description)))
        if verdict is None:
            return Line(bench.case_id, bench.case_no, title)
        if verdict.moved is None:
            words = "" if verdict.refused is None else self._desk.notices.words_for(verdict.refused)
            return Line(bench.case_id, bench.case_no, title, words, is_refused=True)
        moved = verdict.moved
        words = word(MOVE, verdict.move.move) if moved.state == bench.state else f"→ {word(STATE, moved.state)}"
        unit = None if standard is None else standard.unit(verdict.move.department_id)
        if unit is not None:
            words = f"{words} · {self._desk.name(unit.short_name, unit.name_en)}"
        if moved.due_at is not None:
            due = figures.short_moment(moved.due_at, self._desk.now())
            words = self.tr("{outcome} · due {time}").format(outcome=words, time=due)
        return Line(bench.case_id, bench.case_no, title, words)

    # Doing it

    def _start(self, wanted: Sequence[Move], *, trial: bool) -> None:
        if self._run is not None:
            self._run.deleteLater()
        self._run = run = BatchRun(self._desk, wanted, trial=trial, parent=self)
        run.judged.connect(self._on_verdict)
        run.ended.connect(self._on_ended)
        if not trial:
            self.sending.emit(tuple(one.case_id for one in wanted))
        self._go_on(run)

    def _go_on(self, run: BatchRun) -> None:
        if self.page is not None:
            self.page.offer("", self.tr("Stop  Esc"))
        run.go_on()

    def _on_verdict(self, verdict: Verdict) -> None:
        page, run = self.page, self._run
        bench = next(one for one in self._benches if one.case_id == verdict.move.case_id)
        if page is None or run is None:
            return
        page.tell(self._line(bench, verdict))
        done, total = len(run.verdicts), len(run.verdicts) + run.left
        page.show_progress(done, total, self.tr("{n} of {total}").format(n=done, total=total))

    def _on_ended(self, trouble: str) -> None:
        page, run, form = self.page, self._run, self.form
        if page is None or run is None or form is None:
            return
        made = [verdict for verdict in run.verdicts if verdict.moved is not None]
        refused = sum(told.is_refused for told in page.lines)
        words = self.tr("{n} can be moved") if run.trial else self.tr("{n} moved")
        words = words.format(n=len(made))
        if refused:
            words = self.tr("{moved}, {n} refused").format(moved=words, n=refused)
        page.show_outcome(words)
        if not run.trial:
            self._desk.notices.post(f"{word(ACT, form.move_name)}: {words}")
            self.moved.emit(tuple(verdict.move.case_id for verdict in made))
        if run.left:
            rest = self.tr("Go on with {n}  Enter").format(n=run.left)
            page.offer(rest, self.tr("Back  Esc") if run.trial else self.tr("Close  Esc"), trouble)
        elif run.trial:
            does = self.tr("{move}: 1 case  Enter"), self.tr("{move}: {n} cases  Enter")
            confirm = figures.things(len(made), *does, move=word(ACT, form.move_name))
            page.offer(confirm if made else "", self.tr("Back  Esc"))
        elif refused:
            page.offer(self.tr("Close  Enter"), "")
        else:
            self._close()

    def _confirm(self) -> None:
        run = self._run
        if run is None or run.is_under_way:
            return
        if run.left:
            self._go_on(run)
        elif not run.trial:
            self._close()
        elif made := [verdict.move for verdict in run.verdicts if verdict.moved is not None]:
            self._start(made, trial=False)

    def _give_up(self) -> None:
        """Stop, go back to the form, or be done."""
        run, page, form = self._run, self.page, self.form
        if run is not None and run.is_under_way:
            run.stop()
        elif run is not None and not run.trial:
            self._close()
        elif page is not None and form is not None:
            self.page = self._run = None
            page.hide()
            self._box.removeWidget(page)
            page.deleteLater()
            form.show()
            form.take_keyboard()
            self._read_for_form(form)

    def _read_for_form(self, form: MoveForm) -> None:
        """Whoever goes back to the form decides about the cases as they are now."""

        def show(found: list[Workbench]) -> None:
            if form is self.form and self.page is None:
                self._benches = found

        def read(connection: Connection) -> list[Workbench]:
            return benches(connection, self._marks.ids)

        self._desk.operations.read(self, read, show, key="benches")
