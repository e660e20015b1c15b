"""Files for a case come in by key, clipboard and drop, wherever in the details or in a form the hand is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from console.widgets.shared.detail import DetailPanel
from console.widgets.shared.evidence.dropping import Dropping
from console.widgets.shared.evidence.tray import Tray

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from console.widgets.shared.desk import Desk, Workspace
    from console.widgets.shell.window import MainWindow


class Attaching(QObject):
    """Brings files to the tray that is seen: that of the form with the keyboard, of an open move, of the details.

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
        for workspace in window.workspaces.values():
            self._attend(workspace)
        window.workspace_added.connect(self._attend)

    def _attend(self, workspace: Workspace) -> None:
        for panel in workspace.parts(DetailPanel):
            Dropping(panel, partial(self._tray_in, panel))

    @property
    def tray(self) -> Tray | None:
        """The tray that keys mean: in the form that has the keyboard, else beside the case in front."""
        keyboard = self._window.focusWidget()
        seen = _open_trays(self._window)
        near = [tray for tray in seen if keyboard is not None and tray.goes_with is not None
                and tray.goes_with.isAncestorOf(keyboard)]  # fmt: skip
        return min(near or seen, key=lambda tray: (tray.is_of_report, tray.sends), default=None)

    def _tray_in(self, panel: QWidget) -> Tray | None:
        return min(_open_trays(panel), key=lambda tray: tray.sends, default=None)

    def _for_tray(self, work: Callable[[Tray], None]) -> Callable[[], None]:
        def run() -> None:
            tray = self.tray
            if tray is not None:
                work(tray)

        return run


def _open_trays(inside: QWidget) -> list[Tray]:
    """The trays that are seen and may be filled."""
    return [tray for tray in inside.findChildren(Tray) if tray.isVisible() and tray.is_open]
