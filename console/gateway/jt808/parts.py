"""Messages that come in sub-packages are put together again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from console.gateway.jt808.framing import MARK, Message

MOST_PARTS = 256
MOST_MESSAGES = 4
"""Unfinished messages of one terminal; the oldest makes room."""
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Whole:
    """A message with all its parts.

    Attributes:
        message: as if it had come in one piece.
        raw: the frames that it came in, joined by marks.
        serials: serial numbers of its parts, all of which are acknowledged together.
    """

    message: Message
    raw: bytes
    serials: tuple[int, ...]


@dataclass
class _Unfinished:
    begun: float
    total: int
    parts: dict[int, tuple[Message, bytes]] = field(default_factory=dict)


@dataclass
class Assembler:
    """The sub-packages of one terminal.

    Attributes:
        dropped: messages that were given up: too many parts, too old, or for want of room.
    """

    dropped: int = 0
    _unfinished: dict[tuple[int, int], _Unfinished] = field(default_factory=dict)

    def add(self, message: Message, frame: bytes, now: float) -> Whole | None:
        """The whole message that this part completes; None before.

        The whole bears the header of the first part. Parts may come in any order and twice.

        Args:
            message: a part.
            frame: the frame that it came in.
            now: seconds of a clock that only goes forward.
        """
        header = message.header
        self._forget(now)
        if header.parts > MOST_PARTS:
            self.dropped += 1
            return None
        # The parts of a message have serial numbers in a row: the first one's names it.
        key = (header.message_id, (header.serial - header.part + 1) % 0x10000)
        waiting = self._unfinished.get(key)
        if waiting is None or waiting.total != header.parts:
            if len(self._unfinished) >= MOST_MESSAGES:
                del self._unfinished[next(iter(self._unfinished))]
                self.dropped += 1
            waiting = self._unfinished[key] = _Unfinished(now, header.parts)
        waiting.parts[header.part] = (message, frame)
        if len(waiting.parts) < waiting.total:
            return None
        del self._unfinished[key]
        parts = [waiting.parts[number] for number in range(1, waiting.total + 1)]
        return Whole(
            Message(replace(header, serial=key[1], parts=1, part=1), b"".join(part.body for part, _ in parts)),
            MARK.join(frame for _, frame in parts),
            tuple(part.header.serial for part, _ in parts),
        )

    def _forget(self, now: float) -> None:
        for key in [key for key, waiting in self._unfinished.items() if now - waiting.begun > PATIENCE_S]:
            del self._unfinished[key]
            self.dropped += 1
