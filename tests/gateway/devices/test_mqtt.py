"""Devices speak through a real broker: what is kept, what is said again, and what the broker keeps meanwhile."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from console.errors import ConsoleError
from tests.gateway.devices.broker import Broker
from tests.gateway.terminals import minutes_ago

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Engine

    from console.gateway.gateway import Gateway

    Serve = Callable[..., AbstractContextManager[Gateway]]

TOPIC, RAIN_TOPIC = "ycsm/level/WL-014/up", "ycsm/rain/RG-003/up"
LEVEL, GAUGE = 1, 2
PATIENCE_S = 20.0


def rows(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def message(at: datetime, **values: Any) -> str:
    return json.dumps({"id": "WL-014", "ts": at.isoformat(), "seq": 881, "batt_v": 3.58, "q": 0} | values)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path / "broker")
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def flood(sensors: Engine) -> Engine:
    with sensors.begin() as connection:
        for topic, field, sensor in ((TOPIC, "level_cm", LEVEL), (RAIN_TOPIC, "rain_mm", GAUGE)):
            connection.execute(
                text("SELECT city.connect_sensor(3, :topic, :field, :sensor)"),
                {"topic": topic, "field": field, "sensor": sensor},
            )
    return sensors


def stored(engine: Engine) -> int:
    return int(rows(engine, "SELECT count(*) FROM city.sensor_reading")[0][0])


def test_messages_become_readings_once_each_and_bad_ones_are_marked(
    flood: Engine, serve: Serve, broker: Broker
) -> None:
    at = minutes_ago(30)
    with serve(flood, broker=broker.url) as gateway:
        assert gateway.subscriber is not None
        until(lambda: gateway.counters["mqtt_connected"] == 1, "not connected")
        broker.say(TOPIC, message(at, level_cm=18.4), message(at, level_cm=18.4), message(at, level_cm=99))
        broker.say(RAIN_TOPIC, message(at, rain_mm=0.2, level_cm=5))
        broker.say(TOPIC, message(at + timedelta(minutes=5), level_cm=920), message(at, level_cm=None))
        broker.say(TOPIC, message(at + timedelta(minutes=6), level_cm=19, q=2))
        broker.say(
            TOPIC, b"\xff{", "[]", '{"ts": "noon"}', '{"ts": "2026-07-15T09:30:00"}', '{"ts": 5, "level_cm": NaN}'
        )
        broker.say(TOPIC, message(at + timedelta(minutes=20), level_cm=20.0))
        until(lambda: stored(flood) == 5, "not stored")
        assert gateway.counters["mqtt_bad"] == 5
    found = rows(
        flood, "SELECT sensor_id, round(value::numeric, 1)::float, quality FROM city.sensor_reading ORDER BY 1, at"
    )
    assert found == [(LEVEL, 18.4, 0), (LEVEL, 920, 2), (LEVEL, 19, 2), (LEVEL, 20, 0), (GAUGE, 0.2, 0)]
    (raw,) = rows(flood, "SELECT raw FROM city.raw_message WHERE owner_id = 2 AND way = 3")
    assert bytes(raw[0]).decode() == f"{RAIN_TOPIC}\n{message(at, rain_mm=0.2, level_cm=5)}"


def test_the_broker_keeps_what_comes_while_the_gateway_is_away(flood: Engine, serve: Serve, broker: Broker) -> None:
    at = minutes_ago(30)
    with serve(flood, broker=broker.url) as gateway:
        until(lambda: gateway.counters["mqtt_connected"] == 1, "not connected")
    for minute in range(5):
        broker.say(TOPIC, message(at + timedelta(minutes=minute), level_cm=10 + minute))
    with serve(flood, broker=broker.url):
        until(lambda: stored(flood) == 5, "what the broker kept has not come")


def test_a_broker_that_goes_away_is_found_again(flood: Engine, serve: Serve, broker: Broker) -> None:
    at = minutes_ago(30)
    with serve(flood, broker=broker.url) as gateway:
        until(lambda: gateway.counters["mqtt_connected"] == 1, "not connected")
        broker.stop()
        until(lambda: gateway.subscriber is not None and not gateway.subscriber.is_connected, "not noticed")
        broker.start()
        broker.say(TOPIC, message(at, level_cm=10))
        until(lambda: stored(flood) == 1, "not found again")


def test_what_there_was_no_room_for_is_said_again(
    flood: Engine, administration: Engine, serve: Serve, broker: Broker
) -> None:
    """Neither the database nor the spool takes it: the broker is not told that it is kept, and gives it again."""
    at = minutes_ago(30)

    def allow(allowed: bool) -> None:
        with administration.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {flood.url.database} ALLOW_CONNECTIONS {allowed}"))
            if not allowed:
                query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
                connection.execute(text(query), {"name": flood.url.database})

    with serve(flood, spool_bytes=0, broker=broker.url) as gateway:
        until(lambda: gateway.counters["mqtt_connected"] == 1, "not connected")
        allow(False)
        broker.say(TOPIC, message(at, level_cm=10))
        until(lambda: gateway.intake.counters["spool_full"] > 0, "not tried")
    allow(True)
    with serve(flood, broker=broker.url):
        until(lambda: stored(flood) == 1, "it was lost")


def test_an_unknown_topic_is_listed(flood: Engine, serve: Serve, broker: Broker) -> None:
    with serve(flood, broker=broker.url) as gateway:
        until(lambda: gateway.counters["mqtt_connected"] == 1, "not connected")
        broker.say("ycsm/level/WL-099/up", message(minutes_ago(1), level_cm=10))
        until(lambda: gateway.counters["mqtt_unknown"] == 1, "not noticed")
        gateway.reload()
    assert rows(flood, "SELECT way, address, fields, attempts FROM city.unknown_device") == [
        (3, "ycsm/level/WL-099/up", ["batt_v", "level_cm"], 1)
    ]


@pytest.mark.parametrize("url", ["localhost:1883", "http://localhost", "mqtt://", "mqtt://host:port"])
def test_a_broker_without_an_address_is_refused(flood: Engine, serve: Serve, url: str) -> None:
    with pytest.raises(ConsoleError, match="mqtt://user@host"), serve(flood, broker=url):
        pass
