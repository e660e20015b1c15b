"""The tables of the configuration, what others change of them, and the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from console.models.configuration.settings import read_setting_rows
from console.widgets.configuration.topics import TOPICS
from console.widgets.configuration.words import SETTING
from console.widgets.shared.matching import initials
from tests.widgets.configuration.acting import choose, column, open_topic, shown
from tests.widgets.desks import LONG_MS, leave, settle, show, sign_in

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.configuration.workspace import ConfigurationWorkspace

CONTROL = Qt.KeyboardModifier.ControlModifier


def test_every_topic_shows_its_rows_in_words(city: Engine, session: Session, workspace: ConfigurationWorkspace) -> None:
    tables = {topic.key: topic.subject.table for topic in TOPICS}
    with city.connect() as connection:
        for key in ("case_class", "department", "staff", "team", "shift", "working_hours", "opinion_text"):
            count = connection.scalar(text(f"SELECT count(*) FROM city.{tables[key]}"))
            assert open_topic(workspace, key).model.rowCount() == count > 0
            assert f"{count:,}" in workspace.pages[key].heading.remark.text()
    assert "urgent hours" in " ".join(column(open_topic(workspace, "filing_condition"), "Disposal limit"))
    limits = open_topic(workspace, "stage_limit")
    assert dict(zip(column(limits, "Setting"), column(limits, "Value"), strict=True))["Verify on site"] == "30 min"
    assert "50 m" in column(open_topic(workspace, "setting"), "Value")
    assert session.notices.kept == []


def test_every_setting_has_a_name_in_words(city: Engine) -> None:
    with city.connect() as connection:
        names = {row.key for row in read_setting_rows(connection)}
    assert names - SETTING.keys() == set(), "give it a word in widgets/configuration/words.py"


def test_the_next_topic_is_a_key_away(session: Session, workspace: ConfigurationWorkspace) -> None:
    page = open_topic(workspace, "department")
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_PageDown, CONTROL)
    assert workspace.page is workspace.pages["staff"]
    assert workspace.pages["staff"].table.hasFocus()
    QTest.keyClick(workspace.pages["staff"].table, Qt.Key.Key_PageUp, CONTROL)
    assert workspace.page is page


def test_typing_narrows_the_table_and_the_arrow_key_goes_there(
    qtbot: QtBot, session: Session, workspace: ConfigurationWorkspace
) -> None:
    page = open_topic(workspace, "staff")
    whole = page.model.rowCount()
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_F, CONTROL)
    assert page.text.hasFocus()
    QTest.keyClicks(page.text, "dispatcher0")
    QTest.keyClick(page.text, Qt.Key.Key_Down)
    assert 0 < page.model.rowCount() < whole
    assert set(column(page, "Role")) == {"Dispatcher"}
    assert page.table.hasFocus()
    settle(session, qtbot)
    assert workspace.entry.heading.title.full_text in column(page, "Post")


def test_typing_finds_chinese_by_the_initials_of_its_pinyin(
    qtbot: QtBot, session: Session, workspace: ConfigurationWorkspace
) -> None:
    page = open_topic(workspace, "team")
    wanted = shown(page)[0].values["name"]
    page.text.setFocus()
    QTest.keyClicks(page.text, initials(wanted))
    QTest.keyClick(page.text, Qt.Key.Key_Down)
    found = [item.values["name"] for item in shown(page)]
    assert wanted in found
    assert all(initials(wanted) in initials(name) for name in found)


def test_a_topic_is_found_in_the_command_field_from_anywhere(
    qtbot: QtBot, session: Session, workspace: ConfigurationWorkspace
) -> None:
    window = session.window
    window.show_workspace("dispatch")
    window.field.open()
    QTest.keyClicks(window.field, "opinion texts")
    qtbot.waitUntil(lambda: window.field.popup.list.count() > 0, timeout=LONG_MS)
    QTest.keyClick(window.field, Qt.Key.Key_Return)
    assert window.current is workspace
    assert workspace.page is workspace.pages["opinion_text"]


def test_what_others_save_comes_in_by_itself_and_the_record_says_who_and_why(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace
) -> None:
    page = open_topic(workspace, "department")
    key = choose(page, session, qtbot, id=1)
    with city.begin() as connection:
        connection.execute(text("SELECT set_config('city.reason', '机构改革', true)"))
        connection.execute(text("UPDATE city.department SET short_name = '新简称' WHERE id = 1"))
    qtbot.waitUntil(lambda: "新简称" in column(page, "Short name"), timeout=LONG_MS)
    settle(session, qtbot)
    assert workspace.entry.key == key
    said = " ".join(workspace.entry.history.texts)
    assert "city_owner" in said
    assert "Reason: 机构改革" in said
    assert "→ 新简称" in said
    workspace.topics.choose("record")
    qtbot.waitUntil(lambda: workspace.record.model.rowCount() > 0, timeout=LONG_MS)
    newest = workspace.record.model.index(0, 0).data(Qt.ItemDataRole.UserRole)
    assert (newest.subject, newest.login, newest.reason) == ("department", "city_owner", "机构改革")


def test_its_tables_stand_in_place_of_the_map_at_any_width(
    qtbot: QtBot, session: Session, workspace: ConfigurationWorkspace
) -> None:
    window = session.window
    window.resize(1366, 768)
    qtbot.waitUntil(lambda: window.width() < 1600, timeout=LONG_MS)
    assert workspace.stack.isVisible()
    assert workspace.entry.isVisible(), "beside the table, not over it"
    assert not window.desk.canvas.isVisible()
    assert not window.stage.is_detail_shown
    page = open_topic(workspace, "filing_condition")
    titles = [one.title for place, one in enumerate(page.model.columns) if not page.table.isColumnHidden(place)]
    assert "Filing condition" in titles
    assert "In force from" not in titles, "columns that can be spared give way"
    window.show_workspace("dispatch")
    assert window.desk.canvas.isVisible()
    assert not workspace.stack.isVisible()


def test_nobody_else_has_it(qtbot: QtBot, qapp: object, city: Engine, tmp_path: Path) -> None:
    made = sign_in(city, "shift_leader01", tmp_path, qapp)
    show(made, qtbot)
    assert "configuration" not in made.window.workspaces
    leave(made)
