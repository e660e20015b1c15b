"""The running program: from the opening window through signing in to the main window, and back in order."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from console import lifeline
from console.database.connection import connect, normalise, server_name
from console.database.migrations import migrate, require_head
from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models import areas, staff
from console.run import STARTED
from console.settings import LANGUAGES, THEMES
from console.simulation.generator import DEMONSTRATION_PASSWORD, is_empty
from console.simulation.maker import CityMaker
from console.widgets.shared import language
from console.widgets.shared.background import Task
from console.widgets.shared.child import Child
from console.widgets.shared.garbage import Garbage
from console.widgets.shared.style import Look
from console.widgets.shell.base_map import Choice
from console.widgets.shell.faults import EndSignals, Faults, write_log
from console.widgets.shell.login import LoginDialog
from console.widgets.shell.opening import OpeningWindow
from console.widgets.shell.screenshots import SIZE, Screenshots
from console.widgets.shell.workspaces import WORKSPACES, front, rooms_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from console.models.layers import Extent
    from console.models.staff import Person
    from console.run import Run, Server
    from console.session import Session

ROOT = Path(__file__).resolve().parent.parent
GATEWAY_OPTIONS = ("--listen", "127.0.0.1", "--free-ports", "yes")
"""The demonstration city's gateway is reached from this machine alone, on whatever ports are free."""
TURN_S = 0.001
"""Seconds that a thread of the pool keeps the interpreter while the window waits for it; Python's own 0.005 add up, as
painting waits for it many times in one frame."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """The database that the console works with.

    Attributes:
        url: of the private cluster's owner, or as it was given.
        people: who may sign in without a password of their own; none on a department's server.
    """

    url: str
    people: tuple[Person, ...]

    @property
    def is_demonstration(self) -> bool:
        """Whether it is the demonstration city."""
        return bool(self.people)


@dataclass(frozen=True)
class SignedIn:
    """An open way into the database as one person."""

    engine: Engine
    url: str
    person: Person
    home: Extent | None


def run_program(run: Run, server: Server | None = None) -> int:
    """Show the console until it is closed; returns the exit code.

    Args:
        run: what is asked for.
        server: the private one; none when `run` names a database.

    Raises:
        ConsoleError: the data folder cannot be written to, or a resource is missing.
    """
    settings = run.settings
    try:
        write_log(settings.data_dir / "logs", settings.log_level)
        if run.screenshots is not None:
            _set_screen(settings.data_dir / "screen.json")
    except OSError as fault:
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors", "The folder {folder} cannot be written to: {reason}. Choose another --data-dir."
            ),
            folder=settings.data_dir,
            reason=fault.strerror,
        ) from fault
    sys.setswitchinterval(TURN_S)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("yuncheng-console")
    app.setQuitOnLastWindowClosed(False)
    program = Program(app, run, server)
    QTimer.singleShot(0, program.start)
    app.exec()
    return program.exit_code


def _set_screen(path: Path) -> None:
    """Give Qt's screenless platform one screen that is as large as the pictures."""
    screen = {"name": "picture", "x": 0, "y": 0, "width": SIZE.width(), "height": SIZE.height()}
    path.write_text(json.dumps({"screens": [{**screen, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}]}))
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={path}"


class Program(QObject):
    """Leads from one step of the program to the next; everything that takes time runs off the GUI thread."""

    def __init__(self, app: QApplication, run: Run, server: Server | None) -> None:
        super().__init__()
        self.exit_code = 0
        self._app, self._run, self._server = app, run, server
        self._memory = self._open_memory()
        self._language = self._choice("language", run.settings.language, LANGUAGES)
        language.install(app, self._language)
        Look.apply(app, self._choice("theme", run.settings.theme, THEMES))
        self._place: Place | None = None
        self._session: Session | None = None
        self._login: LoginDialog | None = None
        self._task: Task | None = None
        self._children: list[Child] = []
        self._maker = server.maker if server is not None else None
        self._pictures: Screenshots | None = None
        self._is_ending = False
        self._began = STARTED
        self._garbage = Garbage(self)
        self._garbage.start()
        self._faults = Faults(self)
        self._faults.install()
        self._faults.uncaught.connect(self._on_fault)
        self._signals = EndSignals(self)
        self._signals.install()
        self._signals.wanted.connect(self.end)
        self._opening = OpeningWindow()
        self._opening.given_up.connect(self.end)

    def start(self) -> None:
        """Open the database; the window follows."""
        if self._run.screenshots is None:
            self._opening.show()
        # What it needs of them the sign-in waits for by itself; what goes wrong is seen there, too.
        threading.Thread(target=_load_ahead, name="load", daemon=True).start()
        self._do(self._open_database, self._on_open, self._on_failed_start)

    # Steps

    def _open_database(self, report: Callable[[float, str], None]) -> Place:
        if self._server is None:
            given = self._run.settings.database or ""
            report(-1, self.tr("Connecting to {server} …").format(server=server_name(normalise(given))))
            return Place(given, ())
        report(-1, self.tr("Starting the database …"))
        url = self._server.url.result()
        engine = connect(url, application="console start", statement_timeout_s=0)
        try:
            report(-1, self.tr("Preparing the schema …"))
            migrate(engine)
            with engine.connect() as connection:
                needs_city = is_empty(connection)
            if needs_city:
                self._maker = self._maker or CityMaker()
                self._maker.fill(url, lambda share, words: report(share, QCoreApplication.translate("seeding", words)))
            with engine.connect() as connection:
                return Place(url, tuple(staff.people_with_login(connection)))
        finally:
            engine.dispose()

    def _on_open(self, place: Place) -> None:
        self._garbage.settle()
        self._place = place
        if self._run.screenshots is not None:
            self._start_city(place)
        settings = self._run.settings
        given = normalise(place.url)
        if settings.user is not None:
            self._sign_in(settings.user, self._run.password, self._on_failed_start)
        elif self._run.screenshots is not None and place.is_demonstration:
            everything = [p for p in place.people if all(p.role in room.roles for room in WORKSPACES)]
            self._sign_in((everything or list(place.people))[0].login, "", self._on_failed_start)
        elif not place.is_demonstration and given.username and given.password:
            self._sign_in(given.username, str(given.password), self._on_failed_start)
        else:
            self._ask_who()

    def _ask_who(self) -> None:
        place = self._place
        if place is None or self._is_ending:
            return
        self._opening.finish()
        where = self.tr("Demonstration city") if place.is_demonstration else server_name(normalise(place.url))
        last = str(self._memory.value("login", normalise(place.url).username if not place.people else ""))
        dialog = self._login = LoginDialog(where, place.people, self._language, last or "")
        dialog.wanted.connect(lambda login, password: self._sign_in(login, password, self._on_refused))
        dialog.rejected.connect(self.end)
        dialog.show()

    def _sign_in(self, login: str, password: str, failed: Callable[[Exception], object]) -> None:
        place = self._place
        if place is None:
            return
        if self._login is not None:
            # Whoever types a name is not counted as part of the start.
            self._began = time.monotonic()
        if not password and place.is_demonstration:
            password = DEMONSTRATION_PASSWORD
        url = normalise(place.url).set(username=login, password=password or None)
        remembered = str(self._memory.value(f"person/{login}/workspace", ""))

        def work(report: Callable[[float, str], None]) -> SignedIn:
            report(-1, QCoreApplication.translate("Program", "Signing in …"))
            rendered = url.render_as_string(hide_password=False)
            engine = connect(rendered)
            try:
                require_head(engine)
                with engine.connect() as connection:
                    person, home = staff.signed_in(connection), areas.city_extent(connection)
                if rooms := rooms_of(person.role):
                    front(rooms, remembered).load()
                _load_session()
                return SignedIn(engine, rendered, person, home)
            except Exception:
                engine.dispose()
                raise

        self._do(work, self._on_signed_in, failed)

    def _on_refused(self, error: Exception) -> None:
        if self._login is not None:
            self._login.fail(self._words_for(error))

    def _on_signed_in(self, signed_in: SignedIn) -> None:
        if self._place is None:
            return
        person = signed_in.person
        if not rooms_of(person.role):
            signed_in.engine.dispose()
            error = ConsoleError(
                QT_TRANSLATE_NOOP("errors", "The role {role} has no workspace in this console."), role=person.role
            )
            (self._on_failed_start if self._login is None else self._on_refused)(error)
            return
        self._memory.setValue("login", person.login)
        memory = self._open_memory()
        memory.beginGroup(f"person/{person.login}")
        self._session = _load_session()(
            signed_in.engine,
            signed_in.url,
            person,
            signed_in.home,
            memory,
            self._language,
            is_demonstration=self._place.is_demonstration,
            base_map=Choice(self._run.settings.base_map, self._run.settings.base_map_key),
            parent=self,
        )
        self._session.ended.connect(self.end)
        self._session.sign_out_wanted.connect(self._sign_out)
        self._session.appearance_changed.connect(self._remember_appearance)
        self._session.renewed.connect(self._garbage.collect)
        self._session.opened.connect(self._on_opened)
        self._session.usable.connect(self._on_usable)
        self._session.complete.connect(self._on_complete)
        self._session.start()

    def _on_opened(self) -> None:
        if self._session is None or self._is_ending:
            return
        self._session.window.show()
        self._opening.finish()
        if self._login is not None:
            self._login.rejected.disconnect()
            self._login.accept()
            self._login = None

    def _on_usable(self) -> None:
        log.info("map usable after %.2f s", time.monotonic() - self._began)

    def _on_complete(self) -> None:
        log.info("all workspaces there after %.2f s", time.monotonic() - self._began)
        if self._place is None or self._session is None or self._is_ending:
            return
        # Not before: loading it takes a processor for a second, which the window needs.
        self._start_city(self._place)
        if self._run.screenshots is not None and self._pictures is None:
            self._pictures = Screenshots(self._session.window, self._run.screenshots, self)
            self._pictures.done.connect(self.end)
            self._pictures.failed.connect(self._on_failed_start)
            self._pictures.start()

    def _sign_out(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            session.close()
            session.deleteLater()
            self._garbage.collect()
        self._ask_who()

    # The end

    def end(self) -> None:
        """End the program in order: window, database work, child processes, private cluster."""
        if self._is_ending:
            return
        self._is_ending = True
        log.info("ending")
        for window in (self._opening, self._login):
            if window is not None:
                window.hide()
        if self._session is not None:
            self._session.close()
        for child in self._children:
            child.end()
        if self._maker is not None:
            self._maker.end()
        if self._task is not None:
            self._task.wait()
        if self._server is not None:
            try:
                self._server.cluster.leave()
            except ConsoleError as error:
                log.warning("the cluster was not left in order: %s", error)
        self._memory.sync()
        self._garbage.close()
        self._signals.close()
        self._faults.uninstall()
        self._app.quit()

    def _on_failed_start(self, error: Exception) -> None:
        """Without a window to show it in, a failure of the start ends the program."""
        self.exit_code = 1
        text = self._words_for(error)
        log.error("the start failed", exc_info=error)
        sys.stderr.write(text + "\n")
        if self._run.screenshots is not None:
            self.end()
        else:
            self._opening.show()
            self._opening.show_failure(text)

    def _on_fault(self, error: BaseException) -> None:
        if self._session is not None:
            self._session.notices.post(self._session.notices.words_for(error), "high")
        elif isinstance(error, Exception):
            self._on_failed_start(error)

    # Helpers

    def _do(
        self,
        work: Callable[[Callable[[float, str], None]], Any],
        done: Callable[[Any], object],
        failed: Callable[[Exception], object],
    ) -> None:
        def unless_ending(react: Callable[[Any], object], result: Any) -> None:
            self._task = None
            if not self._is_ending:
                react(result)

        self._task = Task(work, self)
        self._task.progressed.connect(self._opening.show_step)
        self._task.done.connect(partial(unless_ending, done))
        self._task.failed.connect(partial(unless_ending, failed))
        self._task.start()

    def _start_city(self, place: Place) -> None:
        """Keep the demonstration city alive: what happens in it, and the gateway that judges what comes in.

        Of several consoles on one data folder each starts both; one of each works, the others stand by.
        """
        if self._children or not (place.is_demonstration and self._run.simulate):
            return
        settings = self._run.settings
        shared = ["--data-dir", str(settings.data_dir), "--log-level", settings.log_level, lifeline.OPTION]
        for name, further in (("simulation", ()), ("gateway", GATEWAY_OPTIONS)):
            arguments = ["-m", f"console.{name}", *shared, *further]
            child = Child(name, sys.executable, arguments, ROOT, self)
            self._children.append(child)
            child.start()

    def _open_memory(self) -> QSettings:
        """What is remembered lies in the data folder, never among the settings of the user's account."""
        name = "window.ini" if self._run.screenshots is None else "screenshots.ini"
        memory = QSettings(str(self._run.settings.data_dir / name), QSettings.Format.IniFormat)
        if self._run.screenshots is not None:
            memory.clear()
        return memory

    def _choice(self, name: str, asked: str, allowed: tuple[str, ...]) -> str:
        """What was asked for on the command line wins over what was chosen in the window last time."""
        kept = str(self._memory.value(name, asked))
        return kept if kept in allowed and name not in self._run.given else asked

    def _remember_appearance(self, window_language: str, theme: str) -> None:
        self._language = window_language
        self._memory.setValue("language", window_language)
        self._memory.setValue("theme", theme)

    def _words_for(self, error: BaseException) -> str:
        if isinstance(error, ConsoleError):
            return error.text(self._language)
        log.error("a fault of ours", exc_info=error)
        return self.tr("The program made a mistake ({kind}). It is written down in the log in {folder}.").format(
            kind=type(error).__name__, folder=self._run.settings.data_dir / "logs"
        )


def _load_session() -> type[Session]:
    """The part of the program that begins with signing in; the first time that takes half a second, on any thread."""
    from console.session import Session  # noqa: PLC0415 - the window that opens first is not to wait for it

    return Session


def _load_ahead() -> None:
    """Load, while the database is opened, what a window and its first reads need."""
    _load_session()
    WORKSPACES[0].load()
    import_module("numpy.ma")  # by numpy itself, when it first looks for what is unique
