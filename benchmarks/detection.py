"""How well the monitors see: a day of the full city with known misdeeds and storms, played in memory and judged.

Positions every 30 s with 10 m of noise, 1 % of them somewhere else; three heavy storms. The chance of the day is that
of ``CONSOLE_SCORED_SEED``, else of the first.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import Row
from benchmarks._city import city
from console.simulation.scoring.day import Conditions
from console.simulation.scoring.report import MOST_FALSE_A_DAY, score_day
from console.simulation.scoring.score import MOST_INTERVALS

if TYPE_CHECKING:
    from collections.abc import Iterator


def rows() -> Iterator[Row]:
    """Measure."""
    conditions = Conditions(seed=int(os.environ.get("CONSOLE_SCORED_SEED", "1")))
    with city().connect() as connection:
        report = score_day(connection, conditions)
    print("\n".join(report.lines))
    for name, one in report.scores.items():
        yield Row(f"{name}: not found", 0.0, 0.0, f"of {one.sustained}", (float(one.not_found),))
        if one.delays_s:
            delay = float(np.median(one.delays_s)) / one.interval_s
            yield Row(f"{name}: median delay", MOST_INTERVALS, 1.5, "intervals", (delay,))
    yield Row("false alarms of all kinds, city-wide", MOST_FALSE_A_DAY, 0.0, "a day", (float(report.false_alarms),))
