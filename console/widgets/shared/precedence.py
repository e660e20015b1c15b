"""The GUI thread goes first: while it is at work, reads wait at the next place where they can.

Qt's painting and layout call back into Python hundreds of times in one frame, and each time the GUI thread has to get
the interpreter from whichever thread has it. Beside two threads that make arrays of rows a frame takes four times as
long as alone; with them out of the way it takes as long as alone.
"""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractEventDispatcher

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_WORK_S = 0.0003
"""Processor time since the event loop last had nothing to do, from which on the GUI thread counts as at work."""
PAUSE_S = 0.001
MOST_S = 0.1
"""No read waits for longer at one place: a window that is always at work still gets its answers."""
MODULE_S = 0.02
"""No module waits for longer to be loaded: the GUI thread may be waiting for the very same."""


class Precedence:
    """Made on the GUI thread, asked by others. Where a thread's clock cannot be read by others, nobody waits."""

    def __init__(self) -> None:
        self._clock: int | None = None
        self._rested = 0.0
        self._ended = threading.Event()
        self._dispatcher = QAbstractEventDispatcher.instance()
        if self._dispatcher is not None and hasattr(time, "pthread_getcpuclockid"):
            self._clock = time.pthread_getcpuclockid(threading.get_ident())
            self._rest()
            self._dispatcher.aboutToBlock.connect(self._rest)

    def end(self) -> None:
        """Nobody waits any more. Called once."""
        self._ended.set()
        if self._dispatcher is not None and self._clock is not None:
            self._dispatcher.aboutToBlock.disconnect(self._rest)

    def give_way(self, most_s: float = MOST_S) -> None:
        """Wait, on another thread, until the GUI thread has nothing to do, but no longer than `most_s` seconds."""
        until = time.monotonic() + most_s
        while self._is_at_work and time.monotonic() < until:
            if self._ended.wait(PAUSE_S):
                return

    @property
    def _is_at_work(self) -> bool:
        # Waiting for an event takes no processor time: whatever it has used since then is the work on one.
        return self._clock is not None and time.clock_gettime(self._clock) - self._rested > AT_WORK_S

    def _rest(self) -> None:
        if self._clock is not None:
            self._rested = time.clock_gettime(self._clock)


@contextmanager
def loading_beside(precedence: Precedence) -> Iterator[None]:
    """Within the block this thread gives way to the GUI thread before each module that it loads."""
    turnstile = _Turnstile(precedence)
    sys.meta_path.insert(0, turnstile)
    try:
        yield
    finally:
        sys.meta_path.remove(turnstile)


class _Turnstile(MetaPathFinder):
    """Is asked first where a module is, and does not know; Python asks others next."""

    def __init__(self, precedence: Precedence) -> None:
        self._precedence, self._thread = precedence, threading.get_ident()

    def find_spec(self, *_module: object) -> None:
        if threading.get_ident() == self._thread:
            self._precedence.give_way(MODULE_S)
