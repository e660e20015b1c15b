"""Devices without MQTT bring their readings by HTTP: who may, what is kept, what is answered."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from sqlalchemy import text

from console.database.faults import Refused
from console.errors import ConsoleError
from console.gateway.devices.http import BURST, MOST_BYTES, MOST_MESSAGES, tls_context
from console.gateway.line import Limits
from tests.gateway.terminals import minutes_ago

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Engine

    from console.gateway.gateway import Gateway

    Serve = Callable[..., AbstractContextManager[Gateway]]

LEVEL = 1


def rows(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def message(at: datetime, device: str = "WL-014", **values: Any) -> dict[str, Any]:
    return {"id": device, "ts": at.isoformat(), "level_cm": 18.4} | values


def issue(engine: Engine, name: str = "vendor", devices: list[str] | None = None) -> str:
    with engine.begin() as connection:
        query = text("SELECT city.issue_intake_token(:name, CAST(:devices AS text[]))")
        return str(connection.scalar(query, {"name": name, "devices": devices}))


def post(gateway: Gateway, token: str, *bodies: Any) -> list[tuple[int, dict[str, Any]]]:
    """Say each body in a request of its own; status and answer of each."""

    async def talk() -> list[tuple[int, dict[str, Any]]]:
        answers = []
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
            for body in bodies:
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                async with session.post(
                    f"http://127.0.0.1:{gateway.http_port}/readings", data=io.BytesIO(data)
                ) as answer:
                    answers.append((answer.status, await answer.json()))
        return answers

    return asyncio.run(asyncio.wait_for(talk(), 30))


@pytest.fixture
def flood(sensors: Engine) -> Engine:
    with sensors.begin() as connection:
        connection.execute(text("SELECT city.connect_sensor(4, 'WL-014', 'level_cm', 1)"))
    return sensors


def test_a_reading_is_answered_once_it_is_stored_and_stored_once(flood: Engine, serve: Serve) -> None:
    at = minutes_ago(10)
    token = issue(flood)
    with serve(flood) as gateway:
        assert post(gateway, token, message(at)) == [(200, {"kept": 1, "refused": []})]
        assert rows(flood, "SELECT at, value FROM city.sensor_reading") == [(at, pytest.approx(18.4))]
        several = [message(at), message(at + timedelta(minutes=1), level_cm=19), message(at - timedelta(minutes=5))]
        assert post(gateway, token, several) == [(200, {"kept": 3, "refused": []})]
    assert rows(flood, "SELECT count(*) FROM city.sensor_reading") == [(3,)]
    assert rows(flood, "SELECT at FROM city.sensor_state") == [(at + timedelta(minutes=1),)]
    assert rows(flood, "SELECT DISTINCT way, owner_id FROM city.raw_message") == [(4, LEVEL)]


def test_only_a_token_that_was_issued_and_not_revoked_lets_in(flood: Engine, serve: Serve) -> None:
    token = issue(flood)
    assert rows(flood, f"SELECT count(*) FROM city.intake_token WHERE hash = sha256('{token}')") == [(1,)]
    with pytest.raises(Refused, match="already"):
        issue(flood)
    with serve(flood) as gateway:
        assert post(gateway, "guess", message(minutes_ago(1)))[0][0] == 401
        assert post(gateway, token, message(minutes_ago(1)))[0][0] == 200
        with flood.begin() as connection:
            assert connection.scalar(text("SELECT city.revoke_intake_token('vendor')"))
        gateway.reload()
        assert post(gateway, token, message(minutes_ago(2)))[0][0] == 401
        assert gateway.counters["http_unauthenticated"] == 2
    assert rows(flood, "SELECT kind, key FROM city.audit_log WHERE subject = 'intake_token' ORDER BY id") == [
        ("insert", "vendor"),
        ("delete", "vendor"),
    ]
    assert token not in str(rows(flood, "SELECT * FROM city.audit_log"))


def test_what_is_no_reading_is_refused_with_words_and_its_neighbours_are_kept(flood: Engine, serve: Serve) -> None:
    at = minutes_ago(10)
    token = issue(flood, devices=["WL-014", "WL-099"])
    with serve(flood) as gateway:
        mixed = [
            message(at, device="WL-099"),
            message(at, device="WL-001"),
            {"id": "WL-014", "ts": "noon"},
            {"ts": at.isoformat()},
            7,
            message(at),
        ]
        ((status, answer),) = post(gateway, token, mixed)
        assert (status, answer["kept"]) == (200, 1)
        assert [(one["index"], one["why"]) for one in answer["refused"]] == [
            (0, "the device is not known: the administrator has been told"),
            (1, "the token is not for this device"),
            (2, "“ts” is a time like 2026-07-15T09:30:00+08:00"),
            (3, "“id” is missing"),
            (4, "a message is a JSON object of at most 64 members"),
        ]
        assert post(gateway, token, [7])[0][0] == 422
        gateway.reload()
    assert rows(flood, "SELECT way, address FROM city.unknown_device") == [(4, "WL-099")]


def test_what_is_too_much_is_refused(flood: Engine, serve: Serve) -> None:
    token = issue(flood)
    with serve(flood) as gateway:
        answers = post(gateway, token, b"{" * 1000, b"[" + b" " * MOST_BYTES + b"]", [{}] * (MOST_MESSAGES + 1))
        assert [status for status, _ in answers] == [400, 413, 413]
        answers = post(gateway, token, *[b"x"] * int(BURST + 20))
        assert answers[-1][0] == 429
        # Another one is not held back by it.
        other = issue(flood, "other")
        gateway.reload()
        assert post(gateway, other, message(minutes_ago(1)))[0][0] == 200


def test_who_may_not_connect_is_refused(flood: Engine, serve: Serve) -> None:
    token = issue(flood)
    with serve(flood, Limits(allowed=(ip_network("10.20.0.0/16"),))) as gateway:
        assert post(gateway, token, message(minutes_ago(1)))[0][0] == 403


def test_nothing_is_said_to_be_kept_when_there_is_no_room(flood: Engine, administration: Engine, serve: Serve) -> None:
    token = issue(flood)

    def allow(allowed: bool) -> None:
        with administration.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {flood.url.database} ALLOW_CONNECTIONS {allowed}"))
            if not allowed:
                query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
                connection.execute(text(query), {"name": flood.url.database})

    with serve(flood, spool_bytes=200) as gateway:
        allow(False)
        answers = post(gateway, token, *[message(minutes_ago(minute)) for minute in range(1, 5)])
        assert [status for status, _ in answers] == [200, 200, 503, 503]
        allow(True)
    with serve(flood) as gateway:
        # What was said to be kept comes out of the spool by itself.
        for _ in range(400):
            if rows(flood, "SELECT count(*) FROM city.sensor_reading") == [(2,)]:
                return
            asyncio.run(asyncio.sleep(0.1))
    raise AssertionError("what was spooled has not come")


def test_a_certificate_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    path = tmp_path / "none.pem"
    path.write_text("nothing")
    with pytest.raises(ConsoleError, match="cannot be used"):
        tls_context(path, None)
