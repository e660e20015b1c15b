"""Work in steps: the event loop has its turns in between, and parts of a window are painted one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from console.widgets.shared.steps import Steps, Unveiling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


class Noted(QLabel):
    """Notes when it is painted."""

    def __init__(self, name: str, notes: list[str]) -> None:
        super().__init__(name)
        self._notes = notes

    def paintEvent(self, event: object) -> None:
        """Note it."""
        self._notes.append(self.text())
        super().paintEvent(event)  # type: ignore[arg-type]


@pytest.fixture
def owner(qapp: object) -> Iterator[QObject]:
    """Whose the steps are."""
    made = QObject()
    yield made
    made.deleteLater()


def test_whatever_waits_has_its_turn_between_two_steps(qtbot: QtBot, owner: QObject) -> None:
    notes: list[str] = []

    def work() -> Iterator[None]:
        for step in ("first", "second"):
            notes.append(step)
            QTimer.singleShot(0, owner, lambda step=step: notes.append(f"after the {step}"))
            yield

    steps = Steps(work(), owner)
    with qtbot.waitSignal(steps.finished):
        steps.start()
    assert notes == ["first", "after the first", "second", "after the second"]
    assert not steps.is_running


def test_steps_that_are_left_can_be_taken_at_once(qtbot: QtBot, owner: QObject) -> None:
    taken: list[int] = []

    def work() -> Iterator[None]:
        for step in range(3):
            taken.append(step)
            yield

    steps = Steps(work(), owner)
    steps.start()
    with qtbot.waitSignal(steps.finished):
        steps.finish()
    assert taken == [0, 1, 2]


def test_a_step_that_fails_is_the_last(qtbot: QtBot, owner: QObject) -> None:
    def work() -> Iterator[None]:
        yield
        raise ValueError("broken")

    steps = Steps(work(), owner)
    with qtbot.captureExceptions() as caught:
        steps.start()
        qtbot.waitUntil(lambda: bool(caught))
    assert caught[0][0] is ValueError
    assert not steps.is_running


def test_parts_are_painted_in_their_order_and_all_of_them_when_it_is_cut_short(qtbot: QtBot) -> None:
    notes: list[str] = []
    window = QWidget()
    qtbot.addWidget(window)
    row = QHBoxLayout(window)
    parts = [Noted(name, notes) for name in ("list", "map", "details")]
    for part in reversed(parts):
        row.addWidget(part)
    first = Unveiling(parts, window)
    with qtbot.waitExposed(window):
        window.show()
    assert notes == []
    with qtbot.waitSignal(first.finished):
        first.start()
    qtbot.waitUntil(lambda: len(notes) == len(parts))
    assert notes == ["list", "map", "details"]
    again = Unveiling(parts, window)
    again.start()
    again.finish()
    assert all(part.updatesEnabled() for part in parts)
