"""What is seen before the window: which step of the start is under way, and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from console.widgets.shared.panel import fit_height, label, line, margins
from console.widgets.shared.style import Look, icon, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent


class OpeningWindow(QWidget):
    """A small window with a progress bar; a failure of the start is said here, with what to do."""

    given_up = Signal()
    """The user closed it before the start was complete."""

    def __init__(self) -> None:
        super().__init__()
        Look.dress(self)
        self.setWindowTitle(self.tr("Yuncheng Console"))
        self.setWindowIcon(icon("mdi6.city-variant-outline", "accent"))
        self.setFixedWidth(480)
        box = QVBoxLayout(self)
        margins(box, 28, 24, 28, 24, 12)
        box.addWidget(label(self.tr("Yuncheng Console"), "brand"))
        box.addWidget(line())
        self.step = label(self.tr("Starting …"), wraps=True)
        box.addWidget(self.step)
        self.bar = QProgressBar(textVisible=False, minimum=0, maximum=0)
        box.addWidget(self.bar)
        self.remark = label("", "secondary", wraps=True)
        box.addWidget(self.remark)
        row = QHBoxLayout()
        row.addStretch(1)
        self.leave = QPushButton(self.tr("Cancel"))
        self.leave.clicked.connect(self.close)
        row.addWidget(self.leave)
        box.addLayout(row)
        self._complete = False

    def show_step(self, share: float, text: str) -> None:
        """Show `text` and how much is done: 0 to 1, or less than 0 when that is not known."""
        self.step.setText(text)
        self.bar.setRange(0, 0 if share < 0 else 1000)
        if share >= 0:
            self.bar.setValue(round(share * 1000))

    def say(self, remark: str) -> None:
        """Show a remark below the bar."""
        self.remark.setText(remark)

    def show_failure(self, text: str) -> None:
        """Say why the start failed; closing the window ends the program."""
        self.bar.hide()
        self.step.setText(text)
        set_role(self.step, "critical")
        self.leave.setText(self.tr("Close"))
        self.leave.setDefault(True)
        fit_height(self)

    def finish(self) -> None:
        """The start is complete: go."""
        self._complete = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing it before the end gives up the start."""
        super().closeEvent(event)
        if not self._complete:
            self._complete = True
            self.given_up.emit()
