"""Work that only the GUI thread can do and that takes longer than a key may wait: done a step at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from collections.abc import Iterator


class Steps(QObject):
    """Takes one step of `work` with each turn of the event loop, which serves keys, clicks and paints in between."""

    finished = Signal()

    def __init__(self, work: Iterator[None], parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._step)

    @property
    def is_running(self) -> bool:
        """Whether there are steps to come."""
        return self._timer.isActive()

    def start(self) -> None:
        """Take the first step with the next turn."""
        self._timer.start()

    def stop(self) -> None:
        """Take no further step."""
        self._timer.stop()

    def _step(self) -> None:
        try:
            next(self._work)
        except StopIteration:
            self._timer.stop()
            self.finished.emit()
        except Exception:
            self._timer.stop()
            raise
