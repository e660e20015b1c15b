"""What water and rain truly were, measured by the alarm rules about them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from console.models.monitors.episodes import episodes
from console.models.monitors.gauges import Gauges
from console.simulation.generator.sensors import LEVEL_NOISE_CM, TIP_MM
from console.simulation.scoring import score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from console.models.alarms import AlarmRule
    from console.models.monitors.episodes import Episode
    from console.models.monitors.gauges import Gauge
    from console.simulation.scoring.day import Day
    from console.simulation.scoring.score import True_

KINDS = ("flooding", "level_rise", "rain_1h", "rain")
READ_CM = 0.1
"""The step of a level's reading."""
INTERVAL_S = 60.0
"""Between two reports of a sensor that is wet."""
_LEVEL_CM = score.COVERAGE * LEVEL_NOISE_CM + READ_CM / 2
ACCURACY = {"flooding": _LEVEL_CM, "level_rise": math.sqrt(2) * _LEVEL_CM, "rain_1h": TIP_MM, "rain": TIP_MM}
"""What a sensor cannot tell, in the units of the rules.

The noise of a reading and half a step of its scale, that of the difference of two, a tip of the bucket.
"""
_RISE = "level_rise"


def words(rule: AlarmRule) -> str:
    """What a rule is about."""
    return f"{rule.kind} of grade {rule.grade}"


def true(rule: AlarmRule, gauges: Sequence[Gauge], day: Day, more: float = 0.0) -> list[True_]:
    """When what a rule of one of the `KINDS` watches truly was at or above its set point and `more`."""
    if rule.kind in ("rain", "rain_1h"):
        at, sensors, columns = day.fallen_mm[:, 0], day.gauge_ids, day.fallen_mm[:, 1:]
        values = [rain_mm(at, column, float(rule.scope["hours"])) for column in columns.T]
    else:
        at, sensors, columns = day.levels_cm[:, 0], day.sensor_ids, day.levels_cm[:, 1:]
        values = [_risen(rule, at, column) if rule.kind == _RISE else column for column in columns.T]
    limits = {gauge.id: limit(rule, gauge) for gauge in gauges}
    return [
        one
        for sensor, value in zip(sensors.tolist(), values, strict=True)
        for one in score.times(sensor, at, value >= limits[sensor] + more)
    ]


def limit(rule: AlarmRule, gauge: Gauge) -> float:
    """The set point of a rule at a sensor: that of its flood point where the rule names one."""
    return gauge.limits_cm.get(str(rule.scope.get("of_point")), rule.set_point or 0.0)


def rain_mm(at: NDArray[np.float64], fallen_mm: NDArray[np.float64], hours: float) -> NDArray[np.float64]:
    """Rain of the hours before each moment.

    Args:
        at: seconds, ascending.
        fallen_mm: rain since the beginning.
        hours: how many.
    """
    before: NDArray[np.float64] = fallen_mm - np.interp(at - 3600 * hours, at, fallen_mm)
    return before


def judged(rules: Sequence[AlarmRule], gauges: Sequence[Gauge], day: Day) -> list[Episode]:
    """The episodes that the rules about sensors among these see in a day's readings; one rule sees its grade alone."""
    of_sensors = [rule for rule in rules if rule.subject == "sensor"]
    return episodes(Gauges(of_sensors, gauges, day.start).judge(day.readings))


def _risen(rule: AlarmRule, at: NDArray[np.float64], level_cm: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far water has risen in the minutes of a rule before each moment; -inf where it is shallow."""
    steps = max(round(60 * float(rule.scope["minutes"]) / float(np.diff(at[:2]).sum() or 1.0)), 1)
    padded = np.concatenate((np.full(steps, level_cm[0]), level_cm))
    least = np.lib.stride_tricks.sliding_window_view(padded, steps + 1).min(axis=1)
    return np.where(level_cm >= float(rule.scope["from_cm"]), level_cm - least, -np.inf)
