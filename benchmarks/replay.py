"""Frames of the replay: a day of all trucks with gauges and cases scrubbed and played, with every layer on."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import Row
from benchmarks._city import city_folder, private_city
from benchmarks._console import operated
from benchmarks._screen import virtual_screen
from console.widgets.replay.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from benchmarks._operated import Operated

    Steps = Generator[Callable[[], bool] | float, None, None]

MODULE, USER = "benchmarks.replay", "shift_leader01"
FRAMES = 300
JUMPS = 25
PLAYED_S = 12.0
SCALES = ((None, "whole city"), (2.0, "2 m/px"), (0.4, "0.4 m/px"))


def operate(console: Operated) -> Steps:  # noqa: PLR0915 - one hand after the other
    """Scrub and play yesterday; tells the milliseconds of frames, gaps of the GUI thread, and waits for hours."""
    yield console.is_there
    yield console.is_settled
    window = console.window
    desk, clock = window.desk, window.desk.clock
    bar = window.findChild(Replay).bar  # type: ignore[union-attr]
    window.show_workspace("fleet")
    yield console.is_settled
    desk.actions["replay.open"].trigger()
    bar.period.kind.setCurrentIndex(bar.period.kind.findData("yesterday"))
    for layer in desk.canvas.layers:
        layer.visible = True
    playing = clock.playing
    yield lambda: desk.hours.known_until(playing.start) >= playing.end
    rng = np.random.default_rng(20261129)
    sweep = np.linspace(playing.start, playing.end, FRAMES)
    film = playing.start + 7 * 3600 + 2.0 * np.arange(FRAMES)  # 60× at thirty frames a second
    for scale, words in SCALES:
        if scale is None:
            desk.canvas.zoom_home()
        else:
            desk.canvas.centre_on(*desk.canvas.home.centre, scale)
        yield console.is_settled
        console.gaps.take()
        for hand, instants in (("played", film), ("scrubbed", sweep), ("anywhere", rng.permutation(sweep))):
            frames, used = [], []
            for at in instants.tolist():
                begin, used_before = time.perf_counter(), time.thread_time()
                clock.show(at)
                for changed in (desk.canvas, bar.time, bar.slider):
                    changed.repaint()
                frames.append(1e3 * (time.perf_counter() - begin))
                used.append(1e3 * (time.thread_time() - used_before))
                yield 0.0
            console.tell({"frames": frames, "name": f"{hand}, {words}"})
            console.tell({"frames": used, "name": f"{hand}, {words}, processor time"})
        console.tell({"gaps": [asdict(gap) for gap in console.gaps.take()], "name": f"scrubbed, {words}"})
    desk.canvas.zoom_home()
    clock.show(playing.start + 6 * 3600)
    clock.change_speed(600)
    yield console.is_settled
    shown: list[float] = []
    clock.moved.connect(lambda: shown.append(time.perf_counter()))
    console.gaps.take()
    clock.run(running=True)
    yield PLAYED_S
    clock.run(running=False)
    console.tell({"rate": (len(shown) - 1) / (shown[-1] - shown[0])})
    console.tell({"gaps": [asdict(gap) for gap in console.gaps.take()], "name": "played at 600×, whole city"})
    bar.period.kind.setCurrentIndex(bar.period.kind.findData("week"))
    waits = []
    for at in rng.uniform(clock.playing.start, clock.playing.end, JUMPS).tolist():
        begin = time.perf_counter()
        clock.show(at)
        yield lambda at=at: desk.hours.at(at) is not None  # type: ignore[misc]
        waits.append(1e3 * (time.perf_counter() - begin))
    console.tell({"waits": waits})
    clock.go_live()
    yield console.is_settled


def measure() -> list[dict[str, Any]]:
    """What `operate` tells."""
    private_city()
    with (
        virtual_screen(),
        operated(MODULE, city_folder(), "--user", USER, "--language", "en", "--theme", "dark") as told,
    ):
        return list(told)


def rows() -> Iterator[Row]:
    """Frame times, frames a second, gaps of the GUI thread, and the wait for an hour that is not read."""
    frames: dict[str, list[float]] = defaultdict(list)
    gaps: dict[str, tuple[float, ...]] = {}
    for value in measure():
        if "frames" in value:
            frames[value["name"]] += value["frames"]
        elif "gaps" in value:
            for key, words in (("wall_ms", ""), ("cpu_ms", ", processor time")):
                gaps[value["name"] + words] = tuple(sorted(gap[key] for gap in value["gaps"])[-5:]) or (0.0,)
        elif "rate" in value:
            yield Row("replay: frames a second at 600×", 25, 30, "1/s", (value["rate"],), more_is_better=True)
        else:
            yield Row("replay: jump to an hour not yet read, until shown", 1000, 300, "ms", tuple(value["waits"]))
    for name, found in frames.items():
        yield Row(f"replay: frame, {name}", 16, 5, "ms", tuple(found))
    for name, longest in gaps.items():
        yield Row(f"replay: GUI thread away, {name}", 50, 16, "ms", longest)


def main() -> None:
    """Print the longest gaps with what ran."""
    for value in measure():
        for gap in sorted(value.get("gaps", ()), key=lambda one: -one["wall_ms"])[:6]:
            print(f"{value['name']:30} {gap['wall_ms']:7.1f} ms, cpu {gap['cpu_ms']:6.1f}  {gap['ran']}")


if __name__ == "__main__":
    main()
