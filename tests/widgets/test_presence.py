"""Two desks, one case: each sees at once who else has it open, and no longer than that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from console.models.cases import Preset
from console.widgets.cases.queue_model import ROW
from console.widgets.shared.desk import Thing
from tests.widgets.desks import LONG_MS, leave, settle, show, sign_in

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.cases.workspace import DispatchWorkspace


def dispatch(session: Session) -> DispatchWorkspace:
    workspace = session.window.workspaces["dispatch"]
    session.window.show_workspace("dispatch")
    return workspace  # type: ignore[return-value]


def open_case(session: Session, qtbot: QtBot, place: int = 0) -> int:
    """Click a row of all open cases; returns the case."""
    queue = dispatch(session).queue
    queue.presets[Preset.OPEN].click()
    settle(session, qtbot)
    QTest.mouseClick(
        queue.list.viewport(),
        Qt.MouseButton.LeftButton,
        pos=queue.list.visualRect(queue.model.index(place)).center(),
    )
    return int(queue.model.index(place).data(ROW).id)


def test_the_other_desk_sees_who_has_a_case_open(qtbot: QtBot, acceptor: Session, leader: Session) -> None:
    case_id = open_case(acceptor, qtbot)
    panel, queue = dispatch(leader).detail, dispatch(leader).queue
    leader.window.desk.selection.select(Thing("case", str(case_id)))
    qtbot.waitUntil(panel.presence.isVisible, timeout=LONG_MS)
    assert panel.presence.text.text().startswith("Acceptor 01 has this case open since ")
    assert queue._viewers(case_id) == "Acceptor 01"
    # Nobody is told of himself; the acceptor hears of the leader.
    qtbot.waitUntil(lambda: dispatch(acceptor).queue._viewers(case_id) == "Shift Leader 01", timeout=LONG_MS)

    other = open_case(acceptor, qtbot, 1)
    qtbot.waitUntil(lambda: queue._viewers(other) == "Acceptor 01", timeout=LONG_MS)
    assert queue._viewers(case_id) == ""
    qtbot.waitUntil(lambda: not panel.presence.isVisible(), timeout=LONG_MS)
    acceptor.window.desk.selection.select(None)
    qtbot.waitUntil(lambda: queue._viewers(other) == "", timeout=LONG_MS)


def test_whoever_signs_out_is_gone(
    qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path, leader: Session
) -> None:
    acceptor = sign_in(database, "acceptor01", tmp_path, qapp)
    show(acceptor, qtbot)
    case_id = open_case(acceptor, qtbot)
    presence = leader.changes.presence
    qtbot.waitUntil(lambda: bool(presence.others(case_id)), timeout=LONG_MS)
    leave(acceptor)
    qtbot.waitUntil(lambda: not presence.others(case_id), timeout=LONG_MS)


def test_a_desk_that_comes_later_knows_what_is_open(
    qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path, acceptor: Session
) -> None:
    case_id = open_case(acceptor, qtbot)
    with database.connect() as connection:
        qtbot.waitUntil(
            lambda: connection.scalar(text("SELECT count(*) FROM city.case_presence")) == 1, timeout=LONG_MS
        )
    leader = sign_in(database, "shift_leader01", tmp_path, qapp)
    show(leader, qtbot)
    assert [v.login for v in leader.changes.presence.others(case_id)] == ["acceptor01"]
    leave(leader)


def test_presence_is_told_without_the_outbox(
    qtbot: QtBot, database: Engine, acceptor: Session, leader: Session
) -> None:
    with database.connect() as connection:
        before = connection.scalar(text("SELECT max(id) FROM city.change_log"))
    case_id = open_case(acceptor, qtbot)
    qtbot.waitUntil(lambda: bool(leader.changes.presence.others(case_id)), timeout=LONG_MS)
    with database.connect() as connection:
        assert connection.scalar(text("SELECT max(id) FROM city.change_log")) == before


def test_after_an_outage_everybody_is_there_again(
    qtbot: QtBot, database: Engine, administration: Engine, acceptor: Session, leader: Session
) -> None:
    case_id = open_case(acceptor, qtbot)
    presence = leader.changes.presence
    qtbot.waitUntil(lambda: bool(presence.others(case_id)), timeout=LONG_MS)
    (before,) = presence.others(case_id)
    with administration.connect() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
            {"name": database.url.database},
        )
    qtbot.waitUntil(
        lambda: [v.login for v in presence.others(case_id) if v.session != before.session] == ["acceptor01"],
        timeout=LONG_MS,
    )
