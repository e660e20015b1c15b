"""Files and pictures that are dropped on a panel come to the tray that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QDropEvent

from console.widgets.shared.evidence.tray import Tray

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

KINDS = frozenset({QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop})


class Dropping(QObject):
    """Lets things be dropped anywhere on a panel while there is a tray for them.

    Args:
        panel: the panel, which keeps this.
        tray: gives the tray that may be filled now, if there is one.
    """

    def __init__(self, panel: QWidget, tray: Callable[[], Tray | None]) -> None:
        super().__init__(panel)
        self._tray = tray
        panel.setAcceptDrops(True)
        panel.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what is dropped, and show before that whether it can be."""
        if event.type() in KINDS and isinstance(event, QDropEvent):
            tray = self._tray()
            if tray is not None and Tray.fits(event.mimeData()):
                event.acceptProposedAction()
                if event.type() == QEvent.Type.Drop:
                    tray.take(event.mimeData())
            else:
                event.ignore()
            return True
        return super().eventFilter(watched, event)
