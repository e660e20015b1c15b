"""What desks say reaches the terminal, and what it answers reaches the desk."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from console.database.faults import Refused
from console.errors import ConsoleError
from console.gateway.jt808 import messages as m
from console.gateway.jt808.position import build_position
from console.models.terminal_commands import ask_positions, commands, send_text
from tests.gateway.terminals import Phone, minutes_ago, position

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextlib import AbstractContextManager

    from sqlalchemy import Engine

    from console.gateway.gateway import Gateway

    Serve = Callable[..., AbstractContextManager[Gateway]]

FIRST, SECOND = "013935900001", "00000000013935900002"


def talk(conversation: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(conversation, 60))


async def becomes(engine: Engine, vehicle_id: int, *states: str) -> None:
    """Wait until the commands to a truck, oldest first, have these states."""

    def look() -> tuple[str, ...]:
        with engine.connect() as connection:
            return tuple(one.state for one in reversed(commands(connection, vehicle_id)))

    for _ in range(200):
        found = await asyncio.to_thread(look)
        if found == states:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{found} instead of {states}")


def answer(terminal: Phone, serial: int, message_id: int, result: int = m.AckResult.OK) -> None:
    terminal.say(m.MessageId.TERMINAL_ACK, m.build_ack(m.Ack(serial, message_id, result)))


def test_words_reach_the_driver_and_the_answer_the_desk(town: Engine, serve: Serve) -> None:
    async def conversation() -> None:
        async with Phone(FIRST, gateway.jt808_port) as terminal, Phone(SECOND, gateway.jt808_port, 1) as other:
            await terminal.sign_in()
            await other.sign_in()
            with town.begin() as connection:
                send_text(connection, [1, 2], "前方积水，请绕行", urgent=True)
            for one, result in ((terminal, m.AckResult.OK), (other, m.AckResult.FAILED)):
                said = await one.hear()
                assert said.header.message_id == m.MessageId.TEXT
                assert m.parse_text(said.body, one.version) == "前方积水，请绕行"
                # Urgent, on the display and aloud; in the edition of 2019 flag 1 is urgent, and it is a notice.
                assert said.body[:2] == (b"\x0e\x01" if one.version else b"\x0d" + "前".encode("gbk")[:1])
                answer(one, said.header.serial, m.MessageId.TEXT, result)
            await becomes(town, 1, "done")
            await becomes(town, 2, "failed")

    with serve(town) as gateway:
        talk(conversation())


def test_a_terminal_that_is_asked_says_where_it_is(town: Engine, serve: Serve) -> None:
    at = minutes_ago(1)

    async def conversation() -> None:
        async with Phone(FIRST, gateway.jt808_port) as terminal:
            await terminal.sign_in()
            with town.begin() as connection:
                ask_positions(connection, [1])
            said = await terminal.hear()
            assert said.header.message_id == m.MessageId.ASK_POSITION
            answer(terminal, said.header.serial, m.MessageId.ASK_POSITION)
            serial = said.header.serial.to_bytes(2, "big")
            terminal.say(m.MessageId.POSITION_ANSWER, serial + build_position(position(at)))
            await becomes(town, 1, "done")

    with serve(town) as gateway:
        talk(conversation())
    with town.connect() as connection:
        assert connection.scalar(text("SELECT at FROM city.vehicle_state")) == at


def test_parameters_are_set(town: Engine, serve: Serve) -> None:
    async def conversation() -> None:
        async with Phone(FIRST, gateway.jt808_port) as terminal:
            await terminal.sign_in()
            with town.begin() as connection:
                connection.execute(text("SELECT city.set_parameters('{1}', '{\"report_s\": 10, \"heartbeat_s\": 60}')"))
            said = await terminal.hear()
            assert m.parse_parameters(said.body) == [
                m.seconds(m.Parameters.HEARTBEAT_S, 60),
                m.seconds(m.Parameters.REPORT_S, 10),
            ]
            answer(terminal, said.header.serial, m.MessageId.SET_PARAMETERS, m.AckResult.UNSUPPORTED)
            await becomes(town, 1, "unsupported")

    with serve(town) as gateway:
        talk(conversation())


def test_a_command_waits_for_a_terminal_that_is_away_and_not_for_ever(town: Engine, serve: Serve) -> None:
    async def conversation() -> None:
        with town.begin() as connection:
            send_text(connection, [1], "one")
            send_text(connection, [1], "two")
            first = (
                "UPDATE city.terminal_command SET expires_at = now() - interval '1 s' WHERE content ->> 'words' = 'one'"
            )
            connection.execute(text(first))
        await becomes(town, 1, "expired", "waiting")
        async with Phone(FIRST, gateway.jt808_port) as terminal:
            await terminal.sign_in()
            assert m.parse_text((await terminal.hear()).body) == "two"
            await becomes(town, 1, "expired", "sent")
            with town.begin() as connection:
                connection.execute(text("UPDATE city.terminal_command SET sent_at = sent_at - interval '2 min'"))
            await becomes(town, 1, "expired", "unanswered")

    with serve(town) as gateway:
        talk(conversation())


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("send_text('{1,99}', 'x')", "CT081"),
        ("send_text('{}', 'x')", "CT089"),
        ("send_text('{1}', 'x', minutes => 0)", "CT089"),
        ("send_text('{1}', ' ')", "CT087"),
        ("send_text('{1}', 'x', shown => false, aloud => false)", "CT087"),
        ("send_text('{1}', repeat('x', 401))", "CT087"),
        ("send_text('{1}', repeat('水', 201))", "CT087"),
        ("send_text('{1}', '🚚')", "CT087"),
        ("send_text('{1}', E'a\\nb')", "CT087"),
        ("set_parameters('{1}', '{}')", "CT088"),
        ("set_parameters('{1}', '[]')", "CT088"),
        ("set_parameters('{1}', '{\"report_s\": 0}')", "CT088"),
        ("set_parameters('{1}', '{\"report_s\": 10.5}')", "CT088"),
        ("set_parameters('{1}', '{\"report_s\": 1e30}')", "CT088"),
        ("set_parameters('{1}', '{\"server\": 10}')", "CT088"),
    ],
)
def test_what_no_terminal_could_be_told_is_refused(town: Engine, call: str, code: str) -> None:
    with town.connect() as connection, pytest.raises(Refused) as refused:
        connection.execute(text(f"SELECT city.{call}"))
    assert refused.value.code == code


@pytest.mark.parametrize(
    "role", ["acceptor", "dispatcher", "shift_leader", "department", "supervisor", "gateway", "administrator"]
)
def test_who_may_speak_to_terminals(town: Engine, role: str) -> None:
    allowed = {
        "SELECT city.send_text('{1}', 'x')": {"dispatcher", "shift_leader", "administrator"},
        "SELECT city.ask_positions('{1}')": {"dispatcher", "shift_leader", "administrator"},
        "SELECT city.set_parameters('{1}', '{\"report_s\": 10}')": {"administrator"},
        "SELECT city.take_commands('{1}')": {"gateway"},
        "SELECT city.queue_commands('{1}', 'text', '{}', 10)": set(),
    }
    for statement, roles in allowed.items():
        with town.connect() as connection:
            connection.execute(text(f"SET LOCAL ROLE {role}"))
            if role in roles:
                connection.execute(text(statement))
            else:
                with pytest.raises(ConsoleError, match="does not allow this"):
                    connection.execute(text(statement))


def test_words_are_only_shown_or_only_read_aloud(town: Engine, serve: Serve) -> None:
    async def conversation() -> None:
        async with Phone(FIRST, gateway.jt808_port) as terminal:
            await terminal.sign_in()
            with town.begin() as connection:
                send_text(connection, [1], "x", aloud=False)
                send_text(connection, [1], "y", shown=False)
            assert (await terminal.hear()).body == b"\x04x"
            assert (await terminal.hear()).body == b"\x08y"

    with serve(town) as gateway:
        talk(conversation())


def test_what_was_said_is_on_record(town: Engine) -> None:
    with town.begin() as connection:
        send_text(connection, [1], "前方积水，请绕行")
        found = connection.execute(
            text("SELECT after FROM city.audit_log WHERE subject = 'terminal_command'")
        ).scalar_one()
    assert (found["content"]["words"], found["vehicle_id"]) == ("前方积水，请绕行", 1)
