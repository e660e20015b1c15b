"""From messages to fixes, alike for what comes in now and for what comes back from the spool."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from console.gateway.arrivals import Fix, judge
from console.gateway.jt808 import messages
from console.gateway.jt808.framing import MARK, Flaw, FrameError, Framer, Message, parse
from console.gateway.jt808.messages import MessageId
from console.gateway.jt808.parts import Assembler
from console.gateway.jt808.position import parse_position

if TYPE_CHECKING:
    from console.gateway.arrivals import Arrival
    from console.gateway.jt808.position import Position

WITH_POSITIONS = frozenset({MessageId.POSITION, MessageId.POSITION_ANSWER, MessageId.POSITION_BATCH})


def positions_of(message: Message) -> tuple[tuple[Position, ...], int]:
    """The positions in a message of `WITH_POSITIONS`, and how many entries held none.

    Raises:
        FrameError: the body does not keep to the standard.
    """
    if message.header.message_id == MessageId.POSITION:
        return (parse_position(message.body),), 0
    if message.header.message_id == MessageId.POSITION_ANSWER:
        return (messages.parse_position_answer(message.body)[1],), 0
    if message.header.message_id == MessageId.POSITION_BATCH:
        batch = messages.parse_batch(message.body)
        return batch.positions, batch.spoilt
    raise FrameError(Flaw.BAD_BODY)


def decode(arrival: Arrival) -> Arrival:
    """An arrival from the spool with the fixes that its raw frames say; none where they say nothing."""
    assembler = Assembler()
    with suppress(FrameError):
        for frame in Framer().feed(MARK + arrival.raw + MARK):
            message = parse(frame)
            if message.header.parts > 1:
                whole = assembler.add(message, frame, 0.0)
                if whole is None:
                    continue
                message = whole.message
            found, _ = positions_of(message)
            fixes = tuple(Fix(arrival.owner_id, place, judge(place, arrival.received_at)) for place in found)
            return replace(arrival, fixes=fixes)
    return arrival
