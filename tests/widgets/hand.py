"""A person before the trucks, who lists, types, draws on the map and saves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from tests.widgets.desks import LONG_MS, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from console.session import Session
    from console.widgets.fleet.haulage_desk import HaulageDesk

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class Hand:
    """The hand of somebody at a window."""

    def __init__(self, session: Session, qtbot: QtBot) -> None:
        self.session, self._qtbot = session, qtbot
        session.window.show_workspace("fleet")
        settle(session, qtbot)
        self.desk: HaulageDesk = session.window.workspaces["fleet"].haulage  # type: ignore[attr-defined]
        self.canvas = session.window.desk.canvas
        self.entry = self.desk.entry

    def run(self, command: str) -> None:
        self.session.window.desk.actions[command].trigger()

    def click(self, dx: int, dy: int) -> None:
        """A click so far from the middle of the map."""
        at = self.canvas.rect().center() + QPoint(dx, dy)
        QTest.mouseMove(self.canvas, at)
        QTest.mouseClick(self.canvas, LEFT, NONE, at)

    def type(self, field: str, words: str) -> None:
        form = self.entry.form
        assert form is not None
        edit = form.rows[field].edit
        assert edit is not None
        line = edit.focusProxy()
        assert isinstance(line, QLineEdit)
        line.setText(words)

    def pick(self, field: str, typed: str) -> None:
        """Type a part of a name and take what it finds."""
        form = self.entry.form
        assert form is not None
        edit = form.rows[field].edit
        assert edit is not None
        line = edit.focusProxy()
        assert isinstance(line, QLineEdit)
        line.setFocus()
        QTest.keyClicks(line, typed)
        QTest.keyClick(line, Qt.Key.Key_Return)

    def conflict(self, field: str) -> str:
        form = self.entry.form
        assert form is not None
        return str(form.rows[field].conflict.text())

    def draw(self, *corners: tuple[int, int]) -> None:
        self.run("haulage.draw")
        for dx, dy in corners:
            self.click(dx, dy)
        QTest.keyClick(self.canvas, Qt.Key.Key_Return)

    def wait(self, condition: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(condition, timeout=LONG_MS)

    def settle(self) -> None:
        settle(self.session, self._qtbot)
