"""Supervision reads the audit trail: found by day, person, table and words, with old and new values and its chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from sqlalchemy import text

from console.models import audit
from tests.conftest import _clone as clone
from tests.widgets.desks import LONG_MS, leave, settle, show, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.database.cluster import PrivateCluster
    from console.session import Session
    from console.widgets.audit.workspace import AuditWorkspace


REPORT = """
    SELECT city.report_case('inspector', 'cover gone', ST_X(p), ST_Y(p))
    FROM (SELECT ST_PointOnSurface(geom) AS p FROM city.unit_grid LIMIT 1) AS g
"""


@pytest.fixture(scope="module")
def city(cluster: PrivateCluster, administration: Engine, city_template: str) -> Iterator[Engine]:
    for engine in clone(cluster, administration, city_template):
        with engine.begin() as connection:
            connection.execute(text("SELECT set_config('city.reason', 'new sign', true)"))
            connection.execute(text("UPDATE city.street SET name = 'Liberation', width_m = 31 WHERE id = 1"))
        with engine.begin() as connection:
            connection.execute(text(REPORT))
        with engine.begin() as connection:
            audit.seal(connection)
        yield engine


@pytest.fixture
def session(qtbot: QtBot, qapp: object, city: Engine, tmp_path: Path) -> Iterator[Session]:
    """A supervisor in front of the audit trail."""
    made = sign_in(city, "supervisor01", tmp_path, qapp)
    show(made, qtbot)
    made.window.show_workspace("audit")
    made.window.activateWindow()
    qtbot.waitUntil(made.window.isActiveWindow, timeout=LONG_MS)
    settle(made, qtbot)
    yield made
    leave(made)


@pytest.fixture
def workspace(session: Session) -> AuditWorkspace:
    return session.window.workspaces["audit"]  # type: ignore[return-value]


def mark(workspace: AuditWorkspace, subject: str) -> None:
    """Click on the newest entry of a table."""
    page = workspace.page
    row = next(r for r in range(page.model.rowCount()) if page.model.record(r).subject == subject)
    place = page.table.visualRect(page.model.index(row, 0)).center()
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def column(workspace: AuditWorkspace, title: str) -> list[str]:
    model = workspace.page.model
    at = [one.title for one in model.columns].index(title)
    return [model.index(row, at).data() for row in range(model.rowCount())]


def test_an_entry_tells_who_did_what_from_where_with_old_and_new_values(
    session: Session, workspace: AuditWorkspace
) -> None:
    mark(workspace, "street")
    assert workspace.entry.heading.title.full_text == "Liberation"
    told = {field: (before, after) for field, before, after in workspace.entry.comparison.rows}
    assert told["width_m"][1] == "31"
    assert told["Name"][1] == "Liberation"
    facts = {name.text(): value.text() for name, value in workspace.entry.facts._rows if name.text()}
    assert facts["Who"] == "city_owner"
    assert facts["From"] == "the server itself · console"
    assert facts["Reason"] == "new sign"
    assert facts["Chain"].startswith("place ")
    mark(workspace, "case_event")
    assert workspace.entry.heading.title.full_text.startswith("YC")
    assert ("To state", "—", "Reported") in workspace.entry.comparison.rows
    assert session.notices.kept == []


def test_person_table_and_words_narrow_down(qtbot: QtBot, session: Session, workspace: AuditWorkspace) -> None:
    page = workspace.page
    whole = page.model.rowCount()
    assert f"{whole} entries" in page.heading.remark.text()
    page.table_field.setCurrentIndex(page.table_field.findData("street"))
    page.table_field.activated.emit(page.table_field.currentIndex())
    settle(session, qtbot)
    assert column(workspace, "What") == ["Street · changed"]
    page.table_field.setCurrentIndex(0)
    page.table_field.activated.emit(0)
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Slash)
    QTest.keyClicks(page.text, "liberation")
    QTest.keyClick(page.text, Qt.Key.Key_Down)
    settle(session, qtbot)
    assert column(workspace, "Entry") == ["Liberation"]
    page.text.setText("nothing says this")
    QTest.keyClick(page.text, Qt.Key.Key_Return)
    settle(session, qtbot)
    assert "Nothing fits" in page.state.message.text()
    page.text.clear()
    QTest.keyClick(page.text, Qt.Key.Key_Return)
    settle(session, qtbot)
    assert page.model.rowCount() == whole
    assert page.person.findData("city_owner") > 0


def test_all_days_together(qtbot: QtBot, session: Session, workspace: AuditWorkspace) -> None:
    days, page = workspace.days, workspace.page
    assert days.model.index(0, 0).data() == "All days"
    QTest.mouseClick(
        days.table.viewport(),
        Qt.MouseButton.LeftButton,
        pos=days.table.visualRect(days.model.index(0, 0)).center(),
    )
    settle(session, qtbot)
    assert page.day is None
    assert "Choose a day" in page.chain.full_text
    assert column(workspace, "When")[0].startswith("20")


def test_the_head_of_the_day_goes_to_the_clipboard(city: Engine, session: Session, workspace: AuditWorkspace) -> None:
    QTest.mouseClick(workspace.page.copy_button, Qt.MouseButton.LeftButton)
    with city.connect() as connection:
        assert QGuiApplication.clipboard().text() == audit.heads(connection)[-1].line()
    assert workspace.page.chain.full_text.startswith("The chain holds")
    assert workspace.days.row is not None
    assert workspace.days.row.mark == "✓"


def test_what_is_done_elsewhere_comes_in(
    qtbot: QtBot, city: Engine, session: Session, workspace: AuditWorkspace
) -> None:
    count = workspace.page.model.rowCount()
    with city.begin() as connection:
        connection.execute(text("UPDATE city.street SET width_m = 32 WHERE id = 1"))
    qtbot.waitUntil(lambda: workspace.page.model.rowCount() == count + 1, timeout=LONG_MS)
    assert column(workspace, "Chain")[0] == "not sealed yet"


def test_a_breach_is_named_where_it_is(qtbot: QtBot, city: Engine, session: Session, workspace: AuditWorkspace) -> None:
    number = max(e.id for r in range(workspace.page.model.rowCount())
                 if (e := workspace.page.model.record(r)).subject == "case_event")  # fmt: skip
    change = "UPDATE city.audit_log SET {} WHERE id = " + str(number)
    with city.begin() as connection:
        connection.execute(text("ALTER TABLE city.audit_log DISABLE TRIGGER USER"))
        connection.execute(text(change.format("login = 'other'")))
    try:
        QTest.mouseClick(workspace.days.check_button, Qt.MouseButton.LeftButton)
        settle(session, qtbot)
        assert workspace.days.row is not None
        assert workspace.days.row.mark == "▲ 1"
        assert "Breaches: 1; days: 1." in session.notices.kept[-1].text
        workspace.refresh()
        settle(session, qtbot)
        assert f"entry {number} altered" in workspace.page.chain.full_text
        assert column(workspace, "Chain").count("▲ altered") == 1
        mark(workspace, "case_event")
        assert any("altered" in value.text() for _, value in workspace.entry.facts._rows)
    finally:
        with city.begin() as connection:
            connection.execute(text(change.format("login = 'city_owner'")))
            connection.execute(text("ALTER TABLE city.audit_log ENABLE TRIGGER USER"))
            connection.execute(text("ALTER TABLE city.audit_log ENABLE ALWAYS TRIGGER keep_history"))
            connection.execute(text("ALTER TABLE city.audit_log ENABLE ALWAYS TRIGGER keep_rows"))
    QTest.mouseClick(workspace.days.check_button, Qt.MouseButton.LeftButton)
    settle(session, qtbot)
    assert "unbroken" in session.notices.kept[-1].text


def test_the_trail_is_for_supervision(qtbot: QtBot, qapp: object, city: Engine, tmp_path: Path) -> None:
    made = sign_in(city, "dispatcher01", tmp_path, qapp)
    show(made, qtbot)
    assert "audit" not in made.window.workspaces
    leave(made)
