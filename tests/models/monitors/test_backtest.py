"""A rule is tried on the recorded past before it is saved: what it would have raised, when and where."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.models import alarms
from console.models.monitors.backtest import WouldBe, back_test, compared
from tests.monitored import NIGHT, TRUCK, City

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from console.models.alarms import AlarmRule

DAY = NIGHT - timedelta(minutes=10), NIGHT + timedelta(hours=2)


@pytest.fixture
def city(database: Engine) -> Iterator[City]:
    """A truck has been 90 m off its route for a minute and a half, and 40 m off for ten minutes."""
    made = City(database)
    made.drive([0, 10, 20], 0)
    made.drive([30.0 + 10 * n for n in range(10)], 90)
    made.drive([130.0 + 10 * n for n in range(12)], 0)
    made.drive([600.0 + 10 * n for n in range(60)], 40)
    made.drive([1200.0 + 10 * n for n in range(12)], 0)
    yield made
    made.close()


def rule(city: City, kind: str, grade: int = 1) -> AlarmRule:
    with city.owner.connect() as connection:
        return next(one for one in alarms.rules(connection) if (one.kind, one.grade) == (kind, grade))


def test_what_a_rule_would_have_raised_as_it_is_and_as_it_may_become(city: City) -> None:
    deviation = rule(city, "route_deviation")
    told: list[float] = []
    with city.engine(city.login("shift_leader")).connect() as connection:
        as_it_is = back_test(connection, deviation, *DAY, told.append)
        narrow = back_test(connection, replace(deviation, set_point=35, clear_point=20, enabled=False), *DAY)
        wide = back_test(connection, replace(deviation, set_point=200), *DAY)
    [one] = as_it_is.would_be
    assert (one.kind, one.grade, one.vehicle_id, one.value, one.limit_value) == ("route_deviation", 1, TRUCK, 90, 50)
    assert one.who == city.ask("SELECT plate FROM city.vehicle WHERE id = :id", id=TRUCK)
    assert one.raised_at == NIGHT + timedelta(seconds=60)
    assert one.cleared_at == NIGHT + timedelta(seconds=190)
    assert one.x is not None
    assert [round(found.value or 0) for found in narrow.would_be] == [90, 40]
    assert wide.would_be == ()
    assert as_it_is.judged == narrow.judged >= 97
    assert told[-1] == 1.0
    assert as_it_is.were == 0
    assert (as_it_is.same, as_it_is.added, as_it_is.gone) == ((one,), (), ())
    assert narrow.same[0].value == 90
    assert [round(found.value or 0) for found in narrow.added] == [40]
    assert narrow.are == 1
    assert (wide.same, wide.added, wide.gone) == ((), (), (one,))
    assert as_it_is.since == NIGHT
    city.judge()
    with city.owner.connect() as connection:
        assert back_test(connection, deviation, *DAY).were == 1
        assert city.ask("SELECT count(*) FROM city.alarm_event") >= 2


def test_what_stood_before_the_period_is_not_told_as_new(city: City) -> None:
    with city.owner.connect() as connection:
        found = back_test(connection, rule(city, "route_deviation"), NIGHT + timedelta(seconds=70), DAY[1])
    assert found.would_be == ()


def test_silence_and_water_are_tried_too(city: City) -> None:
    sensor = city.ask("SELECT min(id) FROM city.sensor WHERE kind = 'water_level'")
    city.read(sensor, 0, 6, 7, 16, 17, 28, 29, *[1.0] * 6)
    with city.owner.connect() as connection:
        water = back_test(connection, rule(city, "flooding", 2), *DAY)
        silent = back_test(connection, replace(rule(city, "terminal_silent"), set_point=200), *DAY)
        gauges = back_test(connection, rule(city, "sensor_silent"), *DAY)
    [flood] = [one for one in water.would_be if one.sensor_id == sensor]
    assert (flood.grade, flood.value) == (3, 29)
    assert [one.vehicle_id for one in silent.would_be].count(TRUCK) >= 2
    assert any(one.sensor_id == sensor for one in gauges.would_be)


def test_of_a_worse_grade_what_does_not_reach_it_is_not_told(city: City) -> None:
    severe = rule(city, "route_deviation", 2)
    with city.owner.connect() as connection:
        as_it_is = back_test(connection, severe, *DAY)
        sooner = back_test(connection, replace(severe, on_delay_s=60), *DAY)
    assert as_it_is.would_be == ()
    assert [(one.grade, one.raised_at) for one in sooner.added] == [(2, NIGHT + timedelta(seconds=60))]


def test_a_rule_that_is_not_in_force_raises_nothing_as_it_is(city: City) -> None:
    deviation = rule(city, "route_deviation")
    with city.engine(city.login("shift_leader")).begin() as connection:
        for one in alarms.rules(connection):
            if one.kind == deviation.kind:
                alarms.save_rule(connection, one.id, one.version, {"enabled": False})
    with city.owner.connect() as connection:
        found = back_test(connection, deviation, *DAY)
    assert len(found.added) == 1
    assert found.are == 0


TOLD = st.lists(st.tuples(st.integers(1, 2), st.integers(0, 50), st.integers(1, 20) | st.none()), max_size=8)


@given(TOLD, TOLD)
def test_what_two_versions_raise_is_told_once_each(
    new: list[tuple[int, int, int | None]], old: list[tuple[int, int, int | None]]
) -> None:
    def would_be(vehicle: int, at: int, lasted: int | None) -> WouldBe:
        raised = NIGHT + timedelta(minutes=at)
        over = None if lasted is None else raised + timedelta(minutes=lasted)
        return WouldBe("k", 1, vehicle, None, "", raised, over, None, None, None, None)

    mine, theirs = [would_be(*one) for one in new], [would_be(*one) for one in old]
    same, added, gone = compared(mine, theirs)
    assert sorted(map(id, (*same, *added))) == sorted(map(id, mine))
    assert set(map(id, gone)) <= set(map(id, theirs))
    assert bool(same) == (len(gone) < len(theirs))
    assert compared(mine, mine)[1:] == ((), ())
