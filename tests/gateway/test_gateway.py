"""The gateway with real terminals and a real database: who comes in, what is kept, what is answered."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from console.gateway.gateway import Gateway
from console.gateway.jt808 import messages as m
from console.gateway.jt808.framing import MARK, Header, Message, build
from console.gateway.jt808.position import build_position
from console.gateway.line import MOST_FLAWS, Limits
from console.gateway.listening import read_listening
from tests.gateway.terminals import Phone, minutes_ago, now, position

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Engine

    Serve = Callable[..., AbstractContextManager[Gateway]]

KNOWN, KNOWN_2019, UNKNOWN = "013935900001", "00000000013935900002", "013999999999"


def talk(conversation: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(conversation, 60))


def rows(engine: Engine, query: str) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text(query)))


@pytest.mark.parametrize(("phone", "version"), [(KNOWN, None), (KNOWN_2019, 1)])
def test_a_terminal_registers_signs_in_and_its_position_is_stored(
    town: Engine, serve: Serve, phone: str, version: int | None
) -> None:
    at = minutes_ago(1)

    async def conversation() -> None:
        async with Phone(phone, gateway.jt808_port, version) as terminal:
            await terminal.sign_in()
            assert (await terminal.ask(m.MessageId.HEARTBEAT)).result == m.AckResult.OK
            assert (await terminal.report(at)).result == m.AckResult.OK

    with serve(town) as gateway:
        talk(conversation())
    (fix,) = rows(
        town, "SELECT at, speed_kmh, heading, load::text, public.ST_X(geom), public.ST_Y(geom) FROM city.vehicle_fix"
    )
    assert fix[:4] == (at, 30.0, 92, "full")
    # domain.md: 35.0264 N 111.007 E is N 3 877 521.762, E 500 638.812
    assert (round(fix[4], 1), round(fix[5], 1)) == (500638.8, 3877521.8)
    assert rows(town, "SELECT at FROM city.vehicle_state") == [(at,)]
    _heartbeat, raw = rows(town, "SELECT raw FROM city.raw_message ORDER BY received_at")
    assert build(Message(Header(m.MessageId.POSITION, phone, 3, version), build_position(position(at)))) == (
        MARK + bytes(raw[0]) + MARK
    )


def test_an_acknowledged_position_is_in_the_database(town: Engine, serve: Serve) -> None:
    async def conversation() -> None:
        async with Phone(KNOWN, gateway.jt808_port) as terminal:
            await terminal.sign_in()
            for minutes in range(9, 0, -1):
                await terminal.report(minutes_ago(minutes))
                stored = await asyncio.to_thread(rows, town, "SELECT count(*) FROM city.vehicle_fix")
                assert stored == [(10 - minutes,)]

    with serve(town) as gateway:
        talk(conversation())


def test_an_unknown_terminal_is_refused_listed_and_let_in_by_the_administrator(town: Engine, serve: Serve) -> None:
    async def refused() -> None:
        async with Phone(UNKNOWN, gateway.jt808_port) as terminal:
            answer = await terminal.register()
            assert (answer.result, answer.code) == (m.RegisterResult.NO_SUCH_TERMINAL, "")
            assert (await terminal.ask(m.MessageId.AUTHENTICATE, b"guess")).result == m.AckResult.FAILED
            assert (await terminal.report(now())).result == m.AckResult.FAILED

    async def welcome() -> None:
        async with Phone(UNKNOWN, gateway.jt808_port) as terminal:
            await terminal.sign_in()
            assert (await terminal.report(now())).result == m.AckResult.OK

    with serve(town) as gateway:
        talk(refused())
        assert rows(town, "SELECT phone, plate, attempts FROM city.terminal") == [("13999999999", "晋M·D0001", 1)]
        with town.begin() as connection:
            connection.execute(text("SELECT city.admit_terminal('13999999999', 3)"))
        talk(welcome())
        assert gateway.counters["unauthenticated"] == 1
    assert rows(town, "SELECT vehicle_id FROM city.vehicle_fix") == [(3,)]


def test_a_wrong_code_is_refused(town: Engine, serve: Serve) -> None:
    async def conversation() -> None:
        async with Phone(KNOWN, gateway.jt808_port) as terminal:
            await terminal.sign_in()
            async with Phone(KNOWN, gateway.jt808_port) as thief:
                assert (await thief.ask(m.MessageId.AUTHENTICATE, b"0" * 32)).result == m.AckResult.FAILED
                # The right one is still heard.
                assert (await terminal.report(now())).result == m.AckResult.OK

    with serve(town) as gateway:
        talk(conversation())


def test_a_terminal_that_dials_in_anew_replaces_its_old_line(town: Engine, serve: Serve) -> None:
    async def conversation() -> None:
        async with Phone(KNOWN, gateway.jt808_port) as old:
            await old.sign_in()
            async with Phone(KNOWN, gateway.jt808_port, code=old.code) as new:
                await new.sign_in()
                with pytest.raises(ConnectionError):
                    await old.hear()
                assert (await new.report(now())).result == m.AckResult.OK

    with serve(town) as gateway:
        talk(conversation())
        assert gateway.counters["closed_replaced"] == 1


def test_the_same_position_twice_is_stored_once_and_acknowledged_twice(town: Engine, serve: Serve) -> None:
    at = minutes_ago(2)

    async def conversation() -> None:
        async with Phone(KNOWN, gateway.jt808_port) as terminal:
            await terminal.sign_in()
            for _ in range(2):
                assert (await terminal.report(at)).result == m.AckResult.OK
            # An older one joins the history and does not move the truck back.
            assert (await terminal.report(at - timedelta(minutes=1), longitude=111.01)).result == m.AckResult.OK

    with serve(town) as gateway:
        talk(conversation())
    assert rows(town, "SELECT count(*) FROM city.vehicle_fix") == [(2,)]
    assert rows(town, "SELECT at FROM city.vehicle_state") == [(at,)]


def test_positions_that_are_not_believed_are_kept_apart(town: Engine, serve: Serve) -> None:
    async def conversation() -> None:
        async with Phone(KNOWN, gateway.jt808_port) as terminal:
            await terminal.sign_in()
            for at, place in (
                (now() + timedelta(hours=1), {}),
                (minutes_ago(3), {"longitude": 0.0, "latitude": 0.0}),
                (minutes_ago(4), {"speed_kmh": 180.0}),
            ):
                assert (await terminal.report(at, **place)).result == m.AckResult.OK

    with serve(town) as gateway:
        talk(conversation())
    assert rows(town, "SELECT doubt FROM city.doubtful_fix ORDER BY received_at") == [(2,), (8,), (16,)]
    assert rows(town, "SELECT count(*) FROM city.vehicle_fix") == [(0,)]
    assert rows(town, "SELECT count(*) FROM city.raw_message") == [(3,)]


def test_a_batch_in_parts_is_put_together_and_acknowledged_part_by_part(town: Engine, serve: Serve) -> None:
    batch = m.PositionBatch(backfill=True, positions=tuple(position(minutes_ago(i)) for i in range(60, 0, -1)))

    async def conversation() -> None:
        async with Phone(KNOWN_2019, gateway.jt808_port, 1) as terminal:
            await terminal.sign_in()
            body = m.build_batch(batch)
            parts = -(-len(body) // 1023)
            first = terminal.say(m.MessageId.POSITION_BATCH, body)
            acks = [m.parse_ack((await terminal.hear()).body) for _ in range(parts)]
            assert [ack.serial for ack in acks] == [first + part for part in range(parts)]
            assert {ack.result for ack in acks} == {m.AckResult.OK}

    with serve(town) as gateway:
        talk(conversation())
    assert rows(town, "SELECT count(*) FROM city.vehicle_fix") == [(60,)]


def test_damage_costs_only_itself(town: Engine, serve: Serve) -> None:
    async def conversation() -> None:
        async with Phone(KNOWN, gateway.jt808_port) as terminal:
            await terminal.sign_in()
            spoilt = bytearray(build(Message(terminal.header(m.MessageId.HEARTBEAT), b"")))
            spoilt[5] ^= 0xFF
            terminal.writer.write(b"garbage" + bytes(spoilt) + b"\x7e\x7e\x7e")
            assert (await terminal.ask(m.MessageId.POSITION, b"too short")).result == m.AckResult.WRONG
            assert (await terminal.ask(0x0F01, b"?")).result == m.AckResult.UNSUPPORTED
            assert (await terminal.report(now())).result == m.AckResult.OK

    with serve(town) as gateway:
        talk(conversation())
        assert gateway.counters["flaw_bad_checksum"] >= 1
        assert gateway.counters["unsupported"] == 1
    assert rows(town, "SELECT count(*) FROM city.vehicle_fix") == [(1,)]


def test_a_line_that_brings_nothing_but_damage_is_closed_and_others_go_on(town: Engine, serve: Serve) -> None:
    async def conversation() -> None:
        async with Phone(KNOWN, gateway.jt808_port) as good:
            await good.sign_in()
            async with Phone(KNOWN_2019, gateway.jt808_port, 1) as bad:
                bad.writer.write(b"\x7enonsense" * (MOST_FLAWS + 2))
                with pytest.raises(ConnectionError):
                    await bad.hear()
                assert (await good.report(now())).result == m.AckResult.OK

    with serve(town) as gateway:
        talk(conversation())
        assert gateway.counters["closed_flawed"] == 1


@pytest.mark.parametrize(
    ("limits", "says", "why"),
    [
        (Limits(sign_in_s=0.2), b"", "no_sign_in"),
        (Limits(unfinished_s=0.2), b"\x7e\x02\x00", "unfinished"),
        (Limits(idle_s=0.2), b"", "idle"),
    ],
)
def test_a_line_that_only_holds_a_place_is_closed(
    town: Engine, serve: Serve, limits: Limits, says: bytes, why: str
) -> None:
    async def conversation() -> None:
        async with Phone(KNOWN, gateway.jt808_port) as slow:
            slow.writer.write(says)
            with pytest.raises(ConnectionError):
                await slow.hear()

    with serve(town, limits) as gateway:
        talk(conversation())
        assert gateway.counters[f"closed_{why}"] == 1


def test_a_gateway_says_what_it_is_doing(town: Engine, serve: Serve) -> None:
    async def conversation() -> None:
        async with Phone(KNOWN, gateway.jt808_port) as terminal:
            await terminal.sign_in()
            for _ in range(400):
                told = await asyncio.to_thread(rows, town, "SELECT terminals, counters FROM city.gateway_state")
                if told and told[0][0] == 1:
                    assert told[0][1]["message_0102"] == 1
                    return
                await asyncio.sleep(0.1)
            raise AssertionError("nothing was told")

    with serve(town) as gateway:
        talk(conversation())


def test_a_database_that_goes_away_costs_no_position(town: Engine, administration: Engine, serve: Serve) -> None:
    name = town.url.database

    def allow(allowed: bool) -> None:
        with administration.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}"))
            if not allowed:
                query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
                connection.execute(text(query), {"name": name})

    async def conversation() -> None:
        async with Phone(KNOWN, gateway.jt808_port) as terminal:
            await terminal.sign_in()
            for minutes in range(30, 0, -1):
                if minutes in (20, 10):
                    await asyncio.to_thread(allow, minutes == 10)
                assert (await terminal.report(minutes_ago(minutes))).result == m.AckResult.OK
            for _ in range(400):
                if await asyncio.to_thread(rows, town, "SELECT count(*) FROM city.vehicle_fix") == [(30,)]:
                    return
                await asyncio.sleep(0.1)
            raise AssertionError("what was spooled has not come")

    with serve(town) as gateway:
        talk(conversation())
        assert gateway.intake.counters["spooled"] > 0
    assert rows(town, "SELECT count(*) FROM city.raw_message") == [(30,)]


def test_a_gateway_ends_though_terminals_go_on_talking(town: Engine, serve: Serve) -> None:
    heard: list[m.Ack] = []

    async def chatter(terminal: Phone) -> None:
        number = 0
        while True:
            number += 1
            terminal.say(m.MessageId.POSITION, build_position(position(minutes_ago(600) + timedelta(seconds=number))))
            await terminal.writer.drain()
            await asyncio.sleep(0)

    async def listen(terminal: Phone) -> None:
        while True:
            heard.append(m.parse_ack((await terminal.hear()).body))

    async def conversation() -> None:
        async with Phone(KNOWN, gateway.jt808_port) as terminal:
            await terminal.sign_in()
            said, told = asyncio.create_task(chatter(terminal)), asyncio.create_task(listen(terminal))
            stopping = asyncio.create_task(asyncio.to_thread(context.__exit__, None, None, None))
            await asyncio.wait([told])  # the line is closed in the end
            said.cancel()
            await stopping
            await asyncio.gather(said, told, return_exceptions=True)

    context = serve(town)
    gateway = context.__enter__()
    talk(conversation())
    stored = rows(town, "SELECT count(*) FROM city.raw_message")
    assert stored[0][0] >= len(heard)


def test_a_duty_that_fails_is_tried_again_and_the_others_go_on(
    town: Engine, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.gateway.gateway.AFTER_FAULT_S", 0.0)
    monkeypatch.setattr("console.gateway.gateway.MONITOR_S", 0.01)

    class Faulty(Gateway):
        async def _monitor(self) -> None:
            if self.counters["duties_failed"] < 3:
                raise LookupError("a fault of ours")
            self.counters["judged_after_all"] += 1

    with serve(town, kind=Faulty) as gateway:
        deadline = time.monotonic() + 60
        while not gateway.counters["judged_after_all"]:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert gateway.counters["duties_failed"] == 3


def _start(town: Engine, folder: Path, told: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as file:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "console.gateway", "--data-dir", str(folder), "--listen", "127.0.0.1"),
                *("--database", town.url.render_as_string(hide_password=False)),
                *("--free-ports", "yes", "--listening", str(told), "--log-level", "INFO"),
            ],
            stderr=file,
        )


def _wait_for(process: subprocess.Popen[bytes], happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happens():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_process_says_on_which_free_ports_it_listens(town: Engine, tmp_path: Path) -> None:
    told = tmp_path / "meeting.json"
    process = _start(town, tmp_path, told, tmp_path / "log")
    try:
        _wait_for(process, lambda: read_listening(told) is not None)
        listening = read_listening(told)
        assert listening is not None
        for port in (listening.jt808, listening.sl651, listening.http):
            socket.create_connection((listening.host, port), 10).close()
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()


def test_a_second_gateway_of_one_data_folder_stands_by_until_the_first_is_gone(town: Engine, tmp_path: Path) -> None:
    told, told_too, log = tmp_path / "first.json", tmp_path / "second.json", tmp_path / "log"
    first = _start(town, tmp_path, told, tmp_path / "log of the first")
    second = None
    try:
        _wait_for(first, lambda: read_listening(told) is not None)
        second = _start(town, tmp_path, told_too, log)
        _wait_for(second, lambda: b"standing by" in log.read_bytes() or read_listening(told_too) is not None)
        assert read_listening(told_too) is None
        first.kill()
        first.wait()
        _wait_for(second, lambda: read_listening(told_too) is not None)
    finally:
        for process in (first, second):
            if process is not None:
                process.kill()
                process.wait()
