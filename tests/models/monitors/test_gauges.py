"""What sensors read and what is said of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.models.monitors.gauges import BAD, GOOD, SUSPECT, Gauge, Gauges, Reading
from console.models.monitors.statements import Held, Statement
from tests.models.monitors.ground import rule

LIMITS = {"attention_cm": 5.0, "flooding_cm": 15.0, "closing_cm": 27.0, "severe_cm": 40.0}
FLOODING = [
    rule("flooding", limit, limit - 2, grade, subject="sensor", on_delay_s=60, on_count=2, off_delay_s=180, off_count=3,
        scope={"of_point": name})
    for grade, (name, limit) in enumerate(LIMITS.items(), start=1)
]  # fmt: skip
SILENT = rule("sensor_silent", 3, 1, subject="sensor")
GROUP = rule("sensors_silent", 5, 2, subject="sensor", scope={"within_s": 600})


def gauges(*rules: Any, level: bool = True, count: int = 1, **limits: float) -> Gauges:
    made = [Gauge(n, level, 300, {**LIMITS, **limits}, 0.0, 0.0) for n in range(1, count + 1)]
    return Gauges(rules, made, 0.0)


def said(judge: Gauges, *values: float, every: float = 60, first: float = 0, quality: int = GOOD) -> list[Any]:
    """(kind, grade or None, seconds) after readings at equal distances."""
    readings = [Reading(1, first + index * every, value, quality) for index, value in enumerate(values)]
    return [(one.kind, one.rule.grade if one.rule else None, one.at) for one in judge.judge(readings)]


def test_depth_rises_and_falls_through_four_grades() -> None:
    judge = gauges(*FLOODING)
    rising = said(judge, 0, 6, 7, 16, 17, 28, 30, 45, 45)
    assert rising == [("flooding", 1, 120), ("flooding", 2, 240), ("flooding", 3, 360), ("flooding", 4, 480)]
    falling = said(judge, *[20.0] * 4, *[14.0] * 6, *[2.0] * 6, first=600)
    assert falling == [("flooding", 2, 780), ("flooding", None, 1380)]


def test_one_splash_is_no_flood_and_a_wave_at_the_limit_is_one_alarm() -> None:
    assert said(gauges(*FLOODING), 0, 20, 0, 0) == []
    waves = [15.5, 15.2, 14.0, 15.5, 14.0, 15.4, 13.5, 15.1]
    assert [grade for _, grade, _ in said(gauges(FLOODING[1]), *waves)] == [2]


def test_the_limits_are_those_of_the_flood_point() -> None:
    judge = gauges(FLOODING[1], flooding_cm=10.0)
    [one] = judge.judge([Reading(1, 0, 11, GOOD), Reading(1, 60, 12, GOOD)])
    assert (one.value, one.limit) == (12, 10)
    assert judge.judge([Reading(1, 120 + n * 90, 7.9, GOOD) for n in range(4)])[0].rule is None


@pytest.mark.parametrize("quality", [SUSPECT, BAD])
def test_by_readings_that_are_not_good_nothing_is_flooded(quality: int) -> None:
    assert said(gauges(*FLOODING), 50, 50, 50, quality=quality) == []


def test_rain_of_hours_by_the_warning_signals() -> None:
    rules = [
        rule("rain", mm, 0.9 * mm, grade, subject="sensor", scope={"hours": hours})
        for grade, (mm, hours) in enumerate([(50, 12), (50, 6), (50, 3), (100, 3)], start=1)
    ]
    slow = said(gauges(*rules, level=False), *[2.0] * 30, every=1200)
    assert slow[0] == ("rain", 1, 24 * 1200)  # 50 mm in 8 hours
    assert [grade for _, grade, _ in slow] == [1]
    fast = said(gauges(*rules, level=False), *[10.0] * 12, every=600)
    assert fast == [("rain", 3, 4 * 600), ("rain", 4, 9 * 600)]
    hour = rule("rain_1h", 20, 16, subject="sensor", scope={"hours": 1})
    assert said(gauges(hour, level=False), *[5.0] * 6, *[0.0] * 8, every=600) == [
        ("rain_1h", 1, 1800),
        ("rain_1h", None, 4800),
    ]


def test_rain_that_comes_late_counts_in_its_hour() -> None:
    hour = rule("rain_1h", 20, 16, subject="sensor", scope={"hours": 1})
    judge = gauges(hour, level=False)
    said(judge, 8, first=600)
    assert said(judge, 8, first=300) == []
    assert said(judge, 5, first=900) == [("rain_1h", 1, 900)]


def test_water_that_rises_fast() -> None:
    rise = rule("level_rise", 5, 2, subject="sensor", on_delay_s=60, on_count=2, scope={"minutes": 10, "from_cm": 5})
    assert said(gauges(rise), 0, 1, 3, 6, 8) == [("level_rise", 1, 240)]
    assert said(gauges(rise), *np.arange(0, 20, 0.4)) == []
    assert said(gauges(rise), 0, 1, 2, 3, 4.9) == []


def test_a_reading_that_does_not_move_or_cannot_be() -> None:
    stuck = rule("sensor_stuck", 86400, 0, subject="sensor", scope={"from_cm": 1})
    fault = rule("sensor_fault", 300, 299, subject="sensor", on_count=2, scope={"rain_mm": 50})
    judge = gauges(stuck, fault)
    assert said(judge, *[3.0] * 30, 3.6, every=3600) == [("sensor_stuck", 1, 86400), ("sensor_stuck", None, 108000)]
    assert said(gauges(stuck), *[0.0] * 30, every=3600) == []
    assert said(gauges(fault), 10, -20, -20, 10) == [("sensor_fault", 1, 120), ("sensor_fault", None, 180)]
    assert said(gauges(fault), 10, 50, 50, quality=BAD) == [("sensor_fault", 1, 60)]
    assert said(gauges(fault, level=False), 10, 60, 60) == [("sensor_fault", 1, 120)]


def test_silence_by_missed_readings_and_together() -> None:
    judge = gauges(SILENT, GROUP, count=8)
    judge.judge([Reading(n, 10.0 * n, 1.0, GOOD) for n in range(1, 9)])
    assert judge.tick(900) == []
    found = judge.tick(990)
    group = next(one for one in found if isinstance(one, Statement))
    assert (group.kind, group.subject_id, group.value) == ("sensors_silent", 1, 8)
    assert len([one for one in found if isinstance(one, Held)]) == 8
    judge.judge([Reading(n, 1000.0 + n, 1.0, GOOD) for n in range(1, 8)])
    over = judge.tick(1020)
    assert [one.kind for one in over if isinstance(one, Statement)] == ["sensors_silent"]
    few = gauges(SILENT, GROUP, count=3)
    few.judge([Reading(n, 0.0, 1.0, GOOD) for n in range(1, 4)])
    assert [one.kind for one in few.tick(1000) if isinstance(one, Statement)] == ["sensor_silent"] * 3


@settings(max_examples=40, deadline=None)
@given(values=st.lists(st.floats(0, 60), min_size=1, max_size=30), cut=st.integers(0, 30))
def test_a_restart_changes_nothing(values: list[float], cut: int) -> None:
    rules = [*FLOODING, rule("level_rise", 5, 2, subject="sensor", scope={"minutes": 10, "from_cm": 5}), SILENT]
    whole = said(gauges(*rules), *values)
    judge = gauges(*rules)
    parts = said(judge, *values[:cut])
    state = judge.state()
    judge = gauges(*rules)
    judge.restore(state)
    assert parts + said(judge, *values[cut:], first=60.0 * len(values[:cut])) == whole
