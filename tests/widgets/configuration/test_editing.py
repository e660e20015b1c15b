"""Editing the configuration by keyboard: drafts, refusals at their field, changes by others, saving with a reason."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from console.models.configuration.draft import ChangeKind
from tests.widgets.configuration.acting import (
    ask,
    choose,
    column,
    do,
    keyboard,
    open_topic,
    press,
    save,
    sit_down,
    type_in,
)
from tests.widgets.desks import LONG_MS, leave, settle

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.configuration.page import TopicPage
    from console.widgets.configuration.workspace import ConfigurationWorkspace

CONTROL = Qt.KeyboardModifier.ControlModifier
ENTER, DOWN, TAB = Qt.Key.Key_Return, Qt.Key.Key_Down, Qt.Key.Key_Tab


def problem(workspace: ConfigurationWorkspace, name: str) -> str:
    form = workspace.entry.form
    assert form is not None
    return form.rows[name].problem.text()


def marks(page: TopicPage) -> set[str]:
    return set(column(page, "")) - {""}


def test_an_entry_is_changed_looked_through_and_saved_without_the_mouse(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace
) -> None:
    page = open_topic(workspace, "department")
    key = choose(page, session, qtbot, id=3)
    before = ask(city, "SELECT short_name, name_en FROM city.department WHERE id = 3")
    page.table.setFocus()
    press(session, ENTER)
    form = workspace.entry.form
    assert form is not None
    assert form.rows["code"].edit is not None
    assert form.rows["code"].edit.isAncestorOf(keyboard(session))
    type_in(session, workspace, "short_name", "街道办")
    press(session, ENTER)
    assert form.rows["name_en"].edit is not None
    assert form.rows["name_en"].edit.isAncestorOf(keyboard(session)), "Enter goes on"
    assert marks(page) == {"✎"}
    assert not page.bar.isHidden()
    assert ask(city, "SELECT short_name FROM city.department WHERE id = 3")[0] == before[0], "not saved yet"
    press(session, Qt.Key.Key_S, CONTROL)
    assert f"Short name: {before[0]} → 街道办" in workspace.entry.review.texts
    press(session, ENTER)
    assert "Say why" in workspace.entry.review.problem.text(), "a reason is needed"
    workspace.entry.review.reason.insert("机构更名")
    press(session, ENTER)
    settle(session, qtbot)
    assert ask(city, "SELECT short_name, name_en FROM city.department WHERE id = 3") == ("街道办", before[1])
    entry = ask(city, "SELECT login, reason FROM city.audit_log WHERE subject = 'department' ORDER BY id DESC LIMIT 1")
    assert entry == ("administrator01", "机构更名")
    assert page.table.hasFocus()
    assert workspace.entry.key == key
    qtbot.waitUntil(lambda: "Reason: 机构更名" in workspace.entry.history.texts, timeout=LONG_MS)
    assert marks(page) == set()
    assert page.bar.isHidden()


def test_a_slip_is_told_at_its_field_and_keeps_from_saving(
    qtbot: QtBot, session: Session, workspace: ConfigurationWorkspace
) -> None:
    page = open_topic(workspace, "stage_limit")
    choose(page, session, qtbot, name="stage_limit", field="accept")
    type_in(session, workspace, "value", "a lot")
    assert problem(workspace, "value") == "A number from 1 to 1440."
    assert marks(page) == {"▲"}
    save(workspace, session, qtbot, "x")
    assert not workspace.entry.is_review, "it leads back to the entry"
    type_in(session, workspace, "value", "20")
    assert problem(workspace, "value") == ""
    save(workspace, session, qtbot, "试行")
    assert "20 min" in column(page, "Value")
    qtbot.waitUntil(lambda: "Accept and file: 15 → 20" in workspace.entry.history.texts, timeout=LONG_MS)


def test_what_the_database_refuses_is_told_at_its_field_and_nothing_typed_is_lost(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace
) -> None:
    child = ask(city, "SELECT id, parent_id, code, name FROM city.department WHERE parent_id IS NOT NULL LIMIT 1")
    page = open_topic(workspace, "department")
    key = choose(page, session, qtbot, id=child.parent_id)
    type_in(session, workspace, "parent_id", child.code)
    press(session, ENTER)
    type_in(session, workspace, "name_en", "Something else")
    save(workspace, session, qtbot, "调整")
    assert workspace.entry.key == key
    assert "cannot belong to itself or to one of its own parts" in problem(workspace, "parent_id")
    draft = workspace.register.drafts["department"]
    assert draft.values(key)["parent_id"] == child.id
    assert draft.values(key)["name_en"] == "Something else"
    assert ask(city, "SELECT name_en FROM city.department WHERE id = :id", id=child.parent_id)[0] != "Something else"


def test_what_somebody_else_saves_meanwhile_is_decided_field_by_field(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace
) -> None:
    page = open_topic(workspace, "department")
    key = choose(page, session, qtbot, id=5)
    for name, words in (("short_name", "甲"), ("name", "甲单位"), ("name_en", "Unit A")):
        type_in(session, workspace, name, words)
    do(city, "UPDATE city.department SET short_name = '乙', name = '乙单位' WHERE id = 5")
    form = workspace.entry.form
    assert form is not None
    qtbot.waitUntil(
        lambda: "city_owner changed this to “乙”" in form.rows["short_name"].conflict.text(), timeout=LONG_MS
    )
    assert marks(page) == {"◆"}
    draft = workspace.register.drafts["department"]
    assert draft.values(key)["short_name"] == "甲", "what was typed stays"
    QTest.mouseClick(form.rows["short_name"].mine, Qt.MouseButton.LeftButton)
    QTest.mouseClick(form.rows["name"].theirs, Qt.MouseButton.LeftButton)
    assert marks(page) == {"✎"}
    save(workspace, session, qtbot, "核对")
    found = ask(city, "SELECT short_name, name, name_en FROM city.department WHERE id = 5")
    assert found == ("甲", "乙单位", "Unit A")


def test_who_saves_over_a_change_that_was_not_heard_of_is_refused_and_shown_it(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace
) -> None:
    page = open_topic(workspace, "department")
    choose(page, session, qtbot, id=6)
    type_in(session, workspace, "short_name", "丙")
    session.changes.close()
    do(city, "UPDATE city.department SET short_name = '丁' WHERE id = 6")
    save(workspace, session, qtbot, "更名")
    form = workspace.entry.form
    assert form is not None
    qtbot.waitUntil(lambda: "“丁”" in form.rows["short_name"].conflict.text(), timeout=LONG_MS)
    assert "changed meanwhile by city_owner" in form.problem.text()
    assert ask(city, "SELECT short_name FROM city.department WHERE id = 6")[0] == "丁"
    QTest.mouseClick(form.rows["short_name"].mine, Qt.MouseButton.LeftButton)
    save(workspace, session, qtbot, "更名")
    assert ask(city, "SELECT short_name FROM city.department WHERE id = 6")[0] == "丙"


def test_a_condition_changes_from_a_day_on_and_cases_keep_their_version(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace
) -> None:
    most = "SELECT class_id, condition_id, count(*) FROM city.case_file GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 1"
    class_id, condition_id, cases = ask(city, most)
    code, limit = ask(city, "SELECT code, limit_value FROM city.filing_condition WHERE id = :id", id=condition_id)
    page = open_topic(workspace, "filing_condition")
    choose(page, session, qtbot, class_id=class_id, code=code)
    form = workspace.entry.form
    assert form is not None
    assert form.rows["code"].edit is None, "the code never changes"
    type_in(session, workspace, "limit_value", str(limit + 1))
    press(session, Qt.Key.Key_S, CONTROL)
    review = workspace.entry.review
    assert not review.day.isHidden()
    assert "keep the words and limits of their version" in review.effect.text()
    day = session.window.desk.now().date() + timedelta(days=10)
    review.day.setText(f"{day:%Y/%m/%d}")
    review.reason.insert("新标准")
    press(session, ENTER)
    settle(session, qtbot)
    versions = """
        SELECT version, limit_value, valid_from, valid_to FROM city.filing_condition
        WHERE class_id = :id AND code = :code ORDER BY version
    """
    with city.connect() as connection:
        found = connection.execute(text(versions), {"id": class_id, "code": code}).all()
    assert [(v.version, v.limit_value) for v in found] == [(1, limit), (2, limit + 1)]
    assert found[1].valid_from == day == found[0].valid_to + timedelta(days=1)
    qtbot.waitUntil(lambda: any(t.startswith("2 · from ") for t in workspace.entry.history.texts), timeout=LONG_MS)
    assert any(t.startswith("1 · from ") and f"{cases:,} cases" in t for t in workspace.entry.history.texts)
    words, unit = ask(
        city,
        """
        SELECT c.description_en, d.code || ' ' || d.name_en FROM city.filing_condition AS c
        JOIN city.department AS d ON d.id = c.responsible_id WHERE c.id = :id
        """,
        id=condition_id,
    )
    assert any(t.startswith(f"{words} · ") and t.endswith(f" · {unit}") for t in workspace.entry.history.texts)


def test_entries_come_and_go_and_all_can_be_discarded(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace
) -> None:
    page = open_topic(workspace, "opinion_text")
    count = page.model.rowCount()
    choose(page, session, qtbot, move="close", place=1)
    page.table.setFocus()
    press(session, Qt.Key.Key_N, CONTROL | Qt.KeyboardModifier.AltModifier)
    type_in(session, workspace, "words", "经核查，问题已解决，同意结案")
    QTest.mouseClick(page.new, Qt.MouseButton.LeftButton)
    draft = workspace.register.drafts["opinion_text"]
    new = workspace.entry.key
    assert new is not None
    assert draft.is_added(new)
    assert "needed" in problem(workspace, "words")
    page.table.setFocus()
    press(session, Qt.Key.Key_Delete)
    assert page.model.rowCount() == count + 1, "a new entry simply goes"
    choose(page, session, qtbot, move="cancel", place=2)
    page.table.setFocus()
    press(session, Qt.Key.Key_Delete)
    assert marks(page) == {"＋", "✕"}
    save(workspace, session, qtbot, "用语整理")
    with city.connect() as connection:
        words = set(connection.scalars(text("SELECT words FROM city.opinion_text")))
    assert "经核查，问题已解决，同意结案" in words
    assert "重复登记，作废" not in words
    choose(page, session, qtbot, move="close", place=1)
    type_in(session, workspace, "words", "x")
    QTest.mouseClick(page.bar.discard, Qt.MouseButton.LeftButton)
    assert draft.is_changed, "asked once more"
    QTest.mouseClick(page.bar.discard, Qt.MouseButton.LeftButton)
    assert not draft.is_changed


def test_what_still_refers_to_an_entry_keeps_it(
    qtbot: QtBot, session: Session, workspace: ConfigurationWorkspace
) -> None:
    page = open_topic(workspace, "department")
    key = choose(page, session, qtbot, id=1)
    page.table.setFocus()
    press(session, Qt.Key.Key_Delete)
    draft = workspace.register.drafts["department"]
    assert [c.kind for c in draft.changes()] == [ChangeKind.REMOVE]
    save(workspace, session, qtbot, "撤并")
    form = workspace.entry.form
    assert form is not None
    assert "still refers to it" in form.problem.text()
    page.table.setFocus()
    press(session, Qt.Key.Key_Delete)
    assert not draft.is_removed(key), "the same key keeps it"


def test_drafts_survive_the_window_and_meet_what_was_saved_since(
    qtbot: QtBot, qapp: object, city: Engine, session: Session, workspace: ConfigurationWorkspace, tmp_path: Path
) -> None:
    choose(open_topic(workspace, "department"), session, qtbot, id=7)
    type_in(session, workspace, "short_name", "我的")
    type_in(session, workspace, "name_en", "Mine")
    page = open_topic(workspace, "working_hours")
    page.table.setFocus()
    press(session, Qt.Key.Key_N, CONTROL)
    type_in(session, workspace, "valid_from", "2099-07-01")
    type_in(session, workspace, "opens", "8:30")
    session.window.close()
    do(city, "UPDATE city.department SET short_name = '他的' WHERE id = 7")
    again = sit_down(city, "administrator01", tmp_path, qapp, qtbot)
    fresh: Any = again.window.workspaces["configuration"]
    draft = fresh.register.drafts["department"]
    assert draft.values("7")["name_en"] == "Mine"
    assert draft.values("7")["short_name"] == "我的"
    assert draft.conflicts("7") == ("short_name",), "somebody else changed it meanwhile"
    hours = fresh.register.drafts["working_hours"]
    assert [(hours.values(k)["valid_from"], hours.values(k)["opens"]) for k in hours.keys if hours.is_added(k)] == [
        (date(2099, 7, 1), time(8, 30))
    ]
    for one in (draft, hours):
        one.discard()
    fresh.register.touched("department")
    leave(again)


def test_escape_leads_back_from_the_review_and_from_the_form(
    qtbot: QtBot, session: Session, workspace: ConfigurationWorkspace
) -> None:
    page = open_topic(workspace, "department")
    choose(page, session, qtbot, id=8)
    type_in(session, workspace, "name_en", "x")
    press(session, Qt.Key.Key_S, CONTROL)
    press(session, Qt.Key.Key_Escape)
    assert not workspace.entry.is_review
    assert page.table.hasFocus()
    press(session, ENTER)
    assert not page.table.hasFocus()
    press(session, Qt.Key.Key_Escape)
    assert page.table.hasFocus()
    assert marks(page) == {"✎"}, "what was typed stays"
    workspace.register.drafts["department"].discard()


def test_drafts_survive_another_look(qtbot: QtBot, session: Session, workspace: ConfigurationWorkspace) -> None:
    page = open_topic(workspace, "team")
    key = choose(page, session, qtbot, id=1)
    type_in(session, workspace, "name", "巡查甲队")
    old = session.window
    session.window.desk.actions["theme"].trigger()
    qtbot.waitUntil(lambda: session.window is not old, timeout=LONG_MS)
    settle(session, qtbot)
    fresh: Any = session.window.workspaces["configuration"]
    assert fresh.page.topic.key == "team"
    assert fresh.register.drafts["team"].values(key)["name"] == "巡查甲队"
    assert "巡查甲队" in column(fresh.page, "Name")
