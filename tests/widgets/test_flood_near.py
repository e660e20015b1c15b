"""Who is near a flood point, in the list and on the map, and sending one of them there with one key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from console.widgets.flood import near
from console.widgets.shared.desk import Thing
from tests.storms import rain_and_rise
from tests.widgets.desks import LONG_MS, leave, settle, show, sign_in
from tests.widgets.test_flood import click_point, room_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.flood.workspace import FloodWorkspace
    from tests.desks import Desks

LEFT = Qt.MouseButton.LeftButton
CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def session(qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path) -> Iterator[Session]:
    made = sign_in(database, "acceptor01", tmp_path, qapp)
    show(made, qtbot)
    made.window.show_workspace("flood")
    made.window.activateWindow()
    qtbot.waitUntil(made.window.isActiveWindow, timeout=LONG_MS)
    yield made
    leave(made)


def mark(room: FloodWorkspace, kind: str, qtbot: QtBot) -> None:
    """Click the first of that kind in the list of who is near."""
    qtbot.waitUntil(lambda: room.near.model.rowCount() > 0, timeout=LONG_MS)
    row = next(r for r in range(room.near.model.rowCount()) if room.near.model.record(r).kind == kind)
    index = room.near.model.index(row, 0)
    room.near.table.scrollTo(index)
    QTest.mouseClick(room.near.table.viewport(), LEFT, pos=room.near.table.visualRect(index).center())
    assert room.near.helper is not None
    assert room.near.helper.kind == kind


def test_an_inspector_is_sent_with_one_key(qtbot: QtBot, session: Session, desks: Desks, database: Engine) -> None:
    point_id = rain_and_rise(database, session.window.desk.now())
    room = click_point(session, point_id, qtbot)
    mark(room, "inspector", qtbot)
    inspector = room.near.helper
    assert inspector is not None
    on_map = session.window.desk.canvas.live_features("helper")
    assert on_map is not None
    assert "home" in on_map.attributes["look"].tolist()
    QTest.keyClick(session.window, Qt.Key.Key_D, CTRL_SHIFT)
    qtbot.waitUntil(lambda: room.reports.form is not None and room.reports.form.isVisible(), timeout=LONG_MS)
    form = room.reports.form
    assert form is not None
    assert "is asked to go and verify it" in (form.filled.title if form.filled is not None else "")
    qtbot.waitUntil(lambda: form.place.place is not None, timeout=LONG_MS)
    settle(session, qtbot)
    QTest.mouseClick(form.send, LEFT, pos=QPoint(8, 8))
    newest = "SELECT id FROM city.case_file WHERE source = 'sensor' ORDER BY id DESC LIMIT 1"
    qtbot.waitUntil(lambda: desks.ask("SELECT state::text FROM city.case_file WHERE id = (" + newest + ")")
                    == "pending_verify", timeout=LONG_MS)  # fmt: skip
    row = desks.row(desks.ask(newest))
    assert row.inspector_id == inspector.id
    qtbot.waitUntil(lambda: session.window.desk.selection.thing == Thing("case", str(row.id)), timeout=LONG_MS)
    # The point stays in front with its course, and who is near is of this desk alone.
    assert room.course.point_id == point_id
    session.window.show_workspace("dispatch")
    on_map = session.window.desk.canvas.live_features("helper")
    assert on_map is not None
    assert len(on_map) == 0


def test_the_nearest_are_named_on_the_map(
    qtbot: QtBot, session: Session, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near, "NAMED", 3)
    room = click_point(session, rain_and_rise(database, session.window.desk.now()), qtbot)
    qtbot.waitUntil(lambda: room.near.model.rowCount() > 0, timeout=LONG_MS)
    helpers = [room.near.model.record(row) for row in range(room.near.model.rowCount())]
    seen = sorted((h for h in helpers if h.x is not None and h.known_by != "home"), key=lambda h: h.distance_m or 0)
    assert len(seen) > 3
    on_map = session.window.desk.canvas.live_features("helper")
    assert on_map is not None
    names = [session.window.desk.name(h.name, h.name_en) for h in seen]
    assert [label for label in on_map.attributes["label"].tolist() if label in names] == names[:3]


def test_an_acceptor_who_marks_a_truck_is_told_that_it_is_only_reported(
    qtbot: QtBot, session: Session, database: Engine
) -> None:
    room = click_point(session, rain_and_rise(database, session.window.desk.now()), qtbot)
    mark(room, "truck", qtbot)
    QTest.mouseClick(room.near.button, LEFT)
    qtbot.waitUntil(lambda: room.reports.form is not None and room.reports.form.isVisible(), timeout=LONG_MS)
    form = room.reports.form
    assert form is not None
    assert form.filled is not None
    assert "speaks to drivers" in form.filled.title


def test_a_supervisor_sees_who_is_near_and_sends_nobody(
    qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path
) -> None:
    made = sign_in(database, "supervisor01", tmp_path, qapp)
    show(made, qtbot)
    made.window.show_workspace("flood")
    settle(made, qtbot)
    room = room_of(made)
    qtbot.waitUntil(lambda: room.near.model.rowCount() > 0, timeout=LONG_MS)
    assert "flood.send" not in {action.objectName() for action in made.window.desk.actions}
    assert room.near.button.isHidden()
    leave(made)
