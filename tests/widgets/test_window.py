"""The window as people use it: real keys and clicks on a small city."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QScrollArea, QToolButton, QWidget
from shiboken6 import isValid
from sqlalchemy import text

from console.database.connection import connect
from console.map.layer_tree import LayerTree
from console.models import areas, staff
from console.session import Session
from console.widgets.cases.queue_model import ROW
from console.widgets.shared.desk import Thing
from console.widgets.shared.style import Look
from console.widgets.shell.keys import KeysOverlay
from tests.widgets.desks import build, leave

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.widgets.shell.window import MainWindow

LONG_MS = 20_000


def make_session(database: Engine, tmp_path: Path, qapp: object, role: str) -> Session:
    """A session as the owner of the test's database, taken for a person of `role`."""
    url = database.url.render_as_string(hide_password=False)
    engine = connect(url)
    with engine.connect() as connection:
        person = next(p for p in staff.people_with_login(connection) if p.role == role)
        home = areas.city_extent(connection)
    memory = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    made = Session(engine, url, person, home, memory, "en", is_demonstration=True, parent=qapp)  # type: ignore[arg-type]
    build(made)
    return made


@pytest.fixture
def session(qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path) -> Iterator[Session]:
    """A shift leader at the window."""
    made = make_session(database, tmp_path, qapp, "shift_leader")
    made.window.resize(1920, 1080)
    made.window.show()
    made.window.activateWindow()
    qtbot.waitUntil(made.window.isActiveWindow)
    yield made
    leave(made)


@pytest.fixture
def window(session: Session) -> MainWindow:
    """Its window."""
    return session.window


def settle(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until nothing is under way."""
    qtbot.waitUntil(lambda: window.desk.operations.busy == 0, timeout=LONG_MS)


def test_the_role_decides_the_workspaces(
    qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path, window: MainWindow
) -> None:
    assert list(window.workspaces) == ["dispatch", "drainage", "fleet", "flood", "supervision", "alarm_rules"]
    engineer = make_session(database, tmp_path, qapp, "engineer")
    assert list(engineer.window.workspaces) == ["drainage", "flood"]
    leave(engineer)


def test_keys_bring_each_workspace_to_the_front(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    for number, key in enumerate(window.workspaces, 1):
        QTest.keyClick(window, getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
        assert window.current is window.workspaces[key]
        settle(qtbot, window)
        assert not window._docks[key, "left"].isHidden()


def test_a_row_of_the_queue_is_shown_in_full_and_marked_on_the_map(qtbot: QtBot, window: MainWindow) -> None:
    window.show_workspace("dispatch")
    dispatch = window.workspaces["dispatch"]
    queue = dispatch.queue  # type: ignore[attr-defined]
    QTest.mouseClick(queue.presets["open"], Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert queue.state.is_content
    rect = queue.list.visualRect(queue.model.index(0))
    QTest.mouseClick(queue.list.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    row = queue.model.index(0).data(ROW)
    assert window.desk.selection.thing == Thing("case", str(row.id))
    qtbot.waitUntil(lambda: dispatch.detail.sheet is not None, timeout=LONG_MS)  # type: ignore[attr-defined]
    assert dispatch.detail.sheet.remark == row.case_no  # type: ignore[attr-defined]
    assert window.desk.canvas.selected("case").tolist() == [row.id]
    QTest.keyClick(queue.list, Qt.Key.Key_J)
    assert window.desk.selection.thing == Thing("case", str(queue.model.index(1).data(ROW).id))
    QTest.keyClick(queue.list, Qt.Key.Key_K)
    assert window.desk.selection.thing == Thing("case", str(row.id))


def test_free_text_narrows_the_whole_history_down(qtbot: QtBot, window: MainWindow) -> None:
    window.show_workspace("dispatch")
    queue = window.workspaces["dispatch"].queue  # type: ignore[attr-defined]
    QTest.mouseClick(queue.presets["all"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: queue.model.rowCount() > 1000, timeout=LONG_MS)
    everything = queue.model.rowCount()
    number = queue.model.index(3).data(ROW).case_no
    QTest.keyClicks(queue.filters.text, number)
    qtbot.waitUntil(lambda: queue.model.rowCount() == 1, timeout=LONG_MS)
    assert queue.model.index(0).data(ROW).case_no == number
    queue.filters.text.clear()
    qtbot.waitUntil(lambda: queue.model.rowCount() == everything, timeout=LONG_MS)


def test_the_end_of_a_long_queue_is_fetched_when_it_is_seen(qtbot: QtBot, window: MainWindow) -> None:
    window.show_workspace("dispatch")
    queue = window.workspaces["dispatch"].queue  # type: ignore[attr-defined]
    QTest.mouseClick(queue.presets["all"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: queue.model.rowCount() > 1000, timeout=LONG_MS)
    queue.list.scrollToBottom()
    last = queue.model.index(queue.model.rowCount() - 1)
    qtbot.waitUntil(lambda: last.data(ROW) is not None, timeout=LONG_MS)


def test_a_case_filed_elsewhere_appears_without_moving_the_hand(
    qtbot: QtBot, window: MainWindow, database: Engine
) -> None:
    window.show_workspace("dispatch")
    queue = window.workspaces["dispatch"].queue  # type: ignore[attr-defined]
    QTest.mouseClick(queue.presets["all"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: queue.model.rowCount() > 1000, timeout=LONG_MS)
    settle(qtbot, window)
    queue.list.setFocus()
    queue.list.setCurrentIndex(queue.model.index(2))
    selected, count = window.desk.selection.thing, queue.model.rowCount()
    window.activateWindow()
    qtbot.waitUntil(lambda: window.desk.changes.state is not None, timeout=LONG_MS)
    with database.begin() as connection:
        x, y = connection.execute(
            text("SELECT public.ST_X(geom), public.ST_Y(geom) FROM city.case_file ORDER BY id LIMIT 1")
        ).one()
        connection.execute(
            text("SELECT city.report_case('citizen', :words, :x, :y)"), {"words": "a lamp is out", "x": x, "y": y}
        )
    qtbot.waitUntil(lambda: not queue.newer.isHidden() or queue.model.rowCount() == count + 1, timeout=LONG_MS)
    assert window.desk.selection.thing == selected
    queue.reload()
    qtbot.waitUntil(lambda: queue.model.rowCount() == count + 1, timeout=LONG_MS)
    assert window.desk.selection.thing == selected


def test_the_command_field_runs_commands_and_finds_things(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.field.hasFocus()
    QTest.keyClicks(window.field, "Trucks")
    assert window.field.popup.isVisible()
    qtbot.waitUntil(lambda: window.field.popup.list.count() > 0)
    QTest.keyClick(window.field, Qt.Key.Key_Return)
    assert window.current is window.workspaces["fleet"]
    assert not window.field.popup.isVisible()


def test_every_command_has_a_name_and_no_two_share_a_key(window: MainWindow) -> None:
    taken: dict[tuple[str, QWidget], str] = {}
    for action in window.desk.actions:
        assert action.text()
        for sequence in action.shortcuts():
            key = (sequence.toString(), window.desk.actions.scope(action))
            other = taken.get(key, "")
            # Moves share one where no post can make both in one state, which test_moves asks of the rules; those of the
            # case in front rest while several are marked.
            are_moves = {action.objectName().split(".")[0], other.split(".")[0]} <= {"case", "marked"}
            assert not other or are_moves, f"{action.objectName()} and {other} share {key}"
            taken[key] = action.objectName()


@pytest.mark.parametrize("key", [Qt.Key.Key_A, Qt.Key.Key_Escape, Qt.Key.Key_F4])
def test_the_overview_of_keys_closes_with_any_key_that_does_nothing_else(
    qtbot: QtBot, window: MainWindow, key: Qt.Key
) -> None:
    qtbot.waitUntil(window.isActiveWindow)
    were_shown = window.stage.are_layers_shown
    window.show_keys()
    (overlay,) = window.findChildren(KeysOverlay)
    qtbot.waitUntil(overlay.hasFocus)
    QTest.keyClick(overlay, key)
    assert not overlay.isVisible()
    assert window.stage.are_layers_shown == were_shown


@pytest.mark.parametrize("size", [(1024, 640), (1366, 768), (1920, 1080)])
def test_every_key_of_the_overview_can_be_read_in_a_small_window(
    qtbot: QtBot, window: MainWindow, size: tuple[int, int]
) -> None:
    settle(qtbot, window)
    window.resize(*size)
    window.show_keys()
    (overlay,) = window.findChildren(KeysOverlay)
    assert window.rect().contains(overlay.geometry())
    (area,) = overlay.findChildren(QScrollArea)
    inside, port = area.widget(), area.viewport()
    assert inside is not None
    # Nothing is cut off at the sides; what lies below is scrolled to.
    assert inside.width() <= port.width()
    for title in inside.findChildren(QLabel):
        assert title.width() >= title.sizeHint().width(), title.text()
    QTest.keyClick(overlay, Qt.Key.Key_PageDown)
    bar = area.verticalScrollBar()
    assert overlay.isVisible() == (bar.maximum() > 0)
    assert bar.value() > 0 or bar.maximum() == 0


def test_a_narrow_window_lets_the_detail_panel_float(qtbot: QtBot, window: MainWindow) -> None:
    window.show_workspace("fleet")
    settle(qtbot, window)
    window.resize(1366, 768)
    qtbot.waitUntil(window._docks["fleet", "right"].isHidden)
    assert window.workspaces["fleet"].strip.is_folded  # type: ignore[attr-defined]
    table = window.workspaces["fleet"].trucks.table  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: table.model().rowCount() > 0, timeout=LONG_MS)
    table.selectRow(0)
    assert window.stage.is_detail_shown
    QTest.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.stage.is_detail_shown)
    window.resize(1920, 1080)
    qtbot.waitUntil(lambda: not window._docks["fleet", "right"].isHidden())


def test_in_a_narrow_window_what_is_chosen_stands_beside_its_details_and_no_refresh_moves_it(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.show_workspace("flood")
    window.resize(1366, 768)
    canvas, stage = window.desk.canvas, window.stage
    qtbot.waitUntil(lambda: len(canvas.live_features("flood_point") or ()) > 0, timeout=LONG_MS)
    points = canvas.live_features("flood_point")
    assert points is not None
    settle(qtbot, window)
    place = points.xy[0].tolist()
    covered = stage._detail.geometry()
    canvas.centre_on(*place)
    canvas.pan(covered.center().x() - canvas.width() / 2, 0)
    window.desk.selection.select(Thing("flood_point", str(points.ids[0])))

    def stands_beside() -> bool:
        px, _ = canvas.view.to_screen(*place)
        return stage.is_detail_shown and 0 < px < stage._detail.x()

    qtbot.waitUntil(stands_beside, timeout=LONG_MS)
    canvas.pan(300, 0)
    moved = canvas.view
    window.workspaces["flood"].refresh()
    settle(qtbot, window)
    assert canvas.view == moved
    for other in (stage._tools, window.notices):
        assert other is not None
        window.desk.notices.post("something happened")
        assert not other.geometry().intersects(stage._detail.geometry())


def test_floating_details_are_closed_by_their_button_and_come_back_with_the_next_click(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.show_workspace("flood")
    window.resize(1366, 768)
    flood = window.workspaces["flood"]
    table = flood.points.table  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: table.model().rowCount() > 0, timeout=LONG_MS)
    row = table.visualRect(table.model().index(1, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=row)
    qtbot.waitUntil(lambda: window.stage.is_detail_shown)
    heading = flood.detail.heading  # type: ignore[attr-defined]
    QTest.mouseClick(heading.close_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.stage.is_detail_shown)
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=row)
    qtbot.waitUntil(lambda: window.stage.is_detail_shown)
    window.resize(1920, 1080)
    qtbot.waitUntil(lambda: not heading.close_button.isVisible())


def test_quick_keys_leave_no_panel_unpainted_and_no_answer_behind(qtbot: QtBot, window: MainWindow) -> None:
    for number in (2, 3, 4, 5, 1, 3):
        QTest.keyClick(window, getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
    workspace = window.workspaces["fleet"]
    assert window.current is workspace
    docks = [dock for (key, _), dock in window._docks.items() if key == "fleet" and not dock.isHidden()]
    assert docks
    qtbot.waitUntil(lambda: all(panel.updatesEnabled() for panel in (*docks, window.stage)), timeout=LONG_MS)
    settle(qtbot, window)
    assert workspace.trucks.model.rowCount()  # type: ignore[attr-defined]


def test_panels_remember_where_they_were(
    qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path, session: Session
) -> None:
    window = session.window
    window.show_workspace("flood")
    window._docks["flood", "left"].hide()
    window.show_workspace("fleet")
    window.show_workspace("flood")
    assert window._docks["flood", "left"].isHidden()
    assert not window._docks["flood", "bottom"].isHidden()


def test_another_theme_and_language_keep_what_is_looked_at(qtbot: QtBot, session: Session) -> None:
    window = session.window
    window.show_workspace("fleet")
    settle(qtbot, window)
    window.desk.canvas.zoom(4.0)
    window.desk.selection.select(Thing("vehicle", "1"))
    settle(qtbot, window)
    centre, scale = window.desk.canvas.view.extent.centre, window.desk.canvas.view.metres_per_pixel
    ended = []
    session.ended.connect(lambda: ended.append(True))
    window.desk.actions["theme"].trigger()
    qtbot.waitUntil(lambda: session.window is not window)
    after = session.window
    assert Look.current().name == "light"
    assert after.desk.selection.thing == Thing("vehicle", "1")
    assert after.desk.canvas.view.metres_per_pixel == pytest.approx(scale)
    assert after.desk.canvas.view.extent.centre == pytest.approx(centre, abs=2.0)
    qtbot.waitUntil(after.isVisible)
    after.desk.actions["language"].trigger()
    qtbot.waitUntil(lambda: session.window is not after and session.window.isVisible())
    assert session.window.desk.language == "zh_CN"
    assert session.window.current is session.window.workspaces["fleet"]
    qtbot.waitUntil(lambda: not isValid(window) and not isValid(after), timeout=LONG_MS)
    settle(qtbot, session.window)
    assert not ended, "the program ends when the window is closed for good, not when another takes its place"
    session.window.close()
    qtbot.waitUntil(lambda: bool(ended))


def test_without_the_database_the_window_stays_usable_and_says_since_when(
    qtbot: QtBot, window: MainWindow, database: Engine, administration: Engine
) -> None:
    settle(qtbot, window)
    qtbot.waitUntil(lambda: window.desk.changes.state is not None and window.desk.changes.state.connected)
    name = database.url.database
    with administration.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": name}
        )
    qtbot.waitUntil(lambda: "away" in window.stage.away_text.text(), timeout=LONG_MS)
    assert window.stage.away.isVisible()
    window.show_workspace("drainage")
    assert window.current is window.workspaces["drainage"]
    with administration.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    qtbot.waitUntil(lambda: not window.stage.away.isVisible(), timeout=LONG_MS)
    settle(qtbot, window)


def test_each_workspace_shows_its_layers_and_remembers_the_choice_of_a_person(window: MainWindow) -> None:
    canvas = window.desk.canvas
    window.show_workspace("drainage")
    assert canvas.layer("pipe").visible
    assert not canvas.layer("case").visible
    window.show_workspace("dispatch")
    assert canvas.layer("case").visible
    assert not canvas.layer("pipe").visible
    tree = window.stage.findChildren(LayerTree)[0]
    heading = next(b for b in tree.findChildren(QToolButton) if b.text() == canvas.layer("pipe").group)
    QTest.mouseClick(heading, Qt.MouseButton.LeftButton)
    box = tree.row("pipe").findChildren(QCheckBox)[0]
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    assert canvas.layer("pipe").visible
    window.show_workspace("fleet")
    assert not canvas.layer("pipe").visible
    window.show_workspace("dispatch")
    assert canvas.layer("pipe").visible
