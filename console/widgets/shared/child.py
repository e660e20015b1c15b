"""A process of ours that lives as long as the window does, and is started again when it dies."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FIRST_DELAY_MS = 1_000
LONGEST_DELAY_MS = 60_000
PROVEN_MS = 30_000
END_TIMEOUT_MS = 5_000
log = logging.getLogger(__name__)


class Child(QObject):
    """Keeps one process running.

    Its output goes to the log. After a death it is started again, after twice as long a pause each time; a process
    that has run for half a minute counts as sound again.

    Args:
        name: for the log and for people.
        program: path of the executable.
        arguments: its arguments.
        folder: where it runs.
        parent: whoever ends it by `end`.
    """

    state_changed = Signal()

    def __init__(self, name: str, program: str, arguments: Sequence[str], folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self.name = name
        self._delay_ms = FIRST_DELAY_MS
        self._ending = False
        self._last_line = ""
        self._process = QProcess(self)
        self._process.setProgram(program)
        self._process.setArguments(list(arguments))
        self._process.setWorkingDirectory(str(folder))
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.readyReadStandardOutput.connect(self._log_output)
        self._process.stateChanged.connect(lambda _state: self.state_changed.emit())
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)
        self._restart = QTimer(self, singleShot=True)
        self._restart.timeout.connect(self.start)
        self._proven = QTimer(self, singleShot=True, interval=PROVEN_MS)
        self._proven.timeout.connect(self._count_as_sound)

    @property
    def is_running(self) -> bool:
        """Whether the process runs now."""
        return self._process.state() == QProcess.ProcessState.Running

    @property
    def process_id(self) -> int:
        """Its number in the system; 0 when it does not run."""
        return int(self._process.processId())

    @property
    def last_line(self) -> str:
        """The last line that it wrote."""
        return self._last_line

    def start(self) -> None:
        """Start the process."""
        if not self._ending:
            log.info("starting %s", self.name)
            self._process.start()
            self._proven.start()

    def end(self) -> None:
        """End the process and wait for it, by force when it does not listen."""
        self._ending = True
        self._restart.stop()
        self._proven.stop()
        if self._process.state() == QProcess.ProcessState.NotRunning:
            return
        self._process.terminate()
        if not self._process.waitForFinished(END_TIMEOUT_MS):
            log.warning("%s did not end by itself", self.name)
            self._process.kill()
            self._process.waitForFinished(END_TIMEOUT_MS)

    def _count_as_sound(self) -> None:
        self._delay_ms = FIRST_DELAY_MS

    def _on_finished(self, code: int, _status: QProcess.ExitStatus) -> None:
        self._log_output()
        self._proven.stop()
        if not self._ending:
            log.warning("%s ended with code %d; starting it again in %d ms", self.name, code, self._delay_ms)
            self._again()

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and not self._ending:
            log.error("%s cannot be started: %s", self.name, self._process.errorString())
            self._again()

    def _again(self) -> None:
        self._restart.start(self._delay_ms)
        self._delay_ms = min(2 * self._delay_ms, LONGEST_DELAY_MS)

    def _log_output(self) -> None:
        for line in bytes(self._process.readAllStandardOutput().data()).decode("utf-8", "replace").splitlines():
            if line.strip():
                self._last_line = line.strip()
                log.info("%s: %s", self.name, self._last_line)
