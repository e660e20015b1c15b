"""Alarms that stand, as people see them: one line in the top bar, and the list below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout

from console.widgets.shared import figures
from console.widgets.shared.panel import ElidedLabel, Stateful, label, margins
from console.widgets.shared.style import Look, set_role
from console.widgets.shared.table import RECORD_ROLE, Column, RecordModel, RecordTable
from console.widgets.shared.words import ALARM_STATE, SYMBOL, word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from PySide6.QtGui import QMouseEvent, QResizeEvent
    from PySide6.QtWidgets import QWidget

    from console.widgets.shared.desk import Thing

ROOMY_PX = 460
"""From this width on the bar has place for words beside the counts, and for the key."""
LIST_WIDTH = 680
LEAST_ROWS, MOST_ROWS = 3, 14


@dataclass(frozen=True)
class AlarmLine:
    """One alarm in words.

    Attributes:
        key: tells it from all others.
        rank: its place among all, the most urgent first.
        urgency, state: codes as of `console.models.alarms`.
        at: when it was raised.
        who: the truck or place that it is about.
        what: what is wrong there, with figures.
        thing: what to select to see it; None for nothing that can be selected.
        place: metres, EPSG:4546; None when unknown.
        is_waiting: whether nobody has acknowledged it.
    """

    key: str
    rank: int
    urgency: str
    state: str
    at: datetime | None
    who: str
    what: str
    thing: Thing | None
    place: tuple[float, float] | None
    is_waiting: bool


@dataclass(frozen=True)
class Standing:
    """All that stands: the most urgent first, and how many there are of each urgency, in all and unacknowledged."""

    lines: Sequence[AlarmLine]
    counts: Mapping[str, int]
    waiting: Mapping[str, int]


class AlarmBar(QFrame):
    """The worst and newest of the alarms that stand, and their numbers; nothing while none stands."""

    opened = Signal()
    """Somebody wants to see where the alarm is."""
    list_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._inside = _Press()
        self._inside.setProperty("surface", "raised")
        self._inside.pressed.connect(self.opened)
        self._inside.setAccessibleName(self.tr("Most urgent alarm"))
        self.text = ElidedLabel()
        self._words = label("", "secondary")
        self._counts = {urgency: label("", urgency) for urgency in SYMBOL}
        self.numbers = _Press()
        self.numbers.setToolTip(self.tr("All alarms that stand"))
        self.numbers.setAccessibleName(self.tr("All alarms that stand"))
        self.numbers.pressed.connect(self.list_wanted)
        row = QHBoxLayout(self.numbers)
        margins(row, 6, 0, 6, 0, 8)
        for part in (self._words, *self._counts.values()):
            row.addWidget(part)
        self.key = label("", "key")
        inside = QHBoxLayout(self._inside)
        margins(inside, 10, 0, 6, 0, 6)
        inside.addWidget(self.text, 1)
        inside.addWidget(self.numbers)
        inside.addWidget(self.key)
        box = QHBoxLayout(self)
        margins(box, 0, 7, 0, 7)
        box.addWidget(self._inside)
        self._inside.hide()

    def show_standing(self, standing: Standing, now: datetime) -> None:
        """Show the first line of `standing` and its numbers."""
        lines = standing.lines
        self._inside.setVisible(bool(lines))
        if not lines:
            return
        worst = lines[0]
        when = figures.short_moment(worst.at, now)
        self.text.setText(f"{SYMBOL[worst.urgency]} {when}  {worst.who}  {worst.what}")
        waits = any(standing.waiting.values())
        counts = standing.waiting if waits else standing.counts
        self._words.setText(self.tr("Unacknowledged") if waits else self.tr("Acknowledged"))
        for urgency, count in self._counts.items():
            number = counts.get(urgency, 0)
            count.setText(f"{SYMBOL[urgency]}{figures.count(number)}")
            count.setVisible(number > 0)
            set_role(count, urgency if waits else "secondary")
        # What somebody has taken on stands quietly.
        set_role(self.text, worst.urgency if worst.is_waiting else "secondary")
        kind = "critical" if worst.urgency == "critical" and worst.is_waiting else "raised"
        if self._inside.property("surface") != kind:
            self._inside.setProperty("surface", kind)
            self._inside.style().unpolish(self._inside)
            self._inside.style().polish(self._inside)

    @property
    def is_shown(self) -> bool:
        """Whether any alarm stands."""
        return not self._inside.isHidden()

    @property
    def numbers_shown(self) -> str:
        """The numbers as they are read, for instance ``▲1 ◆2``."""
        return " ".join(count.text() for count in self._counts.values() if not count.isHidden())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The numbers are always seen, the words only where there is place."""
        super().resizeEvent(event)
        roomy = self.width() >= ROOMY_PX
        self._words.setVisible(roomy)
        self.key.setVisible(roomy and bool(self.key.text()))


class AlarmList(QFrame):
    """Every alarm that stands, below the bar; Enter or a click goes to its place.

    Args:
        now: the time of the window.
        window: over which it is shown.
    """

    chosen = Signal(object)
    """Somebody wants to see where this `AlarmLine` is."""

    def __init__(self, now: Callable[[], datetime], window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("surface", "float")
        self.hide()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)
        self._title = label("", "title")
        self._remark = label("", "secondary")
        columns = (
            Column[AlarmLine](
                "", lambda a: SYMBOL[a.urgency], lambda a: a.rank, colour=lambda a: f"{a.urgency}_text", width_px=36
            ),
            Column[AlarmLine](
                self.tr("Since"), lambda a: figures.short_moment(a.at, now()), lambda a: a.at, width_px=96
            ),
            Column[AlarmLine](self.tr("Where"), lambda a: a.who, width_px=176),
            Column[AlarmLine](self.tr("What"), lambda a: a.what),
            Column[AlarmLine](
                self.tr("State"),
                lambda a: word(ALARM_STATE, a.state),
                colour=lambda a: "text" if a.is_waiting else "secondary",
                width_px=136,
            ),
        )
        self.table = RecordTable(RecordModel[AlarmLine](columns, lambda a: a.key, self))
        self.table.setAccessibleName(self.tr("All alarms that stand"))
        self.table.clicked.connect(lambda index: self._go(index.data(RECORD_ROLE)))
        self.table.opened.connect(self._go)
        head = QHBoxLayout()
        margins(head, 12, 0, 12, 0, 8)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._remark)
        box = QVBoxLayout(self)
        margins(box, 1, 10, 1, 6, 8)
        box.addLayout(head)
        self.state = Stateful(self.table)
        box.addWidget(self.state, 1)

    def show_standing(self, standing: Standing) -> None:
        """Show the lines of `standing`."""
        every = sum(standing.counts.values())
        waits = sum(standing.waiting.values())
        self._title.setText(self.tr("{n} alarms stand").format(n=figures.count(every)))
        listed = len(standing.lines)
        self._remark.setText(
            self.tr("the first {n} are listed").format(n=figures.count(listed))
            if listed < every
            else self.tr("{n} unacknowledged").format(n=figures.count(waits))
        )
        self.table.records.show(standing.lines)
        if standing.lines:
            self.state.show_content()
        else:
            self.state.show_empty(self.tr("No alarm stands."), "mdi6.check-circle-outline")

    def open_below(self, bar: QWidget) -> None:
        """Open with its right side below that of `bar`."""
        rows = min(max(self.table.records.rowCount(), LEAST_ROWS), MOST_ROWS)
        head = self.table.horizontalHeader().sizeHint().height()
        window = bar.window()
        width = min(LIST_WIDTH, window.width() - 24)
        height = 52 + head + rows * Look.current().row_dense_px
        corner = bar.mapTo(window, bar.rect().bottomRight())
        left = max(12, min(corner.x() - width, window.width() - width - 12))
        self.setFixedSize(width, height)
        self.move(left, corner.y() + 2)
        self.show()
        self.raise_()
        (self.table if self.state.is_content else self).setFocus()
        self.table.selectRow(0)

    def event(self, event: QEvent) -> bool:
        """Esc closes the list and does nothing else."""
        kinds = {QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress}
        if event.type() not in kinds or not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Escape:
            return super().event(event)
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            self.hide()
        return True

    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Whoever goes on elsewhere in the window is done with the list."""
        if now is not None and self.isVisible() and now is not self and not self.isAncestorOf(now):
            self.hide()

    def _go(self, line: AlarmLine) -> None:
        self.hide()
        self.chosen.emit(line)


class _Press(QFrame):
    """Something that is pressed by the mouse, or by Enter when it has the keyboard."""

    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setProperty("press", True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pressed, unless the pointer has left meanwhile."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.pressed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Kept, so that what lies around it is not pressed as well."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses it."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.pressed.emit()
        else:
            super().keyPressEvent(event)
