"""Work off the GUI thread that is no database operation: starting a cluster, signing in, writing a file."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

if TYPE_CHECKING:
    from collections.abc import Callable


class Task(QObject):
    """Runs `work` in a thread of its own; signals arrive on the GUI thread.

    Args:
        work: gets a function that reports progress: share done from 0 to 1, and what is being done.
        parent: keeps the task alive; when it goes, nothing is delivered any more.
    """

    progressed = Signal(float, str)
    done = Signal(object)
    failed = Signal(object)
    _ended = Signal(bool, object)

    def __init__(self, work: Callable[[Callable[[float, str], None]], object], parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._run, name="task", daemon=False)

    def start(self) -> Task:
        """Begin; returns itself."""
        self._thread.start()
        return self

    def wait(self) -> None:
        """Block until the work has ended; only for the end of the program."""
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        succeeded, result = False, None
        try:
            result = self._work(self.progressed.emit)
            succeeded = True
        except Exception as error:  # noqa: BLE001 - whatever it is, it is delivered to the GUI thread
            result = error
        if isValid(self):
            self._ended.emit(succeeded, result)

    def _deliver(self, succeeded: bool, result: object) -> None:
        (self.done if succeeded else self.failed).emit(result)
        self.deleteLater()
