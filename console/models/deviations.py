"""How far trucks were from their approved routes, and what proves a deviation.

The permit in force and the offset of each position are those by which the monitors judge (``monitors/ground.py``,
``monitors/routes.py``).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import shapely
from sqlalchemy import text

from console.models import frames
from console.models.alarms import record
from console.models.fleet import Track, track
from console.models.haulage.routes import CORRIDOR_M
from console.models.monitors.routes import Routes
from console.models.monitors.source import permits_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from console.models.alarms import AlarmRecord
    from console.models.frames import RawMessage

KIND = "route_deviation"
BEFORE, AFTER = timedelta(minutes=5), timedelta(minutes=5)
"""What is told of the time around a deviation, so that leaving and coming back are seen."""
LONGEST = timedelta(hours=3)
"""Of one that goes on for longer, the beginning is told."""
LATE = timedelta(minutes=30)
"""Messages are looked for that came in so long after the position that they tell of."""


@dataclass(frozen=True, eq=False)
class Offsets:
    """Where the positions of a track are on the route that was approved for the truck then; arrays of shape (n,).

    Attributes:
        permit: place of the permit in force in `numbers` and `routes`; -1 for none.
        offset_m: distance from the route, positive to the left of its direction; NaN without a permit.
        along_m: metres from the beginning of the route; NaN without a permit.
        numbers: of the permits.
        routes: shapely lines, EPSG:4546.
    """

    permit: NDArray[np.int64]
    offset_m: NDArray[np.float64]
    along_m: NDArray[np.float64]
    numbers: tuple[str, ...]
    routes: tuple[shapely.Geometry, ...]


@dataclass(frozen=True)
class Evidence:
    """What proves one deviation.

    Attributes:
        alarm: that was raised, its rule and its history.
        start, end: of what is told.
        track, offsets: the positions from `start` on, before `end`.
        corridor_m: half the width of the corridor that may not be left.
        messages: the terminal's messages of that time; None when the login may not read them.
        checksum: SHA-256, 64 hexadecimal digits, over the alarm, its history, permits, positions and messages: two
            sheets with the same one tell the same.
        read_at: when it was read, by the clock of the database.
    """

    alarm: AlarmRecord
    start: datetime
    end: datetime
    track: Track
    offsets: Offsets
    corridor_m: float
    messages: tuple[RawMessage, ...] | None
    checksum: str
    read_at: datetime


def offsets(connection: Connection, vehicle_id: int, driven: Track) -> Offsets:
    """How far a truck was from its route at each position of a track."""
    permits, routes = permits_of(connection, vehicle_id)
    truck = np.zeros(len(driven), np.int64)
    permit = permits.at(truck, driven.at) if permits.permits else truck - 1
    offset, along = np.full(len(driven), np.nan), np.full(len(driven), np.nan)
    under = np.flatnonzero(permit >= 0)
    if len(under):
        place = driven.x[under], driven.y[under], driven.heading[under].astype(float)
        found = Routes(routes).find(permits.route[permit[under]], *place)
        offset[under], along[under] = found.offset_m, found.along_m
    return Offsets(
        permit,
        offset,
        along,
        tuple(one.number for one in permits.permits),
        tuple(routes[one.route] for one in permits.permits),
    )


def latest(connection: Connection, vehicle_id: int) -> int | None:
    """The deviation of a truck that was raised last; None when it never left its route."""
    query = text("SELECT id FROM city.alarm WHERE kind = :kind AND vehicle_id = :id ORDER BY raised_at DESC LIMIT 1")
    found: int | None = connection.execute(query, {"kind": KIND, "id": vehicle_id}).scalar()
    return found


def evidence(connection: Connection, alarm_id: int) -> Evidence | None:
    """What proves a deviation; None when there is no alarm of that id, or it is none of a truck's route."""
    found = record(connection, alarm_id)
    if found is None or found.alarm.kind != KIND or found.alarm.vehicle_id is None:
        return None
    now: datetime = connection.execute(text("SELECT now()")).scalar_one()
    since = _since(found)
    end = min((found.alarm.cleared_at or now) + AFTER, since + LONGEST, now)
    start = since - BEFORE
    vehicle_id = found.alarm.vehicle_id
    driven = track(connection, vehicle_id, start, end)
    placed = offsets(connection, vehicle_id, driven)
    messages = _messages(connection, vehicle_id, start, end)
    # The rule that raised it says how wide the corridor was; who raised it without one meant the usual one.
    corridor = found.alarm.limit_value or CORRIDOR_M
    proof = _checksum(connection, found, vehicle_id, start, end, placed, messages)
    return Evidence(found, start, end, driven, placed, corridor, messages, proof, now)


def _since(found: AlarmRecord) -> datetime:
    """When the run of positions began that decided it, as the monitor says; else when it was raised."""
    said = found.alarm.detail.get("since")
    return datetime.fromisoformat(said).astimezone(UTC) if isinstance(said, str) else found.alarm.raised_at


def _messages(connection: Connection, vehicle_id: int, start: datetime, end: datetime) -> tuple[RawMessage, ...] | None:
    may = connection.execute(text("SELECT has_table_privilege('city.raw_message', 'SELECT')")).scalar_one()
    return tuple(frames.messages(connection, "vehicle", vehicle_id, start, end + LATE)[0]) if may else None


# As the database writes it, so that neither the language nor the time zone of whoever asks changes anything.
_ALARM = text("""
    SELECT jsonb_build_array(e.version, extract(epoch FROM e.at), e.act, e.from_state, e.to_state, e.value, e.staff_id,
        e.reason)::text
    FROM city.alarm_event AS e WHERE e.alarm_id = :id ORDER BY e.version
""")
_FIXES = text("""
    SELECT jsonb_build_array(extract(epoch FROM at), round(public.ST_X(geom)::numeric, 2),
        round(public.ST_Y(geom)::numeric, 2), speed_kmh, heading, load, alarm_bits)::text
    FROM city.vehicle_fix WHERE vehicle_id = :id AND at >= :start AND at < :end ORDER BY at
""")


def _checksum(
    connection: Connection,
    found: AlarmRecord,
    vehicle_id: int,
    start: datetime,
    end: datetime,
    placed: Offsets,
    messages: tuple[RawMessage, ...] | None,
) -> str:
    told = [f"{found.alarm.id} {vehicle_id}"]
    told += connection.scalars(_ALARM, {"id": found.alarm.id})
    for permit in np.unique(placed.permit[placed.permit >= 0]).tolist():
        told.append(f"{placed.numbers[permit]} {shapely.to_wkb(placed.routes[permit], hex=True)}")
    told += connection.scalars(_FIXES, {"id": vehicle_id, "start": start, "end": end})
    told += [f"{message.received_at.timestamp():.6f} {message.raw.hex()}" for message in messages or ()]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
