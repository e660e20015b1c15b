"""How long the GUI thread of a running console keeps away from its event loop, and what kept it.

A precise timer of the GUI thread beats every few milliseconds: between two beats nothing else was delivered either, no
key, no click, no answer. Beside the time that passed each gap tells the processor time that the thread and the process
took meanwhile: on a busy machine a thread waits for a core as well, and that is not its own doing. A second thread
looks at the stack of the GUI thread once a beat is late; it never touches Qt.
"""

from __future__ import annotations

import re
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer

if TYPE_CHECKING:
    from types import FrameType

BEAT_MS = 2
LOOK_S = 0.004
LATE_S = 0.010
"""A beat later than this is looked into."""
NOTED_MS = 5.0
"""Shorter gaps are not kept."""
DEEPEST = 4
"""So many of the innermost calls name what ran."""
WAITING = re.compile(r"(threading|selectors|thread|queue|socket|subprocess)\.py:")
"""What a thread that waits is seen in."""


@dataclass(frozen=True)
class Gap:
    """One stretch without the event loop, exact to one beat.

    Attributes:
        at: when it ended, seconds of `time.monotonic`.
        wall_ms: its length.
        cpu_ms: processor time of the GUI thread in it.
        process_ms: processor time of all threads of the process in it.
        ran: what ran, innermost call first, as most looks saw it; empty when none saw it.
        beside: the same of the other threads, which may have held the interpreter.
    """

    at: float
    wall_ms: float
    cpu_ms: float
    process_ms: float
    ran: str
    beside: str


class Gaps(QObject):
    """Measures from `start` to `close`, on the thread that made it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = threading.get_ident()
        self._gaps: list[Gap] = []
        self._looks: Counter[str] = Counter()
        self._beside: Counter[str] = Counter()
        self._timer = QTimer(self, interval=BEAT_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._ended = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="gaps", daemon=True)
        self._last = self._now()

    def start(self) -> None:
        """Begin to measure."""
        self._last = self._now()
        self._timer.start()
        self._watcher.start()

    def close(self) -> None:
        """Measure no more."""
        self._timer.stop()
        self._ended.set()
        if self._watcher.is_alive():
            self._watcher.join()

    def take(self) -> list[Gap]:
        """The gaps since the last call, the one that is under way included."""
        self._beat()
        taken, self._gaps = self._gaps, []
        return taken

    @staticmethod
    def _now() -> tuple[float, float, float]:
        return time.monotonic(), time.thread_time(), time.process_time()

    def _beat(self) -> None:
        last, self._last = self._last, self._now()
        wall, cpu, process = ((now - before) * 1e3 for now, before in zip(self._last, last, strict=True))
        if wall > NOTED_MS:
            self._gaps.append(Gap(self._last[0], wall, cpu, process, _most(self._looks), _most(self._beside)))
        self._looks, self._beside = Counter(), Counter()

    def _watch(self) -> None:
        me = threading.get_ident()
        while not self._ended.wait(LOOK_S):
            looks, beside = self._looks, self._beside
            if time.monotonic() - self._last[0] > LATE_S:
                calls = _calls()
                looks[calls.pop(self._thread, "")] += 1
                calls.pop(me)
                beside.update(words for words in calls.values() if not WAITING.match(words))


def _most(looks: Counter[str]) -> str:
    return next((words for words, _ in looks.most_common(1)), "")


def _calls() -> dict[int, str]:
    """The innermost calls of each thread, innermost first; of a library only the one that runs.

    Nothing here may give another thread its turn: a frame that is held keeps its painter open after its event.
    """
    found = {}
    for thread, innermost in sys._current_frames().items():
        frame: FrameType | None = innermost
        calls: list[str] = []
        while frame is not None and len(calls) < DEEPEST:
            code = frame.f_code
            if not calls or "site-packages" not in code.co_filename:
                calls.append(f"{code.co_filename.rpartition('/')[2]}:{frame.f_lineno} {code.co_qualname}")
            frame = frame.f_back
        found[thread] = " < ".join(calls)
    return found
