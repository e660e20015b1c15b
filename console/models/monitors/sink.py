"""What monitors say, written to the database: alarms, what they remember, and what they have judged."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.models.monitors.statements import Held, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

_RAISE = text("""
    SELECT city.raise_alarm(CAST(:rule AS integer), CAST(:vehicle AS integer), CAST(:sensor AS integer), :at,
        CAST(:value AS double precision), CAST(:limit AS double precision), CAST(:x AS double precision),
        CAST(:y AS double precision), CAST(:detail AS jsonb))
""")
_RETURN = text("SELECT city.return_alarm(:kind, CAST(:vehicle AS integer), CAST(:sensor AS integer), :at)")
_SUPPRESS = text("""
    SELECT city.suppress_alarm(:kind, CAST(:vehicle AS integer), CAST(:sensor AS integer), :is_on, :reason)
""")


def take(connection: Connection, owner: str, patience_s: float) -> tuple[int, bytes | None] | None:
    """Take over the judging; (turn, what was known), or None while another gateway does it."""
    row = connection.execute(
        text("SELECT turn, state FROM city.take_monitors(:owner, :patience)"), {"owner": owner, "patience": patience_s}
    ).one_or_none()
    return None if row is None else (row.turn, None if row.state is None else bytes(row.state))


def keep(connection: Connection, turn: int, state: bytes, fixes: Iterable[int], readings: Iterable[int]) -> None:
    """Keep what is known and let go of the batches that were judged; alarms follow in the same transaction.

    Raises:
        Refused: it is another gateway's turn.
    """
    connection.execute(
        text("SELECT city.keep_monitors(:turn, :state, CAST(:fixes AS bigint[]), CAST(:readings AS bigint[]))"),
        {"turn": turn, "state": state, "fixes": list(fixes), "readings": list(readings)},
    )


def leave(connection: Connection, turn: int) -> None:
    """Let another gateway take over."""
    connection.execute(text("SELECT city.leave_monitors(:turn)"), {"turn": turn})


def say(connection: Connection, said: Statement | Held) -> None:
    """Raise an alarm, let it return, or hold a point back.

    Raises:
        Refused: the rule is not in force any more.
    """
    is_sensor = said.subject == "sensor"
    given = {"vehicle": None if is_sensor else said.subject_id, "sensor": said.subject_id if is_sensor else None}
    if isinstance(said, Held):
        connection.execute(_SUPPRESS, {**given, "kind": said.kind, "is_on": said.is_on, "reason": said.reason or None})
        return
    at = datetime.fromtimestamp(said.at, UTC)
    if said.rule is None:
        connection.execute(_RETURN, {**given, "kind": said.kind, "at": at})
        return
    detail = {**said.detail, "since": datetime.fromtimestamp(said.since, UTC).isoformat(timespec="seconds")}
    connection.execute(
        _RAISE,
        {
            **given, "rule": said.rule.id, "at": at, "value": said.value, "limit": said.limit, "x": said.x,
            "y": said.y, "detail": json.dumps(detail, ensure_ascii=False),
        },
    )  # fmt: skip


def was_told(connection: Connection, kind: str, vehicle_id: int, begin: float, end: float) -> bool:
    """Whether a truck had an alarm of a kind at any time between two moments (seconds since 1970)."""
    found = connection.execute(
        text("""
            SELECT EXISTS (SELECT FROM city.alarm WHERE kind = :kind AND vehicle_id = :vehicle AND raised_at <= :end
                AND coalesce(cleared_at, 'infinity') >= :begin)
        """),
        {
            "kind": kind,
            "vehicle": vehicle_id,
            "begin": datetime.fromtimestamp(begin, UTC),
            "end": datetime.fromtimestamp(end, UTC),
        },
    )
    return bool(found.scalar_one())
