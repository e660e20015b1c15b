"""Accounts from the window: a post with a login, its password, locking it; tried by really signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from sqlalchemy import text

from console.database.connection import connect
from console.errors import ConsoleError
from console.models import staff
from tests.widgets.configuration.acting import CONTROL, ENTER, choose, open_topic, press, save, type_in
from tests.widgets.desks import LONG_MS, settle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.configuration.workspace import ConfigurationWorkspace

LOGIN = "window_probe"


@pytest.fixture(autouse=True)
def no_login_stays(city: Engine, administration: Engine) -> Iterator[None]:
    """Logins belong to the whole server."""
    yield
    with city.begin() as connection:
        connection.execute(text("DELETE FROM city.staff WHERE login = :login"), {"login": LOGIN})
    with administration.connect() as connection:
        connection.execute(text(f"DROP ROLE IF EXISTS {LOGIN}"))


def sign_in(city: Engine, password: str) -> str:
    """Sign in as the new login; the role that it works in."""
    engine = connect(city.url.set(username=LOGIN, password=password).render_as_string(hide_password=False))
    try:
        with engine.connect() as connection:
            return staff.signed_in(connection).role
    finally:
        engine.dispose()


def add_post(workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot) -> None:
    open_topic(workspace, "staff").table.setFocus()
    press(session, Qt.Key.Key_N, CONTROL)
    type_in(session, workspace, "login", LOGIN)
    type_in(session, workspace, "title", "受理员 99")
    type_in(session, workspace, "department_id", "2100")
    press(session, ENTER)
    save(workspace, session, qtbot, "新进人员")


def test_a_new_post_gets_a_login_that_really_signs_in(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace
) -> None:
    add_post(workspace, session, qtbot)
    account = workspace.entry.account
    assert account.isVisible()
    assert account.state.text() == f"{LOGIN}: no password yet"
    type_in_password = account.password
    type_in_password.setFocus()
    QTest.keyClicks(type_in_password, "short")
    assert type_in_password.echoMode() == QLineEdit.EchoMode.Password
    press(session, ENTER)
    assert "at least 10 characters" in account.problem.text()
    QTest.mouseClick(account.make, Qt.MouseButton.LeftButton)
    assert type_in_password.echoMode() == QLineEdit.EchoMode.Normal, "to be handed over"
    made = type_in_password.text()
    press(session, ENTER)
    settle(session, qtbot)
    assert f"{LOGIN} can sign in now." in session.notices.kept[-1].text
    assert sign_in(city, made) == "acceptor"
    qtbot.waitUntil(lambda: account.state.text() == f"{LOGIN}: open", timeout=LONG_MS)
    with city.connect() as connection:
        record = connection.execute(text("SELECT after::text FROM city.audit_log WHERE subject = 'login'")).scalars()
        assert not any(made in entry for entry in record), "the password itself is written down nowhere"


def test_a_password_is_reset_and_a_lock_shuts_out(
    qtbot: QtBot, city: Engine, session: Session, workspace: ConfigurationWorkspace
) -> None:
    add_post(workspace, session, qtbot)
    account = workspace.entry.account
    for password in ("the first of two words", "the second of two words"):
        account.password.setFocus()
        QTest.keyClicks(account.password, password)
        press(session, ENTER)
        settle(session, qtbot)
        assert account.password.text() == ""
    assert sign_in(city, "the second of two words") == "acceptor"
    with pytest.raises(ConsoleError, match="refused the user name or the password"):
        sign_in(city, "the first of two words")
    choose(open_topic(workspace, "staff"), session, qtbot, login=LOGIN)
    QTest.mouseClick(account.lock, Qt.MouseButton.LeftButton)
    assert workspace.entry.is_review, "why is asked at once"
    workspace.entry.review.reason.insert("离职")
    press(session, ENTER)
    settle(session, qtbot)
    assert account.state.text() == f"{LOGIN}: locked"
    assert not account.set.isEnabled()
    with pytest.raises(ConsoleError):
        sign_in(city, "the second of two words")
    QTest.mouseClick(account.lock, Qt.MouseButton.LeftButton)
    workspace.entry.review.reason.insert("返岗")
    press(session, ENTER)
    settle(session, qtbot)
    assert sign_in(city, "the second of two words") == "acceptor"


def test_a_post_that_is_changed_is_saved_first(
    qtbot: QtBot, session: Session, workspace: ConfigurationWorkspace
) -> None:
    choose(open_topic(workspace, "staff"), session, qtbot, login="acceptor02")
    account = workspace.entry.account
    assert account.set.isEnabled()
    type_in(session, workspace, "login", "acceptor_two")
    assert not account.set.isEnabled()
    assert account.hint.text() == "Save the changes of the post first."
