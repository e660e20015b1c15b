"""Files attached to cases from the details and with moves: chosen, dropped and pasted, refused, and sent again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from sqlalchemy import text

from console.widgets.shared.desk import Thing
from console.widgets.shared.evidence.unsent import READY, REFUSED, STRANDED
from console.widgets.shared.figures import CITY_TIME
from tests.files import mp4, pdf, photo, wav
from tests.widgets.desks import LONG_MS, leave, settle, show, sign_in
from tests.widgets.evidence import bring, place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.cases.move_form import MoveForm
    from console.widgets.cases.workspace import DispatchWorkspace
    from console.widgets.shared.evidence.tray import Tray
    from tests.desks import Desks

    SitDown = Callable[[str], Session]

LEFT, CONTROL, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
COPY = Qt.DropAction.CopyAction
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def sit_down(qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path) -> Iterator[SitDown]:
    sessions: list[Session] = []

    def sit(login: str) -> Session:
        made = sign_in(database, login, tmp_path, qapp)
        sessions.append(made)
        show(made, qtbot)
        made.window.show_workspace("dispatch")
        return made

    yield sit
    for session in sessions:
        leave(session)


def dispatch(session: Session) -> DispatchWorkspace:
    return session.window.workspaces["dispatch"]  # type: ignore[return-value]


def tray_of(session: Session, case_id: int, qtbot: QtBot) -> Tray:
    """The tray in the details of a case."""
    workspace = dispatch(session)
    session.window.desk.selection.select(Thing("case", str(case_id)))
    tray = workspace.detail.evidence.tray
    bar = workspace.moves
    qtbot.waitUntil(lambda: tray.isVisible() and tray.is_open, timeout=LONG_MS)
    qtbot.waitUntil(lambda: bar.bench is not None and bar.bench.case_id == case_id, timeout=LONG_MS)
    settle(session, qtbot)
    session.window.activateWindow()
    session.window.desk.canvas.setFocus()
    return tray


def press(key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key, held)


def files_in(folder: Path, **contents: bytes) -> list[Path]:
    """Files of these contents; their names end with what follows the last underscore."""
    made = []
    for name, content in contents.items():
        path = folder / ".".join(name.rsplit("_", 1))
        path.write_bytes(content)
        made.append(path)
    return made


def looked_at(tray: Tray, count: int, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: len(tray.files) == count and not tray.is_looking, timeout=LONG_MS)


def states(tray: Tray) -> list[str]:
    return [file.state for file in tray.files]


def told(tray: Tray) -> list[str]:
    return [tray.rows[file].told.text() for file in tray.files]


def drop(target: QWidget, given: QMimeData) -> bool:
    """Drag over a widget and drop; whether it was taken."""
    spot = target.rect().center()
    enter = QDragEnterEvent(spot, COPY, given, LEFT, NONE)
    QApplication.sendEvent(target, enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(QPointF(spot), COPY, given, LEFT, NONE)
    QApplication.sendEvent(target, event)
    return event.isAccepted()


def of_files(paths: list[Path]) -> QMimeData:
    given = QMimeData()
    given.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return given


def attached(desks: Desks, case_id: int) -> list[tuple[str, str | None]]:
    query = "SELECT file_name, stage::text AS stage FROM city.case_attachment WHERE case_id = :id ORDER BY id"
    return [(row.file_name, row.stage) for row in desks.all(query, id=case_id)]


def test_files_are_chosen_told_what_they_show_and_attached(
    qtbot: QtBot, desks: Desks, sit_down: SitDown, tmp_path: Path
) -> None:
    case_id = desks.report(None)
    acceptor = sit_down("acceptor01")
    tray = tray_of(acceptor, case_id, qtbot)
    now = datetime.now(CITY_TIME)
    old = photo(at=now - timedelta(days=3, minutes=9), place=place_of(desks, case_id, 900))
    paths = files_in(
        tmp_path, near_jpg=old, far_jpg=photo(colour="red"), film_mp4=mp4(), talk_wav=wav(), note_pdf=pdf()
    )
    press(Qt.Key.Key_I, CONTROL | SHIFT)
    assert tray.dialog is not None
    tray.dialog.setDirectory(str(tmp_path))
    tray.dialog.filesSelected.emit([str(path) for path in paths])
    tray.dialog.reject()
    looked_at(tray, 5, qtbot)
    settle(acceptor, qtbot)
    near, far, film, talk, note = (tray.rows[file] for file in tray.files)
    # However long the details are, what was brought is seen, and what attaches it.
    qtbot.waitUntil(lambda: not note.visibleRegion().isEmpty(), timeout=LONG_MS)
    qtbot.waitUntil(lambda: not tray.send_button.visibleRegion().isEmpty(), timeout=LONG_MS)
    assert near.doubts.text().splitlines() == ["◆ taken 3 d 0 h before the report", "◆ taken 900 m from the case"]
    assert [row.stage.isVisible() for row in (near, far, film, talk, note)] == [True, True, True, False, False]
    assert {file.stage for file in tray.files} == {"near"}, "nothing was done yet"
    far.stage.setFocus()
    QTest.keyClick(far.stage, Qt.Key.Key_Up)
    assert tray.files[1].stage == "far"
    QTest.mouseClick(note.remove, LEFT)
    assert tray.send_button.text() == "Attach 4  Ctrl+Enter"
    assert attached(desks, case_id) == []
    QTest.mouseClick(tray.send_button, LEFT)
    qtbot.waitUntil(lambda: tray.files == (), timeout=LONG_MS)
    assert sorted(attached(desks, case_id)) == [
        ("far.jpg", "far"), ("film.mp4", "near"), ("near.jpg", "near"), ("talk.wav", None),
    ]  # fmt: skip
    strip = dispatch(acceptor).detail.evidence
    qtbot.waitUntil(lambda: len(strip.tiles) == 4, timeout=LONG_MS)
    settle(acceptor, qtbot)


def test_what_cannot_be_evidence_is_refused_with_the_reason_and_all_else_is_kept(
    qtbot: QtBot, desks: Desks, sit_down: SitDown, tmp_path: Path
) -> None:
    case_id = desks.report(None)
    acceptor = sit_down("acceptor01")
    tray, before = tray_of(acceptor, case_id, qtbot), desks.row(case_id)
    whole = photo(size=(800, 600), colour="green")
    paths = files_in(
        tmp_path,
        cut_jpg=whole[: len(whole) // 2],
        large_wav=wav(10) + bytes(10 << 20),
        program_jpg=b"MZ\x90\x00" + bytes(100),
        empty_png=b"",
        whole_jpg=whole,
        again_jpg=whole,
        misnamed_png=photo(colour="blue"),
    )
    folder = tmp_path / "folder.jpg"
    folder.mkdir()
    assert drop(dispatch(acceptor).detail, of_files([*paths, folder, tmp_path / "gone.jpg"]))
    looked_at(tray, 9, qtbot)
    reasons = dict(zip([file.name for file in tray.files], told(tray), strict=True))
    assert "damaged or was cut off" in reasons["cut.jpg"]
    assert "10.0 MB; at most 10 MB" in reasons["large.wav"]
    assert "cannot be evidence; JPEG" in reasons["program.jpg"]
    assert "is empty" in reasons["empty.png"]
    assert "waits here already" in reasons["again.jpg"]
    assert "is no file" in reasons["folder.jpg"]
    assert "is no file" in reasons["gone.jpg"]
    assert "its name said something else" in reasons["misnamed.png.jpg"]
    assert [file.name for file in tray.files if file.state == READY] == ["whole.jpg", "misnamed.png.jpg"]
    press(Qt.Key.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: len(attached(desks, case_id)) == 2, timeout=LONG_MS)
    qtbot.waitUntil(lambda: set(states(tray)) == {REFUSED}, timeout=LONG_MS)
    assert len(tray.files) == 7, "the reasons stay until they are dismissed"
    for file in tray.files:
        QTest.mouseClick(tray.rows[file].remove, LEFT)
    assert desks.row(case_id) == before


def test_pictures_and_files_are_pasted_and_dropped(
    qtbot: QtBot, desks: Desks, sit_down: SitDown, tmp_path: Path
) -> None:
    case_id = desks.report(None)
    acceptor = sit_down("acceptor01")
    tray = tray_of(acceptor, case_id, qtbot)
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    press(Qt.Key.Key_V, CONTROL)
    assert "no picture and no file" in acceptor.notices.kept[-1].text
    image = QImage(300, 200, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    clipboard.setImage(image)
    press(Qt.Key.Key_V, CONTROL)
    looked_at(tray, 1, qtbot)
    assert tray.files[0].name.startswith("pasted 20")
    clipboard.setMimeData(of_files(files_in(tmp_path, copied_jpg=photo())))
    press(Qt.Key.Key_V, CONTROL)
    looked_at(tray, 2, qtbot)
    page = QMimeData()
    page.setUrls([QUrl("https://example.org/photo.jpg")])
    assert drop(dispatch(acceptor).detail, page)
    looked_at(tray, 3, qtbot)
    assert told(tray)[2].startswith("It is not on this computer")
    words = QMimeData()
    words.setText("no file")
    assert not drop(dispatch(acceptor).detail, words)
    press(Qt.Key.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: len(attached(desks, case_id)) == 2, timeout=LONG_MS)
    size = desks.all("SELECT width, height FROM city.case_attachment WHERE case_id = :id ORDER BY id", id=case_id)[0]
    assert (size.width, size.height) == (300, 200)
    settle(acceptor, qtbot)


def test_what_the_city_refuses_says_why_and_holds_nothing_else_up(
    qtbot: QtBot, desks: Desks, sit_down: SitDown, tmp_path: Path
) -> None:
    case_id = desks.report(None)
    there = photo()
    bring(desks, desks.login("shift_leader"), case_id, "there.jpg", there, "near")
    with desks.owner.begin() as connection:
        connection.execute(
            text("UPDATE city.setting SET value = '{\"file_mb\": 10, \"case_mb\": 1}' WHERE name = 'evidence_limit'")
        )
    acceptor = sit_down("acceptor01")
    tray = tray_of(acceptor, case_id, qtbot)
    paths = files_in(
        tmp_path, same_jpg=there, long_wav=wav(450_000), more_wav=wav(150_000), new_jpg=photo(colour="red")
    )
    drop(dispatch(acceptor).detail, of_files(paths))
    looked_at(tray, 4, qtbot)
    press(Qt.Key.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: states(tray) == [REFUSED, REFUSED], timeout=LONG_MS)
    assert "is attached to this case already" in told(tray)[0]
    assert "more than the 1 MB" in told(tray)[1]
    assert [name for name, _ in attached(desks, case_id)] == ["there.jpg", "long.wav", "new.jpg"]
    assert tray.send_button.text() == "Try again  Ctrl+Enter"
    with desks.owner.begin() as connection:
        connection.execute(
            text("UPDATE city.setting SET value = '{\"file_mb\": 10, \"case_mb\": 50}' WHERE name = 'evidence_limit'")
        )
    QTest.mouseClick(tray.rows[tray.files[0]].remove, LEFT)
    QTest.mouseClick(tray.send_button, LEFT)
    qtbot.waitUntil(lambda: tray.files == (), timeout=LONG_MS)
    assert len(attached(desks, case_id)) == 4
    settle(acceptor, qtbot)


def test_files_wait_while_the_database_is_away_and_go_once_when_it_is_back(
    qtbot: QtBot, desks: Desks, sit_down: SitDown, administration: Engine, database: Engine, tmp_path: Path
) -> None:
    case_id = desks.report(None)
    acceptor = sit_down("acceptor01")
    tray = tray_of(acceptor, case_id, qtbot)
    drop(dispatch(acceptor).detail, of_files(files_in(tmp_path, one_jpg=photo(), two_jpg=photo(colour="red"))))
    looked_at(tray, 2, qtbot)
    name = database.url.database
    database.dispose()
    with administration.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        kill = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        connection.execute(kill, {"name": name})
    press(Qt.Key.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: states(tray) == [STRANDED, STRANDED], timeout=LONG_MS)
    assert told(tray)[0].startswith("Goes when the database is back")
    with administration.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    qtbot.waitUntil(lambda: tray.files == (), timeout=LONG_MS)
    assert sorted(name for name, _ in attached(desks, case_id)) == ["one.jpg", "two.jpg"]
    strip = dispatch(acceptor).detail.evidence
    qtbot.waitUntil(lambda: len(strip.tiles) == 2, timeout=LONG_MS)
    settle(acceptor, qtbot)


def begin(session: Session, name: str, key: Qt.Key, qtbot: QtBot) -> MoveForm:
    press(key)
    form = dispatch(session).moves.form
    assert form is not None
    assert form.move_name == name
    if form.tray is not None:
        qtbot.waitUntil(lambda: form.tray is not None and not form.tray.is_looking, timeout=LONG_MS)
    settle(session, qtbot)
    return form


def test_a_move_that_is_refused_loses_no_photo_and_one_that_is_made_takes_them_along(
    qtbot: QtBot, desks: Desks, sit_down: SitDown, tmp_path: Path
) -> None:
    condition = desks.condition("UH")
    case_id = desks.bring_to("handling", condition)
    unit = sit_down(desks.login("department", department_id=condition.competent_id))
    tray_of(unit, case_id, qtbot)
    form = begin(unit, "dispose", Qt.Key.Key_D, qtbot)
    tray = form.tray
    assert tray is not None
    assert tray.isVisible()
    drop(dispatch(unit).detail, of_files(files_in(tmp_path, done_jpg=photo(), scrap_jpg=b"nothing")))
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.blue)
    QGuiApplication.clipboard().setImage(image)
    form.opinion.text.setFocus()
    press(Qt.Key.Key_V, CONTROL)
    looked_at(tray, 3, qtbot)
    assert [file.stage for file in tray.files if file.examined] == ["after", "after"]
    assert not tray.send_button.isVisible(), "they go with the move"
    there = dispatch(unit).detail.evidence.tray
    assert not there.isVisible(), "each file stands in one place"
    main = [button for button in unit.window.findChildren(QPushButton) if button.isVisible() and button.isDefault()]
    assert main == [form.send], "one button stands out"
    QTest.keyClicks(form.opinion.text, "done")
    desks.move(desks.login("dispatcher"), case_id, "urge", opinion="hurry")
    QTest.mouseClick(form.send, LEFT)
    qtbot.waitUntil(lambda: "changed meanwhile" in form.trouble.problem.text(), timeout=LONG_MS)
    settle(unit, qtbot)
    assert states(tray) == [READY, REFUSED, READY]
    assert attached(desks, case_id) == [], "all or nothing"

    # Given up, another case looked at, and come back: they wait still, in the details as well.
    form.opinion.setFocus()
    press(Qt.Key.Key_Escape)
    qtbot.waitUntil(there.isVisible, timeout=LONG_MS)
    assert len(there.rows) == 3
    other = desks.bring_to("handling", condition)
    assert tray_of(unit, other, qtbot).files == ()
    assert len(tray_of(unit, case_id, qtbot).files) == 3
    form = begin(unit, "dispose", Qt.Key.Key_D, qtbot)
    assert form.opinion.words == "done"
    QTest.mouseClick(form.send, LEFT)
    qtbot.waitUntil(lambda: desks.row(case_id).state == "handle_finish", timeout=LONG_MS)
    settle(unit, qtbot)
    assert len(attached(desks, case_id)) == 2
    assert {stage for _, stage in attached(desks, case_id)} == {"after"}
    left = unit.unsent.files(case_id)
    assert [file.name for file in left] == ["scrap.jpg"]


def test_an_inspector_checks_with_photos_and_a_post_that_may_not_add_has_no_tray(
    qtbot: QtBot, desks: Desks, sit_down: SitDown, tmp_path: Path
) -> None:
    condition = desks.condition("UH")
    case_id = desks.bring_to("checking", condition)
    inspector = sit_down(desks.login("inspector", zone_id=desks.row(case_id).zone_id))
    tray_of(inspector, case_id, qtbot)
    form = begin(inspector, "check", Qt.Key.Key_V, qtbot)
    drop(dispatch(inspector).detail, of_files(files_in(tmp_path, seen_jpg=photo())))
    assert form.tray is not None
    looked_at(form.tray, 1, qtbot)
    assert form.answer is not None
    QTest.mouseClick(form.answer.yes, LEFT)
    QTest.mouseClick(form.send, LEFT)
    qtbot.waitUntil(lambda: desks.row(case_id).state == "pending_close", timeout=LONG_MS)
    assert attached(desks, case_id) == [("seen.jpg", "after")]
    settle(inspector, qtbot)

    waiting = desks.bring_to("handling", condition)
    dispatcher = sit_down(desks.login("dispatcher"))
    workspace = dispatch(dispatcher)
    dispatcher.window.desk.selection.select(Thing("case", str(waiting)))
    strip = workspace.detail.evidence
    qtbot.waitUntil(lambda: strip.isVisible() and strip.evidence is not None, timeout=LONG_MS)
    settle(dispatcher, qtbot)
    assert not strip.tray.isVisible()
    assert not drop(workspace.detail, of_files(files_in(tmp_path, no_jpg=photo())))
    desks.bring_to("handle_finish", condition, waiting)
    qtbot.waitUntil(strip.tray.isVisible, timeout=LONG_MS)
    assert drop(workspace.detail, of_files(files_in(tmp_path, no_jpg=photo()))), "now it is the dispatcher's turn"


def test_what_waits_outlives_the_window(qtbot: QtBot, desks: Desks, sit_down: SitDown, tmp_path: Path) -> None:
    case_id = desks.report(None)
    acceptor = sit_down("acceptor01")
    tray = tray_of(acceptor, case_id, qtbot)
    drop(dispatch(acceptor).detail, of_files(files_in(tmp_path, one_jpg=photo())))
    looked_at(tray, 1, qtbot)
    window = acceptor.window
    window.desk.actions["language"].trigger()
    qtbot.waitUntil(lambda: acceptor.window is not window and acceptor.window.isVisible(), timeout=LONG_MS)
    acceptor.window.show_workspace("dispatch")
    tray = tray_of(acceptor, case_id, qtbot)
    assert [file.name for file in tray.files] == ["one.jpg"]
    press(Qt.Key.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: len(attached(desks, case_id)) == 1, timeout=LONG_MS)
    settle(acceptor, qtbot)


def test_whoever_leaves_with_files_that_wait_is_told_first(
    qtbot: QtBot, desks: Desks, sit_down: SitDown, tmp_path: Path
) -> None:
    case_id = desks.report(None)
    acceptor = sit_down("acceptor01")
    tray = tray_of(acceptor, case_id, qtbot)
    drop(dispatch(acceptor).detail, of_files(files_in(tmp_path, one_jpg=photo(), bad_jpg=b"nothing")))
    looked_at(tray, 2, qtbot)
    window, left = acceptor.window, []
    window.sign_out_wanted.connect(lambda: left.append(True))
    window.desk.selection.select(None)
    window.desk.actions["sign_out"].trigger()
    assert left == []
    assert acceptor.notices.kept[-1].text.startswith("1 file is not attached yet")
    assert window.desk.selection.thing == Thing("case", str(case_id))
    settle(acceptor, qtbot)
    window.desk.actions["sign_out"].trigger()
    assert left == [True], "who asks again means it"
