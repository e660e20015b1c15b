"""What widget tests get: the application in its look and English, operations on a real database."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from console.database.connection import connect
from console.widgets.shared import language
from console.widgets.shared.operations import Operations
from console.widgets.shared.style import Look
from tests.desks import Desks
from tests.widgets.desks import leave, show, sign_in
from tests.widgets.seat import Seat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session


@pytest.fixture(scope="session", autouse=True)
def settled() -> None:
    """What is loaded before the first test is no garbage, and is not looked at after each of them."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def collected(qapp: QApplication) -> Iterator[None]:
    """The windows of a test end after it on this thread, as in the program; Python would end them on any, some day."""
    gc.disable()
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def app(qapp: QApplication) -> QApplication:
    """The application in the dark theme and in English."""
    Look.apply(qapp, "dark")
    language.install(qapp, "en")
    return qapp


@pytest.fixture
def operations(qtbot: QtBot, empty_database: Engine) -> Iterator[Operations]:
    """Operations on a migrated database without a city; closed at the end."""
    url = empty_database.url.render_as_string(hide_password=False)
    engine = connect(url, readers=4)
    made = Operations(engine)
    yield made
    made.close()
    engine.dispose()


@pytest.fixture
def desks(database: Engine) -> Iterator[Desks]:
    """The posts of the city, to move its cases from outside the window."""
    made = Desks(database)
    yield made
    made.close()


@pytest.fixture
def sit_down(qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path) -> Iterator[Callable[[str], Session]]:
    """Opens the window of a login; all of them sign out at the end."""
    sessions: list[Session] = []

    def sit(login: str) -> Session:
        made = sign_in(database, login, tmp_path, qapp)
        sessions.append(made)
        show(made, qtbot)
        return made

    yield sit
    for session in sessions:
        leave(session)


@pytest.fixture
def take_seat(qtbot: QtBot, sit_down: Callable[[str], Session]) -> Callable[[str], Seat]:
    """Sits a login down; whoever has sat down already finds it as he left it."""
    seats: dict[str, Seat] = {}

    def take(login: str) -> Seat:
        if login not in seats:
            seats[login] = Seat(sit_down(login), qtbot)
        seats[login].session.window.activateWindow()
        return seats[login]

    return take


@pytest.fixture
def leader(sit_down: Callable[[str], Session]) -> Session:
    """A shift leader at the window."""
    return sit_down("shift_leader01")


@pytest.fixture
def acceptor(sit_down: Callable[[str], Session]) -> Session:
    """An acceptor at the window."""
    return sit_down("acceptor01")
