"""A shift is handed over and taken over at two desks, with real keys and clicks on a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.models.cases.handover import hand_over, take_over
from console.widgets.shared.desk import Thing
from tests.widgets.desks import LONG_MS, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from console.session import Session
    from console.widgets.cases.handover import ShiftDesk
    from tests.desks import Desks

    SitDown = Callable[[str], Session]

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NOTES = "银湖街的投诉人要回电"


def face(session: Session, qtbot: QtBot) -> None:
    """Keys go to this desk now."""
    session.window.activateWindow()
    qtbot.waitUntil(session.window.isActiveWindow, timeout=LONG_MS)
    session.window.desk.canvas.setFocus()


def at(session: Session, qtbot: QtBot) -> ShiftDesk:
    session.window.show_workspace("dispatch")
    settle(session, qtbot)
    face(session, qtbot)
    found: ShiftDesk = session.window.workspaces["dispatch"].queue.shift  # type: ignore[attr-defined]
    return found


def press(session: Session, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(session.window.focusWidget(), key, modifier)


def test_a_shift_goes_from_one_desk_to_the_other(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    case_id = desks.report(desks.condition("UH"))
    first, second = sit_down("acceptor01"), sit_down("acceptor02")
    theirs = at(second, qtbot)
    assert not theirs.strip.isVisible(), "nothing to know, nothing in the way"
    ours = at(first, qtbot)
    marks = first.window.workspaces["dispatch"].queue.marks  # type: ignore[attr-defined]
    marks.toggle(first.window.workspaces["dispatch"].queue.model.row_of(case_id))  # type: ignore[attr-defined]
    press(first, Qt.Key.Key_H, CONTROL)
    assert ours.form.isVisible()
    assert ours.form.notes.hasFocus()
    settle(first, qtbot)
    assert ours.form.receiver.count() > 1
    assert "The marked case goes with it." in ours.form.state.text()
    press(first, Qt.Key.Key_Return, CONTROL)
    assert ours.form.problem.isVisible(), "notes are needed"
    ours.form.notes.setPlainText(NOTES)
    press(first, Qt.Key.Key_Return, CONTROL)
    qtbot.waitUntil(theirs.strip.isVisible, timeout=LONG_MS)
    qtbot.waitUntil(ours.strip.isVisible, timeout=LONG_MS)
    assert not ours.form.isVisible()
    assert not ours.strip.notes.isVisible(), "who wrote it knows it"
    assert theirs.strip.notes.text() == NOTES
    assert theirs.strip.notes.isVisible()
    face(second, qtbot)
    area = theirs.strip.cases.visualItemRect(theirs.strip.cases.item(0))
    QTest.mouseClick(theirs.strip.cases.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert second.window.desk.selection.thing == Thing("case", str(case_id))
    press(second, Qt.Key.Key_H, CONTROL | SHIFT)
    qtbot.waitUntil(lambda: theirs.strip.told is not None and theirs.strip.told.is_taken, timeout=LONG_MS)
    qtbot.waitUntil(lambda: not theirs.strip.notes.isVisible(), timeout=LONG_MS)
    assert theirs.strip.isVisible(), "the notes can be read for the whole shift"
    QTest.mouseClick(theirs.strip.fold, Qt.MouseButton.LeftButton)
    assert theirs.strip.notes.isVisible()
    assert not theirs.strip.take.isVisible()
    qtbot.waitUntil(lambda: any("taken over" in notice.text for notice in first.notices.kept), timeout=LONG_MS)
    taken = desks.ask("SELECT s.login FROM city.shift_handover AS h JOIN city.staff AS s ON s.id = h.taken_by")
    assert taken == "acceptor02"


def test_what_was_begun_is_kept_for_later(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    first = sit_down("acceptor01")
    ours = at(first, qtbot)
    press(first, Qt.Key.Key_H, CONTROL)
    ours.form.notes.setPlainText("还没写完")
    press(first, Qt.Key.Key_Escape)
    assert not ours.form.isVisible()
    assert desks.ask("SELECT count(*) FROM city.shift_handover") == 0
    settle(first, qtbot)
    first.window.desk.canvas.setFocus()
    press(first, Qt.Key.Key_H, CONTROL)
    assert ours.form.notes.toPlainText() == "还没写完"


def test_a_shift_that_a_colleague_took_a_moment_before_is_told(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    with desks.engine("acceptor01").begin() as connection:
        made = hand_over(connection, NOTES)
    second = sit_down("acceptor02")
    theirs = at(second, qtbot)
    assert theirs.strip.take.isVisible()
    with desks.engine("acceptor03").begin() as connection:
        take_over(connection, made)
        QTest.mouseClick(theirs.strip.take, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: any("Acceptor" in n.text or "受理员" in n.text for n in second.notices.kept), timeout=LONG_MS
    )
    qtbot.waitUntil(lambda: theirs.strip.told is not None and theirs.strip.told.is_taken, timeout=LONG_MS)


def test_who_has_no_desk_has_no_shift_to_hand_over(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    supervisor = sit_down(desks.login("supervisor"))
    at(supervisor, qtbot)
    offered = {action.objectName() for action in supervisor.window.desk.actions.available()}
    assert not {name for name in offered if name.startswith("shift.")}
