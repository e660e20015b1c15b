"""A piece of evidence is withdrawn with a reason: it stays to be seen, and counts no more."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout

from console.models.cases import evidence
from console.widgets.shared.evidence.terms import named
from console.widgets.shared.panel import ESC_AND_ENTER, keeps_key, label, margins

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent
    from sqlalchemy import Connection

    from console.models.cases.evidence import Attachment, CaseEvidence
    from console.widgets.shared.desk import Desk

LEADER = "shift_leader"


class WithdrawLine(QFrame):
    """Asks for the reason; Enter withdraws, Esc gives it up. Takes no place while nothing is asked.

    Args:
        desk: the way to the database.
    """

    closed = Signal()
    """Nothing is asked any more."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("surface", "raised")
        self._desk = desk
        self._item: Attachment | None = None
        self.asked = label("")
        self.reason = QLineEdit()
        self.reason.setMaxLength(200)
        self.reason.returnPressed.connect(self._withdraw)
        self.button = QPushButton(self.tr("Withdraw  Enter"))
        self.button.clicked.connect(self._withdraw)
        self.problem = label("", "critical", wraps=True, selectable=True)
        self.problem.hide()
        row = QHBoxLayout()
        margins(row, 0, 0, 0, 0, 8)
        row.addWidget(self.asked)
        row.addWidget(self.reason, 1)
        row.addWidget(self.button)
        box = QVBoxLayout(self)
        margins(box, 12, 6, 8, 6, 4)
        box.addLayout(row)
        box.addWidget(self.problem)
        self.hide()

    def may_ask(self, item: Attachment | None, found: CaseEvidence | None) -> bool:
        """Whether this person may withdraw that piece: who attached it, or a shift leader, while the case is open."""
        if item is None or found is None or item.is_withdrawn or not found.takes_more:
            return False
        person = self._desk.person
        return item.uploaded_by_id == person.id or person.role == LEADER

    def ask(self, item: Attachment) -> None:
        """Ask why that piece is withdrawn."""
        self._item = item
        self.asked.setText(self.tr("Withdraw “{piece}”, {name}:").format(piece=named(item), name=item.file_name))
        self.reason.setPlaceholderText(self.tr("Why? It stays to be seen, and counts no more."))
        self.reason.clear()
        self.problem.hide()
        self.button.setEnabled(True)
        self.show()
        self.reason.setFocus()

    def keep_for(self, found: CaseEvidence | None) -> None:
        """The evidence is another: go on asking as long as the piece is among it."""
        if self._item is not None and (found is None or all(item.id != self._item.id for item in found.counting)):
            self.close_line()

    def close_line(self) -> None:
        """Ask no more."""
        if not self.isHidden():
            self._item = None
            self.hide()
            self.closed.emit()

    def event(self, event: QEvent) -> bool:
        """While a reason is written, Esc and Enter are not for those around it."""
        return keeps_key(event, lambda pressed: pressed.key() in ESC_AND_ENTER) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc gives it up."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_line()
        event.accept()

    def _withdraw(self) -> None:
        item, reason = self._item, self.reason.text().strip()
        if item is None or not self.button.isEnabled():
            return
        if not reason:
            self._complain(self.tr("Say why: whoever looks at the case later wants to know."))
            return
        self.button.setEnabled(False)
        work = partial(_withdraw, item.id, reason)
        self._desk.operations.write(self, work, lambda _nothing: self.close_line(), self._on_failed)

    def _on_failed(self, error: Exception) -> None:
        self.button.setEnabled(True)
        self._complain(self._desk.notices.words_for(error))

    def _complain(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.show()
        self.reason.setFocus()


def _withdraw(number: int, reason: str, connection: Connection) -> None:
    evidence.withdraw(connection, number, reason)
