"""Work that only the GUI thread can do and that takes longer than a key may wait: done a step at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STYLED_AT_ONCE = 20


class Steps(QObject):
    """Takes one step of `work` with each turn of the event loop, which serves keys, clicks and paints in between.

    It goes by itself after the last one.
    """

    finished = Signal()

    def __init__(self, work: Iterator[None], parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self.finished.connect(self.deleteLater)
        # Set anew after each step: a timer that repeats would have its next turn before whatever waits by then.
        self._timer = QTimer(self, interval=0, singleShot=True)
        self._timer.timeout.connect(self._step)
        self._is_running = False

    @property
    def is_running(self) -> bool:
        """Whether there are steps to come."""
        return self._is_running

    def start(self) -> None:
        """Take the first step with the next turn."""
        self._is_running = True
        self._timer.start()

    def stop(self) -> None:
        """Take no further step."""
        self._is_running = False
        self._timer.stop()

    def finish(self) -> None:
        """Take all steps that are left at once."""
        self.stop()
        for _ in self._work:
            pass
        self.finished.emit()

    def _step(self) -> None:
        try:
            next(self._work)
        except StopIteration:
            self._is_running = False
            self.finished.emit()
        except Exception:
            self._is_running = False
            raise
        if self._is_running:
            self._timer.start()


class Unveiling(Steps):
    """Lets the parts of a window be painted one a turn, in their order; until then each keeps the pixels it had."""

    def __init__(self, parts: Sequence[QWidget], parent: QObject) -> None:
        super().__init__(self._one_by_one(), parent)
        self._veiled = list(parts)
        for part in parts:
            part.setUpdatesEnabled(False)

    def _one_by_one(self) -> Iterator[None]:
        while self._veiled:
            self._veiled.pop(0).setUpdatesEnabled(True)
            yield


def style(panel: QWidget | None) -> Iterator[None]:
    """Give the parts of a panel their style, a few a turn: when it is first shown all of them would get it at once."""
    parts = [] if panel is None else panel.findChildren(QWidget)
    for first in range(0, len(parts), STYLED_AT_ONCE):
        for part in parts[first : first + STYLED_AT_ONCE]:
            part.ensurePolished()
        yield
