"""A leader saves a map page and the browser opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from sqlalchemy import text

from console.models import cases
from console.models.cases import CaseFilter
from console.models.thematic import AreaKind
from console.widgets.supervision.map_page import HEAT, MapPageForm
from tests.widgets.desks import LONG_MS, leave, settle, show, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.supervision.map_page import MapPages


class Browser(QObject):
    """Takes files in the place of the system's browser."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        """Called by Qt."""
        self.opened.append(url.toLocalFile())


@pytest.fixture
def browser(qapp: object) -> Iterator[Browser]:
    made = Browser()
    # PySide 6.11 takes the name as text only, whatever its type hint says.
    cast("Any", QDesktopServices).setUrlHandler("file", made, "open")
    yield made
    QDesktopServices.unsetUrlHandler("file")


@pytest.fixture
def session(qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path) -> Iterator[Session]:
    made = sign_in(database, "supervisor01", tmp_path, qapp)
    show(made, qtbot)
    made.window.show_workspace("supervision")
    settle(made, qtbot)
    yield made
    leave(made)


def pages_of(session: Session) -> MapPages:
    return session.window.workspaces["supervision"].pages  # type: ignore[attr-defined,no-any-return]


def open_form(session: Session, qtbot: QtBot) -> MapPageForm:
    session.window.activateWindow()
    qtbot.waitUntil(session.window.isActiveWindow, timeout=LONG_MS)
    QTest.keyClick(session.window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    form = pages_of(session).form
    assert form is not None
    qtbot.waitUntil(form.isVisible, timeout=LONG_MS)
    return form


def save(session: Session, form: MapPageForm, path: Path, qtbot: QtBot) -> str:
    """Press save and name the file; returns the page."""
    pages = pages_of(session)
    QTest.mouseClick(form.save, Qt.MouseButton.LeftButton)
    assert pages.dialog is not None
    with qtbot.waitSignal(pages.saved, timeout=LONG_MS):
        pages.dialog.fileSelected.emit(str(path))
        pages.dialog.close()
    return path.read_text(encoding="utf-8")


def test_the_closure_rate_of_communities_is_saved_and_opened(
    qtbot: QtBot, session: Session, database: Engine, browser: Browser, tmp_path: Path
) -> None:
    form = open_form(session, qtbot)
    form.theme.setCurrentIndex(form.theme.findData("closure_rate"))
    form.areas.setCurrentIndex(form.areas.findData(AreaKind.COMMUNITY))
    form.period.setCurrentIndex(form.period.findData("whole"))
    assert form.areas.isVisible()
    assert not form.listed.isVisible()
    path = tmp_path / "page.html"
    page = save(session, form, path, qtbot)
    assert "Closure rate · Communities" in page
    assert "All that there is" in page
    assert session.person.title_en in page
    with database.connect() as connection:
        for name in connection.scalars(text("SELECT name FROM city.community")):
            assert name.encode("unicode_escape").decode() in page
    assert browser.opened == [str(path)]
    assert f"The map page was saved to {path}." in [notice.text for notice in session.notices.kept]


def test_the_listed_cases_are_saved_as_a_heat_map_and_not_opened_unless_wanted(
    qtbot: QtBot, session: Session, database: Engine, browser: Browser, tmp_path: Path
) -> None:
    panel = session.window.workspaces["supervision"].cases  # type: ignore[attr-defined]
    panel.show_cases({"zone_ids": 1})
    settle(session, qtbot)
    form = open_form(session, qtbot)
    form.theme.setCurrentIndex(form.theme.findData(HEAT))
    assert not form.areas.isVisible()
    assert "Zone: " in form.listed.text()
    form.opens.setChecked(False)
    page = save(session, form, tmp_path / "heat.html", qtbot)
    with database.connect() as connection:
        count = cases.count(connection, CaseFilter(zone_ids=frozenset({1})))
    assert f"cases: {count:,}" in page
    assert "L.heatLayer" in page
    assert browser.opened == []


def test_a_folder_that_is_not_there_is_told_and_the_next_page_can_be_made(
    qtbot: QtBot, session: Session, browser: Browser, tmp_path: Path
) -> None:
    form = open_form(session, qtbot)
    pages = pages_of(session)
    QTest.mouseClick(form.save, Qt.MouseButton.LeftButton)
    assert pages.dialog is not None
    pages.dialog.fileSelected.emit(str(tmp_path / "no" / "page.html"))
    pages.dialog.close()
    assert pages.is_under_way
    pages.ask()
    assert "already" in session.notices.kept[-1].text
    qtbot.waitUntil(lambda: not pages.is_under_way, timeout=LONG_MS)
    assert "choose another folder" in session.notices.kept[-1].text
    save(session, open_form(session, qtbot), tmp_path / "page.html", qtbot)
    assert browser.opened == [str(tmp_path / "page.html")]
