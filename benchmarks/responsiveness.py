"""How long the GUI thread of a console is away while somebody works: signing in, switching, scrolling, typing, moving.

``python -m benchmarks.responsiveness`` prints the longest gaps of each action with what ran in them.
"""

from __future__ import annotations

import logging
import sys
import time
from collections import defaultdict
from dataclasses import asdict
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from benchmarks import Row
from benchmarks._city import city_folder, private_city
from benchmarks._console import operated
from benchmarks._screen import virtual_screen
from console.widgets.shared.desk import Thing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from multiprocessing.synchronize import Event

    from benchmarks._console import Operated

    Steps = Generator[Callable[[], bool] | float, None, None]

FLOOR_MS, AIM_MS = 50, 16
RUNS = 3
MODULE = "benchmarks.responsiveness"
USER = "shift_leader01"
PAUSE_S = 0.15
"""Between two things that a quick hand does."""
log = logging.getLogger(__name__)


def operate(console: Operated) -> Steps:
    """Work for a minute with every part of the window; tells the gaps after each action."""

    def tell(action: str) -> None:
        console.tell({"action": action, "gaps": [asdict(gap) for gap in console.gaps.take()]})

    yield console.is_there
    yield console.is_settled
    yield 1.0  # whatever is built after the first picture
    yield console.is_settled
    tell("sign-in until everything is there")
    for visit in ("first entry of a workspace", "later entry of a workspace", "later entry of a workspace"):
        for number in (2, 3, 4, 5, 1):
            console.key(getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
            yield PAUSE_S
            yield console.is_settled
            tell(visit)
    for work in (_queue, _map):
        for action in work(console):
            if isinstance(action, str):
                tell(action)
            else:
                yield action
    for key, action in ((Qt.Key.Key_T, "another theme"), (Qt.Key.Key_L, "another language")) * 2:
        before = console.window
        console.key(key, Qt.KeyboardModifier.ControlModifier)
        yield lambda before=before: console.is_there() and console.window is not before  # type: ignore[misc]
        yield console.is_settled
        yield 1.0
        tell(action)
    yield 5.0
    tell("idle, trucks live")


def _queue(console: Operated) -> Generator[Callable[[], bool] | float | str, None, None]:
    queue: Any = console.window.workspaces["dispatch"].queue  # type: ignore[attr-defined]
    console.click(queue.presets["all"])
    yield console.is_settled
    yield "another queue"
    for row in range(3, 9):
        rect = queue.list.visualRect(queue.model.index(row))
        console.click(queue.list.viewport(), rect.center())
        yield PAUSE_S
        yield console.is_settled
        yield "selecting a case"
    for _ in range(6):
        console.key(Qt.Key.Key_J)
        yield PAUSE_S
    yield console.is_settled
    yield "selecting a case"
    for _ in range(40):
        console.wheel(queue.list.viewport(), -45)
        yield 0.016
    bar = queue.list.verticalScrollBar()
    for share in (0.2, 0.9, 0.5, 1.0, 0.0):
        bar.setValue(round(bar.maximum() * share))
        yield PAUSE_S
    yield console.is_settled
    yield "scrolling the queue"
    queue.take_keyboard()
    for letter in "manhole":
        QTest.keyClicks(queue.filters.text, letter)
        yield 0.08
    yield PAUSE_S
    yield console.is_settled
    queue.filters.text.clear()
    yield 0.3
    yield console.is_settled
    yield "typing in the search"


def _map(console: Operated) -> Generator[Callable[[], bool] | float | str, None, None]:
    canvas = console.window.desk.canvas
    for workspace in (3, 2):
        console.key(getattr(Qt.Key, f"Key_{workspace}"), Qt.KeyboardModifier.ControlModifier)
        yield PAUSE_S
        yield console.is_settled
        yield "later entry of a workspace"
        middle = canvas.rect().center()
        for degrees in (30, 30, 30, 15, 15, -15, -30, -30):
            console.wheel(canvas, degrees)
            yield PAUSE_S
        for step in range(1, 60):
            # A drag by hand: the button stays down while the map follows.
            if step == 1:
                QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=middle)
            QTest.mouseMove(canvas, middle + QPoint(step * 5, step * 3))
            yield 0.016
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=middle + QPoint(300, 180))
        yield console.is_settled
        canvas.zoom_home()
        yield console.is_settled
        yield "moving the map, trucks live"
        console.window.desk.selection.select(Thing("vehicle", "1"))
        yield PAUSE_S
        yield console.is_settled
        console.window.desk.selection.select(None)
        yield "selecting a truck"


def measure() -> tuple[dict[str, list[list[dict[str, Any]]]], list[float]]:
    """Gaps of each action, a list each time it was done; and the pauses of a process that only waits, in ms."""
    found: dict[str, list[list[dict[str, Any]]]] = defaultdict(list)
    context = get_context("spawn")
    ended, pauses = context.Event(), context.Queue()
    idle = context.Process(target=_pauses, args=(ended, pauses), daemon=True)
    idle.start()
    private_city()
    with virtual_screen():
        for _ in range(RUNS):
            with operated(
                "benchmarks.responsiveness", city_folder(), "--user", USER, "--language", "en", "--theme", "dark"
            ) as told:
                for value in told:
                    found[value["action"]].append(value["gaps"])
    ended.set()
    noise = pauses.get()
    idle.join()
    return found, noise


def _pauses(ended: Event, pauses: Any) -> None:
    longest, last = [0.0] * 20, time.monotonic()
    while not ended.is_set():
        time.sleep(0.002)
        now = time.monotonic()
        longest = sorted([*longest, (now - last) * 1e3])[1:]
        last = now
    pauses.put(longest)


def rows() -> Iterator[Row]:
    """The longest gap of each action, as it passed and as processor time of the GUI thread."""
    found, noise = measure()
    for action, times in found.items():
        for key, words in (("wall_ms", ""), ("cpu_ms", ", processor time")):
            longest = tuple(max((gap[key] for gap in gaps), default=0.0) for gaps in times)
            yield Row(f"GUI thread: {action}{words}", FLOOR_MS, AIM_MS, "ms", longest)
    yield Row("reference: a process that only waits, meanwhile", FLOOR_MS, AIM_MS, "ms", tuple(noise))


def main() -> None:
    """Print the longest gaps of each action with what ran."""
    found, noise = measure()
    print(f"longest pause of a process that only waits: {max(noise):.0f} ms")
    for action, times in found.items():
        gaps = sorted((gap for gaps in times for gap in gaps), key=lambda gap: -gap["wall_ms"])
        print(action)
        for gap in gaps[: int(sys.argv[1]) if len(sys.argv) > 1 else 6]:
            times_ms = f"{gap['wall_ms']:8.1f} ms, cpu {gap['cpu_ms']:6.1f}, all {gap['process_ms']:6.1f}"
            print(f"{times_ms}  {gap['ran']}" + (f"  beside {gap['beside']}" if gap["beside"] else ""))


if __name__ == "__main__":
    main()
