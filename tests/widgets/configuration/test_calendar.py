"""The working calendar as a year, and seasonal hours, edited by keyboard; deadlines follow."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.widgets.configuration.acting import CONTROL, ENTER, ask, do, open_topic, press, save, type_in
from tests.widgets.desks import settle

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.configuration.workspace import ConfigurationWorkspace
    from console.widgets.configuration.year_page import YearPage

SHIFT = Qt.KeyboardModifier.ShiftModifier
LIMIT = "SELECT city.limit_end(CAST(:start AS timestamptz), 8 * 60, 'WD') AT TIME ZONE 'Asia/Shanghai'"


def year(workspace: ConfigurationWorkspace) -> YearPage:
    page: YearPage = open_topic(workspace, "calendar_day")  # type: ignore[assignment]
    page.grid.setFocus()
    return page


def monday_ahead(page: YearPage) -> date:
    """A Monday with a whole week of working days, a few weeks ahead."""
    day = page.grid.current + timedelta(days=14 - page.grid.current.weekday())
    draft = page._draft
    working = {draft.values(key)["day"] for key in draft.keys if draft.values(key)["is_working"]}
    while not all(day + timedelta(days=n) in working for n in range(5)):
        day += timedelta(days=7)
    return day


def test_days_are_taken_off_by_keyboard_and_limits_follow(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace
) -> None:
    page = year(workspace)
    monday = monday_ahead(page)
    start = f"{monday} 08:00+08"
    before = ask(city, LIMIT, start=start)[0]
    page.grid.go_to(monday - timedelta(days=1))
    press(session, Qt.Key.Key_Right)
    press(session, Qt.Key.Key_Right, SHIFT)
    assert page.grid.selected == [monday, monday + timedelta(days=1)]
    press(session, Qt.Key.Key_O)
    page.name.setText("停工")
    QTest.keyClick(page.name, ENTER)
    assert workspace.entry.key == str(monday + timedelta(days=1))
    assert "停工" in workspace.entry.heading.title.full_text
    save(workspace, session, qtbot, "停工两天")
    assert page.grid.hasFocus()
    found = ask(city, "SELECT is_working, name, assumed FROM city.calendar_day WHERE day = :day", day=monday)
    assert found == (False, "停工", False)
    after = ask(city, LIMIT, start=start)[0]
    assert (after.date() - before.date()).days >= 2
    press(session, Qt.Key.Key_W)
    assert page.bar.isVisible()
    save(workspace, session, qtbot, "照常")
    assert ask(city, "SELECT is_working FROM city.calendar_day WHERE day = :day", day=page.grid.current)[0] is True


def test_the_year_is_turned_and_filled_as_announced(
    session: Session, workspace: ConfigurationWorkspace, qtbot: QtBot
) -> None:
    page = year(workspace)
    this_year = page.grid.current.year
    press(session, Qt.Key.Key_PageDown)
    assert page.grid.current.year == this_year + 1
    press(session, Qt.Key.Key_PageDown)
    assert page.year.text() == str(this_year + 2)
    QTest.mouseClick(page.fill, Qt.MouseButton.LeftButton)
    draft = workspace.register.drafts["calendar_day"]
    days = 366 if (this_year + 2) % 4 == 0 else 365
    assert draft.count == days, "a year that was not there yet"
    assert f"{days} days of {this_year + 2} are drafted" in session.notices.kept[-1].text
    save(workspace, session, qtbot, "新年度")
    assert not draft.is_changed
    QTest.mouseClick(page.fill, Qt.MouseButton.LeftButton)
    assert not draft.is_changed, "it is as announced"


def test_a_click_chooses_and_drawing_over_days_selects_them(workspace: ConfigurationWorkspace) -> None:
    page = year(workspace)
    first, last = date(page.grid.current.year, 6, 8), date(page.grid.current.year, 6, 11)
    places = [page.grid.day_area(day).center() for day in (first, last)]
    QTest.mouseClick(page.grid, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[0])
    assert page.grid.selected == [first]
    assert workspace.entry.key == str(first)
    QTest.mouseClick(page.grid, Qt.MouseButton.LeftButton, SHIFT, places[1])
    assert len(page.grid.selected) == 4
    assert "4 days" in page.hours.full_text


def test_what_has_passed_is_refused_and_the_day_is_shown(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace
) -> None:
    do(
        city,
        """
        UPDATE city.case_file SET dispatched_at = reported_at
        WHERE id = (SELECT min(id) FROM city.case_file)
            AND NOT EXISTS (SELECT FROM city.case_file WHERE dispatched_at IS NOT NULL)
        """,
    )  # limits have run
    page = year(workspace)
    page.grid.go_to(page.grid.current - timedelta(days=7 + page.grid.current.weekday()))
    passed = page.grid.current
    press(session, Qt.Key.Key_Space)
    save(workspace, session, qtbot, "补记")
    form = workspace.entry.form
    assert form is not None
    assert "what has passed cannot be changed" in form.problem.text()
    assert workspace.entry.key == str(passed)
    workspace.register.drafts["calendar_day"].discard()


def test_searching_lists_days_by_name(qtbot: QtBot, session: Session, workspace: ConfigurationWorkspace) -> None:
    page = year(workspace)
    QTest.keyClick(page.grid, Qt.Key.Key_F, CONTROL)
    page.text.insert("国庆")
    press(session, ENTER)
    settle(session, qtbot)
    assert page.table.isVisible()
    assert 0 < page.model.rowCount() < 60
    page.text.clear()
    assert page.grid.isVisible()


def test_a_season_gets_its_own_hours_in_one_go(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace
) -> None:
    page = open_topic(workspace, "working_hours")
    draft = workspace.register.drafts["working_hours"]
    stored = list(draft.keys)
    first = date(workspace.pages["calendar_day"].grid.current.year + 1, 6, 1)  # type: ignore[attr-defined]
    for key in stored:
        page.mark(key)
        workspace.entry.show_row(page.topic, key)
        type_in(session, workspace, "valid_to", str(first - timedelta(days=1)))
    for begin, end, opens, closes in (
        (first, first + timedelta(days=121), "8:00", "12"),
        (first, first + timedelta(days=121), "15:00", "18:30"),
        (first + timedelta(days=122), date(2099, 12, 31), "08:00", "12:00"),
        (first + timedelta(days=122), date(2099, 12, 31), "14:00", "18:00"),
    ):
        page.table.setFocus()
        press(session, Qt.Key.Key_N, CONTROL)
        for name, words in (("valid_from", begin), ("valid_to", end), ("opens", opens), ("closes", closes)):
            type_in(session, workspace, name, str(words))
    save(workspace, session, qtbot, "夏季作息")
    hours = "SELECT min(opens), max(closes) FROM city.working_hours WHERE :day BETWEEN valid_from AND valid_to"
    assert ask(city, hours, day=first) == (time(8), time(18, 30))
    assert ask(city, hours, day=first + timedelta(days=122)) == (time(8), time(18))
    calendar = year(workspace)
    assert calendar.grid.hours_on(first) == "08:00–12:00  15:00–18:30"
    assert calendar.grid.hours_on(first - timedelta(days=1)) == "08:00–12:00  14:00–18:00"


def test_hours_that_overlap_are_refused_at_the_entry(
    qtbot: QtBot, session: Session, workspace: ConfigurationWorkspace
) -> None:
    page = open_topic(workspace, "working_hours")
    page.table.setFocus()
    press(session, Qt.Key.Key_N, CONTROL)
    for name, words in (
        ("valid_from", "2098-01-01"),
        ("valid_to", "2098-12-31"),
        ("opens", "11:00"),
        ("closes", "15:00"),
    ):
        type_in(session, workspace, name, words)
    save(workspace, session, qtbot, "试")
    form = workspace.entry.form
    assert form is not None
    told = form.rows["opens"].problem.text()
    assert "overlap" in told
    assert workspace.register.drafts["working_hours"].count == 1, "what was typed stays"
