"""What lies where for trucks: permits with routes and hours, sites, streets and areas with their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from console.models.monitors.routes import Routes

DAY_S = 86400
CITY_S = 8 * 3600
"""Asia/Shanghai is eight hours before UTC and knows no summer time."""


@dataclass(frozen=True)
class Permit:
    """What a truck may do.

    Attributes:
        vehicle_id: the truck.
        number: of the permit.
        first_day, last_day: days since 1970 (Asia/Shanghai) on which it is valid.
        from_s, to_s: hours of the day, seconds after midnight; past midnight when `to_s` is the smaller, all day when
            they are equal.
        route, work_site, dump_site: indexes.
    """

    vehicle_id: int
    number: str
    first_day: int
    last_day: int
    from_s: float
    to_s: float
    route: int
    work_site: int
    dump_site: int


class Permits:
    """Which permit is in force for a truck at a moment; the youngest of several.

    Args:
        permits: in the order of their beginning.
        vehicle_ids: the trucks; their places count.
    """

    def __init__(self, permits: Sequence[Permit], vehicle_ids: NDArray[np.int64]) -> None:
        self.permits = tuple(permits)
        place = {int(vehicle): index for index, vehicle in enumerate(vehicle_ids)}
        self._of = np.array([place.get(permit.vehicle_id, -1) for permit in permits], np.int64)
        self._first = np.array([permit.first_day for permit in permits], np.int64)
        self._last = np.array([permit.last_day for permit in permits], np.int64)
        # One more, for trucks without a permit: index -1 finds it.
        self.from_s = np.array([*(permit.from_s for permit in permits), 0.0])
        self.to_s = np.array([*(permit.to_s for permit in permits), 0.0])
        self.route = np.array([*(permit.route for permit in permits), 0], np.int64)
        self.work_site = np.array([*(permit.work_site for permit in permits), -1], np.int64)
        self.dump_site = np.array([*(permit.dump_site for permit in permits), -1], np.int64)
        self._trucks = len(vehicle_ids)
        self._on: dict[int, NDArray[np.int64]] = {}

    def at(self, truck: NDArray[np.int64], at: NDArray[np.float64]) -> NDArray[np.int64]:
        """Index of the permit in force for each truck at each moment (seconds since 1970); -1 for none.

        The night that begins on a permit's last day belongs to it.
        """
        day = ((at + CITY_S) // DAY_S).astype(np.int64)
        found = np.full(len(truck), -1, np.int64)
        for one in np.unique(day):
            here = day == one
            today, before = self._in_force(int(one))[truck[here]], self._in_force(int(one) - 1)[truck[here]]
            is_night = (self.from_s[before] > self.to_s[before]) & (time_of_day(at[here]) < self.to_s[before])
            found[here] = np.where((today < 0) & (before >= 0) & is_night, before, today)
        return found

    def in_hours(self, permit: NDArray[np.int64], at: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether the moments lie in the permitted hours."""
        return within(time_of_day(at), self.from_s[permit], self.to_s[permit])

    def _in_force(self, day: int) -> NDArray[np.int64]:
        """The permit of each truck on a day."""
        if day not in self._on:
            if len(self._on) > 8:
                self._on.clear()
            on = np.full(self._trucks, -1, np.int64)
            valid = np.flatnonzero((self._first <= day) & (day <= self._last) & (self._of >= 0))
            on[self._of[valid]] = valid
            self._on[day] = on
        return self._on[day]


@dataclass(frozen=True)
class Area:
    """Where trucks may not drive, or only slowly.

    Attributes:
        speed_kmh: 0 where they may not drive at all.
        from_s, to_s: hours, as those of `Permit`.
        polygon: EPSG:4546.
    """

    name: str
    speed_kmh: float
    from_s: float
    to_s: float
    polygon: shapely.Geometry


class Ground:
    """The city under the trucks.

    Args:
        routes: approved routes.
        permits: who may drive them.
        work_sites, dump_sites: polygons.
        streets: lines, with their classes.
        areas: with limits of their own.
    """

    def __init__(
        self,
        routes: Routes,
        permits: Permits,
        work_sites: Sequence[shapely.Geometry] = (),
        dump_sites: Sequence[shapely.Geometry] = (),
        streets: Sequence[shapely.Geometry] = (),
        street_classes: Sequence[str] = (),
        areas: Sequence[Area] = (),
    ) -> None:
        self.routes, self.permits = routes, permits
        self.work_sites = np.array([*work_sites, None], object)
        self.dump_sites = np.array([*dump_sites, None], object)
        self._sites = shapely.STRtree([*work_sites, *dump_sites])
        self._streets = shapely.STRtree(streets)
        self._classes = tuple(street_classes)
        self._areas = tuple(areas)
        self.slow_areas = tuple(area for area in areas if area.speed_kmh > 0)
        self._area_tree = shapely.STRtree([area.polygon for area in areas])

    def is_near_site(self, x: NDArray[np.float64], y: NDArray[np.float64], near_m: float) -> NDArray[np.bool_]:
        """Whether places are within `near_m` of any work or dump site."""
        near = np.zeros(len(x), bool)
        near[self._sites.query(_points(x, y), predicate="dwithin", distance=near_m)[0]] = True
        return near

    def away_m(
        self, sites: NDArray[np.object_], site: NDArray[np.int64], x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Distance from each place to its site, or to the nearest of all where it has none (-1); inf without sites."""
        places = _points(x, y)
        away = np.array(shapely.distance(places, sites[site]), float)
        for place in np.flatnonzero(np.isnan(away)):
            away[place] = min((shapely.distance(places[place], one) for one in sites[:-1]), default=np.inf)
        return away

    def limits(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        at: NDArray[np.float64],
        of_class: dict[str, float],
        near_m: float,
    ) -> NDArray[np.float64]:
        """Speed limits, km/h: the highest of the streets within `near_m`, or of the city; lower in slow areas.

        Args:
            x: metres.
            y: metres.
            at: seconds since 1970.
            of_class: limit of each class of street, and of the ``city`` elsewhere.
            near_m: how near a street is the one that is driven on.
        """
        places = _points(x, y)
        limit = np.full(len(x), -np.inf)
        by_street = np.array([of_class.get(name, of_class["city"]) for name in self._classes])
        place, street = self._streets.query(places, predicate="dwithin", distance=near_m)
        np.maximum.at(limit, place, by_street[street])
        limit[np.isinf(limit)] = of_class["city"]
        place, area = self._area_tree.query(places, predicate="intersects")
        for one, index in zip(place.tolist(), area.tolist(), strict=True):
            found = self._areas[index]
            if found.speed_kmh > 0 and _in_force(found, at[one]):
                limit[one] = min(limit[one], found.speed_kmh)
        return limit

    def forbidden_depth(
        self, x: NDArray[np.float64], y: NDArray[np.float64], at: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """How far places lie inside an area where trucks may not drive at that hour, metres; -inf outside all."""
        places = _points(x, y)
        depth = np.full(len(x), -np.inf)
        place, area = self._area_tree.query(places, predicate="intersects")
        for one, index in zip(place.tolist(), area.tolist(), strict=True):
            found = self._areas[index]
            if found.speed_kmh == 0 and _in_force(found, at[one]):
                depth[one] = max(depth[one], shapely.distance(places[one], found.polygon.boundary))
        return depth


def time_of_day(at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Seconds after midnight in the city."""
    clock: NDArray[np.float64] = (at + CITY_S) % DAY_S
    return clock


def within(clock: NDArray[np.float64], from_s: NDArray[np.float64], to_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether times of day lie in hours that may go past midnight; equal ends are the whole day."""
    by_day = (from_s <= clock) & (clock < to_s)
    by_night = (clock >= from_s) | (clock < to_s)
    return np.where(from_s < to_s, by_day, by_night)


def _points(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.object_]:
    return np.asarray(shapely.points(x, y), object)


def _in_force(area: Area, at: float) -> bool:
    clock = np.array([(at + CITY_S) % DAY_S])
    return bool(within(clock, np.array([area.from_s]), np.array([area.to_s]))[0])
