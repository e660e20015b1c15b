"""Mileage and trips follow the positions of trucks, in whatever order and batches these come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.town import TOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine

NOON = datetime(2026, 10, 1, 4, tzinfo=UTC)  # noon in Yuncheng
FIXES = text("""
    SELECT city.record_fixes(
        CAST(:vehicles AS integer[]), CAST(:ats AS timestamptz[]), CAST(:xs AS double precision[]),
        CAST(:ys AS double precision[]), CAST(:speeds AS real[]), CAST(:headings AS smallint[]),
        CAST(:loads AS city.load_state[]), CAST(:lids AS boolean[]), CAST(:mileages AS integer[]),
        CAST(:bits AS integer[]), CAST(:ignitions AS boolean[]))
""")


@dataclass(frozen=True)
class Fix:
    """A position of truck 1: seconds after noon, load, km/h, metres on the counter, metres east."""

    at_s: int
    load: str = "empty"
    speed: float = 30.0
    mileage: int | None = None
    x: float = 0.0


@dataclass(frozen=True)
class Work:
    """What the tables say of truck 1."""

    days: list[tuple[date, float, int, int]]
    trips: list[tuple[int, int | None, float]]


@pytest.fixture
def fleet(empty_database: Engine) -> Engine:
    with empty_database.begin() as connection:
        connection.execute(text(TOWN))
        connection.execute(
            text("""
            INSERT INTO city.company (name) VALUES ('第一运输公司');
            INSERT INTO city.vehicle (id, plate, terminal_phone, company_id, box_m3)
                VALUES (1, '晋M1', '000000000001', 1, 20);
            """)
        )
    return empty_database


def record(connection: Connection, fixes: Sequence[Fix]) -> None:
    count = len(fixes)
    connection.execute(
        FIXES,
        {
            "vehicles": [1] * count,
            "ats": [NOON + timedelta(seconds=f.at_s) for f in fixes],
            "xs": [500_000 + f.x for f in fixes],
            "ys": [3_875_000.0] * count,
            "speeds": [f.speed for f in fixes],
            "headings": [90] * count,
            "loads": [f.load for f in fixes],
            "lids": [True] * count,
            "mileages": [f.mileage for f in fixes],
            "bits": [0] * count,
            "ignitions": [True] * count,
        },
    )


def work(connection: Connection) -> Work:
    days = connection.execute(
        text("""
            SELECT day, distance_m, driving_s, trips FROM city.vehicle_day
            WHERE distance_m > 0.01 OR driving_s > 0 OR trips > 0 ORDER BY day
        """)
    )
    trips = connection.execute(text("SELECT loaded_at, dumped_at, distance_m FROM city.trip ORDER BY loaded_at")).all()
    return Work(
        [(row.day, round(row.distance_m, 1), row.driving_s, row.trips) for row in days],
        [
            (
                round((row.loaded_at - NOON).total_seconds()),
                None if row.dumped_at is None else round((row.dumped_at - NOON).total_seconds()),
                round(row.distance_m, 1),
            )
            for row in trips
        ],
    )


TODAY = date(2026, 10, 1)
ROUND = [
    Fix(0, "empty", 0, 1000),
    Fix(60, "half", 0, 1000),
    Fix(120, "full", 0, 1000),
    Fix(180, "full", 40, 1500),
    Fix(240, "full", 40, 2100),
    Fix(300, "half", 0, 2300),
    Fix(360, "empty", 0, 2300),
    Fix(420, "empty", 40, 2900),
]


def test_a_trip_is_counted_while_it_is_under_way_and_when_it_ends(fleet: Engine) -> None:
    with fleet.connect() as connection:
        record(connection, ROUND[:4])
        assert work(connection) == Work([(TODAY, 500.0, 60, 0)], [(120, None, 500.0)])
        record(connection, ROUND[4:5])
        assert work(connection) == Work([(TODAY, 1100.0, 120, 0)], [(120, None, 1100.0)])
        record(connection, ROUND[5:])
        assert work(connection) == Work([(TODAY, 1900.0, 240, 1)], [(120, 360, 1300.0)])
        trip = connection.execute(text("SELECT volume_m3, permit_id FROM city.trip")).one()
        assert tuple(trip) == (20.0, None)


def test_a_repeated_batch_counts_once(fleet: Engine) -> None:
    with fleet.connect() as connection:
        record(connection, ROUND)
        once = work(connection)
        record(connection, ROUND)
        record(connection, ROUND[2:5])
        assert work(connection) == once


def test_a_counter_that_was_changed_adds_no_thousand_kilometres(fleet: Engine) -> None:
    with fleet.connect() as connection:
        record(connection, [Fix(0, mileage=5_000_000), Fix(30, mileage=100, x=250), Fix(60, mileage=6_000_000, x=500)])
        assert work(connection).days == [(TODAY, 500.0, 60, 0)]


def test_a_parked_truck_whose_position_jitters_drives_nowhere(fleet: Engine) -> None:
    with fleet.connect() as connection:
        record(connection, [Fix(60 * n, speed=0.4, x=3.0 * (n % 3)) for n in range(10)])
        assert work(connection) == Work([], [])


def test_a_night_over_midnight_is_two_days(fleet: Engine) -> None:
    evening = 12 * 3600
    with fleet.connect() as connection:
        record(connection, [Fix(evening + 60 * n - 30, "full", mileage=500 * n) for n in range(-2, 3)])
        record(connection, [Fix(evening + 150, "empty", mileage=1500)])
        assert work(connection) == Work(
            [(TODAY, 1000.0, 120, 0), (date(2026, 10, 2), 1500.0, 180, 1)], [(evening - 150, evening + 150, 2500.0)]
        )


def test_silence_counts_metres_but_no_driving(fleet: Engine) -> None:
    with fleet.connect() as connection:
        record(connection, [Fix(0, mileage=0), Fix(3600, mileage=20_000)])
        assert work(connection).days == [(TODAY, 20_000.0, 0, 0)]


def test_what_comes_days_late_leaves_the_work_alone(fleet: Engine) -> None:
    with fleet.connect() as connection:
        record(connection, ROUND)
        known = work(connection)
        record(connection, [Fix(-5 * 86_400 + 60 * n, "full", mileage=500 * n) for n in range(3)])
        assert work(connection) == known
        assert connection.scalar(text("SELECT count(*) FROM city.vehicle_fix")) == len(ROUND) + 3


@st.composite
def histories(draw: st.DrawFn) -> list[list[Fix]]:
    """A history in batches, in any order."""
    count = draw(st.integers(2, 12))
    moments = sorted(draw(st.sets(st.integers(0, 3600), min_size=count, max_size=count)))
    counter, fixes = 0, []
    for at_s in moments:
        counter += draw(st.integers(0, 300))
        fixes.append(
            Fix(
                at_s,
                draw(st.sampled_from(["empty", "half", "full"])),
                draw(st.sampled_from([0.0, 30.0])),
                counter if draw(st.booleans()) else None,
                draw(st.integers(0, 400)),
            )
        )
    mixed = draw(st.permutations(fixes))
    cuts = sorted(draw(st.sets(st.integers(1, count - 1), max_size=4)))
    return [mixed[a:b] for a, b in zip([0, *cuts], [*cuts, count], strict=True)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=histories())
def test_the_order_in_which_positions_come_makes_no_difference(fleet: Engine, batches: list[list[Fix]]) -> None:
    found = []
    in_order = [sorted((fix for batch in batches for fix in batch), key=lambda f: f.at_s)]
    for arrival in (in_order, batches):
        with fleet.connect() as connection:
            for batch in arrival:
                record(connection, batch)
            found.append(work(connection))
            connection.rollback()
    expected, got = found
    assert [trip[:2] for trip in got.trips] == [trip[:2] for trip in expected.trips]
    assert [trip[2] for trip in got.trips] == pytest.approx([trip[2] for trip in expected.trips], abs=0.2)
    assert [(day[0], day[3]) for day in got.days] == [(day[0], day[3]) for day in expected.days]
    for column in (1, 2):
        assert [day[column] for day in got.days] == pytest.approx([day[column] for day in expected.days], abs=0.2)
