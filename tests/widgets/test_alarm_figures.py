"""How well alarms serve the desks, counted and shown against the limits of the standards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from console.models.alarms.performance import Frequent, floods, performance
from tests.widgets.desks import LONG_MS, leave, show, sign_in

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

START = datetime(2026, 11, 1, tzinfo=UTC)
RAISE = text("""
    SELECT city.raise_alarm(r.id, v.id, NULL, :at, 83, 60), city.return_alarm('overspeed', v.id, NULL, :at)
    FROM (SELECT min(id) AS id FROM city.vehicle) AS v JOIN city.alarm_rule AS r ON r.kind = 'overspeed' AND r.grade = 1
""")


def raise_often(database: Engine, start: datetime, count: int, step_s: int) -> None:
    with database.begin() as connection:
        connection.execute(text("TRUNCATE city.alarm, city.alarm_event"))
        for n in range(count):
            connection.execute(RAISE, {"at": start + timedelta(seconds=n * step_s)})


def test_floods_chatter_and_the_mix_are_counted(database: Engine) -> None:
    raise_often(database, START, 12, 20)
    with database.connect() as connection:
        found = performance(connection, START, START + timedelta(hours=10))
    assert (found.windows, found.announced, found.peak, found.flooded) == (60, 12, 12, 1)
    assert [(one.kind, one.count) for one in found.chattering] == [("overspeed", 12)]
    [flood] = found.floods
    assert (flood.start, flood.end, flood.count, flood.peak) == (START, START + timedelta(minutes=10), 12, 12)
    assert found.by_urgency == {"medium": 12}
    assert [(one.kind, one.count) for one in found.frequent] == [("overspeed", 12)]
    assert isinstance(found.frequent[0], Frequent)
    assert found.median_s is None  # nobody has acknowledged any


def test_a_quiet_period_has_nothing_to_complain_of(database: Engine) -> None:
    raise_often(database, START, 0, 1)
    with database.connect() as connection:
        found = performance(connection, START, START + timedelta(hours=1))
    assert (found.announced, found.peak, found.flooded, found.stale, found.frequent) == (0, 0, 0, 0, [])
    assert (found.floods, found.chattering, found.standing) == ([], [], [])


def test_what_stands_for_more_than_a_day_is_told_one_by_one(database: Engine) -> None:
    raise_often(database, START, 0, 1)
    with database.begin() as connection:
        connection.execute(
            text("""
                SELECT city.raise_alarm(r.id, v.id, NULL, :at, 83, 60)
                FROM (SELECT id FROM city.vehicle ORDER BY id LIMIT 2) AS v
                JOIN city.alarm_rule AS r ON r.kind = 'overspeed' AND r.grade = 1
            """),
            {"at": START},
        )
    with database.connect() as connection:
        soon = performance(connection, START, START + timedelta(hours=23))
        later = performance(connection, START, START + timedelta(hours=25))
    assert soon.stale == 0
    assert later.stale == len(later.standing) == 2
    assert {one.at for one in later.standing} == {START}


@given(st.lists(st.integers(0, 15), min_size=1, max_size=60))
def test_a_flood_begins_above_ten_and_lasts_until_it_is_calm(per_window: list[int]) -> None:
    found = floods(START, per_window)
    window = timedelta(minutes=10)
    inside: set[int] = set()
    for one in found:
        first, last = (one.start - START) // window, (one.end - START) // window
        assert per_window[first] > 10
        assert all(count >= 5 for count in per_window[first:last])
        assert last == len(per_window) or per_window[last] < 5
        assert (one.count, one.peak) == (sum(per_window[first:last]), max(per_window[first:last]))
        inside |= set(range(first, last))
    assert {place for place, count in enumerate(per_window) if count > 10} <= inside


def test_supervisors_see_what_is_worse_than_its_limit(
    qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path
) -> None:
    raise_often(database, datetime.now(UTC) - timedelta(hours=2), 24, 20)
    made = sign_in(database, "supervisor01", tmp_path, qapp)
    show(made, qtbot)
    made.window.show_workspace("supervision")
    shown = made.window.workspaces["supervision"].alarms  # type: ignore[attr-defined]
    QTest.mouseClick(made.window.workspaces["supervision"].panel.alarms, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: shown.state.is_content, timeout=LONG_MS)
    records = shown.measures.records
    measures = [records.record(row) for row in range(records.rowCount())]
    assert measures[2].is_worse  # wherever the ten minutes begin, more than ten fall into some of them
    listed = shown.behind.records
    assert [listed.record(row).number for row in range(listed.rowCount())] == [24]
    QTest.mouseClick(shown.lists["floods"], Qt.MouseButton.LeftButton)
    assert sum(listed.record(row).number for row in range(listed.rowCount())) > 10
    assert shown.lists["stale"].text() == "Stale 0"
    QTest.mouseClick(shown.lists["stale"], Qt.MouseButton.LeftButton)
    assert listed.rowCount() == 0
    assert shown.measures.listing().total == len(measures)
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert not shown.isVisible()
    leave(made)
