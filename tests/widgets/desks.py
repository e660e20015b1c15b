"""Several desks on one city: windows of real logins of the demonstration city."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QSettings, QTimer

from console.database.connection import connect
from console.models import areas, staff
from console.session import Session
from console.simulation.generator import DEMONSTRATION_PASSWORD
from console.widgets.alarms.sound import MUTED

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

LONG_MS = 20_000


def sign_in(database: Engine, login: str, folder: Path, app: object, *, whole: bool = True) -> Session:
    """A session of `login`, with its rights and nothing more; if not `whole`, as it is when its window opens."""
    url = database.url.set(username=login, password=DEMONSTRATION_PASSWORD)
    address = url.render_as_string(hide_password=False)
    engine = connect(address)
    with engine.connect() as connection:
        person, home = staff.signed_in(connection), areas.city_extent(connection)
    memory = QSettings(str(folder / f"{login}.ini"), QSettings.Format.IniFormat)
    memory.setValue(MUTED, True)
    made = Session(engine, address, person, home, memory, "en", is_demonstration=True, parent=app)  # type: ignore[arg-type]
    build(made, whole=whole)
    return made


def build(session: Session, *, whole: bool = True) -> None:
    """Let the window be built, `whole` or with the one workspace that the program shows before the others."""
    built = QEventLoop()
    if whole:
        session.opened.connect(session.furnish)
    (session.complete if whole else session.opened).connect(built.quit)
    QTimer.singleShot(LONG_MS, built, built.quit)
    session.start()
    built.exec()


def show(session: Session, qtbot: QtBot) -> None:
    """Show its window and wait until the database is heard and nothing is under way."""
    session.window.resize(1920, 1080)
    session.window.show()
    heard = session.changes
    qtbot.waitUntil(lambda: heard.state is not None and heard.state.connected, timeout=LONG_MS)
    settle(session, qtbot)


def settle(session: Session, qtbot: QtBot) -> None:
    """Wait until nothing is under way."""
    qtbot.waitUntil(lambda: session.operations.busy == 0, timeout=LONG_MS)


def leave(session: Session) -> None:
    """Sign out; the window goes."""
    session.window.hide()
    session.close()
    session.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
