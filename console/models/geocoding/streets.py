"""Streets for geocoding: finding one by what somebody calls it, where two meet, and the way along one.

A street is all stretches of one name. Two streets meet wherever stretches of both touch, so that it does not matter
whether whoever drew them cut them at their crossings.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi
from typing import TYPE_CHECKING

import shapely
from sqlalchemy import text

from console.models import search_keys
from console.models.geocoding.parsing import direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from console.models.geocoding.parsing import Offset

TOUCH_M = 1.0
"""Stretches as near as this meet."""
ONE_CROSSING_M = 60.0
"""Where two streets meet several times within this, it is one crossing with several carriageways."""
ON_STREET_M = 40.0
"""A place as near to a street as this is on it."""
KERB_M = 3.0
"""How far beyond the edge of the roadway a place “at the north side” lies."""
WALKED_M = 3_000.0
MAIN_STREET = 5
"""Names longer than this are of lanes (``学苑路东十七巷``); letters mean them only when they mean nothing else."""
ALIGNED = cos(3 * pi / 8)  # within 67.5° of the direction that is said
STEADY = cos(pi / 4)  # so much in the direction that the street that is named first is meant


@dataclass(frozen=True)
class Way:
    """A street near a place: the lines of its stretches, joined, and how wide it is there."""

    lines: tuple[shapely.LineString, ...]
    width_m: float

    def walked(self, start: shapely.Point, offset: Offset) -> tuple[shapely.Point, float] | None:
        """Where one comes to from `start` along the street, and how well that keeps to the direction (cosine).

        None when `start` is not on the street or the street does not go that way.
        """
        east, north = direction(offset.way)
        best: tuple[shapely.Point, float] | None = None
        for line in self.lines:
            if line.distance(start) > ON_STREET_M:
                continue
            here = line.project(start)
            for there in (here - offset.metres, here + offset.metres):
                reached = line.interpolate(min(max(there, 0.0), line.length))
                dx, dy = reached.x - start.x, reached.y - start.y
                length = max(shapely.distance(reached, start), 1e-9)
                aligned = (dx * east + dy * north) / length
                is_short = abs(line.project(reached) - here) < 0.5 * offset.metres
                if aligned >= ALIGNED and not is_short and (best is None or aligned > best[1]):
                    best = reached, aligned
        return best


def street_names(connection: Connection) -> list[str]:
    """The name of every street, the greater streets first."""
    query = "SELECT name FROM city.street GROUP BY name ORDER BY min(class), count(*) DESC, name"
    return list(connection.scalars(text(query)))


def matching(names: Sequence[str], typed: str, limit: int = 5) -> list[str]:
    """Streets that `typed` may mean, the likeliest first.

    The name itself; else the longest name in it; else one that it is part of; else one that lacks or has a character
    more (``红旗街`` for ``红旗东街``). Letters are pinyin or the initials of it.
    """
    if typed in names:
        return [typed]
    if not typed:
        return []
    if typed.isascii():
        main = [name for name in names if len(name) <= MAIN_STREET]
        found = _by_pinyin(main, typed, limit) or _by_pinyin(names, typed, limit)
    else:
        inside = sorted((name for name in names if name in typed), key=len, reverse=True)
        found = [name for name in inside if not any(name != other and name in other for other in inside)]
        found = found or sorted((name for name in names if typed in name), key=len)
        found = found or sorted((n for n in names if _is_spread(typed, n) or _is_spread(n, typed)), key=len)
    return found[:limit]


def _by_pinyin(names: Sequence[str], typed: str, limit: int) -> list[str]:
    return [names[n] for n in search_keys.best_first(typed, map(search_keys.search_key, names))[:limit]]


def _is_spread(few: str, many: str) -> bool:
    """Whether the characters of `few` stand in `many`, in order, with one or two others in between."""
    if not 3 <= len(few) < len(many) <= len(few) + 2:
        return False
    rest = iter(many)
    return all(character in rest for character in few)


def crossings(connection: Connection, first: str, second: str) -> list[shapely.Point]:
    """Where two streets meet."""
    rows = connection.scalars(
        text("""
            SELECT public.ST_AsBinary(public.ST_ClosestPoint(a.geom, b.geom))
            FROM city.street AS a JOIN city.street AS b ON public.ST_DWithin(a.geom, b.geom, :touch)
            WHERE a.name = :first AND b.name = :second
            ORDER BY a.id, b.id
        """),
        {"first": first, "second": second, "touch": TOUCH_M},
    )
    groups: list[list[shapely.Point]] = []
    for point in shapely.from_wkb([bytes(row) for row in rows]):
        near = next((group for group in groups if group[0].distance(point) <= ONE_CROSSING_M), None)
        if near is None:
            groups.append([point])
        else:
            near.append(point)
    return [shapely.MultiPoint(group).centroid for group in groups]


def way_near(connection: Connection, name: str, x: float, y: float, reach_m: float) -> Way | None:
    """The street `name` as far as `reach_m` around a place; None when it is not there."""
    rows = connection.execute(
        text("""
            SELECT public.ST_AsBinary(geom), width_m FROM city.street
            WHERE name = :name AND public.ST_DWithin(geom, public.ST_SetSRID(public.ST_MakePoint(:x, :y), 4546), :reach)
            ORDER BY geom OPERATOR(public.<->) public.ST_SetSRID(public.ST_MakePoint(:x, :y), 4546)
        """),
        {"name": name, "x": x, "y": y, "reach": min(reach_m, WALKED_M)},
    ).all()
    if not rows:
        return None
    joined = shapely.line_merge(shapely.union_all(shapely.from_wkb([bytes(row[0]) for row in rows])))
    return Way(tuple(part for part in shapely.get_parts(joined) if part.length), float(rows[0][1]))


def gone(connection: Connection, names: Sequence[str], start: shapely.Point, offset: Offset) -> shapely.Point:
    """Where `offset` leads from `start`: along the first of the streets `names` that goes there, else straight."""
    found: list[tuple[shapely.Point, float, Way]] = []
    for name in names:
        way = way_near(connection, name, start.x, start.y, offset.metres + 2 * ON_STREET_M)
        walk = None if way is None else way.walked(start, offset)
        if way is not None and walk is not None:
            found.append((*walk, way))
            if walk[1] >= STEADY:
                break
    if not found:
        dx, dy = offset.vector
        return shapely.Point(start.x + dx, start.y + dy)
    reached, _, way = max(found, key=lambda candidate: candidate[1])
    if not offset.side:
        return reached
    east, north = direction(offset.side)
    aside = way.width_m / 2 + KERB_M
    return shapely.Point(reached.x + east * aside, reached.y + north * aside)
