"""A played day, judged and scored: of everything that was true, what was told and when, and what was told besides."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

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
MOST_FALSE_A_DAY = 1


@dataclass
class Report:
    """How well the monitors saw a day.

    Attributes:
        conditions: of the play.
        day: that was played.
        scores: of each kind of thing that was true, in words.
        false: false alarms of the other kinds.
        unscored: alarms of what terminals say, about which nothing is known to be true.
    """

    conditions: Conditions
    day: Day
    scores: dict[str, score.Score]
    false: Counter[str] = field(default_factory=Counter)
    unscored: Counter[str] = field(default_factory=Counter)

    @property
    def not_found(self) -> int:
        """Of everything that was true for long enough, how much nobody was told, be it ever so near to a limit."""
        return sum(one.not_found for one in self.scores.values())

    @property
    def false_alarms(self) -> int:
        """Of all kinds."""
        return sum(len(one.false) for one in self.scores.values()) + self.false.total()

    @property
    def slow(self) -> list[str]:
        """The kinds of things of which half was told later than it must be."""
        return [name for name, one in self.scores.items() if one.is_slow]

    @property
    def is_good(self) -> bool:
        """Whether the monitors are good enough."""
        most = MOST_FALSE_A_DAY * max(self.conditions.hours / 24, 1.0)
        return not self.not_found and not self.slow and self.false_alarms <= most

    @property
    def lines(self) -> list[str]:
        """The report in words."""
        given, days = self.conditions, self.conditions.hours / 24
        return [
            f"{len(self.day.vehicle_ids)} trucks, {given.hours:g} h, {len(self.day.fixes):,} positions every "
            f"{given.interval_s} s, noise {given.noise_m:g} m, jumps {given.jumps:.1%}; "
            f"{len(self.day.sensor_ids) + len(self.day.gauge_ids)} sensors, {len(self.day.readings):,} readings, "
            f"{given.storms} storms",
            *(line for name, one in self.scores.items() for line in score.told(name, one)),
            f"not found: {self.not_found}; false alarms: {self.false_alarms} ({self.false_alarms / days:.2g} a day), "
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
    seen = score.judge_trucks(in_force, ground, trucks, day)
    corridor = [rule for rule in in_force if rule.kind == "route_deviation"]
    limit_m = min(rule.set_point or 0.0 for rule in corridor)
    on_delay_s = max(float(rule.on_delay_s or 0) for rule in corridor if rule.grade == 1)
    away = partial(score.true_deviations, ground, trucks, day.truck_paths)
    true = {OFF_ROUTE: away(limit_m)}
    scores = {
        OFF_ROUTE: score.scored(
            true[OFF_ROUTE],
            [one for one in seen if one.worst.kind == "route_deviation"],
            plain=away(limit_m + score.COVERAGE * conditions.noise_m),
            interval_s=conditions.interval_s,
            on_delay_s=on_delay_s,
        )
    }
    for rule in sorted(in_force, key=lambda one: (one.kind, one.grade)):
        if rule.kind in water.KINDS:
            name, accuracy = water.words(rule), water.ACCURACY[rule.kind]
            true[name] = water.true(rule, gauges, day)
            scores[name] = score.scored(
                true[name],
                water.judged([rule], gauges, day),
                excused=water.true(rule, gauges, day, -accuracy),
                plain=water.true(rule, gauges, day, accuracy),
                interval_s=water.INTERVAL_S,
                on_delay_s=float(rule.on_delay_s or 0),
            )
    if truth is not None:
        write_truth(truth, day, true)
    false, unscored = score.others([*seen, *water.judged(in_force, gauges, day)], ("route_deviation", *water.KINDS))
    return Report(conditions, day, scores, false, unscored)


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
