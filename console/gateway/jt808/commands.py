"""What desks say to terminals: taken from the database, said to the terminal, and what it answered written back."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from console.errors import ConsoleError
from console.gateway.jt808 import messages
from console.gateway.jt808.messages import AckResult, MessageId, Parameters
from console.models.terminal_commands import answer_command, take_commands

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from sqlalchemy import Engine

    from console.gateway.jt808.session import Terminals

_PARAMETERS = {
    "heartbeat_s": Parameters.HEARTBEAT_S,
    "report_asleep_s": Parameters.REPORT_ASLEEP_S,
    "report_s": Parameters.REPORT_S,
    "speed_limit_kmh": Parameters.SPEED_LIMIT_KMH,
}
_ANSWERS = {
    AckResult.OK: "done",
    AckResult.FAILED: "failed",
    AckResult.WRONG: "wrong",
    AckResult.UNSUPPORTED: "unsupported",
}
AWAY = "waiting"
log = logging.getLogger(__name__)


def spoken(kind: str, content: dict[str, Any], version: int | None) -> tuple[MessageId, bytes]:
    """The message and its body that a command becomes, for a terminal of that edition.

    Raises:
        ValueError: no terminal could be told that.
    """
    if kind == "text":
        how = {name: content[name] for name in ("urgent", "shown", "aloud")}
        return MessageId.TEXT, messages.build_text(content["words"], version, **how)
    if kind == "position":
        return MessageId.ASK_POSITION, b""
    wanted = [messages.seconds(_PARAMETERS[name], value) for name, value in sorted(content.items())]
    return MessageId.SET_PARAMETERS, messages.build_parameters(wanted)


class Commands:
    """The commands of the terminals that are signed in here.

    Args:
        engine: a gateway's login.
        executor: on which the database is asked.
        terminals: who is signed in.
    """

    def __init__(self, engine: Engine, executor: Executor, terminals: Terminals) -> None:
        self._engine, self._executor, self._terminals = engine, executor, terminals
        self._answers: list[tuple[int, str]] = []

    async def run(self) -> None:
        """Write what was answered, and say what waits; to be called every second or so.

        Raises:
            ConsoleError: the database is away; answers are written when it is back.
        """
        loop = asyncio.get_running_loop()
        answers, self._answers = self._answers, []
        vehicles = list(self._terminals.sessions)
        try:
            waiting = await loop.run_in_executor(self._executor, self._exchange, answers, vehicles)
        except ConsoleError:
            self._answers = answers + self._answers
            raise
        for command_id, vehicle_id, kind, content in waiting:
            session = self._terminals.sessions.get(vehicle_id)
            if session is None:
                self._answers.append((command_id, AWAY))  # it has hung up meanwhile: it may come back
                continue
            try:
                message_id, body = spoken(kind, content, session.version)
            except (ValueError, KeyError) as fault:
                log.warning("Command %d cannot be said: %s", command_id, fault)
                self._answers.append((command_id, "wrong"))
                continue
            session.command(command_id, message_id, body)
            self._terminals.count(f"command_{kind}")

    def answered(self, command_id: int, result: int) -> None:
        """Remember what a terminal has answered."""
        state = _ANSWERS.get(AckResult(result) if result in _ANSWERS else AckResult.FAILED, "failed")
        self._terminals.count(f"command_{state}")
        self._answers.append((command_id, state))

    def _exchange(
        self, answers: list[tuple[int, str]], vehicles: list[int]
    ) -> list[tuple[int, int, str, dict[str, Any]]]:
        with self._engine.begin() as connection:
            for command_id, state in answers:
                answer_command(connection, command_id, state)
            return take_commands(connection, vehicles)
