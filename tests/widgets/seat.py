"""A seat at the console: a window of a login, and the hand that clicks in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from console.widgets.cases.queue_model import ROW
from tests.widgets.desks import LONG_MS, settle

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from console.models.cases import Preset
    from console.session import Session
    from console.widgets.cases.move_form import MoveForm
    from console.widgets.cases.workspace import DispatchWorkspace
    from tests.desks import Desks

LEFT = Qt.MouseButton.LeftButton


def click(widget: QWidget) -> None:
    """A click into the widget, which must be there to be clicked."""
    assert widget.isVisible()
    assert widget.isEnabled()
    QTest.mouseClick(widget, LEFT, pos=QPoint(8, 8))


class Seat:
    """A window of a login, and the hand that clicks in it."""

    def __init__(self, session: Session, qtbot: QtBot) -> None:
        self.session, self._qtbot = session, qtbot
        session.window.show_workspace("dispatch")
        self.room: DispatchWorkspace = session.window.workspaces["dispatch"]  # type: ignore[assignment]
        settle(session, qtbot)

    def queue(self, preset: Preset) -> None:
        """Click the chip of a queue, which may only come with the first case in it."""
        self._qtbot.waitUntil(self.room.queue.presets[preset].isVisible, timeout=LONG_MS)
        click(self.room.queue.presets[preset])
        settle(self.session, self._qtbot)

    def open(self, case_id: int) -> None:
        """Click the case in the queue; what can be done with it is seen."""
        queue = self.room.queue
        self._qtbot.waitUntil(lambda: queue.model.row_of(case_id) is not None, timeout=LONG_MS)
        index = queue.model.index(queue.model.row_of(case_id) or 0)
        assert index.data(ROW).id == case_id
        queue.list.scrollTo(index)
        QTest.mouseClick(queue.list.viewport(), LEFT, pos=queue.list.visualRect(index).center())
        self.waits(case_id)

    def waits(self, case_id: int) -> None:
        """Wait until the bar knows this case as it is now."""
        bar = self.room.moves
        self._qtbot.waitUntil(lambda: bar.bench is not None and bar.bench.case_id == case_id, timeout=LONG_MS)
        settle(self.session, self._qtbot)

    @property
    def offered(self) -> set[str]:
        """The moves that have a button now."""
        return {name for name, button in self.room.moves.buttons.items() if button.isVisible()}

    def begin(self, move: str) -> MoveForm:
        """Click the button of a move."""
        self._qtbot.waitUntil(lambda: move in self.offered, timeout=LONG_MS)
        click(self.room.moves.buttons[move])
        form = self.room.moves.form
        assert form is not None
        assert form.move_name == move
        return form

    def send(self) -> None:
        """Click the button that sends."""
        form = self.room.moves.form
        assert form is not None
        click(form.send)

    def is_gone(self, case_id: int) -> None:
        """Wait until the queue has the case no more."""
        self._qtbot.waitUntil(lambda: self.room.queue.model.row_of(case_id) is None, timeout=LONG_MS)


def reach(desks: Desks, case_id: int, state: str, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: desks.row(case_id).state == state, timeout=LONG_MS)
