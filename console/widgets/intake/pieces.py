"""What the panels of the administrator's desk are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QPushButton, QWidget

from console.widgets.shared.panel import margins

if TYPE_CHECKING:
    from collections.abc import Sequence

ASKED_MS = 4_000
"""How long a question on a button waits for its answer."""


class AskingButton(QPushButton):
    """A button that asks once more before it does what cannot be taken back.

    Args:
        text: what it does.
        question: what it asks after the first press.
    """

    confirmed = Signal()

    def __init__(self, text: str, question: str) -> None:
        super().__init__(text)
        self._text, self._question = text, question
        self._asked = QTimer(self, singleShot=True, interval=ASKED_MS)
        self._asked.timeout.connect(self.forget)
        self.clicked.connect(lambda *_: self.press())

    def press(self) -> None:
        """Ask, or do it."""
        if self._asked.isActive():
            self.forget()
            self.confirmed.emit()
        else:
            self.setText(self._question)
            self._asked.start()

    def forget(self) -> None:
        """Ask no more."""
        self._asked.stop()
        self.setText(self._text)


class Choice(QComboBox):
    """One of many, found by typing any part of it; what is offered may change while something is typed."""

    def __init__(self, name: str, hint: str) -> None:
        super().__init__(editable=True, insertPolicy=QComboBox.InsertPolicy.NoInsert)
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(10)
        edit = self.lineEdit()
        if edit is not None:
            edit.setPlaceholderText(hint)
        completer = self.completer()
        if completer is not None:
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)

    def offer(self, choices: Sequence[str]) -> None:
        """Offer other choices; what is typed stays."""
        if [self.itemText(at) for at in range(self.count())] == list(choices):
            return
        typed = self.currentText()
        self.blockSignals(True)
        self.clear()
        self.addItems(list(choices))
        self.setCurrentIndex(-1)
        self.setEditText(typed)
        self.blockSignals(False)


def row_of(*widgets: QWidget) -> QHBoxLayout:
    """Widgets side by side, at the left."""
    row = QHBoxLayout()
    margins(row, 0, 0, 0, 0, 6)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
