"""The ways in from the field: terminals, positions, readings, messages as they came. All of it may be said again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


@dataclass
class Fixes:
    """Positions as parallel lists, metres in EPSG:4546; codes of ``city.load_state``."""

    vehicle_ids: list[int] = field(default_factory=list)
    ats: list[datetime] = field(default_factory=list)
    xs: list[float] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)
    speeds_kmh: list[float] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    lids_closed: list[bool] = field(default_factory=list)
    mileages_m: list[int | None] = field(default_factory=list)
    alarm_bits: list[int] = field(default_factory=list)
    ignitions: list[bool] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ats)


@dataclass
class DoubtfulFixes:
    """Positions that are kept but not believed, as parallel lists; degrees WGS-84."""

    vehicle_ids: list[int] = field(default_factory=list)
    received_ats: list[datetime] = field(default_factory=list)
    ats: list[datetime] = field(default_factory=list)
    doubts: list[int] = field(default_factory=list)
    longitudes: list[float] = field(default_factory=list)
    latitudes: list[float] = field(default_factory=list)
    speeds_kmh: list[float] = field(default_factory=list)


@dataclass
class Messages:
    """Messages as they came, as parallel lists."""

    received_ats: list[datetime] = field(default_factory=list)
    ways: list[int] = field(default_factory=list)
    owner_ids: list[int] = field(default_factory=list)
    raws: list[bytes] = field(default_factory=list)


@dataclass
class Readings:
    """Readings of sensors as parallel lists, in the unit of each sensor."""

    sensor_ids: list[int] = field(default_factory=list)
    ats: list[datetime] = field(default_factory=list)
    readings: list[float] = field(default_factory=list)
    qualities: list[int] = field(default_factory=list)
    are_totals: list[bool] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ats)


@dataclass
class DoubtfulReadings:
    """Readings whose time is not believed, as parallel lists, in the unit of each sensor."""

    sensor_ids: list[int] = field(default_factory=list)
    received_ats: list[datetime] = field(default_factory=list)
    ats: list[datetime] = field(default_factory=list)
    doubts: list[int] = field(default_factory=list)
    readings: list[float] = field(default_factory=list)


@dataclass
class Contacts:
    """What a gateway has met of terminals since it last said so, as parallel lists; numbers without leading zeros."""

    phones: list[str] = field(default_factory=list)
    addresses: list[str | None] = field(default_factory=list)
    heard_ats: list[datetime] = field(default_factory=list)
    are_signed_in: list[bool] = field(default_factory=list)
    flaws: list[int] = field(default_factory=list)
    replaced: list[int] = field(default_factory=list)


@dataclass
class Refusals:
    """Terminals of no vehicle that tried to authenticate, as parallel lists."""

    phones: list[str] = field(default_factory=list)
    are_2019: list[bool] = field(default_factory=list)
    addresses: list[str | None] = field(default_factory=list)
    attempts: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class KnownTerminal:
    """A terminal that may come in: number without leading zeros, vehicle, code (empty before it registers)."""

    phone: str
    vehicle_id: int
    code: str


@dataclass(frozen=True)
class SensorSource:
    """Which value of which device is which sensor's reading.

    Attributes:
        way: how the device speaks: 2 SL 651, 3 MQTT, 4 HTTP.
        address: station code, topic or id.
        field: element in two hexadecimal digits, or member of the JSON message.
        sensor_id: whose reading it is.
        factor, shift: the value times `factor` plus `shift` is in the sensor's unit.
        is_total: whether it is the running total of a rain gauge.
        password: of a station of SL 651, four hexadecimal digits; None when any is right.
    """

    way: int
    address: str
    field: str
    sensor_id: int
    factor: float
    shift: float
    is_total: bool
    password: str | None


@dataclass(frozen=True)
class IntakeToken:
    """Who may bring readings by HTTP: its name, the SHA-256 of its token, and its devices (None: any)."""

    name: str
    hash: bytes
    devices: frozenset[str] | None


_FIXES = text("""
    SELECT city.record_fixes(
        CAST(:vehicle_ids AS integer[]), CAST(:ats AS timestamptz[]), CAST(:xs AS double precision[]),
        CAST(:ys AS double precision[]), CAST(:speeds_kmh AS real[]), CAST(:headings AS smallint[]),
        CAST(:loads AS city.load_state[]), CAST(:lids_closed AS boolean[]), CAST(:mileages_m AS integer[]),
        CAST(:alarm_bits AS integer[]), CAST(:ignitions AS boolean[])
    )
""")
_DOUBTFUL = text("""
    SELECT city.record_doubtful_fixes(
        CAST(:vehicle_ids AS integer[]), CAST(:received_ats AS timestamptz[]), CAST(:ats AS timestamptz[]),
        CAST(:doubts AS smallint[]), CAST(:longitudes AS double precision[]), CAST(:latitudes AS double precision[]),
        CAST(:speeds_kmh AS real[])
    )
""")
_MESSAGES = text("""
    SELECT city.record_messages(
        CAST(:received_ats AS timestamptz[]), CAST(:ways AS smallint[]), CAST(:owner_ids AS integer[]),
        CAST(:raws AS bytea[])
    )
""")
_READINGS = text("""
    SELECT city.record_readings(
        CAST(:sensor_ids AS smallint[]), CAST(:ats AS timestamptz[]), CAST(:readings AS real[]),
        CAST(:qualities AS smallint[]), CAST(:are_totals AS boolean[])
    )
""")
_DOUBTFUL_READINGS = text("""
    SELECT city.record_doubtful_readings(
        CAST(:sensor_ids AS smallint[]), CAST(:received_ats AS timestamptz[]), CAST(:ats AS timestamptz[]),
        CAST(:doubts AS smallint[]), CAST(:readings AS double precision[])
    )
""")
_REGISTER = text("""
    SELECT vehicle_id, code FROM city.register_terminal(
        :phone, :is_2019, :province, :county, :maker, :model, :terminal_id, :plate, :plate_colour,
        CAST(:address AS inet)
    )
""")
_CONTACTS = text("""
    SELECT city.note_contacts(
        :gateway, CAST(:phones AS text[]), CAST(:addresses AS inet[]), CAST(:heard_ats AS timestamptz[]),
        CAST(:are_signed_in AS boolean[]), CAST(:flaws AS integer[]), CAST(:replaced AS integer[])
    )
""")
_REFUSALS = text("""
    SELECT city.note_refused(
        CAST(:phones AS text[]), CAST(:are_2019 AS boolean[]), CAST(:addresses AS inet[]), CAST(:attempts AS integer[])
    )
""")
_DEVICE = text("""
    SELECT city.note_device(:way, :address, CAST(:fields AS text[]), :peer, :sample, :attempts)
""")
_GATEWAY = text("""
    SELECT city.report_gateway(
        :name, :started_at, :terminals, :connections, :waiting_rows, :spooled_bytes, CAST(:counters AS jsonb)
    )
""")


def record_fixes(connection: Connection, fixes: Fixes) -> int:
    """Hand in positions; returns how many were new.

    Raises:
        ConsoleError: the database is away, the login may not, or a position is impossible.
    """
    return int(connection.execute(_FIXES, _literals(fixes)).scalar_one())


def record_doubtful_fixes(connection: Connection, fixes: DoubtfulFixes) -> None:
    """Hand in positions that are not believed."""
    connection.execute(_DOUBTFUL, _literals(fixes))


def record_messages(connection: Connection, messages: Messages) -> None:
    """Hand in messages as they came."""
    connection.execute(_MESSAGES, _literals(messages))


def record_readings(connection: Connection, readings: Readings) -> int:
    """Hand in readings; returns how many were new. The database judges their quality."""
    return int(connection.execute(_READINGS, _literals(readings)).scalar_one())


def record_doubtful_readings(connection: Connection, readings: DoubtfulReadings) -> None:
    """Hand in readings whose time is not believed."""
    connection.execute(_DOUBTFUL_READINGS, _literals(readings))


def sensor_sources(connection: Connection) -> list[SensorSource]:
    """What devices bring."""
    query = text("SELECT way, address, field, sensor_id, factor, shift, is_total, password FROM city.sensor_sources()")
    return [SensorSource(*row) for row in connection.execute(query)]


def intake_tokens(connection: Connection) -> list[IntakeToken]:
    """Who may bring readings by HTTP."""
    query = text("SELECT name, hash, devices FROM city.intake_tokens()")
    return [
        IntakeToken(name, bytes(hashed), None if devices is None else frozenset(devices))
        for name, hashed, devices in connection.execute(query)
    ]


def note_device(connection: Connection, **device: Any) -> None:
    """Note a device that brings no sensor's readings."""
    connection.execute(_DEVICE, device)


def known_terminals(connection: Connection) -> list[KnownTerminal]:
    """The terminals of active vehicles."""
    query = text("SELECT phone, vehicle_id, code FROM city.known_terminals()")
    return [KnownTerminal(*row) for row in connection.execute(query)]


def register_terminal(connection: Connection, **said: Any) -> KnownTerminal | None:
    """Note what a terminal says of itself; None when no active vehicle has it."""
    row = connection.execute(_REGISTER, said).one_or_none()
    return None if row is None else KnownTerminal(said["phone"].lstrip("0"), row.vehicle_id, row.code)


def note_contacts(connection: Connection, gateway: str, contacts: Contacts) -> None:
    """Tell what a gateway has met of terminals; faults are added up."""
    connection.execute(_CONTACTS, {"gateway": gateway, **_literals(contacts)})


def note_refused(connection: Connection, refusals: Refusals) -> None:
    """Tell which terminals of no vehicle tried to authenticate."""
    connection.execute(_REFUSALS, _literals(refusals))


def report_gateway(connection: Connection, **state: Any) -> datetime:
    """Say that a gateway lives and what it has met; the time by the database's clock."""
    at: datetime = connection.execute(_GATEWAY, state).scalar_one()
    return at


def forget_messages(connection: Connection) -> int:
    """Drop what is older than the setting ``message_days``; returns how many days' messages went."""
    return int(connection.execute(text("SELECT city.forget_messages()")).scalar_one())


_PLAIN = (int, float, bool, datetime)


def _literals(lists: object) -> dict[str, str]:
    """Each list as one array literal: the driver would write each of ten thousand values by itself."""
    return {name: "{" + ",".join(_written(values)) + "}" for name, values in vars(lists).items()}


def _written(values: list[Any]) -> Iterable[str]:
    """Values of one kind: what needs no marks is written at once, which is most of what comes in."""
    kind = type(values[0]) if values else None
    if kind in _PLAIN and None not in values:
        return map(str, values)
    return map(_literal, values)


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return '"\\\\x' + value.hex() + '"'
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
