"""Water at flood points (易涝点) and rain: latest readings, how they change, and their history."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from console.models.layers import Extent, LayerData, read_layer, within

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy import Connection

TREND_S = 600
"""Seconds over which a trend is taken."""
MISSED_READINGS = 3
"""A sensor that missed more readings than this is silent (domain: urban practice, offline)."""
STUCK_BAND_CM = 0.2
"""What a level sensor that is stuck does not even tremble by, as its monitor has it."""
SERIES_LIMIT = 2_000
"""Points of a series at most: more than a chart has columns of pixels."""


class Grade(StrEnum):
    """How deep the water stands, by the thresholds of the flood point (domain 5.4: 5, 15, 27, 40 cm by default)."""

    DRY = "dry"
    ATTENTION = "attention"
    FLOODING = "flooding"
    CLOSING = "closing"
    SEVERE = "severe"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class FloodPoint:
    """A flood point with what its sensor says now.

    Attributes:
        id, code, name: identity.
        street, zone, zone_en: where it lies; the street is empty when it lies at none.
        cause: ``low_ground``, ``small_pipe``, ``blocked_gully``, ``backwater`` or ``pump_capacity``.
        is_underpass: whether it is an underpass, with a `height_bar_m` over its entrance.
        catchment_m2: area from which water runs there.
        attention_cm, flooding_cm, closing_cm, severe_cm: depths at which its grades begin.
        department, department_en, plan: who acts and how (一点一策).
        sensor_id, sensor: id and code of its gauge; None and empty when it has none.
        interval_s: seconds between its readings.
        depth_cm, at, quality: latest reading; quality 0 good, 1 suspect, 2 bad (without a depth), 3 manual. None when
            there is none.
        stuck: whether the depth has not moved for as long as the rule of stuck sensors says, while water stands.
        rate_cm: centimetres in ten minutes, rising positive; None when there are too few readings.
        grade: by the depth, `Grade.UNKNOWN` without one.
        silent: whether it missed more than `MISSED_READINGS` readings, so that the depth may be untrue by now.
        x, y: metres, EPSG:4546.
    """

    id: int
    code: str
    name: str
    street: str
    zone: str
    zone_en: str
    cause: str
    is_underpass: bool
    height_bar_m: float | None
    catchment_m2: float
    attention_cm: float
    flooding_cm: float
    closing_cm: float
    severe_cm: float
    department: str
    department_en: str
    plan: str
    sensor_id: int | None
    sensor: str
    interval_s: int | None
    depth_cm: float | None
    at: datetime | None
    quality: int | None
    stuck: bool
    rate_cm: float | None
    silent: bool
    x: float
    y: float

    @property
    def grade(self) -> Grade:
        """How deep the water stands."""
        return grade_of(self.depth_cm, self.attention_cm, self.flooding_cm, self.closing_cm, self.severe_cm)

    @property
    def believed(self) -> bool:
        """Whether its depth can be taken for true: read lately, possible, and not stuck."""
        return self.depth_cm is not None and not self.silent and not self.stuck


@dataclass(frozen=True)
class RainGauge:
    """A rain gauge: rain of the last hour and 24 hours in mm, and the time of its latest reading."""

    id: int
    code: str
    name: str
    hour_mm: float
    day_mm: float
    at: datetime | None
    silent: bool
    x: float
    y: float


@dataclass(frozen=True, eq=False)
class Series:
    """Readings in the order of time, shape (n,): `at` in seconds since 1970 (UTC), `values` in the sensor's unit."""

    at: NDArray[np.float64]
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.at)


def grade_of(
    depth_cm: float | None, attention_cm: float, flooding_cm: float, closing_cm: float, severe_cm: float
) -> Grade:
    """The grade of a depth; each begins at its threshold."""
    if depth_cm is None:
        return Grade.UNKNOWN
    if depth_cm >= severe_cm:
        return Grade.SEVERE
    if depth_cm >= closing_cm:
        return Grade.CLOSING
    if depth_cm >= flooding_cm:
        return Grade.FLOODING
    return Grade.ATTENTION if depth_cm >= attention_cm else Grade.DRY


STUCK = """
        CASE WHEN s.quality = 2 OR s.value IS NULL OR k.kind IS NULL OR s.value < (k.scope ->> 'from_cm')::real
            THEN false
            ELSE EXISTS (
                SELECT FROM city.sensor_reading AS r
                WHERE r.sensor_id = g.id AND r.at <= s.at - make_interval(secs => k.set_point)
                    AND r.at > s.at - make_interval(secs => 2 * k.set_point)
            ) AND NOT EXISTS (
                SELECT FROM city.sensor_reading AS r
                WHERE r.sensor_id = g.id AND r.at > s.at - make_interval(secs => k.set_point) AND r.at <= s.at
                    AND r.quality IN (0, 3) AND abs(r.value - s.value) > :stuck_band_cm
            )
        END
"""
"""Whether reading `s` of gauge `g` is one that is stuck, by the rule `k`; needs :stuck_band_cm."""
RATE = """
        CASE WHEN s.at > e.at AND s.quality <> 2
            THEN (s.value - e.value) * :trend_s / extract(epoch FROM s.at - e.at)::double precision END
"""
"""How reading `s` has changed since the reading `e` before, in cm in `TREND_S`."""
BEFORE = """
    LEFT JOIN city.alarm_rule AS k ON k.kind = 'sensor_stuck' AND k.enabled AND k.grade = 1
    -- The newest reading that is old enough to take a trend from, but not so old that it says nothing.
    LEFT JOIN LATERAL (
        SELECT r.at, r.value FROM city.sensor_reading AS r
        WHERE r.sensor_id = g.id AND r.quality <> 2
            AND r.at <= s.at - make_interval(secs => :trend_s) AND r.at > s.at - make_interval(secs => 4 * :trend_s)
        ORDER BY r.at DESC LIMIT 1
    ) AS e ON true
"""
"""What `STUCK` and `RATE` of reading `s` of gauge `g` need."""
_NOW = "LEFT JOIN city.sensor_state AS s ON s.sensor_id = g.id"
_THEN = """
    LEFT JOIN LATERAL (
        SELECT * FROM city.sensor_reading WHERE sensor_id = g.id AND at <= :now ORDER BY at DESC LIMIT 1
    ) AS s ON true
"""
_POINT = """
    SELECT p.id, p.code, p.name, coalesce(st.name, '') AS street, z.name AS zone, z.name_en AS zone_en, p.cause,
        p.is_underpass, p.height_bar_m, p.catchment_m2, p.attention_cm, p.flooding_cm, p.closing_cm, p.severe_cm,
        d.name AS department, d.name_en AS department_en, p.plan, g.id AS sensor_id,
        coalesce(g.code, '') AS sensor, g.interval_s,
        CASE WHEN s.quality <> 2 THEN s.value END AS depth_cm, s.at, s.quality,
"""
_POINT_NOW = """
        coalesce(coalesce(:now, now()) - s.at > (:missed * g.interval_s) * interval '1 second', true) AS silent,
        public.ST_X(p.geom) AS x, public.ST_Y(p.geom) AS y
    FROM city.flood_point AS p
    JOIN city.zone AS z ON z.id = p.zone_id
    JOIN city.department AS d ON d.id = p.department_id
    LEFT JOIN city.street AS st ON st.id = p.street_id
    LEFT JOIN LATERAL (
        SELECT * FROM city.sensor WHERE flood_point_id = p.id AND kind = 'water_level' ORDER BY id LIMIT 1
    ) AS g ON true
"""
_FLOOD_POINTS = _POINT + STUCK + " AS stuck," + RATE + " AS rate_cm," + _POINT_NOW
_RAIN_GAUGE = """
    SELECT g.id, g.code, g.name, r.hour_mm, r.day_mm, s.at,
        coalesce(coalesce(:now, now()) - s.at > (:missed * g.interval_s) * interval '1 second', true) AS silent,
        public.ST_X(g.geom) AS x, public.ST_Y(g.geom) AS y
    FROM city.sensor AS g
"""
_RAIN_FALLEN = """
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(value), 0)::double precision AS day_mm,
            coalesce(sum(value) FILTER (WHERE at > coalesce(:now, now()) - interval '1 hour'), 0)
                ::double precision AS hour_mm
        FROM city.sensor_reading
        WHERE sensor_id = g.id AND quality <> 2
            AND at > coalesce(:now, now()) - interval '24 hours' AND at <= coalesce(:now, now())
    ) AS r
    WHERE g.kind = 'rain' AND (:id IS NULL OR g.id = :id) ORDER BY g.id
"""
_OF_POINT = " WHERE :id IS NULL OR p.id = :id ORDER BY p.id"


def flood_points(
    connection: Connection, *, now: datetime | None = None, at: datetime | None = None
) -> list[FloodPoint]:
    """Every flood point as it is, or as it was `at` an instant; `now` decides which sensors are silent."""
    return _flood_points(connection, None, now, at)


def flood_point(
    connection: Connection, point_id: int, *, now: datetime | None = None, at: datetime | None = None
) -> FloodPoint | None:
    """One flood point; None when there is none of that id."""
    return next(iter(_flood_points(connection, point_id, now, at)), None)


def rain_gauges(connection: Connection, *, now: datetime | None = None, at: datetime | None = None) -> list[RainGauge]:
    """Every rain gauge with the rain up to `now`, or as it was `at` an instant."""
    return _rain_gauges(connection, None, now, at)


def rain_gauge(
    connection: Connection, gauge_id: int, *, now: datetime | None = None, at: datetime | None = None
) -> RainGauge | None:
    """One rain gauge; None when there is none of that id."""
    return next(iter(_rain_gauges(connection, gauge_id, now, at)), None)


def _rain_gauges(
    connection: Connection, gauge_id: int | None, now: datetime | None, at: datetime | None
) -> list[RainGauge]:
    found = connection.execute(
        text(_RAIN_GAUGE + (_NOW if at is None else _THEN) + _RAIN_FALLEN),
        {"id": gauge_id, "now": at or now, "missed": MISSED_READINGS},
    )
    return [RainGauge(**row) for row in found.mappings()]


def level_series(
    connection: Connection, sensor_id: int, start: datetime, end: datetime, limit: int = SERIES_LIMIT
) -> Series:
    """Water level in cm from `start` on, before `end`, without bad readings.

    Of more than `limit` readings, the lowest and the highest of each of ``limit / 2`` equal spans are kept: no peak is
    lost.
    """
    at, values = _readings(connection, sensor_id, start, end)
    return Series(*thinned(at, values, limit))


def rain_series(
    connection: Connection, sensor_id: int, start: datetime, end: datetime, limit: int = SERIES_LIMIT
) -> Series:
    """Rain in mm from `start` on, before `end`, without bad readings.

    Each value is what fell in the span that ends at its time; of more than `limit` readings, neighbours are added up:
    no rain is lost.
    """
    at, values = _readings(connection, sensor_id, start, end)
    if len(at) <= limit:
        return Series(at, values)
    span = np.floor((at - at[0]) / (at[-1] - at[0]) * limit).clip(0, limit - 1).astype(np.int64)
    first = np.flatnonzero(np.diff(span, prepend=-1))
    last = np.append(first[1:], len(at)) - 1
    return Series(at[last], np.add.reduceat(values, first))


def thinned(
    at: NDArray[np.float64], values: NDArray[np.float64], limit: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """At most `limit` of the points: the lowest and the highest of each of ``limit // 2`` equal spans of time."""
    if len(at) <= limit:
        return at, values
    spans = max(limit // 2, 1)
    span = np.floor((at - at[0]) / (at[-1] - at[0]) * spans).clip(0, spans - 1)
    by_value = np.lexsort((values, span))
    ordered = span[by_value]
    lowest = by_value[np.flatnonzero(np.diff(ordered, prepend=-1))]
    highest = by_value[np.flatnonzero(np.diff(ordered, append=-1))]
    kept = np.unique(np.concatenate((lowest, highest)))
    return at[kept], values[kept]


def flood_point_layer(connection: Connection, extent: Extent, metres_per_pixel: float) -> LayerData:
    """Flood points with their latest depth.

    Attributes ``name``, ``depth_cm`` (not a number without a reading), ``at``, and the thresholds ``attention_cm``,
    ``flooding_cm``, ``closing_cm``, ``severe_cm``.
    """
    del metres_per_pixel  # there are few
    return read_layer(
        connection,
        """
            SELECT p.id, p.geom, p.name, CASE WHEN s.quality <> 2 THEN s.value END,
                extract(epoch FROM s.at)::double precision, p.attention_cm, p.flooding_cm, p.closing_cm, p.severe_cm
            FROM city.flood_point AS p
            LEFT JOIN LATERAL (
                SELECT t.value, t.at, t.quality FROM city.sensor AS g JOIN city.sensor_state AS t ON t.sensor_id = g.id
                WHERE g.flood_point_id = p.id ORDER BY g.id LIMIT 1
            ) AS s ON true
            WHERE p.geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546) ORDER BY p.id LIMIT :limit
        """,
        within(extent),
        key=np.int64,
        attributes={
            "name": np.str_,
            "depth_cm": np.float64,
            "at": np.float64,
            "attention_cm": np.float64,
            "flooding_cm": np.float64,
            "closing_cm": np.float64,
            "severe_cm": np.float64,
        },
    )


def _flood_points(
    connection: Connection, point_id: int | None, now: datetime | None, at: datetime | None
) -> list[FloodPoint]:
    found = connection.execute(
        text(_FLOOD_POINTS + (_NOW if at is None else _THEN) + BEFORE + _OF_POINT),
        {
            "id": point_id,
            "now": at or now,
            "trend_s": TREND_S,
            "missed": MISSED_READINGS,
            "stuck_band_cm": STUCK_BAND_CM,
        },
    )
    return [FloodPoint(**row) for row in found.mappings()]


def _readings(
    connection: Connection, sensor_id: int, start: datetime, end: datetime
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    cursor = connection.execute(
        text("""
            SELECT extract(epoch FROM at)::double precision, value FROM city.sensor_reading
            WHERE sensor_id = :id AND at >= :start AND at < :end AND quality <> 2 ORDER BY at
        """),
        {"id": sensor_id, "start": start, "end": end},
    ).cursor
    rows = [] if cursor is None else cursor.fetchall()
    table = np.array(rows, dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]
