"""Reports that come in several packets are put together again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.gateway.sl651.framing import Frame

MOST_PARTS = 64
MOST_REPORTS = 4
"""Unfinished reports of one line; the oldest makes room."""
PATIENCE_S = 60.0


@dataclass
class _Unfinished:
    begun: float
    parts: dict[int, Frame] = field(default_factory=dict)


@dataclass
class Assembler:
    """The packets of one line.

    Attributes:
        dropped: reports that were given up: too many packets, too old, or for want of room.
    """

    dropped: int = 0
    _unfinished: dict[tuple[str, int, int], _Unfinished] = field(default_factory=dict)

    def add(self, frame: Frame, now: float) -> Frame | None:
        """The whole report that this packet completes; None before. Packets may come in any order and twice.

        Args:
            frame: a packet.
            now: seconds of a clock that only goes forward.
        """
        for key in [key for key, waiting in self._unfinished.items() if now - waiting.begun > PATIENCE_S]:
            self._drop(key)
        if frame.parts > MOST_PARTS:
            self.dropped += 1
            return None
        key = (frame.station, frame.function, frame.parts)
        if key not in self._unfinished and len(self._unfinished) >= MOST_REPORTS:
            self._drop(next(iter(self._unfinished)))
        waiting = self._unfinished.setdefault(key, _Unfinished(now))
        waiting.parts[frame.part] = frame
        if len(waiting.parts) < frame.parts:
            return None
        del self._unfinished[key]
        parts = [waiting.parts[number] for number in range(1, frame.parts + 1)]
        return replace(
            frame,
            body=b"".join(part.body for part in parts),
            raw=b"".join(part.raw for part in parts),
            parts=1,
            part=1,
        )

    def _drop(self, key: tuple[str, int, int]) -> None:
        del self._unfinished[key]
        self.dropped += 1
