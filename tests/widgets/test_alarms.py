"""Standing alarms in the top bar and the list below it, from none to a flood of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from console.models import sensors
from console.widgets.alarms.board import lines_of
from console.widgets.shared import figures
from console.widgets.shell.alarms import Alarms
from tests.widgets.desks import LONG_MS, leave, show, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session

NOW = datetime.now(figures.CITY_TIME).replace(microsecond=0)
RAISE = text("""
    INSERT INTO city.alarm (kind, urgency, state, vehicle_id, raised_at, value, limit_value, geom)
    SELECT :kind, CAST(:urgency AS city.urgency), CAST(:state AS city.alarm_state), v.id,
        CAST(:raised_at AS timestamptz) - n * interval '1 second', :value, :limit, s.geom
    FROM generate_series(1, :count) AS n, (SELECT min(vehicle_id) AS id FROM city.vehicle_state) AS v
    JOIN city.vehicle_state AS s ON s.vehicle_id = v.id
""")
OVERSPEED = {
    "kind": "overspeed",
    "urgency": "critical",
    "state": "unacknowledged",
    "raised_at": NOW,
    "value": 83.0,
    "limit": 60.0,
    "count": 1,
}


def raise_alarms(database: Engine, **values: object) -> None:
    with database.begin() as connection:
        connection.execute(RAISE, {**OVERSPEED, **values})


@pytest.fixture
def quiet(database: Engine) -> Engine:
    """A city in which nothing stands."""
    with database.begin() as connection:
        connection.execute(text("DELETE FROM city.alarm"))
        connection.execute(text("UPDATE city.sensor_state SET value = 0"))
    return database


@pytest.fixture
def leader(qtbot: QtBot, qapp: object, quiet: Engine, tmp_path: Path) -> Iterator[Session]:
    made = sign_in(quiet, "shift_leader01", tmp_path, qapp)
    show(made, qtbot)
    yield made
    leave(made)


def alarms_of(session: Session) -> Alarms:
    found = session.window.findChild(Alarms)
    assert isinstance(found, Alarms)
    return found


def test_nothing_stands(qtbot: QtBot, leader: Session) -> None:
    bar, alarms = leader.window.top.alarms, alarms_of(leader)
    assert not bar.is_shown
    selected = leader.window.desk.selection.thing
    QTest.keyClick(leader.window, Qt.Key.Key_F3)
    assert leader.window.desk.selection.thing == selected
    QTest.keyClick(leader.window, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(alarms.list.isVisible)
    assert not alarms.list.state.is_content
    QTest.keyClick(alarms.list, Qt.Key.Key_Escape)
    assert not alarms.list.isVisible()


def test_an_alarm_that_is_raised_elsewhere_is_seen_and_a_click_goes_there(
    qtbot: QtBot, leader: Session, quiet: Engine
) -> None:
    window = leader.window
    bar = window.top.alarms
    raise_alarms(quiet)
    qtbot.waitUntil(lambda: bar.is_shown, timeout=LONG_MS)
    assert "83 km/h" in bar.text.full_text
    assert "60 km/h" in bar.text.full_text
    assert bar.numbers_shown == "▲1"
    window.show_workspace("supervision")
    QTest.mouseClick(bar.text, Qt.MouseButton.LeftButton, pos=QPoint(20, 8))
    thing = window.desk.selection.thing
    assert thing is not None
    assert thing.subject == "vehicle"
    assert window.current is not None
    assert window.current.key == "fleet"  # supervision shows no trucks
    with quiet.connect() as connection:
        x, y = connection.execute(
            text("SELECT public.ST_X(geom), public.ST_Y(geom) FROM city.vehicle_state WHERE vehicle_id = :id"),
            {"id": int(thing.key)},
        ).one()
    seen = window.desk.canvas.view.extent
    assert seen.xmin < x < seen.xmax
    assert seen.ymin < y < seen.ymax
    with quiet.begin() as connection:
        connection.execute(text("UPDATE city.alarm SET state = 'normal'"))
    qtbot.waitUntil(lambda: not bar.is_shown, timeout=LONG_MS)


def test_a_group_says_how_many_fell_silent(qtbot: QtBot, leader: Session, quiet: Engine) -> None:
    bar = leader.window.top.alarms
    raise_alarms(quiet, kind="terminals_silent", urgency="high", value=12.0, limit=None)
    qtbot.waitUntil(lambda: bar.is_shown, timeout=LONG_MS)
    assert bar.text.full_text.endswith("Gateway link: terminals silent together 12")


def test_what_is_acknowledged_stands_quietly(qtbot: QtBot, leader: Session, quiet: Engine) -> None:
    bar = leader.window.top.alarms
    raise_alarms(quiet)
    qtbot.waitUntil(lambda: bar.text.property("role") == "critical", timeout=LONG_MS)
    with quiet.begin() as connection:
        connection.execute(text("UPDATE city.alarm SET state = 'acknowledged'"))
    qtbot.waitUntil(lambda: bar.text.property("role") == "secondary", timeout=LONG_MS)
    assert bar.is_shown
    assert bar.numbers_shown == "▲1"


@pytest.mark.parametrize(
    ("counts", "numbers", "listed"),
    [
        ({"critical": 1, "high": 4, "medium": 15}, "▲1 ◆4 ●15", 20),
        ({"critical": 20, "high": 80, "medium": 1400}, "▲20 ◆80 ●1,400", 500),
    ],
)
def test_many_alarms(
    qtbot: QtBot, leader: Session, quiet: Engine, counts: Mapping[str, int], numbers: str, listed: int
) -> None:
    window, alarms = leader.window, alarms_of(leader)
    for urgency, count in counts.items():
        raise_alarms(quiet, urgency=urgency, count=count)
    qtbot.waitUntil(lambda: window.top.alarms.numbers_shown == numbers, timeout=LONG_MS)
    QTest.mouseClick(window.top.alarms.numbers, Qt.MouseButton.LeftButton)
    board = alarms.list
    qtbot.waitUntil(board.isVisible)
    urgencies = [line.urgency for line in alarms.standing.lines]
    assert urgencies == sorted(urgencies, key=["critical", "high", "medium"].index)
    # All of a kind within minutes: one line, which unfolds to what was the first, and folds again.
    flood = lines_of(board)[0]
    assert len(lines_of(board)) == 1
    assert len(flood.members) == listed
    QTest.keyClick(board.table, Qt.Key.Key_Right)
    assert len(lines_of(board)) == listed + 1
    assert [line.is_first for line in lines_of(board)].count(True) == 1
    QTest.keyClick(board.table, Qt.Key.Key_Down)
    first = board.current
    assert first is not None
    assert first.is_first
    assert first.at == min(line.at for line in alarms.standing.lines if line.at is not None)
    QTest.keyClick(board.table, Qt.Key.Key_Left)
    assert len(lines_of(board)) == 1
    assert board.current == lines_of(board)[0]
    QTest.keyClick(board.table, Qt.Key.Key_Return)
    assert not board.isVisible()
    assert window.desk.selection.thing == first.thing


def test_water_above_its_limit_stands_also_without_a_monitor_but_only_once(
    qtbot: QtBot, leader: Session, quiet: Engine
) -> None:
    alarms = alarms_of(leader)
    with quiet.connect() as connection:
        points = sensors.flood_points(connection, now=NOW)
    deep: dict[str, Any] = {"depth_cm": 18.0, "at": NOW - timedelta(minutes=1), "silent": False}
    wet = replace(next(p for p in points if p.sensor_id is not None and p.flooding_cm < 18 < p.closing_cm), **deep)
    alarms.show_water([wet])
    assert [line.urgency for line in alarms.standing.lines] == ["high"]
    assert "18 cm" in alarms.standing.lines[0].what
    alarms.show_water([replace(wet, silent=True)])
    assert not alarms.standing.lines
    with quiet.begin() as connection:
        connection.execute(
            text("""
                INSERT INTO city.alarm (kind, urgency, sensor_id, raised_at, value, limit_value)
                VALUES ('flooding', 'high', :sensor, :at, 17, 15)
            """),
            {"sensor": wet.sensor_id, "at": NOW},
        )
    qtbot.waitUntil(lambda: len(alarms.standing.lines) == 1, timeout=LONG_MS)
    alarms.show_water([wet])
    assert [line.key[:6] for line in alarms.standing.lines] == ["alarm:"]
    assert alarms.standing.counts == {"high": 1}
