"""Overview of all keys, over the window; any key closes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from console.widgets.shared.panel import label, margins

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent

    from console.widgets.shell.actions import Actions

ROWS_PER_COLUMN = 20


class KeysOverlay(QFrame):
    """What every key does, by subject.

    Args:
        actions: the commands of the window.
        window: over which it is shown; it goes when a key is pressed.
    """

    def __init__(self, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("surface", "float")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box = QVBoxLayout(self)
        margins(box, 24, 20, 24, 20, 12)
        box.addWidget(label(self.tr("Keys"), "title"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        row = column = 0
        groups: dict[str, list[tuple[str, str]]] = {}
        for action in actions.available():
            keys = "  ".join(s.toString(QKeySequence.SequenceFormat.NativeText) for s in action.shortcuts())
            if keys:
                groups.setdefault(actions.group(action), []).append((keys, action.text()))
        for name, lines in groups.items():
            if row and row + len(lines) + 1 > ROWS_PER_COLUMN:
                row, column = 0, column + 3
                grid.setColumnMinimumWidth(column - 1, 24)
            grid.addWidget(label(name, "secondary"), row, column, 1, 2)
            row += 1
            for keys, title in lines:
                grid.addWidget(label(keys, "key"), row, column, Qt.AlignmentFlag.AlignLeft)
                grid.addWidget(label(title), row, column + 1)
                row += 1
        box.addLayout(grid)
        self.adjustSize()
        self.move((window.width() - self.width()) // 2, max(0, (window.height() - self.height()) // 2))

    def open(self) -> None:
        """Show it and take the keyboard."""
        self.show()
        self.raise_()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Any key closes it."""
        event.accept()
        self.close()
        self.deleteLater()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """So does a click."""
        event.accept()
        self.close()
        self.deleteLater()
