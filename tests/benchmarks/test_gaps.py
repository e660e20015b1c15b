"""The measure itself: a block of the GUI thread is seen, and what blocked is named."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QTimer

from benchmarks._gaps import Gaps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

BLOCK_S = 0.4
"""Long enough that a second thread gets its turn in it on a busy machine."""


@pytest.fixture
def gaps(qtbot: QtBot) -> Iterator[Gaps]:
    """Gaps of this thread."""
    made = Gaps()
    made.start()
    yield made
    made.close()


def hold_the_processor() -> None:
    until = time.monotonic() + BLOCK_S
    while time.monotonic() < until:
        pass


def only_wait() -> None:
    time.sleep(BLOCK_S)


@pytest.mark.parametrize("work", [hold_the_processor, only_wait])
def test_a_block_is_seen_with_what_ran(qtbot: QtBot, gaps: Gaps, work: Callable[[], None]) -> None:
    qtbot.wait(20)
    gaps.take()
    QTimer.singleShot(0, work)
    qtbot.wait(20)
    # On a busy machine there are gaps that nobody here made.
    assert any(gap.wall_ms >= BLOCK_S * 1000 and work.__qualname__ in gap.ran for gap in gaps.take())


def test_time_that_another_thread_or_program_took_is_told_apart(qtbot: QtBot, gaps: Gaps) -> None:
    QTimer.singleShot(0, only_wait)
    qtbot.wait(20)
    longest = max(gaps.take(), key=lambda g: g.wall_ms)
    assert longest.cpu_ms < longest.wall_ms / 2
