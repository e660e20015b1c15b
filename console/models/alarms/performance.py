"""How well alarms serve whoever works with them, in the figures of ISA-18.2 / IEC 62682 and EEMUA 191."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

WINDOW_S = 600
"""Announcements are counted in windows of ten minutes."""
FLOOD_OVER = 10
"""More announcements than these in a window are a flood."""
TOP = 10


@dataclass(frozen=True)
class Frequent:
    """A point that announces often.

    Attributes:
        kind: of alarm.
        who: plate of the truck, or name of the place of the sensor.
        count: announcements.
    """

    kind: str
    who: str
    count: int


@dataclass(frozen=True)
class Performance:
    """The figures of a period. Every desk has the same list, so that what is announced is so at each.

    Attributes:
        windows: of ten minutes in the period.
        announced: alarms raised or got worse.
        peak: most of them in one window.
        flooded: windows of a flood.
        stale: alarms that stand now for more than 24 hours.
        chattering: points that announced three times within a minute.
        by_urgency: announcements of each priority.
        frequent: the points that announced most, at most `TOP`.
        median_s, slow_s: time until somebody acknowledged, median and 95th percentile; None when nobody has.
    """

    windows: int
    announced: int
    peak: int
    flooded: int
    stale: int
    chattering: int
    by_urgency: dict[str, int]
    frequent: list[Frequent]
    median_s: float | None
    slow_s: float | None


_ANNOUNCED = """
    WITH announced AS MATERIALIZED (
        SELECT e.at, e.urgency::text AS urgency, a.kind, coalesce(a.vehicle_id, 0) AS vehicle_id,
            coalesce(a.sensor_id, 0::smallint) AS sensor_id
        FROM city.alarm_event AS e JOIN city.alarm AS a ON a.id = e.alarm_id
        WHERE e.at >= :start AND e.at < :end AND e.act IN ('raise', 'step_up') AND e.to_state = 'unacknowledged'
        UNION ALL
        SELECT a.raised_at, a.urgency::text, a.kind, coalesce(a.vehicle_id, 0), coalesce(a.sensor_id, 0::smallint)
        FROM city.alarm AS a WHERE a.rule_id IS NULL AND a.raised_at >= :start AND a.raised_at < :end
    )
"""
_COUNTS = f"""
    {_ANNOUNCED}, per_window AS (
        SELECT count(*) AS n FROM announced
        GROUP BY floor(extract(epoch FROM at - CAST(:start AS timestamptz)) / :window)
    ), repeated AS (
        SELECT kind, vehicle_id, sensor_id,
            at - lag(at, 2) OVER (PARTITION BY kind, vehicle_id, sensor_id ORDER BY at) AS span
        FROM announced
    )
    SELECT (SELECT count(*) FROM announced), (SELECT coalesce(max(n), 0) FROM per_window),
        (SELECT count(*) FROM per_window WHERE n > :flood),
        (SELECT count(*) FROM city.alarm WHERE state <> 'normal' AND raised_at < :end - interval '24 hours'
            AND state IN ('unacknowledged', 'acknowledged', 'returned_unacknowledged', 'latched')),
        (SELECT count(DISTINCT (kind, vehicle_id, sensor_id)) FROM repeated WHERE span <= interval '1 minute')
"""  # noqa: S608 - constant parts
_FREQUENT = f"""
    {_ANNOUNCED}
    SELECT n.kind, coalesce(v.plate, p.name, g.name, '') AS who, count(*)
    FROM announced AS n
    LEFT JOIN city.vehicle AS v ON v.id = n.vehicle_id
    LEFT JOIN city.sensor AS g ON g.id = n.sensor_id
    LEFT JOIN city.flood_point AS p ON p.id = g.flood_point_id
    GROUP BY n.kind, n.vehicle_id, n.sensor_id, v.plate, p.name, g.name ORDER BY count(*) DESC, n.kind, who LIMIT :top
"""  # noqa: S608 - constant parts
_URGENCIES = f"{_ANNOUNCED} SELECT urgency, count(*) AS n FROM announced GROUP BY urgency"  # noqa: S608 - constant
_RESPONSE = """
    SELECT percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM acknowledged_at - raised_at))
    FROM city.alarm
    WHERE raised_at >= :start AND raised_at < :end AND acknowledged_at >= raised_at AND acknowledged_by IS NOT NULL
"""


def performance(connection: Connection, start: datetime, end: datetime) -> Performance:
    """The figures from `start` to before `end`; what is stale is so at `end`, of what stands now."""
    span = {"start": start, "end": end}
    counts = {**span, "window": WINDOW_S, "flood": FLOOD_OVER}
    announced, peak, flooded, stale, chattering = connection.execute(text(_COUNTS), counts).one()
    frequent = connection.execute(text(_FREQUENT), {**span, "top": TOP})
    urgencies = connection.execute(text(_URGENCIES), span)
    median, slow = connection.execute(text(_RESPONSE), span).scalar_one() or (None, None)
    return Performance(
        windows=max(1, round((end - start).total_seconds() / WINDOW_S)),
        announced=announced,
        peak=peak,
        flooded=flooded,
        stale=stale,
        chattering=chattering,
        by_urgency={row.urgency: row.n for row in urgencies},
        frequent=[Frequent(*row) for row in frequent],
        median_s=median,
        slow_s=slow,
    )
