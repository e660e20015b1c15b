"""The action bar of a case, worked with real keys and clicks by the logins of the city on a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from console.models.cases import Preset
from console.widgets.cases.move_bar import MOVE_KEY
from console.widgets.cases.queue_model import ROW
from console.widgets.shared.desk import Thing
from tests.widgets.desks import LONG_MS, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from console.session import Session
    from console.widgets.cases.move_bar import MoveBar
    from console.widgets.cases.move_form import MoveForm
    from console.widgets.cases.workspace import DispatchWorkspace
    from tests.desks import Desks

    SitDown = Callable[[str], Session]

CONTROL = Qt.KeyboardModifier.ControlModifier
ENTER, ESCAPE = Qt.Key.Key_Return, Qt.Key.Key_Escape


def dispatch(session: Session) -> DispatchWorkspace:
    session.window.show_workspace("dispatch")
    return session.window.workspaces["dispatch"]  # type: ignore[return-value]


def look_at(session: Session, case_id: int, qtbot: QtBot) -> MoveBar:
    """Select a case and wait until the bar knows what can be done with it."""
    bar = dispatch(session).moves
    session.window.desk.selection.select(Thing("case", str(case_id)))
    qtbot.waitUntil(lambda: bar.bench is not None and bar.bench.case_id == case_id, timeout=LONG_MS)
    settle(session, qtbot)
    session.window.activateWindow()
    session.window.desk.canvas.setFocus()
    return bar


def press(session: Session, key: str) -> None:
    """A letter, wherever the keyboard is."""
    QTest.keyClicks(session.window.focusWidget(), key.lower())


def begin(session: Session, name: str, bar: MoveBar) -> MoveForm:
    press(session, MOVE_KEY[name])
    assert bar.form is not None
    assert bar.form.move_name == name
    return bar.form


def test_no_two_moves_of_one_post_in_one_state_share_a_key(desks: Desks) -> None:
    rules = desks.all("SELECT mode, from_state, unnest(roles) AS role, array_agg(DISTINCT move::text) AS moves "
                      "FROM city.case_rule GROUP BY 1, 2, 3")  # fmt: skip
    assert rules
    for rule in rules:
        keys = [MOVE_KEY[name] for name in rule.moves]
        assert len(set(keys)) == len(keys), rule
    assert {"J", "K", "R"}.isdisjoint(MOVE_KEY.values()), "keys of the queue"


def test_a_case_is_filed_with_three_keys_and_the_next_one_comes(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    condition = desks.condition("UH")
    for east_m in (0.0, 300.0, 600.0):
        desks.bring_to("pending_register", condition, desks.report(condition, east_m))
    leader = sit_down("shift_leader01")
    queue = dispatch(leader).queue
    queue.presets[Preset.TO_FILE].click()
    qtbot.waitUntil(lambda: queue.model.rowCount() >= 3, timeout=LONG_MS)
    settle(leader, qtbot)
    ids = [queue.model.index(row).data(ROW).id for row in range(2)]
    bar = look_at(leader, ids[0], qtbot)
    begin(leader, "file", bar)
    QTest.keyClick(leader.window.focusWidget(), ENTER)
    qtbot.waitUntil(lambda: desks.row(ids[0]).state == "pending_dispatch", timeout=LONG_MS)
    qtbot.waitUntil(lambda: bar.bench is not None and bar.bench.case_id == ids[1], timeout=LONG_MS)
    assert leader.window.desk.selection.thing == Thing("case", str(ids[1]))
    assert bar.form is None
    qtbot.waitUntil(lambda: queue.model.row_of(ids[0]) is None, timeout=LONG_MS)
    assert queue.model.row_of(ids[1]) is not None


def test_class_condition_and_department_are_typed_and_proposed(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    condition = desks.condition("UH")
    case_id = desks.report(None)
    acceptor = sit_down("acceptor01")
    bar = look_at(acceptor, case_id, qtbot)
    form = begin(acceptor, "accept", bar)
    assert form.condition is not None
    assert form.condition.list.count() == 0
    QTest.keyClick(acceptor.window.focusWidget(), ENTER)
    assert form.trouble.problem.text() == "Still to be filled in: Filing condition", "by its name in the form"
    assert desks.row(case_id).state == "reported"
    name, initial = desks.all("SELECT name, code FROM city.case_class WHERE id = :id", id=condition.class_id)[0]
    QTest.keyClicks(acceptor.window.focusWidget(), initial)
    assert form.condition.choice is not None
    assert form.condition.choice.of.name == name
    settle(acceptor, qtbot)
    assert form.unit is not None
    assert form.unit.choice is not None, "a department is proposed"
    chosen, unit = form.condition.choice, form.unit.choice
    QTest.keyClick(acceptor.window.focusWidget(), ENTER)
    qtbot.waitUntil(lambda: desks.row(case_id).state == "pending_register", timeout=LONG_MS)
    row = desks.row(case_id)
    assert (row.class_id, row.proposed_condition_id, row.proposed_department_id) == (
        condition.class_id,
        chosen.id,
        unit.id,
    )


def test_one_key_merges_a_report_into_the_case_that_it_repeats(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    condition = desks.condition("UH")
    first, again = desks.report(condition), desks.report(condition, 30.0)
    acceptor = sit_down("acceptor01")
    bar = look_at(acceptor, again, qtbot)
    form = begin(acceptor, "accept", bar)
    assert form.duplicates is not None
    words = form.duplicates.item(0).text()
    assert desks.row(first).case_no in words
    assert "30 m" in words
    QTest.keyClick(acceptor.window.focusWidget(), Qt.Key.Key_M, CONTROL)
    qtbot.waitUntil(lambda: desks.row(again).state == "not_accepted", timeout=LONG_MS)
    assert desks.row(again).merged_into == first
    numbers = [desks.row(case_id).case_no for case_id in (again, first)]
    qtbot.waitUntil(lambda: bool(acceptor.notices.kept), timeout=LONG_MS)
    assert acceptor.notices.kept[-1].text == f"{numbers[0]} · Merged → {numbers[1]} · Not accepted"


def test_an_opinion_is_a_set_phrase_or_ones_own_words_and_is_asked_for(
    qtbot: QtBot, desks: Desks, sit_down: SitDown
) -> None:
    case_id = desks.report(desks.condition("UH"))
    acceptor = sit_down("acceptor01")
    bar = look_at(acceptor, case_id, qtbot)
    form = begin(acceptor, "refuse", bar)
    QTest.keyClick(acceptor.window.focusWidget(), ENTER)
    assert form.trouble.isVisible()
    assert "Reason" in form.trouble.problem.text()
    field = acceptor.window.focusWidget()
    QTest.keyClick(field, Qt.Key.Key_2)
    phrase = form.opinion.words
    assert phrase == form.opinion.phrases[1].toolTip()
    QTest.keyClicks(field, " 2")
    assert form.opinion.words == f"{phrase} 2", "only an empty field takes a digit for a phrase"

    # What was typed is there again after the form was given up.
    QTest.keyClick(field, ESCAPE)
    assert bar.form is None
    form = begin(acceptor, "refuse", bar)
    assert form.opinion.words == f"{phrase} 2"
    QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desks.row(case_id).state == "not_accepted", timeout=LONG_MS)
    opinions = desks.all("SELECT opinion FROM city.case_event WHERE case_id = :id AND move = 'refuse'", id=case_id)
    assert opinions[0].opinion == f"{phrase} 2"


def test_a_case_that_was_changed_meanwhile_shows_how_and_keeps_what_was_typed(
    qtbot: QtBot, desks: Desks, sit_down: SitDown
) -> None:
    condition = desks.condition("UH")
    case_id = desks.report(condition)
    acceptor = sit_down("acceptor01")
    bar = look_at(acceptor, case_id, qtbot)
    form = begin(acceptor, "refuse", bar)
    QTest.keyClicks(acceptor.window.focusWidget(), "not ours")
    desks.move(desks.login("shift_leader"), case_id, "amend", description="another description")
    QTest.keyClick(acceptor.window.focusWidget(), ENTER)
    qtbot.waitUntil(lambda: "Amended" in form.trouble.changes.text(), timeout=LONG_MS)
    assert "another description" in form.trouble.changes.text()
    settle(acceptor, qtbot)
    assert desks.row(case_id).state == "reported"
    assert form.trouble.isVisible()
    assert "changed meanwhile" in form.trouble.problem.text()
    assert form.opinion.words == "not ours"
    QTest.keyClick(acceptor.window.focusWidget(), ENTER)
    qtbot.waitUntil(lambda: desks.row(case_id).state == "not_accepted", timeout=LONG_MS)


def test_words_stay_when_the_move_is_not_possible_any_more(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    condition = desks.condition("UH")
    case_id = desks.bring_to("pending_register", condition)
    acceptor = sit_down("acceptor01")
    bar = look_at(acceptor, case_id, qtbot)
    form = begin(acceptor, "refuse", bar)
    QTest.keyClicks(acceptor.window.focusWidget(), "not ours")
    desks.move(desks.login("shift_leader"), case_id, "file", condition_id=condition.id)
    qtbot.waitUntil(lambda: "not possible any more" in form.trouble.changes.text(), timeout=LONG_MS)
    assert not form.send.isEnabled()
    assert form.opinion.words == "not ours"


def test_a_refusal_stands_in_words_beside_the_form(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    case_id = desks.report(desks.condition("UH"))
    acceptor = sit_down("acceptor01")
    bar = look_at(acceptor, case_id, qtbot)
    form = begin(acceptor, "merge", bar)
    assert form.other is not None
    QTest.keyClicks(acceptor.window.focusWidget(), desks.row(case_id).case_no)
    QTest.keyClick(acceptor.window.focusWidget(), ENTER)
    qtbot.waitUntil(form.trouble.isVisible, timeout=LONG_MS)
    assert "Cases cannot be merged into this one" in form.trouble.problem.text()
    form.other.text.setText("20010101000001")
    QTest.keyClick(acceptor.window.focusWidget(), ENTER)
    qtbot.waitUntil(lambda: "There is no case" in form.trouble.problem.text(), timeout=LONG_MS)
    assert form.send.isEnabled()


def test_a_department_and_an_inspector_work_their_own_cases_from_the_same_bar(
    qtbot: QtBot, desks: Desks, sit_down: SitDown
) -> None:
    condition = desks.condition("UH")
    case_id = desks.bring_to("pending_handle", condition)
    unit = sit_down(desks.login("department", department_id=condition.competent_id))
    bar = look_at(unit, case_id, qtbot)
    begin(unit, "department_accept", bar)
    QTest.keyClick(unit.window.focusWidget(), ENTER)
    qtbot.waitUntil(lambda: bar.bench is not None and bar.bench.state == "handling", timeout=LONG_MS)
    look_at(unit, case_id, qtbot)
    form = begin(unit, "request_suspension", bar)
    assert form.until is not None
    QTest.keyClick(unit.window.focusWidget(), ESCAPE)
    form = begin(unit, "dispose", bar)
    QTest.keyClick(unit.window.focusWidget(), Qt.Key.Key_1)
    QTest.keyClick(unit.window.focusWidget(), ENTER)
    qtbot.waitUntil(lambda: desks.row(case_id).state == "handle_finish", timeout=LONG_MS)

    desks.bring_to("checking", condition, case_id)
    inspector = sit_down(desks.login("inspector", zone_id=desks.row(case_id).zone_id))
    bar = look_at(inspector, case_id, qtbot)
    form = begin(inspector, "check", bar)
    QTest.keyClick(inspector.window.focusWidget(), ENTER)
    assert form.trouble.isVisible(), "passed or not must be said"
    QTest.keyClick(inspector.window.focusWidget(), Qt.Key.Key_N)
    QTest.keyClick(inspector.window.focusWidget(), ENTER)
    qtbot.waitUntil(lambda: desks.row(case_id).state == "check_not_pass", timeout=LONG_MS)


def test_the_fields_of_a_form_keep_their_height_in_a_low_window(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    wide = desks.all(
        "SELECT min(c.id) AS id, c.class_id FROM city.filing_condition AS c WHERE c.valid_to IS NULL"
        " GROUP BY c.class_id HAVING count(*) >= 5 ORDER BY 2 LIMIT 1"
    )[0]
    case_id = desks.report(wide)
    desks.move(desks.login("acceptor"), case_id, "accept", condition_id=wide.id)
    leader = sit_down("shift_leader01")
    leader.window.resize(1366, 768)
    bar = look_at(leader, case_id, qtbot)
    form = begin(leader, "file", bar)
    settle(leader, qtbot)
    qtbot.wait(50)
    assert form.condition is not None
    assert form.condition.list.count() >= 5
    assert form.opinion.phrases
    field = form.opinion.text
    assert field.height() >= 2 * field.fontMetrics().lineSpacing(), "two lines are seen"


def test_buttons_and_palette_offer_what_the_database_allows_and_nothing_else(
    qtbot: QtBot, desks: Desks, sit_down: SitDown
) -> None:
    case_id = desks.report(desks.condition("UH"))
    acceptor = sit_down("acceptor01")
    bar = look_at(acceptor, case_id, qtbot)
    assert bar.bench is not None
    possible = {one.move for one in bar.bench.moves}
    assert {name for name, button in bar.buttons.items() if button.isVisible()} == possible
    offered = {a.objectName() for a in acceptor.window.desk.actions.available()}
    assert {name for name in MOVE_KEY if f"case.{name}" in offered} == possible
    QTest.mouseClick(bar.buttons["refuse"], Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert bar.form is not None
    assert not [a for a in acceptor.window.desk.actions.available() if a.objectName() == "case.accept"]
    acceptor.window.show_workspace("fleet")
    assert not acceptor.window.desk.actions["case.accept"].isEnabled()
