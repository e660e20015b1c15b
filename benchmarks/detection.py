"""How well the monitors see: a day of the full city with known misdeeds and storms, played in memory and judged.

Positions every 30 s with 10 m of noise, 1 % of them somewhere else; three heavy storms. The chance of the day is that
of ``CONSOLE_SCORED_SEED``, else of the first.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from benchmarks import Row
from benchmarks._city import city
from console.simulation.scoring.day import Conditions
from console.simulation.scoring.report import MOST_FALSE_A_DAY, score_day

if TYPE_CHECKING:
    from collections.abc import Iterator


def rows() -> Iterator[Row]:
    """Measure."""
    conditions = Conditions(seed=int(os.environ.get("CONSOLE_SCORED_SEED", "1")))
    with city().connect() as connection:
        report = score_day(connection, conditions)
    print("\n".join(report.lines))
    for name, one in report.scores.items():
        yield Row(f"{name}: missed", 0.0, 0.0, f"of {one.sustained}", (float(len(one.missed)),))
    yield Row("told later than they must be", 0.0, 0.0, "kinds", (float(len(report.slow)),))
    yield Row("false alarms of all kinds, city-wide", MOST_FALSE_A_DAY, 0.0, "a day", (float(report.false_alarms),))
