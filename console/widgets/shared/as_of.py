"""The line above what is shown as it was once: when that was, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from console.widgets.shared import figures
from console.widgets.shared.panel import ElidedLabel, margins
from console.widgets.shared.style import icon
from console.widgets.shared.throttle import Throttle

if TYPE_CHECKING:
    from datetime import datetime

    from PySide6.QtGui import QShowEvent

    from console.widgets.shared.desk import Desk


AGAIN_MS = 250


class AsOfLine(QFrame):
    """Says that what is below is past; takes no place while it is not."""

    left = Signal()
    """The user wants the present back."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "raised")
        symbol = QLabel()
        symbol.setPixmap(icon("mdi6.history", "accent").pixmap(16, 16))
        self.text = ElidedLabel()
        self.back = QPushButton(self.tr("Back to now"))
        self.back.clicked.connect(self.left)
        row = QHBoxLayout(self)
        margins(row, 14, 5, 12, 5, 8)
        row.addWidget(symbol)
        row.addWidget(self.text, 1)
        row.addWidget(self.back)
        self.hide()

    def show_time(self, at: datetime | None) -> None:
        """Say as of when the case is shown; None hides the line."""
        if at is not None:
            self.text.setText(self.tr("As it was at {time}").format(time=figures.moment(at)))
        self.setVisible(at is not None)


class ClockLine(AsOfLine):
    """Says that the panel below follows the clock of the desk, as long as that shows the past."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._clock = desk.clock
        self.left.connect(desk.clock.go_live)
        self._tell_soon = Throttle(AGAIN_MS, self._tell, self)
        desk.clock.turned.connect(self._tell)
        desk.clock.moved.connect(self._on_moved)
        self._tell()

    def showEvent(self, event: QShowEvent) -> None:
        """Say what was not said while nobody looked."""
        super().showEvent(event)
        self._tell_soon()

    def _on_moved(self) -> None:
        # A method of an object of Qt: the clock outlives the window.
        if self.isVisible():
            self._tell_soon()

    def _tell(self) -> None:
        self.show_time(self._clock.past)
