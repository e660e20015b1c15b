"""What desks say to GPS terminals: words for the driver, a question where the truck is, parameters."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection


MOST_BYTES = 400
"""Bytes in GBK that a text for a driver may have (``city.send_text``)."""
SPEAKERS = frozenset({"dispatcher", "shift_leader", "administrator"})
"""Posts that may speak to drivers and ask terminals where they are."""
SETTERS = frozenset({"administrator"})
"""Posts that may set how terminals work."""


@dataclass(frozen=True)
class Limit:
    """What a parameter of a terminal may be set to (``city.set_parameters``)."""

    least: int
    most: int
    unit: str


PARAMETERS = {
    "report_s": Limit(5, 600, "s"),
    "report_asleep_s": Limit(30, 7200, "s"),
    "heartbeat_s": Limit(10, 600, "s"),
    "speed_limit_kmh": Limit(20, 120, "km/h"),
}


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
    connection: Connection,
    vehicle_ids: Sequence[int],
    words: str,
    *,
    urgent: bool = False,
    shown: bool = True,
    aloud: bool = True,
    minutes: int = 10,
) -> list[int]:
    """Words for drivers; the numbers of the commands.

    Args:
        connection: of a dispatcher, shift leader or administrator.
        vehicle_ids: whose terminals are told.
        words: on one line, at most `MOST_BYTES` in GBK.
        urgent: whether the terminal is to make it known at once.
        shown: whether it is on the display.
        aloud: whether it is read aloud; one of the two at least.
        minutes: how long it waits for a terminal that is away.

    Raises:
        Refused: it cannot be said (CT081, CT087, CT089).
    """
    query = text("SELECT city.send_text(CAST(:vehicles AS integer[]), :words, :urgent, :minutes, :shown, :aloud)")
    how = {"urgent": urgent, "shown": shown, "aloud": aloud, "minutes": minutes}
    return list(connection.scalars(query, {"vehicles": list(vehicle_ids), "words": words, **how}))


def text_bytes(words: str) -> int | None:
    """How many bytes of GBK a text for a driver takes; None when a terminal cannot show one of its characters."""
    try:
        return len(words.strip().encode("gbk"))
    except UnicodeEncodeError:
        return None


def ask_positions(connection: Connection, vehicle_ids: Sequence[int], *, minutes: int = 10) -> list[int]:
    """Ask terminals where they are; the numbers of the commands. The positions come in like all others.

    Raises:
        Refused: it cannot be asked (CT081, CT089).
    """
    query = text("SELECT city.ask_positions(CAST(:vehicles AS integer[]), :minutes)")
    return list(connection.scalars(query, {"vehicles": list(vehicle_ids), "minutes": minutes}))


def set_parameters(
    connection: Connection, vehicle_ids: Sequence[int], parameters: Mapping[str, int], *, minutes: int = 1440
) -> list[int]:
    """Set how terminals work (`PARAMETERS`); the numbers of the commands.

    Raises:
        Refused: they cannot be set so (CT081, CT088, CT089).
    """
    query = text("SELECT city.set_parameters(CAST(:vehicles AS integer[]), CAST(:parameters AS jsonb), :minutes)")
    given = {"vehicles": list(vehicle_ids), "parameters": json.dumps(dict(parameters)), "minutes": minutes}
    return list(connection.scalars(query, given))


def phrases(connection: Connection) -> list[str]:
    """What is said to drivers again and again."""
    return list(connection.scalars(text("SELECT words FROM city.driver_phrase WHERE in_use ORDER BY place, id")))


def commands(connection: Connection, vehicle_id: int, limit: int = 50) -> list[TerminalCommand]:
    """The latest commands to a truck's terminal, newest first; overdue ones count as such also without a gateway."""
    found = connection.execute(
        text("""
            SELECT id, vehicle_id, kind, content, login, asked_at, sent_at, answered_at,
                CASE WHEN state = 'waiting' AND expires_at < now() THEN 'expired'
                    WHEN state = 'sent' AND sent_at < now() - interval '1 minute' THEN 'unanswered'
                    ELSE state END AS state
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
