"""First start: from an empty data folder to the full demonstration city, and to the small one that tests use.

``python -m benchmarks.seeding`` prints the time of every part of one run as well.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks import Row
from console.database.cluster import PrivateCluster
from console.database.connection import connect
from console.database.migrations import migrate
from console.simulation.generator.seeding import City, ahead, fill

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNS = {"full": 1, "small": 3}
FLOOR_S, AIM_S = 60, 30


def rows() -> Iterator[Row]:
    """Measure whole first starts, each in a folder of its own."""
    for scale, runs in RUNS.items():
        samples = tuple(first_start(scale) for _ in range(runs))
        yield Row(f"first start: {scale} city created", FLOOR_S, AIM_S, "s", samples)


def first_start(scale: str) -> float:
    """Seconds from nothing to a city that can be asked."""
    with tempfile.TemporaryDirectory(prefix="yc-") as folder:
        Path(folder).chmod(0o711)  # the server's account must pass when we are root
        began = perf_counter()
        city = City.of(scale)
        parts = ahead(city.parts())  # as the console does on a first start, while the server is made
        with PrivateCluster(Path(folder) / "data") as cluster:
            engine = connect(cluster.url(), statement_timeout_s=0)
            migrate(engine)
            fill(engine, city, parts)
            seconds = perf_counter() - began
            engine.dispose()
    return seconds


if __name__ == "__main__":
    logging.basicConfig(level="INFO", format="%(message)s")
    logging.getLogger("alembic").setLevel("WARNING")
    print(f"full city created in {first_start('full'):.1f} s")
