"""Memory of a console that somebody works with while the city lives: how much it grows once everything was seen.

``python -m benchmarks.memory 480`` works for eight hours; without minutes it is a short look, in which the hand is
quicker than any person's.
"""

from __future__ import annotations

import sys
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from benchmarks import Row
from benchmarks._city import city_folder, private_city
from benchmarks._console import operated
from benchmarks._screen import virtual_screen
from console.widgets.shared.desk import Thing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from benchmarks._operated import Operated

    Work = Generator[Callable[[], bool] | float, None, None]

MODULE = "benchmarks.memory"
USER = "shift_leader01"
ROUNDS_BEFORE = 20
"""Rounds of work after which whatever is kept for good is there."""
CASES = 6
TRUCKS = 173
PAST_S = 2.0
ROUNDS_A_LOOK = 10
"""After so many rounds somebody wants another theme and another language."""
MINUTES = 4.0
FLOOR_PERCENT, AIM_PERCENT = 5.0, 1.0


def operate(console: Operated) -> Work:
    """Work as on a shift, round after round, and tell the memory after each."""
    console.gaps.close()  # what it notes of every gap would count as growth of the console
    yield console.is_there
    yield console.is_settled
    for number in count():
        if number % ROUNDS_A_LOOK == ROUNDS_A_LOOK - 1:
            yield from _take_another_look(console)
        yield from _go_round(console)
        yield from _look_at_cases(console, number)
        yield from _look_at_truck(console, number)
        yield from _look_back(console)
        console.tell(_resident_mb())


def _go_round(console: Operated) -> Work:
    """All workspaces, and the map nearer and farther."""
    for workspace in (2, 3, 4, 5, 1):
        console.key(getattr(Qt.Key, f"Key_{workspace}"), Qt.KeyboardModifier.ControlModifier)
        yield console.is_settled
    canvas = console.window.desk.canvas
    for degrees in (60, 60, -60, -60):
        console.wheel(canvas, degrees)
        yield 0.1
    canvas.zoom_home()
    yield console.is_settled


def _look_at_cases(console: Operated, number: int) -> Work:
    """Other cases than in the round before, down the queue and from its top again; each with its photos in full."""
    dispatch: Any = console.window.workspaces["dispatch"]
    queue = dispatch.queue
    rows = queue.model.rowCount()
    for row in range(number * CASES, (number + 1) * CASES):
        index = queue.model.index(row % rows) if rows else None
        if index is None:
            break
        queue.list.scrollTo(index)
        yield console.is_settled
        console.click(queue.list.viewport(), queue.list.visualRect(index).center())
        yield console.is_settled
        for _ in range(2):
            console.key(Qt.Key.Key_I)
            yield console.is_settled


def _look_at_truck(console: Operated, number: int) -> Work:
    """Another truck than in the round before, with its track."""
    console.window.show_workspace("fleet")
    console.window.desk.selection.select(Thing("vehicle", str(1 + number % TRUCKS)))
    yield console.is_settled
    console.window.desk.selection.select(None)


def _look_back(console: Operated) -> Work:
    """The past for a few minutes of it, and the present again."""
    for key in (Qt.Key.Key_F9, Qt.Key.Key_F7, Qt.Key.Key_F7, Qt.Key.Key_F9):
        console.key(key)
        yield PAST_S  # it would settle when two days are read
    yield console.is_settled


def _take_another_look(console: Operated) -> Work:
    """The other theme and the other language; each is a new window."""
    for key in (Qt.Key.Key_T, Qt.Key.Key_L):
        old = id(console.window)
        console.key(key, Qt.KeyboardModifier.ControlModifier)
        yield lambda old=old: console.is_there() and id(console.window) != old  # type: ignore[misc]
        yield console.is_settled


def _resident_mb() -> float:
    """Memory of this process that is in use, in megabytes (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def measure(minutes: float) -> Iterator[float]:
    """Megabytes after each round of work of `minutes`, once what is kept for good is there; each as it is known."""
    private_city()
    with virtual_screen(), operated(MODULE, city_folder(), "--user", USER) as told:
        for _ in range(ROUNDS_BEFORE):
            next(told)
        ends = time.monotonic() + 60 * minutes
        while time.monotonic() < ends:
            yield float(next(told))
        told.end()


def rows() -> Iterator[Row]:
    """Growth from the first to the last fifth of the rounds."""
    megabytes = list(measure(MINUTES))
    part = max(1, len(megabytes) // 5)
    before, after = sum(megabytes[:part]) / part, sum(megabytes[-part:]) / part
    words = f"memory: growth over {len(megabytes)} rounds of work, {before:.0f} → {after:.0f} MB"
    yield Row(words, FLOOR_PERCENT, AIM_PERCENT, "%", (100 * (after - before) / before,))


def main() -> None:
    """Print the memory over many minutes."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    started = time.monotonic()
    for number, megabytes in enumerate(measure(minutes)):
        print(f"{(time.monotonic() - started) / 60:7.1f} min {number:6} rounds {megabytes:8.1f} MB", flush=True)


if __name__ == "__main__":
    main()
