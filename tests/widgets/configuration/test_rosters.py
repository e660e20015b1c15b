"""Duty rosters in the window: a swap is one field, one key lets all of them go on, and the record says why."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from tests.widgets.configuration.acting import CONTROL, ask, choose, do, open_topic, press, save, shown, type_in
from tests.widgets.desks import LONG_MS, settle

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.configuration.workspace import ConfigurationWorkspace

ALT = Qt.KeyboardModifier.AltModifier


def test_two_posts_swap_a_shift(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace
) -> None:
    tomorrow = "(now() AT TIME ZONE 'Asia/Shanghai')::date + 1"
    do(city, f"INSERT INTO city.roster SELECT min(staff_id), {tomorrow}, min(shift_id) FROM city.roster")
    page = open_topic(workspace, "roster")
    qtbot.waitUntil(lambda: bool(shown(page)), timeout=LONG_MS)
    settle(session, qtbot)
    values = shown(page)[-1].values
    free = ask(
        city,
        "SELECT id, login FROM city.staff WHERE active AND login IS NOT NULL AND id NOT IN"
        " (SELECT staff_id FROM city.roster) ORDER BY id LIMIT 1",
    )
    choose(page, session, qtbot, day=values["day"], staff_id=values["staff_id"])
    press(session, Qt.Key.Key_Return)
    type_in(session, workspace, "staff_id", free.login)
    press(session, Qt.Key.Key_Return)
    save(workspace, session, qtbot, "ill")
    who = "SELECT count(*) FROM city.roster WHERE day = :day AND staff_id = :id"
    assert ask(city, who, day=values["day"], id=free.id)[0] == 1
    assert ask(city, who, day=values["day"], id=values["staff_id"])[0] == 0
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
