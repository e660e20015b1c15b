"""How long the GUI thread of a console is away while somebody works: signing in, switching, scrolling, typing, moving.

``python -m benchmarks.responsiveness [PART …] [--runs N] [--gaps N]`` prints the longest gaps of each action with what
ran in them; of all parts of the work unless some are named.
"""

from __future__ import annotations

import argparse
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

    from benchmarks._operated import Operated

    Steps = Generator[Callable[[], bool] | float, None, None]
    Work = Generator[Callable[[], bool] | float | str, None, None]
    """The same; a text names what was done since the one before."""

FLOOR_MS, AIM_MS = 50, 16
RUNS = 3
MODULE = "benchmarks.responsiveness"
USER = "shift_leader01"
PAUSE_S = 0.15
"""Between two things that a quick hand does."""


def operate(console: Operated, *parts: str) -> Steps:
    """Work for a minute with every part of the window, or with some; tells the gaps after each action."""
    for work in (_signing_in, *(PARTS[part] for part in parts or PARTS)):
        for action in work(console):
            if isinstance(action, str):
                console.tell({"action": action, "gaps": [asdict(gap) for gap in console.gaps.take()]})
            else:
                yield action


def _signing_in(console: Operated) -> Work:
    yield console.is_there
    yield console.is_settled
    yield 1.0  # whatever is built after the first picture
    yield console.is_settled
    yield "sign-in until everything is there"


def _workspaces(console: Operated) -> Work:
    for visit in ("first entry of a workspace", "later entry of a workspace", "later entry of a workspace"):
        for number in (2, 3, 4, 5, 1):
            console.key(getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
            yield PAUSE_S
            yield console.is_settled
            yield visit


def _appearance(console: Operated) -> Work:
    for key, action in ((Qt.Key.Key_T, "another theme"), (Qt.Key.Key_L, "another language")) * 2:
        before = console.window
        console.key(key, Qt.KeyboardModifier.ControlModifier)
        yield lambda before=before: console.is_there() and console.window is not before  # type: ignore[misc]
        yield console.is_settled
        yield 1.0
        yield action


def _idle(_: Operated) -> Work:
    yield 5.0
    yield "idle, trucks live"


def _queue(console: Operated) -> Work:
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


def _map(console: Operated) -> Work:
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


PARTS = {"workspaces": _workspaces, "queue": _queue, "map": _map, "appearance": _appearance, "idle": _idle}


def measure(parts: tuple[str, ...] = (), runs: int = RUNS) -> tuple[dict[str, list[list[dict[str, Any]]]], list[float]]:
    """Gaps of each action, a list each time it was done; and the pauses of a process that only waits, in ms."""
    found: dict[str, list[list[dict[str, Any]]]] = defaultdict(list)
    context = get_context("spawn")
    ended, pauses = context.Event(), context.Queue()
    idle = context.Process(target=_pauses, args=(ended, pauses), daemon=True)
    idle.start()
    private_city()
    with virtual_screen():
        for _ in range(runs):
            with operated(
                MODULE, city_folder(), "--user", USER, "--language", "en", "--theme", "dark", parts=parts
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
    parser = argparse.ArgumentParser(prog="python -m benchmarks.responsiveness")
    parser.add_argument("part", nargs="*", choices=[*PARTS, []], help="what to do after signing in (default: all)")
    parser.add_argument("--runs", type=int, default=RUNS, help="how often (default: %(default)s)")
    parser.add_argument("--gaps", type=int, default=6, help="so many of each action (default: %(default)s)")
    asked = parser.parse_args()
    found, noise = measure(tuple(asked.part), asked.runs)
    print(f"longest pause of a process that only waits: {max(noise):.0f} ms")
    for action, times in found.items():
        longest = [f"{max((gap['wall_ms'] for gap in gaps), default=0.0):.0f}" for gaps in times]
        print(f"{action}: {' '.join(longest)} ms")
        gaps = sorted((gap for gaps in times for gap in gaps), key=lambda gap: -gap["wall_ms"])
        for gap in gaps[: asked.gaps]:
            times_ms = f"{gap['wall_ms']:8.1f} ms, cpu {gap['cpu_ms']:6.1f}, all {gap['process_ms']:6.1f}"
            print(f"{times_ms}  {gap['ran']}" + (f"  beside {gap['beside']}" if gap["beside"] else ""))


if __name__ == "__main__":
    main()
