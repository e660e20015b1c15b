"""Duty rosters in the window: a swap is one field, one key lets all of them go on, and the record says why."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from console.widgets.configuration.roster_page import RosterPage
from tests.widgets.configuration.acting import CONTROL, ask, do, open_topic, press, save, shown, type_in
from tests.widgets.desks import LONG_MS, settle

if TYPE_CHECKING:
    from datetime import date

    from PySide6.QtCore import QModelIndex
    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.configuration.workspace import ConfigurationWorkspace

ALT = Qt.KeyboardModifier.AltModifier
PLAIN = Qt.KeyboardModifier.NoModifier


TOMORROW = "(now() AT TIME ZONE 'Asia/Shanghai')::date + 1"


@pytest.fixture
def planned(city: Engine) -> Engine:
    """A city where two posts work the first shift tomorrow and the day after."""
    do(
        city,
        f"INSERT INTO city.roster SELECT staff_id, {TOMORROW} + n, (SELECT min(id) FROM city.shift) FROM"
        " (SELECT DISTINCT staff_id FROM city.roster ORDER BY 1 LIMIT 2) AS s CROSS JOIN generate_series(0, 1) AS n"
        " ON CONFLICT DO NOTHING",
    )
    return city


def rosters(workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot) -> RosterPage:
    """The page, once its posts and days are there."""
    page = open_topic(workspace, "roster")
    assert isinstance(page, RosterPage)
    qtbot.waitUntil(lambda: page.cells.rowCount() > 0 and bool(page.buttons), timeout=LONG_MS)
    settle(session, qtbot)
    return page


def worked_cells(page: RosterPage) -> list[QModelIndex]:
    model = page.cells
    cells = [model.index(row, at) for row in range(model.rowCount()) for at in range(model.columnCount())]
    return [index for index in cells if model.cell(index) is not None]


def point_at(page: RosterPage, staff_id: int, day: date, modifier: Qt.KeyboardModifier = PLAIN) -> None:
    """A click into the cell of a post and day."""
    index = page.cells.place_of((staff_id, day))
    page.grid.scrollTo(index)
    place = page.grid.visualRect(index).center()
    QTest.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, modifier, place)


def test_cells_that_are_selected_get_a_shift_by_its_digit_or_are_freed(
    qtbot: QtBot, planned: Engine, session: Session, workspace: ConfigurationWorkspace
) -> None:
    page = rosters(workspace, session, qtbot)
    shifts = [one.id for one in workspace.register.references["shift"].values()]
    first, post = page.cells.posts[0], page.cells.posts[-1]
    assert first != post
    last = max(page.cells.duty(index)[1] for index in worked_cells(page))
    found = "SELECT day, shift_id FROM city.roster WHERE staff_id = :id AND day > :day ORDER BY day"
    point_at(page, post.id, last - timedelta(days=1))
    point_at(page, post.id, last, Qt.KeyboardModifier.ShiftModifier)
    press(session, Qt.Key.Key_2)
    texts = [page.cells.place_of((post.id, last - timedelta(days=back))).data() for back in (1, 0)]
    assert all(one.endswith(workspace.register.references["shift"][shifts[1]].name_en) for one in texts)
    assert page.buttons[1].text().endswith("  2"), "what the digit does is written on its button"
    point_at(page, first.id, last)
    press(session, Qt.Key.Key_Delete)
    save(workspace, session, qtbot, "swapped")
    with planned.connect() as connection:
        rows = connection.execute(text(found), {"id": post.id, "day": last - timedelta(days=2)}).all()
        gone = connection.execute(text(found), {"id": first.id, "day": last - timedelta(days=1)}).all()
    assert [tuple(row) for row in rows] == [(last - timedelta(days=1), shifts[1]), (last, shifts[1])]
    assert gone == []


def test_what_is_searched_for_in_the_rosters_is_a_table(
    qtbot: QtBot, planned: Engine, session: Session, workspace: ConfigurationWorkspace
) -> None:
    del planned
    page = rosters(workspace, session, qtbot)
    post = page.cells.posts[0]
    page.text.setText(post.login)
    qtbot.waitUntil(lambda: bool(shown(page)), timeout=LONG_MS)
    qtbot.waitUntil(lambda: {item.values["staff_id"] for item in shown(page)} == {post.id}, timeout=LONG_MS)
    assert page.table.isVisible()
    page.text.clear()
    assert page.grid.isVisible()


def test_two_posts_swap_a_shift(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace
) -> None:
    someone = f"INSERT INTO city.roster SELECT min(staff_id), {TOMORROW}, min(shift_id) FROM city.roster"
    do(city, f"{someone} ON CONFLICT DO NOTHING")
    page = rosters(workspace, session, qtbot)
    staff_id, day = max((page.cells.duty(index) for index in worked_cells(page)), key=lambda duty: duty[1])
    free = ask(
        city,
        "SELECT id, login FROM city.staff WHERE active AND login IS NOT NULL AND id NOT IN"
        " (SELECT staff_id FROM city.roster) ORDER BY id LIMIT 1",
    )
    point_at(page, staff_id, day)
    settle(session, qtbot)
    press(session, Qt.Key.Key_Return)
    type_in(session, workspace, "staff_id", free.login)
    press(session, Qt.Key.Key_Return)
    save(workspace, session, qtbot, "ill")
    who = "SELECT count(*) FROM city.roster WHERE day = :day AND staff_id = :id"
    assert ask(city, who, day=day, id=free.id)[0] == 1
    assert ask(city, who, day=day, id=staff_id)[0] == 0
    last = ask(city, "SELECT subject, reason FROM city.audit_log ORDER BY id DESC LIMIT 1")
    assert tuple(last) == ("roster", "ill")


def test_one_key_drafts_how_the_rosters_go_on_and_nothing_counts_before_it_is_saved(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace
) -> None:
    open_topic(workspace, "case_class")
    settle(session, qtbot)
    last, count = ask(city, "SELECT max(day), count(*) FROM city.roster")
    press(session, Qt.Key.Key_R, CONTROL | ALT)
    settle(session, qtbot)
    assert workspace.page is workspace.pages["roster"], "the rosters come to the front"
    draft = workspace.register.drafts["roster"]
    days = {draft.values(key)["day"] for key in draft.keys if draft.is_added(key)}
    assert days == {last + timedelta(days=n) for n in range(1, 15)}
    assert ask(city, "SELECT count(*) FROM city.roster")[0] == count
    drafted = draft.count
    press(session, Qt.Key.Key_R, CONTROL | ALT)
    settle(session, qtbot)
    assert draft.count == drafted, "what is drafted is not drafted twice"
    save(workspace, session, qtbot, "planned")
    assert ask(city, "SELECT max(day), count(*) FROM city.roster") == (last + timedelta(days=14), count + drafted)
