"""A standard from a spreadsheet, line by line: what would become of each, before anything does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from console.errors import QT_TRANSLATE_NOOP
from console.models.configuration.rows import give_reason
from console.models.configuration.standard_import.planning import apply_standard, plan_standard
from console.models.configuration.standard_import.verdicts import Outcome, Plan, Verdict
from console.models.configuration.standard_import.workbook import read_standard
from console.widgets.configuration.fields import read_day
from console.widgets.configuration.leaving import Errand, ErrandLine
from console.widgets.configuration.words import field_word
from console.widgets.shared import figures
from console.widgets.shared.flow import FlowLayout
from console.widgets.shared.panel import Heading, Stateful, label, margins, surface
from console.widgets.shared.style import Look, font
from console.widgets.shared.table import Column, RecordModel, RecordTable
from console.widgets.shared.words import word

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from console.models.configuration.standard_import.workbook import StandardFile
    from console.widgets.shared.desk import Desk

OUTCOME: dict[str, str] = {
    Outcome.REFUSED: QT_TRANSLATE_NOOP("words", "refused"),
    Outcome.NEW: QT_TRANSLATE_NOOP("words", "new"),
    Outcome.CHANGED: QT_TRANSLATE_NOOP("words", "changed"),
    Outcome.UNCHANGED: QT_TRANSLATE_NOOP("words", "unchanged"),
    Outcome.ENDED: QT_TRANSLATE_NOOP("words", "ends"),
    Outcome.KEPT: QT_TRANSLATE_NOOP("words", "not in the file, stays"),
}
SYMBOL: dict[str, str] = {Outcome.REFUSED: "▲", Outcome.NEW: "＋", Outcome.CHANGED: "✎", Outcome.ENDED: "✕"}
COLOUR: dict[str, str] = {
    Outcome.REFUSED: "critical_text", Outcome.UNCHANGED: "secondary", Outcome.KEPT: "secondary"
}  # fmt: skip
DAY_WIDTH = 110


@dataclass(frozen=True)
class JudgedLine:
    """A line with its verdict; `number` keeps the order of the file."""

    number: int
    verdict: Verdict


def told(verdict: Verdict, language: str) -> list[str]:
    """What changes with a line, or why nothing does."""
    changes = [f"{field_word(name)}: {before} → {after}" for name, (before, after) in verdict.changes.items()]
    return [*(reason.text(language) for reason in verdict.reasons), *changes]


class StandardPage(Errand):
    """The verdict on each line of a file, and the button that does what they say.

    Args:
        desk: database, language, time.
    """

    chosen = Signal(object)
    """The `Verdict` that is to be read in full."""
    imported = Signal()
    """The file was imported."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._path: Path | None = None
        self._file: StandardFile | None = None
        self._plan: Plan | None = None
        self._is_sending = False
        self.heading = Heading(self.tr("Standard from Excel"))
        self.model: RecordModel[JudgedLine] = RecordModel(self._columns(), lambda one: str(one.number), self)
        self.table = RecordTable(self.model)
        self.table.setAccessibleName(self.tr("Verdict on each line"))
        self.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
        self.table.chosen.connect(lambda one: self.chosen.emit(one.verdict))
        self.state = Stateful(self.table, self._again)
        self.ends = QCheckBox(self.tr("End conditions that the file does not have"))
        self.ends.toggled.connect(lambda _on: self._ask_plan())
        self.chips: dict[Outcome | None, QPushButton] = {}
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(self.heading)
        box.addWidget(self._lay_out_chips())
        box.addWidget(self.state, 1)
        box.addWidget(self._lay_out_bar())
        self.setFocusProxy(self.table)

    def _columns(self) -> list[Column[JudgedLine]]:
        language = self._desk.language
        return [
            Column("", lambda one: SYMBOL.get(one.verdict.outcome, ""), colour=_colour, width_px=36),
            Column(self.tr("Line"), lambda one: one.verdict.place, lambda one: one.number, width_px=90),
            Column(self.tr("Class"), _class, width_px=160),
            Column(self.tr("Filing condition"), lambda one: one.verdict.condition),
            Column(
                self.tr("Verdict"),
                lambda one: word(OUTCOME, one.verdict.outcome),
                colour=_colour,
                width_px=130,
                spare=1,
            ),
            Column(
                self.tr("What changes, or why not"), lambda one: "; ".join(told(one.verdict, language)), colour=_colour
            ),
        ]

    def _lay_out_chips(self) -> QFrame:
        above = surface("panel")
        flow = FlowLayout(above)
        margins(flow, 12, 8, 12, 8)
        group = QButtonGroup(self)
        for outcome in (None, *(Outcome(code) for code in OUTCOME)):
            chip = self.chips[outcome] = QPushButton()
            chip.setCheckable(True)
            chip.setProperty("chip", True)
            chip.clicked.connect(self._show_lines)
            group.addButton(chip)
            flow.addWidget(chip)
        self.chips[None].setChecked(True)
        flow.addWidget(self.ends)
        return above

    def _lay_out_bar(self) -> QFrame:
        self.problem = label("", "critical", wraps=True, selectable=True)
        self.remark = label("", "secondary", wraps=True, selectable=True)
        self.day = ErrandLine(self.tr("In force from"), "2026-07-01")
        self.day.setFixedWidth(DAY_WIDTH)
        self.reason = ErrandLine(self.tr("Reason"), self.tr("Why is it changed?"))
        cancel = QPushButton(self.tr("Back  Esc"))
        cancel.clicked.connect(self.given_up)
        self.send = QPushButton()
        self.send.setDefault(True)
        self.send.clicked.connect(self.do)
        row = QHBoxLayout()
        margins(row, 0, 0, 0, 0, 8)
        row.addWidget(label(self.tr("In force from"), "secondary"))
        row.addWidget(self.day)
        row.addWidget(self.reason, 1)
        row.addWidget(cancel)
        row.addWidget(self.send)
        box = QVBoxLayout()
        margins(box, 12, 8, 12, 8, 6)
        box.addWidget(self.remark)
        box.addWidget(self.problem)
        box.addLayout(row)
        return surface("raised", box)

    # The file

    def begin(self, path: Path) -> None:
        """Judge the lines of a file; nothing is changed by that."""
        self._path, self._file, self._plan = path, None, None
        tomorrow = self._desk.now().astimezone(figures.CITY_TIME).date() + timedelta(days=1)
        self.day.setText(tomorrow.isoformat())
        self.ends.blockSignals(True)
        self.ends.setChecked(False)
        self.ends.blockSignals(False)
        self.chips[None].setChecked(True)
        self.say("")
        self.remark.hide()
        self._ask_plan()

    def say(self, words: str) -> None:
        """Say what keeps the file from being imported; nothing takes it back."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def _again(self) -> None:
        self._file = None  # it may have been mended meanwhile
        self._ask_plan()

    def _ask_plan(self) -> None:
        path, known, end_missing = self._path, self._file, self.ends.isChecked()
        if path is None:
            return
        self.state.show_loading()
        self._show_send(None)

        def work(connection: Connection) -> tuple[StandardFile, Plan]:
            file = known or read_standard(path)
            return file, plan_standard(connection, file, end_missing=end_missing)

        self._desk.operations.read(self, work, self._show_plan, self._fail, key="plan")

    def _show_plan(self, found: tuple[StandardFile, Plan]) -> None:
        self._file, self._plan = found
        self.state.show_content()
        self._show_lines()
        self._show_send(self._plan)
        left_out = [name for name, _ in self._file.left_out]
        words = self.tr("Left out, without the columns of a standard: {names}.").format(names=", ".join(left_out))
        self.remark.setText(words)
        self.remark.setVisible(bool(left_out))
        self.table.setFocus()

    def _fail(self, error: Exception) -> None:
        self.model.show([])
        self._show_chips(None)
        self.state.show_failed(self._desk.notices.words_for(error))

    # What is shown

    def _show_lines(self) -> None:
        plan = self._plan
        if plan is None:
            return
        wanted = next((outcome for outcome, chip in self.chips.items() if chip.isChecked()), None)
        lines = [JudgedLine(number, verdict) for number, verdict in enumerate(plan.verdicts)]
        self.model.show([one for one in lines if wanted is None or one.verdict.outcome is wanted])
        self._show_chips(plan)

    def _show_chips(self, plan: Plan | None) -> None:
        name = "" if self._path is None else self._path.name
        lines = 0 if self._file is None else len(self._file.lines)
        self.heading.say(
            self.tr("Standard from {file}").format(file=name),
            figures.things(lines, self.tr("1 line"), self.tr("{n} lines")),
        )
        for outcome, chip in self.chips.items():
            count = 0 if plan is None else len(plan.verdicts) if outcome is None else plan.count(outcome)
            name = self.tr("all") if outcome is None else word(OUTCOME, outcome)
            symbol = "" if outcome is None else SYMBOL.get(outcome, "")
            chip.setText(f"{symbol} {name} {figures.count(count)}".strip())
            chip.setVisible(outcome is None or count > 0)

    def _show_send(self, plan: Plan | None) -> None:
        count = 0 if plan is None else len(plan.conditions)
        imports = self.tr("Import 1 change  Enter"), self.tr("Import {n} changes  Enter")
        self.send.setText(figures.things(count, *imports))
        wide = QFontMetrics(font(Look.current().text_px, semibold=True)).horizontalAdvance(self.send.text())
        self.send.setMinimumWidth(wide + 28)
        self.send.setEnabled(plan is not None and plan.changes_anything and not self._is_sending)

    # Doing it

    def do(self) -> None:
        """Import what was judged, if nothing is missing."""
        file, plan, end_missing = self._file, self._plan, self.ends.isChecked()
        day, reason = read_day(self.day.text().strip()), self.reason.text().strip()
        if file is None or plan is None or not self.send.isEnabled():
            return
        if not isinstance(day, date):
            self.say(self.tr("From which day on? Written like 2026-07-01."))
            self.day.setFocus()
        elif not reason:
            self.say(self.tr("Say why it is changed: whoever reads the record later will ask."))
            self.reason.setFocus()
        else:
            self.say("")
            self._import(file, plan, day, reason, end_missing=end_missing)

    def _import(self, file: StandardFile, plan: Plan, day: date, reason: str, *, end_missing: bool) -> None:
        def work(connection: Connection) -> None:
            give_reason(connection, reason)
            apply_standard(connection, file, plan, day, end_missing=end_missing)

        def done(_nothing: None) -> None:
            self._is_sending = False
            self.reason.clear()
            told = (
                self.tr("1 change of the standard is in force from {day}; lines refused: {refused}."),
                self.tr("{n} changes of the standard are in force from {day}; lines refused: {refused}."),
            )
            refused = figures.count(plan.count(Outcome.REFUSED))
            self._desk.notices.post(figures.things(len(plan.conditions), *told, day=day, refused=refused))
            self.imported.emit()

        def failed(error: Exception) -> None:
            self._is_sending = False
            self.say(self._desk.notices.words_for(error))
            self._ask_plan()

        self._is_sending = True
        self._show_send(plan)
        self._desk.operations.write(self, work, done, failed)


def _colour(one: JudgedLine) -> str:
    return COLOUR.get(one.verdict.outcome, "")


def _class(one: JudgedLine) -> str:
    return f"{one.verdict.class_code} {one.verdict.class_name}".strip()
