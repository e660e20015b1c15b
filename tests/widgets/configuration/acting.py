"""What tests of the configuration do at the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from tests.widgets.desks import LONG_MS, settle, show, sign_in

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.configuration.page import TopicPage
    from console.widgets.configuration.workspace import ConfigurationWorkspace

CONTROL = Qt.KeyboardModifier.ControlModifier
ENTER = Qt.Key.Key_Return


def sit_down(city: Engine, login: str, folder: Path, app: object, qtbot: QtBot) -> Session:
    """An administrator's window with the workspace in front."""
    made = sign_in(city, login, folder, app)
    show(made, qtbot)
    made.window.show_workspace("configuration")
    made.window.activateWindow()
    qtbot.waitUntil(made.window.isActiveWindow, timeout=LONG_MS)
    settle(made, qtbot)
    return made


def open_topic(workspace: ConfigurationWorkspace, key: str) -> TopicPage:
    workspace.topics.choose(key)
    return workspace.pages[key]


def choose(page: TopicPage, session: Session, qtbot: QtBot, **wanted: object) -> str:
    """Mark the first row with these values, as a click does."""
    items = [page.model.index(row, 0).data(Qt.ItemDataRole.UserRole) for row in range(page.model.rowCount())]
    row = next(at for at, item in enumerate(items) if all(item.values[n] == v for n, v in wanted.items()))
    page.table.selectRow(row)
    settle(session, qtbot)
    return str(items[row].key)


def shown(page: TopicPage) -> list[Any]:
    """The rows of the table as they are narrowed down."""
    return [page.model.index(row, 0).data(Qt.ItemDataRole.UserRole) for row in range(page.model.rowCount())]


def column(page: TopicPage, title: str) -> list[str]:
    titles = [one.title for one in page.model.columns]
    at = titles.index(title)
    return [page.model.index(row, at).data() for row in range(page.model.rowCount())]


def ask(city: Engine, query: str, **values: Any) -> Any:
    with city.connect() as connection:
        return connection.execute(text(query), values).one()


def do(city: Engine, statement: str, **values: Any) -> None:
    with city.begin() as connection:
        connection.execute(text(statement), values)


def keyboard(session: Session) -> Any:
    """Where the keyboard is."""
    found = session.window.focusWidget()
    assert found is not None
    return found


def press(session: Session, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """A key, wherever the keyboard is."""
    QTest.keyClick(keyboard(session), key, modifier)


def type_in(session: Session, workspace: ConfigurationWorkspace, name: str, words: str) -> None:
    """Replace what a field of the form holds; Chinese as an input method gives it."""
    form = workspace.entry.form
    assert form is not None
    edit = form.rows[name].edit
    assert edit is not None
    edit.setFocus()
    inside = keyboard(session)
    inside.selectAll()
    inside.insert(words) if hasattr(inside, "insert") else inside.insertPlainText(words)


def save(workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot, reason: str) -> None:
    press(session, Qt.Key.Key_S, CONTROL)
    assert workspace.entry.is_review
    assert workspace.entry.review.reason.hasFocus()
    workspace.entry.review.reason.insert(reason)
    press(session, ENTER)
    settle(session, qtbot)
