"""The clock of the window: what map, panels and charts show is of its instant, the present or a past one."""

from __future__ import annotations

import time
from math import inf
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from console.models.replay import Playing
from console.widgets.shared import figures

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

FRAME_MS = 33
"""Thirty frames a second."""
LONGEST_FRAME_S = 0.25
"""After a longer pause of the window the film does not jump by all of it."""


class Clock(QObject):
    """Tells the instant that is shown, and lets a past one run.

    What people do is done now, whatever the clock shows: for that there is `Desk.now`.

    Args:
        present: tells the present.

    Attributes:
        known_until: tells up to when it is known what happened after an instant, both in seconds since 1970; until
            then a film may go on.
    """

    moved = Signal()
    """The past instant is another one."""
    turned = Signal()
    """The present is shown instead of the past, or the past instead of the present; emitted before `moved`."""
    changed = Signal()
    """Period, speed, or whether it runs."""

    def __init__(self, present: Callable[[], datetime], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._present = present
        self._playing = Playing()
        self._left_at: float | None = None
        self.known_until: Callable[[float], float] = lambda _at: inf
        self._beaten = 0.0
        self._beat = QTimer(self, interval=FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
        self._beat.timeout.connect(self._go_on)

    @property
    def playing(self) -> Playing:
        """All that it knows."""
        return self._playing

    @property
    def is_live(self) -> bool:
        """Whether the present is shown."""
        return self._playing.is_live

    @property
    def at(self) -> float:
        """The instant that is shown, seconds since 1970 (UTC)."""
        return self._present().timestamp() if self._playing.at is None else self._playing.at

    @property
    def past(self) -> datetime | None:
        """The past instant that is shown; None for the present."""
        return None if self._playing.at is None else figures.city_time(self._playing.at)

    def now(self) -> datetime:
        """The instant that is shown."""
        return self.past or self._present()

    def present(self) -> datetime:
        """The present, whatever is shown."""
        return self._present()

    def show_period(self, start: datetime, end: datetime) -> None:
        """Take a period whose instants can be shown.

        Raises:
            ValueError: it ends before it begins.
        """
        self._take(self._playing.over(start.timestamp(), end.timestamp()))

    def show(self, at: float) -> None:
        """Show an instant of the period, seconds since 1970."""
        self._take(self._playing.to(at))

    def step(self, seconds: float) -> None:
        """Stand, so many seconds later or, when negative, before."""
        self._take(self._playing.running(running=False).to(self.at + seconds))

    def open(self, usual: float) -> None:
        """Show the past: the instant that was left, if the period still has it, else the usual one."""
        playing = self._playing
        at = usual if self._left_at is None or not playing.start <= self._left_at <= playing.end else self._left_at
        self.show(at)

    def go_live(self) -> None:
        """Show the present."""
        if not self.is_live:
            self._left_at = self._playing.at
            self._take(self._playing.live())

    def run(self, *, running: bool) -> None:
        """Let a past instant go on, or stand."""
        self._take(self._playing.running(running=running))

    def change_speed(self, speed: int) -> None:
        """Take another speed, seconds of the city in one second.

        Raises:
            ValueError: it is none of `console.models.replay.SPEEDS`.
        """
        self._take(self._playing.at_speed(speed))

    def go_faster(self, steps: int) -> None:
        """Take the next speed, or the one before."""
        self._take(self._playing.faster(steps))

    def _take(self, playing: Playing) -> None:
        was, self._playing = self._playing, playing
        if playing.is_running and not self._beat.isActive():
            self._beaten = time.monotonic()
            self._beat.start()
        elif not playing.is_running:
            self._beat.stop()
        if was.is_live != playing.is_live:
            self.turned.emit()
        if was.at != playing.at and playing.at is not None:
            self.moved.emit()
        if (was.start, was.end, was.speed, was.is_running) != (
            playing.start, playing.end, playing.speed, playing.is_running
        ):  # fmt: skip
            self.changed.emit()

    def _go_on(self) -> None:
        beaten = time.monotonic()
        passed, self._beaten = min(beaten - self._beaten, LONGEST_FRAME_S), beaten
        self._take(self._playing.after(passed, self.known_until(self.at)))
