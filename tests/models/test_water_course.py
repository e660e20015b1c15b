"""Water and rain of a flood point over a period: limits, silences, what cannot be, and how long water lags rain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.models.alarms.rules import rules, save_rule
from console.models.sensors import Series, flood_point
from console.models.water_course import WaterCourse, gaps_of, lag_of, water_course
from tests.desks import Desks
from tests.storms import rain_and_rise, sensors_of, write

if TYPE_CHECKING:
    from sqlalchemy import Engine

NOW = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def course_of(database: Engine, point_id: int) -> WaterCourse:
    with database.connect() as connection:
        found = water_course(connection, point_id, NOW - DAY, NOW + timedelta(seconds=1), now=NOW)
    assert found is not None
    return found


def test_a_storm_has_limits_of_its_point_and_a_lag(database: Engine) -> None:
    course = course_of(database, rain_and_rise(database, NOW, lag_min=40))
    point = course.point
    assert [limit.depth_cm for limit in course.limits] == [
        point.attention_cm,
        point.flooding_cm,
        point.closing_cm,
        point.severe_cm,
    ]
    assert [limit.clear_cm for limit in course.limits] == [limit.depth_cm - 2 for limit in course.limits]
    assert course.fallen_mm == pytest.approx(17.0)
    assert course.highest_cm == pytest.approx(22.4)
    assert course.lag is not None
    assert course.lag.seconds == 40 * 60
    assert point.believed


def test_a_rule_that_is_out_of_force_is_told(database: Engine) -> None:
    point_id = rain_and_rise(database, NOW)
    desks = Desks(database)
    leader = desks.engine(desks.login("shift_leader"))
    with leader.begin() as connection:
        rule = next(one for one in rules(connection) if (one.kind, one.grade) == ("flooding", 3))
        save_rule(connection, rule.id, rule.version, {"enabled": False})
    desks.close()
    assert [limit.enabled for limit in course_of(database, point_id).limits] == [True, True, False, True]


def test_silence_is_a_gap_and_no_longer_believed(database: Engine) -> None:
    course = course_of(database, rain_and_rise(database, NOW, until_min=90))
    assert course.point.silent
    assert not course.point.believed
    assert course.gaps[-1] == pytest.approx(((NOW - timedelta(minutes=90)).timestamp(), course.span[1]))


def test_readings_out_of_range_are_shown_as_such_and_not_as_depth(database: Engine) -> None:
    point_id, level_id, _ = sensors_of(database)
    times = [NOW - timedelta(minutes=5 * n) for n in range(4, -1, -1)]
    write(database, level_id, list(zip(times, [1.0, 1.2, 999.0, 1.1, 999.0], strict=True)), [0, 0, 2, 0, 2])
    course = course_of(database, point_id)
    assert course.level.values.tolist() == pytest.approx([1.0, 1.2, 1.1])
    assert course.bad_at.tolist() == [times[2].timestamp(), times[4].timestamp()]
    assert course.point.depth_cm is None
    assert not course.point.believed


@pytest.mark.parametrize(
    ("water", "tremble", "stuck"),
    [(12.0, 0.0, True), (12.0, 1.0, False), (0.2, 0.0, False)],
    ids=["no move for two days", "it moves", "dry"],
)
def test_water_that_never_moves_is_not_believed(database: Engine, water: float, tremble: float, stuck: bool) -> None:
    point_id, level_id, _ = sensors_of(database)
    times = [NOW - timedelta(minutes=30 * n) for n in range(96, -1, -1)]
    write(database, level_id, [(at, water + tremble * (n % 2)) for n, at in enumerate(times)])
    with database.connect() as connection:
        point = flood_point(connection, point_id, now=NOW)
    assert point is not None
    assert point.stuck is stuck
    assert point.believed is not stuck


def test_without_rain_or_rise_there_is_no_lag(database: Engine) -> None:
    at = np.arange(0.0, 86_400.0, 300.0)
    still, storm = Series(at, np.full(len(at), 1.0)), Series(at, np.exp(-(((at - 20_000) / 3000) ** 2)) * 20)
    none = Series(at[:0], at[:0])
    assert lag_of(still, storm) is None
    assert lag_of(storm, still.__class__(at, np.zeros(len(at)))) is None
    assert lag_of(none, storm) is None
    assert lag_of(storm, none) is None
    noise = np.random.default_rng(5)
    assert lag_of(Series(at, noise.uniform(0, 30, len(at))), Series(at, noise.uniform(0, 2, len(at)))) is None


@given(st.integers(0, 36), st.floats(0.2, 8.0))
def test_the_lag_is_found_whatever_it_is(bins: int, scale: float) -> None:
    at = np.arange(0.0, 86_400.0, 300.0)
    rain = np.exp(-(((at - 30_000) / 3000) ** 2)) * 2
    level = np.roll(rain, bins) * scale * 10
    found = lag_of(Series(at, level), Series(at, rain))
    assert found is not None
    assert found.seconds == bins * 300


def test_gaps_count_the_edges_of_the_period() -> None:
    assert gaps_of(np.array([]), (0.0, 100.0), 30.0) == ((0.0, 100.0),)
    assert gaps_of(np.array([20.0, 45.0, 90.0]), (0.0, 100.0), 30.0) == ((45.0, 90.0),)
