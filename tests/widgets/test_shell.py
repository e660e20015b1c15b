"""Pieces of the shell by themselves: signing in, notices, child processes, faults."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from console.database.faults import DatabaseAway
from console.errors import ConsoleError
from console.models.staff import Person
from console.widgets.shared.background import Task
from console.widgets.shared.child import Child
from console.widgets.shared.operations import Failure
from console.widgets.shell.faults import Faults
from console.widgets.shell.login import LoginDialog
from console.widgets.shell.notices import Notices, NoticeStack
from console.widgets.shell.opening import OpeningWindow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

PEOPLE = [
    Person(1, "acceptor01", "受理员 01", "Acceptor 01", "acceptor", "监督中心", "Centre"),
    Person(2, "dispatcher01", "派遣员 01", "Dispatcher 01", "dispatcher", "指挥中心", "Command"),
]
HERE = Path(__file__).parent


def test_in_the_demonstration_city_enter_is_enough(qtbot: QtBot) -> None:
    dialog = LoginDialog("Demonstration city", PEOPLE, "en", last="dispatcher01")
    qtbot.addWidget(dialog)
    dialog.show()
    with qtbot.waitSignal(dialog.wanted) as caught:
        QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert caught.args == ["dispatcher01", ""]
    assert not dialog.enter.isEnabled()


def test_on_a_server_login_and_password_are_typed_and_a_refusal_is_said(qtbot: QtBot) -> None:
    dialog = LoginDialog("server:5432/city", [], "en")
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert "login" in dialog.problem.text()
    assert isinstance(dialog.who, QLineEdit)
    QTest.keyClicks(dialog.who, "wang")
    QTest.keyClicks(dialog.password, "secret")
    with qtbot.waitSignal(dialog.wanted) as caught:
        QTest.keyClick(dialog.password, Qt.Key.Key_Return)
    assert caught.args == ["wang", "secret"]
    dialog.fail("The database refused the user name or the password.")
    assert dialog.enter.isEnabled()
    assert "refused" in dialog.problem.text()


@pytest.fixture
def notices(qtbot: QtBot) -> Iterator[tuple[Notices, NoticeStack]]:
    parent = QWidget()
    parent.resize(900, 600)
    qtbot.addWidget(parent)
    made = Notices("en", parent)
    stack = NoticeStack(made, parent)
    parent.show()
    yield made, stack
    parent.close()


def test_the_same_notice_is_shown_once_and_three_at_most(notices: tuple[Notices, NoticeStack]) -> None:
    made, stack = notices
    for text in ("one", "one", "two", "three", "four"):
        made.post(text)
    assert stack.texts == ["two", "three", "four"]
    assert [n.text for n in made.kept] == ["one", "two", "three", "four"]


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Failure("x", ConsoleError("The disk is full."), is_write=False, handled=False), "The disk is full."),
        (Failure("x", ConsoleError("The disk is full."), is_write=False, handled=True), None),
        (Failure("x", ConsoleError("The disk is full."), is_write=True, handled=True), "Not saved: The disk is full."),
        (Failure("x", DatabaseAway("It is away."), is_write=False, handled=False), None),
        (Failure("x", ZeroDivisionError(), is_write=False, handled=False), "ZeroDivisionError"),
    ],
)
def test_failures_become_notices(notices: tuple[Notices, NoticeStack], failure: Failure, said: str | None) -> None:
    made, _ = notices
    made.report(failure)
    if said is None:
        assert made.kept == []
    else:
        assert said in made.kept[0].text


def test_a_child_that_dies_is_started_again_and_ends_with_us(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.widgets.shared.child.FIRST_DELAY_MS", 1)
    parent = QObject()
    child = Child(
        "sleeper", sys.executable, ["-c", "import time; print('up', flush=True); time.sleep(600)"], HERE, parent
    )
    child.start()
    qtbot.waitUntil(lambda: child.is_running and child.last_line == "up", timeout=20_000)
    first = child.process_id
    child._process.kill()
    qtbot.waitUntil(lambda: child.is_running and child.process_id not in {0, first}, timeout=20_000)
    child.end()
    assert not child.is_running


def test_work_in_the_background_reports_and_delivers_on_the_gui_thread(qtbot: QtBot) -> None:
    parent = QObject()
    heard: list[tuple[float, str]] = []

    def work(report: Callable[[float, str], None]) -> object:
        report(0.5, "half")
        return threading.current_thread()

    task = Task(work, parent)
    task.progressed.connect(lambda share, words: heard.append((share, words)))
    with qtbot.waitSignal(task.done) as caught:
        task.start()
    assert caught.args[0] is not threading.main_thread()
    assert heard == [(0.5, "half")]

    def fail(_report: Callable[[float, str], None]) -> object:
        raise ConsoleError("It did not work.")

    broken = Task(fail, parent)
    with qtbot.waitSignal(broken.failed) as caught:
        broken.start()
    assert str(caught.args[0]) == "It did not work."


def test_the_opening_window_says_how_far_it_is_and_what_went_wrong(qtbot: QtBot) -> None:
    opening = OpeningWindow()
    qtbot.addWidget(opening)
    opening.show()
    opening.show_step(0.25, "Case files")
    assert (opening.bar.value(), opening.step.text()) == (250, "Case files")
    opening.show_failure("No PostGIS. " * 30)
    assert not opening.bar.isVisible()
    # However long it is, all of it can be read.
    qtbot.waitUntil(lambda: opening.step.height() >= opening.step.heightForWidth(opening.step.width()))
    with qtbot.waitSignal(opening.given_up):
        QTest.mouseClick(opening.leave, Qt.MouseButton.LeftButton)


def test_what_nobody_catches_is_heard(qtbot: QtBot) -> None:
    faults = Faults()
    faults.install()
    try:
        with qtbot.waitSignal(faults.uncaught) as caught:
            thread = threading.Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()
        assert isinstance(caught.args[0], ZeroDivisionError)
    finally:
        faults.uninstall()
