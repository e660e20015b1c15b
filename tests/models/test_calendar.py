from __future__ import annotations

from datetime import date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import ConsoleError
from console.models.calendar import (
    ASSUMED_DAYS,
    DEFAULT_HOURS,
    TIME_ZONE,
    CalendarDay,
    LimitUnit,
    WorkingCalendar,
    WorkingHours,
    public_calendar,
)

UH, UD, WH, WD = LimitUnit.UH, LimitUnit.UD, LimitUnit.WH, LimitUnit.WD
CALENDAR = WorkingCalendar.public(2025, 2026)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TIME_ZONE)


@pytest.mark.parametrize(
    ("start", "value", "unit", "end"),
    [
        ("2026-06-01 22:36", 2, UH, "2026-06-02 00:36"),
        ("2026-06-05 17:00", 4, WH, "2026-06-08 11:00"),
        ("2026-06-01 22:36", 1, WD, "2026-06-02 18:00"),
        ("2026-06-02 10:00", 1, WD, "2026-06-03 10:00"),
        ("2026-06-02 08:00", 1, WD, "2026-06-02 18:00"),
        ("2026-06-02 13:00", 4, WH, "2026-06-02 18:00"),
        ("2026-06-02 12:00", 1, WH, "2026-06-02 15:00"),
        ("2026-06-06 09:00", 1, UD, "2026-06-07 09:00"),
        # National Day 2026: off 1 to 7 October, made up on Sunday 20 September and Saturday 10 October.
        ("2026-09-30 17:00", 2, WH, "2026-10-08 09:00"),
        ("2026-09-18 17:00", 2, WH, "2026-09-20 09:00"),
        ("2026-10-09 17:00", 2, WH, "2026-10-10 09:00"),
    ],
)
def test_deadlines(start: str, value: int, unit: LimitUnit, end: str) -> None:
    assert CALENDAR.deadline(at(start), value, unit) == at(end)


def test_consumed_time_stands_still_outside_working_time() -> None:
    assert CALENDAR.consumed(at("2026-06-05 17:00"), at("2026-06-08 09:30"), WD) == timedelta(hours=2, minutes=30)
    assert CALENDAR.consumed(at("2026-06-06 09:00"), at("2026-06-06 21:00"), WH) == timedelta(0)
    assert CALENDAR.consumed(at("2026-06-06 09:00"), at("2026-06-06 21:00"), UH) == timedelta(hours=12)
    assert CALENDAR.consumed(at("2026-06-06 21:00"), at("2026-06-06 09:00"), UD) == timedelta(0)


def test_a_year_that_is_not_announced_is_assumed_monday_to_friday() -> None:
    days = {row.day: row for row in public_calendar(2026, 2099) if row.day.year in {2026, 2099}}
    assert not days[date(2026, 10, 1)].is_working
    assert days[date(2026, 10, 1)].name == "国庆节"
    assert days[date(2026, 10, 10)] == CalendarDay(date(2026, 10, 10), is_working=True, name="国庆节调休上班")
    assert not any(row.assumed for row in days.values() if row.day.year == 2026)
    unknown = [row for row in days.values() if row.day.year == 2099]
    assert len(unknown) == 365
    assert all(row.assumed and row.is_working == (row.day.weekday() < 5) for row in unknown)
    calendar = WorkingCalendar(days.values())
    assert calendar.is_assumed(date(2099, 10, 1))
    assert not calendar.is_assumed(date(2026, 10, 1))


def test_days_beyond_the_calendar_are_assumed_and_then_refused() -> None:
    calendar = WorkingCalendar([CalendarDay(date(2026, 12, 31), is_working=True)])
    assert calendar.deadline(at("2026-12-31 17:00"), 2, WH) == at("2027-01-01 09:00")
    assert calendar.is_assumed(date(2027, 1, 1))
    with pytest.raises(ConsoleError, match="import that year"):
        calendar.deadline(at("2026-12-31 17:00"), ASSUMED_DAYS, WD)
    with pytest.raises(ConsoleError, match="2026-12-30"):
        calendar.consumed(at("2026-12-30 17:00"), at("2026-12-31 17:00"), WD)
    with pytest.raises(ConsoleError, match="2026-12-30"):
        calendar.is_working(date(2026, 12, 30))


def test_seasonal_hours() -> None:
    year = (
        (date(2026, 1, 1), date(2026, 5, 31)),
        (date(2026, 6, 1), date(2026, 9, 30)),
        (date(2026, 10, 1), date(2026, 12, 31)),
    )
    hours = []
    for season, (opens, closes) in zip(year, (("14:00", "18:00"), ("15:00", "18:30"), ("14:00", "18:00")), strict=True):
        hours += [
            WorkingHours(*season, time(8), time(12)),
            WorkingHours(*season, time.fromisoformat(opens), time.fromisoformat(closes)),
        ]
    calendar = WorkingCalendar(public_calendar(2026, 2026), hours)
    assert calendar.deadline(at("2026-05-29 17:00"), 5, WH) == at("2026-06-01 12:00")
    assert calendar.deadline(at("2026-06-01 08:00"), 1, WD) == at("2026-06-02 08:30")


def test_faulty_calendars_are_refused() -> None:
    with pytest.raises(ConsoleError, match="empty"):
        WorkingCalendar([])
    day = [CalendarDay(date(2026, 6, 1), is_working=True)]
    with pytest.raises(ConsoleError, match="overlap on 2026-06-01"):
        WorkingCalendar(day, [*DEFAULT_HOURS, WorkingHours(date(2026, 1, 1), date(2026, 12, 31), time(11), time(13))])
    with pytest.raises(ConsoleError, match="no working hours"):
        WorkingCalendar(day, [WorkingHours(date(2020, 1, 1), date(2020, 12, 31), time(8), time(12))])
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.deadline(datetime(2026, 6, 1), 1, WD)  # noqa: DTZ001 - what is refused


instants = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 1)).map(lambda t: t.replace(tzinfo=TIME_ZONE))  # noqa: DTZ001
units = st.sampled_from(list(LimitUnit))


def brute_force(start: datetime, end: datetime) -> timedelta:
    """Working time between two instants, counted day by day."""
    total = timedelta(0)
    day = start.date()
    while day <= end.date():
        if CALENDAR.is_working(day):
            for row in DEFAULT_HOURS:
                opens, closes = (datetime.combine(day, t, TIME_ZONE) for t in (row.opens, row.closes))
                total += max(min(closes, end) - max(opens, start), timedelta(0))
        day += timedelta(days=1)
    return total


@given(instants, st.integers(1, 15), units)
def test_a_deadline_is_reached_when_exactly_the_limit_is_used(start: datetime, value: int, unit: LimitUnit) -> None:
    end = CALENDAR.deadline(start, value, unit)
    limit = timedelta(minutes=value * unit.minutes)
    assert CALENDAR.consumed(start, end, unit) == limit
    assert CALENDAR.consumed(start, end - timedelta(microseconds=1), unit) < limit


@given(instants, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_working_time_agrees_with_counting(start: datetime, span: timedelta) -> None:
    assert CALENDAR.consumed(start, start + span, WD) == brute_force(start, start + span)


@given(instants, st.timedeltas(timedelta(0), timedelta(days=9)), st.timedeltas(timedelta(0), timedelta(days=9)), units)
def test_consumed_time_adds_up(start: datetime, first: timedelta, second: timedelta, unit: LimitUnit) -> None:
    middle = start + first
    end = middle + second
    parts = CALENDAR.consumed(start, middle, unit) + CALENDAR.consumed(middle, end, unit)
    assert CALENDAR.consumed(start, end, unit) == parts


@given(st.lists(st.tuples(instants, st.integers(1, 15), units), min_size=1, max_size=40))
def test_many_cases_give_what_each_gives(cases: list[tuple[datetime, int, LimitUnit]]) -> None:
    starts = np.array([int(start.timestamp()) * 10**6 for start, _, _ in cases], dtype="M8[us]")
    minutes = np.array([value * unit.minutes for _, value, unit in cases])
    working = np.array([unit.in_working_time for _, _, unit in cases])
    ends = CALENDAR.deadlines(starts, minutes, working)
    for start, end, (_, value, unit) in zip(starts, ends, cases, strict=True):
        single = CALENDAR.deadline(datetime.fromtimestamp(start.astype(int) / 1e6, TIME_ZONE), value, unit)
        assert single.timestamp() == end.astype(int) / 1e6
    assert (CALENDAR.elapsed(starts, ends, working) == minutes * np.timedelta64(1, "m")).all()
