"""The file of the truth: every event that the play causes, so that what was detected can be compared with it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from console.simulation.player.trucks import Trucks
    from console.simulation.player.weather import Weather


RAIN_S = 60.0
"""Rain is told by the minute of the play."""


class Truth:
    """Writes events as they begin, floods as they end, rain as it falls, one JSON object a line.

    Args:
        path: the file that is added to; None writes nothing.
        begun: when the play began.
        speed: how many times faster than life it goes.
        interval_s: between two reports of a truck on duty.
    """

    def __init__(self, path: Path | None, begun: datetime, speed: float, interval_s: int) -> None:
        self._path, self._begun, self._speed = path, begun, speed
        self._deviations = self._absences = self._storms = self._floods = 0
        self._rained_to = 0.0
        self._fallen: NDArray[np.float64] | float = 0.0
        self.write([{"kind": "play", "begin": self._at(0.0), "interval_s": interval_s, "speed": speed}])

    def of_trucks(self, trucks: Trucks) -> None:
        """Write what trucks have decided to do since the last time."""
        mischief = trucks.mischief
        rows = [
            {
                "kind": "left_route", "vehicle_id": int(trucks.ids[one.truck]), "begin": self._at(one.begin_s),
                "end": self._at(one.end_s), "aside_m": round(one.aside_m, 1),
            }
            for one in mischief.truth[self._deviations :]
        ]  # fmt: skip
        rows += [
            {
                "kind": "silent" if one.is_broken else "no_network", "vehicle_id": int(trucks.ids[one.truck]),
                "begin": self._at(one.begin_s), "end": self._at(one.end_s),
            }
            for one in mischief.absences[self._absences :]
        ]  # fmt: skip
        self._deviations, self._absences = len(mischief.truth), len(mischief.absences)
        self.write(rows)

    def of_weather(self, weather: Weather, play_s: float) -> None:
        """Write which showers have begun, which floods are over and how much it has rained since the last time.

        Args:
            weather: of the play.
            play_s: seconds of play.
        """
        epoch = self._begun.timestamp()
        rows: list[dict[str, Any]] = [
            {
                "kind": "storm", "begin": self._at(one.start_s - epoch),
                "end": self._at(one.start_s + one.duration_s - epoch), "return_period_a": round(one.return_period_a, 2),
                "x": round(one.x), "y": round(one.y), "radius_m": round(one.radius_m),
            }
            for one in weather.storms[self._storms :]
        ]  # fmt: skip
        rows += [
            {
                "kind": "flooding", "sensor_id": one.sensor_id, "limit": one.limit,
                "begin": self._at(one.begin_s - epoch), "end": self._at(one.end_s - epoch),
            }
            for one in weather.floods[self._floods :]
        ]  # fmt: skip
        self._storms, self._floods = len(weather.storms), len(weather.floods)
        self.write(rows)
        if play_s >= self._rained_to + RAIN_S:
            self._of_rain(weather, play_s)

    def _of_rain(self, weather: Weather, play_s: float) -> None:
        fallen = weather.fallen_mm.copy()
        fell = fallen - self._fallen
        self.write(
            [
                {
                    "kind": "rain", "sensor_id": int(weather.ids[place]), "begin": self._at(self._rained_to),
                    "end": self._at(play_s), "mm": round(float(fell[place]), 3),
                }
                for place in np.flatnonzero((fell > 0.0) & weather.is_gauge)
            ]
        )  # fmt: skip
        self._rained_to, self._fallen = play_s, fallen

    def write(self, rows: list[dict[str, Any]]) -> None:
        """Add rows to the file."""
        if self._path is None or not rows:
            return
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)

    def _at(self, play_s: float) -> str:
        moment = self._begun + timedelta(seconds=play_s / self._speed)
        return moment.astimezone(UTC).isoformat(timespec="milliseconds")
