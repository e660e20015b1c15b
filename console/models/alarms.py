"""Alarms that stand (ISA-18.2): what asks a person to act, the most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

STANDING_LIMIT = 500
"""Alarms listed at most: in a flood of alarms (EEMUA 191: more than 10 in 10 minutes) nobody reads further."""
WAITING = ("unacknowledged", "returned_unacknowledged")
"""States in which an alarm waits for somebody to acknowledge it."""
ANNOUNCED = (*WAITING, "acknowledged", "latched")
"""States in which an alarm stands before everybody; what is shelved or suppressed has lists of its own."""


@dataclass(frozen=True)
class Alarm:
    """One alarm.

    Attributes:
        id: in ``city.alarm``.
        kind: what is wrong, a code of the monitor that raised it.
        urgency, state: codes of the types ``city.urgency``, ``city.alarm_state``.
        vehicle_id, plate: of a truck's alarm, else None and empty.
        sensor_id, sensor: id and name of the sensor of its alarm, else None and empty.
        flood_point_id, flood_point: where that sensor stands, else None and empty.
        raised_at, acknowledged_at, cleared_at: its moments; None when not reached.
        acknowledged_by: title of who acknowledged it; empty when nobody has.
        value, limit_value: what was measured and what it broke, in the unit of the kind.
        detail: further values.
        x, y: metres, EPSG:4546; None when it has no place.
    """

    id: int
    kind: str
    urgency: str
    state: str
    vehicle_id: int | None
    plate: str
    sensor_id: int | None
    sensor: str
    flood_point_id: int | None
    flood_point: str
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    cleared_at: datetime | None
    value: float | None
    limit_value: float | None
    detail: dict[str, Any]
    x: float | None
    y: float | None


@dataclass(frozen=True)
class Board:
    """What stands now.

    Attributes:
        alarms: the most urgent first, of those the ones that wait for acknowledgement, of those the newest; at most
            `STANDING_LIMIT`.
        standing, waiting: how many there are of each urgency in all, and of those that wait.
    """

    alarms: list[Alarm]
    standing: dict[str, int]
    waiting: dict[str, int]


_ALARMS = """
    SELECT a.id, a.kind, a.urgency::text AS urgency, a.state::text AS state, a.vehicle_id,
        coalesce(v.plate, '') AS plate,
        a.sensor_id, coalesce(g.name, '') AS sensor, g.flood_point_id, coalesce(p.name, '') AS flood_point,
        a.raised_at, a.acknowledged_at, coalesce(s.title, '') AS acknowledged_by, a.cleared_at, a.value,
        a.limit_value, a.detail, public.ST_X(coalesce(a.geom, g.geom)) AS x, public.ST_Y(coalesce(a.geom, g.geom)) AS y
    FROM city.alarm AS a
    LEFT JOIN city.vehicle AS v ON v.id = a.vehicle_id
    LEFT JOIN city.sensor AS g ON g.id = a.sensor_id
    LEFT JOIN city.flood_point AS p ON p.id = g.flood_point_id
    LEFT JOIN city.staff AS s ON s.id = a.acknowledged_by
"""


def board(connection: Connection) -> Board:
    """Every alarm that stands before everybody, and how many there are of each urgency."""
    states = {"announced": list(ANNOUNCED), "waiting": list(WAITING)}
    found = connection.execute(
        text(
            _ALARMS
            + """
            WHERE a.state <> 'normal' AND a.state::text = ANY(:announced)
            ORDER BY a.urgency DESC, a.state::text = ANY(:waiting) DESC, a.raised_at DESC, a.id DESC LIMIT :limit
            """
        ),
        {**states, "limit": STANDING_LIMIT},
    )
    standing = [Alarm(**row) for row in found.mappings()]
    counts = connection.execute(
        text("""
            SELECT urgency::text, count(*), count(*) FILTER (WHERE state::text = ANY(:waiting)) FROM city.alarm
            WHERE state <> 'normal' AND state::text = ANY(:announced) GROUP BY urgency
        """),
        states,
    ).all()
    return Board(standing, {u: every for u, every, _ in counts}, {u: waits for u, _, waits in counts if waits})


def alarm(connection: Connection, alarm_id: int) -> Alarm | None:
    """One alarm; None when there is none of that id."""
    row = connection.execute(text(_ALARMS + " WHERE a.id = :id"), {"id": alarm_id}).mappings().one_or_none()
    return None if row is None else Alarm(**row)
