"""Commands to the terminal of the selected truck: words for the driver, where it is, how it works; and their fate."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from console.errors import QT_TRANSLATE_NOOP
from console.models import terminal_commands
from console.models.terminal_commands import MOST_BYTES, PARAMETERS, SETTERS, SPEAKERS, TerminalCommand, text_bytes
from console.widgets.configuration.leaving import Errand, ErrandLine
from console.widgets.shared import figures
from console.widgets.shared.panel import ElidedLabel, label, line, margins, surface
from console.widgets.shared.style import set_role
from console.widgets.shared.table import Column, RecordModel, RecordTable
from console.widgets.shared.words import word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QAction
    from sqlalchemy import Connection

    from console.database.feed import Change
    from console.models.fleet import VehicleRow
    from console.widgets.shared.desk import Desk, Thing

LISTENERS = SPEAKERS | {"supervisor"}
"""Posts that see what was said to terminals."""
AGAIN_MS = 5_000
HISTORY_PX = 132
MOST_TRUCKS = 1000
WAITS_MIN = (10, 60, 240, 1440)
OPEN = frozenset({"waiting", "sent"})
BAD = frozenset({"failed", "wrong", "unsupported", "unanswered", "expired"})
KIND = {
    "text": QT_TRANSLATE_NOOP("words", "Text"),
    "position": QT_TRANSLATE_NOOP("words", "Where it is"),
    "parameters": QT_TRANSLATE_NOOP("words", "Parameters"),
}
STATE = {
    "waiting": QT_TRANSLATE_NOOP("words", "waits for the terminal"),
    "sent": QT_TRANSLATE_NOOP("words", "sent"),
    "done": QT_TRANSLATE_NOOP("words", "acknowledged"),
    "failed": QT_TRANSLATE_NOOP("words", "failed"),
    "wrong": QT_TRANSLATE_NOOP("words", "not understood"),
    "unsupported": QT_TRANSLATE_NOOP("words", "not supported"),
    "unanswered": QT_TRANSLATE_NOOP("words", "no answer"),
    "expired": QT_TRANSLATE_NOOP("words", "expired"),
}
PARAMETER = {
    "report_s": QT_TRANSLATE_NOOP("words", "Position every"),
    "report_asleep_s": QT_TRANSLATE_NOOP("words", "Position with the engine off every"),
    "heartbeat_s": QT_TRANSLATE_NOOP("words", "Heartbeat every"),
    "speed_limit_kmh": QT_TRANSLATE_NOOP("words", "Warns the driver above"),
}


class TextForm(Errand):
    """Words for the driver of a truck, or for the drivers of all trucks in the list."""

    wanted = Signal(dict, bool)
    """Arguments of `send_text` without the trucks; whether they are all those in the list."""

    def __init__(self) -> None:
        super().__init__()
        self.words = ErrandLine(self.tr("Words for the driver"), self.tr("Words for the driver, on one line"))
        self.phrases = QComboBox()
        self.phrases.setAccessibleName(self.tr("Phrases"))
        self.phrases.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.phrases.setMinimumContentsLength(8)
        self.phrases.activated.connect(self._take_phrase)
        self.length = label("", "secondary")
        self.urgent = QCheckBox(self.tr("Urgent"))
        self.shown = QCheckBox(self.tr("On the display"))
        self.aloud = QCheckBox(self.tr("Read aloud"))
        self.scope = QComboBox()
        self.scope.setAccessibleName(self.tr("Who is told"))
        self.wait = QComboBox()
        self.wait.setAccessibleName(self.tr("How long it waits for a terminal that is away"))
        for minutes in WAITS_MIN:
            hours = self.tr("waits {n} h").format(n=minutes // 60)
            self.wait.addItem(self.tr("waits {n} min").format(n=minutes) if minutes < 60 else hours, minutes)
        self.send = QPushButton(self.tr("Send"))
        self.send.setDefault(True)
        self.send.clicked.connect(lambda *_: self.do())
        cancel = QPushButton(self.tr("Cancel"))
        cancel.clicked.connect(self.given_up)
        self.words.textChanged.connect(lambda _text: self._count())
        for way in (self.shown, self.aloud):
            way.setChecked(True)
            way.toggled.connect(lambda _on: self._count())
        flags, choices, buttons = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for row in (flags, choices, buttons):
            margins(row, 0, 0, 0, 0, 8)
        for flag in (self.urgent, self.shown, self.aloud):
            flags.addWidget(flag)
        flags.addStretch(1)
        choices.addWidget(self.scope, 1)
        choices.addWidget(self.wait)
        buttons.addWidget(self.length, 1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.send)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0, 6)
        for widget in (self.phrases, self.words):
            box.addWidget(widget)
        for row in (flags, choices, buttons):
            box.addLayout(row)
        self._count()

    def begin(self, plate: str, count: int) -> None:
        """Begin a text for a truck; `count` trucks are in the list."""
        self.scope.clear()
        self.scope.addItem(self.tr("to {plate}").format(plate=plate), False)
        if count > 1:
            self.scope.addItem(self.tr("to all {n} trucks in the list").format(n=count), True)
        self.words.setFocus()

    def show_phrases(self, phrases: Sequence[str]) -> None:
        """Offer phrases."""
        self.phrases.clear()
        self.phrases.addItem(self.tr("Choose a phrase …"), "")
        for words in phrases:
            self.phrases.addItem(words, words)
        self.phrases.setVisible(bool(phrases))

    def do(self) -> None:
        """Ask to send it, if it can be sent."""
        if not self.send.isEnabled():
            self.words.setFocus()
            return
        how = {"urgent": self.urgent.isChecked(), "shown": self.shown.isChecked(), "aloud": self.aloud.isChecked()}
        self.wanted.emit({"words": self.words.text().strip(), "minutes": self.wait.currentData(), **how},
                         bool(self.scope.currentData()))  # fmt: skip

    def _take_phrase(self) -> None:
        words = self.phrases.currentData()
        if words:
            self.words.setText(words)
            self.words.setFocus()

    def _count(self) -> None:
        """Say how long it is, as the terminal counts; what cannot be sent is said before it is tried."""
        size = text_bytes(self.words.text())
        fits = size is not None and 0 < size <= MOST_BYTES
        words = self.tr("{n} of {most} bytes").format(n=size, most=MOST_BYTES)
        if size is None:
            words = self.tr("a character that no terminal can show")
        elif not (self.shown.isChecked() or self.aloud.isChecked()):
            fits, words = False, self.tr("shown, read aloud, or both")
        self.length.setText(words)
        set_role(self.length, "secondary" if fits or size == 0 else "critical")
        self.send.setEnabled(fits)


class ParameterForm(Errand):
    """How the terminal of a truck works from now on; only what is ticked is set."""

    wanted = Signal(dict)
    """Parameters to be set."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, tuple[QCheckBox, QSpinBox]] = {}
        grid = QGridLayout()
        margins(grid, 0, 0, 0, 0, 6)
        usual = {"report_s": 30, "report_asleep_s": 300, "heartbeat_s": 60, "speed_limit_kmh": 60}
        for row, (name, limit) in enumerate(PARAMETERS.items()):
            tick = QCheckBox(word(PARAMETER, name))
            spin = QSpinBox(minimum=limit.least, maximum=limit.most, value=usual[name], suffix=f" {limit.unit}")
            spin.setAccessibleName(word(PARAMETER, name))
            spin.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
            spin.setEnabled(False)
            tick.toggled.connect(spin.setEnabled)
            tick.toggled.connect(lambda _on: self._check())
            self.fields[name] = (tick, spin)
            grid.addWidget(tick, row, 0)
            grid.addWidget(spin, row, 1)
        grid.setColumnStretch(0, 1)
        self.set = QPushButton(self.tr("Set"))
        self.set.setDefault(True)
        self.set.clicked.connect(lambda *_: self.do())
        cancel = QPushButton(self.tr("Cancel"))
        cancel.clicked.connect(self.given_up)
        buttons = QHBoxLayout()
        margins(buttons, 0, 0, 0, 0, 8)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.set)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0, 6)
        box.addLayout(grid)
        box.addLayout(buttons)
        self._check()

    def begin(self) -> None:
        """Begin with nothing ticked."""
        for tick, _ in self.fields.values():
            tick.setChecked(False)
        self.fields["report_s"][0].setFocus()

    def do(self) -> None:
        """Ask to set what is ticked."""
        chosen = {name: spin.value() for name, (tick, spin) in self.fields.items() if tick.isChecked()}
        if chosen:
            self.wanted.emit(chosen)

    def _check(self) -> None:
        self.set.setEnabled(any(tick.isChecked() for tick, _ in self.fields.values()))


class TerminalBox(QWidget):
    """Commands to the terminal of the selected truck, and the latest of them with what became of each.

    Args:
        desk: database, selection, notices.
        listed: the trucks in the list as it is narrowed down.
    """

    def __init__(self, desk: Desk, listed: Callable[[], Sequence[VehicleRow]]) -> None:
        super().__init__()
        self._desk, self._listed = desk, listed
        self._is_active = False
        self._vehicle_id: int | None = None
        self._plates: dict[int, str] = {}
        self.text, self.parameters = TextForm(), ParameterForm()
        self.title = ElidedLabel(self.tr("Its terminal"), "secondary")
        self.buttons = QHBoxLayout()
        margins(self.buttons, 0, 0, 0, 0, 4)
        self.buttons.addWidget(self.title, 1)
        columns: list[Column[TerminalCommand]] = [
            Column(self.tr("Said"), lambda c: figures.short_moment(c.asked_at, desk.now()), rank=lambda c: -c.id,
                   width_px=82),
            Column(self.tr("What"), self._what),
            Column(self.tr("State"), lambda c: word(STATE, c.state), colour=_colour, width_px=112),
        ]  # fmt: skip
        self.model: RecordModel[TerminalCommand] = RecordModel(columns, lambda c: str(c.id), self)
        self.history = RecordTable(self.model)
        self.history.setAccessibleName(self.tr("What was said to the terminal"))
        self.history.setFixedHeight(HISTORY_PX)
        self.nothing = label(self.tr("Nothing was said to this terminal yet."), "secondary")
        box = QVBoxLayout()
        margins(box, 14, 8, 14, 10, 6)
        box.addLayout(self.buttons)
        for widget in (self.text, self.parameters, self.nothing, self.history):
            box.addWidget(widget)
        outer = QVBoxLayout(self)
        margins(outer, 0, 0, 0, 0)
        outer.addWidget(line())
        outer.addWidget(surface("panel", box))
        self.text.given_up.connect(self._close)
        self.parameters.given_up.connect(self._close)
        self.text.wanted.connect(self._send)
        self.parameters.wanted.connect(self._set)
        self._again = QTimer(self, interval=AGAIN_MS)
        self._again.timeout.connect(self._look_again)
        desk.changes.changed.connect(self._on_changes)
        desk.changes.reload.connect(self.refresh)
        desk.selection.changed.connect(self._on_selected)
        desk.clock.turned.connect(self._on_turned)
        self._close()
        self._on_selected(None)

    @property
    def may_speak(self) -> bool:
        """Whether whoever sits here may tell terminals anything."""
        return self._desk.person.role in SPEAKERS

    @property
    def may_set(self) -> bool:
        """Whether whoever sits here may set how terminals work."""
        return self._desk.person.role in SETTERS

    def offer(self, actions: Sequence[QAction]) -> None:
        """Offer commands as buttons."""
        for action in actions:
            button = QToolButton()
            button.setDefaultAction(action)
            self.buttons.addWidget(button)

    def activate(self, *, active: bool) -> None:
        """The workspace comes to the front, or goes."""
        self._is_active = active
        if active:
            self._again.start()
            self._on_selected(self._desk.selection.thing)
            self.refresh()
        else:
            self._again.stop()

    def refresh(self) -> None:
        """Read anew what was said."""
        if self._is_active and self._vehicle_id is not None and self._desk.person.role in LISTENERS:
            ask = partial(terminal_commands.commands, vehicle_id=self._vehicle_id)
            self._desk.operations.read(self, ask, partial(self._show, self._vehicle_id), key="commands")

    # Commands

    def begin_text(self) -> None:
        """Open the form for words to the driver."""
        if self._has_truck():
            self.parameters.hide()
            self.text.show()
            self.text.begin(self.plate, min(len(self._listed()), MOST_TRUCKS))
            self._desk.operations.read(self, terminal_commands.phrases, self.text.show_phrases, key="phrases")

    def begin_parameters(self) -> None:
        """Open the form for how the terminal works."""
        if self._has_truck():
            self.text.hide()
            self.parameters.show()
            self.parameters.begin()

    def ask_position(self) -> None:
        """Ask the terminal where it is."""
        if self._has_truck() and self._vehicle_id is not None:
            work = partial(terminal_commands.ask_positions, vehicle_ids=[self._vehicle_id])
            self._write(work, self.tr("{plate} is asked where it is.").format(plate=self.plate))

    def _send(self, text: dict[str, Any], is_all: bool) -> None:
        if self._vehicle_id is None:
            return
        trucks = [truck.id for truck in self._listed()][:MOST_TRUCKS] if is_all else [self._vehicle_id]
        said = self.tr("The text goes to the drivers of {n} trucks.").format(n=len(trucks))
        words = said if is_all else self.tr("The text goes to the driver of {plate}.").format(plate=self.plate)
        self._write(partial(terminal_commands.send_text, vehicle_ids=trucks, **text), words)

    def _set(self, parameters: dict[str, int]) -> None:
        if self._vehicle_id is not None:
            work = partial(terminal_commands.set_parameters, vehicle_ids=[self._vehicle_id], parameters=parameters)
            self._write(work, self.tr("The terminal of {plate} is told how to work.").format(plate=self.plate))

    def _write(self, work: Callable[[Connection], object], words: str) -> None:
        """What is refused stays in its form; the window says why."""

        def done(_numbers: object) -> None:
            self._desk.notices.post(words)
            self.text.words.clear()
            self._close()
            self.refresh()

        self._desk.operations.write(self, work, done)

    def _has_truck(self) -> bool:
        if not self._desk.clock.is_live:
            self._desk.notices.post(self.tr("Go back to the present first: what is said to a driver is said now."))
        elif self._vehicle_id is None:
            self._desk.notices.post(self.tr("Choose a truck first."))
        return self._desk.clock.is_live and self._vehicle_id is not None

    def _close(self) -> None:
        self.text.hide()
        self.parameters.hide()

    # What is shown

    def _on_turned(self) -> None:
        self._on_selected(self._desk.selection.thing)

    def _on_selected(self, thing: Thing | None) -> None:
        chosen = int(thing.key) if thing is not None and thing.subject == "vehicle" else None
        if chosen != self._vehicle_id:
            self._vehicle_id = chosen
            self._close()
            self.model.show([])
            self._say_empty()
            self.refresh()
        # What is said is said now: beside what was once there is no place for it.
        is_live = self._desk.clock.is_live
        self.setVisible(chosen is not None and is_live and self._desk.person.role in LISTENERS)

    def show_trucks(self, trucks: Sequence[VehicleRow]) -> None:
        """All trucks, so that the selected one has a name."""
        self._plates = {truck.id: truck.plate for truck in trucks}

    @property
    def plate(self) -> str:
        """Plate of the selected truck; empty while the list does not know it."""
        return self._plates.get(self._vehicle_id or 0, "")

    def _show(self, vehicle_id: int, found: list[TerminalCommand]) -> None:
        if vehicle_id == self._vehicle_id:
            self.model.show(found)
            self._say_empty()

    def _say_empty(self) -> None:
        is_empty = self.model.rowCount() == 0
        self.nothing.setVisible(is_empty)
        self.history.setVisible(not is_empty)

    def _look_again(self) -> None:
        """What waits grows old without anybody saying so."""
        if any(self.model.record(row).state in OPEN for row in range(self.model.rowCount())):
            self.refresh()

    def _on_changes(self, changes: Sequence[Change]) -> None:
        if any(change.subject == "terminal_command" for change in changes):
            self.refresh()

    def _what(self, command: TerminalCommand) -> str:
        if command.kind == "text":
            return str(command.content.get("words", ""))
        if command.kind == "parameters":
            return ", ".join(
                f"{word(PARAMETER, name)} {value} {PARAMETERS[name].unit if name in PARAMETERS else ''}".strip()
                for name, value in command.content.items()
            )
        return word(KIND, command.kind)


def _colour(command: TerminalCommand) -> str:
    return "medium_text" if command.state in BAD else "" if command.state == "done" else "secondary"
