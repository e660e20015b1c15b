"""Where all muck trucks were at any instant of an hour, from arrays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import text

from console.models.fleet import DRIVING_KMH, SILENT_AFTER_OFF_S, SILENT_AFTER_S, FleetCounts, VehicleRow
from console.models.layers import read_columns
from console.models.replay.courses import Courses
from console.models.tracks import GAP_S

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray
    from sqlalchemy import Connection

LOADS = np.array(["empty", "half", "full"])
"""Codes of the type ``city.load_state``, in the order of their numbers here."""
_FIX = {
    "vehicle_id": np.int64,
    "at": np.float64,
    "x": np.float64,
    "y": np.float64,
    "speed_kmh": np.float64,
    "heading": np.int64,
    "load": np.int64,
    "lid_closed": np.bool_,
    "ignition": np.bool_,
}
_FIXES = """
    SELECT vehicle_id, extract(epoch FROM at), public.ST_X(geom), public.ST_Y(geom), speed_kmh, heading,
        CASE load WHEN 'empty' THEN 0 WHEN 'half' THEN 1 ELSE 2 END, lid_closed, ignition
    FROM (
        SELECT vehicle_id, at, geom, speed_kmh, heading, load, lid_closed, ignition FROM city.vehicle_fix
        WHERE at >= :start AND at < :until
        UNION ALL
        SELECT b.vehicle_id, b.at, b.geom, b.speed_kmh, b.heading, b.load, b.lid_closed, b.ignition
        FROM city.vehicle AS v
        CROSS JOIN LATERAL (
            SELECT * FROM city.vehicle_fix AS f WHERE f.vehicle_id = v.id AND f.at < :start ORDER BY f.at DESC LIMIT 1
        ) AS b
    ) AS fix
    ORDER BY vehicle_id, at
"""


@dataclass(frozen=True)
class Truck:
    """What does not change: id, plate and company of a truck, and whether it is in service now."""

    id: int
    plate: str
    company: str
    active: bool


@dataclass(frozen=True, eq=False)
class TruckStates:
    """All trucks at one instant, arrays of shape (n,), in the order of their ids.

    Attributes:
        truck: number of each in the list of trucks.
        at: seconds since 1970 (UTC) of the position from which it is known.
        x, y: metres, EPSG:4546; between two positions that are near in time, where it was on the way.
        speed_kmh, heading: of that position, km/h; on the way, degrees clockwise from north.
        load: codes of the type ``city.load_state``.
        lid_closed, ignition: whether the box was covered, whether the engine ran.
        silent: whether it had not been heard for too long.
    """

    truck: NDArray[np.int64]
    ids: NDArray[np.int64]
    plate: NDArray[np.str_]
    at: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    speed_kmh: NDArray[np.float64]
    heading: NDArray[np.int64]
    load: NDArray[np.str_]
    lid_closed: NDArray[np.bool_]
    ignition: NDArray[np.bool_]
    silent: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)


class TruckCourses:
    """Positions of all trucks over a span of time.

    Args:
        trucks: all of them, by id.
        fixes: columns of `_FIX`, in the order of truck and time.
        dumped: number of the truck and seconds since 1970 of each trip that ended, in the order of truck and time.
    """

    def __init__(
        self,
        trucks: tuple[Truck, ...],
        fixes: Mapping[str, NDArray[Any]],
        dumped: tuple[NDArray[np.int64], NDArray[np.float64]],
    ) -> None:
        self.trucks = trucks
        self._ids = np.array([truck.id for truck in trucks], np.int64)
        self._plates = np.array([truck.plate for truck in trucks], np.str_)
        self._active = np.array([truck.active for truck in trucks], np.bool_)
        self._fixes = fixes
        self._courses = Courses(np.searchsorted(self._ids, fixes["vehicle_id"]), fixes["at"], len(trucks))
        self._dumped = dumped

    def __len__(self) -> int:
        return len(self._courses.at)

    def at(self, at: float) -> TruckStates:
        """Every truck that had been heard by an instant; of those that are out of service now, the ones heard then."""
        fixes = self._fixes
        last = self._courses.last(at)
        age = at - fixes["at"][last] if len(self) else np.zeros(len(last))
        ignition = fixes["ignition"][last] if len(self) else np.zeros(len(last), np.bool_)
        silent = age > np.where(ignition, SILENT_AFTER_S, SILENT_AFTER_OFF_S)
        truck = np.flatnonzero((last >= 0) & (self._active | ~silent))
        last, silent = last[truck], silent[truck]
        x, y, heading = self._on_the_way(last, at)
        return TruckStates(
            truck,
            self._ids[truck],
            self._plates[truck],
            fixes["at"][last],
            x,
            y,
            fixes["speed_kmh"][last],
            heading,
            LOADS[fixes["load"][last]],
            fixes["lid_closed"][last],
            fixes["ignition"][last],
            silent,
        )

    def _on_the_way(
        self, last: NDArray[np.int64], at: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Where each was between its last position and the next; where it stood when nobody knows where it went."""
        fixes = self._fixes
        following = np.minimum(last + 1, len(self) - 1)
        step = fixes["at"][following] - fixes["at"][last]
        known = (self._courses.owner[following] == self._courses.owner[last]) & (step > 0) & (step <= GAP_S)
        share = np.where(known, (at - fixes["at"][last]) / np.where(known, step, 1.0), 0.0)
        turn = (fixes["heading"][following] - fixes["heading"][last] + 180) % 360 - 180
        heading = (fixes["heading"][last] + np.rint(share * turn).astype(np.int64)) % 360
        x, y = (fixes[c][last] + share * (fixes[c][following] - fixes[c][last]) for c in ("x", "y"))
        return x, y, heading

    def rows(self, at: datetime, city_time: ZoneInfo) -> list[VehicleRow]:
        """The trucks as a list shows them, those that had not been heard by then left out; by plate."""
        states = self.at(at.timestamp())
        midnight = at.astimezone(city_time).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
        whose, when = self._dumped
        ended = np.bincount(whose[(when >= midnight) & (when <= at.timestamp())], minlength=len(self.trucks))
        columns = (states.truck, states.ids, states.plate, states.at, states.speed_kmh, states.load, states.lid_closed)
        told = zip(*(c.tolist() for c in (*columns, states.silent, states.x, states.y)), strict=True)
        rows = [
            VehicleRow(
                id=number,
                plate=plate,
                company=self.trucks[truck].company,
                at=datetime.fromtimestamp(heard, city_time),
                speed_kmh=speed_kmh,
                load=load,
                lid_closed=lid_closed,
                online=not silent,
                trips=trips,
                distance_m=None,
                x=x,
                y=y,
            )
            for trips, (truck, number, plate, heard, speed_kmh, load, lid_closed, silent, x, y) in zip(
                ended[states.truck].tolist(), told, strict=True
            )
        ]
        return sorted(rows, key=lambda row: row.plate)

    def counts(self, at: float) -> FleetCounts:
        """The fleet at one glance."""
        states = self.at(at)
        online = ~states.silent
        driving, loaded = states.speed_kmh > DRIVING_KMH, states.load != "empty"
        return FleetCounts(
            active=int(self._active.sum()),
            online=int(online.sum()),
            driving=int((online & driving).sum()),
            loaded=int((online & loaded).sum()),
            uncovered=int((online & loaded & driving & ~states.lid_closed).sum()),
        )


def truck_courses(connection: Connection, start: datetime, end: datetime) -> TruckCourses:
    """Positions of all trucks from `start` to `end`, the last ones before and, to join them, the next ones after."""
    found = connection.execute(
        text("""
            SELECT v.id, v.plate, c.name AS company, v.active
            FROM city.vehicle AS v JOIN city.company AS c ON c.id = v.company_id ORDER BY v.id
        """)
    )
    trucks = tuple(Truck(**row) for row in found.mappings())
    fixes = read_columns(connection, _FIXES, {"start": start, "until": end + timedelta(seconds=GAP_S)}, _FIX)
    ended = connection.execute(
        text("""
            SELECT vehicle_id, extract(epoch FROM dumped_at)::double precision FROM city.trip
            WHERE loaded_at >= CAST(:start AS timestamptz) - interval '3 days' AND loaded_at < :end
                AND dumped_at >= CAST(:start AS timestamptz) - interval '1 day' AND dumped_at < :end
            ORDER BY vehicle_id, dumped_at
        """),
        {"start": start, "end": end},
    ).all()
    ids = np.array([truck.id for truck in trucks], np.int64)
    whose = np.searchsorted(ids, np.array([row[0] for row in ended], np.int64))
    return TruckCourses(trucks, fixes, (whose, np.array([row[1] for row in ended], np.float64)))
