"""What is replayed of an hour is what the database says of any instant of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import text

from console.models import cases, fleet, sensors
from console.models.replay import Hour, hour_of, read_hour
from console.models.replay.alarms import alarm_courses
from tests.monitored import NIGHT, TRUCK, City

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

CITY_TIME = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
"""When the history of the small city ends."""
INSTANTS = 40


@pytest.fixture
def city(database: Engine) -> Iterator[Connection]:
    with database.connect() as connection:
        yield connection


def instants(hour: Hour, seed: int) -> list[datetime]:
    """Random instants of the hour, its first and its last one."""
    share = np.random.default_rng(seed).uniform(0, 3600, INSTANTS)
    found = [hour.start, hour.start + 3599.999999, *(hour.start + share).tolist()]
    return [datetime.fromtimestamp(at, UTC) for at in found]


@pytest.mark.parametrize("hours_ago", [1, 5, 17])
def test_trucks_are_the_ones_that_the_database_says_were_heard(city: Connection, hours_ago: int) -> None:
    hour = read_hour(city, hour_of(NOW.timestamp() - 3600 * hours_ago), NOW)
    assert len(hour.trucks)
    for at in instants(hour, hours_ago):
        states, said = hour.trucks.at(at.timestamp()), fleet.vehicle_states_at(city, at)
        heard = ~states.silent
        assert states.ids[heard].tolist() == said.ids.tolist()
        for name in ("plate", "load", "lid_closed", "ignition", "at", "speed_kmh"):
            assert getattr(states, name)[heard].tolist() == said.attributes[name].tolist(), name
        assert states.ids.tolist() == sorted(states.ids.tolist())


def test_a_truck_is_on_the_way_between_two_positions_and_stays_where_it_was_lost(city: Connection) -> None:
    hour = read_hour(city, hour_of(NOW.timestamp() - 5 * 3600), NOW)
    begin, heard = NOW - timedelta(hours=8), hour.trucks.at(NOW.timestamp()).ids.tolist()
    track = {vehicle_id: fleet.track(city, vehicle_id, begin, NOW) for vehicle_id in heard}
    for at in instants(hour, 1):
        states, second = hour.trucks.at(at.timestamp()), at.timestamp()
        for place, vehicle_id in enumerate(states.ids.tolist()):
            known = track[vehicle_id]
            last = int(np.searchsorted(known.at, second, side="right")) - 1
            if last < 0:
                continue
            step = known.at[last + 1] - known.at[last] if last + 1 < len(known) else np.inf
            share = (second - known.at[last]) / step if step <= 180 else 0.0
            for name in ("x", "y"):
                line = getattr(known, name)
                expected = line[last] + (share * (line[last + 1] - line[last]) if share else 0.0)
                assert getattr(states, name)[place] == pytest.approx(expected, abs=1e-3)


def test_the_table_counts_trips_and_trucks_as_of_the_instant(city: Connection) -> None:
    hour = read_hour(city, hour_of(NOW.timestamp() - 3 * 3600), NOW)
    for at in instants(hour, 2):
        rows = {row.id: row for row in hour.trucks.rows(at, CITY_TIME)}
        ended = city.execute(
            text(
                "SELECT vehicle_id, count(*) AS trips FROM city.trip WHERE dumped_at BETWEEN :from AND :to GROUP BY 1"
            ),
            {"from": at.astimezone(CITY_TIME).replace(hour=0, minute=0, second=0, microsecond=0), "to": at},
        ).all()
        assert {key: row.trips for key, row in rows.items() if row.trips} == {
            row.vehicle_id: row.trips for row in ended
        }
        counts = hour.trucks.counts(at.timestamp())
        assert counts.online == sum(row.online for row in rows.values())
        assert counts.active == fleet.counts(city).active


@pytest.mark.parametrize("hours_ago", [1, 9])
def test_gauges_tell_what_they_told_then(city: Connection, hours_ago: int) -> None:
    hour = read_hour(city, hour_of(NOW.timestamp() - 3600 * hours_ago), NOW)
    for at in instants(hour, hours_ago)[:12]:
        was = hour.gauges.at(at.timestamp(), UTC)
        for ours, said in zip(was.points, sensors.flood_points(city, at=at), strict=True):
            assert (ours.at, ours.depth_cm, ours.quality, ours.stuck, ours.silent, ours.grade) == (
                said.at, said.depth_cm, said.quality, said.stuck, said.silent, said.grade
            )  # fmt: skip
            assert ours.rate_cm == pytest.approx(said.rate_cm)
        for mine, told in zip(was.gauges, sensors.rain_gauges(city, at=at), strict=True):
            assert (mine.id, mine.at, mine.silent) == (told.id, told.at, told.silent)
            assert (mine.hour_mm, mine.day_mm) == pytest.approx((told.hour_mm, told.day_mm), abs=1e-3)


def test_what_is_known_of_water_changes_its_signature_and_nothing_else_does(city: Connection) -> None:
    hour = read_hour(city, hour_of(NOW.timestamp() - 3600), NOW)
    for at in instants(hour, 4):
        one, other = at.timestamp(), at.timestamp() + 20.0
        is_same = hour.gauges.at(one, UTC) == hour.gauges.at(other, UTC)
        assert is_same or hour.gauges.signature(one) != hour.gauges.signature(other)


@pytest.mark.parametrize("hours_ago", [1, 30])
def test_cases_are_in_hand_in_the_state_that_their_histories_tell(city: Connection, hours_ago: int) -> None:
    hour = read_hour(city, hour_of(NOW.timestamp() - 3600 * hours_ago), NOW)
    for at in instants(hour, hours_ago)[:8]:
        shown = hour.cases.at(at.timestamp())
        said = city.execute(
            text("""
                SELECT DISTINCT ON (case_id) case_id, to_state::text, to_state < 'closed' FROM city.case_event
                WHERE at <= :at ORDER BY case_id, seq DESC
            """),
            {"at": at},
        ).all()
        found = dict(zip(shown.ids.tolist(), shown.attributes["state"].tolist(), strict=True))
        assert found == {case: state for case, state, is_open in said if is_open}
        for place in range(0, len(shown), max(len(shown) // 5, 1)):
            file = cases.detail(city, int(shown.ids[place]), at)
            assert file is not None
            due = shown.attributes["due_at"][place]
            assert file.row.case_no == shown.attributes["case_no"][place]
            assert (file.row.due_at is None) == bool(np.isnan(due))
            assert file.row.due_at is None or file.row.due_at.timestamp() == due
            assert file.row.x == pytest.approx(shown.x[place])


def test_alarms_stand_in_the_state_that_their_histories_tell(database: Engine) -> None:
    """A truck leaves its route, comes back, is acknowledged; another one's alarm is shelved meanwhile."""
    town = City(database)
    town.drive([10.0 * n for n in range(30)], 200.0)
    town.judge()
    town.drive([300.0 + 10 * n for n in range(40)], 0.0)
    town.judge()
    assert len(town.told()) >= 2
    with database.connect() as connection:
        start, end = NIGHT, NIGHT + timedelta(hours=1)
        courses = alarm_courses(connection, start, end)
        states = set()
        for second in np.random.default_rng(3).uniform(0, 3600, 200):
            at = start + timedelta(seconds=float(second))
            said = connection.execute(
                text("""
                    SELECT DISTINCT ON (alarm_id) alarm_id, to_state::text AS state, urgency::text AS urgency
                    FROM city.alarm_event WHERE at <= :at ORDER BY alarm_id, version DESC
                """),
                {"at": at},
            ).all()
            shown = courses.at(at.timestamp())
            assert {(a.id, a.state, a.urgency) for a in shown} == {tuple(r) for r in said if r.state != "normal"}
            states |= {a.state for a in shown if a.vehicle_id == TRUCK}
        assert {"unacknowledged", "returned_unacknowledged"} <= states


def test_alarms_from_before_histories_were_kept_have_the_moments_of_their_rows(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("TRUNCATE city.alarm, city.alarm_event"))
        connection.execute(
            text("""
                INSERT INTO city.alarm (kind, urgency, state, vehicle_id, raised_at, acknowledged_at, cleared_at)
                VALUES ('speeding', 'high', 'normal', 1, :raised, :acknowledged, :cleared)
            """),
            {
                "raised": NOW - timedelta(minutes=50),
                "acknowledged": NOW - timedelta(minutes=40),
                "cleared": NOW - timedelta(minutes=20),
            },
        )
        courses = alarm_courses(connection, NOW - timedelta(hours=1), NOW)
    for minutes, state in ((55, None), (45, "unacknowledged"), (30, "acknowledged"), (10, None)):
        shown = courses.at((NOW - timedelta(minutes=minutes)).timestamp())
        assert [a.state for a in shown] == ([] if state is None else [state])
