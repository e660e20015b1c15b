"""The viewer of evidence, worked with real keys, wheel and mouse: one piece, before beside after, video, copies."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.widgets.shared.desk import Thing
from console.widgets.shared.figures import CITY_TIME
from console.widgets.shell.lightbox import Lightbox
from tests.files import movie, pdf, photo, wav
from tests.widgets.desks import LONG_MS, leave, settle, show, sign_in
from tests.widgets.evidence import bring, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.shared.evidence.pane import PicturePane
    from console.widgets.shared.evidence.viewer import EvidenceViewer
    from tests.desks import Desks

LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
# What Qt's media engine says about a computer without sound, video acceleration or graphics.
QUIET = pytest.mark.qt_log_ignore(
    "qt.multimedia", "PulseAudio", "No audio device", "QRhi", "Couldn't", "decoder found", extend=True
)


@pytest.fixture
def acceptor(qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path) -> Iterator[Session]:
    made = sign_in(database, "acceptor01", tmp_path, qapp)
    show(made, qtbot)
    made.window.resize(1920, 1080)
    qtbot.waitUntil(lambda: made.window.width() == 1920, timeout=LONG_MS)
    made.window.show_workspace("dispatch")
    yield made
    leave(made)


@pytest.fixture
def viewer(acceptor: Session) -> EvidenceViewer:
    return acceptor.window.findChild(Lightbox).viewer  # type: ignore[union-attr]


def select(session: Session, case_id: int, qtbot: QtBot) -> None:
    session.window.desk.selection.select(Thing("case", str(case_id)))
    settle(session, qtbot)
    session.window.activateWindow()
    session.window.desk.canvas.setFocus()


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """A key, wherever the keyboard is."""
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key, modifier)


def see(session: Session, viewer: EvidenceViewer, case_id: int, qtbot: QtBot) -> None:
    """Select a case and press the one key."""
    select(session, case_id, qtbot)
    press(Qt.Key.Key_I)
    assert viewer.isVisible()
    qtbot.waitUntil(lambda: viewer.source.found is not None, timeout=LONG_MS)
    settle(session, qtbot)


def names(viewer: EvidenceViewer) -> list[str]:
    return [view.item.file_name for view in viewer.views if view.isVisible() and view.item is not None]


def colour(pane: PicturePane, at: QPoint | None = None) -> str:
    """What is painted at a point of a pane, roughly."""
    image = pane.grab().toImage()
    spot = pane.rect().center() if at is None else at
    pixel = image.pixelColor(spot)
    return max(("red", pixel.red()), ("green", pixel.green()), ("blue", pixel.blue()), key=lambda one: one[1])[0]


def loop(desks: Desks) -> int:
    """A case with photos of before and after, and one of near, whose colours tell them apart."""
    case_id, leader = desks.report(desks.condition("UH")), desks.login("shift_leader")
    for name, ground, stage, size in (
        ("near.jpg", "green", "near", (320, 240)),
        ("before.jpg", "red", "before", (1600, 1200)),
        ("after.jpg", "blue", "after", (800, 600)),
    ):
        bring(desks, leader, case_id, name, photo(size=size, colour=ground), stage)
    return case_id


def test_one_key_shows_before_beside_after_and_hides_them_again(
    qtbot: QtBot, desks: Desks, acceptor: Session, viewer: EvidenceViewer
) -> None:
    case_id = loop(desks)
    see(acceptor, viewer, case_id, qtbot)
    assert viewer.is_comparing
    assert names(viewer) == ["before.jpg", "after.jpg"]
    assert desks.row(case_id).case_no in viewer.title.full_text
    qtbot.waitUntil(lambda: all(view.pane.is_sharp for view in viewer.views), timeout=LONG_MS)
    before, after = (view.pane for view in viewer.views)
    spots = [pane.area().bottomRight().toPoint() - QPoint(20, 20) for pane in (before, after)]
    assert [colour(before, spots[0]), colour(after, spots[1])] == ["red", "blue"]
    assert acceptor.window.desk.actions["case.accept"].isEnabled(), "what is done with cases is still at hand"
    press(Qt.Key.Key_I)
    assert viewer.isHidden()
    assert acceptor.window.desk.canvas.hasFocus()
    press(Qt.Key.Key_I)
    press(Qt.Key.Key_Escape)
    assert viewer.isHidden()


def test_both_pictures_are_zoomed_and_moved_as_one_by_wheel_mouse_and_keys(
    qtbot: QtBot, desks: Desks, acceptor: Session, viewer: EvidenceViewer
) -> None:
    see(acceptor, viewer, loop(desks), qtbot)
    qtbot.waitUntil(lambda: all(view.pane.is_sharp for view in viewer.views), timeout=LONG_MS)
    before, after = (view.pane for view in viewer.views)

    def share(pane: PicturePane, at: QPointF) -> tuple[float, float]:
        area = pane.area()
        return (at.x() - area.left()) / area.width(), (at.y() - area.top()) / area.height()

    at = before.area().center() + QPointF(30, 20)
    was = share(before, at)
    for _ in range(4):
        turn = QWheelEvent(
            at, before.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(before, turn)
    assert viewer.sight.zoom == pytest.approx(1.25**4)
    assert share(before, at) == pytest.approx(was, abs=0.01), "what lies below the cursor stays there"
    middles = [share(pane, QPointF(pane.rect().center())) for pane in (before, after)]
    assert middles[0] == pytest.approx(middles[1], abs=0.01), "the same part of both is seen"

    QTest.mousePress(after, LEFT, pos=QPoint(200, 100))
    QTest.mouseMove(after, QPoint(240, 130))
    QTest.mouseRelease(after, LEFT, pos=QPoint(240, 130))
    moved = [share(pane, QPointF(pane.rect().center())) for pane in (before, after)]
    assert moved[1][0] < middles[1][0]
    assert moved[0] == pytest.approx(moved[1], abs=0.01)
    press(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert viewer.sight.x > moved[0][0]
    for _ in range(40):
        press(Qt.Key.Key_Plus)
    assert before.area().width() > 20 * before.width()
    assert colour(before) in {"red", "green"}
    press(Qt.Key.Key_0)
    assert viewer.sight.zoom == 1.0
    assert before.area().width() < before.width(), "all of it is seen"
    press(Qt.Key.Key_Minus)
    assert viewer.sight.zoom == 1.0, "not smaller than all of it"


def test_all_pixels_of_a_large_picture_come_when_somebody_looks_closer(
    qtbot: QtBot, desks: Desks, acceptor: Session, viewer: EvidenceViewer
) -> None:
    case_id = desks.report(None)
    bring(desks, desks.login("shift_leader"), case_id, "large.jpg", photo(size=(3000, 2250)), "near")
    see(acceptor, viewer, case_id, qtbot)
    pane = viewer.views[0].pane
    qtbot.waitUntil(lambda: pane.is_sharp, timeout=LONG_MS)

    def pixels_across() -> int:
        return 0 if pane._picture is None else pane._picture.images[0].width()

    assert pixels_across() == 2000
    for _ in range(8):
        press(Qt.Key.Key_Plus)
    qtbot.waitUntil(lambda: pixels_across() == 3000, timeout=LONG_MS)
    settle(acceptor, qtbot)


def test_pieces_are_stepped_through_and_chosen_alone_or_side_by_side(
    qtbot: QtBot, desks: Desks, acceptor: Session, viewer: EvidenceViewer
) -> None:
    see(acceptor, viewer, loop(desks), qtbot)
    press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Left)
    assert names(viewer) == ["near.jpg", "after.jpg"], "the other picture got the keys"
    assert [tile.isChecked() for tile in viewer.tiles] == [True, False, True]
    press(Qt.Key.Key_1)
    assert names(viewer) == ["near.jpg"]
    press(Qt.Key.Key_End)
    assert names(viewer) == ["after.jpg"]
    press(Qt.Key.Key_Right)
    assert names(viewer) == ["after.jpg"], "it does not go round"
    QTest.mouseClick(viewer.tiles[1], LEFT)
    assert names(viewer) == ["before.jpg"]
    press(Qt.Key.Key_2)
    assert names(viewer) == ["before.jpg", "after.jpg"]
    settle(acceptor, qtbot)


def test_a_picture_of_the_details_opens_alone_and_the_viewer_follows_the_selection(
    qtbot: QtBot, desks: Desks, acceptor: Session, viewer: EvidenceViewer
) -> None:
    case_id, empty = loop(desks), desks.report(None)
    select(acceptor, case_id, qtbot)
    strip = acceptor.window.workspaces["dispatch"].detail.evidence  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: len(strip.tiles) == 3, timeout=LONG_MS)
    QTest.mouseClick(strip.tiles[0], LEFT, pos=QPoint(20, 20))
    qtbot.waitUntil(lambda: names(viewer) == ["near.jpg"], timeout=LONG_MS)
    acceptor.window.desk.selection.select(Thing("case", str(empty)))
    qtbot.waitUntil(lambda: "No photos" in viewer.state.message.text(), timeout=LONG_MS)
    assert names(viewer) == [], "nothing of the other case"
    number = bring(desks, desks.login("shift_leader"), empty, "new.jpg", photo(), "far")
    qtbot.waitUntil(lambda: names(viewer) == ["new.jpg"], timeout=LONG_MS)
    assert viewer.tiles[0].item.id == number
    acceptor.window.desk.selection.select(None)
    assert viewer.isHidden()
    assert not acceptor.window.desk.actions["case.photos"].isEnabled()


def test_next_case_and_more_room_from_the_viewer(
    qtbot: QtBot, desks: Desks, acceptor: Session, viewer: EvidenceViewer
) -> None:
    queue = acceptor.window.workspaces["dispatch"].queue  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: queue.model.rowCount() >= 2, timeout=LONG_MS)
    queue.select_first()
    first = acceptor.window.desk.selection.thing
    press(Qt.Key.Key_I)
    press(Qt.Key.Key_J)
    second = acceptor.window.desk.selection.thing
    assert second not in {first, None}
    assert viewer.source.case_id == int(second.key)
    assert viewer.hasFocus()
    assert viewer.width() < acceptor.window.width()
    press(Qt.Key.Key_Return)
    assert viewer.width() == acceptor.window.width()
    acceptor.window.resize(1500, 900)
    assert viewer.width() == acceptor.window.width()
    press(Qt.Key.Key_Return)
    acceptor.window.resize(1920, 1080)
    assert viewer.size() == acceptor.window.stage.size()
    press(Qt.Key.Key_K)
    assert acceptor.window.desk.selection.thing == first
    settle(acceptor, qtbot)


def test_a_piece_is_withdrawn_with_a_reason_by_whoever_attached_it(
    qtbot: QtBot, desks: Desks, acceptor: Session, viewer: EvidenceViewer
) -> None:
    case_id = desks.report(None)
    bring(desks, "acceptor01", case_id, "mine.jpg", photo(), "far")
    bring(desks, desks.login("shift_leader"), case_id, "other.jpg", photo(colour="red"), "near")
    see(acceptor, viewer, case_id, qtbot)
    line = viewer.withdrawing
    press(Qt.Key.Key_Delete)
    assert line.isVisible()
    assert "mine.jpg" in line.asked.text()
    press(Qt.Key.Key_Return)
    assert line.problem.isVisible(), "without a reason nothing is done"
    assert viewer.width() < acceptor.window.width(), "and Enter is for nothing else"
    QTest.keyClicks(line.reason, "wrong case 1 2")
    bring(desks, desks.login("shift_leader"), case_id, "third.jpg", photo(colour="blue"), "reference")
    qtbot.waitUntil(lambda: len(viewer.tiles) == 3, timeout=LONG_MS)
    assert line.reason.text() == "wrong case 1 2", "news takes nothing from what is written"
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "wrong case 1 2" in "".join(viewer.views[0].said), timeout=LONG_MS)
    assert line.isHidden()
    assert viewer.hasFocus()
    assert not viewer.buttons["withdraw"].isEnabled(), "once is enough"
    assert [tile.caption for tile in viewer.tiles] == ["Near", "Reference", "Withdrawn"]
    press(Qt.Key.Key_Home)
    assert names(viewer) == ["other.jpg"]
    assert not viewer.buttons["withdraw"].isEnabled(), "it is for its author to withdraw"
    press(Qt.Key.Key_Delete)
    assert line.isHidden()
    settle(acceptor, qtbot)


def test_a_reason_is_given_up_and_a_refusal_is_told_beside_it(
    qtbot: QtBot, desks: Desks, acceptor: Session, viewer: EvidenceViewer
) -> None:
    case_id = desks.report(desks.condition("UH"))
    bring(desks, "acceptor01", case_id, "mine.jpg", photo(), "far")
    see(acceptor, viewer, case_id, qtbot)
    press(Qt.Key.Key_Delete)
    press(Qt.Key.Key_Escape)
    assert viewer.withdrawing.isHidden()
    assert viewer.isVisible()
    QTest.mouseClick(viewer.buttons["withdraw"], LEFT)
    QTest.keyClicks(viewer.withdrawing.reason, "blurred")
    desks.move(desks.login("shift_leader"), case_id, "refuse", opinion="nothing there")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(viewer.withdrawing.problem.isVisible, timeout=LONG_MS)
    assert "has ended: its evidence stays as it is" in viewer.withdrawing.problem.text()
    assert viewer.withdrawing.reason.text() == "blurred"
    settle(acceptor, qtbot)


def test_camera_and_case_are_compared_in_words(
    qtbot: QtBot, desks: Desks, acceptor: Session, viewer: EvidenceViewer
) -> None:
    case_id, leader, now = desks.report(None), desks.login("shift_leader"), datetime.now(CITY_TIME)
    fits = photo(at=now - timedelta(minutes=5, seconds=30), place=place_of(desks, case_id, 40))
    bring(desks, leader, case_id, "fits.jpg", fits, "far")
    bring(desks, leader, case_id, "silent.png", photo(form="PNG"), "near")
    strange = photo(at=now - timedelta(days=2, minutes=9), place=place_of(desks, case_id, 900), colour="red")
    bring(desks, leader, case_id, "strange.jpg", strange, "reference")
    see(acceptor, viewer, case_id, qtbot)
    view = viewer.views[0]
    assert view.said == ["taken 5 min before the report", "40 m from the case"]
    assert "fits.jpg" in view.facts.full_text
    assert "320 × 240" in view.facts.full_text
    press(Qt.Key.Key_Right)
    assert view.said == [
        "The camera does not tell when it was taken.",
        "The camera does not tell where it was taken.",
    ]
    press(Qt.Key.Key_Right)
    assert view.said == ["◆ taken 2 d 0 h before the report", "◆ taken 900 m from the case"]
    settle(acceptor, qtbot)


@QUIET
def test_video_and_sound_play_with_one_key(
    qtbot: QtBot, desks: Desks, acceptor: Session, viewer: EvidenceViewer
) -> None:
    case_id, leader = desks.report(None), desks.login("shift_leader")
    bring(desks, leader, case_id, "film.mov", movie(("red", "red", "blue", "blue")), "near")
    bring(desks, leader, case_id, "words.wav", wav(1600))
    see(acceptor, viewer, case_id, qtbot)
    view = viewer.views[0]
    qtbot.waitUntil(lambda: view.player is not None and view.player.screen_.frame is not None, timeout=LONG_MS)
    player = view.player
    assert player is not None
    assert not player.is_playing, "nothing plays by itself"

    def shade() -> str:
        frame = player.screen_.frame
        return "" if frame is None else "blue" if frame.pixelColor(8, 8).blue() > 128 else "red"

    assert shade() == "red"
    press(Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: shade() == "blue", timeout=LONG_MS)
    qtbot.waitUntil(lambda: not player.is_playing, timeout=LONG_MS)
    press(Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: player.media.duration() == 200, timeout=LONG_MS)
    QTest.mouseClick(player.play_button, LEFT)
    qtbot.waitUntil(lambda: player.media.position() > 0, timeout=LONG_MS)
    press(Qt.Key.Key_Escape)
    assert not player.is_playing, "nothing plays unseen"


@QUIET
def test_a_video_that_cannot_be_played_says_so_and_goes_to_another_program(
    qtbot: QtBot, desks: Desks, acceptor: Session, viewer: EvidenceViewer
) -> None:
    case_id, film = desks.report(None), movie()
    bring(desks, desks.login("shift_leader"), case_id, "film.mov", film.replace(b"jpeg", b"nope"), "near")
    see(acceptor, viewer, case_id, qtbot)
    view = viewer.views[0]
    qtbot.waitUntil(view.open_button.isVisible, timeout=LONG_MS)
    assert view.told.text().startswith("This cannot be played here")


class Opener(QObject):
    """Stands for the system's programs."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.opened.append(url.toLocalFile())


def test_a_document_opens_with_another_program_and_copies_are_saved(
    qtbot: QtBot, desks: Desks, acceptor: Session, viewer: EvidenceViewer, tmp_path: Path
) -> None:
    case_id, leader = desks.report(None), desks.login("shift_leader")
    bring(desks, leader, case_id, "letter.pdf", pdf())
    see(acceptor, viewer, case_id, qtbot)
    opener = Opener()
    handle: Any = QDesktopServices.setUrlHandler
    handle("file", opener, "take")
    try:
        assert viewer.views[0].told.text() == "letter.pdf"
        QTest.mouseClick(viewer.views[0].open_button, LEFT)
        qtbot.waitUntil(lambda: len(opener.opened) == 1, timeout=LONG_MS)
    finally:
        QDesktopServices.unsetUrlHandler("file")
    with open(opener.opened[0], "rb") as file:  # noqa: PTH123 - what another program does
        assert file.read() == pdf()

    press(Qt.Key.Key_S, CONTROL)
    dialog = viewer.copies.dialog
    assert dialog is not None
    name = f"{desks.row(case_id).case_no} Document letter.pdf"
    assert [path.rsplit("/", 1)[-1] for path in dialog.selectedFiles()] == [name]
    dialog.selectFile(str(tmp_path / "copy"))
    dialog.accept()
    qtbot.waitUntil((tmp_path / "copy.pdf").exists, timeout=LONG_MS)
    settle(acceptor, qtbot)
    assert (tmp_path / "copy.pdf").read_bytes() == pdf()
    assert "Saved to" in acceptor.notices.kept[-1].text
    assert viewer.views[0].item is not None
    viewer.copies.save(viewer.views[0].item, tmp_path / "no folder" / "copy.pdf")
    qtbot.waitUntil(lambda: "cannot be written" in acceptor.notices.kept[-1].text, timeout=LONG_MS)


def test_a_picture_that_is_missing_or_was_altered_is_told_in_its_place(
    qtbot: QtBot, desks: Desks, acceptor: Session, viewer: EvidenceViewer, database: Engine
) -> None:
    case_id = desks.report(None)
    bring(desks, desks.login("shift_leader"), case_id, "a.jpg", photo(), "near")
    with database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE city.case_attachment DISABLE TRIGGER keep_history")
        other = photo(colour="red")
        connection.exec_driver_sql(
            "UPDATE city.case_attachment SET content = %s, size_bytes = %s WHERE case_id = %s",
            (other, len(other), case_id),
        )
    see(acceptor, viewer, case_id, qtbot)
    pane = viewer.views[0].pane
    qtbot.waitUntil(lambda: "is not what was attached" in pane.words, timeout=LONG_MS)
    assert not pane.is_sharp
