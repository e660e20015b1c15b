"""The evidence of a case in its details: small pictures by stage, what is doubted about them, kept live."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from console.database.tuning import TIME_ZONE
from console.models.cases import evidence
from console.widgets.cases.move_fields import HIT
from console.widgets.shared.desk import Thing
from console.widgets.shared.figures import CITY_TIME
from tests.files import mp4, pdf, photo, wav
from tests.widgets.desks import LONG_MS, settle
from tests.widgets.evidence import bring, place_of

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from console.session import Session
    from console.widgets.shared.evidence.strip import EvidenceStrip
    from tests.desks import Desks


def strip_of(session: Session, case_id: int, qtbot: QtBot) -> EvidenceStrip:
    session.window.show_workspace("dispatch")
    strip: EvidenceStrip = session.window.workspaces["dispatch"].detail.evidence  # type: ignore[attr-defined]
    session.window.desk.selection.select(Thing("case", str(case_id)))
    qtbot.waitUntil(lambda: strip.isVisible() and strip.evidence is not None, timeout=LONG_MS)
    settle(session, qtbot)
    return strip


def test_pictures_come_by_stage_with_kind_and_time_and_follow_other_desks(
    qtbot: QtBot, desks: Desks, acceptor: Session
) -> None:
    case_id = desks.report(desks.condition("UH"))
    strip = strip_of(acceptor, case_id, qtbot)
    assert strip.tiles == []
    assert strip.message.text() == "No photos or other evidence yet."

    leader, now = desks.login("shift_leader"), datetime.now(CITY_TIME)
    bring(desks, leader, case_id, "b.jpg", photo(colour="red"), "after")
    bring(desks, leader, case_id, "a.jpg", photo(at=now, colour="blue"), "far")
    bring(desks, leader, case_id, "c.mp4", mp4(), "near")
    bring(desks, leader, case_id, "d.wav", wav())
    bring(desks, leader, case_id, "e.pdf", pdf())
    qtbot.waitUntil(lambda: len(strip.tiles) == 5, timeout=LONG_MS)
    settle(acceptor, qtbot)
    assert [tile.caption for tile in strip.tiles] == [f"Far {now:%H:%M}", "Near", "After", "Sound", "Document"]
    assert strip.remark.full_text == "2 photos · 1 video · 1 sound · 1 document"
    assert strip.message.isHidden()
    far = strip.tiles[0]
    assert far.image is not None
    grabbed = far.grab().toImage()
    ground = grabbed.pixelColor(grabbed.width() - 8, grabbed.height() // 2)
    assert ground.blue() > 200 > ground.red(), "the picture itself is painted"
    assert "a.jpg" in far.toolTip()

    # Another case shows nothing of this one, not even for a moment.
    other = desks.report(None)
    acceptor.window.desk.selection.select(Thing("case", str(other)))
    assert strip.tiles == []


def test_pictures_have_their_full_height_in_every_case_that_is_looked_at(
    qtbot: QtBot, desks: Desks, acceptor: Session
) -> None:
    cases = [desks.report(desks.condition("UH"), 40.0 * n) for n in range(3)]
    strip = strip_of(acceptor, cases[0], qtbot)
    for case_id in cases:
        strip_of(acceptor, case_id, qtbot)
        bring(desks, desks.login("shift_leader"), case_id, "a.jpg", photo(), "far")
        qtbot.waitUntil(lambda: len(strip.tiles) == 1, timeout=LONG_MS)
        settle(acceptor, qtbot)
        qtbot.waitUntil(lambda: strip.height() >= strip.heightForWidth(strip.width()), timeout=LONG_MS)


def test_what_a_camera_says_against_the_case_stands_in_words(qtbot: QtBot, desks: Desks, acceptor: Session) -> None:
    case_id, leader = desks.report(desks.condition("UH")), desks.login("shift_leader")
    now = datetime.now(CITY_TIME)
    assert str(CITY_TIME) == TIME_ZONE
    bring(desks, leader, case_id, "fits.jpg", photo(at=now, place=place_of(desks, case_id, 50), colour="red"), "far")
    old = photo(at=now - timedelta(days=3, hours=1, minutes=9), place=place_of(desks, case_id, 1500))
    bring(desks, leader, case_id, "old.jpg", old, "near")
    ahead = photo(at=now + timedelta(hours=2, minutes=4, seconds=59), colour="green")
    bring(desks, leader, case_id, "ahead.jpg", ahead, "reference")
    bring(desks, leader, case_id, "late.jpg", photo(at=now - timedelta(minutes=40, seconds=30), colour="blue"), "after")
    strip = strip_of(acceptor, case_id, qtbot)
    assert [len(tile.doubts) for tile in strip.tiles] == [0, 2, 1, 1]
    assert strip.doubts.isVisible()
    lines = strip.doubts.text().splitlines()
    assert lines[0] == "◆ Near: taken 3 d 1 h before the report"
    assert lines[1] == "◆ Near: taken 1.5 km from the case"
    assert lines[2].startswith("◆ Reference: its camera's clock was 2 h 4 min ahead")
    assert lines[3].startswith("◆ After: is to show the place afterwards, but was taken 40 min before the report")
    assert "1.5 km" in strip.tiles[1].accessibleName()


def test_withdrawn_evidence_stays_to_be_seen_and_the_past_shows_what_was_there(
    qtbot: QtBot, desks: Desks, acceptor: Session
) -> None:
    case_id, leader = desks.report(desks.condition("UH")), desks.login("shift_leader")
    first = bring(desks, leader, case_id, "first.jpg", photo(), "near")
    desks.move(leader, case_id, "amend", description="another")
    strip = strip_of(acceptor, case_id, qtbot)
    with desks.engine(leader).begin() as connection:
        evidence.withdraw(connection, first, "blurred")
    bring(desks, leader, case_id, "second.jpg", photo(colour="red"), "near")
    qtbot.waitUntil(lambda: [tile.caption for tile in strip.tiles] == ["Near", "Withdrawn"], timeout=LONG_MS)
    assert "blurred" in strip.tiles[1].toolTip()
    assert strip.remark.full_text == "1 photo"

    detail = acceptor.window.workspaces["dispatch"].detail  # type: ignore[attr-defined]
    timeline = detail.timeline
    QTest.mouseClick(timeline.times[2], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: strip.evidence is not None, timeout=LONG_MS)
    assert [tile.item.file_name for tile in strip.tiles] == ["first.jpg"]
    assert strip.tiles[0].caption == "Near", "it was not withdrawn yet"
    assert not strip.evidence.takes_more  # type: ignore[union-attr]


def test_a_click_or_a_key_on_a_picture_asks_for_it(qtbot: QtBot, desks: Desks, acceptor: Session) -> None:
    case_id = desks.report(desks.condition("UH"))
    number = bring(desks, desks.login("shift_leader"), case_id, "a.jpg", photo(), "near")
    strip = strip_of(acceptor, case_id, qtbot)
    with qtbot.waitSignal(strip.wanted) as asked:
        QTest.mouseClick(strip.tiles[0], Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert asked.args == [number]
    with qtbot.waitSignal(strip.wanted) as asked:
        QTest.mouseClick(strip.view, Qt.MouseButton.LeftButton)
    assert asked.args == [None]
    strip.tiles[0].setFocus()
    with qtbot.waitSignal(strip.wanted):
        QTest.keyClick(strip.tiles[0], Qt.Key.Key_Space)


def test_cases_that_a_report_may_repeat_are_told_with_their_photo(
    qtbot: QtBot, desks: Desks, acceptor: Session
) -> None:
    condition = desks.condition("UH")
    first, bare, again = (desks.report(condition, east_m) for east_m in (0.0, 15.0, 30.0))
    leader = desks.login("shift_leader")
    bring(desks, leader, first, "far.jpg", photo(colour="red"), "far")
    bring(desks, leader, first, "near.jpg", photo(colour="blue"), "near")
    strip_of(acceptor, again, qtbot)
    moves = acceptor.window.workspaces["dispatch"].moves  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: moves.bench is not None and moves.bench.case_id == again, timeout=LONG_MS)
    moves.begin("accept")
    shown = moves.form.duplicates
    qtbot.waitUntil(lambda: {first, bare} <= set(shown.photos), timeout=LONG_MS)
    assert shown.photos[bare] is None
    row = next(row for row in range(shown.count()) if shown.item(row).data(HIT).found.id == first)
    spot = shown.visualItemRect(shown.item(row)).translated(12, 8).topLeft()
    pixel = shown.viewport().grab().toImage().pixelColor(spot)
    assert pixel.blue() > 200 > pixel.red(), "the near one tells most"
