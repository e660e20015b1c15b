"""Nothing of a window outlives it: another theme, another language, somebody else who signs in."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication

from console.widgets.shared.desk import Thing
from tests.widgets.desks import LONG_MS, leave, settle, show, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session

LOGINS = ("acceptor01", "engineer01")
"""Of roles with different workspaces."""
PAUSE_MS = 500

Parts = dict[str, "weakref.ref[object]"]


def parts_of(session: Session) -> Parts:
    """What a window is made of, to see whether it is still there."""
    window = session.window
    desk = window.desk
    parts = {"window": window, "desk": desk, "map": desk.canvas, "stage": window.stage, "actions": desk.actions}
    return {name: weakref.ref(part) for name, part in {**parts, **window.workspaces}.items()}


def left_of(parts: Parts, qtbot: QtBot) -> list[str]:
    """What of it is still there, once what was under way for it has come to its end."""
    left = list(parts)
    for _ in range(LONG_MS // PAUSE_MS):
        gc.collect()
        left = [name for name, part in parts.items() if part() is not None]
        if not left:
            break
        qtbot.wait(PAUSE_MS)
    return left


def look_round(session: Session, qtbot: QtBot) -> None:
    """Look at everything once, so that what is made when it is first looked at is there."""
    for key in session.window.workspaces:
        session.window.show_workspace(key)
        settle(session, qtbot)
    session.window.desk.selection.select(Thing("manhole", "1"))
    settle(session, qtbot)


def change(session: Session, qtbot: QtBot, key: str) -> Parts:
    """Choose another theme or language; returns the parts of the window that went."""
    old = parts_of(session)
    with qtbot.waitSignal(session.renewed, timeout=LONG_MS):
        session.window.desk.actions[key].trigger()
    settle(session, qtbot)
    return old


@pytest.mark.slow
@pytest.mark.parametrize("login", LOGINS)
def test_nothing_is_left_of_a_window_in_another_theme_or_language(
    qtbot: QtBot, sit_down: Callable[[str], Session], login: str
) -> None:
    session = sit_down(login)
    look_round(session, qtbot)
    assert left_of(change(session, qtbot, "theme"), qtbot) == []
    look_round(session, qtbot)
    assert left_of(change(session, qtbot, "language"), qtbot) == []


def test_nothing_is_left_of_whoever_signed_out(
    qtbot: QtBot, qapp: QApplication, database: Engine, tmp_path: Path
) -> None:
    gc.collect()
    widgets = len(QApplication.allWidgets())
    for login in ("acceptor01", "supervisor01"):
        session = sign_in(database, login, tmp_path, qapp)
        show(session, qtbot)
        look_round(session, qtbot)
        old = parts_of(session)
        for name in ("operations", "changes", "notices", "unsent", "clock", "hours"):
            old[name] = weakref.ref(getattr(session, name))
        old["session"] = weakref.ref(session)
        leave(session)
        del session
        assert left_of(old, qtbot) == []
        assert len(QApplication.allWidgets()) <= widgets
