from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from console.database.connection import connect
from console.errors import ConsoleError
from console.gateway.gateway import Gateway
from console.gateway.listening import write_listening
from console.simulation.generator import DEMONSTRATION_PASSWORD, GATEWAY_LOGIN
from console.simulation.player.player import Pace, Player
from console.simulation.player.reports import Reports
from console.simulation.player.staff import Staff
from console.simulation.player.trucks import Trucks, whose_turn
from console.simulation.player.weather import Weather
from tests.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

END = datetime(2026, 11, 1, 4, tzinfo=UTC)  # of the history in the template of `database`
WAIT_S = 60


class Clock:
    """A clock that goes on only when it is told to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def gateway_url(database: Engine) -> str:
    url = database.url.set(username=GATEWAY_LOGIN, password=DEMONSTRATION_PASSWORD)
    return str(url.render_as_string(hide_password=False))


@pytest.fixture
def gateway(database: Engine) -> Iterator[Engine]:
    """The city as the gateway login sees it."""
    engine = connect(gateway_url(database), readers=1)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(database: Engine) -> Iterator[Connection]:
    with database.connect() as opened:
        yield opened


@pytest.fixture
def wire(database: Engine, tmp_path: Path) -> Iterator[Path]:
    """A gateway of the city, as the file that says where it listens; by its clock it is soon after the history."""

    class Then(Gateway):
        def now(self) -> datetime:
            return END + timedelta(hours=1)

    engine = connect(gateway_url(database), readers=3)
    with serving(tmp_path / "spool", engine, kind=Then) as running:
        write_listening(tmp_path / "gateway.json", running.listening)
        yield tmp_path / "gateway.json"
    engine.dispose()


Start = Callable[..., Player]


@pytest.fixture
def start(gateway: Engine, tmp_path: Path) -> Iterator[Start]:
    """Starts players, and ends them with the test; without a gateway, unless one is told."""
    players: list[Player] = []

    def start(clock: Clock, pace: Pace | None = None, wire: Path = tmp_path / "nobody.json") -> Player:
        players.append(Player(gateway, pace or Pace(cases_per_day=20_000, staff=False), wire, clock))
        players[-1].begin()
        return players[-1]

    yield start
    for player in players:
        player.close()


def play(player: Player, clock: Clock, seconds: int) -> None:
    for _ in range(seconds):
        clock.now += timedelta(seconds=1)
        player.beat()


def settle(done: Callable[[], object]) -> None:
    """Wait until what was told has arrived."""
    deadline = time.monotonic() + WAIT_S
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def play_through(player: Player, clock: Clock, seconds: int) -> None:
    """Play until the gateway has acknowledged everything."""
    play(player, clock, seconds)
    settle(lambda: player.waiting == 0)


def test_trucks_that_leave_their_routes_are_written_down(database: Engine, start: Start, tmp_path: Path) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE city.route_permit SET hours_from = '00:00', hours_to = '00:00'"))
    clock, truth = Clock(END), tmp_path / "truth.jsonl"
    player = start(clock, Pace(speed=600, staff=False, deviating=1.0, truth=truth))
    play(player, clock, 8)
    play_row, *rows = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    assert (play_row["kind"], datetime.fromisoformat(play_row["begin"])) == ("play", END)
    assert rows
    for row in rows:
        assert row["kind"] == "left_route"
        assert END < datetime.fromisoformat(row["begin"]) <= datetime.fromisoformat(row["end"])
        assert 60 <= abs(row["aside_m"]) <= 400
    assert len({(row["vehicle_id"], row["begin"], row["aside_m"]) for row in rows}) == len(rows)


def test_trucks_off_their_routes_drive_as_trucks_can(database: Engine) -> None:
    """Also beside sharp corners; and they say how fast, and which way, they go there."""
    with database.begin() as connection:
        connection.execute(text("UPDATE city.route_permit SET hours_from = '00:00', hours_to = '00:00'"))
        trucks = Trucks(connection, np.random.default_rng(4), END, 5, noise_m=0.0, deviating=1.0)
    who = np.arange(len(trucks))
    seen, place = 0, np.column_stack(trucks.places(who, 0.0))
    for elapsed in range(0, 3 * 3600, 5):
        told = trucks.step(float(elapsed), END + timedelta(seconds=elapsed), elapsed)
        before, place = place, np.column_stack(trucks.places(who, float(elapsed)))
        astray = trucks.mischief.astray(who, float(elapsed))[0]
        if len(astray) == 0:
            continue
        assert np.hypot(*(place - before)[astray].T).max() < 5 * 36
        fixes = {vehicle: place for place, vehicle in enumerate(told.vehicle_ids)}
        for one in astray.tolist():
            row = fixes[int(trucks.ids[one])]
            just_before = np.column_stack(trucks.places(who[[one]], elapsed - 1.0))[0]
            assert told.speeds_kmh[row] == pytest.approx(3.6 * np.hypot(*(place[one] - just_before)), abs=0.1)
            seen += 1
    assert seen > 100


def test_trucks_drive_on_from_where_they_were(start: Start, wire: Path, database: Engine) -> None:
    clock = Clock(END)
    play_through(start(clock, wire=wire), clock, 300)
    with database.connect() as connection:
        rows = connection.execute(
            text("""
                SELECT vehicle_id, at, speed_kmh, mileage_m, public.ST_X(geom) AS x, public.ST_Y(geom) AS y
                FROM city.vehicle_fix WHERE at > :end - interval '1 minute' ORDER BY vehicle_id, at
            """),
            {"end": END},
        ).all()
        fresh = connection.execute(
            text("SELECT count(*) FROM city.vehicle_state WHERE at > :end"), {"end": END}
        ).scalar_one()
    assert fresh >= 4  # of six, one of which is silent
    assert max(row.speed_kmh for row in rows) > 15
    for one, other in pairwise(rows):
        if one.vehicle_id == other.vehicle_id:
            seconds = (other.at - one.at).total_seconds()
            moved = float(np.hypot(other.x - one.x, other.y - one.y))
            assert moved < 16 * seconds + 60, (one, other)
            assert 0 <= other.mileage_m - one.mileage_m <= moved * 3 + 160, (one, other)


def test_a_truck_that_stands_goes_on_with_the_load_that_it_had(database: Engine) -> None:
    """Else every start of the play would look like loads taken or tipped where none may be."""
    stands = text("""
        UPDATE city.vehicle_state AS s SET at = :end, speed_kmh = 0, load = CAST(:load AS city.load_state),
            geom = CASE WHEN :at_dump THEN public.ST_EndPoint(p.geom) ELSE public.ST_StartPoint(p.geom) END
        FROM (SELECT DISTINCT ON (vehicle_id) vehicle_id, geom FROM city.route_permit
            ORDER BY vehicle_id, valid_to DESC, id DESC) AS p
        WHERE p.vehicle_id = s.vehicle_id
    """)
    for at_dump, load in ((True, "empty"), (True, "full"), (False, "half"), (False, "empty")):
        with database.connect() as connection:
            connection.execute(text("UPDATE city.route_permit SET hours_from = '00:00', hours_to = '00:00'"))
            connection.execute(stands, {"end": END, "load": load, "at_dump": at_dump})
            for seed in range(10):
                trucks = Trucks(connection, np.random.default_rng(seed), END, 5)
                told = trucks.step(0.0, END, int(END.timestamp()))
                assert set(told.loads) == {load}, (at_dump, load)
                assert max(told.speeds_kmh) == 0
            connection.rollback()


def test_the_work_of_the_day_goes_on_with_the_trucks(start: Start, wire: Path, database: Engine) -> None:
    query = text("""
        SELECT s.vehicle_id, s.mileage_m, d.distance_m, d.driving_s FROM city.vehicle_state AS s
        JOIN city.vehicle_day AS d ON d.vehicle_id = s.vehicle_id AND d.day = DATE '2026-11-01' WHERE s.at > :since
    """)
    with database.connect() as connection:
        before = {row.vehicle_id: row for row in connection.execute(query, {"since": END - timedelta(days=30)})}
    clock = Clock(END)
    play_through(start(clock, wire=wire), clock, 300)
    with database.connect() as connection:
        after = {row.vehicle_id: row for row in connection.execute(query, {"since": END})}
    assert any(after[n].driving_s > before[n].driving_s for n in after)
    for number, row in after.items():
        driven = row.mileage_m - before[number].mileage_m
        assert row.distance_m - before[number].distance_m == pytest.approx(driven, abs=1), number
        assert 0 <= row.driving_s - before[number].driving_s <= 330


def test_sensors_report_and_the_silent_stay_silent(start: Start, wire: Path, database: Engine) -> None:
    clock = Clock(END)
    play_through(start(clock, wire=wire), clock, 310)
    with database.connect() as connection:
        sensors, heard = connection.execute(
            text("SELECT count(*), count(*) FILTER (WHERE at > :end) FROM city.sensor_state"), {"end": END}
        ).one()
        broken = connection.execute(
            text(
                "SELECT s.at FROM city.vehicle_state s JOIN city.alarm a USING (vehicle_id)"
                " WHERE a.kind = 'terminal_silent'"
            )
        ).scalars()
        assert heard == sensors
        assert all(at < END - timedelta(minutes=45) for at in broken)


def test_a_stopped_and_restarted_player_files_nothing_twice(start: Start, database: Engine) -> None:
    clock = Clock(END)
    first = start(clock)
    play(first, clock, 50)
    first.close()
    play(start(clock), clock, 50)  # again, in the middle of the minute
    with database.connect() as connection:
        filed = connection.execute(
            text("SELECT request_id FROM city.case_file WHERE reported_at >= :end AND request_id IS NOT NULL"),
            {"end": END},
        ).all()
        people = Reports(connection, 1, 20_000)
    expected = {report.request_id for report in people.between(END, clock.now)}
    assert {row.request_id for row in filed} == expected
    assert len(filed) == len(expected) > 5


def test_while_the_database_is_away_the_city_goes_on_and_nothing_is_lost_or_doubled(
    start: Start, wire: Path, database: Engine, administration: Engine
) -> None:
    clock = Clock(END)
    player = start(clock, wire=wire)
    play_through(player, clock, 20)
    name = database.url.database
    with administration.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} CONNECTION LIMIT 0"))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": name}
        )
    play(player, clock, 40)
    assert player.waiting > 0
    with administration.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} CONNECTION LIMIT -1"))
    play_through(player, clock, 40)

    def seconds() -> int:
        with database.connect() as connection:
            query = text("SELECT count(DISTINCT at) FROM city.vehicle_fix WHERE at > :end")
            return int(connection.execute(query, {"end": END}).scalar_one())

    settle(lambda: seconds() > 40)  # what the gateway had spooled comes in soon
    with database.connect() as connection:
        filed = connection.execute(
            text(
                "SELECT count(*), count(DISTINCT request_id) FROM city.case_file"
                " WHERE request_id IS NOT NULL AND reported_at >= :end"
            ),
            {"end": END},
        ).one()
        expected = len(Reports(connection, 1, 20_000).between(END, clock.now))
    assert filed == (expected, expected)


def test_reports_are_those_of_their_minute_and_lie_in_the_city(connection: Connection) -> None:
    people, again = Reports(connection, 7, 50_000), Reports(connection, 7, 50_000)
    whole = people.between(END, END + timedelta(minutes=3))
    parts = [
        report
        for second in range(0, 180, 20)
        for report in again.between(END + timedelta(seconds=second), END + timedelta(seconds=second + 20))
    ]
    assert parts == whole
    assert len({report.request_id for report in whole}) == len(whole) > 20
    for report in whole:
        covered = connection.execute(
            text(
                "SELECT EXISTS (SELECT FROM city.unit_grid WHERE public.ST_Covers(geom, public.ST_Point(:x, :y, 4546)))"
            ),
            {"x": report.x, "y": report.y},
        ).scalar_one()
        assert covered, report
        assert report.description
        assert report.address
        kind = connection.execute(
            text("SELECT kind::text FROM city.case_class WHERE id = :id"), {"id": report.class_id}
        )
        assert (kind.scalar_one() == "component") == (report.component_code is not None)


def test_there_are_more_reports_by_day_than_by_night(connection: Connection) -> None:
    people = Reports(connection, 1, 5_000)
    day, night = datetime(2026, 11, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, 18, tzinfo=UTC)
    hour = timedelta(hours=1)
    assert len(people.between(day, day + hour)) > 3 * len(people.between(night, night + hour))


def test_a_shower_raises_levels_and_fills_gauges(connection: Connection) -> None:
    weather = Weather(connection, 1, END)
    rainy = next(at for at in range(0, 400 * 86_400, 1800) if weather.rain(END.timestamp() + at).max() > 30.0)
    begin = END.timestamp() + rainy - 3600
    readings = [weather.step(begin + 10.0 * beat, END, beat) for beat in range(720)]
    tips = sum(value for batch in readings for value in batch.readings)
    assert tips > 1.0
    assert len(weather.storms) == 1
    assert begin < weather.storms[0].start_s < begin + 7200
    weather.end()
    assert len({(one.sensor_id, one.limit, one.begin_s) for one in weather.floods}) == len(weather.floods)
    for flood in weather.floods:
        assert begin < flood.begin_s < flood.end_s <= begin + 7200
    calm = Weather(connection, 1, END)
    assert all(value == 0 for _, value in _gauges(connection, calm))


def _gauges(connection: Connection, weather: Weather) -> list[tuple[int, float]]:
    rain = weather.rain(END.timestamp())
    ids = connection.execute(text("SELECT id FROM city.sensor WHERE kind = 'rain'")).scalars().all()
    return [(sensor, float(rain[np.flatnonzero(weather.ids == sensor)[0]])) for sensor in ids]


@given(steps=st.lists(st.integers(1, 9), min_size=20, max_size=60), every=st.integers(10, 60))
def test_everybody_has_its_turn_however_beats_are_missed(steps: list[int], every: int) -> None:
    ids = np.arange(1, 30)
    beats = np.cumsum([1_000_000, *steps]).tolist()
    turns = np.zeros(len(ids), int)
    for before, beat in pairwise(beats):
        turns[whose_turn(before, beat, ids, np.full(len(ids), every))] += 1
    span = beats[-1] - beats[0]
    assert set(turns.tolist()) <= {span // every, span // every + 1}


def test_an_empty_database_is_not_played(empty_database: Engine, tmp_path: Path) -> None:
    with pytest.raises(ConsoleError, match="no city"):
        Player(empty_database, Pace(), tmp_path / "nobody.json").begin()


def test_a_city_has_one_player_and_the_next_one_takes_over(gateway: Engine, tmp_path: Path) -> None:
    first, second = (Player(gateway, Pace(), tmp_path / "nobody.json") for _ in range(2))
    assert first.take_over()
    assert first.take_over()  # it stays ours
    assert not second.take_over()
    first.close()
    assert second.take_over()
    assert not first.take_over()
    second.close()


def test_a_player_that_lost_the_city_hands_nothing_in(database: Engine, gateway: Engine, tmp_path: Path) -> None:
    clock, nobody = Clock(END), tmp_path / "nobody.json"
    first, second = Player(gateway, Pace(cases_per_day=20_000), nobody, clock), Player(gateway, Pace(), nobody, clock)
    assert first.take_over()
    first.begin()
    with database.begin() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :lock"),
            {"lock": 0x706C6179},
        )
    clock.now += timedelta(seconds=1)
    assert first.beat()  # the line is found broken
    assert first.waiting
    assert second.take_over()
    clock.now += timedelta(seconds=10)
    assert not first.beat()
    assert not first.waiting
    second.close()
    first.close()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_process_plays_and_ends_cleanly(database: Engine, ending: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "console.simulation", "--database", gateway_url(database), "--cases-per-day", "80000"],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        deadline = time.monotonic() + WAIT_S
        alive = text(
            "SELECT EXISTS (SELECT FROM city.case_file"
            " WHERE request_id IS NOT NULL AND reported_at > now() - interval '5 minutes')"
        )
        with database.connect() as connection:
            while not connection.execute(alive).scalar_one():
                connection.rollback()
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
        process.send_signal(ending)
        words = process.communicate(timeout=WAIT_S)[1]
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, words
    assert "Traceback" not in words


def test_a_database_that_cannot_be_used_is_one_clear_line(database: Engine) -> None:
    url = database.url.set(username=GATEWAY_LOGIN, password="wrong").render_as_string(hide_password=False)
    command = [
        sys.executable,
        "-m",
        "console.simulation",
        "--database",
        url,
        "--language",
        "en",
        "--log-level",
        "ERROR",
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=WAIT_S)
    assert answer.returncode == 1
    assert "refused the user name or the password" in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1


def test_the_staff_works_the_cases_through_the_closed_loop(gateway: Engine, database: Engine) -> None:
    """What the seeded city has in hand goes on, move by move, each by somebody who may make it."""
    staff = Staff(gateway, speed=1e6)
    made = 0
    while (count := staff.round()) > 0 and made < 300:
        made += count
    assert made >= 100
    with database.connect() as connection:
        moves = connection.execute(
            text("""
                SELECT e.move::text, count(*) AS count, bool_and(s.role = ANY (
                    SELECT unnest(r.roles) FROM city.case_rule AS r WHERE r.move = e.move)) AS by_right
                FROM city.case_event AS e JOIN city.staff AS s ON s.id = e.staff_id
                WHERE e.request_id IS NOT NULL GROUP BY e.move
            """)
        ).all()
        assert {"accept", "file", "dispatch", "department_accept", "dispose", "feed_back", "close"} <= {
            row.move for row in moves
        }
        assert all(row.by_right for row in moves)
        assert connection.scalar(
            text("""
                SELECT bool_and(city.folded_columns(f) = city.folded_columns(city.fold_case(f.id)))
                FROM city.case_file AS f
                WHERE f.id IN (SELECT case_id FROM city.case_event WHERE request_id IS NOT NULL)
            """)
        )


def test_a_case_that_somebody_has_open_is_left_to_him(gateway: Engine, database: Engine) -> None:
    staff = Staff(gateway, speed=1e6)
    with database.begin() as connection:
        connection.execute(
            text("""
                INSERT INTO city.case_presence (session, staff_id, case_id, since, until)
                SELECT -id, 1, id, now(), now() + interval '1 hour' FROM city.case_file WHERE is_open
            """)
        )
    assert staff.round() == 0
