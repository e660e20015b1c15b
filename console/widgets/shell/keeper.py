"""What time itself does to cases and alarms: each console asks for it once a minute, and one of many does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from console.models import alarms
from console.models.cases import moves

if TYPE_CHECKING:
    from console.widgets.shared.desk import Desk

KEEP_MS = 60_000


class Keeper(QObject):
    """Has cases marked that are overdue and resumed that were on account; shelved alarms come back."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        timer = QTimer(self, interval=KEEP_MS)
        timer.timeout.connect(self._keep)
        timer.start()

    def _keep(self) -> None:
        self._desk.operations.write(self, moves.keep, failed=_quiet)
        self._desk.operations.write(self, alarms.keep, failed=_quiet)


def _quiet(_fault: Exception) -> None:
    """Nobody asked for it: whoever keeps next makes up for it."""
