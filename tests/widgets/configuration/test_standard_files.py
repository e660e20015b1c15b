"""The standard written to Excel and read from there in the window: every line is judged before anything changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openpyxl import load_workbook
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from console.models.configuration.standard_import.verdicts import Outcome
from tests.widgets.configuration.acting import open_topic
from tests.widgets.desks import LONG_MS, settle

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.configuration.standard_page import JudgedLine
    from console.widgets.configuration.workspace import ConfigurationWorkspace

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LIMIT, UNIT, RESPONSIBLE, CODE = "H", "I", "K", "F"


def write(workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot, path: Path) -> None:
    """The key, then the name in the dialog."""
    press(workspace, session, qtbot, Qt.Key.Key_E, CONTROL | SHIFT)
    name_file(workspace, path)
    qtbot.waitUntil(path.exists, timeout=LONG_MS)
    settle(session, qtbot)


def read(workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot, path: Path) -> None:
    press(workspace, session, qtbot, Qt.Key.Key_O, CONTROL)
    name_file(workspace, path)
    settle(session, qtbot)


def press(
    workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier
) -> None:
    session.window.activateWindow()
    qtbot.waitUntil(session.window.isActiveWindow, timeout=LONG_MS)
    table = open_topic(workspace, "filing_condition").table
    table.setFocus()
    QTest.keyClick(table, key, modifier)


def name_file(workspace: ConfigurationWorkspace, path: Path) -> None:
    dialog = workspace.files.dialog
    assert dialog is not None
    dialog.fileSelected.emit(str(path))
    dialog.close()


def lines(workspace: ConfigurationWorkspace) -> list[JudgedLine]:
    model = workspace.standard.model
    return [model.index(row, 0).data(Qt.ItemDataRole.UserRole) for row in range(model.rowCount())]


def change(path: Path, **cells: Any) -> None:
    """Change cells of the first sheet."""
    book = load_workbook(path)
    for place, value in cells.items():
        book.worksheets[0][place] = value
    book.save(path)


def latest(city: Engine, class_code: str, code: str) -> Any:
    query = text("""
        SELECT f.version, f.limit_value, f.valid_from, f.id FROM city.filing_condition f
        JOIN city.case_class c ON c.id = f.class_id
        WHERE c.code = :class_code AND f.code = :code AND c.kind = 'component' ORDER BY f.version DESC LIMIT 1
    """)
    with city.connect() as connection:
        return connection.execute(query, {"class_code": class_code, "code": code}).one()


def test_what_was_written_is_read_back_unchanged(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace, tmp_path: Path
) -> None:
    path = tmp_path / "standard.xlsx"
    write(workspace, session, qtbot, path)
    with city.connect() as connection:
        query = "SELECT count(DISTINCT (class_id, code)) FROM city.filing_condition"
        count = connection.scalar(text(query))
    assert f"{count} conditions were written" in session.notices.kept[-1].text
    read(workspace, session, qtbot, path)
    page = workspace.standard
    assert page.isVisible()
    assert {one.verdict.outcome for one in lines(workspace)} == {Outcome.UNCHANGED}
    assert len(lines(workspace)) == count
    assert not page.send.isEnabled()
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert workspace.page is workspace.pages["filing_condition"]


def test_every_line_is_judged_before_anything_changes_and_what_is_refused_stays_out(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace, tmp_path: Path
) -> None:
    path = tmp_path / "standard.xlsx"
    write(workspace, session, qtbot, path)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    class_code, codes = sheet["D3"].value, [sheet[f"{CODE}{row}"].value for row in (3, 4)]
    before = latest(city, class_code, codes[0])
    change(path, **{f"{LIMIT}3": 9, f"{UNIT}3": "工作日", f"{UNIT}4": "世纪"})
    read(workspace, session, qtbot, path)
    page = workspace.standard
    first, second = (one.verdict for one in lines(workspace)[:2])
    assert (first.outcome, second.outcome) == (Outcome.CHANGED, Outcome.REFUSED)
    assert first.changes["limit"][1] == "9工作日"
    assert latest(city, class_code, codes[0]) == before, "nothing is changed by judging"
    QTest.mouseClick(page.chips[Outcome.REFUSED], Qt.MouseButton.LeftButton)
    assert [one.verdict for one in lines(workspace)] == [second]
    page.table.selectRow(0)
    assert "世纪" in page.model.index(0, 5).data()
    page.reason.setFocus()
    QTest.keyClick(page.reason, Qt.Key.Key_Return)
    assert "Say why" in page.problem.text()
    page.reason.insert("2026 版标准")
    QTest.keyClick(page.reason, Qt.Key.Key_Return)
    settle(session, qtbot)
    after = latest(city, class_code, codes[0])
    assert (after.version, after.limit_value) == (before.version + 1, 9)
    assert latest(city, class_code, codes[1]).version == 1
    with city.connect() as connection:
        query = text("SELECT DISTINCT reason FROM city.audit_log WHERE subject = 'filing_condition' AND key = :key")
        assert connection.scalars(query, {"key": str(after.id)}).all() == ["2026 版标准"]
    assert workspace.page is workspace.pages["filing_condition"]


def test_conditions_that_the_file_lacks_end_only_when_that_is_wanted(
    qtbot: QtBot, session: Session, workspace: ConfigurationWorkspace, tmp_path: Path
) -> None:
    path = tmp_path / "standard.xlsx"
    write(workspace, session, qtbot, path)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    last = sheet.max_row
    for column in range(1, sheet.max_column + 1):
        cell = sheet.cell(last, column)
        if not type(cell).__name__.startswith("Merged"):
            cell.value = None
    book.save(path)
    read(workspace, session, qtbot, path)
    page = workspace.standard
    assert lines(workspace)[-1].verdict.outcome is Outcome.KEPT
    assert not page.send.isEnabled()
    page.ends.click()
    settle(session, qtbot)
    assert lines(workspace)[-1].verdict.outcome is Outcome.ENDED
    assert page.send.isEnabled()
    assert "Import 1 change " in page.send.text()


def test_a_file_that_is_no_standard_is_named_and_can_be_read_again_once_mended(
    qtbot: QtBot, session: Session, workspace: ConfigurationWorkspace, tmp_path: Path
) -> None:
    good, path = tmp_path / "good.xlsx", tmp_path / "standard.xlsx"
    write(workspace, session, qtbot, good)
    path.write_text("小类代码,立案条件\n0101,缺失\n", encoding="utf-8")
    read(workspace, session, qtbot, path)
    page = workspace.standard
    assert not page.state.is_content
    assert "is no workbook" in page.state.message.text()
    assert not page.send.isEnabled()
    path.write_bytes(good.read_bytes())
    page.state.retry.click()
    settle(session, qtbot)
    assert {one.verdict.outcome for one in lines(workspace)} == {Outcome.UNCHANGED}


def test_a_standard_that_was_changed_since_it_was_judged_is_judged_anew(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace, tmp_path: Path
) -> None:
    path = tmp_path / "standard.xlsx"
    write(workspace, session, qtbot, path)
    change(path, **{f"{LIMIT}5": 8, f"{LIMIT}6": 9})
    read(workspace, session, qtbot, path)
    page = workspace.standard
    changed = [one.verdict for one in lines(workspace) if one.verdict.outcome is Outcome.CHANGED]
    assert len(changed) == 2
    sheet = load_workbook(path).worksheets[0]
    found = latest(city, sheet["D3"].value, sheet[f"{CODE}5"].value)
    with city.begin() as connection:
        again = text("SELECT city.end_condition(:id, (now() AT TIME ZONE 'Asia/Shanghai')::date + 30)")
        connection.execute(again, {"id": found.id})
    page.reason.insert("新标准")
    page.reason.setFocus()
    QTest.keyClick(page.reason, Qt.Key.Key_Return)
    settle(session, qtbot)
    assert "changed since the lines were checked" in page.problem.text()
    assert page.isVisible()
    assert page.reason.text() == "新标准", "what was typed stays"
    assert latest(city, sheet["D3"].value, sheet[f"{CODE}5"].value).version == found.version
