"""Rain and water level of the demonstration city: storms that cross it, gauges that count, levels that answer.

The time pattern of a storm is a Chicago hyetograph of the city's storm intensity formula (GB 50014-2021, 3.2), moved
over the city as a round cell. The level at a flood point is that of a linear reservoir: what the drains cannot take in
raises it, and it falls away with a time constant of its own. The player goes on with the same two rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from console.database.bulk import Points
from console.simulation.generator.assumptions import Assumption
from console.simulation.generator.tables import Table, text

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from console.simulation.generator.scale import Scale

# q = 167 A (1 + C lg P) / (t + b)^n in L/(s·ha). The parameters quoted for Yuncheng are not confirmed (待核实):
# they are stored as the setting `storm_formula`, marked as assumed.
STORM_FORMULA = {"A": 5.950, "C": 1.04, "b": 10.3, "n": 0.65}
PEAK_SHARE = 0.4  # of a Chicago hyetograph's duration lies before its peak; usual range 0.3 to 0.5
DRY_INTERVAL_S, WET_INTERVAL_S = 300, 60
MOST_GAUGES = 10
TIP_MM = 0.2  # of rain tip the gauge's bucket
RUNOFF_CAPACITY_MM_H = 18.0  # rain that the drains of a flood point take in before water stands
LEVEL_NOISE_CM = 0.12
_MINUTE_S = 60
WET_MM_H, WET_CM = 0.05, 1.0


@dataclass(frozen=True)
class Storm:
    """One rain cell that crosses the city.

    Attributes:
        start_s: seconds on the caller's time axis at which it begins to rain.
        duration_s: how long it rains at one place.
        return_period_a: years; decides its strength by the storm formula.
        x, y: middle of the cell at `start_s` + half of `duration_s`, EPSG:4546.
        velocity: metres a second, east and north.
        radius_m: distance from the middle at which 1/e of the strength is left.
    """

    start_s: float
    duration_s: float
    return_period_a: float
    x: float
    y: float
    velocity: tuple[float, float]
    radius_m: float

    def intensity(
        self, at_s: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Rain in mm/h at times (n,) and places (m,), shape (n, m)."""
        since = at_s - self.start_s
        middle = since - self.duration_s / 2
        away2 = (x - (self.x + self.velocity[0] * middle[:, None])) ** 2
        away2 += (y - (self.y + self.velocity[1] * middle[:, None])) ** 2
        peak = chicago_intensity(since, self.duration_s, self.return_period_a)
        rain: NDArray[np.float64] = peak[:, None] * np.exp(-away2 / self.radius_m**2)
        return rain


def chicago_intensity(since_s: NDArray[np.float64], duration_s: float, return_period_a: float) -> NDArray[np.float64]:
    """Rain in mm/h `since_s` seconds after the beginning of a Chicago storm; 0 outside of it.

    The mean over any stretch around the peak, split in the ratio of `PEAK_SHARE`, is the intensity that the storm
    formula gives for that duration.
    """
    a, c, b, n = (STORM_FORMULA[name] for name in "ACbn")
    scale = 167 * a * (1 + c * np.log10(return_period_a)) * 0.36  # L/(s·ha) → mm/h
    minutes = since_s / 60.0
    peak = PEAK_SHARE * duration_s / 60.0
    from_peak = np.where(minutes < peak, (peak - minutes) / PEAK_SHARE, (minutes - peak) / (1 - PEAK_SHARE))
    rain = scale * ((1 - n) * from_peak + b) / (from_peak + b) ** (n + 1)
    return np.where((minutes >= 0) & (minutes <= duration_s / 60.0), rain, 0.0)


@dataclass(frozen=True)
class Response:
    """How the water at flood points answers to rain; one entry a point.

    Attributes:
        gain: centimetres of level for each millimetre of rain above the capacity.
        recession_s: time constant of the fall.
        rest_cm: level in dry weather.
    """

    gain: NDArray[np.float64]
    recession_s: NDArray[np.float64]
    rest_cm: NDArray[np.float64]

    def step(
        self, excess_cm: NDArray[np.float64], rain_mm_h: NDArray[np.float64], seconds: float
    ) -> NDArray[np.float64]:
        """Level above rest (cm) after `seconds` of rain that was `excess_cm` before."""
        inflow = self.gain * np.maximum(rain_mm_h - RUNOFF_CAPACITY_MM_H, 0.0) * seconds / 3600.0
        level: NDArray[np.float64] = excess_cm * np.exp(-seconds / self.recession_s) + inflow
        return level


@dataclass(frozen=True)
class Water:
    """Sensors with their history.

    Attributes:
        tables: rows of sensor, sensor_reading and sensor_state.
        assumptions: what was assumed on the way.
        floods: (sensor id, limit in cm, raised, peak time, peak in cm, cleared) of each time that a level crossed the
            flooding limit of its point; times UTC.
        silent: ids of the sensors that have stopped talking, with the time (UTC) of the last reading of each.
    """

    tables: dict[str, Table]
    assumptions: list[Assumption]
    floods: list[tuple[int, float, np.datetime64, np.datetime64, float, np.datetime64]]
    silent: list[tuple[int, np.datetime64]]


def generate_water(
    scale: Scale, flood_point: Table, outline_xy: NDArray[np.float64], end: datetime, rng: np.random.Generator
) -> Water:
    """Make sensors, storms and readings.

    Args:
        scale: how many sensors and days.
        flood_point: table of the flood points with x and y as `Points` in column ``geom``.
        outline_xy: vertices of the city's outline, EPSG:4546, shape (n, 2).
        end: last moment of the history.
        rng: source of chance.
    """
    sensor, is_level, point = _sensors(scale, flood_point, outline_xy, rng)
    x, y = sensor["geom"].x, sensor["geom"].y
    minutes = scale.water_days * 1440
    at_s = np.arange(-minutes + 1, 1, dtype=np.float64) * _MINUTE_S
    storms = _storms(outline_xy, at_s[0], rng)
    rain = np.zeros((len(at_s), len(x)))
    for storm in storms:
        part = (at_s >= storm.start_s) & (at_s <= storm.start_s + storm.duration_s)
        rain[part] += storm.intensity(at_s[part], x, y)
    response = _responses(flood_point, point[is_level], rain[:, is_level], at_s, storms, rng)
    levels = _levels(rain[:, is_level], response)
    value = np.zeros_like(rain)
    value[:, is_level] = np.maximum(
        response.rest_cm + levels + rng.normal(0.0, LEVEL_NOISE_CM, levels.shape), 0.0
    ).round(1)
    read = _read_minutes(rain, levels, is_level)
    silent_from = _silence(scale, is_level, len(at_s), rng)
    read &= np.arange(len(at_s))[:, None] < silent_from
    for gauge in np.flatnonzero(~is_level):
        # A bucket tips when it is full, what is left in it waits; a gauge reports the rain since its last report.
        tips = np.floor(np.cumsum(rain[:, gauge] / 60.0) / TIP_MM)[read[:, gauge]]
        value[read[:, gauge], gauge] = np.diff(tips, prepend=0.0) * TIP_MM
    row, column = np.nonzero(read)
    reading = value[row, column]
    end_s = np.datetime64(round(end.timestamp()), "s")
    at = end_s + at_s.astype("m8[s]")
    tables: dict[str, Table] = {
        "sensor": sensor,
        "sensor_reading": {
            "sensor_id": (column + 1).astype(np.int16),
            "at": at[row],
            "value": reading.astype(np.float32),
            "quality": np.zeros(len(row), np.int16),
        },
    }
    last = len(at_s) - 1 - np.argmax(read[::-1], axis=0)
    tables["sensor_state"] = {
        "sensor_id": np.arange(1, len(x) + 1),
        "at": at[last],
        "received_at": at[last],
        "value": value[last, np.arange(len(x))].astype(np.float32),
        "quality": np.zeros(len(x), np.int16),
    }
    level_ids = np.flatnonzero(is_level)
    floods = [
        (int(level_ids[k]) + 1, float(limit), *crossing)
        for k, limit in enumerate(np.asarray(flood_point["flooding_cm"])[point[is_level]])
        for crossing in _crossings(value[:, level_ids[k]], float(limit), at)
    ]
    assumptions = [
        Assumption("storm_formula", STORM_FORMULA, "recalled for Yuncheng, 待核实"),
        Assumption("flood_response", _as_setting(sensor, is_level, response), "project, demonstration city"),
    ]
    silent = [(int(k) + 1, at[last[k]]) for k in np.flatnonzero(silent_from < len(at_s))]
    return Water(tables, assumptions, floods, silent)


def _sensors(
    scale: Scale, flood_point: Table, outline_xy: NDArray[np.float64], rng: np.random.Generator
) -> tuple[Table, NDArray[np.bool_], NDArray[np.int64]]:
    """The table of sensors; which measure levels; the row of the flood point of each (-1 for gauges)."""
    # Every flood point has a level sensor; underpasses, and then the largest catchments, have two of them.
    count = len(flood_point["id"])
    gauges = min(MOST_GAUGES, max(1, scale.sensors // 4))
    underpass = np.asarray(flood_point["is_underpass"])
    order = np.lexsort((-np.asarray(flood_point["catchment_m2"]), ~underpass))
    doubled = order[: max(int(underpass.sum()), scale.sensors - gauges - count)]
    point = np.sort(np.concatenate((np.arange(count), doubled)))
    second = np.concatenate(([False], np.diff(point) == 0))
    xy = np.column_stack((flood_point["geom"].x, flood_point["geom"].y))[point]
    xy = xy + np.where(second[:, None], [12.0, 6.0], 0.0)
    low, high = outline_xy.min(axis=0), outline_xy.max(axis=0)
    spread = _spread(gauges, rng)
    gauge_xy = low + (high - low) * (0.15 + 0.7 * spread)
    names = [str(flood_point["name"][k]) + ("水位计2" if s else "水位计1") for k, s in zip(point, second, strict=True)]
    count = len(point) + gauges
    is_level = np.arange(count) < len(point)
    whole = np.round(np.concatenate((xy, gauge_xy)), 2)
    codes = [f"WL-{k + 1:03d}" for k in range(len(point))] + [f"RG-{k + 1:03d}" for k in range(gauges)]
    flood_id = np.ma.masked_array(np.zeros(count, np.int64), mask=~is_level)
    flood_id[: len(point)] = np.asarray(flood_point["id"])[point]
    table: Table = {
        "id": np.arange(1, count + 1),
        "code": text(codes),
        "name": text(names + [f"雨量站{k + 1}" for k in range(gauges)]),
        "kind": text(["water_level" if level else "rain" for level in is_level]),
        "flood_point_id": flood_id,
        "unit": text(["cm" if level else "mm" for level in is_level]),
        "interval_s": np.full(count, DRY_INTERVAL_S),
        "geom": Points(whole[:, 0], whole[:, 1]),
    }
    return table, is_level, np.concatenate((point, np.full(gauges, -1)))


def _spread(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """`count` points of the unit square that keep away from each other."""
    chosen = [np.array([0.5, 0.5])]
    while len(chosen) < count:
        trial = rng.random((40, 2))
        nearest = np.min([np.hypot(*(trial - other).T) for other in chosen], axis=0)
        chosen.append(trial[int(nearest.argmax())])
    return np.array(chosen)


def _storms(outline_xy: NDArray[np.float64], first_s: float, rng: np.random.Generator) -> list[Storm]:
    """A great storm, a smaller one and some showers, none in the last hours."""
    low, high = outline_xy.min(axis=0), outline_xy.max(axis=0)
    centre, size = (low + high) / 2, float(max(high - low))
    # (share of the history that has passed, hours, return period in years, radius as a share of the city)
    kinds = [(0.42, 3.0, 12.0, 0.80), (0.80, 2.0, 2.5, 0.45)]
    kinds += [(float(share), 1.2, 0.35, 0.35) for share in (0.11, 0.25, 0.63, 0.93)]
    storms = []
    for share, hours, period, radius in kinds:
        away = rng.normal(0.0, 0.07, 2) * size
        direction = rng.uniform(0, 2 * np.pi)
        pace = rng.uniform(0.2, 0.6)  # m/s: a cell that lingers
        storms.append(
            Storm(
                start_s=first_s * (1 - share) + rng.uniform(-0.02, 0.02) * first_s,
                duration_s=hours * 3600.0,
                return_period_a=period,
                x=float(centre[0] + away[0]),
                y=float(centre[1] + away[1]),
                velocity=(float(pace * np.cos(direction)), float(pace * np.sin(direction))),
                radius_m=radius * size,
            )
        )
    return storms


def _responses(
    flood_point: Table, point: NDArray[np.int64], rain: NDArray[np.float64], at_s: NDArray[np.float64],
    storms: list[Storm], rng: np.random.Generator,
) -> Response:  # fmt: skip
    """Points of a gain such that the great storm brings one over its closing limit and a few over the flooding one."""
    count = len(point)
    by_point = rng.uniform(25.0, 75.0, len(flood_point["id"]))[point] * 60.0
    unit = Response(np.ones(count), by_point, rng.uniform(0.0, 0.8, count))
    great = max(storms, key=lambda storm: storm.return_period_a)
    during = (at_s >= great.start_s) & (at_s <= great.start_s + great.duration_s + 3600)
    peak = np.maximum(_levels(rain[during], unit).max(axis=0), 1e-3)
    # The underpass fills deepest; every sixth point floods, the others stay below.
    underpass = np.asarray(flood_point["is_underpass"])
    deepest = int(np.argmax(underpass)) if underpass.any() else 0
    flooding = np.asarray(flood_point["flooding_cm"], float)
    wanted = flooding * rng.uniform(0.2, 0.8, len(flooding))
    others = np.flatnonzero(np.arange(len(flooding)) != deepest)
    chosen = rng.choice(others, max(1, len(flooding) // 6), replace=False) if len(others) else others
    wanted[chosen] = flooding[chosen] * rng.uniform(1.15, 1.6, len(chosen))
    wanted[deepest] = float(flood_point["closing_cm"][deepest]) * 1.15
    return Response(np.round(wanted[point] / peak, 4), np.round(unit.recession_s), np.round(unit.rest_cm, 1))


def _levels(rain: NDArray[np.float64], response: Response) -> NDArray[np.float64]:
    """Levels above rest (cm), minute by minute."""
    levels = np.zeros_like(rain)
    level = np.zeros(rain.shape[1])
    # Only minutes with water: the rest of a month stays zero.
    busy = np.flatnonzero(rain.max(axis=1) > RUNOFF_CAPACITY_MM_H)
    at = 0
    for minute in busy:
        if minute < at:
            continue
        at = int(minute)
        while at < len(rain) and (rain[at].max() > RUNOFF_CAPACITY_MM_H or level.max() > 0.01):
            level = response.step(level, rain[at], _MINUTE_S)
            levels[at] = level
            at += 1
        level = np.zeros(rain.shape[1])
    return levels


def _read_minutes(
    rain: NDArray[np.float64], levels: NDArray[np.float64], is_level: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which minutes each sensor reports: every one when it is wet, every fifth when dry."""
    wet = rain > WET_MM_H
    wet[:, is_level] = levels > WET_CM
    minute = np.arange(len(rain) - 1, -1, -1)  # before the end
    beat = (minute[:, None] + np.arange(rain.shape[1])) % (DRY_INTERVAL_S // _MINUTE_S) == 0
    read: NDArray[np.bool_] = wet | beat
    return read


def _silence(scale: Scale, is_level: NDArray[np.bool_], minutes: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """The minute from which each sensor is silent; `minutes` for those that talk. One in forty has stopped."""
    since = np.full(len(is_level), minutes, np.int64)
    broken = rng.choice(np.flatnonzero(is_level), round(scale.sensors / 40), replace=False)
    since[broken] = minutes - rng.integers(120, 1400, len(broken))
    return since


def _crossings(
    value: NDArray[np.float64], limit: float, at: NDArray[np.datetime64]
) -> list[tuple[np.datetime64, np.datetime64, float, np.datetime64]]:
    """(raised, peak time, peak, cleared) of each time that the level stood above the limit: two minutes on, three off.

    It clears 2 cm below the limit (deadband), as the alarm rules do.
    """
    found = []
    above = False
    first = 0
    for minute in np.flatnonzero(value >= limit - 2.0):
        if not above and value[minute] >= limit:
            above, first = True, int(minute)
        if above and (minute + 1 == len(value) or value[minute + 1] < limit - 2.0):
            stretch = value[first : minute + 1]
            top = int(stretch.argmax())
            cleared = min(int(minute) + 3, len(value) - 1)
            found.append((at[min(first + 1, len(at) - 1)], at[first + top], float(stretch[top]), at[cleared]))
            above = False
    return found


def _as_setting(sensor: Table, is_level: NDArray[np.bool_], response: Response) -> dict[str, dict[str, float]]:
    """The responses by sensor code, for the player."""
    return {
        str(code): {"gain": float(gain), "recession_s": float(recession), "rest_cm": float(rest)}
        for code, gain, recession, rest in zip(
            sensor["code"][is_level], response.gain, response.recession_s, response.rest_cm, strict=True
        )
    }
