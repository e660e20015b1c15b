"""Alarms that stand (ISA-18.2): what asks a person to act, the most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

STANDING_LIMIT = 1_000
"""Alarms shown at most: in a flood of alarms (EEMUA 191: more than 10 in 10 minutes) nobody reads further."""


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


def standing(connection: Connection) -> list[Alarm]:
    """Every alarm that is not back to normal: by urgency, then the oldest first."""
    found = connection.execute(
        text(_ALARMS + " WHERE a.state <> 'normal' ORDER BY a.urgency DESC, a.raised_at, a.id LIMIT :limit"),
        {"limit": STANDING_LIMIT},
    )
    return [Alarm(**row) for row in found.mappings()]


def alarm(connection: Connection, alarm_id: int) -> Alarm | None:
    """One alarm; None when there is none of that id."""
    row = connection.execute(text(_ALARMS + " WHERE a.id = :id"), {"id": alarm_id}).mappings().one_or_none()
    return None if row is None else Alarm(**row)
