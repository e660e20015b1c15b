"""From a call to closure through the windows of the posts, by clicks and what somebody would type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from console.models.cases import Preset
from tests.widgets.desks import LONG_MS, settle
from tests.widgets.seat import click, reach

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from tests.desks import Desks
    from tests.widgets.seat import Seat


@pytest.mark.slow
def test_a_call_is_registered_filed_disposed_of_checked_and_closed(
    qtbot: QtBot, desks: Desks, take_seat: Callable[[str], Seat]
) -> None:
    condition = desks.condition("UH")
    code, words = desks.all(
        """
        SELECT k.code, c.description_en FROM city.filing_condition AS c JOIN city.case_class AS k ON k.id = c.class_id
        WHERE c.id = :id
        """,
        id=condition.id,
    )[0]

    seat = take_seat("acceptor01")
    seat.session.window.desk.actions["case.report"].trigger()
    reports = seat.room.reports
    qtbot.waitUntil(lambda: reports.form is not None and reports.form.isVisible(), timeout=LONG_MS)
    form = reports.form
    assert form is not None
    form.description.setText("店外经营，占用人行道")
    canvas = seat.session.window.desk.canvas
    canvas.centre_on(*desks.place, 0.5)
    click(form.place.pick)
    x, y = canvas.view.to_screen(*desks.place)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    settle(seat.session, qtbot)
    click(form.send)
    qtbot.waitUntil(lambda: reports.form is None, timeout=LONG_MS)
    case_id = int(desks.ask("SELECT max(id) FROM city.case_file"))
    seat.waits(case_id)
    move = seat.begin("accept")
    assert move.condition is not None
    QTest.keyClicks(move.condition.text, code)
    while move.condition.choice is not None and move.condition.choice.id != condition.id:
        QTest.keyClick(move.condition.text, Qt.Key.Key_Down)
    assert move.condition.choice is not None
    assert move.condition.choice.words_en == words
    settle(seat.session, qtbot)
    seat.send()
    reach(desks, case_id, "pending_register", qtbot)

    seat = take_seat("shift_leader01")
    assert seat.room.queue.preset is Preset.TO_FILE
    seat.open(case_id)
    move = seat.begin("file")
    assert move.condition is not None
    assert move.condition.choice is not None
    assert move.condition.choice.id == condition.id, "what the acceptor proposed"
    seat.send()
    reach(desks, case_id, "pending_dispatch", qtbot)

    seat = take_seat("dispatcher01")
    seat.open(case_id)
    move = seat.begin("dispatch")
    settle(seat.session, qtbot)
    assert move.unit is not None
    assert move.unit.choice is not None, "a department is proposed"
    unit = move.unit.choice.id
    seat.send()
    reach(desks, case_id, "pending_handle", qtbot)
    assert desks.row(case_id).responsible_id == unit

    seat = take_seat(desks.login("department", department_id=unit, lead=True))
    seat.open(case_id)
    seat.begin("department_accept")
    seat.send()
    reach(desks, case_id, "handling", qtbot)
    seat.queue(Preset.HANDLING)
    seat.open(case_id)
    click(seat.begin("dispose").opinion.phrases[0])
    seat.send()
    reach(desks, case_id, "handle_finish", qtbot)

    seat = take_seat("dispatcher01")
    seat.queue(Preset.TO_FEED_BACK)
    seat.open(case_id)
    seat.begin("feed_back")
    seat.send()
    reach(desks, case_id, "pending_check", qtbot)
    seat = take_seat("acceptor01")
    seat.queue(Preset.TO_ORDER_CHECK)
    seat.open(case_id)
    seat.begin("order_check")
    seat.send()
    reach(desks, case_id, "checking", qtbot)

    seat = take_seat(desks.login("inspector", zone_id=desks.row(case_id).zone_id))
    seat.queue(Preset.CHECKING)
    seat.open(case_id)
    move = seat.begin("check")
    assert move.answer is not None
    click(move.answer.yes)
    seat.send()
    reach(desks, case_id, "pending_close", qtbot)

    seat = take_seat("shift_leader01")
    seat.queue(Preset.TO_CLOSE)
    seat.open(case_id)
    seat.begin("close")
    seat.send()
    reach(desks, case_id, "closed", qtbot)
    assert desks.ask(
        "SELECT city.folded_columns(f) = city.folded_columns(city.fold_case(id)) FROM city.case_file f WHERE id = :id",
        id=case_id,
    )
    assert desks.ask("SELECT count(*) FROM city.case_event WHERE case_id = :id", id=case_id) == 10
