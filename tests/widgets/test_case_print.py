"""A case goes on paper by one key."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QToolButton

from console.map.overlay import geographic
from console.models.cases import evidence
from console.widgets.shared.desk import Thing
from tests.files import photo
from tests.widgets.desks import LONG_MS, settle

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from console.session import Session
    from tests.desks import Desks

SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier | other
    for other in (Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier)
)


def press(session: Session, qtbot: QtBot, with_keys: Qt.KeyboardModifier) -> None:
    session.window.activateWindow()
    qtbot.waitUntil(session.window.isActiveWindow, timeout=LONG_MS)
    QTest.keyClick(session.window, Qt.Key.Key_P, with_keys)


def choose(session: Session, case_id: int, qtbot: QtBot) -> None:
    session.window.show_workspace("dispatch")
    session.window.desk.selection.select(Thing("case", str(case_id)))
    settle(session, qtbot)


def write_with_key(session: Session, path: Path, qtbot: QtBot) -> str:
    """The key, then the name in the dialog; returns the name that was proposed."""
    job = session.case_print
    press(session, qtbot, SHIFT)
    qtbot.waitUntil(lambda: job.dialog is not None, timeout=LONG_MS)
    dialog = job.dialog
    assert isinstance(dialog, QFileDialog)
    proposed = dialog.selectedFiles()[0].rsplit("/", 1)[-1]
    dialog.fileSelected.emit(str(path))
    dialog.close()
    qtbot.waitUntil(lambda: not job.is_under_way, timeout=LONG_MS)
    return proposed


def words_of(path: Path) -> str:
    document = QPdfDocument()
    document.load(str(path))
    found = "".join("".join(document.getAllText(n).text().split()) for n in range(document.pageCount()))
    document.close()
    return found


def attach(desks: Desks, case_id: int, colour: str, stage: str) -> int:
    with desks.engine("shift_leader01").begin() as connection:
        content = photo(colour=colour, place=geographic(*desks.place))
        examined = evidence.examine(f"{stage}.jpg", content, evidence.rules(connection).file_mb)
        return evidence.attach(connection, case_id, examined, stage, uuid.uuid4())


def test_the_file_of_the_selected_case_tells_all_of_it(
    qtbot: QtBot, desks: Desks, leader: Session, tmp_path: Path
) -> None:
    condition = desks.condition("UH")
    case_id = desks.bring_to("handling", condition)
    for colour, stage in (("red", "near"), ("blue", "before"), ("green", "after")):
        attach(desks, case_id, colour, stage)
    desks.move(
        desks.login("department", department_id=condition.competent_id), case_id, "dispose", opinion="已清理干净"
    )
    choose(leader, case_id, qtbot)
    path = tmp_path / "case.pdf"
    number = desks.row(case_id).case_no
    assert write_with_key(leader, path, qtbot) == f"Case file {number}.pdf"
    assert f"The file of case {number} went to {path}" in leader.notices.kept[-1].text
    words = words_of(path)
    for found in (
        number, "已清理干净", "1Near", "2Before", "3After", "Reported", "Disposalfinished",
        f"of{condition.limit_value}urgenthours", "Version6,moves:6", "byShiftLeader01", "Page1of", "SHA-256",
    ):  # fmt: skip
        assert found in words


def test_a_case_that_is_shown_as_it_was_is_printed_so(
    qtbot: QtBot, desks: Desks, leader: Session, tmp_path: Path
) -> None:
    case_id = desks.bring_to("pending_dispatch", desks.condition("UH"))
    choose(leader, case_id, qtbot)
    detail = leader.window.workspaces["dispatch"].detail  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: 2 in detail.timeline.times, timeout=LONG_MS)
    QTest.mouseClick(detail.timeline.times[2], Qt.MouseButton.LeftButton)
    settle(leader, qtbot)
    path = tmp_path / "case.pdf"
    write_with_key(leader, path, qtbot)
    words = words_of(path)
    assert "Asitwasat" in words
    assert "Version2,moves:2" in words
    assert "Filed" not in words


def test_a_photo_that_was_changed_in_the_database_is_told(
    qtbot: QtBot, desks: Desks, leader: Session, tmp_path: Path
) -> None:
    case_id = desks.bring_to("pending_dispatch", desks.condition("UH"))
    attach(desks, case_id, "green", "far")
    altered = attach(desks, case_id, "red", "near")
    with desks.owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE city.case_attachment DISABLE TRIGGER USER")
        connection.exec_driver_sql(
            "UPDATE city.case_attachment SET content = overlay(content placing '\\x00' from 500) WHERE id = %s",
            (altered,),
        )
    choose(leader, case_id, qtbot)
    write_with_key(leader, tmp_path / "case.pdf", qtbot)
    assert "near.jpgisnotwhatwasattached" in words_of(tmp_path / "case.pdf")
    assert "Photos that could not be shown" in leader.notices.kept[-1].text
    assert leader.notices.kept[-1].urgency == "medium"


def test_a_button_beside_the_details_is_there_for_cases_only(qtbot: QtBot, desks: Desks, leader: Session) -> None:
    case_id = desks.bring_to("reported", desks.condition("UH"))
    choose(leader, case_id, qtbot)
    heading = leader.window.workspaces["dispatch"].detail.heading  # type: ignore[attr-defined]
    button = next(b for b in heading.findChildren(QToolButton) if b.defaultAction() is leader.case_print.pdf)
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: leader.case_print.dialog is not None, timeout=LONG_MS)
    assert leader.case_print.dialog is not None
    leader.case_print.dialog.close()
    leader.window.desk.selection.select(Thing("zone", "1"))
    assert not button.isVisible()


def test_without_a_case_or_without_its_folder_the_user_is_told(
    qtbot: QtBot, desks: Desks, leader: Session, tmp_path: Path
) -> None:
    leader.window.desk.selection.select(None)
    press(leader, qtbot, SHIFT)
    assert leader.notices.kept[-1].text.startswith("Choose a case first")
    press(leader, qtbot, ALT)
    assert leader.case_print.dialog is None
    choose(leader, desks.bring_to("reported", desks.condition("UH")), qtbot)
    write_with_key(leader, tmp_path / "no" / "case.pdf", qtbot)
    assert "choose another folder" in leader.notices.kept[-1].text
    assert not leader.case_print.is_under_way


def test_a_printer_is_asked_for_and_gets_the_file(qtbot: QtBot, desks: Desks, leader: Session, tmp_path: Path) -> None:
    case_id = desks.bring_to("reported", desks.condition("UH"))
    choose(leader, case_id, qtbot)
    press(leader, qtbot, ALT)
    dialog = leader.case_print.dialog
    assert isinstance(dialog, QPrintDialog)
    # What every system has: printing to a file.
    name = next(field for field in dialog.findChildren(QLineEdit) if field.objectName() == "filename")
    name.setText(str(tmp_path / "printed.pdf"))
    dialog.accept()
    qtbot.waitUntil(lambda: not leader.case_print.is_under_way, timeout=LONG_MS)
    assert "went to the printer" in leader.notices.kept[-1].text
    assert desks.row(case_id).case_no in words_of(tmp_path / "printed.pdf")
