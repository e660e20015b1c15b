"""A report is taken in at the desk with keys and a click on the map; nothing typed is lost on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from console.models.cases import Preset
from console.widgets.shared.desk import Thing
from console.widgets.shared.evidence.unsent import READY, REFUSED
from tests.files import photo, wav
from tests.widgets.desks import LONG_MS, leave, settle, show, sign_in
from tests.widgets.test_place_field import covers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.cases.report_form import ReportForm
    from console.widgets.shared.evidence.unsent import Waiting
    from tests.desks import Desks

CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
LIMIT = "UPDATE city.setting SET value = CAST(:limits AS jsonb) WHERE name = 'evidence_limit'"


@pytest.fixture
def acceptor(qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path) -> Iterator[Session]:
    made = sign_in(database, "acceptor01", tmp_path, qapp)
    show(made, qtbot)
    made.window.show_workspace("dispatch")
    made.window.activateWindow()
    qtbot.waitUntil(made.window.isActiveWindow, timeout=LONG_MS)
    yield made
    leave(made)


def begun(session: Session, qtbot: QtBot) -> ReportForm:
    """The form, opened by its key."""
    room = session.window.workspaces["dispatch"]
    QTest.keyClick(session.window, Qt.Key.Key_N, CONTROL)
    qtbot.waitUntil(lambda: room.reports.form is not None and room.reports.form.isVisible(), timeout=LONG_MS)  # type: ignore[attr-defined]
    form: ReportForm = room.reports.form  # type: ignore[attr-defined]
    assert form.description.hasFocus()
    return form


def point_at(session: Session, form: ReportForm, place: tuple[float, float], qtbot: QtBot) -> None:
    canvas = session.window.desk.canvas
    canvas.centre_on(*place, 0.5)
    if not form.place.pick.isChecked():
        QTest.mouseClick(form.place.pick, LEFT)
    x, y = canvas.view.to_screen(*place)
    QTest.mouseClick(canvas, LEFT, pos=QPoint(round(x), round(y)))
    settle(session, qtbot)


def test_a_call_becomes_a_case_that_is_selected_for_the_next_step(
    qtbot: QtBot, desks: Desks, acceptor: Session
) -> None:
    earlier = desks.report(desks.condition("UH"))
    x, y = desks.all("SELECT public.ST_X(geom), public.ST_Y(geom) FROM city.case_file WHERE id = :id", id=earlier)[0]
    form = begun(acceptor, qtbot)
    form.description.setText("路口井盖缺失")
    point_at(acceptor, form, (x + 3, y), qtbot)
    assert form.place.address.text()
    # What was reported here already is told while the caller is still on the line.
    qtbot.waitUntil(form.known.isVisible, timeout=LONG_MS)
    assert "Perhaps reported already" in form.known_title.text()
    assert form.known.currentRow() == -1, "nothing is chosen for the one who takes it in"
    QTest.keyClicks(form.caller, "Wang")
    QTest.keyClicks(form.phone, "13800000000")
    QTest.mouseClick(form.call_back, LEFT, pos=QPoint(8, form.call_back.height() // 2))
    QTest.keyClick(form.phone, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: acceptor.window.workspaces["dispatch"].reports.form is None, timeout=LONG_MS)  # type: ignore[attr-defined]
    thing = acceptor.window.desk.selection.thing
    assert thing is not None
    assert thing.subject == "case"
    case = desks.all(
        "SELECT source::text, description, state::text, caller_name, caller_phone, wants_call_back FROM city.case_file"
        " WHERE id = :id",
        id=int(thing.key),
    )[0]
    assert tuple(case) == ("hotline_12345", "路口井盖缺失", "reported", "Wang", "13800000000", True)


def test_a_class_that_is_told_after_the_place_takes_the_component_that_was_pointed_at(
    qtbot: QtBot, desks: Desks, acceptor: Session
) -> None:
    cover = covers(desks)
    form = begun(acceptor, qtbot)
    form.description.setText("井盖缺失")
    point_at(acceptor, form, (cover.x + 4.0, cover.y + 3.0), qtbot)
    assert form.place.component_code is None
    form.class_.text.setText(desks.ask("SELECT name FROM city.case_class WHERE id = :id", id=cover.class_id))
    assert form.class_.choice is not None
    assert form.class_.choice.id == cover.class_id
    qtbot.waitUntil(lambda: form.place.component_code == cover.code, timeout=LONG_MS)
    assert form.place.place == pytest.approx((cover.x, cover.y), abs=0.01)
    QTest.mouseClick(form.send, LEFT, pos=QPoint(8, 8))
    newest = "SELECT component_code FROM city.case_file ORDER BY id DESC LIMIT 1"
    qtbot.waitUntil(lambda: desks.ask(newest) == cover.code, timeout=LONG_MS)


def test_what_is_missing_is_said_and_what_is_put_aside_stays(qtbot: QtBot, acceptor: Session) -> None:
    form = begun(acceptor, qtbot)
    QTest.keyClick(form.description, Qt.Key.Key_Return)
    assert form.problem.text() == "Say what is wrong."
    form.description.setText("路灯不亮")
    assert form.problem.isHidden(), "it is not missing any more"
    QTest.keyClick(form.description, Qt.Key.Key_Return)
    assert form.problem.text().startswith("Say where it is")
    QTest.keyClick(form.description, Qt.Key.Key_Escape)
    assert not form.isVisible()
    acceptor.window.desk.selection.select(Thing("vehicle", "1"))
    again = begun(acceptor, qtbot)
    assert again is form
    assert again.description.text() == "路灯不亮"


def test_a_place_outside_the_city_is_refused_with_the_reason(qtbot: QtBot, desks: Desks, acceptor: Session) -> None:
    before = desks.all("SELECT count(*) FROM city.case_file")[0][0]
    form = begun(acceptor, qtbot)
    form.description.setText("路灯不亮")
    form.place._set_place((400_000.0, 3_700_000.0))
    QTest.keyClick(form.description, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "no unit grid" in form.problem.text(), timeout=LONG_MS)
    assert form.send.isEnabled()
    assert form.description.text() == "路灯不亮"
    assert desks.all("SELECT count(*) FROM city.case_file")[0][0] == before


def test_a_report_whose_answer_was_lost_is_taken_in_once(qtbot: QtBot, acceptor: Session) -> None:
    form = begun(acceptor, qtbot)
    form.description.setText("路灯不亮")
    form.place._set_place((500_000.0, 3_877_000.0))
    first, second = form.report(), form.report()
    assert first is not None
    assert second is not None
    assert first.request_id == second.request_id
    form.description.setText("路灯不亮,已一周")
    third = form.report()
    assert third is not None
    assert third.request_id != first.request_id


def test_a_dispatcher_takes_no_reports_in(qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path) -> None:
    made = sign_in(database, "dispatcher01", tmp_path, qapp)
    show(made, qtbot)
    assert "case.report" not in {action.objectName() for action in made.window.desk.actions}
    leave(made)


def files_of(session: Session, form: ReportForm, count: int, qtbot: QtBot) -> tuple[Waiting, ...]:
    """What waits with the report, once all of it was looked at."""
    waits = session.unsent.files
    qtbot.waitUntil(lambda: len(waits(form.evidence.case_id)) == count and not form.tray.is_looking, timeout=LONG_MS)
    return waits(form.evidence.case_id)


def test_photos_are_reported_with_the_case_in_one_go(
    qtbot: QtBot, desks: Desks, acceptor: Session, tmp_path: Path
) -> None:
    place = desks.place
    form = begun(acceptor, qtbot)
    qtbot.waitUntil(form.tray.isVisible, timeout=LONG_MS)
    paths = [tmp_path / "near.jpg", tmp_path / "scrap.jpg", tmp_path / "call.wav"]
    for path, content in zip(paths, (photo(place=(121.5, 31.2)), b"nothing", wav(600_000)), strict=True):
        path.write_bytes(content)
    acceptor.window.desk.unsent.add_files(form.evidence.found, paths)  # type: ignore[arg-type]
    near, scrap, call = files_of(acceptor, form, 3, qtbot)
    assert (near.state, scrap.state, call.state) == (READY, REFUSED, READY)
    form.description.setText("路口井盖缺失")
    point_at(acceptor, form, place, qtbot)
    # The camera says another place than the report.
    qtbot.waitUntil(lambda: "taken" in form.tray.rows[near].doubts.text(), timeout=LONG_MS)
    before = desks.ask("SELECT count(*) FROM city.case_file")
    with desks.owner.begin() as connection:
        connection.execute(text(LIMIT), {"limits": '{"file_mb": 10, "case_mb": 1}'})
    form.description.setFocus()
    QTest.keyClick(form.description, Qt.Key.Key_Return)
    qtbot.waitUntil(form.problem.isVisible, timeout=LONG_MS)
    assert "MB" in form.problem.text()
    assert desks.ask("SELECT count(*) FROM city.case_file") == before, "both or neither"
    assert near.state == READY
    with desks.owner.begin() as connection:
        connection.execute(text(LIMIT), {"limits": '{"file_mb": 10, "case_mb": 50}'})
    QTest.keyClick(form.description, Qt.Key.Key_Return)
    room = acceptor.window.workspaces["dispatch"]
    qtbot.waitUntil(lambda: room.reports.form is None, timeout=LONG_MS)  # type: ignore[attr-defined]
    case_id = desks.ask("SELECT max(id) FROM city.case_file")
    attached = desks.all("SELECT file_name, stage::text FROM city.case_attachment WHERE case_id = :id", id=case_id)
    assert {tuple(row) for row in attached} == {("near.jpg", "near"), ("call.wav", None)}
    assert acceptor.unsent.left_behind() == ()


def test_what_is_half_written_outlives_another_language(
    qtbot: QtBot, desks: Desks, acceptor: Session, tmp_path: Path
) -> None:
    form = begun(acceptor, qtbot)
    form.description.setText("路灯不亮")
    form.phone.setText("13800000000")
    form.class_.text.setText("0101")
    point_at(acceptor, form, desks.place, qtbot)
    (tmp_path / "lamp.jpg").write_bytes(photo())
    qtbot.waitUntil(lambda: form.evidence.found is not None, timeout=LONG_MS)
    acceptor.window.desk.unsent.add_files(form.evidence.found, [tmp_path / "lamp.jpg"])  # type: ignore[arg-type]
    files_of(acceptor, form, 1, qtbot)
    before = form.written()
    window = acceptor.window
    window.desk.actions["language"].trigger()
    qtbot.waitUntil(lambda: acceptor.window is not window and acceptor.window.isVisible(), timeout=LONG_MS)
    reports = acceptor.window.workspaces["dispatch"].reports  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: reports.form is not None and reports.form.isVisible(), timeout=LONG_MS)
    settle(acceptor, qtbot)
    assert reports.form.written() == before
    assert reports.form.class_.choice.code == "0101"
    assert len(files_of(acceptor, reports.form, 1, qtbot)) == 1


def test_photos_that_go_with_a_report_are_told_before_somebody_leaves(
    qtbot: QtBot, acceptor: Session, tmp_path: Path
) -> None:
    form = begun(acceptor, qtbot)
    (tmp_path / "lamp.jpg").write_bytes(photo())
    qtbot.waitUntil(lambda: form.evidence.found is not None, timeout=LONG_MS)
    acceptor.window.desk.unsent.add_files(form.evidence.found, [tmp_path / "lamp.jpg"])  # type: ignore[arg-type]
    files_of(acceptor, form, 1, qtbot)
    left: list[None] = []
    acceptor.window.sign_out_wanted.connect(lambda: left.append(None))
    acceptor.window.desk.actions["sign_out"].trigger()
    assert "report that is not handed in" in acceptor.notices.kept[-1].text
    assert not left
    acceptor.window.desk.actions["sign_out"].trigger()
    assert left


def test_in_a_low_window_the_form_takes_the_place_of_chips_and_filters(qtbot: QtBot, acceptor: Session) -> None:
    acceptor.window.resize(1366, 768)
    queue = acceptor.window.workspaces["dispatch"].queue  # type: ignore[attr-defined]
    moves = acceptor.window.workspaces["dispatch"].moves  # type: ignore[attr-defined]
    queue.select_first()
    qtbot.waitUntil(lambda: any(button.isDefault() for button in moves.buttons.values()), timeout=LONG_MS)
    form = begun(acceptor, qtbot)
    assert not queue.desks.isVisible()
    assert not queue.filters.isVisible()
    assert form.send.isDefault()
    assert not any(button.isDefault() for button in moves.buttons.values()), "one button stands out"
    QTest.keyClick(form.description, Qt.Key.Key_Escape)
    assert queue.desks.isVisible()
    assert queue.filters.isVisible()
    assert any(button.isDefault() for button in moves.buttons.values())


def test_in_a_low_window_the_case_that_was_reported_is_in_sight(qtbot: QtBot, desks: Desks, acceptor: Session) -> None:
    for place in range(12):
        desks.report(desks.condition("UH"), 40.0 * place)
    acceptor.window.resize(1366, 768)
    queue = acceptor.window.workspaces["dispatch"].queue  # type: ignore[attr-defined]
    queue.presets[Preset.TO_ACCEPT].click()
    settle(acceptor, qtbot)
    form = begun(acceptor, qtbot)
    form.description.setText("路灯不亮")
    point_at(acceptor, form, desks.place, qtbot)
    before = desks.ask("SELECT max(id) FROM city.case_file")
    QTest.keyClick(form.description, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desks.ask("SELECT max(id) FROM city.case_file") > before, timeout=LONG_MS)
    newest = desks.ask("SELECT max(id) FROM city.case_file")
    qtbot.waitUntil(lambda: queue.model.row_of(newest) is not None, timeout=LONG_MS)
    settle(acceptor, qtbot)
    row = queue.model.row_of(newest)
    assert queue.list.currentIndex().row() == row
    assert row >= 12, "it has the most time left, so it stands last"
    qtbot.wait(100)
    assert queue.list.viewport().rect().contains(queue.list.visualRect(queue.model.index(row)))
