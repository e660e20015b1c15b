"""Everything that is replayed, an hour at a time: what is read in one go, ahead of the play head."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from console.models.replay.alarms import AlarmCourses, alarm_courses
from console.models.replay.cases import CaseCourses, case_courses
from console.models.replay.gauges import GaugeCourses, gauge_courses
from console.models.replay.trucks import TruckCourses, truck_courses

if TYPE_CHECKING:
    from sqlalchemy import Connection

HOUR_S = 3_600


@dataclass(frozen=True, eq=False)
class Hour:
    """The city over one hour.

    Attributes:
        start: its beginning, seconds since 1970 (UTC), a whole number of hours.
        known_until: up to when it was over when it was read; what came later is not in it.
    """

    start: int
    known_until: float
    trucks: TruckCourses
    gauges: GaugeCourses
    alarms: AlarmCourses
    cases: CaseCourses


def hour_of(at: float) -> int:
    """Where the hour begins in which an instant lies, seconds since 1970."""
    return int(at // HOUR_S) * HOUR_S


def read_hour(connection: Connection, start: int, now: datetime) -> Hour:
    """Read the hour that begins at `start`, seconds since 1970; `now` tells how much of it is over."""
    begin = datetime.fromtimestamp(start, now.tzinfo)
    end = begin + timedelta(seconds=HOUR_S)
    return Hour(
        start,
        min(end, now).timestamp(),
        truck_courses(connection, begin, end),
        gauge_courses(connection, begin, end),
        alarm_courses(connection, begin, end),
        case_courses(connection, begin, end),
    )
