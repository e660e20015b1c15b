"""What a hydrological station reports (SL 651-2014): times and elements in BCD."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from enum import IntEnum

from console.gateway.sl651.framing import Flaw, Frame, FrameError, Function

CITY_TIME = timezone(timedelta(hours=8), "GMT+8")
"""The zone of every time in the protocol."""
_STATION_MARK, _TIME_MARK = b"\xf1\xf1", b"\xf0\xf0"
_SERIAL_SIZE, _SENT_SIZE, _STATION_SIZE, _OBSERVED_SIZE = 2, 6, 5, 5
_BAD_RAIN, _BAD_LEVEL = 0xFF, 0xFFFF
_STEP = timedelta(minutes=5)


class Element(IntEnum):
    """Elements that the city reads; others are passed over by their size."""

    RAIN_1H = 0x1A
    RAIN_DAY = 0x1F
    RAIN_CURRENT = 0x20
    RAIN_5MIN = 0x22
    RAIN_TOTAL = 0x26
    BATTERY_V = 0x38
    LEVEL_M = 0x39
    RAIN_12X5MIN = 0xF4
    LEVEL_12X5MIN = 0xF5


@dataclass(frozen=True, slots=True)
class Value:
    """One measured value.

    Attributes:
        element: number of the element.
        at: when it was observed.
        value: in the element's unit (mm, m, V); None when the station itself marks it as bad.
    """

    element: int
    at: datetime
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class StationReport:
    """A report of a station.

    Attributes:
        station: its code, ten digits.
        serial: number of the report at the station.
        sent_at: when it was sent.
        observed_at: when it was measured; the time of sending for a heartbeat.
        station_class: 0x50 rain, 0x48 river …; None for a heartbeat.
        values: what was measured.
        cut_short: whether the elements end in the middle of one.
    """

    station: str
    serial: int
    sent_at: datetime
    observed_at: datetime
    station_class: int | None = None
    values: tuple[Value, ...] = ()
    cut_short: bool = False


def parse_report(frame: Frame) -> StationReport:
    """The report in a frame's body.

    Raises:
        FrameError: there is no serial number or time in it, or its times are none.
    """
    body = frame.body
    start = _SERIAL_SIZE + _SENT_SIZE
    if len(body) < start:
        raise FrameError(Flaw.BAD_BODY)
    serial = int.from_bytes(body[:_SERIAL_SIZE], "big")
    sent_at = _time(body[_SERIAL_SIZE:start])
    if frame.function == Function.HEARTBEAT:
        return StationReport(frame.station, serial, sent_at, sent_at)
    if body[start : start + 2] != _STATION_MARK or len(body) < start + 2 + _STATION_SIZE + 1:
        raise FrameError(Flaw.BAD_BODY)
    station = body[start + 2 : start + 2 + _STATION_SIZE].hex()
    station_class = body[start + 2 + _STATION_SIZE]
    start += 2 + _STATION_SIZE + 1
    observed_at = sent_at
    if body[start : start + 2] == _TIME_MARK:
        stop = start + 2 + _OBSERVED_SIZE
        observed_at = _time(body[start + 2 : stop])
        start = stop
    if not station.isdecimal():
        raise FrameError(Flaw.BAD_BODY)
    values, cut_short = _elements(body[start:], observed_at)
    return StationReport(station, serial, sent_at, observed_at, station_class, values, cut_short)


def build_report(report: StationReport, elements: list[tuple[int, str, int]]) -> bytes:
    """The body that a station sends.

    Args:
        report: serial number, times and class; its values are not looked at.
        elements: (number, digits of the value without point, how many of them are decimals); an even number of digits.
    """
    body = report.serial.to_bytes(_SERIAL_SIZE, "big") + _digits(report.sent_at, "%y%m%d%H%M%S")
    if report.station_class is None:
        return body
    body += _STATION_MARK + bytes.fromhex(report.station) + bytes([report.station_class])
    body += _TIME_MARK + _digits(report.observed_at, "%y%m%d%H%M")
    for number, digits, decimals in elements:
        packed = bytes.fromhex(digits)
        body += bytes([number, len(packed) << 3 | decimals]) + packed
    return body


def answer_body(serial: bytes, now: datetime) -> bytes:
    """What the centre's answer says: the report's serial number, and the time by which the station sets its clock."""
    return serial.rjust(_SERIAL_SIZE, b"\x00") + _digits(now, "%y%m%d%H%M%S")


def _elements(data: bytes, at: datetime) -> tuple[tuple[Value, ...], bool]:
    values: list[Value] = []
    start = 0
    while start + 2 <= len(data):
        number, size = data[start], data[start + 1] >> 3
        stop = start + 2 + size
        if stop > len(data):
            return tuple(values), True
        packed = data[start + 2 : stop]
        if number == Element.RAIN_12X5MIN and size == 12:
            values += _series(number, list(packed), _BAD_RAIN, Decimal("0.1"), at)
        elif number == Element.LEVEL_12X5MIN and size == 24:
            words = [int.from_bytes(packed[i : i + 2], "big") for i in range(0, 24, 2)]
            values += _series(number, words, _BAD_LEVEL, Decimal("0.01"), at)
        else:
            digits = packed.hex()
            # A value that is no number stands for one that could not be measured (AA…, FF…).
            negative = digits.startswith("ff") and digits[2:].isdecimal()
            digits = digits[2:] if negative else digits
            value = Decimal(int(digits)).scaleb(-(data[start + 1] & 7)) if digits.isdecimal() else None
            values.append(Value(number, at, -value if negative and value is not None else value))
        start = stop
    return tuple(values), start < len(data)


def _series(number: int, steps: list[int], bad: int, unit: Decimal, at: datetime) -> list[Value]:
    """Twelve five-minute values that end at `at`."""
    return [
        Value(number, at - _STEP * (len(steps) - 1 - place), None if step == bad else step * unit)
        for place, step in enumerate(steps)
    ]


def _time(packed: bytes) -> datetime:
    digits = packed.hex()
    try:
        year, month, day, hour, minute, *second = (int(digits[i : i + 2]) for i in range(0, len(digits), 2))
        return datetime(2000 + year, month, day, hour, minute, sum(second), tzinfo=CITY_TIME)
    except ValueError as fault:
        raise FrameError(Flaw.BAD_BODY) from fault


def _digits(at: datetime, pattern: str) -> bytes:
    return bytes.fromhex(at.astimezone(CITY_TIME).strftime(pattern))
