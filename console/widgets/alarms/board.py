"""The list of alarms below the bar: filters, the list, and the chosen alarm in full; all of it by keyboard."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from console.widgets.alarms.detail import AlarmDetail
from console.widgets.alarms.lines import FIRST, FOLDED, INSIDE, UNFOLDED, AlarmLine, Standing, gathered, mark_words
from console.widgets.shared import figures
from console.widgets.shared.panel import Stateful, label, line, margins
from console.widgets.shared.searched_table import SearchField
from console.widgets.shared.table import RECORD_ROLE, Column, RecordModel, RecordTable
from console.widgets.shared.words import ALARM, SYMBOL, URGENCY, word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from console.widgets.shared.desk import Desk

LIST_WIDTH, DETAIL_WIDTH = 760, 420
HEIGHT = 600
EDGE_PX = 12
STATES: dict[str, Callable[[AlarmLine], bool]] = {
    "standing": lambda a: not a.is_held,
    "waiting": lambda a: a.is_waiting,
    "acknowledged": lambda a: a.state == "acknowledged",
    "latched": lambda a: a.state == "latched",
    "held": lambda a: a.is_held,
}
"""What each chip lets through."""


class AlarmTable(RecordTable):
    """The list; → and ← unfold and fold a flood, a click on it does so too."""

    folding = Signal(object, bool)
    """A flood, and whether it is to be unfolded."""

    def __init__(self, model: RecordModel[AlarmLine]) -> None:
        super().__init__(model)
        # The most urgent stand first, and what belongs together stays together.
        self.setSortingEnabled(False)
        self.clicked.connect(self._on_click)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Unfold, fold, or what every table does."""
        shown = self.currentIndex().data(RECORD_ROLE)
        if event.key() in {Qt.Key.Key_Right, Qt.Key.Key_Left} and isinstance(shown, AlarmLine):
            self.folding.emit(shown, event.key() == Qt.Key.Key_Right)
        else:
            super().keyPressEvent(event)

    def _on_click(self, index: QModelIndex) -> None:
        shown = index.data(RECORD_ROLE)
        if isinstance(shown, AlarmLine) and shown.members:
            self.folding.emit(shown, not shown.is_unfolded)


class AlarmBoard(QFrame):
    """Every alarm that stands or is set aside; Enter or a double click goes to its place.

    Args:
        desk: language, time and database.
        window: over which it is shown.
    """

    chosen = Signal(object)
    """Somebody wants to see where this `AlarmLine` is."""
    current_changed = Signal(object)
    """The `AlarmLine` in front is another one, or has changed; None for none."""

    def __init__(self, desk: Desk, window: QWidget) -> None:
        super().__init__(window)
        self._standing = Standing((), {}, {})
        self._unfolded: frozenset[str] = frozenset()
        self.setProperty("surface", "float")
        self.hide()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)
        self._title, self._remark = label("", "title"), label("", "secondary")
        self.states: dict[str, QPushButton] = {}
        self.urgencies: dict[str, QPushButton] = {}
        self.kind = QComboBox()
        self.mute = QToolButton()
        self.mute.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.text = SearchField(self.tr("Search …"))
        self.text.setFixedWidth(150)
        self.table = AlarmTable(RecordModel[AlarmLine](self._columns(desk), lambda a: a.key, self))
        self.table.setAccessibleName(self.tr("All alarms that stand"))
        self.state = Stateful(self.table)
        self.detail = AlarmDetail(desk)
        self._build()
        self.table.opened.connect(self._go)
        self.table.folding.connect(self._fold)
        self.table.chosen.connect(lambda _line: self._tell_current())
        self.text.textChanged.connect(lambda _text: self._fill())
        self.text.left.connect(self.take_keyboard)
        self.detail.form.left.connect(self.take_keyboard)

    def _columns(self, desk: Desk) -> tuple[Column[AlarmLine], ...]:
        return (
            Column("", lambda a: SYMBOL[a.urgency], lambda a: a.rank, lambda a: f"{a.urgency}_text", width_px=36),
            Column(
                self.tr("State"),
                mark_words,
                colour=lambda a: f"{a.urgency}_text" if a.is_waiting else "secondary",
                width_px=164,
            ),
            Column(self.tr("Since"), lambda a: figures.short_moment(a.at, desk.now()), width_px=92),
            Column(self.tr("Where"), _who, width_px=196),
            Column(self.tr("What"), lambda a: a.what),
        )

    def _build(self) -> None:
        head = QHBoxLayout()
        margins(head, 12, 0, 12, 0, 8)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._remark)
        head.addWidget(self.mute)
        group = QButtonGroup(self)
        chips, filters = QHBoxLayout(), QHBoxLayout()
        margins(chips, 12, 0, 12, 0, 6)
        margins(filters, 12, 0, 12, 0, 6)
        for key in STATES:
            chip = self.states[key] = _chip()
            group.addButton(chip)
            chips.addWidget(chip)
        chips.addStretch(1)
        for urgency, symbol in SYMBOL.items():
            chip = self.urgencies[urgency] = _chip(f"{symbol} {word(URGENCY, urgency)}")
            chip.setChecked(True)
            filters.addWidget(chip)
        self.kind.setAccessibleName(self.tr("Kind of alarm"))
        self.kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.kind.setMinimumContentsLength(14)
        self.kind.addItem(self.tr("All kinds"), None)
        self.kind.activated.connect(lambda _place: self._fill())
        filters.addWidget(self.kind)
        filters.addWidget(self.text)
        filters.addStretch(1)
        self.states["standing"].setChecked(True)
        for chip in (*self.states.values(), *self.urgencies.values()):
            chip.clicked.connect(lambda _on: self._fill())
        left = QVBoxLayout()
        margins(left, 1, 10, 0, 6, 8)
        for layout in (head, chips, filters):
            left.addLayout(layout)
        left.addWidget(self.state, 1)
        self.detail.setFixedWidth(DETAIL_WIDTH)
        box = QHBoxLayout(self)
        margins(box, 0, 0, 1, 1)
        box.addLayout(left, 1)
        box.addWidget(line(vertical=True))
        box.addWidget(self.detail)

    def add_actions(self, desk: Desk, group: str) -> None:
        """Register the keys by which the list is narrowed down."""
        add = desk.actions.add
        add("alarm.search", self.tr("Search in the alarms"), self._search, group=group, shortcut="/", scope=self)
        for number, (key, words) in enumerate(self._state_words().items(), 1):
            add(
                f"alarm.show_{key}",
                self.tr("Alarms: {state}").format(state=words),
                self.states[key].click,
                group=group,
                shortcut=str(number),
                scope=self,
            )

    def _state_words(self) -> dict[str, str]:
        return {
            "standing": self.tr("Standing"),
            "waiting": self.tr("Unacknowledged"),
            "acknowledged": self.tr("Acknowledged"),
            "latched": self.tr("To be reset"),
            "held": self.tr("Set aside"),
        }

    def show_standing(self, standing: Standing) -> None:
        """Show what stands and what is set aside, as far as the filters let it through."""
        self._standing = standing
        every, waits = sum(standing.counts.values()), sum(standing.waiting.values())
        self._title.setText(figures.things(every, self.tr("1 alarm stands"), self.tr("{n} alarms stand")))
        listed = len(standing.lines)
        self._remark.setText(
            self.tr("the first {n} are listed").format(n=figures.count(listed))
            if listed < every
            else self.tr("{n} unacknowledged").format(n=figures.count(waits))
        )
        lines = [*standing.lines, *standing.held]
        for key, words in self._state_words().items():
            self.states[key].setText(f"{words} {figures.count(sum(map(STATES[key], lines)))}")
        self._offer_kinds({one.kind for one in lines})
        self._fill()

    @property
    def current(self) -> AlarmLine | None:
        """The line that is in front."""
        found = self.table.currentIndex().data(RECORD_ROLE)
        return found if isinstance(found, AlarmLine) else None

    def open_below(self, bar: QWidget) -> None:
        """Open with its right side below that of `bar`."""
        window = bar.window()
        corner = bar.mapTo(window, bar.rect().bottomRight())
        width = min(LIST_WIDTH + DETAIL_WIDTH, window.width() - 2 * EDGE_PX)
        height = min(HEIGHT, window.height() - corner.y() - 40)
        left = max(EDGE_PX, min(corner.x() - width, window.width() - width - EDGE_PX))
        self.setFixedSize(width, height)
        self.move(left, corner.y() + 2)
        self.show()
        self.raise_()
        self.take_keyboard()
        self.table.selectRow(0)

    def take_keyboard(self) -> None:
        """Let the keys go to the list."""
        (self.table if self.state.is_content else self).setFocus()

    def event(self, event: QEvent) -> bool:
        """Esc closes the list and does nothing else."""
        kinds = {QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress}
        if event.type() not in kinds or not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Escape:
            return super().event(event)
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            self.hide()
        return True

    def _fill(self) -> None:
        wanted = next(key for key, chip in self.states.items() if chip.isChecked())
        urgencies = {urgency for urgency, chip in self.urgencies.items() if chip.isChecked()}
        kind, text = self.kind.currentData(), self.text.text().strip().lower()
        lines = [
            one
            for one in (self._standing.held if wanted == "held" else self._standing.lines)
            if STATES[wanted](one)
            and one.urgency in urgencies
            and kind in {None, one.kind}
            and (not text or text in f"{one.who} {one.what}".lower())
        ]
        row = max(0, self.table.currentIndex().row())
        self.table.records.show(gathered(lines, self._unfolded))
        count = self.table.records.rowCount()
        if count and not self.table.currentIndex().isValid():
            # What was in front is gone: the next one is.
            self.table.selectRow(min(row, count - 1))
        if not count and self.table.hasFocus():
            # The table goes: the keys must not go elsewhere with it.
            self.setFocus()
        if count:
            self.state.show_content()
            if self.hasFocus():
                self.table.setFocus()
        elif self._standing.lines or self._standing.held:
            self.state.show_empty(self.tr("No alarm fits these filters."), "mdi6.filter-outline")
        else:
            self.state.show_empty(self.tr("No alarm stands."), "mdi6.check-circle-outline")
        self._tell_current()

    def _tell_current(self) -> None:
        self.current_changed.emit(self.current)

    def _offer_kinds(self, kinds: set[str]) -> None:
        chosen = self.kind.currentData()
        offered = sorted(kinds | ({chosen} if chosen else set()), key=partial(word, ALARM))
        if offered == [self.kind.itemData(place) for place in range(1, self.kind.count())]:
            return
        while self.kind.count() > 1:
            self.kind.removeItem(1)
        for code in offered:
            self.kind.addItem(word(ALARM, code), code)
        self.kind.setCurrentIndex(max(self.kind.findData(chosen), 0) if chosen else 0)

    def _fold(self, shown: AlarmLine, unfold: bool) -> None:
        key = shown.key
        if shown.depth and not unfold:
            key = self._flood_of(shown)
        self._unfolded = self._unfolded | {key} if unfold and shown.members else self._unfolded - {key}
        self._fill()
        self.table.mark(key)
        self._tell_current()

    def _flood_of(self, member: AlarmLine) -> str:
        records = self.table.records
        floods = (records.record(row) for row in range(records.rowCount()))
        found: str = next(flood.key for flood in floods if any(one.key == member.key for one in flood.members))
        return found

    def _search(self) -> None:
        self.text.setFocus()
        self.text.selectAll()

    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Whoever goes on elsewhere in the window is done with the list."""
        if now is not None and self.isVisible() and now is not self and not self.isAncestorOf(now):
            self.hide()

    def _go(self, shown: AlarmLine) -> None:
        self.hide()
        self.chosen.emit(shown)


def _who(shown: AlarmLine) -> str:
    if shown.members:
        return f"{UNFOLDED if shown.is_unfolded else FOLDED} {shown.who}"
    inside = f"  {INSIDE} " if shown.depth else ""
    return f"{inside}{f'{FIRST} ' if shown.is_first else ''}{shown.who}"


def _chip(words: str = "") -> QPushButton:
    made = QPushButton(words)
    made.setCheckable(True)
    made.setProperty("chip", True)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


def lines_of(board: AlarmBoard) -> Sequence[AlarmLine]:
    """What the list shows, from above."""
    records = board.table.records
    return [records.record(row) for row in range(records.rowCount())]
