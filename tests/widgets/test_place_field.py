"""The place of a case, picked with real clicks on the map or typed, and the component that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from console.widgets.shared.desk import Thing
from tests.widgets.desks import LONG_MS, leave, settle, show, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.cases.move_form import MoveForm
    from console.widgets.cases.place_field import PlaceField
    from console.widgets.cases.workspace import DispatchWorkspace
    from tests.desks import Desks

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def acceptor(qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path) -> Iterator[Session]:
    made = sign_in(database, "acceptor01", tmp_path, qapp)
    show(made, qtbot)
    made.window.show_workspace("dispatch")
    yield made
    leave(made)


def amend(session: Session, case_id: int, qtbot: QtBot) -> tuple[MoveForm, PlaceField]:
    """The form that amends a case, opened by a click."""
    room: DispatchWorkspace = session.window.workspaces["dispatch"]  # type: ignore[assignment]
    session.window.desk.selection.select(Thing("case", str(case_id)))
    qtbot.waitUntil(lambda: room.moves.bench is not None and room.moves.bench.case_id == case_id, timeout=LONG_MS)
    settle(session, qtbot)
    session.window.activateWindow()
    QTest.mouseClick(room.moves.buttons["amend"], LEFT, pos=QPoint(8, 8))
    form = room.moves.form
    assert form is not None
    assert form.place is not None
    settle(session, qtbot)
    return form, form.place


def point_at(session: Session, place: tuple[float, float], qtbot: QtBot, metres_per_pixel: float = 0.5) -> None:
    """Bring a place to the middle of the map and click on it."""
    canvas = session.window.desk.canvas
    canvas.centre_on(*place, metres_per_pixel)
    x, y = canvas.view.to_screen(*place)
    QTest.mouseClick(canvas, LEFT, pos=QPoint(round(x), round(y)))
    settle(session, qtbot)


def far(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5)


def place_of(desks: Desks, case_id: int) -> tuple[float, float]:
    row = desks.all("SELECT public.ST_X(geom), public.ST_Y(geom) FROM city.case_file WHERE id = :id", id=case_id)[0]
    return row[0], row[1]


def test_a_click_on_the_map_moves_the_case_and_says_where_it_is(qtbot: QtBot, desks: Desks, acceptor: Session) -> None:
    case_id = desks.report(desks.condition("UH"))
    before = place_of(desks, case_id)
    form, field = amend(acceptor, case_id, qtbot)
    canvas = acceptor.window.desk.canvas
    assert canvas.place == before, "the place is marked while the form is open"
    wanted = (before[0] + 20.0, before[1] + 12.0)
    QTest.mouseClick(field.pick, LEFT)
    assert field.pick.isChecked()
    point_at(acceptor, wanted, qtbot)
    assert not field.pick.isChecked(), "one click picks one place"
    qtbot.waitUntil(lambda: field.place is not None and far(field.place, wanted) < 1, timeout=LONG_MS)
    assert canvas.place == field.place
    assert field.address.text(), "the place has words"
    assert "from where it was" in field.told.text()
    words = field.address.text()
    QTest.mouseClick(form.send, LEFT, pos=QPoint(8, 8))
    qtbot.waitUntil(lambda: desks.row(case_id).version == 2, timeout=LONG_MS)
    assert far(place_of(desks, case_id), wanted) < 1
    assert desks.row(case_id).address == words
    qtbot.waitUntil(lambda: canvas.place is None, timeout=LONG_MS)


def test_escape_and_another_click_on_the_button_end_the_picking(qtbot: QtBot, desks: Desks, acceptor: Session) -> None:
    case_id = desks.report(desks.condition("UH"))
    _form, field = amend(acceptor, case_id, qtbot)
    canvas = acceptor.window.desk.canvas
    was = field.place
    QTest.mouseClick(field.pick, LEFT)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not field.pick.isChecked()
    QTest.mouseClick(field.pick, LEFT)
    QTest.mouseClick(field.pick, LEFT)
    assert not field.pick.isChecked()
    QTest.mouseClick(field.pick, LEFT)
    QTest.mousePress(canvas, LEFT, pos=QPoint(300, 300))
    QTest.mouseMove(canvas, QPoint(340, 330))
    QTest.mouseMove(canvas, QPoint(360, 350))
    QTest.mouseRelease(canvas, LEFT, pos=QPoint(360, 350))
    assert field.pick.isChecked(), "a drag moves the map and picks nothing"
    assert field.place == was
    QTest.keyClick(field.address, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: canvas.place is None, timeout=LONG_MS)
    assert canvas.cursor().shape() != Qt.CursorShape.CrossCursor


def test_a_place_outside_the_city_is_not_taken(qtbot: QtBot, desks: Desks, acceptor: Session) -> None:
    case_id = desks.report(desks.condition("UH"))
    _form, field = amend(acceptor, case_id, qtbot)
    was = field.place
    home = acceptor.window.desk.canvas.home
    QTest.mouseClick(field.pick, LEFT)
    point_at(acceptor, (home.xmin - 3000.0, home.ymin - 3000.0), qtbot, 5.0)
    assert "outside the city" in field.told.text()
    assert field.told.property("role") == "critical"
    assert field.place == was


def covers(desks: Desks) -> Any:
    """Two components of one class not far from each other."""
    return desks.all("""
        SELECT a.class_id, a.code, public.ST_X(a.geom) AS x, public.ST_Y(a.geom) AS y, b.code AS other
        FROM city.component AS a JOIN city.case_class AS k ON k.id = a.class_id AND k.in_use
        JOIN city.component AS b ON b.class_id = a.class_id AND b.code <> a.code
            AND public.ST_DWithin(a.geom, b.geom, 45) AND NOT public.ST_DWithin(a.geom, b.geom, 20)
        WHERE public.ST_Dimension(a.geom) = 0 AND public.ST_Dimension(b.geom) = 0
            AND a.state <> 'removed' AND b.state <> 'removed'
            AND (SELECT count(*) FROM city.component AS c
                 WHERE c.class_id = a.class_id AND public.ST_DWithin(c.geom, a.geom, 15)) = 1
        ORDER BY a.code, b.code LIMIT 1
    """)[0]


def test_the_component_is_picked_with_the_place(qtbot: QtBot, desks: Desks, acceptor: Session) -> None:
    cover = covers(desks)
    case_id = desks.report(None, class_id=cover.class_id)
    form, field = amend(acceptor, case_id, qtbot)
    QTest.mouseClick(field.pick, LEFT)
    point_at(acceptor, (cover.x + 4.0, cover.y + 3.0), qtbot)
    assert field.component_code == cover.code
    assert field.place is not None
    assert far(field.place, (cover.x, cover.y)) < 0.01, "the component is where it is, not where somebody clicked"
    assert field.near.isVisible()
    codes = [field.near.item(n).text().rpartition(" ")[2] for n in range(field.near.count())]
    assert cover.other in codes
    item = field.near.item(codes.index(cover.other))
    field.near.scrollToItem(item)
    QTest.mouseClick(field.near.viewport(), LEFT, pos=field.near.visualItemRect(item).center())
    assert field.component_code == cover.other
    item = field.near.item(codes.index(cover.code))
    field.near.scrollToItem(item)
    QTest.mouseClick(field.near.viewport(), LEFT, pos=field.near.visualItemRect(item).center())
    QTest.mouseClick(form.send, LEFT, pos=QPoint(8, 8))
    qtbot.waitUntil(lambda: desks.row(case_id).version == 2, timeout=LONG_MS)
    assert desks.row(case_id).component_code == cover.code
    assert far(place_of(desks, case_id), (cover.x, cover.y)) < 0.01


def test_an_address_finds_places_and_moves_the_case_only_when_one_is_chosen(
    qtbot: QtBot, desks: Desks, acceptor: Session
) -> None:
    case_id = desks.report(desks.condition("UH"))
    form, field = amend(acceptor, case_id, qtbot)
    was = field.place
    code = desks.ask("SELECT code FROM city.component ORDER BY code DESC LIMIT 1")
    QTest.keyClicks(field.address, code)
    qtbot.waitUntil(field.hits.isVisible, timeout=LONG_MS)
    assert field.place == was
    assert field.arguments() == {"address": code}
    QTest.keyClick(field.address, Qt.Key.Key_Down)
    settle(acceptor, qtbot)
    assert field.place != was
    assert field.component_code == code
    assert form.place is field
    assert {"address", "x", "y", "component_code"} == set(field.arguments())
