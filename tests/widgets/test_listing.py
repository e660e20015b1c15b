"""Lists written to files from the window, by key and click, and read back."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from console.models import cases
from console.models.cases import Preset
from tests.widgets.desks import LONG_MS, leave, settle, show, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Connection, Engine

    from console.session import Session
    from console.widgets.cases.queue import QueuePanel

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def session(qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path) -> Iterator[Session]:
    made = sign_in(database, "dispatcher01", tmp_path, qapp)
    show(made, qtbot)
    yield made
    leave(made)


def show_queue(session: Session, preset: Preset, qtbot: QtBot) -> QueuePanel:
    session.window.show_workspace("dispatch")
    queue: QueuePanel = session.window.workspaces["dispatch"].queue  # type: ignore[attr-defined]
    queue.presets[preset].click()
    settle(session, qtbot)
    return queue


def press_key(session: Session, qtbot: QtBot) -> None:
    session.window.activateWindow()
    qtbot.waitUntil(session.window.isActiveWindow, timeout=LONG_MS)
    QTest.keyClick(session.window, Qt.Key.Key_E, CONTROL)


def write_with_key(session: Session, path: Path, qtbot: QtBot) -> None:
    """The key, then the name in the dialog, as somebody would type it."""
    press_key(session, qtbot)
    dialog = session.export.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.isVisible, timeout=LONG_MS)
    dialog.fileSelected.emit(str(path))
    dialog.close()
    qtbot.waitUntil(lambda: not session.export.is_under_way, timeout=LONG_MS)


def test_all_cases_of_the_filter_are_written_and_not_only_those_on_the_screen(
    qtbot: QtBot, database: Engine, session: Session, tmp_path: Path
) -> None:
    queue = show_queue(session, Preset.ALL, qtbot)
    path = tmp_path / "queue.csv"
    write_with_key(session, path, qtbot)
    with path.open(encoding="utf-8-sig", newline="") as file:
        heading, *rows = csv.reader(file)
    with database.connect() as connection:
        numbers = connection.scalars(text("SELECT case_no FROM city.case_file ORDER BY reported_at DESC, id DESC"))
        assert [row[0] for row in rows] == list(numbers)
    assert len(rows) == queue.model.rowCount() > cases.PAGE
    assert heading[:3] == ["Number", "Stage", "Class"]
    assert f"{len(rows):,} rows were written" in session.notices.kept[-1].text
    assert session.export.isHidden()


def test_the_preset_and_the_typed_words_narrow_what_is_written(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    queue = show_queue(session, Preset.OPEN, qtbot)
    path = tmp_path / "open.xlsx"
    write_with_key(session, path, qtbot)
    sheet = load_workbook(path).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) - 1 == queue.model.rowCount()
    assert "Closed" not in {row[1] for row in rows[1:]}


def test_a_table_is_written_as_it_is_sorted_and_narrowed(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    session.window.show_workspace("drainage")
    settle(session, qtbot)
    table = session.window.workspaces["drainage"].left.table  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: table.records.rowCount() > 3, timeout=LONG_MS)
    table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    path = tmp_path / "network.csv"
    write_with_key(session, path, qtbot)
    with path.open(encoding="utf-8-sig", newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading == ["Code", "Size", "Street"]
    codes = [row[0] for row in rows]
    assert codes == sorted(codes, reverse=True)
    assert len(codes) == table.records.rowCount()
    assert table.actions() == [session.export.action], "and by the right mouse button"


def test_a_list_that_is_stopped_leaves_nothing(
    qtbot: QtBot, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = show_queue(session, Preset.ALL, qtbot)
    shown = session.export
    listing = queue.listing()

    def for_ever(connection: Connection) -> Iterator[list[str]]:
        while True:
            connection.execute(text("SELECT pg_sleep(0.01)"))
            yield ["x"]

    monkeypatch.setattr(queue, "listing", lambda: listing.__class__("endless", ["a"], for_ever, 5))
    press_key(session, qtbot)
    assert shown.dialog is not None
    path = tmp_path / "endless.csv"
    shown.dialog.fileSelected.emit(str(path))
    shown.dialog.close()
    qtbot.waitUntil(lambda: shown.isVisible() and "of" in shown.words.text(), timeout=LONG_MS)
    QTest.mouseClick(shown.stop_button, Qt.MouseButton.LeftButton)
    assert shown.isHidden()
    settle(session, qtbot)
    assert not list(tmp_path.glob("*endless*"))
    assert "stopped" in session.notices.kept[-1].text


def test_a_folder_that_may_not_be_written_and_an_empty_list_are_told(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    queue = show_queue(session, Preset.OPEN, qtbot)
    write_with_key(session, tmp_path / "missing" / "list.csv", qtbot)
    assert "choose another folder" in session.notices.kept[-1].text
    queue.filters.text.setText("nothing is called so")
    qtbot.waitUntil(lambda: queue.model.rowCount() == 0, timeout=LONG_MS)
    settle(session, qtbot)
    press_key(session, qtbot)
    assert "no list here" in session.notices.kept[-1].text
