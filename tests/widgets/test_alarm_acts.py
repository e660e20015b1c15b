"""What desks do with alarms by the keys of the list: acknowledge, reset, shelve, out of service, filter, read why."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from console.errors import RESOURCES
from console.widgets.alarms.board import lines_of
from console.widgets.alarms.sound import Speaker
from console.widgets.shared.table import RECORD_ROLE
from console.widgets.shared.words import SYMBOL
from tests.widgets.desks import LONG_MS, leave, settle, show, sign_in
from tests.widgets.test_alarms import alarms_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.alarms.board import AlarmBoard

RAISE = text("""
    SELECT city.raise_alarm(r.id, v.vehicle_id, NULL, clock_timestamp(), 83, 60, public.ST_X(geom), public.ST_Y(geom))
    FROM (SELECT * FROM city.vehicle_state ORDER BY vehicle_id LIMIT :trucks) AS v
    JOIN city.alarm_rule AS r ON r.kind = :kind AND r.grade = :grade
""")
RETURN = text("""
    SELECT city.return_alarm(kind, vehicle_id, sensor_id, clock_timestamp()) FROM city.alarm WHERE cleared_at IS NULL
""")


def raise_by_rule(database: Engine, kind: str = "overspeed", *, grade: int = 1, trucks: int = 1) -> None:
    with database.begin() as connection:
        connection.execute(RAISE, {"kind": kind, "grade": grade, "trucks": trucks})


@pytest.fixture
def quiet(database: Engine) -> Engine:
    """A city in which nothing stands."""
    with database.begin() as connection:
        connection.execute(text("TRUNCATE city.alarm, city.alarm_event"))
        connection.execute(text("UPDATE city.sensor_state SET value = 0"))
    return database


@pytest.fixture
def leader(qtbot: QtBot, qapp: object, quiet: Engine, tmp_path: Path) -> Iterator[Session]:
    made = sign_in(quiet, "shift_leader01", tmp_path, qapp)
    show(made, qtbot)
    yield made
    leave(made)


def opened(qtbot: QtBot, session: Session, count: int = 1) -> AlarmBoard:
    """The list, when it shows so many alarms that stand."""
    alarms = alarms_of(session)
    qtbot.waitUntil(lambda: len(alarms.standing.lines) == count, timeout=LONG_MS)
    QTest.keyClick(session.window, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(alarms.list.isVisible)
    settle(session, qtbot)
    return alarms.list


def until_state(qtbot: QtBot, board: AlarmBoard, state: str) -> None:
    qtbot.waitUntil(lambda: board.current is not None and board.current.state == state, timeout=LONG_MS)


def test_one_key_acknowledges_for_all_desks(
    qtbot: QtBot, qapp: object, leader: Session, quiet: Engine, tmp_path: Path
) -> None:
    other = sign_in(quiet, "dispatcher01", tmp_path, qapp)
    show(other, qtbot)
    raise_by_rule(quiet)
    leader.window.activateWindow()
    board, there = opened(qtbot, leader), alarms_of(other)
    assert "驾驶员" in _texts(board)  # the action of its rule
    qtbot.waitUntil(lambda: [line.state for line in there.standing.lines] == ["unacknowledged"], timeout=LONG_MS)
    seen = there.standing.lines[0]
    QTest.keyClick(board.table, Qt.Key.Key_A)
    until_state(qtbot, board, "acknowledged")
    qtbot.waitUntil(lambda: [line.state for line in there.standing.lines] == ["acknowledged"], timeout=LONG_MS)
    qtbot.waitUntil(lambda: "Acknowledged → Acknowledged" in _texts(board), timeout=LONG_MS)
    QTest.keyClick(board.table, Qt.Key.Key_A)
    assert "not possible" in board.detail.complaint.text()
    # A colleague who pressed the key at the same moment has acknowledged it as well: nothing to complain of.
    with qtbot.waitSignal(there.acts.done, timeout=LONG_MS):
        there.acts.do("acknowledge", seen)
    leave(other)


def test_what_latches_is_reset_by_hand(qtbot: QtBot, leader: Session, quiet: Engine) -> None:
    raise_by_rule(quiet, "unlawful_tip")
    board = opened(qtbot, leader)
    QTest.keyClick(board.table, Qt.Key.Key_R)
    assert "not possible" in board.detail.complaint.text()
    QTest.mouseClick(board.detail.buttons["acknowledge"], Qt.MouseButton.LeftButton)
    until_state(qtbot, board, "acknowledged")
    with quiet.begin() as connection:
        connection.execute(RETURN)
    until_state(qtbot, board, "latched")
    QTest.keyClick(board.table, Qt.Key.Key_4)
    assert [line.state for line in lines_of(board)] == ["latched"]
    QTest.keyClick(board.table, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: not board.state.is_content, timeout=LONG_MS)


def test_shelving_asks_why_comes_back_by_hand_and_loses_nothing_of_what_was_written(
    qtbot: QtBot, leader: Session, quiet: Engine
) -> None:
    raise_by_rule(quiet)
    board = opened(qtbot, leader)
    form = board.detail.form
    QTest.keyClick(board.table, Qt.Key.Key_S)
    qtbot.waitUntil(form.reason.hasFocus)
    assert form.minutes.value() == 240
    QTest.keyClick(form.reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Say why" in board.detail.complaint.text(), timeout=LONG_MS)
    QTest.keyClicks(form.reason, "truck is in the workshop")
    alarms = alarms_of(leader)
    line = board.current
    assert line is not None
    assert line.version is not None
    with quiet.begin() as connection:  # somebody else was faster, and this desk has not heard of it yet
        connection.execute(text("UPDATE city.alarm SET version = version + 1"))
    alarms.acts.do("shelve", line, form.reason.text(), 30)
    qtbot.waitUntil(lambda: "changed meanwhile" in board.detail.complaint.text(), timeout=LONG_MS)
    assert form.reason.text() == "truck is in the workshop"
    settle(leader, qtbot)
    form.minutes.setValue(30)
    QTest.keyClick(form.reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(alarms.standing.held) == 1, timeout=LONG_MS)
    qtbot.waitUntil(lambda: not alarms.standing.lines, timeout=LONG_MS)
    QTest.keyClick(board, Qt.Key.Key_5)
    held = board.current
    assert held is not None
    assert held.state == "shelved"
    assert held.until is not None
    assert "workshop" in held.reason
    QTest.keyClick(board.table, Qt.Key.Key_U)
    qtbot.waitUntil(lambda: len(alarms.standing.lines) == 1 and not alarms.standing.held, timeout=LONG_MS)


def test_a_truck_is_taken_out_of_service_and_back(qtbot: QtBot, leader: Session, quiet: Engine) -> None:
    raise_by_rule(quiet)
    board, alarms = opened(qtbot, leader), alarms_of(leader)
    QTest.keyClick(board.table, Qt.Key.Key_O)
    board.detail.form.reason.setText("new terminal")
    QTest.keyClick(board.detail.form.reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [line.state for line in alarms.standing.held] == ["out_of_service"], timeout=LONG_MS)
    qtbot.waitUntil(lambda: not board.state.is_content, timeout=LONG_MS)
    QTest.keyClick(board, Qt.Key.Key_5)
    QTest.keyClick(board.table, Qt.Key.Key_O)
    qtbot.waitUntil(lambda: not alarms.standing.held, timeout=LONG_MS)


def test_a_flood_is_acknowledged_with_one_key(qtbot: QtBot, leader: Session, quiet: Engine) -> None:
    raise_by_rule(quiet, "terminal_silent", trucks=6)
    board, alarms = opened(qtbot, leader, 6), alarms_of(leader)
    assert len(lines_of(board)) == 1
    assert leader.window.top.alarms.text.full_text.count("6 ×") == 1
    QTest.keyClick(board.table, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: all(one.state == "acknowledged" for one in alarms.standing.lines), timeout=LONG_MS)


def test_what_is_refused_of_a_flood_is_counted_in_whole_sentences(qtbot: QtBot, leader: Session, quiet: Engine) -> None:
    raise_by_rule(quiet, "terminal_silent", trucks=6)
    board, alarms = opened(qtbot, leader, 6), alarms_of(leader)
    seen = lines_of(board)[0]
    with qtbot.waitSignal(alarms.acts.done, timeout=LONG_MS):
        alarms.acts.do("shelve", seen.members[0], "换终端", 60)
    # A desk that has not heard of it yet shelves all six.
    for told in ("1 of 6 was refused: ", "6 of 6 were refused: "):
        with qtbot.waitSignal(alarms.acts.refused, timeout=LONG_MS) as refused:
            alarms.acts.do("shelve", seen, "换终端", 60)
        assert str(refused.args[1]).startswith(told)


def test_the_list_is_narrowed_down(qtbot: QtBot, leader: Session, quiet: Engine) -> None:
    raise_by_rule(quiet, "overspeed", trucks=2)
    raise_by_rule(quiet, "route_deviation", grade=2)
    board = opened(qtbot, leader, 3)
    QTest.mouseClick(board.urgencies["medium"], Qt.MouseButton.LeftButton)
    assert [line.kind for line in lines_of(board)] == ["route_deviation"]
    QTest.mouseClick(board.urgencies["medium"], Qt.MouseButton.LeftButton)
    board.kind.setCurrentIndex(board.kind.findData("overspeed"))
    board.kind.activated.emit(board.kind.currentIndex())
    assert {line.kind for line in lines_of(board)} == {"overspeed"}
    board.kind.setCurrentIndex(0)
    board.kind.activated.emit(0)
    board.take_keyboard()
    QTest.keyClick(board.table, Qt.Key.Key_Slash)
    qtbot.waitUntil(board.text.hasFocus)
    QTest.keyClicks(board.text, "route")
    assert [line.kind for line in lines_of(board)] == ["route_deviation"]
    QTest.keyClicks(board.text, "xyz")
    assert not board.state.is_content
    QTest.keyClick(board.text, Qt.Key.Key_Escape)
    assert not board.isVisible()


def test_one_key_makes_a_case_and_shows_it_from_then_on(qtbot: QtBot, leader: Session, quiet: Engine) -> None:
    raise_by_rule(quiet, "uncovered")
    board, alarms = opened(qtbot, leader), alarms_of(leader)
    line = board.current
    assert line is not None
    reports = leader.window.workspaces["dispatch"].reports  # type: ignore[attr-defined]
    QTest.keyClick(board.table, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: reports.form is not None and reports.form.isVisible(), timeout=LONG_MS)
    form = reports.form
    assert not board.isVisible()
    assert form.description.text() == f"{line.who} {line.what}"
    assert form.class_.choice.code == "0311"
    qtbot.waitUntil(lambda: form.place.place == line.place, timeout=LONG_MS)
    # A report of something else is begun meanwhile: neither is lost.
    form.description.setText("spills soil")
    leader.window.desk.actions["case.report"].trigger()
    assert reports.form.description.text() == ""
    alarms.open_list()
    QTest.keyClick(board.table, Qt.Key.Key_C)
    assert reports.form is form
    assert form.description.text() == "spills soil"
    QTest.keyClick(form.description, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(alarms.standing.lines and alarms.standing.lines[0].case), timeout=LONG_MS)
    made = leader.window.desk.selection.thing
    assert made is not None
    assert made.subject == "case"
    detail = leader.window.workspaces["dispatch"].detail  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: detail.sheet is not None and "Load not covered" in str(detail.sheet), timeout=LONG_MS)
    leader.window.desk.selection.select(None)
    alarms.open_list()
    QTest.keyClick(board.table, Qt.Key.Key_C)
    assert leader.window.desk.selection.thing == made


def test_what_begins_to_wait_is_heard_by_its_priority_unless_the_desk_is_muted(
    qtbot: QtBot, leader: Session, quiet: Engine
) -> None:
    alarms = alarms_of(leader)
    heard: list[str] = []
    alarms.sound.play = heard.append
    alarms.sound.mute(muted=False)
    raise_by_rule(quiet, "overspeed")
    board = opened(qtbot, leader)
    assert heard == ["medium"]
    QTest.keyClick(board.table, Qt.Key.Key_A)
    until_state(qtbot, board, "acknowledged")
    raise_by_rule(quiet, "overspeed", grade=2)  # it got worse: somebody must act again
    until_state(qtbot, board, "unacknowledged")
    assert heard == ["medium", "high"]
    QTest.keyClick(board.table, Qt.Key.Key_M)
    assert alarms.sound.is_muted
    assert not leader.window.top.alarms.muted.isHidden()
    raise_by_rule(quiet, "unlawful_tip")
    qtbot.waitUntil(lambda: len(alarms.standing.lines) == 2, timeout=LONG_MS)
    assert heard == ["medium", "high"]
    assert leader.memory.value("alarms/muted", False, type=bool)
    QTest.mouseClick(board.mute, Qt.MouseButton.LeftButton)
    assert not alarms.sound.is_muted


@pytest.mark.parametrize("urgency", list(SYMBOL))
def test_each_priority_has_a_sound_that_can_be_played(qapp: QObject, urgency: str) -> None:
    with wave.open(str(RESOURCES / "sounds" / f"{urgency}.wav")) as sound:
        assert 0.1 < sound.getnframes() / sound.getframerate() < 1.0
    speaker = Speaker(qapp)
    speaker.play(urgency)
    speaker.deleteLater()


def test_a_post_that_may_not_is_told_so(qtbot: QtBot, qapp: object, quiet: Engine, tmp_path: Path) -> None:
    acceptor = sign_in(quiet, "acceptor01", tmp_path, qapp)
    show(acceptor, qtbot)
    raise_by_rule(quiet)
    board = opened(qtbot, acceptor)
    assert [act for act, button in board.detail.buttons.items() if not button.isHidden()] == [
        "acknowledge",
        "make_case",
    ]
    QTest.keyClick(board.table, Qt.Key.Key_S)
    assert "may not" in board.detail.complaint.text()
    assert board.detail.form.isHidden()
    leave(acceptor)


def _texts(board: AlarmBoard) -> str:
    """All that the details say."""
    found = board.table.currentIndex().data(RECORD_ROLE)
    parts = [board.detail.facts, board.detail.guidance, board.detail.history]
    words = [one.text() for part in parts for one in part.findChildren(type(board.detail.title))]
    return " ".join([found.what, *words])
