"""Indicators equal counting the cases by hand, whatever happened to the cases and however it was counted."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from console.models import statistics
from console.models.statistics import Dimension, Indicators, Part, Step
from tests.models.queue_city import NOW, fill, insert_case, random_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine, RowMapping

TODAY = date(2026, 11, 1)
LONG_AGO = date(2026, 9, 1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
PART = {
    Dimension.ZONE: "zone_id",
    Dimension.DEPARTMENT: "responsible_id",
    Dimension.CLASS: "class_id",
    Dimension.SOURCE: "source",
    Dimension.MODE: "mode",
}


@pytest.fixture
def connection(empty_database: Engine) -> Iterator[Connection]:
    with empty_database.connect() as connection:
        fill(connection, cases=150)
        yield connection


def churn(connection: Connection, seed: int, steps: int = 60) -> None:
    """Random changes, as the moves of cases make them, and worse: cases deleted and rewritten altogether."""
    chance = random.Random(seed)
    for _ in range(steps):
        ids = list(connection.scalars(text("SELECT id FROM city.case_file ORDER BY id")))
        what = chance.choice(("insert", "rewrite", "rewrite", "touch", "delete", "fold"))
        if what == "insert":
            insert_case(connection, random_case(chance))
        elif what == "delete":
            connection.execute(text("DELETE FROM city.case_file WHERE id = :id"), {"id": chance.choice(ids)})
        elif what == "fold":
            connection.exec_driver_sql("SELECT city.fold_case_day()")
        elif what == "touch":
            connection.execute(
                text(
                    "UPDATE city.case_file SET version = version + 1, is_overdue = NOT is_overdue WHERE id = ANY (:ids)"
                ),
                {"ids": chance.sample(ids, 5)},
            )
        else:
            values = random_case(chance)
            values.pop("x"), values.pop("y")
            named = ", ".join(f"{name} = :{name}" for name in values)
            connection.execute(
                text(f"UPDATE city.case_file SET {named} WHERE id = :id"), {**values, "id": chance.choice(ids)}
            )


def has(column: str, value: object) -> Callable[[RowMapping], bool]:
    return lambda row: row[column] == value


def by_hand(connection: Connection, chosen: Callable[[RowMapping], bool], first: date, last: date) -> Indicators:
    """The indicators from the rows themselves, by the definitions of the standard."""
    counted: Counter[str] = Counter()
    for row in connection.execute(text("SELECT * FROM city.case_file")).mappings():
        if not chosen(row):
            continue
        overdue = row["is_overdue"] and row["appeal"] != "granted"
        closed = row["state"] == "closed"

        def on(name: str, row: RowMapping = row) -> bool:
            return row[name] is not None and first <= row[name].astimezone(SHANGHAI).date() <= last

        for name in ("reported", "accepted", "filed", "dispatched", "disposed"):
            counted[name] += on(f"{name}_at")
        if on("disposed_at"):
            counted["disposed_overdue"] += overdue
            counted["reworked"] += row["reworks"] > 0
            counted["extended"] += row["extensions"] > 0
            counted["disposal_s"] += round((row["disposed_at"] - row["dispatched_at"]).total_seconds())
        if on("closed_at"):
            counted["closed"] += closed
            counted["closed_overdue"] += closed and overdue
            counted["forced"] += row["state"] == "forced_close"
            counted["cancelled"] += row["state"] == "cancelled"
            counted["refused"] += row["state"] == "not_accepted"
            counted["assessed"] += row["state"] == "assessed"
            counted["closing_s"] += closed and round((row["closed_at"] - row["reported_at"]).total_seconds())
        if row["is_open"] and row["filed_at"] and on("deadline") and row["deadline"] < NOW:
            counted["to_dispose_overdue"] += row["disposed_at"] is None
            counted["to_close_overdue"] += row["disposed_at"] is None or row["disposed_at"] > row["deadline"]
    return Indicators(**counted)


@pytest.mark.parametrize("seed", range(4))
def test_counts_stay_those_of_the_cases_through_all_changes(connection: Connection, seed: int) -> None:
    churn(connection, seed)
    for first, last in ((LONG_AGO, TODAY + timedelta(days=60)), (TODAY - timedelta(days=9), TODAY)):
        assert statistics.total(connection, first, last, now=NOW) == by_hand(connection, lambda row: True, first, last)
    whole = statistics.total(connection, now=NOW)
    parts = {dimension: statistics.by(connection, dimension, now=NOW) for dimension in Dimension}
    for dimension, groups in parts.items():
        assert sum((group.indicators for group in groups), Indicators()) == whole
        if dimension in PART:
            for group in groups:
                alone = by_hand(connection, has(PART[dimension], group.key), LONG_AGO, TODAY + timedelta(60))
                assert group.indicators == alone
                if group.key is not None:
                    assert statistics.total(connection, dimension=dimension, key=group.key, now=NOW) == alone

    connection.exec_driver_sql("SELECT city.refresh_case_day()")
    assert {dimension: statistics.by(connection, dimension, now=NOW) for dimension in Dimension} == parts
    assert connection.scalar(text("SELECT count(*) FROM city.case_day_change")) == 0


@pytest.mark.parametrize("step", list(Step))
def test_periods_add_up_to_the_whole(connection: Connection, step: Step) -> None:
    first = TODAY - timedelta(days=45)
    series = statistics.by_period(connection, first, TODAY, step, now=NOW)
    assert [begin for begin, _ in series] == statistics.periods(first, TODAY, step)
    assert sum((indicators for _, indicators in series), Indicators()) == statistics.total(
        connection, first, TODAY, now=NOW
    )
    zone = statistics.by_period(connection, first, TODAY, step, dimension=Dimension.ZONE, key=1, now=NOW)
    alone = statistics.total(connection, first, TODAY, dimension=Dimension.ZONE, key=1, now=NOW)
    assert sum((indicators for _, indicators in zone), Indicators()) == alone


@given(first=st.dates(date(2020, 1, 1), date(2030, 1, 1)), days=st.integers(0, 800), step=st.sampled_from(list(Step)))
def test_periods_follow_each_other_and_cover_all_days(first: date, days: int, step: Step) -> None:
    last = first + timedelta(days=days)
    begins = statistics.periods(first, last, step)
    assert begins[0] <= first
    assert begins[-1] <= last
    lengths = {(after - before).days for before, after in pairwise(begins)}
    assert lengths <= {Step.DAY: {1}, Step.WEEK: {7}, Step.MONTH: {28, 29, 30, 31}}[step]
    if step is Step.WEEK:
        assert all(begin.weekday() == 0 for begin in begins)
    if step is Step.MONTH:
        assert all(begin.day == 1 for begin in begins)


def test_a_day_ends_at_midnight_in_shanghai(connection: Connection) -> None:
    day = date(2026, 5, 2)
    values = random_case(random.Random(1))
    for at in ("2026-05-01 23:59:59.9+08", "2026-05-02 00:00+08", "2026-05-02 23:59:59+08", "2026-05-03 00:00+08"):
        case_id = insert_case(connection, values)
        connection.execute(
            text("""
                UPDATE city.case_file SET state = 'reported', mode = 'closed_loop',
                    reported_at = CAST(:at AS timestamptz), accepted_at = NULL, filed_at = NULL,
                    dispatched_at = NULL, disposed_at = NULL, closed_at = NULL,
                    warn_at = CAST(:at AS timestamptz), due_at = CAST(:at AS timestamptz)
                WHERE id = :id
            """),
            {"at": at, "id": case_id},
        )
    assert statistics.total(connection, day, day, now=NOW).reported == 2
    hours = statistics.hours(connection, day)
    assert [hour.today for hour in hours if hour.today] == [1, 1]
    assert (hours[0].today, hours[23].today, hours[23].usual) == (1, 1, 1 / statistics.USUAL_DAYS)
    assert sum(map(sum, statistics.hours_by_zone(connection, day).values())) == 2
    assert statistics.hours(connection, day, until_hour=5)[6].today is None


def test_today_is_what_the_parts_say(connection: Connection) -> None:
    strip = statistics.today(connection, TODAY, now=NOW)
    assert strip.day == statistics.total(connection, TODAY, TODAY, now=NOW)
    assert strip.whole == statistics.total(connection, now=NOW)
    assert (
        strip.usual["reported"] * statistics.USUAL_DAYS
        == statistics.total(connection, TODAY - timedelta(days=28), TODAY - timedelta(days=1)).reported
    )
    in_hand = connection.execute(text("SELECT count(*), count(*) FILTER (WHERE due_at <= :now) FROM city.case_file "
        "WHERE is_open"), {"now": NOW}).one()  # fmt: skip
    assert (strip.open, strip.overdue) == tuple(in_hand)


@pytest.mark.parametrize(
    ("dimension", "column"), [(Dimension.ZONE, "zone_id"), (Dimension.DEPARTMENT, "responsible_id")]
)
def test_today_of_a_part_counts_the_cases_of_that_part_alone(
    connection: Connection, dimension: Dimension, column: str
) -> None:
    days: Counter[tuple[int, date, int]] = Counter()
    in_hand: Counter[int] = Counter()
    overdue: Counter[int] = Counter()
    for row in connection.execute(text(f"SELECT {column} AS key, reported_at, is_open, due_at FROM city.case_file")):
        if row.key is not None:
            at = row.reported_at.astimezone(SHANGHAI)
            days[row.key, at.date(), at.hour] += 1
            in_hand[row.key] += row.is_open
            overdue[row.key] += row.is_open and row.due_at is not None and row.due_at <= NOW
    day = max(day for _, day, _ in days)
    assert len(in_hand) > 1, "parts that differ"
    for key in in_hand:
        part = Part(dimension, key)
        strip = statistics.today(connection, day, part=part, now=NOW)
        hours = statistics.hours(connection, day, part=part)
        assert [hour.today for hour in hours] == [days[key, day, hour] for hour in range(24)]
        assert strip.day.reported == sum(hour.today or 0 for hour in hours)
        assert strip.whole.reported == sum(n for (one, _, _), n in days.items() if one == key)
        assert strip.usual["reported"] == pytest.approx(sum(hour.usual for hour in hours))
        assert (strip.open, strip.overdue) == (in_hand[key], overdue[key])


def test_a_city_without_cases_has_no_rates(empty_database: Engine) -> None:
    with empty_database.connect() as connection:
        nothing = statistics.total(connection)
        assert statistics.today(connection, TODAY).whole == nothing
        assert statistics.by(connection, Dimension.ZONE) == []
    assert nothing == Indicators()
    rates: list[Any] = [getattr(nothing, name) for name in dir(Indicators) if name.endswith(("rate", "_of_filed"))]
    assert len(rates) == 10
    assert rates == [None] * len(rates)


def test_rates_follow_the_standard() -> None:
    month = Indicators(
        reported=200, filed=100, disposed=90, disposed_overdue=9, reworked=5, extended=2, closed=80, closed_overdue=4,
        cancelled=3, to_dispose_overdue=10, to_close_overdue=20, disposal_s=900, closing_s=1600,
    )  # fmt: skip
    assert month.disposals_due == 100
    assert month.closings_due == 100
    assert month.valid_report_rate == 0.5
    assert (month.disposal_rate, month.on_time_disposal_rate) == (0.9, 0.81)
    assert (month.closure_rate, month.on_time_closure_rate, month.overdue_closure_rate) == (0.8, 0.76, 0.04)
    assert (month.rework_rate, month.extension_rate, month.correct_filing_rate) == (0.05, 0.02, 0.97)
    assert (month.closed_of_filed, month.mean_disposal_s, month.mean_closing_s) == (0.8, 10, 20)
