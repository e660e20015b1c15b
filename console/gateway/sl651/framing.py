"""Frames of SL 651-2014 in their binary form: finding them in a stream, checksum, header, and answers to the station.

Up: ``7E7E | centre 1 | station BCD5 | password 2 | function 1 | direction and length 2 | STX | body | ETX | CRC 2``.
The checksum is CRC-16/MODBUS over everything before it, high byte first. Down, station and centre change places.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

MARK = b"\x7e\x7e"
_HEAD = struct.Struct(">2sB5s2sBHB")
_DOWN_HEAD = struct.Struct(">2s5sB2sBHB")
_PARTS_SIZE = 3
_CRC_SIZE = 2
MAX_BODY = 0xFFF
MAX_FRAME = _HEAD.size + MAX_BODY + 1 + _CRC_SIZE
_DOWN = 0x8000
MOST_TRIES = 100
"""Beginnings of no frame after which all that has come is given up."""


class Control(IntEnum):
    """Control characters of the protocol."""

    STX = 0x02
    ETX = 0x03
    EOT = 0x04
    ENQ = 0x05
    ACK = 0x06
    NAK = 0x15
    SYN = 0x16
    ETB = 0x17
    ESC = 0x1B


class Function(IntEnum):
    """Functions that a station reports by."""

    HEARTBEAT = 0x2F
    TEST = 0x30
    INTERVAL = 0x31
    TIMED = 0x32
    ADDED = 0x33
    HOURLY = 0x34
    MANUAL = 0x35
    PICTURE = 0x36
    CURRENT = 0x37


class Flaw(StrEnum):
    """What can be wrong with a frame; each is counted by the gateway under this name."""

    GARBAGE = "garbage"
    BAD_CRC = "bad_crc"
    BAD_FRAME = "bad_frame"
    BAD_BODY = "bad_body"


class FrameError(ValueError):
    """A frame or body that does not keep to the standard.

    Attributes:
        flaw: what is wrong.
    """

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame from a station, or one to it.

    Attributes:
        centre: address of the centre.
        station: its code, ten digits.
        password: two bytes.
        function: which report it is.
        body: from the serial number to the last element.
        parts, part: of how many packets this is which, from 1; a whole report is 1 of 1.
        more: whether the station has more to say (ETB instead of ETX).
        raw: the bytes that it came in; those of all packets, one behind the other.
    """

    centre: int
    station: str
    password: bytes
    function: int
    body: bytes
    parts: int = 1
    part: int = 1
    more: bool = False
    raw: bytes = field(default=b"", compare=False, repr=False)


@dataclass
class Framer:
    """Cuts a stream into frames, however TCP has split or glued them; a spoilt one hides none after it.

    Attributes:
        flaws: what was met that is no frame.
    """

    flaws: list[Flaw] = field(default_factory=list)
    _rest: bytes = b""

    @property
    def is_between(self) -> bool:
        """Whether nothing of an unfinished frame waits."""
        return not self._rest

    def feed(self, data: bytes) -> list[Frame]:
        """The frames from the station that `data` completes."""
        rest = self._rest + data
        found = []
        while True:
            start = rest.find(MARK)
            if start < 0:
                if rest.strip(b"\x7e"):
                    self.flaws.append(Flaw.GARBAGE)
                # The first half of a mark may have come.
                rest = rest[-1:] if rest.endswith(b"\x7e") else b""
                break
            if start:
                self.flaws.append(Flaw.GARBAGE)
                rest = rest[start:]
            size = _size_of(rest)
            if size is None or len(rest) < size:
                break
            try:
                found.append(parse(rest[:size]))
                rest = rest[size:]
            except FrameError as refused:
                # What looked like a beginning was none: go on behind its first byte.
                self.flaws.append(refused.flaw)
                # Each try costs a checksum: nobody may keep everybody else waiting with nothing but beginnings.
                rest = rest[1:] if len(self.flaws) < MOST_TRIES else b""
        self._rest = rest
        return found


def _size_of(data: bytes) -> int | None:
    """Size of the frame that begins here; None as long as its header is not whole."""
    if len(data) < _HEAD.size:
        return None
    length = int.from_bytes(data[11:13], "big") & MAX_BODY
    return _HEAD.size + length + 1 + _CRC_SIZE


def parse(data: bytes) -> Frame:
    """The frame from a station that is `data`.

    Raises:
        FrameError: it does not keep to the standard.
    """
    if len(data) < _HEAD.size + 1 + _CRC_SIZE:
        raise FrameError(Flaw.BAD_FRAME)
    mark, centre, station, password, function, length, begin = _HEAD.unpack_from(data)
    if mark != MARK or length & ~MAX_BODY or len(data) != _HEAD.size + length + 1 + _CRC_SIZE:
        raise FrameError(Flaw.BAD_FRAME)
    if crc(data[:-_CRC_SIZE]) != int.from_bytes(data[-_CRC_SIZE:], "big"):
        raise FrameError(Flaw.BAD_CRC)
    end = data[-_CRC_SIZE - 1]
    digits = station.hex()
    if begin not in {Control.STX, Control.SYN} or end not in {Control.ETX, Control.ETB} or not digits.isdecimal():
        raise FrameError(Flaw.BAD_FRAME)
    body = data[_HEAD.size : -_CRC_SIZE - 1]
    parts = part = 1
    if begin == Control.SYN:
        if len(body) < _PARTS_SIZE:
            raise FrameError(Flaw.BAD_FRAME)
        both = int.from_bytes(body[:_PARTS_SIZE], "big")
        parts, part, body = both >> 12, both & MAX_BODY, body[_PARTS_SIZE:]
        if not 1 <= part <= parts:
            raise FrameError(Flaw.BAD_FRAME)
    return Frame(centre, digits, password, function, body, parts, part, end == Control.ETB, data)


def build(frame: Frame) -> bytes:
    """A whole report as a station sends it (``parts`` must be 1)."""
    head = _HEAD.pack(
        MARK,
        frame.centre,
        bytes.fromhex(frame.station),
        frame.password,
        frame.function,
        len(frame.body),
        Control.STX,
    )
    data = head + frame.body + bytes([Control.ETB if frame.more else Control.ETX])
    return data + crc(data).to_bytes(_CRC_SIZE, "big")


def build_answer(frame: Frame, body: bytes, control: Control = Control.EOT) -> bytes:
    """What the centre says to a report: `body` repeats its serial number and says the time."""
    head = _DOWN_HEAD.pack(
        MARK,
        bytes.fromhex(frame.station),
        frame.centre,
        frame.password,
        frame.function,
        _DOWN | len(body),
        Control.STX,
    )
    data = head + body + bytes([control])
    return data + crc(data).to_bytes(_CRC_SIZE, "big")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a station hears to a report: which one it was, and how the centre goes on."""

    station: str
    function: int
    serial: bytes
    control: int


def cut_answers(data: bytes) -> tuple[list[Answer], bytes]:
    """The answers in what a station has heard, and the beginning of the next one; what is no answer is dropped."""
    found: list[Answer] = []
    while True:
        start = data.find(MARK)
        if start < 0:
            return found, data[-1:] if data.endswith(MARK[:1]) else b""
        data = data[start:]
        if len(data) < _DOWN_HEAD.size:
            return found, data
        _, station, _, _, function, length, begin = _DOWN_HEAD.unpack_from(data)
        size = _DOWN_HEAD.size + (length & MAX_BODY) + 1 + _CRC_SIZE
        if len(data) < size:
            return found, data
        whole = data[:size]
        good = length & _DOWN and begin == Control.STX and crc(whole[:-_CRC_SIZE]) == int.from_bytes(whole[-2:], "big")
        if good:
            serial = whole[_DOWN_HEAD.size : _DOWN_HEAD.size + 2]
            found.append(Answer(station.hex(), function, serial, whole[-_CRC_SIZE - 1]))
        data = data[size:] if good else data[1:]


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
        table.append(value)
    return tuple(table)


_TABLE = _crc_table()


def crc(data: bytes) -> int:
    """CRC-16/MODBUS: polynomial A001 reflected, begun with FFFF."""
    value = 0xFFFF
    for byte in data:
        value = (value >> 8) ^ _TABLE[(value ^ byte) & 0xFF]
    return value
