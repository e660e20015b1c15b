"""A back-test under way: a process of its own, its progress, its end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QProcess, Signal
from shiboken6 import isValid

from console.errors import RESOURCES
from console.models.monitors import aside
from console.models.monitors.backtest import BackTest

if TYPE_CHECKING:
    from datetime import datetime

    from console.models.alarms import AlarmRule

MODULE = "console.models.monitors.aside"
END_MS = 2000


class BackTestRun(QObject):
    """Tries one rule at a time; a new trial ends the one before.

    Args:
        url: of the database, as the person at the desk is signed in to it.
        language: of sentences.
        parent: keeps it; the process ends with it.
    """

    progress = Signal(float)
    """Share that is done."""
    found = Signal(object)
    """What came of it, a `BackTest`."""
    failed = Signal(str)
    """Why nothing came of it; empty when the process ended without a word."""

    def __init__(self, url: str, language: str, parent: QObject) -> None:
        super().__init__(parent)
        self._url, self._language = url, language
        self._process: QProcess | None = None

    @property
    def is_running(self) -> bool:
        """Whether a trial is under way."""
        return self._process is not None

    def start(self, rule: AlarmRule, start: datetime, end: datetime) -> None:
        """Let `rule` judge what is recorded from `start` to before `end`."""
        self.cancel()
        process = self._process = QProcess(self)
        process.setProgram(sys.executable)
        process.setArguments(["-m", MODULE])
        process.setWorkingDirectory(str(RESOURCES.parent))
        process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        # What one that has ended, or was given up, still says is not the next one's.
        process.readyReadStandardOutput.connect(lambda: self._read(process))
        process.finished.connect(lambda *_: self._on_finished(process))
        process.errorOccurred.connect(lambda error: self._on_error(process, error))
        self.destroyed.connect(lambda: _end(process))
        process.start()
        process.write(aside.request(self._url, rule, start, end, self._language))
        process.closeWriteChannel()

    def cancel(self) -> None:
        """End the trial that is under way, if there is one; nothing more is heard of it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()

    def _read(self, process: QProcess) -> None:
        while process is self._process and process.canReadLine():
            said = aside.answer(bytes(process.readLine().data()))
            if isinstance(said, float):
                self.progress.emit(said)
            else:
                self._process = None
                (self.found if isinstance(said, BackTest) else self.failed).emit(said)

    def _on_finished(self, process: QProcess) -> None:
        self._read(process)
        self._break_off(process)
        process.deleteLater()

    def _on_error(self, process: QProcess, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._break_off(process)
            process.deleteLater()

    def _break_off(self, process: QProcess) -> None:
        """It has ended without a word, unless it has said all."""
        if process is self._process:
            self._process = None
            self.failed.emit("")


def _end(process: QProcess) -> None:
    """Whoever wanted to know has gone."""
    if isValid(process) and process.state() != QProcess.ProcessState.NotRunning:
        process.blockSignals(True)
        process.kill()
        process.waitForFinished(END_MS)
