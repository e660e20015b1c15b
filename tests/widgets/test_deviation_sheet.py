"""A deviation from the approved route goes on paper by one key, from the list of alarms and from the truck."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from console.widgets.shared.desk import Thing
from tests.deviations import FIRST_SERIAL, left_its_route
from tests.monitored import TRUCK
from tests.widgets.desks import LONG_MS, leave, settle, show, sign_in
from tests.widgets.test_alarms import alarms_of
from tests.widgets.test_case_print import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def leader(qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path) -> Iterator[Session]:
    left_its_route(database)
    made = sign_in(database, "shift_leader01", tmp_path, qapp)
    show(made, qtbot)
    yield made
    leave(made)


def press(session: Session, qtbot: QtBot, key: Qt.Key, with_keys: Qt.KeyboardModifier) -> None:
    session.window.activateWindow()
    qtbot.waitUntil(session.window.isActiveWindow, timeout=LONG_MS)
    QTest.keyClick(session.window, key, with_keys)


def written(session: Session, path: Path, qtbot: QtBot) -> str:
    """The words of the sheet that the key writes."""
    sheet = alarms_of(session).sheet
    press(session, qtbot, Qt.Key.Key_V, CTRL_SHIFT)
    qtbot.waitUntil(lambda: sheet.dialog is not None, timeout=LONG_MS)
    dialog = sheet.dialog
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.close()
    qtbot.waitUntil(lambda: not sheet.is_under_way, timeout=LONG_MS)
    return words_of(path)


def test_the_sheet_of_an_alarm_tells_where_when_how_far_and_by_which_messages(
    qtbot: QtBot, leader: Session, tmp_path: Path
) -> None:
    board = alarms_of(leader).list
    qtbot.waitUntil(lambda: len(alarms_of(leader).standing.lines) == 1, timeout=LONG_MS)
    press(leader, qtbot, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(board.isVisible, timeout=LONG_MS)
    settle(leader, qtbot)
    assert board.detail.buttons["sheet"].isVisible()
    path = tmp_path / "sheet.pdf"
    words = written(leader, path, qtbot)
    assert "The evidence of Alarm" in leader.notices.kept[-1].text
    for found in (
        "-180.0mright", "+5.0mleft", "4of11", "11-0200:01:00", "11-0200:02:30", "±50m", "SHA-256", "Page1of",
        f"0x0200#{FIRST_SERIAL + 2}00:01:01.500", f"0x0704#{FIRST_SERIAL + 9}00:06:41.500", "byShiftLeader01",
    ):  # fmt: skip
        assert found in words, found


def test_the_last_deviation_of_the_selected_truck_is_written_by_the_same_key(
    qtbot: QtBot, leader: Session, tmp_path: Path
) -> None:
    leader.window.show_workspace("fleet")
    leader.window.desk.selection.select(Thing("vehicle", str(TRUCK)))
    settle(leader, qtbot)
    assert "-180.0mright" in written(leader, tmp_path / "sheet.pdf", qtbot)


def test_without_a_deviation_or_a_folder_the_user_is_told(qtbot: QtBot, leader: Session, tmp_path: Path) -> None:
    sheet, notices = alarms_of(leader).sheet, leader.notices
    leader.window.desk.selection.select(None)
    press(leader, qtbot, Qt.Key.Key_V, CTRL_SHIFT)
    assert notices.kept[-1].text.startswith("Choose a truck")
    leader.window.desk.selection.select(Thing("vehicle", str(TRUCK + 1)))
    press(leader, qtbot, Qt.Key.Key_V, CTRL_SHIFT)
    qtbot.waitUntil(lambda: notices.kept[-1].text.startswith("No deviation"), timeout=LONG_MS)
    leader.window.desk.selection.select(Thing("vehicle", str(TRUCK)))
    settle(leader, qtbot)
    press(leader, qtbot, Qt.Key.Key_V, CTRL_SHIFT)
    qtbot.waitUntil(lambda: sheet.dialog is not None, timeout=LONG_MS)
    assert sheet.dialog is not None
    sheet.dialog.fileSelected.emit(str(tmp_path / "no" / "sheet.pdf"))
    sheet.dialog.close()
    qtbot.waitUntil(lambda: not sheet.is_under_way, timeout=LONG_MS)
    assert "choose another folder" in notices.kept[-1].text
