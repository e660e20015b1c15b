"""Many cases are marked and moved together, with real keys and clicks, by logins of the city on a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from console.models.cases import CaseRow, Preset
from console.models.cases.batch import MOST
from console.widgets.cases.queue_model import ROW
from console.widgets.shared.desk import Thing
from tests.widgets.desks import LONG_MS, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from console.session import Session
    from console.widgets.cases.workspace import DispatchWorkspace
    from tests.desks import Desks

    SitDown = Callable[[str], Session]

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ENTER, ESCAPE = Qt.Key.Key_Return, Qt.Key.Key_Escape


def at(session: Session, preset: Preset, qtbot: QtBot) -> DispatchWorkspace:
    """The workspace with a queue in front and the keyboard in its list, on its first case."""
    session.window.show_workspace("dispatch")
    room: DispatchWorkspace = session.window.workspaces["dispatch"]  # type: ignore[assignment]
    room.queue.presets[preset].click()
    settle(session, qtbot)
    session.window.activateWindow()
    room.queue.list.setFocus()
    room.queue.list.setCurrentIndex(room.queue.model.index(0))
    settle(session, qtbot)
    return room


def ids(room: DispatchWorkspace, count: int) -> list[int]:
    found = [room.queue.model.index(place).data(ROW) for place in range(count)]
    return [row.id for row in found if isinstance(row, CaseRow)]


def click(room: DispatchWorkspace, place: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    area = room.queue.list.visualRect(room.queue.model.index(place))
    QTest.mouseClick(room.queue.list.viewport(), Qt.MouseButton.LeftButton, modifier, area.topLeft() + QPoint(40, 20))


def press(session: Session, key: Qt.Key | str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(session.window.focusWidget(), key, modifier)  # type: ignore[arg-type]


def marked(room: DispatchWorkspace) -> list[int]:
    return list(room.queue.marks.ids)


def ready(room: DispatchWorkspace, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: room.batch.is_ready and room.moves.choices.standard is not None, timeout=LONG_MS)


def ended(room: DispatchWorkspace, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: room.batch.run is None or not room.batch.run.is_under_way, timeout=LONG_MS)


def test_cases_are_marked_by_keys_and_by_clicks(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    condition = desks.condition("UH")
    for _ in range(6):
        desks.report(condition)
    acceptor = sit_down("acceptor01")
    room = at(acceptor, Preset.TO_ACCEPT, qtbot)
    marks, here = room.queue.marks, ids(room, 6)
    press(acceptor, " ")
    assert marked(room) == [here[0]]
    press(acceptor, "j", SHIFT)
    press(acceptor, Qt.Key.Key_Down, SHIFT)
    assert marked(room) == here[:3]
    assert acceptor.window.desk.selection.thing == Thing("case", str(here[2]))
    click(room, 1, CONTROL)
    assert marked(room) == [here[0], here[2]], "a second click takes the mark off"
    click(room, 5, SHIFT)
    assert set(marks.ids) == {here[0], *here[2:6]}
    click(room, 4)
    assert len(marks) == 5, "looking at another case leaves the marks alone"
    room.queue.reload()
    settle(acceptor, qtbot)
    assert len(marks) == 5, "so does a queue that is fetched anew"
    assert room.batch.isVisible()
    assert not room.moves.isVisible()
    press(acceptor, ESCAPE)
    assert not marked(room)
    assert not room.batch.isVisible()
    assert room.moves.isVisible()
    assert acceptor.window.desk.selection.thing == Thing("case", str(here[4]))


def test_the_first_click_marks_the_case_in_front_too(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    condition = desks.condition("UH")
    for _ in range(3):
        desks.report(condition)
    acceptor = sit_down("acceptor01")
    room = at(acceptor, Preset.TO_ACCEPT, qtbot)
    click(room, 2, CONTROL)
    assert marked(room) == [ids(room, 3)[0], ids(room, 3)[2]]


def test_a_whole_queue_is_marked_up_to_the_most_that_is_moved_at_once(
    qtbot: QtBot, desks: Desks, sit_down: SitDown
) -> None:
    assert desks.ask("SELECT count(*) FROM city.case_file") > MOST
    supervisor = sit_down(desks.login("supervisor"))
    room = at(supervisor, Preset.ALL, qtbot)
    press(supervisor, Qt.Key.Key_A, CONTROL)
    qtbot.waitUntil(lambda: len(room.queue.marks) == MOST, timeout=LONG_MS)
    assert set(ids(room, 20)) < set(room.queue.marks.ids)
    assert any(f"{MOST}" in notice.text for notice in supervisor.notices.kept)
    room.queue.marks.clear()


def test_many_cases_are_filed_with_four_keys(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    condition = desks.condition("UH")
    mine = [desks.bring_to("pending_register", condition, desks.report(condition, 300.0 * n)) for n in range(3)]
    leader = sit_down("shift_leader01")
    room = at(leader, Preset.TO_FILE, qtbot)
    for case_id in mine:
        room.queue.marks.toggle(room.queue.model.row_of(case_id))  # type: ignore[arg-type]
    ready(room, qtbot)
    leader.window.desk.selection.select(Thing("case", str(mine[0])))
    news: list[None] = []
    room.queue.model.stale.connect(lambda: news.append(None))
    press(leader, "f")
    assert room.batch.form is not None
    assert "3 cases" in room.batch.form.title.text()
    press(leader, ENTER)
    ended(room, qtbot)
    page = room.batch.page
    assert page is not None
    assert [told.is_refused for told in page.lines] == [False] * 3
    assert [desks.row(one).state for one in mine] == ["pending_register"] * 3, "nothing is done before it is confirmed"
    assert "3" in page.confirm.text()
    press(leader, ENTER)
    qtbot.waitUntil(lambda: room.batch.page is None, timeout=LONG_MS)
    rows = [desks.row(one) for one in mine]
    assert [(row.state, row.condition_id) for row in rows] == [("pending_dispatch", condition.id)] * 3
    assert not marked(room)
    settle(leader, qtbot)
    assert room.moves.isVisible()
    assert not news, "one's own work is no news of the queue"
    thing = leader.window.desk.selection.thing
    assert thing is None or int(thing.key) not in mine, "the next one comes"
    assert desks.ask("SELECT count(DISTINCT xmin::text) FROM city.case_file WHERE id = ANY(:ids)", ids=mine) == 3


def test_a_case_that_was_changed_meanwhile_is_refused_alone(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    condition = desks.condition("UH")
    mine = [desks.report(condition, 300.0 * n) for n in range(3)]
    acceptor = sit_down("acceptor01")
    room = at(acceptor, Preset.TO_ACCEPT, qtbot)
    for case_id in mine:
        room.queue.marks.toggle(room.queue.model.row_of(case_id))  # type: ignore[arg-type]
    ready(room, qtbot)
    press(acceptor, "x")
    form = room.batch.form
    assert form is not None
    assert form.tray is None, "files belong to one case"
    press(acceptor, ENTER)
    assert form.trouble.isVisible(), "an opinion is needed"
    form.opinion.text.setPlainText("不在受理范围")
    press(acceptor, ENTER)
    ended(room, qtbot)
    desks.move("acceptor02", mine[1], "amend", address="解放北路12号")
    press(acceptor, ENTER)
    ended(room, qtbot)
    page = room.batch.page
    assert page is not None, "what was refused stays to be read"
    told = {one.case_id: one for one in page.lines}
    assert [told[one].is_refused for one in mine] == [False, True, False]
    assert told[mine[1]].verdict
    assert [desks.row(one).state for one in mine] == ["not_accepted", "reported", "not_accepted"]
    press(acceptor, ENTER)
    assert room.batch.page is None
    assert marked(room) == [mine[1]], "it stays marked for another try"
    ready(room, qtbot)
    press(acceptor, "x")
    again = room.batch.form
    assert again is not None
    again.opinion.text.setPlainText("不在受理范围")
    press(acceptor, ENTER)
    ended(room, qtbot)
    press(acceptor, ENTER)
    qtbot.waitUntil(lambda: desks.row(mine[1]).state == "not_accepted", timeout=LONG_MS)
    ended(room, qtbot)


def test_moves_that_are_stopped_are_gone_on_with(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    condition = desks.condition("UH")
    mine = [desks.report(condition, 300.0 * n) for n in range(4)]
    acceptor = sit_down("acceptor01")
    room = at(acceptor, Preset.TO_ACCEPT, qtbot)
    for case_id in mine:
        room.queue.marks.toggle(room.queue.model.row_of(case_id))  # type: ignore[arg-type]
    ready(room, qtbot)
    press(acceptor, "a")
    press(acceptor, ENTER)
    ended(room, qtbot)
    page = room.batch.page
    assert page is not None
    press(acceptor, ENTER)
    run = room.batch.run
    assert run is not None
    press(acceptor, ESCAPE)
    ended(room, qtbot)
    done = len(run.verdicts)
    assert 0 < done < 4
    accepted = desks.ask("SELECT count(*) FROM city.case_file WHERE id = ANY(:ids) AND state <> 'reported'", ids=mine)
    assert accepted == done, "what was made is made, the rest is as it was"
    press(acceptor, ENTER)
    qtbot.waitUntil(lambda: room.batch.page is None, timeout=LONG_MS)
    assert [desks.row(one).state for one in mine] == ["pending_register"] * 4


def test_what_was_begun_can_be_given_up_at_every_step(qtbot: QtBot, desks: Desks, sit_down: SitDown) -> None:
    condition = desks.condition("UH")
    mine = [desks.report(condition, 300.0 * n) for n in range(2)]
    acceptor = sit_down("acceptor01")
    room = at(acceptor, Preset.TO_ACCEPT, qtbot)
    for case_id in mine:
        room.queue.marks.toggle(room.queue.model.row_of(case_id))  # type: ignore[arg-type]
    ready(room, qtbot)
    press(acceptor, "x")
    form = room.batch.form
    assert form is not None
    form.opinion.text.setPlainText("重复来电")
    press(acceptor, ENTER)
    ended(room, qtbot)
    press(acceptor, ESCAPE)
    assert form.isVisible()
    settle(acceptor, qtbot)
    press(acceptor, ESCAPE)
    assert room.batch.bar.isVisible()
    assert room.queue.list.hasFocus()
    assert marked(room) == mine
    ready(room, qtbot)
    press(acceptor, "x")
    assert room.batch.form is not None
    assert room.batch.form.opinion.words == "重复来电", "what was written is there again"
    assert [desks.row(one).state for one in mine] == ["reported"] * 2
