"""Which alarms stood at any instant of an hour, and in which state (ISA-18.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from console.models.alarms import Alarm, of_ids
from console.models.replay.courses import Courses, Turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

NORMAL = "normal"


@dataclass(frozen=True)
class AlarmChange:
    """What an alarm had become by one of its changes.

    Attributes:
        alarm_id, version: whose, and its count of changes.
        at: seconds since 1970 (UTC).
        state, urgency: codes of the types ``city.alarm_state``, ``city.urgency``.
        value: what had been measured last; None when nothing was told.
        is_case: whether it had become a case.
    """

    alarm_id: int
    version: int
    at: float
    state: str
    urgency: str
    value: float | None
    is_case: bool


@dataclass(frozen=True)
class AlarmEventRow:
    """A row of the history as the database has it; `from_state` and `act` as of ``city.alarm_event``."""

    alarm_id: int
    version: int
    at: float
    act: str
    from_state: str | None
    to_state: str
    urgency: str
    value: float | None


class AlarmCourses:
    """Alarms that stood in a span of time, and how they changed.

    Args:
        alarms: as they are now, by id.
        events: their histories, by alarm and version.
    """

    def __init__(self, alarms: Sequence[Alarm], events: Iterable[AlarmEventRow]) -> None:
        self._alarms = alarms
        told = {key: list(rows) for key, rows in groupby(events, key=attrgetter("alarm_id"))}
        self._changes = [change for alarm in alarms for change in _changes(alarm, told.get(alarm.id, []))]
        number = {alarm.id: place for place, alarm in enumerate(alarms)}
        self._courses = Courses(
            np.array([number[change.alarm_id] for change in self._changes], np.int64),
            np.array([change.at for change in self._changes], np.float64),
            len(alarms),
        )
        self._turns = Turns([self._courses.at])

    def signature(self, at: float) -> int:
        """Changes whenever an alarm is another than before."""
        return self._turns.count(at)

    def at(self, at: float) -> list[Alarm]:
        """The alarms that stood at an instant, also those that were set aside, as they were; by id."""
        found = []
        for alarm, place in zip(self._alarms, self._courses.last(at).tolist(), strict=True):
            change = self._changes[place] if place >= 0 else None
            if change is None or change.state == NORMAL:
                continue
            was = replace(
                alarm,
                version=change.version,
                state=change.state,
                urgency=change.urgency,
                value=change.value,
                acknowledged_at=None,
                acknowledged_by="",
                cleared_at=None,
            )
            found.append(was if change.is_case else replace(was, case_id=None, case_no="", case_state=""))
        return found


def _changes(alarm: Alarm, events: list[AlarmEventRow]) -> list[AlarmChange]:
    """How an alarm changed, in the order of time.

    Monitors tell when a position or reading was taken, desks when somebody acted, and the two may cross: of all that
    had happened by an instant the highest version counts. What was raised before histories were kept has the moments
    of its row.
    """
    if not events or events[0].from_state not in {None, NORMAL}:
        first = events[0].from_state if events else None
        events = [*_from_row(alarm, first), *events]
    found: list[AlarmChange] = []
    newest, value, is_case = -1, None, False
    for event in sorted(events, key=attrgetter("at", "version")):
        is_case = is_case or event.act == "make_case"
        value = value if event.value is None else event.value
        if event.version < newest:
            continue
        newest = event.version
        found.append(AlarmChange(alarm.id, newest, event.at, event.to_state, event.urgency, value, is_case))
    return found


def _from_row(alarm: Alarm, first: str | None) -> list[AlarmEventRow]:
    """What the moments of an alarm tell; of one with a history only that it stood in the state `first` before it."""

    def event(version: int, at: datetime, act: str, state: str) -> AlarmEventRow:
        return AlarmEventRow(alarm.id, version, at.timestamp(), act, None, state, alarm.urgency, alarm.value)

    found = [event(0, alarm.raised_at, "raise", first or "unacknowledged")]
    if first is not None:
        return found
    acknowledged, cleared = alarm.acknowledged_at, alarm.cleared_at
    if acknowledged is not None:
        is_over = cleared is not None and cleared <= acknowledged
        found.append(event(0, acknowledged, "acknowledge", NORMAL if is_over else "acknowledged"))
    if cleared is not None:
        is_known = acknowledged is not None and acknowledged <= cleared
        found.append(event(0, cleared, "return", NORMAL if is_known else "returned_unacknowledged"))
    return found


def alarm_courses(connection: Connection, start: datetime, end: datetime) -> AlarmCourses:
    """The alarms that stood at any time from `start` to `end`."""
    ids = list(
        connection.execute(
            text("""
                SELECT a.id FROM city.alarm AS a
                WHERE a.raised_at < :end AND (
                    a.state <> 'normal'
                    OR greatest(a.raised_at, a.acknowledged_at, a.cleared_at) >= :start
                    OR a.id IN (SELECT alarm_id FROM city.alarm_event WHERE at >= :start))
            """),
            {"start": start, "end": end},
        ).scalars()
    )
    found = connection.execute(
        text("""
            SELECT alarm_id, version, extract(epoch FROM at)::double precision AS at, act::text AS act,
                from_state::text AS from_state, to_state::text AS to_state, urgency::text AS urgency, value
            FROM city.alarm_event WHERE alarm_id = ANY(:ids) AND at < :end ORDER BY alarm_id, version
        """),
        {"ids": ids, "end": end},
    )
    return AlarmCourses(of_ids(connection, ids), [AlarmEventRow(**row) for row in found.mappings()])
