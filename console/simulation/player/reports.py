"""What people report to the player's city: when, what, where and in which words, decided by seed and minute.

Each minute of the calendar has its reports, the same whenever they are asked for, and each report has a request id of
its own: however often the player is stopped, started and cut off, none is filed twice.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import shapely
from sqlalchemy import text

from console.models.cases import reporting
from console.models.catalogue import Kind, load_catalogue
from console.simulation.generator.cases.mix import LOOP, load_mix
from console.simulation.generator.cases.places import AT_CROSSING_M, CLASS_WEIGHT, COMPASS
from console.simulation.photos import photos_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from console.simulation.photos import PhotoShot

# Who reports, with the share of each: inspectors on their rounds bring nearly all.
SOURCES = {
    "inspector": 0.80,
    "video_operator": 0.06,
    "hotline_12345": 0.06,
    "citizen": 0.05,
    "department": 0.02,
    "leader": 0.01,
}  # fmt: skip
MINUTE_S = 60
COMPONENTS_A_CLASS = 60  # to choose from
ASIDE_M = (3.0, 9.0)  # of the axis of the street
_CITY_OFFSET_S = 8 * 3600
_NAMESPACE = uuid.UUID("5b0d6a60-9f0e-5a43-8f0c-7f8b6f1d2c11")

_STREETS = """
    SELECT name, class::text AS street_class, from_node, to_node, width_m, public.ST_AsBinary(geom) AS line
    FROM city.street ORDER BY id
"""
# A metre inside its border, so that every place lies in a unit grid.
_CITY = "SELECT public.ST_AsBinary(public.ST_Buffer(public.ST_Union(geom), -1)) FROM city.zone"
# Some components of every class, spread over the city.
_COMPONENTS = """
    SELECT class_id, code, public.ST_X(place) AS x, public.ST_Y(place) AS y
    FROM (
        SELECT class_id, code, public.ST_PointOnSurface(geom) AS place,
            row_number() OVER (PARTITION BY class_id ORDER BY md5(code)) AS number
        FROM city.component WHERE state <> 'removed'
    ) AS numbered
    WHERE number <= :most ORDER BY class_id, number
"""
_CLASSES = "SELECT id, kind::text AS kind, code, code_system FROM city.case_class WHERE in_use"


@dataclass(frozen=True, kw_only=True)
class Report(reporting.Report):
    """One report, and what was photographed."""

    reported_at: datetime
    photos: tuple[PhotoShot, ...]


class Reports:
    """The reports of every minute.

    Args:
        connection: to read streets, components and classes from.
        seed: decides all of them.
        cases_per_day: how many there are on an average day.
    """

    def __init__(self, connection: Connection, seed: int, cases_per_day: float) -> None:
        self._seed = seed
        self._per_day = cases_per_day
        self._mix = load_mix(load_catalogue())
        self._read_components(connection)
        self._read_streets(connection)
        # What the classes of a whole day add up to, hour by hour.
        hours = np.array([self._mix.rhythms["hours", name] for name in self._mix.hours])
        weight = np.where(self._allowed, self._mix.weight[LOOP], 0.0)
        self._by_hour = weight[:, None] * hours / hours.sum(axis=1, keepdims=True)
        self._by_hour /= self._by_hour.sum()

    def between(self, begin: datetime, end: datetime) -> list[Report]:
        """The reports made from `begin` on, before `end`, in the order of time."""
        first, last = begin.timestamp(), end.timestamp()
        minutes = range(int(first // MINUTE_S), int(last // MINUTE_S) + 1)
        found = [report for minute in minutes for report in self._of_minute(minute)]
        return [report for report in found if first <= report.reported_at.timestamp() < last]

    def _of_minute(self, minute: int) -> list[Report]:
        rng = np.random.default_rng([self._seed, minute])
        hour = (minute * MINUTE_S + _CITY_OFFSET_S) // 3600 % 24
        weight = self._by_hour[:, hour]
        # An hour of a day with so many cases, sixty minutes of it.
        count = int(rng.poisson(self._per_day * weight.sum() / 60))
        at = np.sort(rng.uniform(0, MINUTE_S, count))
        conditions = rng.choice(len(weight), count, p=weight / weight.sum())
        said = self._mix.texts(rng, LOOP, conditions)
        return [
            self._report(rng, minute, number, int(condition), str(self._mix.words[said[number]]), float(at[number]))
            for number, condition in enumerate(conditions)
        ]

    def _report(
        self, rng: np.random.Generator, minute: int, number: int, condition: int, words: str, second: float
    ) -> Report:
        class_id = int(self._class_id[condition])
        x, y, address = self._spot(rng)
        code = None
        if self._on_component[condition]:
            choice = self._components[class_id]
            code, x, y = choice[int(rng.integers(len(choice)))]
            address = self._address_at(x, y)
        source = str(rng.choice(list(SOURCES), p=list(SOURCES.values())))
        request_id = uuid.uuid5(_NAMESPACE, f"{self._seed}/{minute}/{number}")
        return Report(
            request_id=request_id,
            reported_at=datetime.fromtimestamp(minute * MINUTE_S + round(second, 3), UTC),
            source=source,
            class_id=class_id,
            description=words,
            address=address,
            x=float(round(x, 2)),
            y=float(round(y, 2)),
            component_code=code,
            photos=photos_of(source, *self._mix.catalogue.conditions[condition].class_key[1:], variant=request_id.int),
        )

    def _read_components(self, connection: Connection) -> None:
        self._components: dict[int, list[tuple[str, float, float]]] = {}
        for row in connection.execute(text(_COMPONENTS), {"most": COMPONENTS_A_CLASS}):
            self._components.setdefault(row.class_id, []).append((row.code, row.x, row.y))
        ids = {(row.code_system, row.kind, row.code): row.id for row in connection.execute(text(_CLASSES))}
        conditions = self._mix.catalogue.conditions
        keys = [(str(key[0]), Kind(key[1]).value, str(key[2])) for key in (row.class_key for row in conditions)]
        self._class_id = np.array([ids.get(key, -1) for key in keys])
        self._on_component = self._mix.is_component
        there = np.array([class_id in self._components for class_id in self._class_id])
        self._allowed: NDArray[np.bool_] = (self._class_id > 0) & (there | ~self._on_component)

    def _read_streets(self, connection: Connection) -> None:
        self._city = shapely.from_wkb(bytes(connection.execute(text(_CITY)).scalar_one()))
        shapely.prepare(self._city)
        rows = connection.execute(text(_STREETS)).all()
        self._names = [row.name for row in rows]
        self._lines = shapely.from_wkb([bytes(row.line) for row in rows])
        self._tree = shapely.STRtree(self._lines)
        self._ends = [(row.from_node, row.to_node) for row in rows]
        self._half_width = np.array([row.width_m / 2 for row in rows])
        weight = shapely.length(self._lines) * np.array([CLASS_WEIGHT[row.street_class] for row in rows])
        self._street_weight = weight / weight.sum()
        self._crossing: dict[int, list[str]] = {}
        for row in rows:
            for node in (row.from_node, row.to_node):
                names = self._crossing.setdefault(node, [])
                if row.name not in names:
                    names.append(row.name)

    def _spot(self, rng: np.random.Generator) -> tuple[float, float, str]:
        """A place beside a street, with its address."""
        while True:
            street = int(rng.choice(len(self._street_weight), p=self._street_weight))
            line = self._lines[street]
            along = rng.uniform(0.02, 0.98) * line.length
            (x, y), (ahead_x, ahead_y) = (line.interpolate(at).coords[0] for at in (along, along + 1.0))
            step = max(np.hypot(ahead_x - x, ahead_y - y), 1e-6)
            aside = float((self._half_width[street] + rng.uniform(*ASIDE_M)) * rng.choice([-1.0, 1.0]))
            place = shapely.Point(x - aside * (ahead_y - y) / step, y + aside * (ahead_x - x) / step)
            # A street along the border has a side that is not the city's.
            if shapely.contains(self._city, place):
                return place.x, place.y, self._address(street, place.x, place.y)

    def _address_at(self, x: float, y: float) -> str:
        return self._address(int(self._tree.nearest(shapely.Point(x, y))), x, y)

    def _address(self, street: int, x: float, y: float) -> str:
        """Words for a place at a street: its nearer crossing, which way from it, and how far in tens of metres."""
        name, line = self._names[street], self._lines[street]
        ends = sorted(
            (np.hypot(x - corner[0], y - corner[1]), node, corner)
            for node, corner in zip(self._ends[street], (line.coords[0], line.coords[-1]), strict=True)
        )
        for metres, node, corner in ends:
            others = [other for other in self._crossing[node] if other != name]
            if others and metres < AT_CROSSING_M:
                return f"{name}与{others[0]}交叉口"
            if others:
                way = COMPASS[round(float(np.arctan2(y - corner[1], x - corner[0]) / (np.pi / 2))) % 4]
                return f"{name}与{others[0]}交叉口{way}{max(round(metres / 10) * 10, 10)}米"
        return f"{name}沿线"
