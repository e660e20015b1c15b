"""The alarms that stood at the past instant, with the states that they had: how many, and on demand which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QPushButton, QVBoxLayout

from console.models import alarms
from console.widgets.alarms.lines import mark_words
from console.widgets.shared import figures
from console.widgets.shared.panel import ElidedLabel, Stateful, margins
from console.widgets.shared.table import Column, RecordModel, RecordTable
from console.widgets.shared.words import SYMBOL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from console.widgets.alarms.lines import AlarmLine
    from console.widgets.shared.desk import Desk

WIDTH_PX, HEIGHT_PX, EDGE_PX = 720, 300, 12


class PastAlarms(QPushButton):
    """Counts what stood; pressed, lists it.

    Args:
        desk: whose clock and selection it follows.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.lines: Sequence[AlarmLine] = ()
        self.setToolTip(self.tr("Alarms that stood at this instant  (Ctrl+F9)"))
        self.list: PastAlarmList | None = None
        self.clicked.connect(self.open_list)
        self.show_alarms(())

    def show_alarms(self, lines: Sequence[AlarmLine]) -> None:
        """Take what stood at the instant, ranked."""
        self.lines = lines
        announced = [line for line in self.lines if line.state in alarms.ANNOUNCED]
        counts = {urgency: sum(line.urgency == urgency for line in announced) for urgency in SYMBOL}
        words = "  ".join(f"{SYMBOL[urgency]} {count}" for urgency, count in counts.items() if count)
        words = words or self.tr("No alarm then")
        if words != self.text():  # which lays the bar out anew
            self.setText(words)
        if self.list is not None and self.list.isVisible():
            self.list.show_lines(self.lines)

    def open_list(self) -> None:
        """List what stood, above the button."""
        if self.list is None:
            self.list = PastAlarmList(self._desk, self.window())
        self.list.show_lines(self.lines)
        self.list.open_above(self)


class PastAlarmList(QFrame):
    """What stood, the most urgent first; Enter or a double click goes to its place, Esc closes it.

    Args:
        desk: whose clock and selection it follows.
        window: over which it is shown.
    """

    def __init__(self, desk: Desk, window: QWidget) -> None:
        super().__init__(window)
        self._desk = desk
        self.setProperty("surface", "float")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()
        self._title = ElidedLabel("", "title")
        columns: list[Column[AlarmLine]] = [
            Column("", lambda a: SYMBOL[a.urgency], lambda a: a.rank, lambda a: f"{a.urgency}_text", width_px=36),
            Column(self.tr("State"), mark_words, width_px=164),
            Column(self.tr("Since"), lambda a: figures.short_moment(a.at, desk.clock.now()), width_px=92),
            Column(self.tr("Where"), lambda a: a.who, width_px=170),
            Column(self.tr("What"), lambda a: a.what),
        ]
        self.model: RecordModel[AlarmLine] = RecordModel(columns, lambda a: a.key, self)
        self.table = RecordTable(self.model)
        self.table.setAccessibleName(self.tr("Alarms that stood at this instant"))
        self.table.opened.connect(self._choose)
        self._state = Stateful(self.table)
        box = QVBoxLayout(self)
        margins(box, 12, 10, 12, 10, 6)
        box.addWidget(self._title)
        box.addWidget(self._state, 1)
        desk.clock.turned.connect(self.hide)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)

    def show_lines(self, lines: Sequence[AlarmLine]) -> None:
        """Show what stood."""
        self._title.setText(self.tr("Alarms at {time}").format(time=figures.moment(self._desk.clock.now())))
        self.model.show(lines)
        if lines:
            self._state.show_content()
        else:
            self._state.show_empty(self.tr("No alarm stood at this instant."), "mdi6.bell-check-outline")

    def open_above(self, button: QWidget) -> None:
        """Open with its right lower corner at the right upper one of `button`."""
        window = button.window()
        corner = button.mapTo(window, QPoint(button.width(), 0))
        width = min(WIDTH_PX, window.width() - 2 * EDGE_PX)
        self.setFixedSize(width, min(HEIGHT_PX, corner.y() - EDGE_PX))
        self.move(max(EDGE_PX, corner.x() - width), corner.y() - self.height() - 6)
        self.show()
        self.raise_()
        (self.table if self._state.is_content else self).setFocus()
        self.table.selectRow(0)

    def event(self, event: QEvent) -> bool:
        """Esc closes the list and does nothing else."""
        kinds = {QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress}
        if event.type() not in kinds or not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Escape:
            return super().event(event)
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            self.hide()
            self._desk.canvas.setFocus()
        return True

    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Whoever goes on elsewhere in the window is done with the list."""
        if now is not None and self.isVisible() and now is not self and not self.isAncestorOf(now):
            self.hide()

    def _choose(self, line: AlarmLine) -> None:
        self.hide()
        if line.thing is not None:
            self._desk.selection.select(line.thing)
        if line.place is not None:
            self._desk.show_place(*line.place, nearer=True)
