"""Traffic areas are drawn on the map by hand, saved, and seen on the other desks; of two who edit one, nobody loses."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

import pytest
import shapely
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from console.models.haulage import records
from console.models.haulage.records import AREA, DUMP_SITE
from console.widgets.configuration.fields import LineField
from console.widgets.configuration.words import say
from console.widgets.fleet.book import AREAS
from tests.widgets.hand import Hand

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from tests.desks import Desks

LEFT = Qt.MouseButton.LeftButton
SQUARE = ((-100, -60), (100, -60), (100, 60), (-100, 60))


@pytest.fixture
def hands(sit_down: Callable[[str], Session], qtbot: QtBot) -> Callable[[str], Hand]:
    return lambda login: Hand(sit_down(login), qtbot)


def area_count(database: Engine) -> int:
    with database.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM city.traffic_area")).scalar_one())


def make(hand: Hand, name: str) -> None:
    hand.run("haulage.new.traffic_area")
    hand.type("name", name)
    hand.draw(*SQUARE)
    hand.run("haulage.save")
    hand.wait(lambda: hand.entry.key is not None and not hand.entry.key.startswith("+"))


def test_an_area_is_drawn_saved_and_seen_on_the_other_desk(hands: Callable[[str], Hand], database: Engine) -> None:
    other = hands("dispatcher01")
    other.run("haulage.list.traffic_area")
    assert "No area forbids" in other.desk.lists.rows["traffic_area"].state.message.text()
    assert not other.desk.lists.rows["traffic_area"].new.isVisible()
    hand = hands("shift_leader01")
    make(hand, "第一小学")
    other.wait(lambda: other.desk.lists.rows["traffic_area"].model.rowCount() == 1)
    with database.connect() as connection:
        name, area, speed = connection.execute(
            text("SELECT name, ST_Area(geom), speed_kmh FROM city.traffic_area")
        ).one()
    assert (name, speed) == ("第一小学", 0)
    expected = 200 * 120 * hand.canvas.view.metres_per_pixel**2
    assert area == pytest.approx(expected, rel=0.3)  # corners may have been drawn to a street
    # A click on it, on the other desk, shows what it says; nothing there can be changed.
    middle = shapely.from_wkt(hand.entry.values["shape"]).centroid
    other.canvas.centre_on(middle.x, middle.y)
    other.wait(lambda: bool(other.canvas.hits_at(other.canvas.width() / 2, other.canvas.height() / 2)))
    other.click(0, 0)
    assert (other.entry.kind, other.entry.key) == (AREAS, hand.entry.key)
    assert other.entry.form is not None
    assert other.entry.form.rows["name"].fixed.text() == "第一小学"
    assert not other.entry.save.isVisible()


@pytest.mark.parametrize("figure", [1_090_000.0, 12_345_678.5, 0.8])
def test_figures_are_written_in_full_and_read_as_they_were(qtbot: QtBot, figure: float) -> None:
    capacity = DUMP_SITE.by_name["capacity_m3"]
    edit = LineField(capacity, "x")
    qtbot.addWidget(edit)
    edit.show_value(figure)
    assert edit.value == figure
    assert "e" not in say(DUMP_SITE, capacity, figure, {}, "en")


def test_what_is_not_complete_or_crosses_itself_is_not_saved_and_stays(
    hands: Callable[[str], Hand], database: Engine
) -> None:
    hand = hands("shift_leader01")
    hand.run("haulage.new.traffic_area")
    hand.type("hours_from", "25:99")
    hand.run("haulage.save")
    assert "Not saved yet" in hand.entry.problem.text()
    # A bow tie: Enter does not take it; saving says the same and the drawing goes on.
    hand.draw((-100, -60), (100, 60), (100, -60), (-100, 60))
    assert hand.canvas.tool is hand.canvas.drawing
    hand.run("haulage.save")
    assert hand.canvas.tool is hand.canvas.drawing
    # Escape gives the drawing up and nothing else; what was typed stays when another row is looked at.
    QTest.keyClick(hand.canvas, Qt.Key.Key_Escape)
    QTest.keyClick(hand.canvas, Qt.Key.Key_Escape)
    form = hand.entry.form
    assert form is not None
    assert form.shape is not None
    assert not hand.entry.values.get("shape")
    # What was given up by a slip of the finger can be gone on with.
    QTest.mouseClick(form.shape.again, LEFT)
    assert hand.canvas.drawing.sketch is not None
    assert len(hand.canvas.drawing.sketch.points) == 4
    hand.run("draw.give_up")
    key = hand.entry.key
    hand.entry.close_entry()
    assert area_count(database) == 0
    hand.desk.choose(AREAS, key or "")
    assert hand.entry.form is not None
    edit = hand.entry.form.rows["hours_from"].edit
    assert edit is not None
    assert edit.value == "25:99"


def test_the_second_editor_is_told_what_changed_and_loses_nothing(
    hands: Callable[[str], Hand], desks: Desks, database: Engine
) -> None:
    hand = hands("shift_leader01")
    make(hand, "学校")
    hand.type("name", "第二小学")
    hand.type("hours_from", "8:30")
    with desks.engine(desks.login("administrator")).begin() as connection:
        [row] = records.read(connection, AREA)
        records.save(connection, AREA, row, {**row.values, "name": "第一小学", "hours_to": time(19)})
    hand.wait(lambda: "第一小学" in hand.conflict("name"))
    assert "Administrator has saved this meanwhile" in hand.entry.meanwhile.text()
    assert "Daily until" in hand.entry.meanwhile.text()
    # Until it is decided nothing is saved; then mine counts, with what the other one changed beside it.
    hand.run("haulage.save")
    assert "decide" in hand.entry.problem.text()
    assert hand.entry.form is not None
    QTest.mouseClick(hand.entry.form.rows["name"].mine, LEFT)
    hand.run("haulage.save")
    hand.wait(lambda: not hand.desk.book.drafts["traffic_area"].is_changed)
    with database.connect() as connection:
        found = connection.execute(text("SELECT name, hours_from, hours_to FROM city.traffic_area")).one()
    assert (found.name, f"{found.hours_from:%H:%M}", f"{found.hours_to:%H:%M}") == ("第二小学", "08:30", "19:00")


def test_an_area_is_changed_on_the_map_and_taken_away_when_asked_twice(
    hands: Callable[[str], Hand], database: Engine
) -> None:
    hand = hands("shift_leader01")
    make(hand, "学校")
    before = hand.entry.values["shape"]
    hand.run("haulage.draw")
    QTest.keyClick(hand.canvas, Qt.Key.Key_PageDown)
    QTest.keyClick(hand.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    hand.run("draw.undo")
    hand.run("draw.redo")
    QTest.keyClick(hand.canvas, Qt.Key.Key_Return)
    assert hand.entry.values["shape"] != before
    hand.run("haulage.save")
    hand.wait(lambda: not hand.desk.book.drafts["traffic_area"].is_changed)
    QTest.mouseClick(hand.entry.away, LEFT)
    hand.settle()
    assert area_count(database) == 1
    QTest.mouseClick(hand.entry.away, LEFT)
    hand.wait(lambda: area_count(database) == 0)
    hand.wait(lambda: hand.entry.key is None)
