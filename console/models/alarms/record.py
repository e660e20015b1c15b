"""One alarm in full: what stands, what its rule says about it, what was done, and what a login may do with alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.models.alarms.board import Alarm, AlarmEvent, Hold, alarm, board, history, holds
from console.models.alarms.rules import AlarmRule, rules

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from console.models.alarms.board import Board

ACTS = {
    "acknowledge": "city.acknowledge_alarm(bigint, integer)",
    "reset": "city.reset_alarm(bigint, integer)",
    "shelve": "city.shelve_alarm(bigint, integer, text, integer)",
    "unshelve": "city.unshelve_alarm(bigint, integer)",
    "take_out_of_service": "city.take_out_of_service(text, integer, integer, text)",
    "return_to_service": "city.return_to_service(text, integer, integer)",
    "make_case": "city.alarm_to_case(bigint, integer, text, double precision, double precision, smallint, text, text, "
    "city.case_level, uuid)",
}
"""The function of the database by which each act is done."""


@dataclass(frozen=True)
class AlarmRecord:
    """One alarm in full.

    Attributes:
        alarm: as it is.
        rule: that raised it, as it is now; None when none did.
        events: its history, the oldest first.
    """

    alarm: Alarm
    rule: AlarmRule | None
    events: list[AlarmEvent]


@dataclass(frozen=True)
class Watch:
    """What the list of alarms shows.

    Attributes:
        board: what stands.
        holds: what is set aside.
        may: acts of `ACTS` that the login may do with alarms at all.
        shelving_min: minutes for which an alarm is shelved if nobody says otherwise, and at most.
    """

    board: Board
    holds: list[Hold]
    may: frozenset[str]
    shelving_min: tuple[int, int]


def record(connection: Connection, alarm_id: int) -> AlarmRecord | None:
    """An alarm in full; None when there is none of that id."""
    found = alarm(connection, alarm_id)
    if found is None:
        return None
    rule = next((one for one in rules(connection) if one.id == found.rule_id), None)
    return AlarmRecord(found, rule, history(connection, alarm_id))


def watch(connection: Connection) -> Watch:
    """All that the list of alarms shows, in one reading."""
    may = connection.execute(
        text("""
            SELECT act FROM unnest(CAST(:acts AS text[]), CAST(:functions AS text[])) AS known (act, done_by)
            WHERE has_function_privilege(done_by, 'EXECUTE')
        """),
        {"acts": list(ACTS), "functions": list(ACTS.values())},
    )
    allowed = connection.execute(text("SELECT value FROM city.setting WHERE name = 'alarm_shelving'")).scalar_one()
    return Watch(
        board(connection),
        holds(connection),
        frozenset(may.scalars()),
        (int(allowed["default_min"]), int(allowed["most_min"])),
    )
