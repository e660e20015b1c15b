"""Decoders of the gateway against what no device should say: a bounded run of a fuzzer that is guided by coverage.

Valid messages are cut, glued, spliced and altered, half of them with a new checksum so that they get past the frame; an
input that reaches a new branch of the decoders joins those that are altered further. Whatever comes, a session must
not fail, and what it understands must be storable. ``python -m benchmarks.fuzz SECONDS`` runs each decoder so long.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import Row
from benchmarks._terminals import frames
from console.gateway import arrivals
from console.gateway.devices.known import Device, KnownSensors
from console.gateway.devices.message import MessageError, parse_message
from console.gateway.intake import Intake
from console.gateway.jt808 import messages as m
from console.gateway.jt808 import session as jt_session
from console.gateway.jt808.framing import MARK, Header, Message, build, checksum, escape, unescape
from console.gateway.jt808.position import Position, TruckState, build_position, items_of
from console.gateway.jt808.session import Terminal, Terminals
from console.gateway.sl651 import session as sl_session
from console.gateway.sl651.framing import Frame, Function, crc
from console.gateway.sl651.framing import build as build_report_frame
from console.gateway.sl651.report import CITY_TIME, StationReport, build_report
from console.gateway.sl651.session import Stations
from console.models.field_intake import SensorSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType

    from console.gateway.arrivals import Arrival, Way

SECONDS = 20.0
LOOKS = 0.2
PHONE, STATION = "013900000001", "0011223344"
_GATEWAY = str(Path(arrivals.__file__).parent)
_EDGES = (0x00, 0x01, 0x02, 0x03, 0x16, 0x17, 0x7D, 0x7E, 0x7F, 0x80, 0x99, 0xAA, 0xFF)


class Wire(asyncio.Transport):
    """A line that swallows what is said on it."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.closed = False

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.closed

    def close(self) -> None:
        """Close it."""
        self.closed = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Swallow."""


class Taken(Intake):
    """Stands where the intake is: looks at what a session has understood, and says that it is kept."""

    def __init__(self) -> None:
        self.taken = 0

    @property
    def is_full(self) -> bool:
        """There is always room."""
        return False

    def put(self, arrival: Arrival) -> None:
        """Look at an arrival."""
        check(arrival)
        self.taken += len(arrival.fixes) + len(arrival.readings)
        if arrival.done is not None:
            arrival.done(True)


def check(arrival: Arrival) -> None:
    """What is understood must be storable.

    Raises:
        AssertionError: it is not.
    """
    for fix in arrival.fixes:
        place = fix.position
        holds = place.at.tzinfo is not None and -90 <= place.latitude <= 90 and -180 <= place.longitude <= 180
        holds = holds and 0 <= place.heading < 360 and place.speed_kmh >= 0 and place.load in {"empty", "half", "full"}
        if not holds or not 0 <= (place.mileage_m or 0) < 1 << 31:
            raise AssertionError(f"no position: {place}")
    for reading in arrival.readings:
        if reading.at.tzinfo is None or not math.isfinite(reading.value or 0.0) or reading.quality not in range(4):
            raise AssertionError(f"no reading: {reading}")


class Everybody(KnownSensors):
    """Knows every device, by the same two sensors."""

    def __init__(self) -> None:
        fields = {"39": 1, "26": 2, "22": 2, "F4": 2, "F5": 1, "level_cm": 1, "rain_mm": 2}
        self.device = Device(
            {name: SensorSource(2, STATION, name, sensor, 100.0, -5.0, False, None) for name, sensor in fields.items()},
            1,
            None,
        )

    def find(self, way: Way, address: str) -> Device | None:
        """Whoever it is, it is known, unless it has no name."""
        return self.device if way and address else None

    def note(self, way: Way, address: str, fields: Iterable[str], peer: str, sample: bytes) -> None:
        """Look at how it is called."""
        if not isinstance(address, str) or not all(isinstance(one, str) for one in fields):
            raise TypeError(f"{way} {address} of {peer} is called what cannot be written: {sample.hex()}")


class EveryTerminal:
    """Knows one terminal."""

    def find(self, phone: str) -> Terminal | None:
        """The terminal, if it is that one."""
        return Terminal(PHONE.lstrip("0"), 1, "code") if phone.lstrip("0") == PHONE.lstrip("0") else None

    async def register(
        self, phone: str, said: m.Registration, address: str, *, is_2019: bool
    ) -> tuple[m.RegisterResult, str]:
        """Everybody is welcome who can be written down."""
        words = f"{phone} {said} {address} {is_2019}"
        if "\x00" in words:
            raise ValueError("the database takes no NUL")
        return m.RegisterResult.OK, "code"


@dataclass
class Decoder:
    """What is tried.

    Attributes:
        name: for the reader.
        corpus: valid inputs to begin with.
        take: takes one input; must not fail.
        mend: makes the checksum of an altered message right.
    """

    name: str
    corpus: list[bytes]
    take: Callable[[bytes], None]
    mend: Callable[[bytes], bytes]
    arcs: set[tuple[str, int, int]] = field(default_factory=set)
    tried: int = 0
    faults: list[str] = field(default_factory=list)


def rows() -> Iterator[Row]:
    """Try every decoder for `SECONDS`."""
    for decoder in decoders():
        began = time.perf_counter()
        fuzz(decoder, SECONDS)
        rate = decoder.tried / (time.perf_counter() - began)
        name = f"{decoder.name}: faults in {decoder.tried} inputs, {len(decoder.arcs)} branches"
        yield Row(name[:58], 0, 0, "faults", (len(decoder.faults),))
        print(f"  {decoder.name}: {decoder.tried} inputs at {rate:,.0f}/s, {len(decoder.corpus)} kept for new branches")
        for fault in decoder.faults[:5]:
            print(f"  {fault}")


def fuzz(decoder: Decoder, seconds: float, seed: int = 1) -> None:
    """Alter and try, until the time is over."""
    rng = random.Random(seed)
    asyncio.run(_fuzz(decoder, rng, time.perf_counter() + seconds))


async def _fuzz(decoder: Decoder, rng: random.Random, deadline: float) -> None:
    for valid in list(decoder.corpus):
        _try(decoder, valid)
    while time.perf_counter() < deadline:
        data = altered(rng, decoder.corpus)
        if rng.random() < 0.5:
            data = decoder.mend(data)
        # Looking which way an input goes takes ten times as long as going it.
        if _try(decoder, data, look=rng.random() < LOOKS) and len(data) < 20_000:
            decoder.corpus.append(data)
        if decoder.tried % 200 == 0:
            await asyncio.sleep(0)  # what the sessions have to say


def _try(decoder: Decoder, data: bytes, *, look: bool = True) -> bool:
    """Take one input; whether it reached a new branch, if that is looked at."""
    seen: set[tuple[str, int, int]] = set()
    last: dict[int, int] = {}

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if not frame.f_code.co_filename.startswith(_GATEWAY):
            return None
        if event == "line":
            seen.add((frame.f_code.co_filename, last.get(id(frame), 0), frame.f_lineno))
            last[id(frame)] = frame.f_lineno
        return trace

    decoder.tried += 1
    if look:
        sys.settrace(trace)
    try:
        decoder.take(data)
    except Exception as fault:  # noqa: BLE001 - finding these is what it is for
        decoder.faults.append(f"{type(fault).__name__}: {fault} on {data[:200].hex()}")
    finally:
        sys.settrace(None)
    is_new = not seen <= decoder.arcs
    decoder.arcs |= seen
    return is_new


def altered(rng: random.Random, corpus: list[bytes]) -> bytes:
    """Some input, altered in one to eight ways."""
    data = bytearray(rng.choice(corpus))
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        place = rng.randrange(len(data) + 1)
        way = rng.randrange(8)
        if way == 0 and data:
            data[place - 1] ^= 1 << rng.randrange(8)
        elif way == 1 and data:
            data[place - 1] = rng.choice(_EDGES)
        elif way == 2:
            data[place:place] = bytes(rng.choices(_EDGES, k=rng.randrange(1, 9)))
        elif way == 3:
            del data[place : place + rng.randrange(1, 40)]
        elif way == 4:
            other = rng.choice(corpus)
            data[place:] = other[rng.randrange(len(other) + 1) :]
        elif way == 5:
            data += rng.choice(corpus)
        elif way == 6:
            data[place:place] = data[place : place + rng.randrange(1, 60)] * rng.randrange(1, 4)
        elif data:
            data[place - 1 : place + 1] = rng.randrange(1 << 16).to_bytes(2, "big")
    return bytes(data[:60_000])


def decoders() -> list[Decoder]:
    """What the gateway takes from strangers."""
    return [_terminals(), _stations(), _messages()]


def _terminals() -> Decoder:
    shared = Terminals(intake=Taken(), counters=Counter(), directory=EveryTerminal())

    def take(data: bytes) -> None:
        session = jt_session.Session(shared)
        session.connection_made(Wire())
        session.data_received(build(Message(Header(m.MessageId.AUTHENTICATE, PHONE, 1), b"code")))
        middle = len(data) // 2
        session.data_received(data[:middle])
        session.data_received(data[middle:])
        session.connection_lost(None)

    def mend(data: bytes) -> bytes:
        pieces = []
        for piece in data.split(MARK):
            try:
                plain = unescape(piece)
            except ValueError:
                plain = piece
            plain = _with_length(plain[:-1]) if len(plain) > 13 else plain
            pieces.append(escape(plain + bytes([checksum(plain)])) if plain else b"")
        return MARK.join(pieces)

    return Decoder("JT/T 808", _said_by_terminals(), take, mend)


def _with_length(plain: bytes) -> bytes:
    """The header's length made that of the body, as far as it can be."""
    properties = int.from_bytes(plain[2:4], "big")
    size = (17 if properties & 0x4000 else 12) + (4 if properties & 0x2000 else 0)
    length = min(max(len(plain) - size, 0), 0x3FF)
    return plain[:2] + (properties & 0xE000 | length).to_bytes(2, "big") + plain[4:]


def _said_by_terminals() -> list[bytes]:
    now = datetime.now(UTC).replace(microsecond=0)
    items = items_of(120_000, 14, TruckState(True, False, weight_t=12.5))
    batch = m.build_batch(
        m.PositionBatch(True, tuple(Position(now, 111.0, 35.0, 300, 30, 90, items=items) for _ in range(30)))
    )
    said = m.Registration(14, 802, "CM", "YC-1", "0000001", 2, "晋M·D0001")
    bodies: list[tuple[int, bytes, int | None]] = [
        (m.MessageId.REGISTER, m.build_registration(said, None), None),
        (m.MessageId.REGISTER, m.build_registration(said, 1), 1),
        (m.MessageId.AUTHENTICATE, m.build_authentication(m.Authentication("code", "1", "2"), 1), 1),
        (m.MessageId.HEARTBEAT, b"", None),
        (m.MessageId.TERMINAL_ACK, m.build_ack(m.Ack(1, m.MessageId.TEXT, 0)), None),
        (m.MessageId.POSITION_BATCH, batch, None),
        (m.MessageId.POSITION_BATCH, batch[:200], 1),
        (m.MessageId.POSITION_ANSWER, b"\x00\x01" + build_position(Position(now, 111, 35, 300, 30, 90)), None),
        (m.MessageId.LOG_OUT, b"", None),
    ]
    whole = []
    for message_id, body, version in bodies:
        phone = PHONE if version is None else PHONE.rjust(20, "0")
        parts = m.split(Header(message_id, phone, 7, version), body)
        whole.append(b"".join(map(build, parts)))
    return [*whole, *frames(1, now - timedelta(minutes=1), 3)]


def _stations() -> Decoder:
    shared = Stations(intake=Taken(), counters=Counter(), sensors=Everybody())

    def take(data: bytes) -> None:
        session = sl_session.Session(shared)
        session.connection_made(Wire())
        middle = len(data) // 2
        session.data_received(data[:middle])
        session.data_received(data[middle:])
        session.connection_lost(None)

    def mend(data: bytes) -> bytes:
        if len(data) < 17:
            return data
        length = min(len(data) - 17, 0xFFF)
        data = data[:11] + length.to_bytes(2, "big") + data[13 : 14 + length] + data[-3:-2]
        return data + crc(data).to_bytes(2, "big")

    return Decoder("SL 651", _said_by_stations(), take, mend)


def _said_by_stations() -> list[bytes]:
    now = datetime.now(UTC).astimezone(CITY_TIME)
    elements = [(0x39, "00010490", 3), (0x26, "000040", 1), (0x38, "1102", 2), (0xF4, "00" * 11 + "FF", 0)]
    report = StationReport(STATION, 7, now, now, 0x48)
    body = build_report(report, [*elements, (0xF5, "0012" * 11 + "FFFF", 0)])
    made = [
        build_report_frame(Frame(5, STATION, b"\x03\xe8", function, body))
        for function in (Function.TEST, Function.TIMED, Function.HOURLY, Function.MANUAL, Function.PICTURE)
    ]
    made.append(build_report_frame(Frame(5, STATION, b"\x03\xe8", Function.HEARTBEAT, body[:8])))
    for number, piece in enumerate((body[:40], body[40:]), 1):
        packet = bytearray(build_report_frame(Frame(5, STATION, b"\x03\xe8", Function.HOURLY, b"\0\0\0" + piece)))
        packet[13:17] = b"\x16" + (2 << 12 | number).to_bytes(3, "big")
        packet[-3] = 0x17 if number == 1 else 0x03
        made.append(bytes(packet[:-2]) + crc(bytes(packet[:-2])).to_bytes(2, "big"))
    return made


def _messages() -> Decoder:
    everybody = Everybody()

    def take(data: bytes) -> None:
        try:
            said = parse_message(data)
        except MessageError:
            return
        now = datetime.now(UTC)
        readings = everybody.device.readings(said.values, now)
        check(arrivals.Arrival(now, arrivals.Way.HTTP, 1, data, (), readings))

    said = {"id": "WL-014", "ts": "2026-07-15T09:30:00+08:00", "seq": 881, "level_cm": 18.4, "rain_mm": None, "q": 0}
    texts = [json.dumps(said), json.dumps(said | {"level_cm": 1e308}), json.dumps([said]), '{"ts":"0001-01-01T00:00Z"}']
    return Decoder("JSON messages", [one.encode() for one in texts], take, lambda data: data)


if __name__ == "__main__":
    SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    for row in rows():
        print(row.name)
