"""Alarms that have become a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class CaseAlarm:
    """An alarm as its case tells of it.

    Attributes:
        kind, urgency, state: codes as of `console.models.alarms.Alarm`.
        who: plate of the truck, or name of the place of the sensor.
        raised_at: when.
    """

    kind: str
    urgency: str
    state: str
    who: str
    raised_at: datetime


def alarms_of(connection: Connection, case_id: int) -> tuple[CaseAlarm, ...]:
    """The alarms of a case as they are now, the oldest first."""
    found = connection.execute(
        text("""
            SELECT a.kind, a.urgency::text AS urgency, a.state::text AS state,
                coalesce(v.plate, p.name, g.name, '') AS who, a.raised_at
            FROM city.alarm AS a
            LEFT JOIN city.vehicle AS v ON v.id = a.vehicle_id
            LEFT JOIN city.sensor AS g ON g.id = a.sensor_id
            LEFT JOIN city.flood_point AS p ON p.id = g.flood_point_id
            WHERE a.case_id = :id ORDER BY a.raised_at, a.id
        """),
        {"id": case_id},
    )
    return tuple(CaseAlarm(**row) for row in found.mappings())
