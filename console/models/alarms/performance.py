"""How well alarms serve whoever works with them, in the figures of ISA-18.2 / IEC 62682 and EEMUA 191."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

WINDOW_S = 600
"""Announcements are counted in windows of ten minutes."""
FLOOD_OVER = 10
"""More announcements than these in a window are a flood."""
CALM_BELOW = 5
"""A flood lasts until a window has fewer than these (EEMUA 191)."""
TOP = 10
LISTED = 100
"""Most stale or chattering points that are told one by one."""


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
class Flood:
    """A time in which more was announced than anybody can answer.

    Attributes:
        start, end: the beginning of its first window and the end of its last.
        count: announcements in it.
        peak: most of them in one window.
    """

    start: datetime
    end: datetime
    count: int
    peak: int


@dataclass(frozen=True)
class Stale:
    """An alarm that has stood for more than 24 hours, since `at`."""

    kind: str
    who: str
    at: datetime


@dataclass(frozen=True)
class Performance:
    """The figures of a period. Every desk has the same list, so that what is announced is so at each.

    Attributes:
        start: of the period.
        per_window: alarms that were raised or got worse in each window of ten minutes.
        stale: how many alarms stand now for more than 24 hours; `standing` the oldest of them.
        chattering: points that announced three times within a minute, and how often they announced in all.
        by_urgency: announcements of each priority.
        frequent: the points that announced most, at most `TOP`.
        median_s, slow_s: time until somebody acknowledged, median and 95th percentile; None when nobody has.
    """

    start: datetime
    per_window: list[int]
    stale: int
    standing: list[Stale]
    chattering: list[Frequent]
    by_urgency: dict[str, int]
    frequent: list[Frequent]
    median_s: float | None
    slow_s: float | None

    @property
    def windows(self) -> int:
        """Windows in the period."""
        return len(self.per_window)

    @property
    def announced(self) -> int:
        """Alarms that were raised or got worse."""
        return sum(self.per_window)

    @property
    def peak(self) -> int:
        """Most of them in one window."""
        return max(self.per_window)

    @property
    def flooded(self) -> int:
        """Windows of a flood."""
        return sum(count > FLOOD_OVER for count in self.per_window)

    @property
    def floods(self) -> list[Flood]:
        """The times of flood, in their order."""
        return floods(self.start, self.per_window)


def floods(start: datetime, per_window: Sequence[int]) -> list[Flood]:
    """Floods among windows from `start` on: from one with more than `FLOOD_OVER` to before one below `CALM_BELOW`."""
    found: list[Flood] = []
    begun: int | None = None
    for place, count in enumerate([*per_window, 0]):
        if begun is None and count > FLOOD_OVER:
            begun = place
        elif begun is not None and count < CALM_BELOW:
            inside = per_window[begun:place]
            window = timedelta(seconds=WINDOW_S)
            found.append(Flood(start + begun * window, start + place * window, sum(inside), max(inside)))
            begun = None
    return found


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
    {_ANNOUNCED}
    SELECT floor(extract(epoch FROM at - CAST(:start AS timestamptz)) / :window)::integer AS place, count(*) AS n
    FROM announced GROUP BY 1
"""  # noqa: S608 - constant parts
_WHO = """
    LEFT JOIN city.vehicle AS v ON v.id = n.vehicle_id
    LEFT JOIN city.sensor AS g ON g.id = n.sensor_id
    LEFT JOIN city.flood_point AS p ON p.id = g.flood_point_id
"""
_STALE = f"""
    SELECT n.kind, coalesce(v.plate, p.name, g.name, '') AS who, n.raised_at AS at, count(*) OVER () AS n
    FROM city.alarm AS n {_WHO}
    WHERE n.state IN ('unacknowledged', 'acknowledged', 'returned_unacknowledged', 'latched')
        AND n.raised_at < :end - interval '24 hours'
    ORDER BY n.raised_at LIMIT :most
"""  # noqa: S608 - constant parts
_CHATTERING = f"""
    {_ANNOUNCED}, repeated AS (
        SELECT kind, vehicle_id, sensor_id,
            at - lag(at, 2) OVER (PARTITION BY kind, vehicle_id, sensor_id ORDER BY at) AS span
        FROM announced
    )
    SELECT n.kind, coalesce(v.plate, p.name, g.name, '') AS who, count(*)
    FROM repeated AS n {_WHO}
    GROUP BY n.kind, n.vehicle_id, n.sensor_id, v.plate, p.name, g.name
    HAVING min(n.span) <= interval '1 minute' ORDER BY count(*) DESC, n.kind, who LIMIT :most
"""  # noqa: S608 - constant parts
_FREQUENT = f"""
    {_ANNOUNCED}
    SELECT n.kind, coalesce(v.plate, p.name, g.name, '') AS who, count(*)
    FROM announced AS n {_WHO}
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
    per_window = [0] * max(1, round((end - start).total_seconds() / WINDOW_S))
    for place, count in connection.execute(text(_COUNTS), {**span, "window": WINDOW_S}):
        per_window[min(place, len(per_window) - 1)] += count
    stale = connection.execute(text(_STALE), {"end": end, "most": LISTED}).all()
    chattering = connection.execute(text(_CHATTERING), {**span, "most": LISTED})
    frequent = connection.execute(text(_FREQUENT), {**span, "top": TOP})
    urgencies = connection.execute(text(_URGENCIES), span)
    median, slow = connection.execute(text(_RESPONSE), span).scalar_one() or (None, None)
    return Performance(
        start=start,
        per_window=per_window,
        stale=stale[0].n if stale else 0,
        standing=[Stale(row.kind, row.who, row.at) for row in stale],
        chattering=[Frequent(*row) for row in chattering],
        by_urgency={row.urgency: row.n for row in urgencies},
        frequent=[Frequent(*row) for row in frequent],
        median_s=median,
        slow_s=slow,
    )
