"""What desks say to GPS terminals: words for the driver, a question where the truck is, parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class TerminalCommand:
    """One command and what became of it.

    Attributes:
        id, vehicle_id: of the command, and of the truck whose terminal is told.
        kind: ``text``, ``position`` or ``parameters``.
        content: the words, or the parameters.
        login: who told it.
        asked_at, sent_at, answered_at: when it was told, said to the terminal, and answered.
        state: ``waiting``, ``sent``, then ``done``, ``failed``, ``wrong``, ``unsupported`` as the terminal answered;
            ``unanswered`` after a minute, ``expired`` when the terminal was away too long.
    """

    id: int
    vehicle_id: int
    kind: str
    content: dict[str, Any]
    login: str
    asked_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    state: str


def send_text(
    connection: Connection, vehicle_ids: Sequence[int], words: str, *, urgent: bool = False, minutes: int = 10
) -> list[int]:
    """Words for drivers, shown and read aloud; the numbers of the commands.

    Args:
        connection: of a dispatcher, shift leader or administrator.
        vehicle_ids: whose terminals are told.
        words: on one line, at most 200 Chinese characters.
        urgent: whether the terminal is to make it known at once.
        minutes: how long it waits for a terminal that is away.

    Raises:
        Refused: it cannot be said (CT081, CT087, CT089).
    """
    query = text("SELECT city.send_text(CAST(:vehicles AS integer[]), :words, :urgent, :minutes)")
    given = {"vehicles": list(vehicle_ids), "words": words, "urgent": urgent, "minutes": minutes}
    return list(connection.scalars(query, given))


def ask_positions(connection: Connection, vehicle_ids: Sequence[int], *, minutes: int = 10) -> list[int]:
    """Ask terminals where they are; the numbers of the commands. The positions come in like all others.

    Raises:
        Refused: it cannot be asked (CT081, CT089).
    """
    query = text("SELECT city.ask_positions(CAST(:vehicles AS integer[]), :minutes)")
    return list(connection.scalars(query, {"vehicles": list(vehicle_ids), "minutes": minutes}))


def commands(connection: Connection, vehicle_id: int, limit: int = 50) -> list[TerminalCommand]:
    """The latest commands to a truck's terminal, newest first."""
    found = connection.execute(
        text("""
            SELECT id, vehicle_id, kind, content, login, asked_at, sent_at, answered_at, state
            FROM city.terminal_command WHERE vehicle_id = :vehicle_id ORDER BY id DESC LIMIT :limit
        """),
        {"vehicle_id": vehicle_id, "limit": limit},
    )
    return [TerminalCommand(**row) for row in found.mappings()]


def take_commands(connection: Connection, vehicle_ids: Sequence[int]) -> list[tuple[int, int, str, dict[str, Any]]]:
    """What a gateway is to say to the terminals of these vehicles: number, vehicle, kind, content."""
    query = text(
        "SELECT id, vehicle_id, kind, content FROM city.take_commands(CAST(:vehicles AS integer[])) ORDER BY id"
    )
    return [tuple(row) for row in connection.execute(query, {"vehicles": list(vehicle_ids)})]


def answer_command(connection: Connection, command_id: int, state: str) -> None:
    """Write down what a terminal has answered."""
    connection.execute(text("SELECT city.answer_command(:id, :state)"), {"id": command_id, "state": state})
