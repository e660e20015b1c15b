"""The window opens with the workspace in front; the others come soon after, or when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from console.widgets.shared.desk import Thing
from console.widgets.shared.detail import DetailPanel
from console.widgets.shared.table import RecordTable
from console.widgets.shell.workspaces import WORKSPACES, rooms_of
from tests.widgets.desks import LONG_MS, leave, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session


@pytest.fixture
def opened(qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path) -> Iterator[Session]:
    """A shift leader whose window has just opened, with the workspace that was in front last time."""
    made = sign_in(database, "shift_leader01", tmp_path, qapp, whole=False)
    made.window.resize(1920, 1080)
    made.window.show()
    made.window.activateWindow()
    yield made
    leave(made)


def test_every_workspace_can_be_loaded_by_its_name() -> None:
    for room in WORKSPACES:
        assert room.load().key == room.key


def test_a_role_without_work_here_has_no_workspace() -> None:
    assert rooms_of("gateway") == ()


def test_the_window_opens_with_one_workspace_and_all_tabs_and_the_others_follow(qtbot: QtBot, opened: Session) -> None:
    window = opened.window
    assert list(window.workspaces) == ["dispatch"]
    assert window.current is window.workspaces["dispatch"]
    assert window.top.findChildren(QToolButton)[0].isVisible()
    with qtbot.waitSignal(opened.complete, timeout=LONG_MS):
        pass
    assert list(window.workspaces) == [room.key for room in rooms_of("shift_leader")]
    assert window.current is window.workspaces["dispatch"]


def test_a_tab_that_is_chosen_before_its_workspace_is_there_brings_it_to_the_front(
    qtbot: QtBot, opened: Session
) -> None:
    window = opened.window
    assert "supervision" not in window.workspaces
    QTest.keyClick(window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    assert window.desk.actions["workspace.supervision"].isChecked()
    qtbot.waitUntil(lambda: "supervision" in window.workspaces, timeout=LONG_MS)
    qtbot.waitUntil(lambda: window.current is window.workspaces["supervision"], timeout=LONG_MS)
    assert window.windowTitle().startswith("Supervision")


def test_of_two_tabs_that_are_not_there_yet_the_last_one_counts(qtbot: QtBot, opened: Session) -> None:
    window = opened.window
    for key in (Qt.Key.Key_5, Qt.Key.Key_3, Qt.Key.Key_1):
        QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(opened.complete, timeout=LONG_MS):
        pass
    assert window.current is window.workspaces["dispatch"]


def test_what_is_offered_everywhere_is_offered_in_a_workspace_that_came_later(qtbot: QtBot, opened: Session) -> None:
    window = opened.window
    window.desk.selection.select(Thing("case", "1"))
    with qtbot.waitSignal(opened.complete, timeout=LONG_MS):
        pass
    fleet = window.workspaces["fleet"]
    assert fleet.parts(RecordTable)
    assert all(opened.export.action in table.actions() for table in fleet.parts(RecordTable))
    (detail,) = fleet.parts(DetailPanel)
    offered = [b for b in detail.heading.findChildren(QToolButton) if b.defaultAction() is opened.case_print.pdf]
    assert [button.isHidden() for button in offered] == [False]


def test_another_look_keeps_what_was_written_also_in_a_workspace_that_comes_later(
    qtbot: QtBot, opened: Session
) -> None:
    with qtbot.waitSignal(opened.complete, timeout=LONG_MS):
        pass
    before = opened.window
    before.workspaces["dispatch"].queue.shift.form.notes.setPlainText("pump 3 is out")  # type: ignore[attr-defined]
    before.show_workspace("supervision")
    with qtbot.waitSignal(opened.complete, timeout=LONG_MS):
        before.appearance_wanted.emit("en", "light")
    window = opened.window
    assert window is not before
    assert window.current is window.workspaces["supervision"]
    written = window.workspaces["dispatch"].queue.shift.form.notes  # type: ignore[attr-defined]
    assert written.toPlainText() == "pump 3 is out"
