"""Reference cycles are collected on the GUI thread, a little at a time.

Python collects them on whatever thread happens to allocate, at any moment. A widget must not end on a thread of the
pool; and a full collection looks at every object of the program, for a tenth of a second in which no thread runs.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1_000
YOUNG = 2_000
"""Objects that are worth a look."""
TURNS = (1, 20, 300)
"""How often each generation is looked at, in turns of the timer."""
REST = 10
"""Turns after which whatever was under way for something that is gone has ended, and holds it no longer."""


class Garbage(QObject):
    """Does what Python's own collector does, from `start` to `close`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._turn = 0
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self._collect)

    def start(self) -> None:
        """Collect here instead of anywhere."""
        gc.disable()
        self._timer.start()

    @staticmethod
    def settle() -> None:
        """What is there now stays, as modules do. It is not looked at again, however often others are."""
        gc.freeze()

    def close(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def collect(self) -> None:
        """Look at all generations soon: something large is gone, such as a window."""
        self._turn = -REST

    def _collect(self) -> None:
        self._turn += 1
        due = [generation for generation, turns in enumerate(TURNS) if self._turn % turns == 0]
        if due[-1] > 0 or gc.get_count()[0] > YOUNG:
            gc.collect(due[-1])
