"""The time that is shown: the present, or an instant of a period that is played like a film."""

from __future__ import annotations

from dataclasses import dataclass, replace

SPEEDS = (1, 2, 5, 10, 30, 60, 120, 300, 600)
"""Seconds of the city in one second; 600 plays a day in two and a half minutes."""
USUAL_SPEED = 60


@dataclass(frozen=True)
class Playing:
    """Which instant is shown, and how it goes on. Times are seconds since 1970 (UTC).

    Attributes:
        at: the instant; None for the present.
        start, end: the period that can be reached; `end` is not before `start`.
        speed: seconds of the city in one second, one of `SPEEDS`.
        is_running: whether time goes on by itself.
    """

    at: float | None = None
    start: float = 0.0
    end: float = 0.0
    speed: int = USUAL_SPEED
    is_running: bool = False

    @property
    def is_live(self) -> bool:
        """Whether the present is shown."""
        return self.at is None

    def live(self) -> Playing:
        """The present again; period and speed are kept for the next time."""
        return replace(self, at=None, is_running=False)

    def over(self, start: float, end: float) -> Playing:
        """Another period; the instant stays if it lies within, else it is the nearest one.

        Raises:
            ValueError: it ends before it begins.
        """
        if end < start:
            raise ValueError("a period ends after it begins")
        at = None if self.at is None else min(max(self.at, start), end)
        return replace(self, start=start, end=end, at=at)

    def to(self, at: float) -> Playing:
        """An instant, or the nearest one of the period; at its end nothing goes on."""
        at = min(max(at, self.start), self.end)
        return replace(self, at=at, is_running=self.is_running and at < self.end)

    def running(self, *, running: bool) -> Playing:
        """Go on, from the beginning when the end is reached, or stand."""
        if self.at is None or not running:
            return replace(self, is_running=False)
        at = self.at if self.at < self.end else self.start
        return replace(self, at=at, is_running=at < self.end)

    def at_speed(self, speed: int) -> Playing:
        """Another speed.

        Raises:
            ValueError: it is none of `SPEEDS`.
        """
        if speed not in SPEEDS:
            raise ValueError(f"no speed {speed}")
        return replace(self, speed=speed)

    def faster(self, steps: int) -> Playing:
        """So many speeds faster, or slower."""
        place = min(max(SPEEDS.index(self.speed) + steps, 0), len(SPEEDS) - 1)
        return replace(self, speed=SPEEDS[place])

    def after(self, seconds: float, known_until: float) -> Playing:
        """Some seconds later, as far as it is known what happened; only what runs goes on."""
        if self.at is None or not self.is_running:
            return self
        return self.to(max(self.at, min(self.at + seconds * self.speed, known_until)))
