"""Less often than asked, and never without the last value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from console.widgets.shared.throttle import Debounce, Throttle

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_throttle_runs_the_first_at_once_and_then_only_the_last(qtbot: QtBot) -> None:
    parent = QObject()
    got: list[object] = []
    throttled = Throttle(20, got.append, parent)
    for n in range(5):
        throttled(n)
    assert got == [0]
    qtbot.waitUntil(lambda: got == [0, 4])


def test_throttle_rests_between_runs(qtbot: QtBot) -> None:
    parent = QObject()
    got: list[object] = []
    throttled = Throttle(10_000, got.append, parent)
    throttled(1)
    throttled(2)
    throttled.cancel()
    throttled(3)
    assert got == [1, 3]


def test_debounce_waits_for_quiet(qtbot: QtBot) -> None:
    parent = QObject()
    got: list[object] = []
    debounced = Debounce(20, got.append, parent)
    for n in range(5):
        debounced(n)
    assert got == []
    qtbot.waitUntil(lambda: got == [4])


def test_debounce_flushes_and_forgets(qtbot: QtBot) -> None:
    parent = QObject()
    got: list[object] = []
    debounced = Debounce(10_000, got.append, parent)
    debounced.flush()
    debounced("a")
    debounced.flush()
    debounced("b")
    debounced.cancel()
    debounced.flush()
    assert got == ["a"]
