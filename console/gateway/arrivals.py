"""What has come in from the field and waits to be stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.gateway.jt808.position import Position

TICK = timedelta(microseconds=1)
"""Two messages of one sender are at least so far apart: their time is what tells them apart."""
FUTURE = timedelta(minutes=5)
OLD = timedelta(hours=24)
LONG_AGO = timedelta(days=31)
"""Beyond this a clock is not late but wrong: devices that lost their battery say the year 2000."""
FASTEST_KMH = 140.0
"""Above this no muck truck drives: the speed is kept but not believed."""
# The box in which EPSG:4546 is used (109.5–112.5° E), as the database holds it.
WEST, EAST, SOUTH, NORTH = 109.2, 112.8, 21.8, 45.9


class Way(IntEnum):
    """How something came in; stored with its raw bytes."""

    JT808 = 1
    SL651 = 2
    MQTT = 3
    HTTP = 4


class Doubt(IntFlag):
    """Why a position or reading is kept but not believed; none is a good one."""

    NONE = 0
    NO_FIX = 1
    FUTURE = 2
    OLD = 4
    OUTSIDE = 8
    TOO_FAST = 16
    LONG_AGO = 32


_NONE, _OLD, _STILL_GOOD = Doubt.NONE, Doubt.OLD, (Doubt.NONE, Doubt.OLD)


@dataclass(slots=True)
class Fix:
    """One position of one vehicle.

    Attributes:
        vehicle_id: whose.
        position: what the terminal said.
        doubt: why it is not believed.
    """

    vehicle_id: int
    position: Position
    doubt: Doubt

    @property
    def is_good(self) -> bool:
        """Whether it may be drawn and judged by."""
        return self.doubt in _STILL_GOOD


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of one sensor.

    Attributes:
        sensor_id: whose.
        at: when it was measured, aware.
        value: in the sensor's unit (cm, mm); None when the device itself could not measure.
        quality: 0 good, 1 suspect, 2 bad, 3 entered by hand.
        is_total: whether it is the running total of a rain gauge.
        doubt: why its time is not believed.
    """

    sensor_id: int
    at: datetime
    value: float | None
    quality: int = 0
    is_total: bool = False
    doubt: Doubt = Doubt.NONE

    @property
    def is_good(self) -> bool:
        """Whether its time is believed."""
        return self.doubt in _STILL_GOOD


@dataclass(slots=True)
class Arrival:
    """One message with what it says.

    Attributes:
        received_at: when it came, aware.
        way: how it came.
        owner_id: vehicle or sensor that it belongs to.
        raw: the message as it came, without the marks around it; parts of one message are joined by a mark.
        fixes, readings: what it says.
        done: told on the event loop whether it is kept for good; then it may be acknowledged.
    """

    received_at: datetime
    way: Way
    owner_id: int
    raw: bytes
    fixes: tuple[Fix, ...] = ()
    readings: tuple[Reading, ...] = ()
    done: Callable[[bool], None] | None = field(default=None, compare=False)

    @property
    def rows(self) -> int:
        """How many rows it becomes, besides the message itself; one at least, so that nothing is free."""
        return max(len(self.fixes) + len(self.readings), 1)


@dataclass
class Stamps:
    """Times of messages of one sender, by a clock: no two are the same, and none is earlier than the one before."""

    now: Callable[[], datetime]
    _last: datetime | None = None

    def next(self) -> datetime:
        """The time of a message that has come now."""
        at = self.now()
        if self._last is not None:
            at = max(at, self._last + TICK)
        self._last = at
        return at


def judge(position: Position, received_at: datetime) -> Doubt:
    """Why `position` is not believed (domain: reject or flag)."""
    doubt = judge_time(position.at, received_at)
    if not position.is_fixed:
        doubt |= Doubt.NO_FIX
    if not (WEST <= position.longitude <= EAST and SOUTH <= position.latitude <= NORTH):
        doubt |= Doubt.OUTSIDE
    if position.speed_kmh > FASTEST_KMH:
        doubt |= Doubt.TOO_FAST
    return doubt


def judge_time(at: datetime, received_at: datetime) -> Doubt:
    """Why what a device says to have seen at `at` is late or not believed."""
    age = received_at - at
    if age < -FUTURE:
        return Doubt.FUTURE
    if age > LONG_AGO:
        return Doubt.LONG_AGO
    return _OLD if age > OLD else _NONE
