"""Days ahead are decided anew: clocks that run follow exactly; those that rest, and what has passed, do not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from console.models.calendar import TIME_ZONE, CalendarDay, LimitUnit, WorkingCalendar, WorkingHours
from tests.conftest import _clone as clone
from tests.desks import Desks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from console.database.cluster import PrivateCluster

AHEAD = 40
ROWS = "SELECT * FROM city.case_file WHERE id = ANY (:ids) ORDER BY id"
DIFFER = """
    SELECT count(*) FROM city.case_file AS f
    WHERE f.id = ANY (:ids) AND city.folded_columns(f) <> city.folded_columns(city.fold_case(f.id))
"""


@pytest.fixture(scope="module")
def centre(cluster: PrivateCluster, administration: Engine, city_template: str) -> Iterator[Desks]:
    for engine in clone(cluster, administration, city_template):
        centre = Desks(engine)
        yield centre
        centre.close()


@pytest.fixture(scope="module")
def cases(centre: Desks) -> dict[str, int]:
    """Cases whose clocks run in working time and by nature, rest, or have stopped."""
    days, hours = centre.condition("WD"), centre.condition("UH")
    dispatcher = centre.login("dispatcher")
    today = centre.ask("SELECT (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date")
    made = {
        "runs": centre.bring_to("handling", days),
        "waits": centre.bring_to("pending_handle", days),
        "natural": centre.bring_to("handling", hours),
        "rests": centre.bring_to("handling", days),
        "stopped": centre.bring_to("closed", days),
        "resumed": centre.bring_to("handling", days),
    }
    for name in ("rests", "resumed"):
        centre.move(dispatcher, made[name], "suspend", until=today + timedelta(days=9))
    centre.move(dispatcher, made["resumed"], "resume")
    return made


def calendar(connection: Connection) -> WorkingCalendar:
    """The rules over what the tables say now."""
    days = [CalendarDay(*row) for row in connection.execute(text("SELECT day, is_working FROM city.calendar_day"))]
    hours = connection.execute(text("SELECT valid_from, valid_to, opens, closes FROM city.working_hours"))
    return WorkingCalendar(days, [WorkingHours(*row) for row in hours])


def deadline(rules: WorkingCalendar, row: Any) -> datetime:
    unit = LimitUnit(row.limit_unit)
    left = row.limit_minutes - row.consumed_minutes
    return rules.deadline(row.running_since, left / unit.minutes, unit)


@settings(max_examples=12, deadline=None)
@given(st.dictionaries(st.integers(1, AHEAD), st.booleans(), min_size=1, max_size=25))
def test_clocks_that_run_follow_the_days_that_are_decided_anew(
    centre: Desks, cases: dict[str, int], decided: dict[int, bool]
) -> None:
    today = centre.ask("SELECT (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date")
    ids = list(cases.values())
    with centre.engine(centre.login("administrator")).connect() as connection:
        before = {row.id: row for row in connection.execute(text(ROWS), {"ids": ids})}
        connection.execute(
            text("""
                INSERT INTO city.calendar_day (day, is_working)
                SELECT * FROM unnest(CAST(:days AS date[]), CAST(:working AS boolean[]))
                ON CONFLICT (day) DO UPDATE SET is_working = excluded.is_working
            """),
            {"days": [today + timedelta(days=n) for n in decided], "working": list(decided.values())},
        )
        after = {row.id: row for row in connection.execute(text(ROWS), {"ids": ids})}
        rules = calendar(connection)
        assert connection.scalar(text(DIFFER), {"ids": ids}) == 0, "every row is the fold of its history"
        connection.rollback()
    for name in ("runs", "waits", "resumed", "natural"):
        row = after[cases[name]]
        assert row.due_at == row.deadline == deadline(rules, row), name
        assert row.running_since == before[row.id].running_since
        assert row.consumed_minutes == before[row.id].consumed_minutes
    assert after[cases["natural"]] == before[cases["natural"]]
    assert after[cases["rests"]].due_at is None
    assert after[cases["stopped"]].consumed_minutes == before[cases["stopped"]].consumed_minutes
    assert [row.is_overdue for row in after.values()] == [row.is_overdue for row in before.values()]


def test_a_holiday_tomorrow_gives_a_running_case_one_working_day_more(centre: Desks, cases: dict[str, int]) -> None:
    """The working day that falls out comes on at the end: from its closing minute to that of the next working day."""
    with centre.engine(centre.login("administrator")).connect() as connection:
        one = {"id": cases["runs"]}
        known = "SELECT deadline FROM city.case_file WHERE id = :id"
        first = connection.scalar(text(known), one)
        assert first is not None
        day = connection.scalar(
            text("""
                SELECT min(day) FROM city.calendar_day
                WHERE is_working AND day > (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date
            """)
        )
        assert day is not None
        connection.execute(text("UPDATE city.calendar_day SET is_working = false WHERE day = :day"), {"day": day})
        later = connection.scalar(text(known), one)
        rules = calendar(connection)
        connection.rollback()
    assert later is not None
    assert rules.consumed(first, later, LimitUnit.WD) == timedelta(hours=8)
    assert first.astimezone(TIME_ZONE).time() == later.astimezone(TIME_ZONE).time()
