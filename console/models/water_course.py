"""The course of water and rain at a flood point over a period: limits, gaps, doubts, and how long water lags rain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from console.models import sensors
from console.models.sensors import MISSED_READINGS, SERIES_LIMIT, FloodPoint, RainGauge, Series, rain_series

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy import Connection

BAD = 2
"""Quality of a reading that cannot be."""
BIN_S = 300.0
"""Seconds of the spans in which rain and level are compared."""
LONGEST_LAG_S = 3 * 3600.0
LEAST_FIT = 0.5
"""Correlation from which rain and level are said to belong together (project)."""
LEAST_RAIN_MM, LEAST_RISE_CM = 2.0, 3.0
"""What has to have fallen and risen before a lag means anything (project)."""
LEAST_BINS = 24


@dataclass(frozen=True)
class Limit:
    """A depth at which a grade begins.

    Attributes:
        grade: of the alarm rule, 1 the least.
        depth_cm, clear_cm: from where on it holds, and where it is over.
        enabled: whether its rule is in force: else nobody is warned.
        assumed: whether its figures wait for confirmation.
    """

    grade: int
    depth_cm: float
    clear_cm: float
    enabled: bool
    assumed: bool


@dataclass(frozen=True)
class Lag:
    """How long after the rain the water follows: seconds, and the correlation at that shift."""

    seconds: float
    fit: float


@dataclass(frozen=True, eq=False)
class WaterCourse:
    """Level at one flood point and rain at the gauge nearest to it over the same span.

    Attributes:
        point, gauge: the flood point as it is now, and the rain gauge; None when the city has none.
        distance_m: metres between them.
        level, rain: readings that are not bad; rain in mm since the reading before.
        bad_at: seconds since 1970 of readings that cannot be, such as those out of range.
        gaps: begins and ends of silences of the level sensor within the span.
        limits: of the rules of water on the road, the least first.
        lag: None when too little rain fell, too little water rose, or they do not fit.
        span: first and last second of the period.
    """

    point: FloodPoint
    gauge: RainGauge | None
    distance_m: float | None
    level: Series
    rain: Series | None
    bad_at: NDArray[np.float64]
    gaps: tuple[tuple[float, float], ...]
    limits: tuple[Limit, ...]
    lag: Lag | None
    span: tuple[float, float]

    @property
    def fallen_mm(self) -> float | None:
        """Rain of the period; None when nothing was measured."""
        return float(self.rain.values.sum()) if self.rain is not None and len(self.rain) else None

    @property
    def highest_cm(self) -> float | None:
        """Deepest water of the period; None when nothing was measured."""
        return float(self.level.values.max()) if len(self.level) else None


def water_course(
    connection: Connection,
    point_id: int,
    start: datetime,
    end: datetime,
    *,
    now: datetime | None = None,
    at: datetime | None = None,
) -> WaterCourse | None:
    """Level, rain and what follows from them from `start` on, before `end`; None without such a point or its sensor.

    Args:
        connection: to the database.
        point_id: in ``city.flood_point``.
        start: begin of the period.
        end: its end.
        now: decides whether a sensor is silent; None for the present.
        at: the instant as of which point and gauge are told; None for what they tell now.
    """
    point = sensors.flood_point(connection, point_id, now=now, at=at)
    if point is None or point.sensor_id is None or point.interval_s is None:
        return None
    gauges = sensors.rain_gauges(connection, now=now, at=at)
    found = [(g, float(np.hypot(g.x - point.x, g.y - point.y))) for g in gauges]
    gauge, distance_m = min(found, key=lambda one: one[1], default=(None, None))
    rain = None if gauge is None else rain_series(connection, gauge.id, start, end)
    span = (start.timestamp(), end.timestamp())
    heard = _heard(connection, point.sensor_id, start, end)
    good = heard[heard[:, 2] != BAD]
    level = Series(good[:, 0], good[:, 1])
    return WaterCourse(
        point,
        gauge,
        distance_m,
        Series(*sensors.thinned(level.at, level.values, SERIES_LIMIT)),
        rain,
        heard[heard[:, 2] == BAD, 0],
        gaps_of(heard[:, 0], span, MISSED_READINGS * point.interval_s),
        limits_of(connection, point),
        None if rain is None else lag_of(level, rain),
        span,
    )


def _heard(connection: Connection, sensor_id: int, start: datetime, end: datetime) -> NDArray[np.float64]:
    """Times, values and qualities of all readings, the bad ones too; shape (n, 3)."""
    found = connection.execute(
        text("""
            SELECT extract(epoch FROM at)::double precision, value, quality FROM city.sensor_reading
            WHERE sensor_id = :id AND at >= :start AND at < :end ORDER BY at
        """),
        {"id": sensor_id, "start": start, "end": end},
    )
    return np.array([tuple(row) for row in found], dtype=np.float64).reshape(-1, 3)


def limits_of(connection: Connection, point: FloodPoint) -> tuple[Limit, ...]:
    """Limits of a flood point by the rules of water on the road: the point's own where a rule refers to them."""
    own = {"attention_cm": point.attention_cm, "flooding_cm": point.flooding_cm, "closing_cm": point.closing_cm,
           "severe_cm": point.severe_cm}  # fmt: skip
    found = connection.execute(
        text("""
            SELECT grade, set_point, clear_point, scope ->> 'of_point' AS of_point, enabled, assumed
            FROM city.alarm_rule WHERE kind = 'flooding' AND num_nulls(set_point, clear_point) = 0 ORDER BY grade
        """)
    )
    limits = []
    for row in found:
        depth = own.get(row.of_point, row.set_point)
        limits.append(Limit(row.grade, depth, depth - (row.set_point - row.clear_point), row.enabled, row.assumed))
    return tuple(limits)


def gaps_of(at: NDArray[np.float64], span: tuple[float, float], longest_s: float) -> tuple[tuple[float, float], ...]:
    """Begins and ends of silences longer than `longest_s` seconds in a span, its edges among them."""
    edges = np.concatenate(([span[0]], at, [span[1]]))
    return tuple((float(edges[i]), float(edges[i + 1])) for i in np.flatnonzero(np.diff(edges) > longest_s))


def lag_of(level: Series, rain: Series) -> Lag | None:
    """By how much the level has to be moved back to fit the rain best, by correlation in spans of `BIN_S`.

    The rain of a span is compared with the water that stands so much later; spans in which nothing was measured count
    for nothing.
    """
    if not len(level) or not len(rain):
        return None
    if rain.values.sum() < LEAST_RAIN_MM or np.ptp(level.values) < LEAST_RISE_CM:
        return None
    start = min(level.at[0], rain.at[0])
    bins = int((max(level.at[-1], rain.at[-1]) - start) // BIN_S) + 1
    rain_bin, level_bin = (((s.at - start) // BIN_S).astype(np.int64) for s in (rain, level))
    fallen = np.bincount(rain_bin, rain.values, bins)
    counted = np.bincount(level_bin, minlength=bins)
    stands = np.full(bins, np.nan)
    np.divide(np.bincount(level_bin, level.values, bins), counted, out=stands, where=counted > 0)
    first, last = int(rain_bin[0]), int(rain_bin[-1])
    best: Lag | None = None
    for shift in range(int(LONGEST_LAG_S // BIN_S) + 1):
        later = stands[first + shift : last + 1 + shift]
        before = fallen[first : first + len(later)]
        known = np.isfinite(later)
        if known.sum() < LEAST_BINS or np.ptp(before[known]) == 0 or np.ptp(later[known]) == 0:
            continue
        fit = float(np.corrcoef(before[known], later[known])[0, 1])
        if fit >= LEAST_FIT and (best is None or fit > best.fit):
            best = Lag(shift * BIN_S, fit)
    return best
