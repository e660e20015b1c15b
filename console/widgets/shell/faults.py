"""What nobody caught: into the log, and one notice for the user; signals of the system end the program in order."""

from __future__ import annotations

import faulthandler
import logging
import logging.handlers
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QSocketNotifier, QtMsgType, Signal, qInstallMessageHandler

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import FrameType, TracebackType

LOG_BYTES = 5_000_000
LOGS_KEPT = 3
log = logging.getLogger("console")
_FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"
_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def write_log(folder: Path, level: str) -> None:
    """Write the log to ``console.log`` in `folder`, Qt's messages and crashes of the interpreter included.

    Raises:
        OSError: the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / "console.log", maxBytes=LOG_BYTES, backupCount=LOGS_KEPT, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter(_FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    crashes = (folder / "crash.log").open("a", encoding="utf-8")
    faulthandler.enable(crashes)
    qInstallMessageHandler(lambda kind, _context, text: logging.getLogger("qt").log(_QT_LEVELS[kind], text))


class Faults(QObject):
    """Hears of every exception that nobody caught, on whatever thread."""

    uncaught = Signal(object)
    """The exception, on the GUI thread."""

    def install(self) -> None:
        """Be asked from now on."""
        sys.excepthook = self._on_main
        threading.excepthook = self._on_thread

    @staticmethod
    def uninstall() -> None:
        """Leave it to Python again."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def _on_main(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("nobody caught", exc_info=(kind, error, trace))
        self.uncaught.emit(error)

    def _on_thread(self, arguments: threading.ExceptHookArgs) -> None:
        error = arguments.exc_value or arguments.exc_type()
        log.critical("nobody caught", exc_info=(arguments.exc_type, error, arguments.exc_traceback))
        self.uncaught.emit(error)


class EndSignals(QObject):
    """SIGINT and SIGTERM as a signal of Qt; Python itself would see them only between two events."""

    wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._inner, self._outer = socket.socketpair()
        for end in (self._inner, self._outer):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._outer.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_bytes)
        self._before: dict[int, Callable[[int, FrameType | None], Any] | int | None] = {}
        self._wakeup_before = -1

    def install(self) -> None:
        """Take the signals."""
        self._wakeup_before = signal.set_wakeup_fd(self._inner.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, lambda *_: None)

    def close(self) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()
        signal.set_wakeup_fd(self._wakeup_before)
        self._notifier.setEnabled(False)
        self._inner.close()
        self._outer.close()

    def _on_bytes(self) -> None:
        heard = self._outer.recv(64)
        if any(byte in {signal.SIGINT, signal.SIGTERM} for byte in heard):
            self.wanted.emit()
