"""The weather of the player: showers decided by the date, gauges that count them, levels that answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from console.models.field_intake import Readings
from console.simulation.generator.sensors import (
    DRY_INTERVAL_S,
    LEVEL_NOISE_CM,
    TIP_MM,
    WET_CM,
    WET_INTERVAL_S,
    WET_MM_H,
    Response,
    Storm,
)
from console.simulation.player.trucks import whose_turn

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy import Connection

SHOWER_SHARE = 0.3  # of the days have a shower
SHOWER_PERIOD_A = (0.25, 1.5)
SHOWER_S = (2400.0, 7200.0)
SILENT_S = 3600.0  # behind the other sensors: one that is broken, and stays so
_DAY_S = 86400
LIMITS = ("attention_cm", "flooding_cm", "closing_cm", "severe_cm")
"""Columns of ``city.flood_point``."""

_SENSORS = """
    SELECT s.id, s.code, s.kind::text AS kind, public.ST_X(s.geom) AS x, public.ST_Y(s.geom) AS y, t.at, t.value,
        f.attention_cm, f.flooding_cm, f.closing_cm, f.severe_cm
    FROM city.sensor AS s JOIN city.sensor_state AS t ON t.sensor_id = s.id
    LEFT JOIN city.flood_point AS f ON f.id = s.flood_point_id ORDER BY s.id
"""


@dataclass(frozen=True)
class Flood:
    """Water that stood above one of the `LIMITS` of its point; seconds since 1970 on the clock of the play."""

    sensor_id: int
    limit: str
    begin_s: float
    end_s: float


class Weather:
    """Rain over the city and the sensors that feel it.

    Args:
        connection: to read sensors and how levels answer from.
        seed: decides the showers of every day, and the noise.
        now: the present.

    Attributes:
        storms: the showers that have begun.
        floods: that are over.
        fallen_mm: rain at every sensor since the beginning.
    """

    def __init__(self, connection: Connection, seed: int, now: datetime) -> None:
        self.storms: list[Storm] = []
        self.floods: list[Flood] = []
        self._flooded: dict[tuple[int, str], float] = {}
        self._seed = seed
        self._rng = np.random.default_rng([seed, int(now.timestamp())])
        rows = connection.execute(text(_SENSORS)).all()
        latest = max((row.at for row in rows), default=now)
        rows = [row for row in rows if (latest - row.at).total_seconds() < SILENT_S]
        answers = (
            connection.execute(text("SELECT value FROM city.setting WHERE name = 'flood_response'")).scalar() or {}
        )
        self.ids = np.array([row.id for row in rows], np.int64)
        self._x = np.array([row.x for row in rows], float)
        self._y = np.array([row.y for row in rows], float)
        self._is_level = np.array([row.kind == "water_level" for row in rows], bool)
        known = [answers.get(row.code, {}) for row in rows]
        self._response = Response(
            gain=np.array([float(answer.get("gain", 0.0)) for answer in known]),
            recession_s=np.array([float(answer.get("recession_s", 3600.0)) for answer in known]),
            rest_cm=np.array([float(answer.get("rest_cm", 0.0)) for answer in known]),
        )
        self.fallen_mm = np.zeros(len(rows))
        limits = [[getattr(row, name) for row in rows] for name in LIMITS]
        self._limits_cm = np.array([[np.inf if cm is None else cm for cm in each] for each in limits], float)
        value = np.array([row.value for row in rows], float)
        self._excess = np.where(self._is_level, np.maximum(value - self._response.rest_cm - 3 * LEVEL_NOISE_CM, 0.0), 0)
        self._bucket = np.zeros(len(rows))
        self._at: float | None = None
        self._beat: int | None = None

    def step(self, play_s: float, now: datetime, beat: int) -> Readings:
        """Go on to `play_s` and report the sensors whose turn it is.

        Args:
            play_s: seconds since 1970 on the clock of the play.
            now: the present, the time of the readings.
            beat: number of the second; it decides whose turn it is.
        """
        seconds = 0.0 if self._at is None else play_s - self._at
        self._at = play_s
        rain = self.rain(play_s)
        self._excess = np.where(self._is_level, self._response.step(self._excess, rain, seconds), 0.0)
        self._note(play_s)
        self.fallen_mm += rain * seconds / 3600.0
        self._bucket += rain * seconds / 3600.0
        wet = np.where(self._is_level, self._excess > WET_CM, rain > WET_MM_H)
        before = beat - 1 if self._beat is None else self._beat
        self._beat = beat
        who = whose_turn(before, beat, 7 * self.ids, np.where(wet, WET_INTERVAL_S, DRY_INTERVAL_S))
        tips = np.floor(self._bucket[who] / TIP_MM) * TIP_MM
        self._bucket[who] -= tips
        noise = self._rng.normal(0.0, LEVEL_NOISE_CM, len(who))
        level = np.maximum(self._response.rest_cm[who] + self._excess[who] + noise, 0.0).round(1)
        return Readings(
            sensor_ids=self.ids[who].tolist(),
            ats=[now] * len(who),
            readings=np.where(self._is_level[who], level, tips.round(1)).tolist(),
            qualities=[0] * len(who),
        )

    def _note(self, play_s: float) -> None:
        """Remember what is true now."""
        self.storms += [one for one in self.showers(play_s) if one.start_s <= play_s and one not in self.storms]
        limit, place = np.nonzero(self.levels_cm >= self._limits_cm)
        stands = {(int(one), LIMITS[name]) for name, one in zip(limit, place, strict=True)}
        for one in stands - self._flooded.keys():
            self._flooded[one] = play_s
        for one in self._flooded.keys() - stands:
            self._is_over(one, play_s)

    def _is_over(self, one: tuple[int, str], play_s: float) -> None:
        place, limit = one
        self.floods.append(Flood(int(self.ids[place]), limit, self._flooded.pop(one), play_s))

    def end(self) -> None:
        """Water that stands now is counted as over: nobody will see how it goes on."""
        for one in tuple(self._flooded):
            self._is_over(one, self._at or 0.0)

    @property
    def levels_cm(self) -> NDArray[np.float64]:
        """The true level at every sensor, cm; NaN at rain gauges."""
        return np.where(self._is_level, self._response.rest_cm + self._excess, np.nan)

    @property
    def is_gauge(self) -> NDArray[np.bool_]:
        """Which sensors count rain."""
        return ~self._is_level

    def rain(self, play_s: float) -> NDArray[np.float64]:
        """Rain at every sensor, mm/h."""
        total = np.zeros(len(self.ids))
        for storm in self.showers(play_s):
            total += storm.intensity(np.array([play_s]), self._x, self._y)[0]
        return total

    def showers(self, play_s: float) -> list[Storm]:
        """Those that it may rain from at that time."""
        day = int(play_s // _DAY_S)
        return [*self._showers(day - 1), *self._showers(day)]

    def _showers(self, day: int) -> list[Storm]:
        """The showers that begin on a day (UTC, days since 1970); the same whenever they are asked for."""
        rng = np.random.default_rng([self._seed, day])
        if len(self.ids) == 0 or rng.random() >= SHOWER_SHARE:
            return []
        # A thunderstorm of the afternoon: 14 to 20 o'clock in the city is 6 to 12 in UTC.
        begins = day * _DAY_S + rng.uniform(6, 12) * 3600
        size = float(max(np.ptp(self._x), np.ptp(self._y), 1000.0))
        at = rng.uniform(0.3, 0.7, 2)
        pace, direction = rng.uniform(0.5, 1.5), rng.uniform(0, 2 * np.pi)
        return [
            Storm(
                start_s=begins,
                duration_s=rng.uniform(*SHOWER_S),
                return_period_a=rng.uniform(*SHOWER_PERIOD_A),
                x=float(self._x.min() + at[0] * np.ptp(self._x)),
                y=float(self._y.min() + at[1] * np.ptp(self._y)),
                velocity=(float(pace * np.cos(direction)), float(pace * np.sin(direction))),
                radius_m=0.5 * size,
            )
        ]
