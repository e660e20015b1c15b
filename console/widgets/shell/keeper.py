"""What time itself does to the city: each console asks for it once a minute, and one of many does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from console.models import keeping

if TYPE_CHECKING:
    from console.widgets.shared.desk import Desk


class Keeper(QObject):
    """Has the duties of `console.models.keeping` done."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        timer = QTimer(self, interval=keeping.KEEP_S * 1000)
        timer.timeout.connect(self._keep)
        timer.start()

    def _keep(self) -> None:
        self._desk.operations.write(self, keeping.keep, failed=_quiet)


def _quiet(_fault: Exception) -> None:
    """Nobody asked for it: whoever keeps next makes up for it."""
