"""Files for a case come in by key, clipboard and drop, wherever in the details the hand is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QDropEvent

from console.widgets.shared.detail import DetailPanel
from console.widgets.shared.evidence.tray import Tray

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.widgets.shared.desk import Desk
    from console.widgets.shell.window import MainWindow

KINDS = frozenset({QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop})


class Attaching(QObject):
    """Brings files to the tray that is seen: that of an open form, else that of the details.

    Args:
        desk: the commands.
        window: its detail panels take what is dropped on them.
    """

    def __init__(self, desk: Desk, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        group = self.tr("Case")
        for key, title, work, shortcut in (
            ("evidence.add", self.tr("Add files to the evidence"), Tray.ask, "Ctrl+Shift+I"),
            ("evidence.paste", self.tr("Paste a picture or files as evidence"), Tray.paste, "Ctrl+V"),
            ("evidence.attach", self.tr("Attach the files that wait"), Tray.send, "Ctrl+Return"),
        ):
            desk.actions.add(key, title, self._for_tray(work), group=group, shortcut=shortcut)
        for panel in window.findChildren(DetailPanel):
            panel.setAcceptDrops(True)
            panel.installEventFilter(self)

    @property
    def tray(self) -> Tray | None:
        """The tray that is seen and may be filled."""
        seen = [tray for tray in self._window.findChildren(Tray) if tray.isVisible() and tray.is_open]
        return min(seen, key=lambda tray: tray.sends, default=None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Files and pictures may be dropped while there is a tray for them."""
        if event.type() in KINDS and isinstance(event, QDropEvent):
            tray = self.tray
            if tray is not None and Tray.fits(event.mimeData()):
                event.acceptProposedAction()
                if event.type() == QEvent.Type.Drop:
                    tray.take(event.mimeData())
            else:
                event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _for_tray(self, work: Callable[[Tray], None]) -> Callable[[], None]:
        def run() -> None:
            tray = self.tray
            if tray is not None:
                work(tray)

        return run
