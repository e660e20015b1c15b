"""The desks of a department and of an inspector, worked with the mouse alone: inbox, answer, what comes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.models.cases import Preset
from tests.widgets.desks import LONG_MS, settle
from tests.widgets.seat import click, reach

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from tests.desks import Desks
    from tests.widgets.seat import Seat

    TakeSeat = Callable[[str], Seat]


def test_an_inspector_verifies_and_checks_what_he_is_asked_to(qtbot: QtBot, desks: Desks, take_seat: TakeSeat) -> None:
    condition = desks.condition("UH")
    there, not_there, to_check, badly_done = (desks.report(condition, 40.0 * n) for n in range(4))
    acceptor = desks.login("acceptor")
    inspector = desks.login("inspector", zone_id=desks.row(there).zone_id)
    me = desks.ask("SELECT id FROM city.staff WHERE login = :login", login=inspector)
    for case_id in (there, not_there):
        desks.move(acceptor, case_id, "order_verify", staff_id=me)
    for case_id in (to_check, badly_done):
        desks.bring_to("checking", condition, case_id)

    seat = take_seat(inspector)
    assert seat.room.queue.preset is Preset.TO_VERIFY
    seat.open(there)
    assert seat.offered == {"verify"}
    form = seat.begin("verify")
    seat.send()
    assert form.trouble.isVisible(), "it must be said whether it is there"
    assert form.answer is not None
    click(form.answer.yes)
    seat.send()
    reach(desks, there, "pending_register", qtbot)
    seat.is_gone(there)

    seat.open(not_there)
    form = seat.begin("verify")
    assert form.answer is not None
    click(form.answer.no)
    if form.opinion.phrases:
        click(form.opinion.phrases[0])
    seat.send()
    reach(desks, not_there, "not_accepted", qtbot)

    seat.queue(Preset.CHECKING)
    seat.open(to_check)
    assert seat.offered == {"check"}
    form = seat.begin("check")
    seat.send()
    assert form.trouble.problem.text() == "Still to be filled in: Result"
    assert form.trouble.isVisible()
    assert form.answer is not None
    click(form.answer.yes)
    assert form.trouble.isHidden(), "it is answered"
    seat.send()
    reach(desks, to_check, "pending_close", qtbot)
    seat.open(badly_done)
    form = seat.begin("check")
    assert form.answer is not None
    click(form.answer.no)
    form.opinion.text.setPlainText("现场仍有垃圾")
    seat.send()
    reach(desks, badly_done, "check_not_pass", qtbot)
    told = desks.all(
        "SELECT opinion, staff_id FROM city.case_event WHERE case_id = :id AND move = 'check'", id=badly_done
    )
    assert told == [("现场仍有垃圾", me)]


def test_a_department_works_its_inbox(qtbot: QtBot, desks: Desks, take_seat: TakeSeat) -> None:
    condition = desks.condition("WD")
    ours, not_ours, long_one = (
        desks.bring_to("pending_handle", condition, desks.report(condition, 40.0 * n)) for n in range(3)
    )
    unit = desks.login("department", department_id=condition.competent_id)
    head = desks.login("department", department_id=condition.competent_id, lead=True)

    seat = take_seat(unit)
    assert seat.room.queue.preset is Preset.TO_TAKE_ON
    seat.open(not_ours)
    assert {"department_accept", "return"} <= seat.offered
    form = seat.begin("return")
    seat.send()
    assert form.trouble.problem.text() == "Still to be filled in: Reason"
    click(form.opinion.phrases[0])
    seat.send()
    reach(desks, not_ours, "returned", qtbot)
    seat.is_gone(not_ours)

    for case_id in (ours, long_one):
        seat.open(case_id)
        seat.begin("department_accept")
        seat.send()
        reach(desks, case_id, "handling", qtbot)
        seat.is_gone(case_id)
    seat.queue(Preset.HANDLING)
    seat.open(long_one)
    seat.begin("request_extension").opinion.text.setPlainText("管网改造，需封路")
    seat.send()
    qtbot.waitUntil(lambda: desks.row(long_one).request == "extension", timeout=LONG_MS)
    desks.move(desks.login("supervisor"), long_one, "supervise", opinion="请说明进度", kind="leader")
    form = seat.begin("reply")
    form.opinion.text.setPlainText("正在组织施工")
    seat.send()
    qtbot.waitUntil(lambda: not desks.row(long_one).awaits_reply, timeout=LONG_MS)

    seat.open(ours)
    form = seat.begin("dispose")
    click(form.opinion.phrases[0])
    seat.send()
    reach(desks, ours, "handle_finish", qtbot)
    desks.bring_to("checking", condition, ours)
    inspector = desks.login("inspector", zone_id=desks.row(ours).zone_id)
    desks.move(inspector, ours, "check", passed=False)
    desks.move(desks.login("dispatcher"), ours, "rework", opinion="未清理干净")
    seat.queue(Preset.TO_TAKE_ON)
    seat.open(ours)
    seat.begin("department_accept")
    seat.send()
    reach(desks, ours, "handling", qtbot)

    lead = take_seat(head)
    lead.queue(Preset.REQUESTS)
    lead.open(long_one)
    assert {"endorse", "refuse_request"} <= lead.offered
    standing_out = [name for name, button in lead.room.moves.buttons.items() if button.isDefault()]
    assert standing_out == ["endorse"], "what was asked waits for the head"
    assert lead.room.detail.sheet is not None
    told = {name: value for section in lead.room.detail.sheet.sections for name, value, _ in section.facts}
    assert told["Asked for"] == "Extension · waits for the head of the unit"
    assert told["Stage"] == "In disposal · ◆ Supervised"
    before = desks.row(long_one).deadline
    lead.begin("endorse")
    lead.send()
    qtbot.waitUntil(lambda: desks.row(long_one).request_to == "dispatcher", timeout=LONG_MS)
    desks.move(desks.login("dispatcher"), long_one, "extend")
    assert desks.row(long_one).deadline > before


def test_a_department_answers_for_what_was_late(qtbot: QtBot, desks: Desks, take_seat: TakeSeat) -> None:
    """An appeal is the department's after closure; a case on account comes back by its own hand."""
    condition = desks.condition("WD")
    late = desks.close_late(condition)
    resting = desks.bring_to("handling", condition, desks.report(condition, 40.0))
    with desks.owner.connect() as connection:
        today = connection.scalar(text("SELECT (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date"))
    assert today is not None
    desks.move(desks.login("dispatcher"), resting, "suspend", until=today + timedelta(days=3))
    seat = take_seat(desks.login("department", department_id=condition.competent_id))
    seat.queue(Preset.SUSPENDED)
    seat.open(resting)
    seat.begin("resume")
    seat.send()
    reach(desks, resting, "handling", qtbot)
    seat.queue(Preset.ALL)
    seat.room.queue.filters.text.setText(desks.row(late).case_no)
    seat.open(late)
    assert seat.offered == {"appeal"}
    form = seat.begin("appeal")
    click(form.opinion.phrases[0])
    seat.send()
    qtbot.waitUntil(lambda: desks.row(late).appeal == "pending", timeout=LONG_MS)


def test_what_one_has_done_oneself_is_no_news_of_the_queue(qtbot: QtBot, desks: Desks, take_seat: TakeSeat) -> None:
    condition = desks.condition("UH")
    mine, others = (desks.bring_to("pending_register", condition, desks.report(condition, 40.0 * n)) for n in range(2))
    seat = take_seat(desks.login("shift_leader"))
    queue, changes = seat.room.queue, seat.session.window.desk.changes
    heard: set[str] = set()
    changes.changed.connect(lambda found: heard.update(c.key for c in found if c.subject == "case_file"))
    seat.open(mine)
    form = seat.begin("file")
    assert form.condition is not None
    assert form.condition.choice is not None
    seat.send()
    qtbot.waitUntil(lambda: str(mine) in heard, timeout=LONG_MS)
    seat.is_gone(mine)
    queue.list.setFocus()
    assert queue.newer.isHidden()

    # Nor is what others do with cases of other queues.
    elsewhere = desks.bring_to("pending_handle", condition)
    desks.move(desks.login("dispatcher"), elsewhere, "urge", opinion="尽快处置")
    qtbot.waitUntil(lambda: str(elsewhere) in heard, timeout=LONG_MS)
    settle(seat.session, qtbot)
    assert queue.newer.isHidden()

    place = queue.list.geometry()
    desks.move(desks.login("shift_leader"), others, "file", condition_id=condition.id)
    qtbot.waitUntil(queue.newer.isVisible, timeout=LONG_MS)
    assert queue.list.geometry() == place, "what tells of news moves no row"


def test_a_department_is_shown_the_day_of_its_own_cases(qtbot: QtBot, desks: Desks, take_seat: TakeSeat) -> None:
    condition = desks.condition("UH")
    own = desks.bring_to("handling", condition)
    desks.report(condition, 300.0)
    department = desks.login("department", department_id=desks.row(own).responsible_id)
    seat = take_seat(department)
    charts = seat.room.charts
    assert charts is not None
    with qtbot.waitSignal(charts.today.shown, timeout=LONG_MS) as shown:
        charts.refresh()
    own_cases = "SELECT count(*) FROM city.case_file WHERE responsible_id = :id"
    figures = shown.args[0].today
    assert figures.day.reported == desks.ask(own_cases, id=desks.row(own).responsible_id) == figures.whole.reported
    assert figures.day.reported < desks.ask("SELECT count(*) FROM city.case_file")
    assert charts.today.figures_panel.title.full_text == "Today, own department"
    assert charts.today.zones_panel.isHidden(), "zones are compared by the cases of all"
