"""A day of the city, played in memory: what trucks and sensors report, and what is true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from console.models.monitors.fixes import Fixes
from console.models.monitors.gauges import Reading
from console.simulation.generator.fleet.fleet import LOADS
from console.simulation.generator.sensors import Storm
from console.simulation.player.trucks import Trucks
from console.simulation.player.weather import Weather

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from console.simulation.player.mischief import Deviation

STEP_S = 5
"""Seconds between two moments of the play."""


@dataclass(frozen=True)
class Conditions:
    """How the day is played.

    Attributes:
        hours: how long it lasts.
        interval_s: seconds between two reports of a truck on duty.
        noise_m: standard deviation of each coordinate of a position; it drifts.
        jumps: share of the positions that are somewhere else.
        deviating: share of the hauls on which a truck leaves its route.
        storms: heavy storms over the city.
        seed: of all chance.
    """

    hours: float = 24.0
    interval_s: int = 30
    noise_m: float = 10.0
    jumps: float = 0.01
    deviating: float = 0.15
    storms: int = 3
    seed: int = 1


@dataclass
class Day:
    """What was played.

    Attributes:
        start: the beginning, seconds since 1970.
        fixes: positions as they were reported.
        readings: readings as they were reported.
        vehicle_ids: the trucks, by their places in `deviations`.
        deviations: each way off a route; seconds of play.
        truck_paths: where deviating trucks truly were each `STEP_S`: seconds since 1970, vehicle, x, y.
        sensor_ids: level sensors.
        levels_cm: (seconds since 1970, level at each of them), each `STEP_S`: how deep it truly was.
        gauge_ids: rain gauges.
        fallen_mm: (seconds since 1970, rain at each of them since the beginning), each `STEP_S`.
    """

    start: float
    fixes: Fixes
    readings: list[Reading]
    vehicle_ids: NDArray[np.int64]
    deviations: list[Deviation]
    truck_paths: NDArray[np.float64]
    sensor_ids: NDArray[np.int64]
    levels_cm: NDArray[np.float64]
    gauge_ids: NDArray[np.int64]
    fallen_mm: NDArray[np.float64]


class _Storms(Weather):
    """Weather with storms that come for certain."""

    _brewed: tuple[Storm, ...] = ()

    def brew(self, rng: np.random.Generator, start: float, conditions: Conditions) -> None:
        """Decide the storms, spread over the day."""
        radius = float(max(np.ptp(self._x), np.ptp(self._y), 1000.0))
        self._brewed = tuple(
            Storm(
                start_s=start + (number + 0.5) / conditions.storms * max(conditions.hours - 3.0, 0.0) * 3600,
                duration_s=rng.uniform(3600, 7200),
                return_period_a=rng.uniform(2.0, 10.0),
                x=float(rng.uniform(self._x.min(), self._x.max())),
                y=float(rng.uniform(self._y.min(), self._y.max())),
                velocity=(0.0, 0.0),
                radius_m=radius,
            )
            for number in range(conditions.storms)
        )

    def showers(self, play_s: float) -> list[Storm]:
        del play_s
        return list(self._brewed)


def play(connection: Connection, conditions: Conditions) -> Day:
    """Play a day on from where the city's trucks and sensors are; nothing is written."""
    start = connection.execute(text("SELECT max(at) FROM city.vehicle_state")).scalar_one()
    rng = np.random.default_rng([conditions.seed, 808])
    trucks = Trucks(
        connection, rng, start, conditions.interval_s, noise_m=conditions.noise_m, deviating=conditions.deviating,
        jumping=conditions.jumps,
    )  # fmt: skip
    weather = _Storms(connection, conditions.seed, start)
    weather.brew(rng, start.timestamp(), conditions)
    parts: list[Fixes] = []
    readings: list[Reading] = []
    paths: list[NDArray[np.float64]] = []
    levels: list[NDArray[np.float64]] = []
    fallen: list[NDArray[np.float64]] = []
    for elapsed in range(0, int(conditions.hours * 3600), STEP_S):
        now = start + timedelta(seconds=elapsed)
        beat = int(now.timestamp())
        told = trucks.step(float(elapsed), now, beat)
        if len(told):
            parts.append(_fixes(told, now))
        gauged = weather.step(now.timestamp(), now, beat)
        readings += [
            Reading(sensor, now.timestamp(), value, 0)
            for sensor, value in zip(gauged.sensor_ids, gauged.readings, strict=True)
        ]
        levels.append(np.append(now.timestamp(), weather.levels_cm[~weather.is_gauge]))
        fallen.append(np.append(now.timestamp(), weather.fallen_mm[weather.is_gauge]))
        astray = [one.truck for one in trucks.mischief.truth if one.begin_s <= elapsed <= one.end_s]
        if astray:
            who = np.array(astray, np.intp)
            x, y = trucks.places(who, float(elapsed))
            paths.append(np.column_stack((np.full(len(who), now.timestamp()), trucks.ids[who], x, y)))
    columns = {name: np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0])}
    return Day(
        start.timestamp(),
        Fixes(**columns),
        readings,
        trucks.ids,
        trucks.mischief.truth,
        np.concatenate(paths) if paths else np.zeros((0, 4)),
        weather.ids[~weather.is_gauge],
        np.array(levels),
        weather.ids[weather.is_gauge],
        np.array(fallen),
    )


def _fixes(told: object, now: datetime) -> Fixes:
    said = vars(told)
    n = len(said["xs"])
    return Fixes(
        np.array(said["vehicle_ids"], np.int64), np.full(n, now.astimezone(UTC).timestamp()),
        np.array(said["xs"], float), np.array(said["ys"], float), np.array(said["speeds_kmh"], float),
        np.array(said["headings"], float), np.array([LOADS.index(load) for load in said["loads"]], np.int8),
        np.array(said["lids_closed"], bool), np.array(said["ignitions"], bool), np.zeros(n, np.int64),
    )  # fmt: skip
