"""The queues of each desk: its inbox in front, counts that follow what others do, a digit for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.models.cases import Preset
from tests.widgets.desks import LONG_MS, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from console.session import Session
    from console.widgets.cases.queue import QueuePanel
    from tests.desks import Desks

    SitDown = Callable[[str], Session]


def queue_of(session: Session, qtbot: QtBot) -> QueuePanel:
    session.window.show_workspace("dispatch")
    settle(session, qtbot)
    session.window.activateWindow()
    return session.window.workspaces["dispatch"].queue  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize(
    ("role", "inbox", "words"),
    [
        ("acceptor", Preset.TO_ACCEPT, "To accept"),
        ("shift_leader", Preset.TO_FILE, "To file"),
        ("dispatcher", Preset.TO_DISPATCH, "To dispatch"),
        ("department", Preset.TO_TAKE_ON, "Inbox"),
        ("inspector", Preset.TO_VERIFY, "To verify"),
    ],
)
def test_a_desk_opens_with_its_inbox(
    qtbot: QtBot, desks: Desks, sit_down: SitDown, role: str, inbox: Preset, words: str
) -> None:
    queue = queue_of(sit_down(desks.login(role)), qtbot)
    assert queue.preset is inbox
    chip = queue.presets[inbox]
    assert chip.isVisible(), "also when nothing waits"
    assert chip.text().startswith(words)
    assert queue.model.filter.role == role


def test_home_and_end_lead_to_the_first_and_the_last_case(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    for place in range(3):
        desks.report(desks.condition("UH"), 60.0 * place)
    queue = queue_of(sit_down("acceptor01"), qtbot)
    queue.list.setFocus()
    last = queue.model.rowCount() - 1
    assert last >= 2
    QTest.keyClick(queue.list, Qt.Key.Key_End)
    assert queue.list.currentIndex().row() == last
    QTest.keyClick(queue.list, Qt.Key.Key_Home)
    assert queue.list.currentIndex().row() == 0


def test_counts_follow_what_another_desk_does(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    condition = desks.condition("UH")
    case_id = desks.bring_to("pending_register", condition)
    queue = queue_of(sit_down("shift_leader01"), qtbot)
    waiting = desks.ask("SELECT count(*) FROM city.case_file WHERE state = 'pending_register'")
    chip = queue.presets[Preset.TO_FILE]
    assert f" {waiting}" in chip.text()
    desks.bring_to("pending_dispatch", condition, case_id)
    qtbot.waitUntil(lambda: f" {waiting - 1}" in chip.text(), timeout=LONG_MS)


def test_a_chip_tells_how_many_are_past_their_time(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    queue = queue_of(sit_down("acceptor01"), qtbot)
    late = desks.ask("SELECT count(*) FROM city.case_file WHERE state = 'reported' AND due_at <= now()")
    assert late, "the demonstration city ended its day a while ago"
    assert f"▲ {late}" in queue.presets[Preset.TO_ACCEPT].text()
    assert f"{late} overdue" in queue.presets[Preset.TO_ACCEPT].toolTip()


def test_a_digit_or_the_command_field_puts_a_queue_in_front(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    desks.bring_to("pending_close", desks.condition("UH"))
    session = sit_down("shift_leader01")
    queue = queue_of(session, qtbot)
    queue.list.setFocus()
    QTest.keyClicks(queue.list, "2")
    assert queue.keep()["preset"] == "to_close"
    settle(session, qtbot)
    assert queue.model.rowCount() == desks.ask("SELECT count(*) FROM city.case_file WHERE state = 'pending_close'")
    offered = {action.objectName(): action for action in session.window.desk.actions.available()}
    assert offered["queue.show_to_accept"].text() == "Queue: To accept"
    offered["queue.show_to_accept"].trigger()
    assert queue.keep()["preset"] == "to_accept"
    QTest.keyClicks(queue.filters.text, "2")
    assert queue.keep()["preset"] == "to_accept", "what is typed is typed"


def test_a_queue_of_another_role_is_seen_while_it_is_in_front(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    session = sit_down("acceptor01")
    queue = queue_of(session, qtbot)
    assert not queue.presets[Preset.HANDLING].isVisible()
    queue.resume({"preset": "handling"})
    settle(session, qtbot)
    assert queue.presets[Preset.HANDLING].isVisible()
    assert queue.model.rowCount() == desks.ask("SELECT count(*) FROM city.case_file WHERE state = 'handling'")
