"""Judges sensors by their readings: depth, rain over hours, rise, silence, what does not move or cannot be."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from console.models.monitors.delays import Delays
from console.models.monitors.groups import Flood
from console.models.monitors.statements import Grades, Held, Statement
from console.models.sensors import STUCK_BAND_CM

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from console.models.alarms.rules import AlarmRule

GOOD, SUSPECT, BAD, MANUAL = 0, 1, 2, 3
"""Qualities of readings. By what is suspect or bad nothing is judged but the sensor itself."""
KEPT_S = 12 * 3600
"""The longest sum of rain that a warning signal asks for."""


@dataclass(frozen=True)
class Gauge:
    """A sensor.

    Attributes:
        id: in ``city.sensor``.
        is_level: whether it measures depth in cm; else rain in mm since the reading before.
        interval_s: seconds between two readings when it is dry.
        limits_cm: the limits of its flood point by their names, such as ``flooding_cm``.
        x, y: where; EPSG:4546.
    """

    id: int
    is_level: bool
    interval_s: float
    limits_cm: Mapping[str, float]
    x: float
    y: float


@dataclass(frozen=True)
class Reading:
    """One reading; `at` in seconds since 1970."""

    sensor_id: int
    at: float
    value: float
    quality: int


@dataclass
class _Memory:
    """What was last seen of a sensor."""

    at: float | None = None
    moved_at: float = 0.0
    moved_value: float = 0.0
    recent: deque[tuple[float, float]] = field(default_factory=deque)


class Gauges:
    """All sensors.

    Args:
        rules: those of sensors that are in force.
        gauges: the sensors.
        started: since when anybody listens, seconds since 1970.
    """

    def __init__(self, rules: Sequence[AlarmRule], gauges: Sequence[Gauge], started: float) -> None:
        self.gauges = tuple(gauges)
        self._started = started
        self._group = next((rule for rule in rules if rule.kind == "sensors_silent"), None)
        self._delays = Delays([rule for rule in rules if rule is not self._group], len(gauges))
        self._grades = Grades(self._delays.rules)
        self._flood = Flood(self._group, len(gauges))
        self._place = {gauge.id: place for place, gauge in enumerate(gauges)}
        self._memory = [_Memory() for _ in gauges]
        for row, rule in enumerate(self._delays.rules):
            for place, gauge in enumerate(gauges):
                limit = self._limit(rule, gauge)
                self._delays.set_point[row, place] = limit
                self._delays.clear_point[row, place] = limit - ((rule.set_point or 0.0) - (rule.clear_point or 0.0))

    def known(self, sensor_id: int) -> bool:
        """Whether there is such a sensor."""
        return sensor_id in self._place

    def heard(self, sensor_id: int) -> bool:
        """Whether this one, known, has been judged before."""
        return self._memory[self._place[sensor_id]].at is not None

    def judge(self, readings: Sequence[Reading]) -> list[Statement]:
        """Judge readings of known sensors; one that comes out of turn fills in rain and decides nothing else."""
        said: list[Statement] = []
        for reading in sorted(readings, key=lambda one: one.at):
            place = self._place[reading.sensor_id]
            memory = self._memory[place]
            if memory.at is not None and reading.at <= memory.at:
                if not self.gauges[place].is_level and reading.quality in (GOOD, MANUAL) and reading.at < memory.at:
                    memory.recent.append((reading.at, reading.value))
                continue
            values = self._values(place, reading)
            memory.at = reading.at
            if self._delays.is_at_rest(values, place):
                continue  # as nearly always
            at, points = np.array([reading.at]), np.array([place])
            turns = self._delays.step(values[:, None], at, points)
            for kind, _column, row, begun in self._grades.changed(self._delays, turns, points):
                said.append(self._say(kind, place, row, reading.at, begun, 0.0 if row is None else float(values[row])))
        return said

    def tick(self, now: float) -> list[Statement | Held]:
        """Judge who has been silent for too long at a moment."""
        rows = self._grades.rows.get("sensor_silent", [])
        since = np.array([max(m.at or 0.0, self._started) for m in self._memory])
        missed = np.array(
            [
                (now - begun) / gauge.interval_s if memory.at is not None else -np.inf
                for begun, gauge, memory in zip(since, self.gauges, self._memory, strict=True)
            ]
        )
        late = missed >= self._delays.set_point[rows].min(axis=0) if rows else np.zeros(len(missed), bool)
        over: NDArray[np.int64] = np.flatnonzero(late)
        said: list[Statement | Held] = []
        if self._group is not None and (self._flood.stands or len(over)):
            said += self._grouped(late, since, now)
        if len(over):
            values = np.full((len(self._delays.rules), len(over)), np.nan)
            values[rows] = missed[over]
            turns = self._delays.step(values, np.full(len(over), now), over)
            for kind, column, row, begun in self._grades.changed(self._delays, turns, over):
                place = int(over[column])
                said.append(self._say(kind, place, row, now, begun, float(missed[place])))
        return said

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that a later run needs to go on from here."""
        memory = [[m.at, m.moved_at, m.moved_value, list(m.recent)] for m in self._memory]
        return {
            **self._delays.state(),
            "sensor_id": np.array([gauge.id for gauge in self.gauges], np.int64),
            "memory": np.array(json.dumps(memory)),
            "members": self._flood.members,
            "first": np.array([self.gauges[self._flood.first].id if self._flood.stands else -1]),
        }

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from a state; sensors that it does not know have not been heard."""
        place = np.array([self._place.get(int(one), -1) for one in state["sensor_id"]], np.int64)
        self._delays.restore(state, place)
        for here, (at, moved_at, moved_value, recent) in zip(place, json.loads(str(state["memory"])), strict=True):
            if here >= 0:
                self._memory[here] = _Memory(at, moved_at, moved_value, deque(map(tuple, recent)))
        self._flood.members[place[place >= 0]] = state["members"][place >= 0]
        self._flood.first = self._place.get(int(state["first"][0]), -1)

    def standing(self) -> list[tuple[str, int, AlarmRule]]:
        """(kind, sensor, worst rule) of every condition that holds."""
        found = []
        for place, gauge in enumerate(self.gauges):
            for kind in self._grades.rows:
                row = self._grades.worst(kind, self._delays.holds[:, place])
                if row is not None:
                    found.append((kind, gauge.id, self._delays.rules[row]))
        if self._flood.stands and self._group is not None:
            found.append(("sensors_silent", self.gauges[self._flood.first].id, self._group))
        return found

    def _limit(self, rule: AlarmRule, gauge: Gauge) -> float:
        limit = rule.set_point or 0.0
        if rule.kind == "flooding" and str(rule.scope.get("of_point")) in gauge.limits_cm:
            return gauge.limits_cm[str(rule.scope["of_point"])]
        if rule.kind == "sensor_fault" and not gauge.is_level:
            return float(rule.scope["rain_mm"])
        return limit

    def _values(self, place: int, reading: Reading) -> NDArray[np.float64]:
        """The value of every rule after a reading."""
        gauge, memory = self.gauges[place], self._memory[place]
        believed = reading.quality in (GOOD, MANUAL)
        if believed:
            memory.recent.append((reading.at, reading.value))
            if memory.at is None or abs(reading.value - memory.moved_value) > STUCK_BAND_CM:
                memory.moved_at, memory.moved_value = reading.at, reading.value
        while memory.recent and memory.recent[0][0] <= reading.at - KEPT_S:
            memory.recent.popleft()
        values = np.full(len(self._delays.rules), -np.inf)
        for row, rule in enumerate(self._delays.rules):
            if rule.kind == "sensor_fault":
                value, most = reading.value, float(self._delays.set_point[row, place])
                values[row] = most if reading.quality == BAD else abs(value) + (most if value < -1.0 else 0.0)
            elif rule.kind == "sensor_silent":
                values[row] = -np.inf
            elif not believed:
                values[row] = np.nan
            elif gauge.is_level:
                values[row] = self._level(rule, reading, memory)
            elif rule.kind in ("rain", "rain_1h"):
                hours = float(rule.scope["hours"])
                values[row] = round(sum(mm for at, mm in memory.recent if at > reading.at - 3600 * hours), 2)
        return values

    def _level(self, rule: AlarmRule, reading: Reading, memory: _Memory) -> float:
        if rule.kind == "flooding":
            return reading.value
        if rule.kind == "sensor_stuck":
            stands = reading.at - memory.moved_at
            return stands if reading.value >= float(rule.scope["from_cm"]) else -np.inf
        if rule.kind == "level_rise" and reading.value >= float(rule.scope["from_cm"]):
            begin = reading.at - 60 * float(rule.scope["minutes"])
            return reading.value - min(cm for at, cm in memory.recent if at >= begin)
        return -np.inf

    def _grouped(self, silent: NDArray[np.bool_], since: NDArray[np.float64], now: float) -> list[Statement | Held]:
        first = self._flood.first
        joined, left = self._flood.look(silent, since)
        said: list[Statement | Held] = []
        if first >= 0 and not self._flood.stands:
            said.append(self._say("sensors_silent", first, None, now, now, 0.0))
        if first < 0 and self._flood.stands and self._group is not None:
            first, count = self._flood.first, int(self._flood.members.sum())
            gauge = self.gauges[first]
            members = [self.gauges[place].id for place in np.flatnonzero(self._flood.members)[:200].tolist()]
            detail = {"count": count, "sensors": members}
            said.append(
                Statement("sensors_silent", gauge.id, self._group, now, float(since[first]), count,
                    None, gauge.x, gauge.y, detail, "sensor")
            )  # fmt: skip
        said += [Held("sensor_silent", self.gauges[place].id, False, subject="sensor") for place in left]
        said += [Held("sensor_silent", self.gauges[place].id, True, "sensors_silent", "sensor") for place in joined]
        return said

    def _say(self, kind: str, place: int, row: int | None, at: float, since: float, value: float) -> Statement:
        gauge = self.gauges[place]
        rule = None if row is None else self._delays.rules[row]
        limit = None if row is None else float(self._delays.set_point[row, place])
        told = None if rule is None or not np.isfinite(value) else round(value, 1)
        return Statement(kind, gauge.id, rule, at, since, told, limit, gauge.x, gauge.y, subject="sensor")
