"""Muck trucks (渣土车): where they are and were, what they may carry from where to where, what they did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from sqlalchemy import text

from console.models.layers import LayerData, read_layer

if TYPE_CHECKING:
    from datetime import date, datetime, time

    from numpy.typing import NDArray
    from sqlalchemy import Connection

SILENT_AFTER_S = 300
"""A terminal that was not heard for longer is offline (domain: no data for 5 minutes with the ignition on)."""
SILENT_AFTER_OFF_S = 1800
"""The same with the ignition off (domain: 30 minutes otherwise): a parked truck seldom has something to say."""
DRIVING_KMH = 5
"""Faster than this is driving; slower is a position that jitters (domain: muck truck alarms)."""


@dataclass(frozen=True)
class Permit:
    """A transport permit with its approved route.

    Attributes:
        permit_no: number of the permit.
        work_site, dump_site: names of where the earth comes from and goes to.
        valid_from, valid_to: first and last day; `hours_from`, `hours_to`: time of day, over midnight when later.
        volume_m3: what may be carried in all.
        route: approved line, EPSG:4546.
    """

    id: int
    permit_no: str
    work_site: str
    dump_site: str
    valid_from: date
    valid_to: date
    hours_from: time
    hours_to: time
    volume_m3: float
    route: shapely.LineString


@dataclass(frozen=True)
class Trip:
    """From loading to tipping; `dumped_at` is None while it is under way. Metres and cubic metres."""

    loaded_at: datetime
    dumped_at: datetime | None
    distance_m: float
    volume_m3: float
    permit_no: str


@dataclass(frozen=True)
class Vehicle:
    """The record of one truck and what it does today (Asia/Shanghai).

    Attributes:
        id, plate, terminal_phone, company: identity.
        plate_colour: JT/T 415: 1 blue, 2 yellow, 3 black, 4 white, 9 other.
        box_m3: volume of its box.
        active: whether it is in service.
        at: time of its latest position; None when there never was one. The next six are None then, too.
        speed_kmh, heading: km/h; degrees clockwise from north.
        load: code of the type ``city.load_state``; `lid_closed` whether the box is covered.
        x, y: metres, EPSG:4546.
        online: whether it was heard within `SILENT_AFTER_S`, or `SILENT_AFTER_OFF_S` with the ignition off.
        permit: the permit that is valid today, None when there is none.
        trips: today's, oldest first.
        distance_m, driving_s: today's mileage and time on the move.
    """

    id: int
    plate: str
    plate_colour: int
    terminal_phone: str
    company: str
    box_m3: float
    active: bool
    at: datetime | None
    speed_kmh: float | None
    heading: int | None
    load: str | None
    lid_closed: bool | None
    x: float | None
    y: float | None
    online: bool
    permit: Permit | None
    trips: tuple[Trip, ...]
    distance_m: float
    driving_s: int


@dataclass(frozen=True)
class VehicleRow:
    """A truck as a list shows it; fields as in `Vehicle`. The mileage of the day is None in what is replayed."""

    id: int
    plate: str
    company: str
    at: datetime | None
    speed_kmh: float | None
    load: str | None
    lid_closed: bool | None
    online: bool
    trips: int
    distance_m: float | None
    x: float | None
    y: float | None


@dataclass(frozen=True, eq=False)
class Track:
    """Positions of one truck in the order of time; arrays of shape (n,).

    Attributes:
        at: seconds since 1970 (UTC).
        x, y: metres, EPSG:4546.
        speed_kmh, heading: km/h; degrees clockwise from north.
        load: codes of the type ``city.load_state``.
        lid_closed: whether the box is covered.
    """

    at: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    speed_kmh: NDArray[np.float64]
    heading: NDArray[np.int64]
    load: NDArray[np.str_]
    lid_closed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True)
class FleetCounts:
    """The fleet at one glance.

    Attributes:
        active: trucks in service.
        online: heard within `SILENT_AFTER_S`, or `SILENT_AFTER_OFF_S` with the ignition off.
        driving: online and faster than `DRIVING_KMH`.
        loaded: online and not empty.
        uncovered: online, loaded, driving and not covered.
    """

    active: int
    online: int
    driving: int
    loaded: int
    uncovered: int


@dataclass(frozen=True)
class DutyHour:
    """Trucks that moved in one hour.

    Attributes:
        hour: its beginning.
        trucks: how many trucks drove in it.
    """

    hour: datetime
    trucks: int


@dataclass(frozen=True)
class DutyDay:
    """The fleet's work on one day (Asia/Shanghai): trucks that drove, metres, seconds on the move, trips."""

    day: date
    trucks: int
    distance_m: float
    driving_s: int
    trips: int


_STATE = {
    "plate": np.str_,
    "heading": np.int64,
    "speed_kmh": np.float64,
    "load": np.str_,
    "lid_closed": np.bool_,
    "ignition": np.bool_,
    "at": np.float64,
}
_SILENCE: dict[str, object] = {"silent_on_s": SILENT_AFTER_S, "silent_off_s": SILENT_AFTER_OFF_S}


def vehicle_states(connection: Connection) -> LayerData:
    """The latest position of every truck in service, for the map's live layer.

    Attributes ``plate``, ``heading``, ``speed_kmh``, ``load``, ``lid_closed``, ``ignition``, ``at``; which of them are
    silent by the clock of the window, `is_silent` tells.
    """
    return read_layer(
        connection,
        """
            SELECT s.vehicle_id, s.geom, v.plate, s.heading, s.speed_kmh, s.load::text, s.lid_closed,
                s.ignition, extract(epoch FROM s.at)::double precision
            FROM city.vehicle_state AS s JOIN city.vehicle AS v ON v.id = s.vehicle_id
            WHERE v.active ORDER BY s.vehicle_id
        """,
        {},
        key=np.int64,
        attributes=_STATE,
    )


def is_silent(states: LayerData, now: datetime) -> NDArray[np.bool_]:
    """Which trucks of `vehicle_states` have not been heard for too long, by the clock of the window."""
    limit = np.where(states.attributes["ignition"], SILENT_AFTER_S, SILENT_AFTER_OFF_S)
    silent: NDArray[np.bool_] = now.timestamp() - states.attributes["at"] > limit
    return silent


def vehicle_states_at(connection: Connection, at: datetime) -> LayerData:
    """As `vehicle_states`, at a past instant; trucks that were silent are left out."""
    return read_layer(
        connection,
        """
            SELECT v.id, s.geom, v.plate, s.heading, s.speed_kmh, s.load::text, s.lid_closed,
                s.ignition, extract(epoch FROM s.at)::double precision
            FROM city.vehicle AS v
            CROSS JOIN LATERAL (
                SELECT f.* FROM city.vehicle_fix AS f
                WHERE f.vehicle_id = v.id AND f.at <= :at AND f.at > :at - make_interval(secs => :silent_off_s)
                ORDER BY f.at DESC LIMIT 1
            ) AS s
            WHERE NOT s.ignition OR s.at > :at - make_interval(secs => :silent_on_s)
            ORDER BY v.id
        """,
        {"at": at, **_SILENCE},
        key=np.int64,
        attributes=_STATE,
    )


def vehicles(connection: Connection, *, now: datetime | None = None) -> list[VehicleRow]:
    """Every truck in service with its latest position and the work of the day of `now`, by plate."""
    found = connection.execute(
        text("""
            SELECT v.id, v.plate, c.name AS company, s.at, s.speed_kmh, s.load::text AS load, s.lid_closed,
                coalesce(s.at >= coalesce(:now, now())
                    - make_interval(secs => CASE WHEN s.ignition THEN :silent_on_s ELSE :silent_off_s END), false)
                    AS online,
                coalesce(d.trips, 0) AS trips, coalesce(d.distance_m, 0) AS distance_m,
                public.ST_X(s.geom) AS x, public.ST_Y(s.geom) AS y
            FROM city.vehicle AS v
            JOIN city.company AS c ON c.id = v.company_id
            LEFT JOIN city.vehicle_state AS s ON s.vehicle_id = v.id
            LEFT JOIN city.vehicle_day AS d
                ON d.vehicle_id = v.id AND d.day = (coalesce(:now, now()) AT TIME ZONE 'Asia/Shanghai')::date
            WHERE v.active ORDER BY v.plate
        """),
        {"now": now, **_SILENCE},
    )
    return [VehicleRow(**row) for row in found.mappings()]


def vehicle(connection: Connection, vehicle_id: int, *, now: datetime | None = None) -> Vehicle | None:
    """The record of one truck, its permit and work on the day of `now`; None when there is none of that id."""
    given: dict[str, object] = {"id": vehicle_id, "now": now, **_SILENCE}
    row = (
        connection.execute(
            text("""
                SELECT v.id, v.plate, v.plate_colour, v.terminal_phone, c.name AS company, v.box_m3, v.active, s.at,
                    s.speed_kmh, s.heading, s.load::text AS load, s.lid_closed, public.ST_X(s.geom) AS x,
                    public.ST_Y(s.geom) AS y,
                    coalesce(s.at >= coalesce(:now, now())
                        - make_interval(secs => CASE WHEN s.ignition THEN :silent_on_s ELSE :silent_off_s END), false)
                        AS online,
                    coalesce(d.distance_m, 0) AS distance_m, coalesce(d.driving_s, 0) AS driving_s
                FROM city.vehicle AS v
                JOIN city.company AS c ON c.id = v.company_id
                LEFT JOIN city.vehicle_state AS s ON s.vehicle_id = v.id
                LEFT JOIN city.vehicle_day AS d
                    ON d.vehicle_id = v.id AND d.day = (coalesce(:now, now()) AT TIME ZONE 'Asia/Shanghai')::date
                WHERE v.id = :id
            """),
            given,
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    return Vehicle(**row, permit=_permit(connection, given), trips=_trips(connection, given))


def track(connection: Connection, vehicle_id: int, start: datetime, end: datetime) -> Track:
    """Where one truck was from `start` on, before `end`."""
    cursor = connection.execute(
        text("""
            SELECT extract(epoch FROM at)::double precision, public.ST_X(geom), public.ST_Y(geom), speed_kmh, heading,
                load::text, lid_closed
            FROM city.vehicle_fix WHERE vehicle_id = :id AND at >= :start AND at < :end ORDER BY at
        """),
        {"id": vehicle_id, "start": start, "end": end},
    ).cursor
    rows = [] if cursor is None else cursor.fetchall()
    columns = list(zip(*rows, strict=True)) or [()] * 7
    kinds = (np.float64, np.float64, np.float64, np.float64, np.int64, np.str_, np.bool_)
    return Track(*(np.array(values, dtype=kind) for values, kind in zip(columns, kinds, strict=True)))


def counts(connection: Connection, *, now: datetime | None = None) -> FleetCounts:
    """The fleet at one glance, at `now`."""
    row = (
        connection.execute(
            text("""
                WITH state AS (
                    SELECT s.*, s.at >= coalesce(:now, now())
                        - make_interval(secs => CASE WHEN s.ignition THEN :silent_on_s ELSE :silent_off_s END) AS online
                    FROM city.vehicle AS v LEFT JOIN city.vehicle_state AS s ON s.vehicle_id = v.id WHERE v.active
                )
                SELECT count(*) AS active,
                    count(*) FILTER (WHERE online) AS online,
                    count(*) FILTER (WHERE online AND speed_kmh > :driving_kmh) AS driving,
                    count(*) FILTER (WHERE online AND load <> 'empty') AS loaded,
                    count(*) FILTER (WHERE online AND load <> 'empty' AND speed_kmh > :driving_kmh AND NOT lid_closed)
                        AS uncovered
                FROM state
            """),
            {"now": now, **_SILENCE, "driving_kmh": DRIVING_KMH},
        )
        .mappings()
        .one()
    )
    return FleetCounts(**row)


def duty_by_hour(connection: Connection, start: datetime, end: datetime) -> list[DutyHour]:
    """Trucks that drove in each hour that begins from `start` on, before `end`; hours in which none did count 0."""
    found = connection.execute(
        text("""
            WITH driven AS (
                SELECT DISTINCT date_trunc('hour', at) AS hour, vehicle_id FROM city.vehicle_fix
                WHERE at >= date_trunc('hour', CAST(:start AS timestamptz)) AND at < :end AND speed_kmh > :driving_kmh
            )
            SELECT hour, count(driven.vehicle_id) AS trucks
            FROM generate_series(date_trunc('hour', CAST(:start AS timestamptz)),
                CAST(:end AS timestamptz) - interval '1 microsecond', interval '1 hour') AS hour
            LEFT JOIN driven USING (hour)
            GROUP BY hour ORDER BY hour
        """),
        {"start": start, "end": end, "driving_kmh": DRIVING_KMH},
    )
    return [DutyHour(**row) for row in found.mappings()]


def duty_by_day(connection: Connection, first: date, last: date) -> list[DutyDay]:
    """The fleet's work on each day from `first` to `last`; days without work are there with zeros."""
    found = connection.execute(
        text("""
            SELECT d::date AS day, count(v.vehicle_id) FILTER (WHERE v.driving_s > 0) AS trucks,
                coalesce(sum(v.distance_m), 0)::double precision AS distance_m,
                coalesce(sum(v.driving_s), 0)::integer AS driving_s, coalesce(sum(v.trips), 0)::integer AS trips
            FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') AS d
            LEFT JOIN city.vehicle_day AS v ON v.day = d::date
            GROUP BY d ORDER BY d
        """),
        {"first": first, "last": last},
    )
    return [DutyDay(**row) for row in found.mappings()]


def _permit(connection: Connection, given: dict[str, object]) -> Permit | None:
    row = (
        connection.execute(
            text("""
                SELECT p.id, p.permit_no, w.name AS work_site, d.name AS dump_site, p.valid_from, p.valid_to,
                    p.hours_from, p.hours_to, p.volume_m3, p.geom AS route
                FROM city.route_permit AS p
                JOIN city.work_site AS w ON w.id = p.work_site_id
                JOIN city.dump_site AS d ON d.id = p.dump_site_id
                WHERE p.vehicle_id = :id
                    AND (coalesce(:now, now()) AT TIME ZONE 'Asia/Shanghai')::date BETWEEN p.valid_from AND p.valid_to
                    AND (p.revoked_at IS NULL OR p.revoked_at > coalesce(:now, now()))
                ORDER BY p.valid_from DESC, p.id DESC LIMIT 1
            """),
            given,
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else Permit(**{**row, "route": shapely.from_wkb(row["route"])})


def _trips(connection: Connection, given: dict[str, object]) -> tuple[Trip, ...]:
    found = connection.execute(
        text("""
            SELECT t.loaded_at, t.dumped_at, t.distance_m, t.volume_m3, coalesce(p.permit_no, '') AS permit_no
            FROM city.trip AS t LEFT JOIN city.route_permit AS p ON p.id = t.permit_id
            WHERE t.vehicle_id = :id
                AND t.loaded_at >= date_trunc('day', coalesce(:now, now()) AT TIME ZONE 'Asia/Shanghai')
                    AT TIME ZONE 'Asia/Shanghai'
            ORDER BY t.loaded_at
        """),
        given,
    )
    return tuple(Trip(**row) for row in found.mappings())
