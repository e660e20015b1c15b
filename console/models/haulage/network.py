"""The streets as a network on which trucks are led: the quickest way from stop to stop, around what is forbidden.

Streets join where their ends lie within `JOIN_M` of each other; every street may be driven both ways, as nothing else
is known. Metres in EPSG:4546.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely
from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

JOIN_M = 1.0
TRUCK_KMH = {"arterial": 48.0, "secondary": 40.0, "branch": 28.0, "lane": 15.0}
"""What loaded trucks keep to on each class of street: the project's assumption."""
LANE_PENALTY = 4.0
"""So many times as long as it takes a lane counts: trucks use one only where nothing else leads on."""
REACH_M = 500.0
"""A stop is led to the nearest street that is no lane, if one lies so near."""
Place = tuple[float, float]


@dataclass(frozen=True)
class Way:
    """A way that was found.

    Attributes:
        line: from the first stop to the last, along the streets in between.
        gaps: (from, to) of each leg on which no way leads; the line is straight there.
        passes_forbidden: whether no way leads around what is to be avoided.
    """

    line: shapely.LineString
    gaps: tuple[tuple[Place, Place], ...] = ()
    passes_forbidden: bool = False


@dataclass(frozen=True)
class _Stop:
    """A place on a street: which one, and how far along it."""

    edge: int
    along_m: float
    x: float
    y: float


class Network:
    """Streets and their crossings.

    Args:
        lines: one line a street.
        classes: of each, names of `TRUCK_KMH`.
    """

    def __init__(self, lines: Sequence[shapely.Geometry] | NDArray[np.object_], classes: Sequence[str]) -> None:
        self.lines = np.asarray(lines, object)
        self.tree = shapely.STRtree(self.lines)
        self._length = np.asarray(shapely.length(self.lines), float)
        metres_per_s = np.array([TRUCK_KMH.get(name, TRUCK_KMH["lane"]) / 3.6 for name in classes])
        self._is_lane = np.array([name == "lane" for name in classes], bool)
        self._cost = self._length / np.maximum(metres_per_s, 1e-9) * np.where(self._is_lane, LANE_PENALTY, 1.0)
        ends = np.concatenate((shapely.get_point(self.lines, 0), shapely.get_point(self.lines, -1)))
        node = _joined(ends)
        self._from, self._to = node[: len(self.lines)], node[len(self.lines) :]
        self._next: list[list[tuple[int, int]]] = [[] for _ in range(int(node.max(initial=-1)) + 1)]
        for edge, (a, b) in enumerate(zip(self._from.tolist(), self._to.tolist(), strict=True)):
            self._next[a].append((b, edge))
            self._next[b].append((a, edge))

    def __len__(self) -> int:
        return len(self.lines)

    @classmethod
    def read(cls, connection: Connection) -> Network:
        """The streets of the city."""
        rows = connection.execute(
            text("SELECT public.ST_AsBinary(geom) AS geom, class::text AS name FROM city.street ORDER BY id")
        ).all()
        return cls(shapely.from_wkb([bytes(row.geom) for row in rows]), [row.name for row in rows])

    def near(self, points: NDArray[np.object_], within_m: float) -> NDArray[np.bool_]:
        """Which points lie so near a street."""
        found = np.zeros(len(points), bool)
        if len(self.lines):
            found[np.unique(self.tree.query(points, predicate="dwithin", distance=within_m)[0])] = True
        return found

    def way(self, stops: Sequence[Place], avoid: shapely.Geometry | None = None) -> Way:
        """The quickest way through the stops in their order; around `avoid` where a way leads around.

        The first and the last stop are joined to the nearest street by a straight line; those between are places on
        the streets nearest to them.

        Raises:
            ValueError: fewer than two stops.
        """
        if len(stops) < 2:
            raise ValueError("a way leads from one stop to another")
        cost = self._cost.copy()
        if avoid is not None and len(self.lines):
            cost[self.tree.query(avoid, predicate="intersects")] = np.inf
        passes = False
        found = [self._stop(stop, np.isfinite(cost)) for stop in stops]
        points: list[Place] = [stops[0]]
        gaps = []
        for begin, end in pairwise(found):
            if begin is None or end is None:
                continue
            leg = self._leg(begin, end, cost)
            if leg is None and not np.isfinite(cost).all():
                leg = self._leg(begin, end, self._cost)
                passes = passes or leg is not None
            if leg is None:
                gaps.append(((begin.x, begin.y), (end.x, end.y)))
                leg = [(begin.x, begin.y), (end.x, end.y)]
            points += leg
        points.append(stops[-1])
        if not len(self.lines):
            gaps = [(stops[0], stops[-1])]
        return Way(_line(points), tuple(gaps), passes)

    def _stop(self, at: Place, allowed: NDArray[np.bool_]) -> _Stop | None:
        """The place on a street that a stop is led to; a forbidden one only where there is no other."""
        if not len(self):
            return None
        point = shapely.Point(at)
        distance = shapely.distance(self.lines, point)
        for wanted, reach in ((allowed & ~self._is_lane, REACH_M), (allowed, np.inf), (allowed | True, np.inf)):
            away = np.where(wanted, distance, np.inf)
            edge = int(away.argmin())
            if np.isfinite(away[edge]) and away[edge] <= reach:
                along = float(shapely.line_locate_point(self.lines[edge], point))
                place = shapely.line_interpolate_point(self.lines[edge], along)
                return _Stop(edge, along, float(shapely.get_x(place)), float(shapely.get_y(place)))
        return None

    def _leg(self, begin: _Stop, end: _Stop, cost: NDArray[np.float64]) -> list[Place] | None:
        """Places from one stop to the next; None where no way leads."""
        share = cost / np.maximum(self._length, 1e-9)
        best, last = np.inf, -1
        if begin.edge == end.edge and np.isfinite(cost[begin.edge]):
            best = abs(end.along_m - begin.along_m) * float(share[begin.edge])
        start = self._ends(begin, float(share[begin.edge]))
        goal = self._ends(end, float(share[end.edge]))
        reached, via, last_cost = self._search(start, goal, cost.tolist(), best)
        for node, rest in goal.items():
            if reached.get(node, np.inf) + rest < last_cost:
                last, last_cost = node, reached[node] + rest
        if last < 0:
            return _piece(self.lines[begin.edge], begin.along_m, end.along_m) if np.isfinite(best) else None
        way: list[list[Place]] = [self._approach(end, last)[::-1]]
        node = last
        while via[node] >= 0:
            edge = via[node]
            coords = _coords(self.lines[edge])
            forward = int(self._to[edge]) == node
            way.append(coords if forward else coords[::-1])
            node = int(self._from[edge]) if forward else int(self._to[edge])
        way.append(self._approach(begin, node))
        return [place for part in reversed(way) for place in part]

    def _search(
        self, start: dict[int, float], goal: dict[int, float], cost: list[float], best: float
    ) -> tuple[dict[int, float], dict[int, int], float]:
        """Dijkstra from the ends of one street to those of another; `best` is what is known without it."""
        reached = dict(start)
        via = dict.fromkeys(start, -1)
        heap = [(there, node) for node, there in start.items()]
        heapq.heapify(heap)
        limit = best
        while heap:
            here, node = heapq.heappop(heap)
            if here >= limit:
                break
            if here > reached[node]:
                continue
            if node in goal:
                limit = min(limit, here + goal[node])
            for other, edge in self._next[node]:
                there = here + cost[edge]
                if there < reached.get(other, np.inf):
                    reached[other] = there
                    via[other] = edge
                    heapq.heappush(heap, (there, other))
        return reached, via, best

    def _ends(self, stop: _Stop, cost_a_metre: float) -> dict[int, float]:
        """What it costs from a stop to the ends of its street."""
        if not np.isfinite(cost_a_metre):
            return {}
        a, b = int(self._from[stop.edge]), int(self._to[stop.edge])
        back, on = stop.along_m * cost_a_metre, (self._length[stop.edge] - stop.along_m) * cost_a_metre
        return {a: float(back), b: float(on)} if a != b else {a: float(min(back, on))}

    def _approach(self, stop: _Stop, node: int) -> list[Place]:
        """Places from a stop to an end of its street."""
        length = float(self._length[stop.edge])
        is_start, is_end = node == int(self._from[stop.edge]), node == int(self._to[stop.edge])
        to_start = is_start and (not is_end or stop.along_m <= length - stop.along_m)
        return _piece(self.lines[stop.edge], stop.along_m, 0.0 if to_start else length)


def _joined(ends: NDArray[np.object_]) -> NDArray[np.int64]:
    """A number for each end, the same for those that lie within `JOIN_M` of each other, from 0 without gaps."""
    if not len(ends):
        return np.zeros(0, np.int64)
    first, second = shapely.STRtree(ends).query(ends, predicate="dwithin", distance=JOIN_M)
    node = np.arange(len(ends))
    while True:
        low = np.minimum(node[first], node[second])
        new = node.copy()
        np.minimum.at(new, first, low)
        np.minimum.at(new, second, low)
        new = new[new]
        if np.array_equal(new, node):
            return np.asarray(np.unique(node, return_inverse=True)[1], np.int64)
        node = new


def _piece(line: shapely.Geometry, begin_m: float, end_m: float) -> list[Place]:
    """The places of a line between two distances along it, in that direction."""
    coords = np.asarray(_coords(line))
    at = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(coords, axis=0).T))))
    low, high = min(begin_m, end_m), max(begin_m, end_m)
    inner = coords[(at > low) & (at < high)]
    ends = [(float(np.interp(m, at, coords[:, 0])), float(np.interp(m, at, coords[:, 1]))) for m in (low, high)]
    places = [ends[0], *((float(x), float(y)) for x, y in inner), ends[1]]
    return places if begin_m <= end_m else places[::-1]


def _coords(line: shapely.Geometry) -> list[Place]:
    return [(x, y) for x, y in shapely.get_coordinates(line).tolist()]


def _line(points: Sequence[Place]) -> shapely.LineString:
    """The points to the millimetre, none twice in a row."""
    xy = np.round(np.asarray(points, float), 3)
    kept = np.append(True, np.hypot(*np.diff(xy, axis=0).T) > 0)
    return shapely.LineString(xy[kept]) if kept.sum() > 1 else shapely.LineString(np.vstack((xy[:1], xy[:1] + 0.001)))
