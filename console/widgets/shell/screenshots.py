"""Pictures of every workspace on live data, for documents and for looking at what was built."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal

from console.errors import QT_TRANSLATE_NOOP, ConsoleError

if TYPE_CHECKING:
    from pathlib import Path

    from console.widgets.shell.window import MainWindow

SIZE = QSize(1920, 1080)
LOOK_MS = 100
QUIET_LOOKS = 6
"""A workspace counts as settled after so many looks in a row without anything under way."""
PATIENCE_S = 60.0


class Screenshots(QObject):
    """Shows one workspace after the other, waits until layers and queries have settled, writes a PNG.

    Args:
        window: signed in, with its workspaces.
        folder: for ``<workspace>.png``; made if it does not exist.
    """

    done = Signal()
    failed = Signal(object)

    def __init__(self, window: MainWindow, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._window, self._folder = window, folder
        self._left = list(window.workspaces)
        self._quiet = 0
        self._began = 0.0
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Begin with the first workspace."""
        self._window.setWindowState(Qt.WindowState.WindowNoState)
        self._window.resize(SIZE)
        self._next()
        self._timer.start()

    def _next(self) -> None:
        self._quiet, self._began = 0, time.monotonic()
        self._window.show_workspace(self._left[0])
        if self._window.current is not None:
            self._window.current.prepare_picture()

    def _look(self) -> None:
        desk = self._window.desk
        settled = desk.operations.busy == 0 and desk.canvas.is_settled
        self._quiet = self._quiet + 1 if settled else 0
        if self._quiet < QUIET_LOOKS and time.monotonic() - self._began < PATIENCE_S:
            return
        try:
            self._write(self._left.pop(0))
        except ConsoleError as error:
            self._timer.stop()
            self.failed.emit(error)
            return
        if self._left:
            self._next()
        else:
            self._timer.stop()
            self.done.emit()

    def _write(self, name: str) -> None:
        path = self._folder / f"{name}.png"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise _unwritten(path, fault.strerror) from fault
        if not self._window.grab().save(str(path)):
            raise _unwritten(path, "")


def _unwritten(path: Path, reason: str | None) -> ConsoleError:
    return ConsoleError(
        QT_TRANSLATE_NOOP("errors", "The picture {path} cannot be written. {reason}"), path=path, reason=reason or ""
    )
