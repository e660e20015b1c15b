"""Alarms that stand (ISA-18.2): what asks a person to act, the most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

STANDING_LIMIT = 500
"""Alarms listed at most: in a flood of alarms (EEMUA 191: more than 10 in 10 minutes) nobody reads further."""
WAITING = ("unacknowledged", "returned_unacknowledged")
"""States in which an alarm waits for somebody to acknowledge it."""
CASE_CLASS = {
    "flooding": "0506",
    "level_rise": "0506",
    "uncovered": "0311",
    "unlawful_tip": "0111",
}
"""Class of events (GB/T 30428.2) that an alarm of a kind usually is: 道路积水, 渣土车未密闭, 积存垃圾渣土."""
ANNOUNCED = (*WAITING, "acknowledged", "latched")
"""States in which an alarm stands before everybody; what is shelved or suppressed has lists of its own."""


@dataclass(frozen=True)
class Alarm:
    """One alarm.

    Attributes:
        id: in ``city.alarm``.
        version: counts its changes; acts name the one they saw.
        rule_id, grade: rule that raised it, None when none did, and how bad it is, 1 the least.
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
        case_id, case_no, case_state: the case that it has become; None and empty when there is none, or not to be seen.
    """

    id: int
    version: int
    rule_id: int | None
    grade: int
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
    case_id: int | None = None
    case_no: str = ""
    case_state: str = ""


@dataclass(frozen=True)
class Board:
    """What stands now.

    Attributes:
        alarms: the most urgent first, of those the ones that wait for acknowledgement, of those the newest; at most
            `STANDING_LIMIT`.
        standing, waiting: how many there are of each urgency in all, and of those that wait.
        quiet_points: flood points whose flooding is known and held back: shelved, suppressed or out of service.
    """

    alarms: list[Alarm]
    standing: dict[str, int]
    waiting: dict[str, int]
    quiet_points: frozenset[int] = frozenset()


@dataclass(frozen=True)
class AlarmEvent:
    """One change of an alarm.

    Attributes:
        version: of the alarm after it.
        at: when; of what monitors say the time of the position or reading.
        act: code of the type ``city.alarm_act``.
        from_state, to_state, urgency: codes of the types ``city.alarm_state``, ``city.urgency``.
        value: what was measured, in the unit of the kind.
        who: title of the post that did it; empty for monitors and time.
        reason: that was given; empty without one.
    """

    version: int
    at: datetime
    act: str
    from_state: str | None
    to_state: str
    urgency: str
    value: float | None
    who: str
    reason: str


@dataclass(frozen=True)
class Hold:
    """What holds the alarms of one point back.

    Attributes:
        kind: of alarm.
        vehicle_id, plate: the truck, else None and empty.
        sensor_id, sensor: id and name of the sensor, else None and empty.
        hold: ``shelved``, ``suppressed`` or ``out_of_service``.
        since: when it began.
        until: when a shelved one comes back, else None.
        reason: why.
        who: title of the post that did it; empty for monitors.
        alarm_id, version, urgency: of the alarm that stands there unseen; None without one.
        flood_point_id, flood_point: where that sensor stands, else None and empty.
        x, y: metres, EPSG:4546; None when it has no place.
    """

    kind: str
    vehicle_id: int | None
    plate: str
    sensor_id: int | None
    sensor: str
    hold: str
    since: datetime
    until: datetime | None
    reason: str
    who: str
    alarm_id: int | None
    version: int | None
    urgency: str | None
    flood_point_id: int | None
    flood_point: str
    x: float | None
    y: float | None


_ALARMS = """
    SELECT a.id, a.version, a.rule_id, a.grade, a.kind, a.urgency::text AS urgency, a.state::text AS state,
        a.vehicle_id, coalesce(v.plate, '') AS plate,
        a.sensor_id, coalesce(g.name, '') AS sensor, g.flood_point_id, coalesce(p.name, '') AS flood_point,
        a.raised_at, a.acknowledged_at, coalesce(s.title, '') AS acknowledged_by, a.cleared_at, a.value,
        a.limit_value, a.detail, public.ST_X(coalesce(a.geom, g.geom)) AS x, public.ST_Y(coalesce(a.geom, g.geom)) AS y,
        f.id AS case_id, coalesce(f.case_no, '') AS case_no, coalesce(f.state::text, '') AS case_state
    FROM city.alarm AS a
    LEFT JOIN city.vehicle AS v ON v.id = a.vehicle_id
    LEFT JOIN city.sensor AS g ON g.id = a.sensor_id
    LEFT JOIN city.flood_point AS p ON p.id = g.flood_point_id
    LEFT JOIN city.staff AS s ON s.id = a.acknowledged_by
    LEFT JOIN city.case_file AS f ON f.id = a.case_id
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
    quiet = connection.execute(
        text("""
            SELECT DISTINCT g.flood_point_id FROM city.alarm_hold AS h JOIN city.sensor AS g ON g.id = h.sensor_id
            WHERE h.kind = 'flooding' AND g.flood_point_id IS NOT NULL
        """)
    )
    return Board(
        standing,
        {u: every for u, every, _ in counts},
        {u: waits for u, _, waits in counts if waits},
        frozenset(quiet.scalars()),
    )


def alarm(connection: Connection, alarm_id: int) -> Alarm | None:
    """One alarm; None when there is none of that id."""
    row = connection.execute(text(_ALARMS + " WHERE a.id = :id"), {"id": alarm_id}).mappings().one_or_none()
    return None if row is None else Alarm(**row)


def of_ids(connection: Connection, ids: Sequence[int]) -> list[Alarm]:
    """The alarms of these ids, whether they stand or not, by id."""
    found = connection.execute(text(_ALARMS + " WHERE a.id = ANY(:ids) ORDER BY a.id"), {"ids": list(ids)})
    return [Alarm(**row) for row in found.mappings()]


def history(connection: Connection, alarm_id: int) -> list[AlarmEvent]:
    """What happened to an alarm, the oldest first."""
    found = connection.execute(
        text("""
            SELECT e.version, e.at, e.act::text AS act, e.from_state::text AS from_state, e.to_state::text AS to_state,
                e.urgency::text AS urgency, e.value, coalesce(s.title, '') AS who, coalesce(e.reason, '') AS reason
            FROM city.alarm_event AS e LEFT JOIN city.staff AS s ON s.id = e.staff_id
            WHERE e.alarm_id = :id ORDER BY e.version
        """),
        {"id": alarm_id},
    )
    return [AlarmEvent(**row) for row in found.mappings()]


def holds(connection: Connection) -> list[Hold]:
    """Every point whose alarms are held back, those that come back first; at most `STANDING_LIMIT`."""
    found = connection.execute(
        text("""
            SELECT h.kind, nullif(h.vehicle_id, 0) AS vehicle_id, coalesce(v.plate, '') AS plate,
                nullif(h.sensor_id, 0::smallint) AS sensor_id, coalesce(g.name, '') AS sensor,
                h.hold::text AS hold, h.since, h.until, h.reason, coalesce(s.title, '') AS who,
                a.id AS alarm_id, a.version, a.urgency::text AS urgency, g.flood_point_id,
                coalesce(p.name, '') AS flood_point,
                public.ST_X(coalesce(a.geom, g.geom, w.geom)) AS x, public.ST_Y(coalesce(a.geom, g.geom, w.geom)) AS y
            FROM city.alarm_hold AS h
            LEFT JOIN city.vehicle AS v ON v.id = h.vehicle_id
            LEFT JOIN city.vehicle_state AS w ON w.vehicle_id = h.vehicle_id
            LEFT JOIN city.sensor AS g ON g.id = h.sensor_id
            LEFT JOIN city.flood_point AS p ON p.id = g.flood_point_id
            LEFT JOIN city.staff AS s ON s.id = h.staff_id
            LEFT JOIN city.alarm AS a ON a.state <> 'normal' AND a.rule_id IS NOT NULL AND a.kind = h.kind
                AND coalesce(a.vehicle_id, 0) = h.vehicle_id AND coalesce(a.sensor_id, 0::smallint) = h.sensor_id
            ORDER BY h.until, h.since, h.kind, h.vehicle_id, h.sensor_id LIMIT :limit
        """),
        {"limit": STANDING_LIMIT},
    )
    return [Hold(**row) for row in found.mappings()]
