"""Scores the monitors: ``python -m console.simulation.scoring [options]``; exits 1 when they are not good enough.

A day of the city of ``--database`` is played in memory and judged by its alarm rules; nothing is written but the truth.
With ``--recorded`` the alarms that a gateway has raised are compared with what the player has done.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from console.database.cluster import PrivateCluster
from console.database.connection import connect
from console.errors import ConsoleError
from console.settings import Settings
from console.simulation.scoring import recorded
from console.simulation.scoring.day import Conditions
from console.simulation.scoring.report import score_day

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Score; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m console.simulation.scoring",
        description="Score the monitors against a day whose truth is known.",
    )
    Settings.add_arguments(parser)
    given = Conditions()
    parser.add_argument("--hours", type=float, default=given.hours, help="how long the day lasts, h (default: 24)")
    parser.add_argument("--interval", type=int, default=given.interval_s, choices=range(5, 61, 5), metavar="S",
        help="seconds between two positions of a truck on duty, 5 to 60 in steps of 5 (default: 30)")  # fmt: skip
    parser.add_argument("--noise", type=float, default=given.noise_m, help="noise of positions, m (default: 10)")
    parser.add_argument("--jumps", type=float, default=given.jumps, help="share of wrong positions (default: 0.01)")
    parser.add_argument("--deviating", type=float, default=given.deviating,
        help="share of the hauls on which a truck leaves its route (default: 0.15)")  # fmt: skip
    parser.add_argument("--storms", type=int, default=given.storms, help="heavy storms (default: 3)")
    parser.add_argument("--seed", type=int, default=given.seed, help="seed of all chance (default: 1)")
    parser.add_argument("--truth", type=Path, help="file for what was true, one JSON object a line")
    parser.add_argument(
        "--recorded", type=Path, metavar="FILE",
        help="score what went through the wire instead: the file of the truth that a player at work on this city wrote",
    )  # fmt: skip
    arguments = parser.parse_args(argv)
    conditions = Conditions(
        arguments.hours, arguments.interval, arguments.noise, arguments.jumps, arguments.deviating, arguments.storms,
        arguments.seed,
    )  # fmt: skip
    language = arguments.language or Settings.language
    try:
        settings = Settings.load(arguments)
        language = settings.language
        cluster = None if settings.database else PrivateCluster(settings.data_dir)
        url = settings.database or (cluster.start() if cluster else "")
        engine = connect(url, application="console scoring", statement_timeout_s=0)
        try:
            with engine.connect() as connection:
                if arguments.recorded is not None:
                    lines, good = recorded.run(connection, arguments.recorded)
                else:
                    report = score_day(connection, conditions, arguments.truth)
                    lines, good = report.lines, report.is_good
        finally:
            engine.dispose()
            if cluster is not None:
                cluster.leave()
    except ConsoleError as fault:
        print(fault.text(language), file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
