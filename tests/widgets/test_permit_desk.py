"""Permits are made, checked, renewed and revoked by hand; what is wrong with a route is shown where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import shapely
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from console.models.haulage import records
from console.models.haulage.checks import Level
from console.models.haulage.records import AREA, PERMIT
from console.widgets.fleet.book import PERMITS
from console.widgets.fleet.shapes import corners_of, extent_of
from tests.widgets.hand import Hand

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from tests.desks import Desks

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def hand(sit_down: Callable[[str], Session], qtbot: QtBot) -> Hand:
    made = Hand(sit_down("shift_leader01"), qtbot)
    made.run("haulage.list.route_permit")
    made.wait(lambda: bool(made.desk.book.verdicts))
    return made


def said(hand: Hand) -> list[str]:
    items = (hand.desk.tools.list.item(row) for row in range(hand.desk.tools.list.count()))
    return [item.text() for item in items if item is not None]


def look_at(hand: Hand, key: str) -> None:
    """Choose a permit and wait for its verdicts."""
    hand.desk.choose(PERMITS, key)
    hand.wait(lambda: bool(said(hand)))
    extent = extent_of(hand.entry.values["shape"])
    assert extent is not None
    hand.canvas.zoom_to(extent, margin_px=60)


def first_key(hand: Hand) -> str:
    return min(hand.desk.book.verdicts, key=int)


def mark(hand: Hand, layer: str) -> Any:
    found = hand.canvas.live_features(layer)
    assert found is not None
    return found


def test_a_permit_is_made_with_a_proposed_route_and_has_no_fault(hand: Hand, database: Engine) -> None:
    with database.connect() as connection:
        plate, work, dump, numbers = connection.execute(
            text("""
                SELECT v.plate, w.code, d.code, (SELECT count(*) FROM city.route_permit)
                FROM city.route_permit AS p JOIN city.vehicle AS v ON v.id = p.vehicle_id
                JOIN city.work_site AS w ON w.id = p.work_site_id JOIN city.dump_site AS d ON d.id = p.dump_site_id
                ORDER BY p.id LIMIT 1
            """)
        ).one()
    hand.run("haulage.new.route_permit")
    assert "示例" in str(hand.entry.values["permit_no"])
    hand.run("haulage.propose")
    assert "Choose the work site" in hand.desk.tools.said.text()
    hand.pick("vehicle_id", plate[-4:])
    hand.pick("work_site_id", work)
    hand.pick("dump_site_id", dump)
    hand.type("volume_m3", "1200")
    # In hours in which the truck has no other permit.
    hand.type("hours_from", "15:30")
    hand.type("hours_to", "17:30")
    QTest.mouseClick(hand.desk.tools.propose, LEFT)
    hand.wait(lambda: bool(hand.entry.values.get("shape")))
    hand.wait(lambda: any("Follows the streets" in words for words in said(hand)))
    route = [words for words in said(hand) if "permit of the truck" not in words]
    assert all(words.startswith("✓") for words in route), route
    hand.run("haulage.save")
    hand.wait(lambda: hand.entry.key is not None and hand.entry.key.isdigit())
    with database.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM city.route_permit")).scalar_one() == numbers + 1
    key = hand.entry.key or ""
    hand.wait(lambda: key in hand.desk.book.verdicts)


def test_a_route_is_changed_by_hand_and_what_is_wrong_is_shown_where_it_is(hand: Hand) -> None:
    look_at(hand, first_key(hand))
    assert len(mark(hand, "finding_mark")) == 0
    points = corners_of(hand.entry.values["shape"])
    middle = points[len(points) // 2]
    hand.run("haulage.draw")
    start = QPoint(*(round(v) for v in hand.canvas.view.to_screen(*middle)))
    end = start + QPoint(0, 60)
    QTest.mousePress(hand.canvas, LEFT, NONE, start)
    QTest.mouseMove(hand.canvas, (start + end) / 2)
    QTest.mouseMove(hand.canvas, end)
    QTest.mouseRelease(hand.canvas, LEFT, Qt.KeyboardModifier.ControlModifier, end)
    QTest.keyClick(hand.canvas, Qt.Key.Key_Return)
    hand.wait(lambda: any("off the streets" in words for words in said(hand)))
    hand.wait(lambda: len(mark(hand, "finding_mark")) > 0)
    assert set(mark(hand, "finding_line").attributes["level"].tolist()) == {"fault"}
    # A click on the verdict goes there; the form back to what is stored takes it away.
    row = next(row for row, words in enumerate(said(hand)) if "off the streets" in words)
    items = hand.desk.tools.list
    hand.canvas.zoom_home()
    QTest.mouseClick(items.viewport(), LEFT, pos=items.visualItemRect(items.item(row)).center())
    where = mark(hand, "finding_line").extent
    assert hand.canvas.view.extent.contains(where)
    QTest.mouseClick(hand.entry.discard, LEFT)
    hand.wait(lambda: len(mark(hand, "finding_mark")) == 0)
    # Turned round it leads from the dump to the site.
    hand.run("haulage.turn")
    hand.wait(lambda: any("turn it round" in words for words in said(hand)))
    hand.run("haulage.turn")
    hand.wait(lambda: not any("turn it round" in words for words in said(hand)))
    # It can be led through a place that is clicked.
    before = hand.entry.values["shape"]
    hand.run("haulage.via")
    hand.click(-120, -80)
    place = hand.canvas.view.to_world(*(hand.canvas.rect().center() + QPoint(-120, -80)).toTuple())
    hand.wait(lambda: hand.entry.values["shape"] != before)
    assert "1 chosen" in hand.desk.tools.said.text()
    proposed = hand.entry.values["shape"]
    QTest.mouseClick(hand.desk.tools.back, LEFT)
    assert hand.entry.values["shape"] == before
    hand.entry.set_value("shape", proposed)
    way = shapely.from_wkt(str(hand.entry.values["shape"]))
    assert shapely.distance(way, shapely.Point(place)) < shapely.distance(
        shapely.from_wkt(str(before)), shapely.Point(place)
    )


def test_an_area_that_somebody_forbids_and_a_revocation_are_seen_in_the_list_at_once(hand: Hand, desks: Desks) -> None:
    key = first_key(hand)
    route = shapely.from_wkt(hand.desk.book.drafts[PERMIT.table].values(key)["shape"])
    around = shapely.line_interpolate_point(route, 0.5, normalized=True).buffer(80)
    hours = {"hours_from": hand.desk.book.drafts[PERMIT.table].values(key)["hours_from"]}
    hours["hours_to"] = hours["hours_from"]
    with desks.engine(desks.login("administrator")).begin() as connection:
        records.save(
            connection, AREA, None, {"name": "考场", "kind": "no_entry", "shape": records.wkt(around), **hours}
        )
    hand.wait(lambda: any(one.level is Level.FAULT for one in hand.desk.book.verdicts[key]))
    rows = hand.desk.lists.rows[PERMIT.table]
    assert rows.which is not None
    rows.which.setCurrentIndex(rows.which.findData("fault"))
    assert rows.model.row_of(key) is not None
    look_at(hand, key)
    assert any("No entry" in words and "考场" in words for words in said(hand))
    # A new route leads around it; the permit is revoked for a reason, and only then.
    QTest.mouseClick(hand.entry.away, LEFT)
    assert hand.entry.reason.isVisible()
    QTest.mouseClick(hand.entry.away, LEFT)
    hand.settle()
    assert not hand.entry.values.get("revoked_at")
    hand.entry.reason.setText("多次违规")
    QTest.keyClick(hand.entry.reason, Qt.Key.Key_Return)
    hand.wait(lambda: bool(hand.entry.values.get("revoked_at")))
    assert "多次违规" in hand.entry.remark.text()
    assert not hand.entry.save.isVisible()
    rows.which.setCurrentIndex(rows.which.findData("over"))
    assert rows.model.row_of(key) is not None
    # Renewed, it is a new draft from today on with a number of its own.
    QTest.mouseClick(hand.entry.renew, LEFT)
    assert hand.entry.key is not None
    assert hand.entry.key.startswith("+")
    assert hand.entry.values["shape"] == records.wkt(route)
    assert hand.entry.may_edit


def test_of_two_who_change_a_route_the_second_decides_and_loses_nothing(hand: Hand, desks: Desks) -> None:
    key = first_key(hand)
    look_at(hand, key)
    hand.type("volume_m3", "777")
    hand.run("haulage.turn")
    mine = hand.entry.values["shape"]
    with desks.engine(desks.login("administrator")).begin() as connection:
        row = next(one for one in records.read(connection, PERMIT) if one.key == key)
        points = corners_of(row.values["shape"])
        theirs = records.wkt(shapely.LineString([points[0], points[-1]]))
        records.save(connection, PERMIT, row, {**row.values, "shape": theirs})
    hand.wait(lambda: "2 corners" in hand.conflict("shape"))
    assert "Administrator has saved this meanwhile" in hand.entry.meanwhile.text()
    assert hand.entry.values["shape"] == mine
    hand.run("haulage.save")
    assert "decide" in hand.entry.problem.text()
    assert hand.entry.form is not None
    QTest.mouseClick(hand.entry.form.rows["shape"].theirs, LEFT)
    hand.run("haulage.save")
    hand.wait(lambda: not hand.desk.book.drafts[PERMIT.table].is_changed)
    assert (hand.entry.values["shape"], hand.entry.values["volume_m3"]) == (theirs, 777)
