"""What tests of the configuration do at the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from tests.widgets.desks import LONG_MS, settle, show, sign_in

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.configuration.page import TopicPage
    from console.widgets.configuration.workspace import ConfigurationWorkspace


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


def column(page: TopicPage, title: str) -> list[str]:
    titles = [one.title for one in page.model.columns]
    at = titles.index(title)
    return [page.model.index(row, at).data() for row in range(page.model.rowCount())]
