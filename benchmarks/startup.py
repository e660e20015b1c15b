"""Starts of the console as people make them: from the command to a map that shows the city.

The first start makes the demonstration city of full size in an empty data folder; later ones find it there.
``python -m benchmarks.startup FOLDER [--runs N]`` measures starts alone on a data folder that is kept.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import Row
from benchmarks._console import operated
from benchmarks._screen import virtual_screen

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from benchmarks._operated import Operated

MODULE = "benchmarks.startup"
USER = "shift_leader01"
LATER_RUNS = 5


def operate(console: Operated) -> Generator[Callable[[], bool] | float, None, None]:
    """Tell when the map shows the city."""

    def is_usable() -> bool:
        window = console.found
        return window is not None and window.desk.canvas.is_settled

    yield is_usable
    console.tell(time.monotonic())
    yield 1.0  # the simulation is started by now, so that it is ended in order


def rows() -> Iterator[Row]:
    """Seconds of the first start and of later ones."""
    with virtual_screen(), tempfile.TemporaryDirectory(prefix="yc-") as folder:
        Path(folder).chmod(0o711)  # the server's account must pass when we are root
        yield Row("first start, full city created, map usable", 60, 30, "s", (_start(Path(folder) / "data"),))
        later = tuple(_start(Path(folder) / "data") for _ in range(LATER_RUNS))
        yield Row("later start, map usable", 3, 1, "s", later)


def _start(folder: Path) -> float:
    began = time.monotonic()
    with operated(MODULE, folder, "--user", USER) as told:
        usable = float(next(told))
    return usable - began


def main() -> None:
    """Print the seconds of some starts; if the folder is empty the first of them makes the city."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup")
    parser.add_argument("folder", type=Path, help="data folder; it is kept")
    parser.add_argument("--runs", type=int, default=LATER_RUNS, help="how often (default: %(default)s)")
    asked = parser.parse_args()
    with virtual_screen():
        times = [_start(asked.folder) for _ in range(asked.runs)]
    print(" ".join(f"{seconds:.2f}" for seconds in times), f"s, median {median(times):.2f} s")


if __name__ == "__main__":
    main()
