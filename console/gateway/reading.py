"""What a raw message says, for people who look into a dispute: the same decoders as when it came in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from console.gateway.arrivals import Doubt, Way, judge
from console.gateway.devices.message import MessageError, parse_message, topic_and_payload
from console.gateway.jt808 import messages
from console.gateway.jt808.decoding import WITH_POSITIONS, positions_of
from console.gateway.jt808.framing import MARK, FrameError, parse
from console.gateway.jt808.framing import Framer as Jt808Framer
from console.gateway.jt808.messages import MessageId
from console.gateway.jt808.parts import Assembler as Jt808Assembler
from console.gateway.sl651.framing import FrameError as Sl651Error
from console.gateway.sl651.framing import Framer as Sl651Framer
from console.gateway.sl651.parts import Assembler as Sl651Assembler
from console.gateway.sl651.report import parse_report

if TYPE_CHECKING:
    from datetime import datetime

    from console.gateway.jt808.framing import Message
    from console.gateway.jt808.position import Position
    from console.gateway.sl651.framing import Frame
    from console.models.frames import RawMessage


@dataclass(frozen=True)
class Said:
    """One position, one measured value, or one message that says neither.

    Attributes:
        received_at: when the message came.
        way: 1 JT/T 808, 2 SL 651, 3 MQTT, 4 HTTP.
        number: of the entry among those of its message, from 0.
        kind: id of the message in four hexadecimal digits, function in two, topic, or empty.
        serial: number of the message at its sender.
        position: where a truck was.
        doubt: why that is not believed.
        name, value, at: element or member, what was measured (None: nothing), and when.
        answer: (message id, serial, result) that a terminal answers to.
        flaw: why nothing can be read from it; empty otherwise.
        raw: the whole message.
    """

    received_at: datetime
    way: int
    raw: bytes
    number: int = 0
    kind: str = ""
    serial: int | None = None
    position: Position | None = None
    doubt: Doubt = field(default=Doubt.NONE)
    name: str = ""
    value: float | None = None
    at: datetime | None = None
    answer: tuple[int, int, int] | None = None
    flaw: str = ""


def read(message: RawMessage) -> list[Said]:
    """Everything that a message says; one entry at least."""
    try:
        if message.way == Way.JT808:
            return _truck(message)
        return _station(message) if message.way == Way.SL651 else _device(message)
    except (FrameError, Sl651Error, MessageError) as fault:
        return [Said(message.received_at, message.way, message.raw, flaw=str(fault))]


def _truck(raw: RawMessage) -> list[Said]:
    message = _whole(raw.raw)
    header = message.header
    kind = f"{header.message_id:04x}"
    if header.message_id in WITH_POSITIONS:
        positions, _ = positions_of(message)
        found = [
            Said(raw.received_at, raw.way, raw.raw, number, kind, header.serial, one, judge(one, raw.received_at),
                 at=one.at)
            for number, one in enumerate(positions)
        ]  # fmt: skip
        return found or [Said(raw.received_at, raw.way, raw.raw, 0, kind, header.serial)]
    answer = None
    if header.message_id == MessageId.TERMINAL_ACK:
        ack = messages.parse_ack(message.body)
        answer = (ack.message_id, ack.serial, ack.result)
    return [Said(raw.received_at, raw.way, raw.raw, 0, kind, header.serial, answer=answer)]


def _whole(raw: bytes) -> Message:
    """The message of frames that are joined by marks.

    Raises:
        FrameError: they are none.
    """
    assembler = Jt808Assembler()
    for frame in Jt808Framer().feed(MARK + raw + MARK):
        message = parse(frame)
        if message.header.parts == 1:
            return message
        whole = assembler.add(message, frame, 0.0)
        if whole is not None:
            return whole.message
    return parse(raw)


def _station(raw: RawMessage) -> list[Said]:
    frame = _whole_report(raw.raw)
    if frame is None:
        return [Said(raw.received_at, raw.way, raw.raw, flaw="garbage")]
    report = parse_report(frame)
    kind = f"{frame.function:02x}"
    found = [
        Said(raw.received_at, raw.way, raw.raw, number, kind, report.serial, name=f"{one.element:02X}",
             value=None if one.value is None else float(one.value), at=one.at)
        for number, one in enumerate(report.values)
    ]  # fmt: skip
    return found or [Said(raw.received_at, raw.way, raw.raw, 0, kind, report.serial, at=report.sent_at)]


def _whole_report(raw: bytes) -> Frame | None:
    assembler = Sl651Assembler()
    for frame in Sl651Framer().feed(raw):
        whole = assembler.add(frame, 0.0) if frame.parts > 1 else frame
        if whole is not None:
            return whole
    return None


def _device(raw: RawMessage) -> list[Said]:
    topic, payload = topic_and_payload(raw.raw) if raw.way == Way.MQTT else ("", raw.raw)
    said = parse_message(payload)
    kind = topic or said.device
    found = [
        Said(raw.received_at, raw.way, raw.raw, number, kind, name=one.field, value=one.value, at=one.at)
        for number, one in enumerate(said.values)
    ]
    return found or [Said(raw.received_at, raw.way, raw.raw, 0, kind)]
