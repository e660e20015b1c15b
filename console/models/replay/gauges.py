"""Water at flood points and rain at any instant of an hour, from arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import partial
from math import isnan
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from sqlalchemy import text

from console.models import sensors
from console.models.layers import read_columns
from console.models.replay.courses import Courses, Turns
from console.models.sensors import MISSED_READINGS, STUCK_BAND_CM, TREND_S, FloodPoint, RainGauge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from numpy.typing import NDArray
    from sqlalchemy import Connection

HOUR_S, DAY_S = 3_600.0, 86_400.0
T = TypeVar("T", FloodPoint, RainGauge)
WATER = frozenset({"depth_cm", "at", "quality", "stuck", "rate_cm", "silent"})
RAIN = frozenset({"hour_mm", "day_mm", "at", "silent"})
"""What readings tell of a flood point, and of a rain gauge."""
BAD = 2
"""Quality of a reading that cannot be."""
_READING = {
    "sensor_id": np.int64,
    "at": np.float64,
    "value": np.float64,
    "quality": np.int64,
    "stuck": np.bool_,
    "rate_cm": np.float64,
}
# The readings of each sensor of a kind from the start on, and the last one before; the numeric in between makes of a
# real the decimal that it was.
_READINGS = """
    SELECT g.id, extract(epoch FROM s.at), s.value::numeric, s.quality,
"""
_OF_SENSORS = """
    FROM city.sensor AS g
    CROSS JOIN LATERAL (
        SELECT r.at, r.value, r.quality FROM city.sensor_reading AS r
        WHERE r.sensor_id = g.id AND r.at >= :start AND r.at < :until
        UNION ALL
        (SELECT r.at, r.value, r.quality FROM city.sensor_reading AS r
         WHERE r.sensor_id = g.id AND r.at < :start ORDER BY r.at DESC LIMIT 1)
    ) AS s
"""
_OF_LEVELS = "WHERE g.kind = 'water_level' ORDER BY g.id, s.at"
_LEVELS = _READINGS + sensors.STUCK + "," + sensors.RATE + _OF_SENSORS + sensors.BEFORE + _OF_LEVELS
_RAIN = _READINGS + "false, NULL" + _OF_SENSORS + "WHERE g.kind = 'rain' ORDER BY g.id, s.at"


@dataclass(frozen=True)
class GaugeStates:
    """All that gauges told by an instant."""

    points: list[FloodPoint]
    gauges: list[RainGauge]


class GaugeCourses:
    """Readings of all sensors over a span of time.

    Args:
        points: the flood points; what they say of water is of another time.
        gauges: the rain gauges, of which the same holds.
        interval_s: seconds between the readings of each rain gauge.
        levels: columns of `_READING` of the level sensors, in the order of sensor and time.
        rain: the same of rain gauges, from a day before the span on.
    """

    def __init__(
        self,
        points: list[FloodPoint],
        gauges: list[RainGauge],
        interval_s: Mapping[int, int],
        levels: Mapping[str, NDArray[Any]],
        rain: Mapping[str, NDArray[Any]],
    ) -> None:
        self._points = [_blank(point, WATER) for point in points]
        self._gauges = [_blank(gauge, RAIN) for gauge in gauges]
        self._known: dict[int, tuple[tuple[int, bool], FloodPoint]] = {}
        self._levels = _Readings(levels, [p.sensor_id for p in points], [p.interval_s for p in points])
        self._rain = _Readings(rain, [g.id for g in gauges], [interval_s[g.id] for g in gauges])
        # What had fallen by each reading; sums of spans are differences of it.
        fallen = np.where(rain["quality"] == BAD, 0.0, rain["value"])
        self._fallen = np.concatenate(([0.0], np.cumsum(fallen)))
        told = rain["at"]
        self._turns = Turns((*self._levels.turns, *self._rain.turns, told + HOUR_S, told + DAY_S))

    def signature(self, at: float) -> int:
        """Changes whenever something else is known of water or rain than before."""
        return self._turns.count(at)

    def at(self, at: float, tz: tzinfo) -> GaugeStates:
        """Flood points and rain gauges as they were at an instant; times are in the time zone `tz`."""
        return GaugeStates(self._points_at(at, tz), self._gauges_at(at, tz))

    def _points_at(self, at: float, tz: tzinfo) -> list[FloodPoint]:
        last = self._levels.last(at)
        points = []
        for number, now in enumerate(zip(last.tolist(), self._levels.silent(at, last).tolist(), strict=True)):
            known = self._known.get(number)
            if known is None or known[0] != now:
                known = self._known[number] = (now, self._point(self._points[number], *now, tz))
            points.append(known[1])
        return points

    def _point(self, point: partial[FloodPoint], place: int, silent: bool, tz: tzinfo) -> FloodPoint:
        """A flood point by its reading of that number; -1 for none."""
        if place < 0:
            return point(depth_cm=None, at=None, quality=None, stuck=False, rate_cm=None, silent=True)
        told = self._levels.told
        quality, rate = int(told["quality"][place]), float(told["rate_cm"][place])
        return point(
            depth_cm=None if quality == BAD else float(told["value"][place]),
            at=datetime.fromtimestamp(float(told["at"][place]), tz),
            quality=quality,
            stuck=bool(told["stuck"][place]),
            rate_cm=None if isnan(rate) else rate,
            silent=silent,
        )

    def _gauges_at(self, at: float, tz: tzinfo) -> list[RainGauge]:
        rain = self._rain
        last = rain.last(at)
        before = [rain.last(at - span, before_first=True) for span in (HOUR_S, DAY_S)]
        hour_mm, day_mm = (np.where(last >= 0, self._fallen[1 + last] - self._fallen[1 + one], 0.0) for one in before)
        when = rain.told["at"][last] if len(rain.told["at"]) else np.zeros(len(last))
        told = (hour_mm.tolist(), day_mm.tolist(), when.tolist(), last.tolist(), rain.silent(at, last).tolist())
        return [
            gauge(hour_mm=hour, day_mm=day, at=datetime.fromtimestamp(at, tz) if place >= 0 else None, silent=silent)
            for gauge, hour, day, at, place, silent in zip(self._gauges, *told, strict=True)
        ]


def _blank(known: T, told: frozenset[str]) -> partial[T]:
    """A point or gauge without what it has `told`: a picture of a city that is scrubbed makes many anew."""
    names = (field.name for field in fields(known) if field.name not in told)
    return partial(type(known), **{name: getattr(known, name) for name in names})


class _Readings:
    """Readings of sensors, asked for in the order of `ids`; a place without a sensor never tells anything."""

    def __init__(
        self, told: Mapping[str, NDArray[Any]], ids: Sequence[int | None], interval_s: Sequence[int | None]
    ) -> None:
        self.told = told
        wanted = np.array([-1 if one is None else one for one in ids], np.int64)
        known = np.unique(np.concatenate((told["sensor_id"], wanted)))
        self._courses = Courses(np.searchsorted(known, told["sensor_id"]), told["at"], len(known))
        self._first = np.searchsorted(self._courses.owner, np.arange(len(known)))
        self._places = np.searchsorted(known, wanted)
        self._patience_s = MISSED_READINGS * np.array([one or 0 for one in interval_s], np.float64)

    def last(self, at: float, *, before_first: bool = False) -> NDArray[np.int64]:
        """Number of the last reading of each by an instant; without one -1, or the reading before its first."""
        found = self._courses.last(at)
        if before_first:
            found = np.where(found >= 0, found, self._first - 1)
        return found[self._places]

    @property
    def turns(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """When there are readings, and when some have been missed."""
        told = self.told["at"]
        return told, np.nextafter(told + np.unique(self._patience_s)[:, None], np.inf).ravel()

    def silent(self, at: float, last: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of them had missed too many readings by an instant at which these were their `last` ones."""
        if not len(self.told["at"]):
            return np.ones(len(last), np.bool_)
        return (last < 0) | (at - self.told["at"][last] > self._patience_s)


def gauge_courses(connection: Connection, start: datetime, end: datetime) -> GaugeCourses:
    """Readings of all sensors from `start` to `end`, with what came before as far as it is needed."""
    found = connection.execute(text("SELECT id, interval_s FROM city.sensor WHERE kind = 'rain'"))
    given = {"trend_s": TREND_S, "stuck_band_cm": STUCK_BAND_CM, "until": end}
    return GaugeCourses(
        sensors.flood_points(connection),
        sensors.rain_gauges(connection),
        {row.id: row.interval_s for row in found},
        read_columns(connection, _LEVELS, {**given, "start": start}, _READING),
        read_columns(connection, _RAIN, {"until": end, "start": start - timedelta(seconds=DAY_S)}, _READING),
    )
