"""Frames of JT/T 808: finding them in a stream of bytes, escapes, checksum and header.

``7E | header | body | checksum | 7E``: inside a frame 7E is written 7D 02 and 7D is written 7D 01; the checksum is the
exclusive or of header and body, made before escaping. Numbers are big-endian. The header tells by bit 14 of its second
word which edition the message is in, so that one terminal may mix them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import StrEnum

MARK = b"\x7e"
MAX_BODY = 0x3FF
# Header of 2019 with sub-packages, body and checksum; each byte may be escaped.
MAX_FRAME = 2 * (21 + MAX_BODY + 1)
_SIZE_2013, _SIZE_2019, _SIZE_PARTS = 12, 17, 4
_BITS_LENGTH, _BITS_ENCRYPTION, _BIT_PARTS, _BIT_2019 = 0x3FF, 0x1C00, 1 << 13, 1 << 14
_WORDS = struct.Struct(">HH")
_WORD = struct.Struct(">H")


class Flaw(StrEnum):
    """What can be wrong with a frame; each is counted by the gateway under this name."""

    GARBAGE = "garbage"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    BAD_ESCAPE = "bad_escape"
    BAD_CHECKSUM = "bad_checksum"
    BAD_LENGTH = "bad_length"
    BAD_PHONE = "bad_phone"
    BAD_PARTS = "bad_parts"
    ENCRYPTED = "encrypted"
    BAD_BODY = "bad_body"


class FrameError(ValueError):
    """A frame or body that does not keep to the standard.

    Attributes:
        flaw: what is wrong.
    """

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


# Not frozen, as these are made for every message: setting the fields of a frozen one costs several times as much.
@dataclass(slots=True)
class Header:
    """Header of a message.

    Attributes:
        message_id: which message it is.
        phone: number of the terminal as sent: 12 digits in the edition of 2013, 20 in that of 2019.
        serial: number of the message at its sender, 0–65535.
        version: protocol version of the edition of 2019, None in that of 2013.
        parts: how many sub-packages the message has; 1 when it is whole.
        part: which of them this is, from 1.
    """

    message_id: int
    phone: str
    serial: int
    version: int | None = None
    parts: int = 1
    part: int = 1


@dataclass(slots=True)
class Message:
    """One message or one sub-package of it: header and body."""

    header: Header
    body: bytes


@dataclass
class Framer:
    """Cuts a stream into frames, however TCP has split or glued them.

    Whatever stands between two marks is taken for a frame; what is none fails its checks and costs no more than itself,
    so that the next mark is always a new beginning.

    Attributes:
        flaws: bytes before the first mark and runs too long for a frame, as they were met.
    """

    flaws: list[Flaw] = field(default_factory=list)
    _rest: bytes = b""
    _begun: bool = False

    @property
    def is_between(self) -> bool:
        """Whether nothing of an unfinished frame waits."""
        return not self._rest

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that `data` completes, without their marks, still escaped."""
        first, *pieces = (self._rest + data).split(MARK)
        if not pieces:
            self._rest = first
        else:
            if self._begun:
                pieces.insert(0, first)
            elif first:
                self.flaws.append(Flaw.GARBAGE)
            self._begun = True
            self._rest = pieces.pop()
        if len(self._rest) > MAX_FRAME:
            # No mark for longer than any frame: forget it, and wait for a mark.
            self.flaws.append(Flaw.TOO_LONG if self._begun else Flaw.GARBAGE)
            self._rest, self._begun = b"", False
        return [piece for piece in pieces if piece]


def checksum(data: bytes) -> int:
    """Exclusive or of all bytes."""
    folded = int.from_bytes(data, "big")
    # Half upon half, as one number: what is left above the lowest byte is of no interest.
    shift = 4 << max(len(data) - 1, 0).bit_length()
    while shift >= 8:
        folded ^= folded >> shift
        shift >>= 1
    return folded & 0xFF


def escape(data: bytes) -> bytes:
    """`data` as it goes on the line between two marks."""
    return data.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")


def unescape(frame: bytes) -> bytes:
    """What was escaped.

    Raises:
        FrameError: 7D is followed by neither 01 nor 02.
    """
    marks = frame.count(b"\x7d")
    if not marks:
        return frame
    if marks != frame.count(b"\x7d\x01") + frame.count(b"\x7d\x02"):
        raise FrameError(Flaw.BAD_ESCAPE)
    return frame.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")


def parse(frame: bytes) -> Message:
    """The message in a frame that `Framer` has cut out.

    Raises:
        FrameError: the frame does not keep to the standard, or is encrypted, for which nobody has a key.
    """
    if len(frame) > MAX_FRAME:
        raise FrameError(Flaw.TOO_LONG)
    data = unescape(frame)
    if len(data) <= _SIZE_2013:
        raise FrameError(Flaw.TOO_SHORT)
    if checksum(data):  # the checksum itself makes the whole zero
        raise FrameError(Flaw.BAD_CHECKSUM)
    message_id, properties = _WORDS.unpack_from(data)
    is_2019 = properties & _BIT_2019
    size = _SIZE_2019 if is_2019 else _SIZE_2013
    has_parts = properties & _BIT_PARTS
    start = size + _SIZE_PARTS if has_parts else size
    if len(data) <= start:
        raise FrameError(Flaw.TOO_SHORT)
    body = data[start:-1]
    if len(body) != properties & _BITS_LENGTH:
        raise FrameError(Flaw.BAD_LENGTH)
    if properties & _BITS_ENCRYPTION:
        raise FrameError(Flaw.ENCRYPTED)
    phone = data[size - 2 - (10 if is_2019 else 6) : size - 2].hex()
    if not phone.isdecimal():
        raise FrameError(Flaw.BAD_PHONE)
    parts, part = _WORDS.unpack_from(data, size) if has_parts else (1, 1)
    if not 1 <= part <= parts:
        raise FrameError(Flaw.BAD_PARTS)
    version = data[4] if is_2019 else None
    return Message(Header(message_id, phone, _WORD.unpack_from(data, size - 2)[0], version, parts, part), body)


def build(message: Message) -> bytes:
    """The message as a whole frame with marks, in the edition that its header is in.

    Raises:
        ValueError: the body is longer than a frame carries, or the header does not fit its edition.
    """
    header, body = message.header, message.body
    is_2019 = header.version is not None
    digits = 20 if is_2019 else 12
    if len(body) > MAX_BODY:
        raise ValueError(f"a body of {len(body)} bytes does not fit in one frame")
    if len(header.phone) != digits or not header.phone.isdecimal():
        raise ValueError(f"the phone number {header.phone!r} has not {digits} digits")
    properties = len(body) | (_BIT_2019 if is_2019 else 0) | (_BIT_PARTS if header.parts > 1 else 0)
    data = _WORDS.pack(header.message_id, properties)
    if header.version is not None:
        data += bytes([header.version])
    data += bytes.fromhex(header.phone) + _WORD.pack(header.serial)
    if header.parts > 1:
        data += _WORDS.pack(header.parts, header.part)
    data += body
    return MARK + escape(data + bytes([checksum(data)])) + MARK
