"""The map in the window: what each workspace shows on it, what a click selects, what a resting pointer is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSlider, QToolButton, QToolTip
from sqlalchemy import text

from console.map.layer_tree import LayerTree
from console.widgets.shared.desk import Thing
from console.widgets.shared.detail import DetailPanel
from tests.widgets.desks import LONG_MS

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine, TextClause

    from console.session import Session
    from console.widgets.shell.window import MainWindow

TRUNK = text("""
    SELECT code, public.ST_X(at) AS x, public.ST_Y(at) AS y
    FROM (
        SELECT code, public.ST_LineInterpolatePoint(geom, 0.5) AS at FROM city.pipe WHERE diameter_mm >= 800
        ORDER BY code LIMIT 1
    ) AS pipe
""")
SITE = text("""
    SELECT code, public.ST_X(at) AS x, public.ST_Y(at) AS y
    FROM (SELECT code, public.ST_PointOnSurface(geom) AS at FROM city.dump_site ORDER BY code LIMIT 1) AS site
""")


@pytest.fixture
def window(leader: Session) -> MainWindow:
    return leader.window


def rest(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until lists and map are complete."""
    operations, canvas = window.desk.operations, window.desk.canvas
    qtbot.waitUntil(lambda: operations.busy == 0 and canvas.is_settled, timeout=LONG_MS)


def point_at(qtbot: QtBot, window: MainWindow, x: float, y: float) -> QPoint:
    """Bring a place near; returns its pixel."""
    rest(qtbot, window)
    window.desk.canvas.centre_on(x, y, 0.5)
    rest(qtbot, window)
    px, py = window.desk.canvas.view.to_screen(x, y)
    return QPoint(round(px), round(py))


def shown(window: MainWindow) -> set[str]:
    return {layer.key for layer in window.desk.canvas.layers if layer.visible}


def test_trucks_and_water_come_with_the_layers_of_their_work(qtbot: QtBot, window: MainWindow) -> None:
    window.show_workspace("fleet")
    assert {"site", "route_permit", "truck_route", "truck_track", "vehicle"} <= shown(window)
    assert "pipe" not in shown(window)
    window.show_workspace("flood")
    assert {"trunk", "rain_gauge", "flood_point"} <= shown(window)
    assert not {"pipe", "site", "truck_route"} & shown(window)
    rest(qtbot, window)
    assert len(window.desk.canvas.live_features("rain_gauge") or ()) > 0


def test_the_selected_truck_shows_its_corridor_until_another_thing_is_selected(
    qtbot: QtBot, window: MainWindow, database: Engine
) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE city.route_permit SET valid_to = current_date + 30"))
        truck = connection.scalar(text("SELECT min(vehicle_id) FROM city.route_permit"))
    canvas = window.desk.canvas
    window.show_workspace("fleet")
    window.desk.selection.select(Thing("vehicle", str(truck)))
    qtbot.waitUntil(lambda: len(canvas.live_features("truck_route") or ()) == 1, timeout=LONG_MS)
    route = canvas.live_features("truck_route")
    assert route is not None
    assert route.attributes["width_m"].tolist() == [100.0]
    window.desk.selection.select(Thing("zone", "1"))
    assert len(canvas.live_features("truck_route") or ()) == 0


@pytest.mark.parametrize(("workspace", "subject", "query"), [("flood", "pipe", TRUNK), ("fleet", "site", SITE)])
def test_a_click_shows_what_lies_there(
    qtbot: QtBot, window: MainWindow, database: Engine, workspace: str, subject: str, query: TextClause
) -> None:
    with database.connect() as connection:
        row = connection.execute(query).one()
    window.show_workspace(workspace)
    QTest.mouseClick(window.desk.canvas, Qt.MouseButton.LeftButton, pos=point_at(qtbot, window, row.x, row.y))
    thing = window.desk.selection.thing
    assert thing is not None
    assert thing.subject == subject
    panel = window.workspaces[workspace].right
    assert isinstance(panel, DetailPanel)
    qtbot.waitUntil(lambda: panel.sheet is not None, timeout=LONG_MS)
    assert panel.sheet is not None
    assert panel.sheet.remark == thing.key


@pytest.mark.qt_log_ignore("does not support raise", extend=True)
def test_a_resting_pointer_is_told_what_lies_under_it(qtbot: QtBot, window: MainWindow, database: Engine) -> None:
    with database.connect() as connection:
        plate, number = connection.execute(text("SELECT plate, id FROM city.vehicle ORDER BY id LIMIT 1")).one()
    canvas = window.desk.canvas
    window.show_workspace("fleet")
    rest(qtbot, window)
    trucks = canvas.live_features("vehicle")
    assert trucks is not None
    place = point_at(qtbot, window, *trucks.xy[trucks.ids.tolist().index(number)].tolist())
    QTest.mouseMove(canvas, place + QPoint(60, 0))
    QTest.mouseMove(canvas, place)
    qtbot.waitUntil(lambda: QToolTip.text().startswith("晋"), timeout=LONG_MS)
    assert plate in QToolTip.text()
    QToolTip.hideText()


def test_each_workspace_remembers_the_opacity_that_a_layer_was_given(qtbot: QtBot, window: MainWindow) -> None:
    window.show_workspace("fleet")
    tree = window.findChild(LayerTree)
    assert isinstance(tree, LayerTree)
    row = tree.row("vehicle")
    more = row.findChild(QToolButton)
    assert isinstance(more, QToolButton)
    QTest.mouseClick(more, Qt.MouseButton.LeftButton)
    slider = row.findChild(QSlider)
    assert isinstance(slider, QSlider)
    QTest.keyClick(slider, Qt.Key.Key_PageDown)
    faded = slider.value()
    assert faded < 100
    window.show_workspace("dispatch")
    assert slider.value() == round(100 * window.desk.canvas.layer("vehicle").opacity) != faded
    window.show_workspace("fleet")
    assert window.desk.canvas.layer("vehicle").opacity == faded / 100
    assert slider.value() == faded
