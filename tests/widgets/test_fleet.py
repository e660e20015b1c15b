"""Where a truck was in a period: on the map, on the chart, in the list of its stops; and a truck that is followed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QDate, QPoint, Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from console.widgets.shared import figures
from console.widgets.shared.desk import Thing
from tests.deviations import left_its_route
from tests.monitored import NIGHT
from tests.widgets.desks import LONG_MS, leave, settle, show, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.map.canvas import MapCanvas
    from console.session import Session
    from console.widgets.fleet.workspace import FleetWorkspace

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def session(qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path) -> Iterator[Session]:
    """A dispatcher before the trucks."""
    made = sign_in(database, "dispatcher01", tmp_path, qapp)
    show(made, qtbot)
    made.window.show_workspace("fleet")
    settle(made, qtbot)
    yield made
    leave(made)


def room_of(session: Session) -> FleetWorkspace:
    return session.window.workspaces["fleet"]  # type: ignore[return-value]


def drive(database: Engine, session: Session, vehicle_id: int) -> None:
    """Let a truck drive for half an hour, stand for ten minutes, and drive on, up to now."""
    now = session.window.desk.now()
    rows = []
    for number in range(100):
        standing = 60 <= number < 80
        step = min(number, 60) + max(0, number - 80)
        at = now - timedelta(seconds=30 * (100 - number))
        rows.append({"id": vehicle_id, "at": at, "x": 499_000.0 + 40 * step, "speed": 0.0 if standing else 48.0})
    with database.begin() as connection:
        connection.execute(text("DELETE FROM city.vehicle_fix WHERE vehicle_id = :id"), {"id": vehicle_id})
        connection.execute(text("DELETE FROM city.vehicle_state WHERE vehicle_id = :id"), {"id": vehicle_id})
        connection.execute(
            text("SELECT city.ensure_partitions(CAST(:first AS date), CAST(:last AS date))"),
            {"first": (now - timedelta(days=1)).date(), "last": (now + timedelta(days=1)).date()},
        )
        ids, ats = [row["id"] for row in rows], [row["at"] for row in rows]
        connection.execute(
            text("""
                SELECT city.record_fixes(CAST(:ids AS integer[]), CAST(:ats AS timestamptz[]),
                    CAST(:xs AS double precision[]), CAST(:ys AS double precision[]), CAST(:speeds AS real[]),
                    CAST(:headings AS smallint[]), CAST(:loads AS city.load_state[]), CAST(:lids AS boolean[]),
                    CAST(:mileages AS integer[]), CAST(:bits AS integer[]), CAST(:ignitions AS boolean[]))
            """),
            {
                "ids": ids,
                "ats": ats,
                "xs": [row["x"] for row in rows],
                "ys": [3_877_000.0] * len(rows),
                "speeds": [row["speed"] for row in rows],
                "headings": [90] * len(rows),
                "loads": ["full"] * len(rows),
                "lids": [True] * len(rows),
                "mileages": [None] * len(rows),
                "bits": [0] * len(rows),
                "ignitions": [True] * len(rows),
            },
        )


def test_a_track_tells_how_far_how_fast_and_where_it_stood(qtbot: QtBot, session: Session, database: Engine) -> None:
    drive(database, session, 1)
    room = room_of(session)
    session.window.desk.selection.select(Thing("vehicle", "1"))
    qtbot.waitUntil(lambda: room.track.drive is not None and len(room.track.drive.track) == 100, timeout=LONG_MS)
    assert "1 stops" in room.track.told.full_text
    assert "48 km/h" in room.track.told.full_text
    canvas = session.window.desk.canvas
    on_map, stops = canvas.live_features("track"), canvas.live_features("truck_stop")
    assert on_map is not None
    assert stops is not None
    assert set(on_map.attributes["band"].tolist()) == {"slow", "quick"}
    assert len(stops) == 1
    # A click on the stop goes there.
    place = room.track.stops.visualRect(room.track.stops.model().index(0, 0)).center()
    QTest.mouseClick(room.track.stops.viewport(), LEFT, pos=place)
    assert canvas.view.x == pytest.approx(499_000 + 40 * 60, abs=60)


def test_kept_tracks_stay_beside_the_next_one_and_other_workspaces_show_none(
    qtbot: QtBot, session: Session, database: Engine
) -> None:
    drive(database, session, 1)
    drive(database, session, 2)
    room, desk = room_of(session), session.window.desk
    desk.selection.select(Thing("vehicle", "1"))
    qtbot.waitUntil(lambda: room.track.drive is not None and room.track.drive.vehicle_id == 1, timeout=LONG_MS)
    QTest.mouseClick(room.track.keep_button, LEFT)
    desk.selection.select(Thing("vehicle", "2"))
    qtbot.waitUntil(lambda: room.track.drive is not None and room.track.drive.vehicle_id == 2, timeout=LONG_MS)
    stops = desk.canvas.live_features("truck_stop")
    assert stops is not None
    assert len(stops) == 2
    session.window.show_workspace("dispatch")
    stops = desk.canvas.live_features("truck_stop")
    assert stops is not None
    assert len(stops) == 0
    session.window.show_workspace("fleet")
    QTest.mouseClick(room.track.clear_button, LEFT)
    stops = desk.canvas.live_features("truck_stop")
    assert stops is not None
    assert len(stops) == 1


def test_tracks_of_several_trucks_are_coloured_by_their_distance_from_the_route_of_then(
    qtbot: QtBot, session: Session, database: Engine
) -> None:
    city, _ = left_its_route(database, messages=False)
    with database.begin() as connection:
        connection.execute(text("UPDATE city.trip SET permit_id = NULL WHERE vehicle_id = 2"))
        connection.execute(text("DELETE FROM city.route_permit WHERE vehicle_id = 2"))
    city.drive([0.0, 30.0, 60.0], 0.0, vehicle=2)
    city.close()
    room, desk = room_of(session), session.window.desk
    track, day = room.track, NIGHT.astimezone(figures.CITY_TIME).date()
    track.period.setCurrentIndex(track.period.findData("day"))
    track.day.setDate(QDate(day.year, day.month, day.day))
    desk.selection.select(Thing("vehicle", "1"))
    qtbot.waitUntil(lambda: track.drive is not None and len(track.drive.track) == 11, timeout=LONG_MS)
    assert bands(desk.canvas, "track_offset") == set()
    assert bands(desk.canvas, "track")
    desk.actions["truck.colour"].trigger()
    assert bands(desk.canvas, "track") == set()
    assert bands(desk.canvas, "track_offset") == {"on_route", "far_right"}
    assert "180 m right of the route at 00:01" in track.told.full_text
    desk.actions["truck.keep"].trigger()
    desk.selection.select(Thing("vehicle", "2"))
    qtbot.waitUntil(lambda: track.drive is not None and track.drive.vehicle_id == 2, timeout=LONG_MS)
    assert bands(desk.canvas, "track_offset") == {"on_route", "far_right", "no_permit"}
    assert "no permit" in track.told.full_text
    desk.actions["truck.colour"].trigger()
    assert bands(desk.canvas, "track_offset") == set()


def bands(canvas: MapCanvas, layer: str) -> set[str]:
    shown = canvas.live_features(layer)
    assert shown is not None
    return set(shown.attributes["band"].tolist())


def test_a_period_without_positions_says_so(qtbot: QtBot, session: Session, database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("DELETE FROM city.vehicle_fix WHERE vehicle_id = 1"))
    room = room_of(session)
    session.window.desk.selection.select(Thing("vehicle", "1"))
    qtbot.waitUntil(lambda: room.track.drive is not None, timeout=LONG_MS)
    room.track.period.setCurrentIndex(room.track.period.findData("yesterday"))
    settle(session, qtbot)
    assert "Nothing was heard" in room.track.state.message.text()


def test_a_truck_is_followed_until_the_map_is_moved_by_hand(qtbot: QtBot, session: Session, database: Engine) -> None:
    drive(database, session, 1)
    desk, room = session.window.desk, room_of(session)
    desk.selection.select(Thing("vehicle", "1"))
    desk.actions["truck.follow"].trigger()
    assert desk.actions["truck.follow"].isChecked()
    room.refresh()
    end = 499_000 + 40 * 79
    qtbot.waitUntil(lambda: abs(desk.canvas.view.x - end) < 5, timeout=LONG_MS)
    # Zooming keeps it in view; a drag lets it go.
    desk.canvas.zoom(2.0)
    assert room.following.vehicle_id == 1
    middle = desk.canvas.rect().center()
    QTest.mousePress(desk.canvas, LEFT, pos=middle)
    QTest.mouseMove(desk.canvas, middle + QPoint(60, 30))
    QTest.mouseRelease(desk.canvas, LEFT, pos=middle + QPoint(120, 60))
    qtbot.waitUntil(lambda: room.following.vehicle_id is None, timeout=LONG_MS)
    assert not desk.actions["truck.follow"].isChecked()
