"""The devices whose readings the city wants, kept in memory, and those that nobody has connected with a sensor."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from console.gateway.arrivals import Reading, judge_time
from console.models.field_intake import note_device, sensor_sources

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Engine

    from console.gateway.arrivals import Way
    from console.models.field_intake import SensorSource

MOST_NOTED = 1_000
"""Unknown devices that are remembered until they are told to the database."""
MOST_SAMPLE = 5_000
MOST_VALUE = 1e6


@dataclass(frozen=True, slots=True)
class Measured:
    """One value as a device says it: which, when, how much (None: it could not measure), quality as of `Reading`."""

    field: str
    at: datetime
    value: float | None
    quality: int = 0


@dataclass(frozen=True, slots=True)
class Device:
    """A device that is connected with sensors.

    Attributes:
        sources: by the name of the value.
        owner_id: sensor under which its messages are kept.
        password: that it must say; None when any is right.
    """

    sources: dict[str, SensorSource]
    owner_id: int
    password: str | None

    def readings(self, values: Iterable[Measured], received_at: datetime) -> tuple[Reading, ...]:
        """What `values` say of sensors, in their units; values of no sensor are passed over."""
        found = []
        for one in values:
            source = self.sources.get(one.field)
            if source is None:
                continue
            value = None if one.value is None else round(one.value * source.factor + source.shift, 3)
            if value is not None and not -MOST_VALUE <= value <= MOST_VALUE:
                value = math.copysign(MOST_VALUE, value)  # out of every range, and still a number that can be stored
            doubt = judge_time(one.at, received_at)
            found.append(Reading(source.sensor_id, one.at, value, one.quality, source.is_total, doubt))
        return tuple(found)


@dataclass
class _Unknown:
    fields: list[str]
    peer: str
    sample: bytes
    attempts: int = 0


@dataclass
class KnownSensors:
    """Who brings which readings. While the database is away, who is known stays known.

    Attributes:
        engine: a gateway's login.
    """

    engine: Engine
    _devices: dict[tuple[int, str], Device] = field(default_factory=dict)
    _unknown: dict[tuple[int, str], _Unknown] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def load(self) -> None:
        """Read anew who is known, and tell who is not; to be called on any thread.

        Raises:
            ConsoleError: the database is away.
        """
        with self.engine.begin() as connection:
            found = sensor_sources(connection)
            with self._lock:
                noted = dict(self._unknown)
            for (way, address), one in sorted(noted.items()):
                note_device(
                    connection,
                    way=way,
                    address=address,
                    fields=one.fields,
                    peer=one.peer,
                    sample=one.sample,
                    attempts=one.attempts,
                )
        with self._lock:
            for key, one in noted.items():
                if self._unknown[key] is one:
                    del self._unknown[key]
                else:
                    self._unknown[key].attempts -= one.attempts
        sources: dict[tuple[int, str], dict[str, SensorSource]] = {}
        for source in found:
            sources.setdefault((source.way, source.address), {})[source.field] = source
        self._devices = {
            key: Device(
                by_field,
                min(source.sensor_id for source in by_field.values()),
                next((source.password for source in by_field.values() if source.password is not None), None),
            )
            for key, by_field in sources.items()
        }

    def find(self, way: Way, address: str) -> Device | None:
        """The device of that address, if a sensor is connected with it."""
        return self._devices.get((way, address))

    def note(self, way: Way, address: str, fields: Iterable[str], peer: str, sample: bytes) -> None:
        """Remember a device that nobody has connected, for the administrator."""
        with self._lock:
            before = self._unknown.get((way, address))
            if before is None and len(self._unknown) >= MOST_NOTED:
                return
            one = _Unknown(
                sorted(set(fields))[:100], peer, sample[:MOST_SAMPLE], 1 + (before.attempts if before else 0)
            )
            self._unknown[way, address] = one
