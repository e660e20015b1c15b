"""The flood desk: water and rain of a point with its limits; what is not known is never shown as good."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.widgets.flood.water import is_dry
from console.widgets.shared.desk import Thing
from tests.storms import rain_and_rise, sensors_of, write
from tests.widgets.desks import leave, settle, show, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.flood.workspace import FloodWorkspace

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def session(qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path) -> Iterator[Session]:
    """A shift leader before the flood points."""
    made = sign_in(database, "shift_leader01", tmp_path, qapp)
    show(made, qtbot)
    made.window.show_workspace("flood")
    settle(made, qtbot)
    yield made
    leave(made)


def room_of(session: Session) -> FloodWorkspace:
    return session.window.workspaces["flood"]  # type: ignore[return-value]


def click_point(session: Session, point_id: int, qtbot: QtBot) -> FloodWorkspace:
    """Click a flood point in the list and wait for its course."""
    room = room_of(session)
    room.refresh()
    settle(session, qtbot)
    table, row = room.points.table, room.points.model.row_of(str(point_id))
    assert row is not None
    index = room.points.model.index(row, 0)
    table.scrollTo(index)
    QTest.mouseClick(table.viewport(), LEFT, pos=table.visualRect(index).center())
    assert session.window.desk.selection.thing == Thing("flood_point", str(point_id))
    settle(session, qtbot)
    return room


def cell(room: FloodWorkspace, point_id: int, column: int) -> str:
    """What the list says of a flood point."""
    row = room.points.model.row_of(str(point_id))
    assert row is not None
    return str(room.points.model.index(row, column).data())


def test_only_what_was_measured_is_called_dry() -> None:
    assert is_dry(np.array([0.2, 1.9]))
    assert not is_dry(np.array([0.2, 2.1]))
    assert not is_dry(np.array([]))
    assert not is_dry(np.array([0.1, np.nan]))
    assert not is_dry(np.array([0.0, 0.2]), 0.0)


def test_a_storm_is_seen_with_limits_lag_trend_and_age(qtbot: QtBot, session: Session, database: Engine) -> None:
    point_id = rain_and_rise(database, session.window.desk.now(), lag_min=30)
    room = click_point(session, point_id, qtbot)
    course = room.course
    told = course.told.full_text
    assert "deepest 22.4 cm" in told
    assert "rain 17.0 mm" in told
    assert "water follows rain after 30 min" in told
    assert "old" in told
    # 22 cm: attention and flooding are passed, the next limit is the one to watch.
    assert [line.words.split(" ", 3)[1] for line in course.chart.limits] == ["5", "15", "27"]
    assert course.doubt.isHidden()
    at = session.window.desk.now() - timedelta(hours=2)
    assert "mm/h" in course.chart.tip_at(at.timestamp())
    # A shorter period holds no rain any more.
    box = course.period
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    settle(session, qtbot)
    assert "rain 0.0 mm" in course.told.full_text
    assert "follows" not in course.told.full_text
    box.setCurrentIndex(box.findData(0))
    assert not course.day.isHidden()


def test_a_silent_sensor_is_told_and_its_silence_is_marked(qtbot: QtBot, session: Session, database: Engine) -> None:
    point_id = rain_and_rise(database, session.window.desk.now(), until_min=120)
    room = click_point(session, point_id, qtbot)
    assert not room.course.doubt.isHidden()
    assert "Silent for 2 h" in room.course.doubt.full_text
    assert "last read" in room.course.told.full_text
    begin, _ = room.course.chart.gaps[-1]
    assert room.course.chart.tip_at(begin + 600) == ""
    assert not set(cell(room, point_id, 1)) & set("↑→↓"), "how it moves is not known"


def test_a_reading_that_cannot_be_is_no_water(qtbot: QtBot, session: Session, database: Engine) -> None:
    point_id, level_id, _ = sensors_of(database)
    now = session.window.desk.now()
    readings = [(now - timedelta(minutes=5 * n), 900.0) for n in range(6, -1, -1)]
    write(database, level_id, readings, [2] * 7)
    room = click_point(session, point_id, qtbot)
    assert "cannot be" in room.course.doubt.full_text
    assert not room.course.chart.isHidden()
    assert cell(room, point_id, 1) == "Bad reading"


def test_a_stuck_sensor_is_no_good_water(qtbot: QtBot, session: Session, database: Engine) -> None:
    point_id, level_id, _ = sensors_of(database)
    now = session.window.desk.now()
    write(database, level_id, [(now - timedelta(minutes=30 * n), 8.0) for n in range(96, -1, -1)])
    room = click_point(session, point_id, qtbot)
    assert room.course.doubt.full_text.startswith("▲ Stuck")
    assert cell(room, point_id, 1) == "8.0 cm ?"
