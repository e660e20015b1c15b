"""Sensors and stations: what each device brings, what was refused of it, and who asks to come in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from console.errors import QT_TRANSLATE_NOOP
from console.models import devices
from console.models.devices import Devices, RefusedReading, SensorRow, Source, UnknownDevice
from console.widgets.intake.page import IntakePage
from console.widgets.intake.sensor_panel import SensorPanel
from console.widgets.intake.words import SENSOR_KIND, WAY
from console.widgets.shared import figures
from console.widgets.shared.table import Column
from console.widgets.shared.words import READING, SYMBOL, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from console.widgets.shared.desk import Desk

BAD = 2


@dataclass(frozen=True)
class Row:
    """A sensor, or a device that asks to come in: one of the two."""

    sensor: SensorRow | None = None
    unknown: UnknownDevice | None = None

    @property
    def key(self) -> str:
        """Tells it from all others."""
        if self.sensor is not None:
            return f"sensor-{self.sensor.id}"
        return "" if self.unknown is None else f"{self.unknown.way}-{self.unknown.address}"


class SensorsPage(IntakePage):
    """All sensors, and the devices that no sensor is connected with first."""

    key: ClassVar[str] = "sensors"
    title: ClassVar[str] = QT_TRANSLATE_NOOP("words", "Sensors and stations")
    about: ClassVar[str] = QT_TRANSLATE_NOOP(
        "words", "A device comes in when a value of it is connected with a sensor; it is heard within seconds."
    )
    subjects: ClassVar[frozenset[str]] = frozenset({"sensor_source", "unknown_device", "sensor"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._found = Devices((), ())
        self.panel = self.sensor = SensorPanel(desk)
        self.sensor.connected.connect(self._connect)
        self.sensor.disconnected.connect(self._disconnect)

    def columns(self) -> list[Column[Row]]:
        """What is known of each sensor and of each device that asks."""
        return [
            Column(self.tr("State"), self._state, colour=_colour, width_px=148, rank=self._rank),
            Column(self.tr("Sensor"), _name, width_px=170),
            Column(self.tr("Measures"), _measures, colour=lambda _r: "secondary", width_px=96, spare=3),
            Column(self.tr("Speaks"), _ways, width_px=84, spare=4),
            Column(self.tr("Address"), self._address, colour=_address_colour),
            Column(self.tr("Latest"), _value, lambda r: r.sensor and r.sensor.value, colour=_colour, width_px=96),
            Column(self.tr("Age"), self._age, _at, colour=_colour, width_px=70),
            Column(self.tr("Suspect"), lambda r: _count(r, "suspect"), lambda r: r.sensor and r.sensor.suspect,
                   colour=lambda r: _flagged(r, "suspect"), width_px=76, spare=2),
            Column(self.tr("Bad"), lambda r: _count(r, "bad"), lambda r: r.sensor and r.sensor.bad,
                   colour=lambda r: _flagged(r, "bad"), width_px=64),
            Column(self.tr("Wrong time"), lambda r: _count(r, "untimely"), lambda r: r.sensor and r.sensor.untimely,
                   colour=lambda r: _flagged(r, "untimely"), width_px=96, spare=1),
        ]  # fmt: skip

    def key_of(self, record: Row) -> str:
        """Number of the sensor, or way and address of the device."""
        return record.key

    def read(self, connection: Connection) -> Devices:
        """All sensors and devices."""
        return devices.devices(connection)

    def show_answer(self, answer: Devices) -> tuple[Sequence[Row], int]:
        """Those that ask, and all sensors."""
        self._found = answer
        self.sensor.show_sensors(answer.sensors)
        rows = [Row(unknown=one) for one in answer.unknown] + [Row(sensor=one) for one in answer.sensors]
        return rows, len(answer.unknown)

    def show_record(self, record: Row | None) -> None:
        """What is known of a sensor with what was refused of it, or of a device that asks."""
        sensor = None if record is None else record.sensor
        self.sensor.show_row(sensor, None if record is None else record.unknown)
        if sensor is not None:
            ask = partial(devices.refused_readings, sensor_id=sensor.id)
            self.desk.operations.read(self, ask, partial(self._show_refused, sensor.id), key="refused")

    def title_of(self, record: Row) -> tuple[str, str]:
        """The sensor and its code, or the device and how it speaks."""
        if record.sensor is not None:
            return record.sensor.place or record.sensor.name, record.sensor.code
        return ("", "") if record.unknown is None else (record.unknown.address, WAY[str(record.unknown.way)])

    def empty_words(self) -> str:
        """There is neither sensor nor device."""
        return self.tr("No sensor is registered, and no device has called.")

    def _show_refused(self, sensor_id: int, found: list[RefusedReading]) -> None:
        self.sensor.show_refused(sensor_id, found)

    def _connect(self, source: dict[str, Any]) -> None:
        words = self.tr("{address} is let in; the gateway hears it within seconds.")
        self.write(partial(devices.connect_device, **source), words.format(address=source["address"]), self._connected)

    def _connected(self, _done: object) -> None:
        self.sensor.forget()

    def _disconnect(self, source: Source) -> None:
        words = self.tr("{field} of {address} is not heard any more.")
        said = words.format(field=source.field, address=source.address)
        self.write(partial(devices.disconnect_device, source=source), said)

    # Cells

    def _state(self, row: Row) -> str:
        sensor = row.sensor
        if sensor is None:
            return f"{SYMBOL['medium']} " + self.tr("Asks to come in")
        if sensor.quality == BAD:
            return f"{SYMBOL['medium']} " + word(READING, str(BAD))
        if sensor.silent:
            return self.tr("Silent")
        if sensor.at is None:
            return self.tr("Never heard")
        return self.tr("Heard")

    def _rank(self, row: Row) -> tuple[int, str, str]:
        sensor = row.sensor
        if sensor is None:
            return 0, "", row.key
        place = 1 if sensor.quality == BAD else 2 if sensor.silent else 3 if sensor.at is None else 4
        return place, sensor.code, ""

    def _address(self, row: Row) -> str:
        if row.unknown is not None:
            return row.unknown.address
        sources = () if row.sensor is None else row.sensor.sources
        if not sources:
            return self.tr("no device is connected")
        return ", ".join(f"{one.address} · {one.field}" for one in sources)

    def _age(self, row: Row) -> str:
        at = row.unknown.last_seen if row.unknown is not None else None if row.sensor is None else row.sensor.at
        return figures.NONE if at is None else figures.age(self.desk.now() - at)


def _name(row: Row) -> str:
    return figures.NONE if row.sensor is None else f"{row.sensor.code}  {row.sensor.place or row.sensor.name}"


def _measures(row: Row) -> str:
    return "" if row.sensor is None else word(SENSOR_KIND, row.sensor.kind)


def _ways(row: Row) -> str:
    if row.unknown is not None:
        return WAY[str(row.unknown.way)]
    ways = sorted({source.way for source in row.sensor.sources}) if row.sensor is not None else []
    return ", ".join(WAY[str(way)] for way in ways) or figures.NONE


def _value(row: Row) -> str:
    return "" if row.sensor is None else figures.number(row.sensor.value, 1, row.sensor.unit)


def _at(row: Row) -> float | None:
    at = row.unknown.last_seen if row.unknown is not None else None if row.sensor is None else row.sensor.at
    return None if at is None else -at.timestamp()


def _colour(row: Row) -> str:
    sensor = row.sensor
    if sensor is None or sensor.quality == BAD:
        return "medium_text"
    return "disabled" if sensor.silent or sensor.at is None else ""


def _address_colour(row: Row) -> str:
    return "disabled" if row.sensor is not None and not row.sensor.sources else ""


def _count(row: Row, name: str) -> str:
    count = 0 if row.sensor is None else getattr(row.sensor, name)
    return figures.count(count) if count else figures.NONE


def _flagged(row: Row, name: str) -> str:
    return "medium_text" if row.sensor is not None and getattr(row.sensor, name) else "disabled"
