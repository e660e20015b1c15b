"""Sensors of the play at a real gateway: by SL 651, by HTTP and through a real broker, each reading once."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from console.gateway.listening import write_listening
from console.gateway.sl651.framing import Answer, Frame, build_answer, cut_answers
from console.models.field_intake import Readings, sensor_sources
from console.simulation.field.field import Devices, Field
from tests.gateway.devices.broker import Broker
from tests.serving import serving
from tests.town import FLEET, SENSORS, TOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Engine

    from console.gateway.gateway import Gateway

    Serve = Callable[..., AbstractContextManager[Gateway]]

PATIENCE_S = 60
STATION = "1408020001"
CONNECTED = """
    SELECT city.connect_sensor(2, '1408020001', '39', 1, shift => 12.5);
    SELECT city.connect_sensor(3, 'ycsm/level/W1/up', 'level_cm', 1);
    SELECT city.connect_sensor(4, 'R1', 'rain_mm', 2);
    SELECT city.connect_sensor(3, 'ycsm/rain/R1/up', 'rain_mm', 2);
"""


@pytest.fixture
def town(empty_database: Engine) -> Engine:
    """A town with a level sensor (1) and a rain gauge (2), connected in every way."""
    with empty_database.begin() as connection:
        for script in (TOWN, FLEET, SENSORS, CONNECTED):
            connection.execute(text(script))
    return empty_database


@pytest.fixture
def serve(town: Engine, tmp_path: Path) -> Serve:
    @contextmanager
    def serve(broker: str | None = None) -> Iterator[Gateway]:
        with serving(tmp_path / "spool", town, broker=broker) as gateway:
            write_listening(tmp_path / "gateway.json", gateway.listening)
            yield gateway

    return serve


@pytest.fixture
def make_field(town: Engine, tmp_path: Path) -> Iterator[Callable[..., Field]]:
    made: list[Field] = []

    def make(broker: str | None = None, token: str | None = None) -> Field:
        with town.connect() as connection:
            devices = Devices({}, sensor_sources(connection), broker, token)
        made.append(Field(devices, tmp_path / "gateway.json"))
        made[-1].start()
        return made[-1]

    yield make
    for field in made:
        field.close(0)


def token(town: Engine) -> str:
    with town.begin() as connection:
        return str(connection.execute(text("SELECT city.issue_intake_token('gauges')")).scalar_one())


def readings(start: datetime, minutes: int) -> Readings:
    told = Readings()
    for minute in range(minutes):
        for sensor, value in ((1, 20.0 + minute), (2, 0.2 * minute)):
            told.sensor_ids.append(sensor)
            told.ats.append(start + timedelta(minutes=minute))
            told.readings.append(round(value, 1))
            told.qualities.append(0)
    return told


def settle(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def start_time() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=50)


def stored(town: Engine) -> dict[int, list[tuple[datetime, float]]]:
    found: dict[int, list[tuple[datetime, float]]] = {}
    with town.connect() as connection:
        for sensor, at, value in connection.execute(
            text("SELECT sensor_id, at, value FROM city.sensor_reading WHERE quality = 0 ORDER BY sensor_id, at")
        ):
            found.setdefault(sensor, []).append((at, round(value, 1)))
    return found


def expected(told: Readings) -> dict[int, list[tuple[datetime, float]]]:
    found: dict[int, list[tuple[datetime, float]]] = {}
    for sensor, at, value in zip(told.sensor_ids, told.ats, told.readings, strict=True):
        found.setdefault(sensor, []).append((at, value))
    return found


def test_levels_come_by_sl651_and_rain_by_http(town: Engine, serve: Serve, make_field: Callable[..., Field]) -> None:
    told, field = readings(start_time(), 5), make_field(token=token(town))
    with serve() as gateway:
        field.measure(told)
        settle(lambda: not field.waiting)
        assert gateway.counters["sl651_function_32"] == 5
        assert gateway.counters["http_messages"] == 5
    assert stored(town) == expected(told)


def test_a_gateway_that_is_away_gets_every_reading_once_when_it_is_back(
    town: Engine, serve: Serve, make_field: Callable[..., Field]
) -> None:
    start, field = start_time(), make_field(token=token(town))
    first, second = readings(start, 3), readings(start + timedelta(minutes=3), 20)
    with serve():
        field.measure(first)
        settle(lambda: not field.waiting)
    field.measure(second)
    assert field.waiting == 40
    with serve():
        settle(lambda: not field.waiting)
    both = Readings(*(getattr(first, name) + getattr(second, name) for name in ("sensor_ids", "ats", "readings")))
    assert stored(town) == expected(both)


def test_with_a_broker_they_speak_through_it_also_when_it_was_away(
    town: Engine, serve: Serve, make_field: Callable[..., Field], tmp_path: Path
) -> None:
    broker = Broker(tmp_path / "broker")
    told, field = readings(start_time(), 4), make_field(broker=broker.url, token=token(town))
    field.measure(told)
    assert field.waiting == 8
    broker.start()
    try:
        with serve(broker.url) as gateway:
            settle(lambda: gateway.subscriber is not None and gateway.subscriber.is_connected)
            settle(lambda: not field.waiting)
            later = readings(start_time() + timedelta(minutes=10), 4)
            field.measure(later)
            settle(lambda: len(stored(town).get(1, [])) == len(stored(town).get(2, [])) == 8)
            assert gateway.counters["sl651_function_32"] == gateway.counters["http_messages"] == 0
    finally:
        broker.stop()


def test_a_station_that_the_city_does_not_know_gives_up_and_goes_on(
    town: Engine, serve: Serve, make_field: Callable[..., Field], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.simulation.field.station.MOST_REFUSALS", 2)
    field = make_field()
    with town.begin() as connection:
        connection.execute(text("SELECT city.disconnect_sensor(2, :station, '39')"), {"station": STATION})
    told = Readings([1], [start_time()], [20.0], [0])
    with serve():
        field.measure(told)
        settle(lambda: not field.waiting)
        with town.begin() as connection:
            connection.execute(text("SELECT city.connect_sensor(2, :station, '39', 1)"), {"station": STATION})
        field.measure(Readings([1], [start_time() + timedelta(minutes=1)], [21.0], [0]))
        settle(lambda: stored(town).get(1))


@given(
    answers=st.lists(
        st.tuples(st.from_regex(r"\A[0-9]{10}\Z"), st.integers(0, 255), st.binary(min_size=2, max_size=2))
    ),
    noise=st.binary(max_size=5),
    cuts=st.lists(st.integers(1, 40), max_size=20),
)
def test_a_station_finds_its_answers_however_they_are_cut(
    answers: list[tuple[str, int, bytes]], noise: bytes, cuts: list[int]
) -> None:
    line = noise.replace(b"\x7e", b"") + b"".join(
        build_answer(Frame(1, station, b"\0\0", function, b""), serial + bytes(6))
        for station, function, serial in answers
    )
    heard: list[Answer] = []
    rest, start = b"", 0
    for size in [*cuts, len(line)]:
        found, rest = cut_answers(rest + line[start : start + size])
        heard += found
        start += size
    assert [(one.station, one.function, one.serial) for one in heard] == answers
