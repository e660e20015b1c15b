"""Reference cycles end on the GUI thread, whoever made them."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import TYPE_CHECKING

import pytest

from console.widgets.shared.garbage import YOUNG, Garbage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


class Knot:
    """Refers to itself, so that only a collector ends it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def garbage(qtbot: QtBot) -> Iterator[Garbage]:
    made = Garbage()
    made.start()
    yield made
    made.close()


def test_a_cycle_that_a_thread_leaves_ends_on_the_gui_thread(qtbot: QtBot, garbage: Garbage) -> None:
    ended: list[threading.Thread] = []

    def work() -> None:
        knot = Knot()
        weakref.finalize(knot, lambda: ended.append(threading.current_thread()))
        del knot
        # Python itself would collect here, many times over.
        kept: list[list[int]] = [[] for _ in range(100 * YOUNG)]
        del kept

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not ended
    # Many more than are worth a look: what earlier tests have left and goes meanwhile is counted against them.
    kept: list[list[int]] = [[] for _ in range(50 * YOUNG)]
    qtbot.waitUntil(lambda: bool(ended))
    assert ended == [threading.main_thread()]
    del kept


def test_what_settled_is_not_looked_at_again_until_the_end(garbage: Garbage) -> None:
    knot = Knot()
    ended = weakref.finalize(knot, lambda: None)
    garbage.settle()
    del knot
    gc.collect()
    assert ended.alive
    garbage.close()
    gc.collect()
    assert not ended.alive


def test_afterwards_python_collects_again(garbage: Garbage) -> None:
    assert not gc.isenabled()
    garbage.close()
    assert gc.isenabled()


def test_what_is_old_is_looked_at_soon_when_something_large_is_gone(
    qtbot: QtBot, garbage: Garbage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.widgets.shared.garbage.REST", 1)
    knot = Knot()
    ended = weakref.finalize(knot, lambda: None)
    gc.collect()
    assert any(one is knot for one in gc.get_objects(generation=2))
    del knot
    qtbot.wait(1_500)
    assert ended.alive
    garbage.collect()
    qtbot.waitUntil(lambda: not ended.alive)
