"""Commands to the terminal of the selected truck, from list, map and keys; what became of each is seen by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from sqlalchemy import text

from console.widgets.intake.frames import FramesWindow
from console.widgets.shared.desk import Thing
from tests.widgets.desks import LONG_MS, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.fleet.workspace import FleetWorkspace

    SitDown = Callable[[str], Session]


def fleet(session: Session, qtbot: QtBot) -> FleetWorkspace:
    session.window.show_workspace("fleet")
    settle(session, qtbot)
    return session.window.workspaces["fleet"]  # type: ignore[return-value]


def choose(workspace: FleetWorkspace, session: Session, qtbot: QtBot, row: int = 0) -> int:
    qtbot.waitUntil(lambda: workspace.trucks.model.rowCount() > row, timeout=LONG_MS)
    workspace.trucks.table.selectRow(row)
    settle(session, qtbot)
    return int(workspace.trucks.model.record(row).id)


def ask(database: Engine, query: str, **values: Any) -> list[Any]:
    with database.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def do(database: Engine, statement: str, **values: Any) -> None:
    with database.begin() as connection:
        connection.execute(text(statement), values)


def states(workspace: FleetWorkspace) -> list[object]:
    model = workspace.terminal.model
    return [model.cells(row)[2] for row in range(model.rowCount())]


def test_words_go_to_the_driver_and_their_fate_is_seen_without_asking(
    leader: Session, database: Engine, qtbot: QtBot
) -> None:
    workspace = fleet(leader, qtbot)
    truck = choose(workspace, leader, qtbot)
    leader.window.desk.actions["truck.text"].trigger()
    settle(leader, qtbot)
    form = workspace.terminal.text
    assert not form.send.isEnabled(), "nothing is said yet"
    form.phrases.setCurrentIndex(form.phrases.findText("请减速慢行"))
    form.phrases.activated.emit(form.phrases.currentIndex())
    assert form.words.text() == "请减速慢行"
    assert form.length.text() == "10 of 400 bytes"
    form.urgent.setChecked(True)
    form.aloud.setChecked(False)
    QTest.keyClick(form.words, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: states(workspace) == ["waits for the terminal"], timeout=LONG_MS)
    assert not form.isVisible()
    content = {"words": "请减速慢行", "urgent": True, "shown": True, "aloud": False}
    assert ask(database, "SELECT vehicle_id, content FROM city.terminal_command") == [(truck, content)]
    do(database, "SELECT city.take_commands(ARRAY[:truck])", truck=truck)
    qtbot.waitUntil(lambda: states(workspace) == ["sent"], timeout=LONG_MS)
    do(database, "SELECT city.answer_command(id, 'done') FROM city.terminal_command")
    qtbot.waitUntil(lambda: states(workspace) == ["acknowledged"], timeout=LONG_MS)
    leader.window.desk.actions["truck.locate"].trigger()
    qtbot.waitUntil(lambda: len(states(workspace)) == 2, timeout=LONG_MS)
    do(database, "UPDATE city.terminal_command SET expires_at = now() - interval '1 s' WHERE kind = 'position'")
    qtbot.waitUntil(lambda: "expired" in states(workspace), timeout=LONG_MS)


@pytest.mark.parametrize(
    ("words", "said"),
    [("水" * 201, "402 of 400 bytes"), ("🚚", "a character that no terminal can show"), ("  ", "0 of 400 bytes")],
)
def test_what_no_terminal_could_be_told_is_said_before_it_is_sent(
    leader: Session, database: Engine, qtbot: QtBot, words: str, said: str
) -> None:
    workspace = fleet(leader, qtbot)
    choose(workspace, leader, qtbot)
    workspace.terminal.begin_text()
    form = workspace.terminal.text
    form.words.setText(words)
    assert form.length.text() == said
    assert not form.send.isEnabled()
    QTest.keyClick(form.words, Qt.Key.Key_Return)
    settle(leader, qtbot)
    assert ask(database, "SELECT count(*) FROM city.terminal_command") == [(0,)]
    form.words.setText("好")
    form.shown.setChecked(False)
    form.aloud.setChecked(False)
    assert not form.send.isEnabled()


def test_one_text_goes_to_all_trucks_in_the_list(leader: Session, database: Engine, qtbot: QtBot) -> None:
    workspace = fleet(leader, qtbot)
    choose(workspace, leader, qtbot)
    workspace.terminal.begin_text()
    form = workspace.terminal.text
    count = workspace.trucks.model.rowCount()
    assert form.scope.itemText(1) == f"to all {count} trucks in the list"
    form.scope.setCurrentIndex(1)
    form.words.setText("暴雨，请减速")
    form.send.click()
    qtbot.waitUntil(lambda: ask(database, "SELECT count(*) FROM city.terminal_command") == [(count,)], timeout=LONG_MS)


def test_what_is_refused_stays_in_the_form(leader: Session, database: Engine, qtbot: QtBot) -> None:
    workspace = fleet(leader, qtbot)
    truck = choose(workspace, leader, qtbot)
    workspace.terminal.begin_text()
    workspace.terminal.text.words.setText("请停车")
    do(database, "UPDATE city.vehicle SET active = false WHERE id = :truck", truck=truck)
    workspace.terminal.text.send.click()
    settle(leader, qtbot)
    assert "There is no vehicle" in leader.notices.kept[-1].text
    assert workspace.terminal.text.words.text() == "请停车"


def test_only_the_administrator_sets_how_terminals_work(sit_down: SitDown, database: Engine, qtbot: QtBot) -> None:
    session = sit_down("administrator01")
    workspace = fleet(session, qtbot)
    truck = choose(workspace, session, qtbot)
    session.window.desk.actions["truck.parameters"].trigger()
    form = workspace.terminal.parameters
    assert not form.set.isEnabled(), "nothing is ticked"
    tick, spin = form.fields["report_s"]
    tick.setChecked(True)
    spin.setValue(1)
    assert spin.value() == 5, "no terminal reports more often"
    form.set.click()
    qtbot.waitUntil(lambda: states(workspace) == ["waits for the terminal"], timeout=LONG_MS)
    assert workspace.terminal.model.cells(0)[1] == "Position every 5 s"
    assert ask(database, "SELECT vehicle_id, content FROM city.terminal_command") == [(truck, {"report_s": 5})]


@pytest.mark.parametrize(
    ("login", "offered", "sees"),
    [
        ("acceptor01", set(), False),
        ("dispatcher01", {"truck.text", "truck.locate", "truck.frames"}, True),
        ("supervisor01", {"truck.frames"}, True),
    ],
)
def test_who_may_speak_to_terminals(sit_down: SitDown, qtbot: QtBot, login: str, offered: set[str], sees: bool) -> None:
    session = sit_down(login)
    workspace = fleet(session, qtbot)
    choose(workspace, session, qtbot)
    every = {"truck.text", "truck.locate", "truck.parameters", "truck.frames"}
    assert {action.objectName() for action in session.window.desk.actions} & every == offered
    assert workspace.terminal.isVisible() is sees


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)  # by a menu, without a screen
def test_a_truck_on_the_map_has_a_menu_and_its_frames_are_those_of_the_point_of_its_track(
    leader: Session, qtbot: QtBot
) -> None:
    workspace = fleet(leader, qtbot)
    truck = choose(workspace, leader, qtbot)
    canvas = leader.window.desk.canvas
    leader.window.desk.selection.select(Thing("vehicle", str(truck)))
    middle = QPoint(canvas.width() // 2, canvas.height() // 2)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, middle, canvas.mapToGlobal(middle))
    QApplication.sendEvent(canvas, event)
    menu = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QMenu) and w.isVisible())
    names = [action.objectName() for action in menu.actions()]
    assert names == ["truck.follow", "truck.text", "truck.locate", "truck.frames"]
    menu.close()
    workspace.track.chart.pointed.emit(1_700_000_000.0)
    leader.window.desk.actions["truck.frames"].trigger()
    window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, FramesWindow))
    settle(leader, qtbot)
    # 2023-11-14 22:13:20 UTC, in the time of the city, five minutes on either side.
    assert window.start.dateTime().toString("yyyy-MM-dd HH:mm:ss") == "2023-11-15 06:08:20"
    assert window.end.dateTime().toString("yyyy-MM-dd HH:mm:ss") == "2023-11-15 06:18:20"
    assert not window.state.is_content
    window.close()
