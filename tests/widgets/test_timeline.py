"""The history of a case in its details: read by eye and turned round with the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from console.widgets.shared.desk import Thing
from tests.widgets.desks import LONG_MS, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from console.session import Session
    from console.widgets.shared.timeline import Timeline
    from tests.desks import Desks

    SitDown = Callable[[str], Session]

LONG_OPINION = "请尽快到现场处理并反馈照片。" * 20


def timeline_of(session: Session, case_id: int, qtbot: QtBot) -> Timeline:
    session.window.show_workspace("dispatch")
    detail = session.window.workspaces["dispatch"].detail  # type: ignore[attr-defined]
    session.window.desk.selection.select(Thing("case", str(case_id)))
    qtbot.waitUntil(detail.timeline.isVisible, timeout=LONG_MS)
    settle(session, qtbot)
    return detail.timeline  # type: ignore[no-any-return]


def words_of(timeline: Timeline) -> list[str]:
    """What stands there, from the top; layouts give rows in their order."""
    return [found.text() for found in timeline.findChildren(QLabel) if found.isVisible() and found.text()]


def test_the_timeline_tells_every_move_and_follows_what_other_desks_do(
    qtbot: QtBot, desks: Desks, leader: Session
) -> None:
    condition = desks.condition("UH")
    case_id = desks.bring_to("handling", condition)
    timeline = timeline_of(leader, case_id, qtbot)
    assert [entry.seq for entry in timeline.entries] == [5, 4, 3, 2, 1]
    assert timeline.entries[-1].move == "Reported"
    assert timeline.entries[0].move == "Taken on by the department → In disposal"
    desks.move(desks.login("dispatcher"), case_id, "urge", opinion=LONG_OPINION)
    desks.move(desks.login("department", department_id=condition.competent_id), case_id, "dispose", opinion="已清理")
    qtbot.waitUntil(lambda: timeline.entries[0].seq == 7, timeout=LONG_MS)
    disposed, urged = timeline.entries[:2]
    limit = f"used 0.0 of {condition.limit_value} urgent hours"
    assert disposed.took.endswith(limit)
    assert not disposed.is_late
    assert (urged.colour, urged.opinion) == ("medium", LONG_OPINION)
    assert urged.move == "Urged", "it stays in its stage"
    assert urged.took.endswith("in “In disposal”")
    opinion = next(found for found in timeline.findChildren(QLabel) if found.text() == LONG_OPINION)
    qtbot.waitUntil(lambda: opinion.height() > 3 * opinion.fontMetrics().height(), timeout=LONG_MS)
    assert opinion.width() <= timeline.width(), "it wraps"
    assert LONG_OPINION in words_of(timeline)


def test_the_timeline_tells_whom_or_what_a_move_went_to(qtbot: QtBot, desks: Desks, leader: Session) -> None:
    condition = desks.condition("UH")
    first, again = desks.report(condition), desks.report(condition, 30.0)
    desks.move(desks.login("acceptor"), again, "merge", other_case_id=first)
    assert timeline_of(leader, again, qtbot).entries[0].who.endswith(f" → {desks.row(first).case_no}")
    desks.bring_to("pending_check", condition, first)
    login = desks.login("inspector", zone_id=desks.row(first).zone_id)
    asked = desks.all("SELECT id, title_en FROM city.staff WHERE login = :login", login=login)[0]
    desks.move(desks.login("acceptor"), first, "order_check", staff_id=asked.id)
    ordered, fed_back, _, _, dispatched, *_ = timeline_of(leader, first, qtbot).entries
    assert ordered.who.endswith(f" → {asked.title_en}")
    assert "→" not in fed_back.who, "it came from the department and did not go there"
    unit = desks.ask("SELECT name_en FROM city.department WHERE id = :id", id=condition.competent_id)
    assert dispatched.who.endswith(f" → {unit}")


def test_whoever_decides_an_appeal_reads_how_it_was_reviewed(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    condition = desks.condition("WD")
    late = desks.close_late(condition)
    desks.move(desks.login("department", department_id=condition.competent_id), late, "appeal", opinion="暴雨")
    desks.move(desks.login("dispatcher"), late, "review_appeal", passed=True)
    acceptor = sit_down("acceptor01")
    assert timeline_of(acceptor, late, qtbot).entries[0].move == "Appeal reviewed · Granted"
    moves = acceptor.window.workspaces["dispatch"].moves  # type: ignore[attr-defined]
    qtbot.waitUntil(acceptor.window.desk.actions["case.decide_appeal"].isEnabled, timeout=LONG_MS)
    moves.begin("decide_appeal")
    told = [found.text() for found in moves.form.findChildren(QLabel)]
    assert any(words.startswith("Appeal reviewed · Granted · Dispatcher") for words in told)


def test_the_order_is_turned_with_a_click_and_remembered(qtbot: QtBot, desks: Desks, leader: Session) -> None:
    timeline = timeline_of(leader, desks.bring_to("pending_dispatch", desks.condition("UH")), qtbot)
    QTest.mouseClick(timeline.order, Qt.MouseButton.LeftButton)
    assert [entry.seq for entry in timeline.entries] == [1, 2, 3]
    assert timeline.order.text() == "Oldest first"
    timeline = timeline_of(leader, desks.bring_to("reported", desks.condition("UH"), None), qtbot)
    assert timeline.order.text() == "Oldest first"
    assert leader.memory.value("timeline/newest_first", True, bool) is False
    QTest.mouseClick(timeline.order, Qt.MouseButton.LeftButton)
    assert timeline.order.text() == "Newest first"


def test_a_case_is_looked_at_as_it_was_and_nothing_can_be_done_with_its_past(
    qtbot: QtBot, desks: Desks, leader: Session
) -> None:
    case_id = desks.bring_to("pending_register", desks.condition("UH"))
    timeline = timeline_of(leader, case_id, qtbot)
    workspace = leader.window.workspaces["dispatch"]
    detail, moves = workspace.detail, workspace.moves  # type: ignore[attr-defined]
    filing = leader.window.desk.actions["case.file"]
    qtbot.waitUntil(filing.isEnabled, timeout=LONG_MS)

    def stage() -> str:
        return str(next(value for name, value, _ in detail.sheet.sections[0].facts if name == "Stage"))

    assert stage() == "To file"
    QTest.mouseClick(timeline.times[1], Qt.MouseButton.LeftButton)
    assert detail.as_of_line.isVisible()
    assert detail.as_of_line.text.full_text.startswith("As it was at 20")
    assert timeline.times[1].isChecked()
    assert not moves.isVisible()
    assert not filing.isEnabled()
    qtbot.waitUntil(lambda: stage() == "Reported", timeout=LONG_MS)
    assert [entry.seq for entry in timeline.entries] == [2, 1], "later moves stay to be chosen"
    desks.move(desks.login("acceptor"), case_id, "amend", description="changed meanwhile")
    qtbot.waitUntil(lambda: len(timeline.entries) == 3, timeout=LONG_MS)
    assert stage() == "Reported", "news does not end the look back"
    assert not filing.isEnabled()
    QTest.mouseClick(detail.as_of_line.back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: stage() == "To file", timeout=LONG_MS)
    assert not detail.as_of_line.isVisible()
    assert not timeline.times[1].isChecked()
    assert moves.isVisible()
    assert filing.isEnabled()


def test_another_case_is_shown_as_it_is(qtbot: QtBot, desks: Desks, leader: Session) -> None:
    condition = desks.condition("UH")
    one, other = desks.bring_to("pending_register", condition), desks.bring_to("pending_register", condition)
    timeline = timeline_of(leader, one, qtbot)
    QTest.mouseClick(timeline.times[1], Qt.MouseButton.LeftButton)
    settle(leader, qtbot)
    timeline = timeline_of(leader, other, qtbot)
    detail = leader.window.workspaces["dispatch"].detail  # type: ignore[attr-defined]
    assert not detail.as_of_line.isVisible()
    assert not any(button.isChecked() for button in timeline.times.values())
    qtbot.waitUntil(leader.window.desk.actions["case.file"].isEnabled, timeout=LONG_MS)
