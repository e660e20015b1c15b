"""Which message of a terminal told which position: by the numbers that the terminal gave its messages (JT/T 808)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.gateway.jt808.decoding import WITH_POSITIONS, positions_of
from console.gateway.jt808.framing import MARK, FrameError, Framer, parse
from console.gateway.jt808.parts import Assembler

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from console.models.deviations import RawMessage


@dataclass(frozen=True)
class Frame:
    """A message that told a position.

    Attributes:
        message_id: which message it is.
        serial: number of the message at the terminal, 0–65535; of one in parts that of the first.
        received_at: when it came in; under that time it is in ``city.raw_message``.
    """

    message_id: int
    serial: int
    received_at: datetime


def frames_by_time(messages: Iterable[RawMessage]) -> dict[float, Frame]:
    """For each time of a position, seconds since 1970, the message that told it first."""
    found: dict[float, Frame] = {}
    for message in messages:
        with suppress(FrameError):
            for at, frame in _positions(message):
                found.setdefault(at, frame)
    return found


def _positions(kept: RawMessage) -> list[tuple[float, Frame]]:
    assembler, serial = Assembler(), None
    for frame in Framer().feed(MARK + kept.raw + MARK):
        message = parse(frame)
        if message.header.message_id not in WITH_POSITIONS:
            return []
        serial = message.header.serial if serial is None else serial
        if message.header.parts > 1:
            whole = assembler.add(message, frame, 0.0)
            if whole is None:
                continue
            message = whole.message
        told = Frame(message.header.message_id, serial, kept.received_at)
        return [(position.at.timestamp(), told) for position in positions_of(message)[0]]
    return []
