"""Positions of JT/T 808 (message 0x0200, and each entry of 0x0704)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import IntFlag
from functools import lru_cache

from console.gateway.jt808.framing import Flaw, FrameError

CITY_TIME = timezone(timedelta(hours=8), "GMT+8")
"""The zone of every time in the protocol."""
_BASIC = struct.Struct(">IIIIHHH6s")
_ITEM_MILEAGE, _ITEM_FUEL, _ITEM_SIGNAL, _ITEM_SATELLITES = 0x01, 0x02, 0x30, 0x31
ITEM_TRUCK = 0xE1
"""Project-defined: the state of a muck truck; no national item carries it."""

_MOST_MILEAGE_M = 0x7FFFFFFF


class Alarm(IntFlag):
    """Alarm bits that the monitors ask for; the others are kept as they came."""

    SOS = 1 << 0
    OVERSPEED = 1 << 1
    GNSS_FAULT = 1 << 4
    ANTENNA_OPEN = 1 << 5
    ANTENNA_SHORT = 1 << 6
    LOW_VOLTAGE = 1 << 7
    POWER_LOST = 1 << 8
    ROUTE_DEVIATION = 1 << 23


class Status(IntFlag):
    """Status bits; bits 8 and 9 together are the load (00 empty, 01 half, 11 full)."""

    ACC = 1 << 0
    FIXED = 1 << 1
    SOUTH = 1 << 2
    WEST = 1 << 3
    OUT_OF_SERVICE = 1 << 4
    ENCRYPTED = 1 << 5
    HALF = 1 << 8
    FULL = 3 << 8
    GPS = 1 << 18
    BEIDOU = 1 << 19


# As plain numbers: an operation on flags costs more than all else in reading a position.
_ACC, _FIXED, _SOUTH, _WEST, _FULL = map(int, (Status.ACC, Status.FIXED, Status.SOUTH, Status.WEST, Status.FULL))


@dataclass(frozen=True, slots=True)
class TruckState:
    """What sensors at the bed of a muck truck say (item 0xE1, project-defined).

    Attributes:
        lid_closed, bed_lifted: of the bed.
        load_fault, lid_fault: whether a sensor is broken.
        weight_t: of the load.
    """

    lid_closed: bool
    bed_lifted: bool
    load_fault: bool = False
    lid_fault: bool = False
    weight_t: float = 0.0


@dataclass(slots=True)
class Position:
    """Where a vehicle was.

    Attributes:
        at: time of the fix.
        longitude, latitude: degrees, WGS-84, south and west negative.
        altitude_m: above sea level.
        speed_kmh: by the satellites.
        heading: degrees from north, clockwise, 0–359.
        alarm, status: bits as sent.
        items: extra items as (id, value) in the order in which they came, unknown ones too.
        cut_short: whether the items end in the middle of one.
    """

    at: datetime
    longitude: float
    latitude: float
    altitude_m: int
    speed_kmh: float
    heading: int
    alarm: int = 0
    status: int = Status.ACC | Status.FIXED
    items: tuple[tuple[int, bytes], ...] = ()
    cut_short: bool = False

    @property
    def is_fixed(self) -> bool:
        """Whether the satellites gave it; otherwise it is the last known place."""
        return self.status & _FIXED != 0

    @property
    def load(self) -> str:
        """Code of the type ``city.load_state``."""
        bits = self.status & _FULL
        return "full" if bits == _FULL else "half" if bits else "empty"

    @property
    def ignition(self) -> bool:
        """Whether the engine is on."""
        return self.status & _ACC != 0

    @property
    def mileage_m(self) -> int | None:
        """Reading of the odometer; None when it was not sent, or is more than any truck drives."""
        value = self._item(_ITEM_MILEAGE, 4)
        metres = 0 if value is None else int.from_bytes(value[:4], "big") * 100
        return None if value is None or metres > _MOST_MILEAGE_M else metres

    @property
    def fuel_l(self) -> float | None:
        """Fuel in the tank, litres; None when it was not sent."""
        value = self._item(_ITEM_FUEL, 2)
        return None if value is None else int.from_bytes(value[:2], "big") / 10

    @property
    def satellites(self) -> int | None:
        """Number of satellites in view; None when it was not sent."""
        value = self._item(_ITEM_SATELLITES, 1)
        return None if value is None else value[0]

    @property
    def truck(self) -> TruckState | None:
        """State of the bed; None for a terminal that does not know it."""
        value = self._item(ITEM_TRUCK, 1)
        if value is None:
            return None
        weight = int.from_bytes(value[1:3], "big") / 100 if len(value) >= 3 else 0.0
        bits = value[0]
        return TruckState(bool(bits & 1), bool(bits & 2), bool(bits & 4), bool(bits & 8), weight)

    def _item(self, wanted: int, size: int) -> bytes | None:
        """The value of an item that has at least `size` bytes."""
        return next((value for key, value in self.items if key == wanted and len(value) >= size), None)


def parse_position(body: bytes) -> Position:
    """The position in a body.

    Raises:
        FrameError: it is shorter than a position, or its time or place is none.
    """
    if len(body) < _BASIC.size:
        raise FrameError(Flaw.BAD_BODY)
    alarm, status, latitude, longitude, altitude, speed, heading, clock = _BASIC.unpack_from(body)
    if latitude > 90_000_000 or longitude > 180_000_000 or heading > 360:
        raise FrameError(Flaw.BAD_BODY)
    items, cut_short = _parse_items(body) if len(body) > _BASIC.size else ((), False)
    return Position(
        at=parse_time(clock),
        longitude=(-longitude if status & _WEST else longitude) / 1e6,
        latitude=(-latitude if status & _SOUTH else latitude) / 1e6,
        altitude_m=altitude,
        speed_kmh=speed / 10,
        heading=heading % 360,
        alarm=alarm,
        status=status,
        items=items,
        cut_short=cut_short,
    )


def build_position(position: Position) -> bytes:
    """The body of 0x0200 that says `position`; the signs of its degrees decide the bits for south and west."""
    status = position.status & ~(Status.SOUTH | Status.WEST)
    status |= (Status.SOUTH if position.latitude < 0 else 0) | (Status.WEST if position.longitude < 0 else 0)
    return _BASIC.pack(
        position.alarm,
        status,
        round(abs(position.latitude) * 1e6),
        round(abs(position.longitude) * 1e6),
        position.altitude_m,
        round(position.speed_kmh * 10),
        position.heading,
        build_time(position.at),
    ) + b"".join(bytes([key, len(value)]) + value for key, value in position.items)


def items_of(
    mileage_m: int | None = None, satellites: int | None = None, truck: TruckState | None = None
) -> tuple[tuple[int, bytes], ...]:
    """Extra items as a muck truck's terminal sends them."""
    items: list[tuple[int, bytes]] = []
    if mileage_m is not None:
        items.append((_ITEM_MILEAGE, (mileage_m // 100).to_bytes(4, "big")))
    if satellites is not None:
        items.append((_ITEM_SATELLITES, bytes([satellites])))
    if truck is not None:
        bits = truck.lid_closed | truck.bed_lifted << 1 | truck.load_fault << 2 | truck.lid_fault << 3
        items.append((ITEM_TRUCK, bytes([bits]) + round(truck.weight_t * 100).to_bytes(2, "big")))
    return tuple(items)


@lru_cache(4096)  # a fleet says the same second many times
def parse_time(clock: bytes) -> datetime:
    """Six bytes YY MM DD hh mm ss in BCD, GMT+8.

    Raises:
        FrameError: there is no such time.
    """
    digits = clock.hex()
    try:
        return datetime(
            2000 + int(digits[0:2]), int(digits[2:4]), int(digits[4:6]),
            int(digits[6:8]), int(digits[8:10]), int(digits[10:12]), tzinfo=CITY_TIME,
        )  # fmt: skip
    except ValueError as fault:
        raise FrameError(Flaw.BAD_BODY) from fault


def build_time(at: datetime) -> bytes:
    """The time as six bytes of BCD; fractions of a second are lost."""
    return bytes.fromhex(at.astimezone(CITY_TIME).strftime("%y%m%d%H%M%S"))


def _parse_items(body: bytes) -> tuple[tuple[tuple[int, bytes], ...], bool]:
    items: list[tuple[int, bytes]] = []
    start, end = _BASIC.size, len(body)
    while start + 2 <= end:
        stop = start + 2 + body[start + 1]
        if stop > end:
            return tuple(items), True
        items.append((body[start], body[start + 2 : stop]))
        start = stop
    return tuple(items), start < end
