"""Hours of the past that are in memory: read ahead of the play head, let go behind it."""

from __future__ import annotations

from functools import partial
from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from console.models.replay import HOUR_S, Hour, hour_of, read_hour

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console.widgets.shared.clock import Clock
    from console.widgets.shared.operations import Operations

KEPT = 50
"""Hours in memory at most, a megabyte each: two days, so that a day can be scrubbed from end to end."""
AHEAD_S = 20.0
"""So many seconds of playing are read ahead."""
AGAIN_MS = 2_000
"""After a failure it is tried again."""


class Hours(QObject):
    """Keeps the hours around the instant that is shown, as long as it is a past one.

    Args:
        operations: the way to the database.
        clock: whose instant is wanted; it waits for what is not read yet.
    """

    arrived = Signal()
    """Another hour is there, or none could be read; `failure` says why."""

    def __init__(self, operations: Operations, clock: Clock, parent: QObject) -> None:
        super().__init__(parent)
        self._operations, self._clock = operations, clock
        self._hours: dict[int, Hour] = {}
        self._asked: int | None = None
        self._is_ahead = False
        self._all_there: tuple[int, float, float, int] | None = None
        self.failure: Exception | None = None
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._ask)
        clock.known_until = self.known_until
        clock.turned.connect(self._on_turned)
        clock.moved.connect(self._ask)
        clock.changed.connect(self._ask)

    def at(self, at: float) -> Hour | None:
        """The hour in which an instant lies; None when it is not read yet."""
        hour = self._hours.get(hour_of(at))
        return hour if hour is not None and at <= hour.known_until else None

    def known_until(self, at: float) -> float:
        """Up to when everything is known that happened from an instant on."""
        while (hour := self.at(at)) is not None:
            if hour.known_until < hour.start + HOUR_S:
                return hour.known_until
            at = float(hour.start + HOUR_S)
        return at

    @property
    def spans(self) -> list[tuple[float, float]]:
        """Begins and ends of the hours in memory."""
        return [(float(hour.start), hour.known_until) for hour in self._hours.values()]

    def _on_turned(self) -> None:
        if self._clock.is_live:
            # What comes late, such as positions from a tunnel, is there when the same hour is looked at again.
            self._hours.clear()
            self._all_there = None
            self._operations.cancel(self, "hour")
            self._again.stop()
            self._asked = self.failure = None

    def _ask(self) -> None:
        """Read the hour that is wanted most, one at a time, so that other panels have their turn.

        What is shown is waited for: an hour that is read in advance gives way to it. One that was shown meanwhile does
        not, or a hand that never rests would never see anything.
        """
        if self._clock.is_live or self._again.isActive():
            return
        playing = self._clock.playing
        here = hour_of(self._clock.at), playing.start, playing.end, playing.speed
        if self._all_there == here:
            return
        start = next((wanted for wanted in self._wanted() if not self._has(wanted)), None)
        if start is None:
            self._all_there = here
        is_ahead = start != here[0]
        if start is not None and start == self._asked:
            self._is_ahead = self._is_ahead and is_ahead
        elif start is not None and (self._asked is None or (self._is_ahead and not is_ahead)):
            self._read(start, is_ahead=is_ahead)

    def _read(self, start: int, *, is_ahead: bool) -> None:
        self._asked, self._is_ahead = start, is_ahead
        read = partial(read_hour, start=start, now=self._clock.present())
        self._operations.read(self, read, self._take, self._fail, key="hour")

    def _has(self, start: int) -> bool:
        hour = self._hours.get(start)
        return hour is not None and hour.known_until >= min(start + HOUR_S, self._clock.playing.end)

    def _wanted(self) -> Iterator[int]:
        """The hour that is shown, those to come, the one before, then all others of the period by their distance."""
        playing = self._clock.playing
        shown, first, last = hour_of(self._clock.at), hour_of(playing.start), hour_of(playing.end)
        ahead = ceil(playing.speed * AHEAD_S / HOUR_S)
        near = [shown + n * HOUR_S for n in (*range(ahead + 1), -1)]
        every = sorted(range(first, last + 1, HOUR_S), key=lambda start: abs(start - shown))[:KEPT]
        yield from (start for start in near if first <= start <= last)
        yield from every

    def _take(self, hour: Hour) -> None:
        self._asked = self.failure = None
        self._hours[hour.start] = hour
        if len(self._hours) > KEPT:
            wanted = set(self._wanted())
            self._hours = {start: kept for start, kept in self._hours.items() if start in wanted}
        self.arrived.emit()
        self._ask()

    def _fail(self, error: Exception) -> None:
        self._asked, self.failure = None, error
        self._again.start()
        self.arrived.emit()
