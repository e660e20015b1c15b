"""Working time and the limits that are counted in it.

Four units of limit (GB/T 30428.8 gives a limit to every filing condition; the units are Yuncheng's):

====  ============  =====================================================
UH    紧急工作时    natural hours, day and night, weekends and holidays
UD    紧急工作日    natural days of 24 hours
WH    工作时        hours inside working time only
WD    工作日        eight working hours
====  ============  =====================================================

Working time is every working day's opening hours (Yuncheng: 08:00–12:00 and 14:00–18:00), without weekends and public
holidays but with make-up days (调休). Inside this module an instant is a whole number of microseconds since 1970 (UTC)
and working time is a list of intervals, beside which the working time used up to each of them is kept: a limit is then
two binary searches, for one case as for fifty thousand.
"""

from __future__ import annotations

import calendar as gregorian
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

import chinese_calendar
import numpy as np

from console.errors import QT_TRANSLATE_NOOP, ConsoleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Instants = NDArray[np.datetime64]
    Durations = NDArray[np.timedelta64]

TIME_ZONE = ZoneInfo("Asia/Shanghai")
# China keeps one offset all year and has since 1992, so that arrays need no time zone rules.
OFFSET = np.timedelta64(8, "h")
# How far beyond its last row a calendar goes on with Monday to Friday: limits of 15 working days and a year on account.
ASSUMED_DAYS = 800
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class LimitUnit(StrEnum):
    """A unit of limit; `minutes` of its own clock, which runs by nature or only in working time."""

    UH = "UH"
    UD = "UD"
    WH = "WH"
    WD = "WD"

    @property
    def minutes(self) -> int:
        """Length of one unit in minutes of its clock; a working day is eight working hours (Yuncheng)."""
        return {"UH": 60, "UD": 24 * 60, "WH": 60, "WD": 8 * 60}[self.value]

    @property
    def in_working_time(self) -> bool:
        """Whether the clock stands still outside working time."""
        return self.value.startswith("W")


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day of the calendar: a row of ``city.calendar_day``."""

    day: date
    is_working: bool
    name: str | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """One opening of a day, in force between two dates, both included: a row of ``city.working_hours``."""

    valid_from: date
    valid_to: date
    opens: time
    closes: time


# Yuncheng's hours all year round; seasonal hours are further rows with narrower dates in the database.
DEFAULT_HOURS = (
    WorkingHours(date(2000, 1, 1), date(2099, 12, 31), time(8), time(12)),
    WorkingHours(date(2000, 1, 1), date(2099, 12, 31), time(14), time(18)),
)


def public_calendar(first_year: int, last_year: int) -> list[CalendarDay]:
    """Every day of the years, both included, with public holidays and make-up days as announced.

    A year whose holidays are not announced yet is Monday to Friday, and its days are marked as assumed.
    """
    days: list[CalendarDay] = []
    for year in range(first_year, last_year + 1):
        length = 366 if gregorian.isleap(year) else 365
        days.extend(_public_day(date(year, 1, 1) + timedelta(days=offset)) for offset in range(length))
    return days


def _public_day(day: date) -> CalendarDay:
    weekday = day.weekday() < 5
    try:
        off, holiday = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return CalendarDay(day, weekday, assumed=True)
    name = chinese_calendar.Holiday(holiday).chinese if holiday else None
    if name and not off:
        name = f"{name}调休上班"
    return CalendarDay(day, not off, name)


class WorkingCalendar:
    """Working time between the first day given and `ASSUMED_DAYS` after the last.

    Args:
        days: the known days, in any order; days between or after them count as assumed, Monday to Friday.
        hours: opening hours; those of a day are all rows in force on it. Two that overlap on a day are a fault.

    Raises:
        ConsoleError: there is no day, or opening hours overlap.
    """

    def __init__(self, days: Iterable[CalendarDay], hours: Sequence[WorkingHours] = DEFAULT_HOURS) -> None:
        known = {row.day: row for row in days}
        if not known:
            raise ConsoleError(QT_TRANSLATE_NOOP("errors", "The working calendar is empty: import a year."))
        self.first = min(known)
        self.last = max(known) + timedelta(days=ASSUMED_DAYS)
        count = (self.last - self.first).days + 1
        every = [self.first + timedelta(days=offset) for offset in range(count)]
        self._working = np.array([known[d].is_working if d in known else d.weekday() < 5 for d in every])
        self._assumed = np.array([known[d].assumed if d in known else True for d in every])
        self._opens, self._closes = self._intervals(hours)
        if (self._opens[1:] < self._closes[:-1]).any():
            at = str(self._opens[1:][self._opens[1:] < self._closes[:-1]][0] + OFFSET)[:10]
            raise ConsoleError(QT_TRANSLATE_NOOP("errors", "Working hours overlap on {day}: mend them."), day=at)
        self._used = np.concatenate([np.zeros(1, "m8[us]"), np.cumsum(self._closes - self._opens)])

    def _intervals(self, hours: Sequence[WorkingHours]) -> tuple[Instants, Instants]:
        days = np.arange(len(self._working))[self._working]
        opens, closes = [], []
        for row in hours:
            in_force = days[(days >= (row.valid_from - self.first).days) & (days <= (row.valid_to - self.first).days)]
            midnight = np.datetime64(self.first, "us") - OFFSET + in_force * np.timedelta64(86_400_000_000, "us")
            opens.append(midnight + _since_midnight(row.opens))
            closes.append(midnight + _since_midnight(row.closes))
        if not opens or not sum(map(len, opens)):
            raise ConsoleError(QT_TRANSLATE_NOOP("errors", "The working calendar has no working hours: enter them."))
        order = np.argsort(np.concatenate(opens), kind="stable")
        return np.concatenate(opens)[order], np.concatenate(closes)[order]

    def is_working(self, day: date) -> bool:
        """Whether `day` is a working day."""
        return bool(self._working[self._index(day)])

    def is_assumed(self, day: date) -> bool:
        """Whether `day` is only assumed to be what `is_working` says: show it to whoever relies on it."""
        return bool(self._assumed[self._index(day)])

    def _index(self, day: date) -> int:
        index = (day - self.first).days
        if not 0 <= index < len(self._working):
            raise self._beyond(day)
        return index

    def _beyond(self, day: object) -> ConsoleError:
        return ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors", "The working calendar knows {first} to {last} but not {day}: import that year."
            ),
            first=self.first,
            last=self.last,
            day=day,
        )

    def deadline(self, start: datetime, limit_value: float, unit: LimitUnit) -> datetime:
        """When a limit that starts at `start` ends; a start outside working time moves to the next opening.

        A working limit that ends with the closing minute ends there (18:00), not at the next opening.

        Raises:
            ConsoleError: the calendar does not reach that far.
        """
        minutes = np.array([limit_value * unit.minutes])
        return _moment(self.deadlines(_instants(start), minutes, np.array([unit.in_working_time]))[0])

    def consumed(self, start: datetime, end: datetime, unit: LimitUnit) -> timedelta:
        """Time between `start` and `end` on the unit's own clock; zero when `end` is not later.

        Raises:
            ConsoleError: the calendar does not reach that far.
        """
        used = self.elapsed(_instants(start), _instants(end), np.array([unit.in_working_time]))[0]
        return timedelta(microseconds=int(used.astype("m8[us]").astype(np.int64)))

    def deadlines(self, starts: Instants, minutes: NDArray[np.number], working: NDArray[np.bool_]) -> Instants:
        """`deadline` for many cases.

        Args:
            starts: instants, UTC, ``datetime64[us]``, shape (n,).
            minutes: limit in minutes of its clock, shape (n,), > 0.
            working: whether that clock runs in working time only, shape (n,).

        Raises:
            ConsoleError: the calendar does not reach that far.
        """
        starts = starts.astype("M8[us]")
        limit = np.rint(np.asarray(minutes) * 60e6).astype("m8[us]")
        ends: Instants = starts + limit
        if working.any():
            target = self._until(starts[working]) + limit[working]
            if (target > self._used[-1]).any():
                raise self._beyond(str(ends[working].max())[:10])
            # The first interval at whose close the target is reached; “left” keeps a deadline on the closing minute.
            interval = np.searchsorted(self._used[1:], target, side="left")
            ends[working] = self._closes[interval] - (self._used[interval + 1] - target)
        return ends

    def elapsed(self, starts: Instants, ends: Instants, working: NDArray[np.bool_]) -> Durations:
        """`consumed` for many cases, ``timedelta64[us]``, shape (n,); arguments as for `deadlines`."""
        starts, ends = starts.astype("M8[us]"), ends.astype("M8[us]")
        used = np.maximum(ends - starts, np.timedelta64(0, "us"))
        if working.any():
            used[working] = np.maximum(
                self._until(ends[working]) - self._until(starts[working]), np.timedelta64(0, "us")
            )
        return used

    def _until(self, instants: Instants) -> Durations:
        """Working time from the beginning of the calendar up to each instant."""
        local = instants + OFFSET
        if (local < np.datetime64(self.first)).any() or (
            local >= np.datetime64(self.last) + np.timedelta64(1, "D")
        ).any():
            outside = local.min() if (local < np.datetime64(self.first)).any() else local.max()
            raise self._beyond(str(outside)[:10])
        interval = np.searchsorted(self._opens, instants, side="right") - 1
        used: Durations = self._used[interval] + np.minimum(instants, self._closes[interval]) - self._opens[interval]
        used[interval < 0] = np.timedelta64(0, "us")
        return used

    @classmethod
    def public(cls, first_year: int, last_year: int, hours: Sequence[WorkingHours] = DEFAULT_HOURS) -> Self:
        """The calendar of the public holidays of those years, both included."""
        return cls(public_calendar(first_year, last_year), hours)


def _since_midnight(at: time) -> np.timedelta64:
    return np.timedelta64((at.hour * 3600 + at.minute * 60 + at.second) * 1_000_000 + at.microsecond, "us")


def _instants(at: datetime) -> Instants:
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return np.array([(at - EPOCH) // timedelta(microseconds=1)], dtype="M8[us]")


def _moment(instant: np.datetime64) -> datetime:
    return (EPOCH + timedelta(microseconds=int(instant.astype(np.int64)))).astimezone(TIME_ZONE)
