"""Memory of a console that somebody works with while the city lives: how much it grows once everything was seen.

``python -m benchmarks.memory 480`` works for eight hours; without minutes it is a short look, in which the hand is
quicker than any person's.
"""

from __future__ import annotations

import sys
import time
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

MODULE = "benchmarks.memory"
USER = "shift_leader01"
ROUNDS_BEFORE = 20
"""Rounds of work after which whatever is kept for good is there."""
MINUTES = 4.0
FLOOR_PERCENT, AIM_PERCENT = 5.0, 1.0


def operate(console: Operated) -> Generator[Callable[[], bool] | float, None, None]:
    """Go round all workspaces, look at cases, trucks and the map, and tell the memory after each round."""
    console.gaps.close()  # what it notes of every gap would count as growth of the console
    yield console.is_there
    yield console.is_settled
    window: Any = console.window
    queue, canvas = window.workspaces["dispatch"].queue, window.desk.canvas
    while True:
        for number in (2, 3, 4, 5, 1):
            console.key(getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
            yield console.is_settled
        for row in range(min(6, queue.model.rowCount())):
            console.click(queue.list.viewport(), queue.list.visualRect(queue.model.index(row)).center())
            yield console.is_settled
        window.desk.selection.select(Thing("vehicle", "1"))
        yield console.is_settled
        window.desk.selection.select(None)
        for degrees in (60, 60, -60, -60):
            console.wheel(canvas, degrees)
            yield 0.1
        canvas.zoom_home()
        yield console.is_settled
        console.tell(_resident_mb())


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
