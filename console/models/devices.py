"""Devices that bring readings, as the administrator sees them: sensors, their sources, who asks to come in, tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models.sensors import MISSED_READINGS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

SL651, MQTT, HTTP = 2, 3, 4
WAYS = (SL651, MQTT, HTTP)
"""How devices speak, as the database numbers it."""
REFUSED_MOST = 200
MOST_ADDRESS, MOST_NAME = 200, 60
"""Characters of an address and of the name of a token."""


@dataclass(frozen=True)
class Source:
    """Which value of which device is a sensor's reading.

    Attributes:
        way: one of `WAYS`.
        address: station code of ten digits, topic, or id in the message.
        field: element in two hexadecimal digits, or member of the JSON message.
        factor, shift: the value times `factor` plus `shift` is in the sensor's unit.
        is_total: whether it is the running total of a rain gauge.
    """

    way: int
    address: str
    field: str
    factor: float
    shift: float
    is_total: bool


@dataclass(frozen=True)
class SensorRow:
    """A sensor with what its devices have brought.

    Attributes:
        id, code, name: identity; `place` the flood point, empty for one of none.
        kind, unit, interval_s: ``water_level`` or ``rain``, of its readings, seconds between them.
        sources: whose readings are wanted; none for a sensor that nothing is connected with.
        at, value, quality: latest reading; None when there is none.
        silent: whether more readings were missed than a sensor may.
        suspect, bad, untimely: readings of the last 24 hours that were marked, refused for their value, and refused for
            their time.
    """

    id: int
    code: str
    name: str
    place: str
    kind: str
    unit: str
    interval_s: int
    sources: tuple[Source, ...]
    at: datetime | None
    value: float | None
    quality: int | None
    silent: bool
    suspect: int
    bad: int
    untimely: int


@dataclass(frozen=True)
class UnknownDevice:
    """A device that no sensor is connected with; `fields` and `sample` are of its latest message, from `peer`."""

    way: int
    address: str
    fields: tuple[str, ...]
    peer: str
    sample: bytes
    attempts: int
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True)
class Devices:
    """All sensors, and all devices that ask to come in."""

    sensors: tuple[SensorRow, ...]
    unknown: tuple[UnknownDevice, ...]


@dataclass(frozen=True)
class RefusedReading:
    """A reading that is kept but not shown as good.

    Attributes:
        at: time that the device gave.
        received_at: when it came; None where only its own time is kept.
        value: in the unit of the sensor.
        quality: 1 suspect, 2 bad; None for one refused for its time.
        doubt: why its time is not believed: 2 from the future, 32 older than 31 days; 0 for one refused for its value.
    """

    at: datetime
    received_at: datetime | None
    value: float
    quality: int | None
    doubt: int


@dataclass(frozen=True)
class TokenRow:
    """Who may bring readings by HTTP; `devices` None for any."""

    name: str
    devices: tuple[str, ...] | None
    issued_at: datetime
    issued_by: str


_SENSORS = text("""
    SELECT s.id, s.code, s.name, coalesce(p.name, '') AS place, s.kind::text AS kind, s.unit, s.interval_s,
        t.at, CASE WHEN t.quality < 2 OR t.quality = 3 THEN t.value END AS value, t.quality,
        coalesce(t.at < now() - make_interval(secs => s.interval_s * :missed), false) AS silent,
        coalesce(r.suspect, 0) AS suspect, coalesce(r.bad, 0) AS bad, coalesce(d.untimely, 0) AS untimely
    FROM city.sensor AS s
    LEFT JOIN city.flood_point AS p ON p.id = s.flood_point_id
    LEFT JOIN city.sensor_state AS t ON t.sensor_id = s.id
    LEFT JOIN (
        SELECT sensor_id, count(*) FILTER (WHERE quality = 1) AS suspect, count(*) FILTER (WHERE quality = 2) AS bad
        FROM city.sensor_reading WHERE at > now() - interval '24 hours' AND at <= now() AND quality IN (1, 2)
        GROUP BY sensor_id
    ) AS r ON r.sensor_id = s.id
    LEFT JOIN (
        SELECT sensor_id, count(*) AS untimely FROM city.doubtful_reading
        WHERE received_at > now() - interval '24 hours' GROUP BY sensor_id
    ) AS d ON d.sensor_id = s.id
    ORDER BY s.code
""")
_SOURCES = text("""
    SELECT sensor_id, way, address, field, factor, shift, is_total FROM city.sensor_source
    ORDER BY sensor_id, way, address, field
""")
_UNKNOWN = text("""
    SELECT way, address, fields, coalesce(peer, '') AS peer, sample, attempts, first_seen, last_seen
    FROM city.unknown_device ORDER BY last_seen DESC
""")
_REFUSED = text("""
    SELECT at, NULL::timestamptz AS received_at, value::double precision AS value, quality::integer AS quality,
        0 AS doubt
    FROM city.sensor_reading
    WHERE sensor_id = :id AND at > now() - interval '31 days' AND at <= now() AND quality IN (1, 2)
    UNION ALL
    SELECT at, received_at, value, NULL, doubt FROM city.doubtful_reading WHERE sensor_id = :id
    ORDER BY at DESC LIMIT :most
""")


def devices(connection: Connection) -> Devices:
    """Every sensor with its sources, and every device that asks; for engineers, supervisors and administrators."""
    sources: dict[int, list[Source]] = {}
    for row in connection.execute(_SOURCES):
        sources.setdefault(row.sensor_id, []).append(Source(*row[1:]))
    sensors = connection.execute(_SENSORS, {"missed": MISSED_READINGS}).mappings()
    unknown = connection.execute(_UNKNOWN).mappings()
    return Devices(
        tuple(SensorRow(**row, sources=tuple(sources.get(row["id"], ()))) for row in sensors),
        tuple(
            UnknownDevice(**{**row, "fields": tuple(row["fields"]), "sample": bytes(row["sample"])}) for row in unknown
        ),
    )


def refused_readings(connection: Connection, sensor_id: int) -> list[RefusedReading]:
    """The latest readings of a sensor that were marked or refused, newest first."""
    found = connection.execute(_REFUSED, {"id": sensor_id, "most": REFUSED_MOST})
    return [RefusedReading(**row) for row in found.mappings()]


def connect_device(
    connection: Connection,
    way: int,
    address: str,
    field: str,
    sensor_id: int,
    *,
    factor: float | None = None,
    shift: float = 0.0,
    password: str | None = None,
) -> None:
    """Connect a value that a device reports with a sensor, which lets the device in; its total of rain by its field.

    Raises:
        Refused: the sensor does not measure that, or the unit is not known (CT082 to CT085).
        ConsoleError: the address, field or password is none.
    """
    _check(way, address, field, password)
    query = text("""
        SELECT city.connect_sensor(:way, :address, :field, :sensor_id, :factor, :shift, NULL, :password)
    """)
    source = {"way": way, "address": address, "field": field, "sensor_id": sensor_id, "factor": factor}
    connection.execute(query, {**source, "shift": shift, "password": password})


def _check(way: int, address: str, field: str, password: str | None) -> None:
    """The forms that the table asks for (``city.sensor_source``), said before it refuses them without a sentence."""
    if way == SL651 and not (re.fullmatch(r"\d{10}", address) and re.fullmatch(r"[0-9A-Fa-f]{2}", field)):
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors", "A station of SL 651 has a code of ten digits, an element two hexadecimal digits such as 39."
            )
        )
    if not address or len(address) > MOST_ADDRESS or not re.fullmatch(r"[A-Za-z0-9_.]{1,40}", field):
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors", "A device has an address, and its value a name of letters, digits, dots and underscores."
            )
        )
    if password is not None and not re.fullmatch(r"[0-9A-Fa-f]{4}", password):
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "The password of a station is four hexadecimal digits such as 03E8.")
        )


def disconnect_device(connection: Connection, source: Source) -> None:
    """End that a device brings a sensor's readings; what it has brought stays."""
    query = text("SELECT city.disconnect_sensor(:way, :address, :field)")
    connection.execute(query, {"way": source.way, "address": source.address, "field": source.field})


def tokens(connection: Connection) -> list[TokenRow]:
    """Who may bring readings by HTTP; for supervisors and administrators."""
    found = connection.execute(text("SELECT name, devices, issued_at, issued_by FROM city.intake_token ORDER BY name"))
    return [
        TokenRow(row.name, None if row.devices is None else tuple(row.devices), row.issued_at, row.issued_by)
        for row in found
    ]


def issue_token(connection: Connection, name: str, ids: Sequence[str]) -> str:
    """A token for the HTTP intake, said this once; without `ids` for any device.

    Raises:
        Refused: there is one of that name (CT086).
    """
    if not 1 <= len(name.strip()) <= MOST_NAME:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "A token needs a name of at most {most} characters."), most=MOST_NAME
        )
    query = text("SELECT city.issue_intake_token(:name, CAST(:ids AS text[]))")
    return str(connection.execute(query, {"name": name, "ids": list(ids) or None}).scalar_one())


def renew_token(connection: Connection, name: str) -> str:
    """Another token in place of that one, said this once.

    Raises:
        Refused: there is none of that name any more (CT094).
    """
    return str(connection.execute(text("SELECT city.renew_intake_token(:name)"), {"name": name}).scalar_one())


def withdraw_token(connection: Connection, name: str) -> None:
    """Take a token back; the gateway refuses it within seconds."""
    connection.execute(text("SELECT city.revoke_intake_token(:name)"), {"name": name})
