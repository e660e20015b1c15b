"""The timeline of a case: each move with who made it, for which unit, what was written, and the time that it took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from console.models.calendar import LimitUnit
from console.widgets.shared import figures
from console.widgets.shared.panel import label, margins
from console.widgets.shared.style import icon
from console.widgets.shared.words import ROLE, STATE, limit_of, move_words, word

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from PySide6.QtCore import QSettings

    from console.models.cases import CaseEvent
    from console.widgets.shared.desk import Desk

translate = QCoreApplication.translate
TIME_HEIGHT = 22
NEWEST_FIRST = "timeline/newest_first"
MARK = {
    "overdue": ("mdi6.triangle", "critical"),
    "supervise": ("mdi6.rhombus", "high"),
    "urge": ("mdi6.circle", "medium"),
    "extend": ("mdi6.clock-plus-outline", "text"),
    "suspend": ("mdi6.pause-circle-outline", "text"),
    "resume": ("mdi6.play-circle-outline", "text"),
}
"""Moves that stand out: shape and colour beside their word. All others have a small quiet dot."""
QUIET = ("mdi6.circle-medium", "secondary")
ROLE_OF = {"critical": "critical", "high": "high", "medium": "medium"}


@dataclass(frozen=True)
class Entry:
    """One move in words.

    Attributes:
        seq: its number in the history.
        move: what was done and where it led.
        at: when.
        who: who made it, with post and unit, and whom or what it went to.
        took: how long the case had been in its stage; of a disposal the time that it used of its limit as well.
        in_stage: the same, exactly.
        opinion: what was written.
        symbol, colour: the mark at its side; the colour is a name of the theme.
        is_late: whether a disposal used more than its limit.
    """

    seq: int
    move: str
    at: datetime
    who: str
    took: str
    in_stage: timedelta
    opinion: str
    symbol: str
    colour: str
    is_late: bool = False


def entries(events: Iterable[CaseEvent], desk: Desk) -> tuple[Entry, ...]:
    """The history of a case in the words of the window, oldest first."""
    made = []
    entered: datetime | None = None
    for event in events:
        # A move that stays in its stage does not begin it anew: its time runs on.
        made.append(_entry(event, timedelta(0) if entered is None else event.at - entered, desk))
        if entered is None or event.from_state != event.to_state:
            entered = event.at
    return tuple(made)


def _entry(event: CaseEvent, in_stage: timedelta, desk: Desk) -> Entry:
    move, led_to = move_words(event.move, granted=event.granted), word(STATE, event.to_state)
    if event.from_state not in {None, event.to_state} and move != led_to:
        move += f" → {led_to}"
    took = []
    if event.from_state is not None:
        span = figures.span(in_stage)
        took.append(translate("timeline", "{time} in “{stage}”").format(time=span, stage=word(STATE, event.from_state)))
    used, limit = event.disposal_minutes, event.limit_minutes
    if used is not None and limit is not None:
        minutes = LimitUnit(event.limit_unit).minutes
        whole = limit_of(limit / minutes, event.limit_unit)
        took.append(translate("timeline", "used {used} of {limit}").format(used=f"{used / minutes:.1f}", limit=whole))
    symbol, colour = MARK.get(event.move, QUIET)
    return Entry(
        event.seq,
        move,
        event.at,
        _who(event, desk),
        " · ".join(took),
        in_stage,
        event.opinion,
        symbol,
        colour,
        is_late=used is not None and limit is not None and used > limit,
    )


def _who(event: CaseEvent, desk: Desk) -> str:
    """Title, post and unit, each unless it stands in the words before, and whom, or which case, the move went to."""
    said = desk.name(event.staff, event.staff_en) or translate("timeline", "by the system")
    for more in (word(ROLE, event.role) if event.role else "", desk.name(event.unit, event.unit_en)):
        if more and more.lower() not in said.lower():
            said += f" · {more}"
    goal = event.other_case or desk.name(event.asked or event.department, event.asked_en or event.department_en)
    if goal and goal not in said:
        said += f" → {goal}"
    return said


class Timeline(QWidget):
    """Entries below each other, newest or oldest first as the user likes it; long opinions wrap.

    The time of each is a button.

    Args:
        memory: where the order is remembered.
    """

    chosen = Signal(object)
    """The case is to be shown as it was at this `datetime`; None for as it is."""

    def __init__(self, memory: QSettings) -> None:
        super().__init__()
        self._marked: datetime | None = None
        self.times: dict[int, QToolButton] = {}
        self._memory = memory
        self._entries: tuple[Entry, ...] = ()
        self._is_newest_first = memory.value(NEWEST_FIRST, True, bool) is True
        self.order = QPushButton()
        self.order.setFlat(True)
        self.order.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.order.clicked.connect(self._turn)
        head = QHBoxLayout()
        margins(head, 0, 0, 0, 0)
        head.addWidget(label(self.tr("History"), "secondary"))
        head.addStretch(1)
        head.addWidget(self.order)
        self._list = QVBoxLayout()
        margins(self._list, 0, 0, 0, 0, 10)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0, 6)
        box.addLayout(head)
        box.addLayout(self._list)
        self._name_order()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What is shown, from the top."""
        return self._entries[::-1] if self._is_newest_first else self._entries

    def show_entries(self, found: tuple[Entry, ...]) -> None:
        """Show a history, oldest first as it is given; what is shown already stays as it is."""
        if found != self._entries:
            self._entries = found
            self._fill()

    def mark(self, at: datetime | None) -> None:
        """Mark the instant as of which the case is shown."""
        self._marked = at
        for entry in self._entries:
            self.times[entry.seq].setChecked(entry.at == at)

    def _choose(self, entry: Entry) -> None:
        """Another press of what is marked takes it back."""
        wanted = None if entry.at == self._marked else entry.at
        self.mark(self._marked)
        self.chosen.emit(wanted)

    def _turn(self) -> None:
        self._is_newest_first = not self._is_newest_first
        self._memory.setValue(NEWEST_FIRST, self._is_newest_first)
        self._name_order()
        self._fill()

    def _name_order(self) -> None:
        newest = self._is_newest_first
        self.order.setText(self.tr("Newest first") if newest else self.tr("Oldest first"))
        self.order.setIcon(
            icon("mdi6.sort-clock-descending-outline" if newest else "mdi6.sort-clock-ascending-outline")
        )
        self.order.setToolTip(self.tr("Turn the order round"))

    def _fill(self) -> None:
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.times = {}
        for entry in self.entries:
            self.times[entry.seq] = button = QToolButton()
            button.setText(figures.moment(entry.at))
            button.setCheckable(True)
            button.setFixedHeight(TIME_HEIGHT)
            button.setToolTip(self.tr("Show the case as it was then"))
            button.clicked.connect(partial(self._choose, entry))
            self._list.addWidget(_row(entry, button))
        self.mark(self._marked)


def _row(entry: Entry, time: QToolButton) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    margins(grid, 0, 0, 0, 0)
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(2)
    grid.setColumnStretch(1, 1)
    mark = QLabel()
    mark.setPixmap(icon(entry.symbol, entry.colour).pixmap(14, 14))
    top = Qt.AlignmentFlag.AlignTop
    grid.addWidget(mark, 0, 0, top)
    grid.addWidget(label(entry.move, ROLE_OF.get(entry.colour, ""), wraps=True, selectable=True), 0, 1, top)
    grid.addWidget(time, 0, 2, top | Qt.AlignmentFlag.AlignRight)
    lines = ((entry.who, "secondary"), (entry.took, "critical" if entry.is_late else "secondary"), (entry.opinion, ""))
    for place, (words, role) in enumerate((given for given in lines if given[0]), start=1):
        grid.addWidget(label(words, role, wraps=True, selectable=True), place, 1, 1, 2)
    return made
