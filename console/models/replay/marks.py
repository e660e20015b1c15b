"""What is marked on the time slider: when alarms were raised, and when it rained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy import Connection

BINS = 240
"""Spans of a period in which rain is added up."""
MARKS_MOST = 5_000


@dataclass(frozen=True)
class AlarmMark:
    """An alarm was raised, or became worse.

    Attributes:
        at: seconds since 1970 (UTC).
        urgency: it had then, code of the type ``city.urgency``.
        vehicle_id, flood_point_id: what it is about; None for the other.
        x, y: metres, EPSG:4546; None when it has no place.
    """

    at: float
    urgency: str
    vehicle_id: int | None
    flood_point_id: int | None
    x: float | None
    y: float | None


@dataclass(frozen=True, eq=False)
class Marks:
    """Of a period: its alarms in the order of time, and the most rain of a gauge in each of `BINS` equal spans, mm."""

    alarms: tuple[AlarmMark, ...]
    rain_mm: NDArray[np.float64]

    def next_alarm(self, at: float) -> AlarmMark | None:
        """The first alarm after an instant."""
        return next((mark for mark in self.alarms if mark.at > at), None)

    def alarm_before(self, at: float) -> AlarmMark | None:
        """The last alarm before an instant."""
        return next((mark for mark in reversed(self.alarms) if mark.at < at), None)


def marks(connection: Connection, start: datetime, end: datetime) -> Marks:
    """What is marked from `start` to `end`; of more than `MARKS_MOST` alarms the first ones."""
    raised = connection.execute(
        text("""
            SELECT extract(epoch FROM r.at)::double precision AS at, r.urgency::text AS urgency, a.vehicle_id,
                g.flood_point_id, public.ST_X(coalesce(a.geom, g.geom)) AS x, public.ST_Y(coalesce(a.geom, g.geom)) AS y
            FROM (
                SELECT alarm_id, at, urgency FROM city.alarm_event
                WHERE act IN ('raise', 'step_up') AND at >= :start AND at <= :end
                UNION
                SELECT id, raised_at, urgency FROM city.alarm AS o
                WHERE raised_at >= :start AND raised_at <= :end
                    AND NOT EXISTS (SELECT FROM city.alarm_event WHERE alarm_id = o.id AND act = 'raise')
            ) AS r
            JOIN city.alarm AS a ON a.id = r.alarm_id
            LEFT JOIN city.sensor AS g ON g.id = a.sensor_id
            ORDER BY r.at, a.id LIMIT :most
        """),
        {"start": start, "end": end, "most": MARKS_MOST},
    )
    alarms = tuple(AlarmMark(**row) for row in raised.mappings())
    fallen = connection.execute(
        text("""
            SELECT part, max(mm) AS mm FROM (
                SELECT width_bucket(extract(epoch FROM r.at)::double precision, CAST(:first AS double precision),
                    CAST(:last AS double precision), :bins) - 1 AS part, sum(r.value)::double precision AS mm
                FROM city.sensor_reading AS r JOIN city.sensor AS g ON g.id = r.sensor_id AND g.kind = 'rain'
                WHERE r.at >= :start AND r.at < :end AND r.quality <> 2 AND r.value > 0
                GROUP BY r.sensor_id, part
            ) AS of_gauge
            GROUP BY part
        """),
        {"start": start, "end": end, "first": start.timestamp(), "last": end.timestamp(), "bins": BINS},
    )
    rain = np.zeros(BINS)
    for row in fallen:
        rain[row.part] = row.mm
    return Marks(alarms, rain)
