"""The clock of the database is that of the rules, over any calendar and at any instant, and that of the domain page."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from console.database.faults import Refused
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
from tests.conftest import _clone as clone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Engine

    from console.database.cluster import PrivateCluster

UH, UD, WH, WD = LimitUnit.UH, LimitUnit.UD, LimitUnit.WH, LimitUnit.WD
ORIGIN = date(2026, 2, 2)  # a Monday
# Both answers of the clock, or nothing where the calendar does not reach.
CLOCK = """
CREATE FUNCTION pg_temp.ends(starts timestamptz, minutes float8, unit city.limit_unit) RETURNS timestamptz
LANGUAGE plpgsql AS $$
BEGIN RETURN city.limit_end(starts, minutes, unit); EXCEPTION WHEN SQLSTATE 'CT017' THEN RETURN NULL; END $$;
CREATE FUNCTION pg_temp.used(starts timestamptz, ends timestamptz, unit city.limit_unit) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN RETURN city.limit_used_us(starts, ends, unit); EXCEPTION WHEN SQLSTATE 'CT017' THEN RETURN NULL; END $$;
"""
ASK = """
SELECT pg_temp.ends(starts, minutes, unit), pg_temp.used(starts, ends, unit)
FROM unnest(CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]), CAST(:minutes AS float8[]),
            CAST(CAST(:units AS text[]) AS city.limit_unit[])) WITH ORDINALITY AS t (starts, ends, minutes, unit, n)
ORDER BY n
"""


def at(said: str) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=TIME_ZONE)


@dataclass(frozen=True)
class Question:
    """How long a limit from an instant lasts, and what of it another instant has used."""

    start: datetime
    end: datetime
    minutes: int
    unit: LimitUnit


@pytest.fixture(scope="module")
def centre(cluster: PrivateCluster, administration: Engine, empty_template: str) -> Iterator[Connection]:
    """A database without a calendar; every test rolls its own back."""
    for engine in clone(cluster, administration, empty_template):
        with engine.connect() as connection:
            connection.execute(text(CLOCK))
            connection.commit()
            yield connection


def enter(connection: Connection, days: Sequence[CalendarDay], hours: Sequence[WorkingHours]) -> None:
    """Have a calendar as an administrator would enter it: the triggers compute the rest."""
    connection.execute(
        text("INSERT INTO city.working_hours (valid_from, valid_to, opens, closes) VALUES (:f, :t, :o, :c)"),
        [{"f": row.valid_from, "t": row.valid_to, "o": row.opens, "c": row.closes} for row in hours],
    )
    connection.execute(
        text("""
            INSERT INTO city.calendar_day (day, is_working)
            SELECT * FROM unnest(CAST(:days AS date[]), CAST(:working AS boolean[]))
        """),
        {"days": [row.day for row in days], "working": [row.is_working for row in days]},
    )


def answers(connection: Connection, questions: Sequence[Question]) -> list[tuple[datetime | None, int | None]]:
    """What the database says, in one call."""
    rows = connection.execute(
        text(ASK),
        {
            "starts": [one.start for one in questions],
            "ends": [one.end for one in questions],
            "minutes": [one.minutes for one in questions],
            "units": [one.unit.value for one in questions],
        },
    )
    return [(end, used) for end, used in rows]


def rules(calendar: WorkingCalendar, question: Question) -> tuple[datetime | None, int | None]:
    """What the rules say."""
    end: datetime | None = None
    used: int | None = None
    with suppress(ConsoleError):
        end = calendar.deadline(question.start, question.minutes / question.unit.minutes, question.unit)
    with suppress(ConsoleError):
        used = calendar.consumed(question.start, question.end, question.unit) // timedelta(microseconds=1)
    return end, used


minutes_of_day = st.one_of(st.sampled_from([0, 480, 720, 840, 1080, 1439]), st.integers(0, 1439))


@st.composite
def openings(draw: st.DrawFn) -> list[tuple[time, time]]:
    """One to three openings of a day that do not overlap; they may touch, and begin at midnight."""
    edges = sorted(draw(st.sets(minutes_of_day, min_size=2, max_size=6)))
    times = [time(edge // 60, edge % 60) for edge in edges]
    pairs = list(zip(times[::2], times[1::2], strict=False))
    if draw(st.booleans()) and len(times) > 2:
        return [(times[0], times[1]), (times[1], times[2])]
    return pairs


@st.composite
def calendars(draw: st.DrawFn) -> tuple[list[CalendarDay], list[WorkingHours]]:
    """Known days with holidays, make-up days and gaps; hours by season, perhaps none in one of them."""
    offsets = sorted(draw(st.sets(st.integers(0, 40), min_size=1, max_size=20)))
    days = []
    for offset in offsets:
        day = ORIGIN + timedelta(days=offset)
        days.append(CalendarDay(day, is_working=draw(st.sampled_from([day.weekday() < 5, True, False]))))
    turns = sorted(draw(st.sets(st.integers(-5, 60), max_size=2)))
    begins = [date(2025, 1, 1), *(ORIGIN + timedelta(days=turn) for turn in turns)]
    ends = [begin - timedelta(days=1) for begin in begins[1:]] + [date(2031, 12, 31)]
    hours = [
        WorkingHours(begin, end, opens, closes)
        for begin, end in zip(begins, ends, strict=True)
        for opens, closes in draw(openings())
    ]
    return days, hours


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[CalendarDay], list[WorkingHours], list[Question]]:
    """A calendar and questions to it, many of them at its edges."""
    days, hours = draw(calendars())
    first, last = days[0].day, days[-1].day + timedelta(days=ASSUMED_DAYS)
    clock_times = st.sampled_from([t for row in hours for t in (row.opens, row.closes)] + [time(0)])
    near = st.integers(-3, 60).map(lambda offset: first + timedelta(days=offset))
    edge = st.sampled_from([first, last, last + timedelta(days=1), last + timedelta(days=2)])
    some_day = st.one_of(near, near, near, edge)
    nudge = st.sampled_from([timedelta(0), timedelta(microseconds=1), timedelta(microseconds=-1), timedelta(hours=1)])
    on_edge = st.builds(lambda d, t, n: datetime.combine(d, t, TIME_ZONE) + n, some_day, clock_times, nudge)
    anywhere = st.builds(
        lambda d, us: datetime.combine(d, time(0), TIME_ZONE) + timedelta(microseconds=us),
        some_day,
        st.integers(0, 86_400_000_000 - 1),
    )
    instant = st.one_of(on_edge, anywhere)
    minutes = st.one_of(st.integers(1, 4000), st.sampled_from([60, 120, 240, 480, 960, 15 * 480, 800 * 480]))
    question = st.builds(Question, instant, instant, minutes, st.sampled_from(list(LimitUnit)))
    return days, hours, draw(st.lists(question, min_size=30, max_size=60))


@settings(max_examples=30, deadline=None)
@given(cases())
@example(
    # Somebody is there from the first minute of the calendar on.
    (
        [CalendarDay(ORIGIN, is_working=True)],
        [WorkingHours(date(2025, 1, 1), date(2031, 12, 31), time(0), time(12))],
        [Question(at("2026-02-02 00:00"), at("2026-02-02 03:00"), 60, unit) for unit in LimitUnit],
    )
)
def test_the_database_counts_as_the_rules_do(
    centre: Connection, case: tuple[list[CalendarDay], list[WorkingHours], list[Question]]
) -> None:
    days, hours, questions = case
    calendar = WorkingCalendar(days, hours)
    with centre.begin() as transaction:
        enter(centre, days, hours)
        said = answers(centre, questions)
        transaction.rollback()
    for question, (end, used) in zip(questions, said, strict=True):
        assert (end, used) == rules(calendar, question), question
        if end is not None:
            assert calendar.consumed(question.start, end, question.unit) == timedelta(minutes=question.minutes)


rows_of_hours = st.builds(
    lambda first, length, opening: WorkingHours(
        ORIGIN + timedelta(days=first), ORIGIN + timedelta(days=first + length), *opening
    ),
    st.integers(0, 12),
    st.integers(0, 6),
    openings().map(lambda pairs: pairs[0]),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(rows_of_hours, min_size=1, max_size=4, unique_by=lambda row: (row.valid_from, row.opens)), st.data())
def test_overlapping_hours_are_refused_by_both_and_on_the_same_day(
    centre: Connection, hours: list[WorkingHours], data: st.DataObject
) -> None:
    days = [
        CalendarDay(ORIGIN + timedelta(days=offset), is_working=data.draw(st.booleans()) or offset == 0)
        for offset in range(14)
    ]
    hours.append(WorkingHours(date(2026, 3, 1), date(2026, 3, 31), time(8), time(12)))
    by_rules: Any = None
    by_database: Any = None
    try:
        WorkingCalendar(days, hours)
    except ConsoleError as fault:
        by_rules = ("CT014", fault.values["day"])
    with centre.begin() as transaction:
        try:
            enter(centre, days, hours)
        except Refused as fault:
            by_database = (fault.code, fault.values["day"])
        transaction.rollback()
    assert by_database == by_rules


SEASONS = [
    WorkingHours(date(2026, first, 1), date(2026, last, end), *opening)
    for first, last, end, afternoon in ((1, 5, 31, (14, 18)), (6, 9, 30, (15, 19)), (10, 12, 31, (14, 18)))
    for opening in ((time(8), time(12)), (time(afternoon[0]), time(afternoon[1])))
]
# Section 2.4 of the domain page: the worked examples, what they rest on, and the same with holidays and seasons.
EXAMPLES = [
    ("2026-06-01 22:36", 2, UH, "2026-06-02 00:36", "day and night"),
    ("2026-06-05 17:00", 4, WH, "2026-06-08 11:00", "one hour on Friday, three on Monday"),
    ("2026-06-01 22:36", 1, WD, "2026-06-02 18:00", "begins with the next opening, ends with the closing minute"),
    ("2026-06-02 10:00", 1, WD, "2026-06-03 10:00", "two hours, four, and two of the next day"),
    ("2026-06-02 12:00", 1, WH, "2026-06-02 15:00", "at the closing minute nothing is used until the next opening"),
    ("2026-06-02 13:15", 4, WH, "2026-06-02 18:00", "a deadline at the closing minute stays there"),
    ("2026-06-02 18:00", 8, WH, "2026-06-03 18:00", "and a start at it moves to the next day"),
    ("2026-06-05 09:30", 2, UD, "2026-06-07 09:30", "natural days of 24 hours, over a weekend"),
    ("2026-06-06 09:00", 2, UH, "2026-06-06 11:00", "weekends count for urgent limits"),
    ("2026-06-05 17:00", 4, WH, "2026-06-08 11:00", "without a standard: four working hours"),
    ("2026-09-30 17:00", 2, WH, "2026-10-08 09:00", "National Day is off from 1 to 7 October"),
    ("2026-09-18 17:00", 2, WH, "2026-09-20 09:00", "a make-up Sunday counts as a working day"),
    ("2026-10-01 08:00", 2, UH, "2026-10-01 10:00", "urgent on a holiday"),
    ("2026-06-01 08:00", 15, WD, "2026-06-22 18:00", "fifteen days over the Dragon Boat Festival of 19 June"),
]


@pytest.mark.parametrize("hours", [DEFAULT_HOURS, SEASONS], ids=["all year", "seasons"])
def test_the_worked_examples_of_the_domain_page(centre: Connection, hours: Sequence[WorkingHours]) -> None:
    days = public_calendar(2026, 2026)
    questions = [Question(at(start), at(end), value * unit.minutes, unit) for start, value, unit, end, _ in EXAMPLES]
    with centre.begin() as transaction:
        enter(centre, days, hours)
        said = answers(centre, questions)
        transaction.rollback()
    calendar = WorkingCalendar(days, hours)
    for (start, value, unit, end, why), question, (ends, used) in zip(EXAMPLES, questions, said, strict=True):
        assert (ends, used) == rules(calendar, question)
        if hours is DEFAULT_HOURS:
            assert ends == at(end), (start, value, unit, why)
            assert used == timedelta(minutes=question.minutes) // timedelta(microseconds=1)


def test_summer_hours_move_the_deadlines_of_summer(centre: Connection) -> None:
    with centre.begin() as transaction:
        enter(centre, public_calendar(2026, 2026), SEASONS)
        said = answers(
            centre,
            [
                Question(at("2026-05-29 17:00"), at("2026-06-01 15:30"), 5 * 60, WH),
                Question(at("2026-09-30 18:30"), at("2026-10-08 14:00"), 60, WH),
            ],
        )
        transaction.rollback()
    assert said[0] == (at("2026-06-01 12:00"), timedelta(hours=5.5) // timedelta(microseconds=1))
    assert said[1] == (at("2026-10-08 08:30"), timedelta(hours=4.5) // timedelta(microseconds=1))


def test_times_are_the_same_in_any_time_zone_of_the_session(centre: Connection) -> None:
    question = Question(at("2026-06-05 17:00"), at("2026-06-08 09:30"), 240, WH)
    with centre.begin() as transaction:
        centre.execute(text("SET LOCAL TIME ZONE 'America/New_York'"))
        enter(centre, public_calendar(2026, 2026), DEFAULT_HOURS)
        assert answers(centre, [question]) == rules_of_2026(question)
        centre.execute(text("SET LOCAL TIME ZONE 'UTC'"))
        assert answers(centre, [question]) == rules_of_2026(question)
        transaction.rollback()


def rules_of_2026(question: Question) -> list[tuple[datetime | None, int | None]]:
    end, used = rules(WorkingCalendar.public(2026, 2026), question)
    assert end is not None
    return [(end.astimezone(UTC), used)]
