"""Bodies of the messages that a gateway and a terminal say to each other (JT/T 808-2013 and 2019)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from console.gateway.jt808.framing import MAX_BODY, Flaw, FrameError, Header, Message
from console.gateway.jt808.position import Position, build_position, parse_position

TEXT_ENCODING = "gbk"
_ACK = struct.Struct(">HHB")
_WORD = struct.Struct(">H")
_WORDS = struct.Struct(">HH")
# Sizes of maker, model and terminal id in a registration.
_SIZES_2011, _SIZES_2013, _SIZES_2019 = (5, 8, 7), (5, 20, 7), (11, 30, 30)
_IMEI, _SOFTWARE = 15, 20
_NOTICE = 1


class MessageId(IntEnum):
    """Messages that are understood; T→P from the terminal, P→T to it."""

    TERMINAL_ACK = 0x0001
    HEARTBEAT = 0x0002
    LOG_OUT = 0x0003
    REGISTER = 0x0100
    AUTHENTICATE = 0x0102
    PARAMETERS = 0x0104
    POSITION = 0x0200
    POSITION_ANSWER = 0x0201
    POSITION_BATCH = 0x0704
    PLATFORM_ACK = 0x8001
    PARTS_WANTED = 0x8003
    REGISTER_ANSWER = 0x8100
    SET_PARAMETERS = 0x8103
    ASK_PARAMETERS = 0x8104
    ASK_POSITION = 0x8201
    TRACK = 0x8202
    TEXT = 0x8300


class AckResult(IntEnum):
    """Result of a general answer."""

    OK = 0
    FAILED = 1
    WRONG = 2
    UNSUPPORTED = 3
    ALARM_HANDLED = 4


class RegisterResult(IntEnum):
    """Result of a registration."""

    OK = 0
    VEHICLE_REGISTERED = 1
    NO_SUCH_VEHICLE = 2
    TERMINAL_REGISTERED = 3
    NO_SUCH_TERMINAL = 4


@dataclass(slots=True)
class Ack:
    """General answer (0x0001, 0x8001): to the message `serial` of kind `message_id`."""

    serial: int
    message_id: int
    result: int


@dataclass(frozen=True, slots=True)
class Registration:
    """Registration (0x0100): province and county of GB/T 2260, maker, model, terminal, plate."""

    province: int
    county: int
    maker: str
    model: str
    terminal_id: str
    plate_colour: int
    plate: str


@dataclass(frozen=True, slots=True)
class RegisterAnswer:
    """Answer to a registration (0x8100); `code` authenticates the terminal from then on, empty when refused."""

    serial: int
    result: int
    code: str = ""


@dataclass(frozen=True, slots=True)
class Authentication:
    """Authentication (0x0102); IMEI and software are told by the edition of 2019 only."""

    code: str
    imei: str = ""
    software: str = ""


@dataclass(frozen=True, slots=True)
class PositionBatch:
    """Several positions at once (0x0704).

    Attributes:
        backfill: whether they were kept while there was no network.
        positions: in the order in which they came.
        spoilt: how many entries held no position.
    """

    backfill: bool
    positions: tuple[Position, ...]
    spoilt: int = 0


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a terminal: its number and value as bytes."""

    number: int
    value: bytes


class Parameters(IntEnum):
    """Numbers of parameters that the gateway sets; values are DWORDs in seconds unless said otherwise."""

    HEARTBEAT_S = 0x0001
    REPORT_ASLEEP_S = 0x0027
    REPORT_S = 0x0029
    SPEED_LIMIT_KMH = 0x0055


def parse_ack(body: bytes) -> Ack:
    """Body of 0x0001 or 0x8001."""
    _require(len(body) == _ACK.size)
    return Ack(*_ACK.unpack(body))


def build_ack(ack: Ack) -> bytes:
    """Body of 0x0001 or 0x8001."""
    return _ACK.pack(ack.serial, ack.message_id, ack.result)


def parse_registration(message: Message) -> Registration:
    """Body of 0x0100; the edition of the header decides how long its fields are.

    One that is too short for 2013 is of 2011, whose header is the same: old terminals are still on the road.
    """
    body, sizes = message.body, _SIZES_2013 if message.header.version is None else _SIZES_2019
    if message.header.version is None and len(body) <= 4 + sum(_SIZES_2013):
        sizes = _SIZES_2011
    _require(len(body) > 4 + sum(sizes))
    province, county = _WORDS.unpack_from(body)
    texts, start = [], 4
    for size in sizes:
        texts.append(_text(body[start : start + size]))
        start += size
    maker, model, terminal_id = texts
    return Registration(province, county, maker, model, terminal_id, body[start], _text(body[start + 1 :]))


def build_registration(registration: Registration, version: int | None) -> bytes:
    """Body of 0x0100 in the edition of that header.

    Raises:
        ValueError: a field is longer than its place.
    """
    sizes = _SIZES_2013 if version is None else _SIZES_2019
    body = _WORDS.pack(registration.province, registration.county)
    for words, size in zip((registration.maker, registration.model, registration.terminal_id), sizes, strict=True):
        body += _padded(words, size)
    return body + bytes([registration.plate_colour]) + registration.plate.encode(TEXT_ENCODING)


def parse_register_answer(body: bytes) -> RegisterAnswer:
    """Body of 0x8100."""
    _require(len(body) >= 3)
    return RegisterAnswer(_WORD.unpack_from(body)[0], body[2], _text(body[3:]))


def build_register_answer(answer: RegisterAnswer) -> bytes:
    """Body of 0x8100."""
    return _WORD.pack(answer.serial) + bytes([answer.result]) + answer.code.encode(TEXT_ENCODING)


def parse_authentication(message: Message) -> Authentication:
    """Body of 0x0102 in the edition of its header."""
    body = message.body
    if message.header.version is None:
        return Authentication(_text(body))
    _require(len(body) >= 1 and len(body) >= 1 + body[0])
    stop = 1 + body[0]
    rest = body[stop:]
    return Authentication(_text(body[1:stop]), _text(rest[:_IMEI]), _text(rest[_IMEI : _IMEI + _SOFTWARE]))


def build_authentication(authentication: Authentication, version: int | None) -> bytes:
    """Body of 0x0102 in the edition of that header.

    Raises:
        ValueError: a field is longer than its place.
    """
    code = authentication.code.encode(TEXT_ENCODING)
    if version is None:
        return code
    if len(code) > 0xFF:
        raise ValueError("the code is too long")
    tail = _padded(authentication.imei, _IMEI) + _padded(authentication.software, _SOFTWARE)
    return bytes([len(code)]) + code + tail


def parse_batch(body: bytes) -> PositionBatch:
    """Body of 0x0704: an entry that is no position is counted and passed over; its neighbours count.

    Raises:
        FrameError: the entries do not add up to the body.
    """
    _require(len(body) >= 3)
    count, kind = _WORD.unpack_from(body)[0], body[2]
    positions: list[Position] = []
    spoilt, start = 0, 3
    for _ in range(count):
        _require(start + 2 <= len(body))
        stop = start + 2 + _WORD.unpack_from(body, start)[0]
        _require(stop <= len(body))
        try:
            positions.append(parse_position(body[start + 2 : stop]))
        except FrameError:
            spoilt += 1
        start = stop
    _require(start == len(body))
    return PositionBatch(kind == 1, tuple(positions), spoilt)


def build_batch(batch: PositionBatch) -> bytes:
    """Body of 0x0704."""
    entries = [build_position(position) for position in batch.positions]
    head = _WORD.pack(len(entries)) + bytes([int(batch.backfill)])
    return head + b"".join(_WORD.pack(len(entry)) + entry for entry in entries)


def parse_position_answer(body: bytes) -> tuple[int, Position]:
    """Body of 0x0201: the serial number of the question, and the position."""
    _require(len(body) > 2)
    return _WORD.unpack_from(body)[0], parse_position(body[2:])


def build_position_answer(serial: int, position: Position) -> bytes:
    """Body of 0x0201: to the question of that serial number."""
    return _WORD.pack(serial) + build_position(position)


def build_text(
    words: str, version: int | None = None, *, urgent: bool = False, shown: bool = True, aloud: bool = True
) -> bytes:
    """Body of 0x8300: words for the driver, shown on the display, read aloud, or both.

    Args:
        words: what is said.
        version: of the header; in 2019 flags 0 and 1 together are the kind (urgent 2, notice 3), and a type follows.
        urgent: whether it is to be made known at once.
        shown: whether it is on the display.
        aloud: whether it is read aloud.

    Raises:
        ValueError: the words are empty, longer than a message carries, or hold a character that terminals have not.
    """
    spoken = words.encode(TEXT_ENCODING)
    flags = shown << 2 | aloud << 3
    head = bytes([flags | urgent]) if version is None else bytes([flags | (2 if urgent else 3), _NOTICE])
    if not spoken or len(head) + len(spoken) > MAX_BODY:
        raise ValueError("the text is empty or too long")
    return head + spoken


def parse_text(body: bytes, version: int | None = None) -> str:
    """Words of 0x8300."""
    start = 1 if version is None else 2
    _require(len(body) > start)
    return _text(body[start:])


def build_parameters(parameters: list[Parameter]) -> bytes:
    """Body of 0x8103."""
    return bytes([len(parameters)]) + b"".join(
        parameter.number.to_bytes(4, "big") + bytes([len(parameter.value)]) + parameter.value
        for parameter in parameters
    )


def parse_parameters(body: bytes) -> list[Parameter]:
    """Body of 0x8103: also the tail of 0x0104, after the serial number of the question."""
    _require(len(body) >= 1)
    found, start = [], 1
    for _ in range(body[0]):
        _require(start + 5 <= len(body))
        stop = start + 5 + body[start + 4]
        _require(stop <= len(body))
        found.append(Parameter(int.from_bytes(body[start : start + 4], "big"), body[start + 5 : stop]))
        start = stop
    _require(start == len(body))
    return found


def seconds(number: Parameters, value: int) -> Parameter:
    """A parameter whose value is a DWORD."""
    return Parameter(number, value.to_bytes(4, "big"))


def split(header: Header, body: bytes) -> list[Message]:
    """A message whose body may be longer than a frame carries, as sub-packages with serial numbers of their own."""
    if len(body) <= MAX_BODY:
        return [Message(header, body)]
    pieces = [body[start : start + MAX_BODY] for start in range(0, len(body), MAX_BODY)]
    return [
        Message(
            Header(
                header.message_id,
                header.phone,
                (header.serial + number) % 0x10000,
                header.version,
                len(pieces),
                number + 1,
            ),
            piece,
        )
        for number, piece in enumerate(pieces)
    ]


def _require(holds: bool) -> None:
    if not holds:
        raise FrameError(Flaw.BAD_BODY)


def _text(data: bytes) -> str:
    """Words as terminals pad them; bytes that are no character become U+FFFD."""
    return data.rstrip(b"\x00").decode(TEXT_ENCODING, errors="replace").replace("\x00", "").strip()


def _padded(words: str, size: int) -> bytes:
    data = words.encode(TEXT_ENCODING)
    if len(data) > size:
        raise ValueError(f"{words!r} is longer than {size} bytes")
    return data.ljust(size, b"\x00")
