"""From reports to readings, alike for what comes in now and for what comes back from the spool."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from console.gateway.arrivals import Way
from console.gateway.devices.known import Measured
from console.gateway.sl651.framing import FrameError, Framer, Function
from console.gateway.sl651.parts import Assembler
from console.gateway.sl651.report import StationReport, parse_report

if TYPE_CHECKING:
    from console.gateway.arrivals import Arrival
    from console.gateway.devices.known import KnownSensors
    from console.gateway.sl651.framing import Frame

WITH_ELEMENTS = frozenset(
    {Function.TEST, Function.INTERVAL, Function.TIMED, Function.ADDED, Function.HOURLY, Function.MANUAL}
)
_BY_HAND = 3


def measured(frame: Frame, report: StationReport) -> list[Measured]:
    """What a report says for good: nothing of a test, in which water is poured by hand."""
    if frame.function == Function.TEST:
        return []
    quality = _BY_HAND if frame.function == Function.MANUAL else 0
    return [
        Measured(f"{one.element:02X}", one.at, None if one.value is None else float(one.value), quality)
        for one in report.values
    ]


def decode(arrival: Arrival, sensors: KnownSensors) -> Arrival:
    """An arrival from the spool with the readings that its frames say; none where they say nothing."""
    assembler = Assembler()
    with suppress(FrameError):
        for frame in Framer().feed(arrival.raw):
            whole = assembler.add(frame, 0.0) if frame.parts > 1 else frame
            if whole is None:
                continue
            report = parse_report(whole)
            device = sensors.find(Way.SL651, report.station)
            if device is not None:
                return replace(arrival, readings=device.readings(measured(whole, report), arrival.received_at))
    return arrival
