"""The checklist of flood duty: ticked by hand on one desk, seen on the other at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.widgets.desks import LONG_MS, leave, settle, show, sign_in

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QListWidgetItem
    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.flood.duty import DutyPanel


def panel_of(session: Session, qtbot: QtBot) -> DutyPanel:
    show(session, qtbot)
    session.window.show_workspace("flood")
    settle(session, qtbot)
    return session.window.workspaces["flood"].duty  # type: ignore[attr-defined,no-any-return]


def row_of(panel: DutyPanel, place: int) -> QListWidgetItem:
    row = panel.list.item(place)
    assert row is not None
    return row


def test_what_one_desk_ticks_the_other_sees(qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path) -> None:
    leader = sign_in(database, "shift_leader01", tmp_path, qapp)
    acceptor = sign_in(database, "acceptor01", tmp_path, qapp)
    first, second = panel_of(leader, qtbot), panel_of(acceptor, qtbot)
    assert "No rainstorm warning" in first.state.message.text()
    assert not second.colour.isEnabled()
    first.colour.setFocus()
    QTest.keyClick(first.colour, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: second.list.count() == 12, timeout=LONG_MS)
    assert second.colour.currentData() == "red"
    place = second.list.visualItemRect(row_of(second, 0))
    QTest.mouseClick(
        second.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place.left() + 12, place.center().y())
    )
    qtbot.waitUntil(lambda: row_of(first, 0).checkState() == Qt.CheckState.Checked, timeout=LONG_MS)
    assert "✓ Acceptor 01" in row_of(first, 0).text()
    assert "(assumed)" in row_of(first, 0).text()
    # Taken off by the keyboard on the other desk.
    first.list.setFocus()
    first.list.setCurrentRow(0)
    QTest.keyClick(first.list, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: row_of(second, 0).checkState() == Qt.CheckState.Unchecked, timeout=LONG_MS)
    leave(acceptor)
    leave(leader)
