"""A played day, judged and scored: of everything that was true, what was told and when, and what was told besides."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from console.models.alarms import rules
from console.models.monitors import source
from console.simulation.scoring import score, water
from console.simulation.scoring.day import play

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from console.simulation.scoring.day import Conditions, Day

OFF_ROUTE = "off their routes"
AGAINST = "against their routes, though they never left them"
MOST_INTERVALS = 2.0
"""Within so many intervals between two reports half of everything must be told."""
MOST_FALSE_A_DAY = 1


@dataclass
class Report:
    """How well the monitors saw a day.

    Attributes:
        conditions: of the play.
        day: that was played.
        scores: of each kind of thing that was true, in words, with the seconds between two reports of it.
        on_delay_s: for which trucks must be off their routes before anybody is told.
        false: false alarms of the other kinds.
        unscored: alarms of what terminals say, about which nothing is known to be true.
    """

    conditions: Conditions
    day: Day
    scores: dict[str, tuple[score.Score, float]]
    on_delay_s: float
    false: Counter[str] = field(default_factory=Counter)
    unscored: Counter[str] = field(default_factory=Counter)

    @property
    def missed(self) -> int:
        """Of everything that was true for long enough, how much nobody was told."""
        return sum(len(one.missed) for one, _interval_s in self.scores.values())

    @property
    def false_alarms(self) -> int:
        """Of all kinds."""
        return sum(len(one.false) for one, _interval_s in self.scores.values()) + self.false.total()

    @property
    def is_slow(self) -> bool:
        """Whether half of anything was told later than it must be; a delay that a rule asks for must pass first."""
        return any(
            len(one.delays_s) > 0
            and np.median(one.delays_s) >= max(MOST_INTERVALS * interval_s, self.on_delay_s + interval_s)
            for one, interval_s in self.scores.values()
        )

    @property
    def is_good(self) -> bool:
        """Whether the monitors are good enough."""
        most = MOST_FALSE_A_DAY * max(self.conditions.hours / 24, 1.0)
        return not self.missed and not self.is_slow and self.false_alarms <= most

    @property
    def lines(self) -> list[str]:
        """The report in words."""
        given, days = self.conditions, self.conditions.hours / 24
        return [
            f"{len(self.day.vehicle_ids)} trucks, {given.hours:g} h, {len(self.day.fixes):,} positions every "
            f"{given.interval_s} s, noise {given.noise_m:g} m, jumps {given.jumps:.1%}; "
            f"{len(self.day.sensor_ids) + len(self.day.gauge_ids)} sensors, {len(self.day.readings):,} readings, "
            f"{given.storms} storms",
            *(line for name, (one, interval_s) in self.scores.items() for line in score.told(name, one, interval_s)),
            f"missed: {self.missed}; false alarms: {self.false_alarms} ({self.false_alarms / days:.2g} a day), "
            f"of kinds of which nothing was true {dict(self.false) or 'none'}",
            f"of what terminals say of lid and speed: {dict(self.unscored) or 'none'}",
            "good enough" if self.is_good else "NOT good enough",
        ]


def score_day(connection: Connection, conditions: Conditions, truth: Path | None = None) -> Report:
    """Play a day on from where the city is, judge it by the rules in force, compare; nothing is written but `truth`.

    Args:
        connection: to the city.
        conditions: of the play.
        truth: file for what was true, one JSON object a line.
    """
    in_force = [rule for rule in rules(connection) if rule.enabled]
    trucks, gauges = source.vehicle_ids(connection), source.gauges(connection)
    ground = source.ground(connection, trucks)
    day = play(connection, conditions)
    corridor = [rule for rule in in_force if rule.kind == "route_deviation"]
    limit_m = min(rule.set_point or 0.0 for rule in corridor)
    true: dict[str, list[score.True_]] = {OFF_ROUTE: score.true_deviations(ground, trucks, day.truck_paths, limit_m)}
    excused = {OFF_ROUTE: score.true_deviations(ground, trucks, day.truck_paths, limit_m, on_sites=True)}
    seen = score.judge_trucks(in_force, ground, trucks, day)
    told = {OFF_ROUTE: [one for one in seen if one.worst.kind == "route_deviation"]}
    # Round a corner of its route a truck that has left it may truly go against it.
    true[AGAINST], told[AGAINST] = [], [one for one in seen if one.worst.kind == "wrong_direction"]
    excused[AGAINST] = [
        score.True_(int(day.vehicle_ids[one.truck]), day.start + one.begin_s, day.start + one.end_s)
        for one in day.deviations
    ]
    for rule in sorted(in_force, key=lambda one: (one.kind, one.grade)):
        if rule.kind in water.KINDS:
            name = water.words(rule)
            true[name], told[name] = water.true(rule, gauges, day), water.judged([rule], gauges, day)
            excused[name] = water.true(rule, gauges, day, water.ACCURACY[rule.kind])
    if truth is not None:
        write_truth(truth, day, true)
    interval_s = dict.fromkeys(true, water.INTERVAL_S) | dict.fromkeys((OFF_ROUTE, AGAINST), conditions.interval_s)
    scores = {name: (score.scored(true[name], told[name], excused.get(name, ())), interval_s[name]) for name in true}
    false, unscored = score.others(
        [*seen, *water.judged(in_force, gauges, day)], ("route_deviation", "wrong_direction", *water.KINDS)
    )
    on_delay_s = max(float(rule.on_delay_s or 0) for rule in corridor if rule.grade == 1)
    return Report(conditions, day, scores, on_delay_s, false, unscored)


def write_truth(path: Path, day: Day, true: Mapping[str, Sequence[score.True_]]) -> None:
    """One JSON object a line: what was true, of whom, from when to when."""
    rows = [
        {
            "kind": "route_deviation" if name == OFF_ROUTE else name,
            "vehicle_id" if name == OFF_ROUTE else "sensor_id": one.subject_id,
            "begin": score.iso(one.begin),
            "end": score.iso(one.end),
        }
        for name, every in true.items()
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
