"""What the administrator decides about terminals counts in the running gateway; what went wrong with each is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from console.database.faults import Refused
from console.errors import ConsoleError
from console.gateway.jt808 import messages as m
from console.gateway.jt808.position import build_position
from tests.gateway.terminals import Phone, minutes_ago, now, position

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextlib import AbstractContextManager

    from sqlalchemy import Engine

    from console.gateway.gateway import Gateway

    Serve = Callable[..., AbstractContextManager[Gateway]]

FIRST, STRANGER = "013935900001", "013999999999"


def talk(conversation: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(conversation, 180))


def rows(engine: Engine, query: str) -> list[Any]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def do(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


async def becomes(engine: Engine, query: str, *wanted: object) -> None:
    for _ in range(1200):
        if wanted in (found := await asyncio.to_thread(rows, engine, query)):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{found} instead of {wanted}")


async def is_hung_up(terminal: Phone) -> bool:
    """Whether the gateway closes the line, though the terminal has done nothing wrong."""
    for _ in range(6):  # the gateway looks who may come in every few seconds
        try:
            await terminal.hear()
        except ConnectionError:
            return True
        except TimeoutError:
            continue
    return False


@pytest.mark.parametrize(
    "decided", ["SELECT city.block_terminal('13935900001', '停运')", "SELECT city.withdraw_terminal('013935900001')",
                "UPDATE city.vehicle SET active = false WHERE id = 1"]
)  # fmt: skip
def test_whoever_is_kept_out_is_hung_up_on_without_a_restart(town: Engine, serve: Serve, decided: str) -> None:
    async def conversation() -> None:
        async with Phone(FIRST, gateway.jt808_port) as terminal:
            await terminal.sign_in()
            assert (await terminal.report(now())).result == m.AckResult.OK
            await asyncio.to_thread(do, town, decided)
            assert await is_hung_up(terminal)
        async with Phone(FIRST, gateway.jt808_port, code=terminal.code) as again:
            body = m.build_authentication(m.Authentication(terminal.code), None)
            assert (await again.ask(m.MessageId.AUTHENTICATE, body)).result == m.AckResult.FAILED
            assert (await again.register()).result == m.RegisterResult.NO_SUCH_TERMINAL

    with serve(town) as gateway:
        talk(conversation())
        assert gateway.counters["closed_withdrawn"] == 1
    assert rows(town, "SELECT count(*) FROM city.vehicle_fix") == [(1,)]


def test_a_terminal_that_is_built_into_another_truck_reports_for_that_one(town: Engine, serve: Serve) -> None:
    async def conversation() -> None:
        async with Phone(FIRST, gateway.jt808_port) as terminal:
            await terminal.sign_in()
            await terminal.report(minutes_ago(2))
            await asyncio.to_thread(do, town, "SELECT city.admit_terminal('13935900001', 2)")
            assert await is_hung_up(terminal)
        async with Phone(FIRST, gateway.jt808_port, code=terminal.code) as again:
            await again.sign_in()
            await again.report(minutes_ago(1))

    with serve(town) as gateway:
        talk(conversation())
    assert rows(town, "SELECT vehicle_id FROM city.vehicle_fix ORDER BY at") == [(1,), (2,)]
    assert rows(town, "SELECT id, terminal_phone FROM city.vehicle WHERE id < 3 ORDER BY id") == [(1, None), (2, FIRST)]


def test_one_that_brings_the_code_of_another_platform_is_listed_and_let_in(town: Engine, serve: Serve) -> None:
    async def conversation() -> None:
        async with Phone(STRANGER, gateway.jt808_port, code="elsewhere") as terminal:
            for _ in range(3):
                body = m.build_authentication(m.Authentication("elsewhere"), None)
                assert (await terminal.ask(m.MessageId.AUTHENTICATE, body)).result == m.AckResult.FAILED
            listed = "SELECT phone, is_2019, host(address), attempts FROM city.terminal"
            await becomes(town, listed, "13999999999", False, "127.0.0.1", 3)
            new = "SELECT city.admit_new_vehicle('13999999999', '晋M·D7777', 2, '新运输公司', 18)"
            await asyncio.to_thread(do, town, new)
            for _ in range(400):  # until the gateway has read who may come in
                if (await terminal.register()).result == m.RegisterResult.OK:
                    break
            await terminal.sign_in()
            assert (await terminal.report(now())).result == m.AckResult.OK

    with serve(town) as gateway:
        talk(conversation())
    fixes = "SELECT v.plate, v.terminal_phone FROM city.vehicle_fix f JOIN city.vehicle v ON v.id = f.vehicle_id"
    assert rows(town, fixes) == [("晋M·D7777", STRANGER)]


def test_the_faults_of_each_terminal_are_counted_and_when_it_was_heard(town: Engine, serve: Serve) -> None:
    async def conversation() -> None:
        async with Phone(FIRST, gateway.jt808_port) as old:
            await old.sign_in()
            old.writer.write(b"\x7e\x02\x00garbage\x7e")
            await becomes(town, "SELECT signed_in, flaws, replaced FROM city.terminal_contact", True, 1, 0)
            async with Phone(FIRST, gateway.jt808_port, code=old.code) as new:
                await new.sign_in()
                assert await is_hung_up(old)
                new.writer.write(b"\x7e\x02\x00garbage\x7e")
                await becomes(town, "SELECT signed_in, flaws, replaced FROM city.terminal_contact", True, 2, 1)
        await becomes(town, "SELECT phone, gateway, signed_in FROM city.terminal_contact", "13935900001", "here", False)

    with serve(town, name="here") as gateway:
        talk(conversation())
    told = "SELECT heard_at > now() - interval '1 min' AND heard_at <= now(), host(address) FROM city.terminal_contact"
    assert rows(town, told) == [(True, "127.0.0.1")]


def test_all_that_a_terminal_says_is_kept_but_its_code(town: Engine, serve: Serve) -> None:
    async def conversation() -> None:
        async with Phone(FIRST, gateway.jt808_port) as terminal:
            await terminal.sign_in()
            await terminal.ask(m.MessageId.HEARTBEAT)
            await terminal.ask(m.MessageId.POSITION, build_position(position(now())))
            terminal.say(m.MessageId.TERMINAL_ACK, m.build_ack(m.Ack(1, m.MessageId.TEXT, 0)))
            await terminal.ask(m.MessageId.LOG_OUT)

    with serve(town) as gateway:
        talk(conversation())
    kept = [raw[:2].hex() for (raw,) in rows(town, "SELECT raw FROM city.raw_message ORDER BY received_at")]
    assert kept == ["0002", "0200", "0001", "0003"]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("admit_terminal('1', 1)", "CT080"),
        ("admit_terminal('13999999999', 99)", "CT081"),
        ("admit_new_vehicle('13999999999', '晋MD0001', 2, 'x', 18)", "CT091"),
        ("admit_new_vehicle('13999999999', '晋', 2, 'x', 18)", "CT092"),
        ("admit_new_vehicle('13999999999', '晋M·D9', 2, ' ', 18)", "CT092"),
        ("admit_new_vehicle('13999999999', '晋M·D9', 5, 'x', 18)", "CT092"),
        ("admit_new_vehicle('13999999999', '晋M·D9', 2, 'x', 'NaN')", "CT092"),
        ("admit_new_vehicle('13999999999', NULL, NULL, NULL, NULL)", "CT092"),
        ("admit_new_vehicle('1', '晋M·D9', 2, 'x', 18)", "CT080"),
        ("block_terminal('13999999999', ' ')", "CT093"),
        ("block_terminal('13999x', 'why')", "CT093"),
        ("renew_intake_token('nobody')", "CT094"),
    ],
)
def test_what_cannot_be_decided_is_refused(town: Engine, call: str, code: str) -> None:
    with town.connect() as connection:
        connection.execute(text("SELECT city.note_refused('{13999999999}', '{f}', '{127.0.0.1}', '{1}')"))
        with pytest.raises(Refused) as refused:
            connection.execute(text(f"SELECT city.{call}"))
    assert refused.value.code == code


def test_only_the_administrator_decides_and_it_is_on_record(town: Engine) -> None:
    calls = ("admit_terminal('13999999999', 1)", "block_terminal('13999999999', '停运')",
             "unblock_terminal('13999999999')", "withdraw_terminal('13999999999')")  # fmt: skip
    with town.begin() as connection:
        connection.execute(text("SELECT city.note_refused('{13999999999}', '{f}', '{127.0.0.1}', '{1}')"))
        connection.execute(text("SET LOCAL ROLE administrator"))
        for call in calls:
            connection.execute(text(f"SELECT city.{call}"))
    for role in ("dispatcher", "shift_leader", "supervisor", "gateway"):
        for call in calls:
            with town.connect() as connection:
                connection.execute(text(f"SET LOCAL ROLE {role}"))
                with pytest.raises(ConsoleError, match="does not allow this"):
                    connection.execute(text(f"SELECT city.{call}"))
    noted = rows(town, "SELECT after FROM city.audit_log WHERE subject = 'terminal' ORDER BY id")
    assert noted == [({"blocked": True, "reason": "停运"},), ({"blocked": False},)]
    trucks = rows(
        town, "SELECT before ->> 'terminal_phone', after ->> 'terminal_phone' FROM city.audit_log"
        " WHERE subject = 'vehicle' AND kind = 'update' ORDER BY id"
    )  # fmt: skip
    assert trucks == [(FIRST, STRANGER), (STRANGER, None)]


def test_of_refused_terminals_the_latest_thousand_are_kept(town: Engine) -> None:
    with town.begin() as connection:
        connection.execute(
            text("""
            SELECT city.note_refused(array_agg((13000000000 + i)::text), array_agg(false), array_agg(inet '10.0.0.1'),
                array_agg(1)) FROM generate_series(1, 1005) AS i
        """)
        )
        connection.execute(text("SELECT city.block_terminal('13000000001', '停运')"))
        assert connection.scalar(text("SELECT city.forget_refused()")) == 4
        assert connection.scalar(text("SELECT city.forget_refused()")) == 0


def test_a_renewed_token_ends_the_one_before(town: Engine) -> None:
    with town.begin() as connection:
        old = connection.scalar(text("SELECT city.issue_intake_token('vendor A', '{WL-014}')"))
        new = connection.scalar(text("SELECT city.renew_intake_token('vendor A')"))
        kept = connection.execute(text("SELECT hash = sha256(CAST(:new AS bytea)), devices FROM city.intake_token"),
                                  {"new": new}).one()  # fmt: skip
    assert old != new
    assert tuple(kept) == (True, ["WL-014"])
