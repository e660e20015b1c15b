"""A panel that stands in for another one until its work is done or given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from console.widgets.shared.panel import ENTER, keeps_key

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent


class Errand(QWidget):
    """Enter does it, Esc gives it up."""

    given_up = Signal()

    def do(self) -> None:
        """Do what the panel is there for."""
        raise NotImplementedError

    def event(self, event: QEvent) -> bool:
        """Esc belongs to the panel before it belongs to the window."""
        return keeps_key(event, lambda pressed: pressed.key() == Qt.Key.Key_Escape) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        elif event.key() in ENTER:
            self.do()
        else:
            super().keyPressEvent(event)


class ErrandLine(QLineEdit):
    """A line that leaves Enter to the panel.

    Args:
        name: what it asks for.
        hint: shown while it is empty.
    """

    def __init__(self, name: str, hint: str) -> None:
        super().__init__(placeholderText=hint)
        self.setAccessibleName(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter belongs to the whole."""
        if event.key() in ENTER:
            event.ignore()
        else:
            super().keyPressEvent(event)
