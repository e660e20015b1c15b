"""Scores the monitors: ``python -m console.simulation.scoring [options]``; exits 1 when they are not good enough.

A day of the city of ``--database`` is played in memory and judged by its alarm rules; nothing is written but the truth.
With ``--recorded`` the alarms that a gateway has raised are compared with what the player has done.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from console.database.cluster import PrivateCluster
from console.database.connection import connect
from console.errors import ConsoleError
from console.models.alarms import rules
from console.models.monitors import source
from console.settings import Settings
from console.simulation.scoring import recorded, score
from console.simulation.scoring.day import Conditions, Day, play

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


def run(connection: Connection, conditions: Conditions, truth: Path | None = None) -> tuple[list[str], bool]:
    """Play, judge and compare; (lines of the report, whether the monitors are good enough)."""
    in_force = [rule for rule in rules(connection) if rule.enabled]
    trucks, gauges = source.vehicle_ids(connection), source.gauges(connection)
    ground = source.ground(connection, trucks)
    day = play(connection, conditions)
    limit = min(rule.set_point or 0.0 for rule in in_force if rule.kind == "route_deviation")
    deviations = score.true_deviations(ground, trucks, day.truck_paths, limit)
    floods = score.true_floods(gauges, day, "flooding_cm")
    if truth is not None:
        write_truth(truth, day, deviations, floods)
    seen = [
        *score.judge_trucks(in_force, ground, trucks, day),
        *score.judge_sensors([rule for rule in in_force if rule.kind != "flooding" or rule.grade >= 2], gauges, day),
    ]
    routes = score.scored(deviations, [one for one in seen if one.worst.kind == "route_deviation"])
    water = score.scored(floods, [one for one in seen if one.worst.kind == "flooding"])
    answers = ("route_deviation", "flooding", "rain", "rain_1h", "level_rise")
    false, uncounted = score.others(seen, answers)
    wrong = len(routes.false) + len(water.false) + false.total()
    days = conditions.hours / 24
    rain = sum(1 for one in seen if one.worst.kind in answers[2:])
    lines = [
        f"{len(day.vehicle_ids)} trucks, {conditions.hours:g} h, {len(day.fixes):,} positions every "
        f"{conditions.interval_s} s, noise {conditions.noise_m:g} m, jumps {conditions.jumps:.1%}; "
        f"{len(gauges)} sensors, {len(day.readings):,} readings, {conditions.storms} storms",
        *score.told("off their routes", routes, conditions.interval_s),
        *score.told("roads flooded", water, 60),
        f"false alarms: {wrong} ({wrong / days:.2g} a day): routes {len(routes.false)}, water {len(water.false)}, "
        f"others {dict(false) or 'none'}",
        f"alarms of rain and rise: {rain}; of what terminals say of lid and speed: {dict(uncounted) or 'none'}",
    ]
    slow = [
        kind for kind, one, interval in (("route", routes, conditions.interval_s), ("water", water, 60))
        if one.delays_s and np.median(one.delays_s) >= max(2 * interval, 30 + interval)
    ]  # fmt: skip
    good = not routes.missed and not water.missed and not slow and wrong <= max(days, 1)
    return [*lines, "good enough" if good else "NOT good enough"], good


def write_truth(path: Path, day: Day, deviations: Sequence[score.True_], floods: Sequence[score.True_]) -> None:
    """One JSON object a line: what was true, of whom, from when to when."""
    rows = [
        {"kind": kind, name: one.subject_id, "begin": score.iso(one.begin), "end": score.iso(one.end)}
        for kind, name, every in (("route_deviation", "vehicle_id", deviations), ("flooding", "sensor_id", floods))
        for one in every
    ]
    rows += [
        {
            "kind": "left_route", "vehicle_id": int(day.vehicle_ids[one.truck]),
            "begin": score.iso(day.start + one.begin_s),
            "end": score.iso(day.start + one.end_s), "aside_m": round(one.aside_m, 1),
        }
        for one in day.deviations
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


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
                    lines, good = run(connection, conditions, arguments.truth)
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
