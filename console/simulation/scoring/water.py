"""What water and rain truly were, measured by the alarm rules about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from console.models.monitors.episodes import episodes
from console.models.monitors.gauges import Gauges
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
INTERVAL_S = 60.0
"""Between two reports of a sensor that is wet."""
ACCURACY = {"flooding": 0.5, "level_rise": 0.5, "rain_1h": 0.2, "rain": 0.2}
"""What a sensor cannot tell, in the units of the rules: centimetres of its reading, a tip of its bucket."""
_RISE = "level_rise"


def words(rule: AlarmRule) -> str:
    """What a rule is about."""
    return f"{rule.kind} of grade {rule.grade}"


def true(rule: AlarmRule, gauges: Sequence[Gauge], day: Day, less: float = 0.0) -> list[True_]:
    """When what a rule of one of the `KINDS` watches truly was at or above its set point, or `less` below it."""
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
        for one in score.times(sensor, at, value >= limits[sensor] - less)
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
