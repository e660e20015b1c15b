"""Ways along the streets: the quickest, through places, around what is forbidden; by brute force on small grids."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.models.haulage import checks, permit_desk
from console.models.haulage.checks import Level
from console.models.haulage.network import Network

if TYPE_CHECKING:
    from sqlalchemy import Engine

X, Y, STEP = 500_000.0, 3_870_000.0, 100.0


def at(column: float, row: float) -> tuple[float, float]:
    return X + STEP * column, Y + STEP * row


def grid(columns: int, rows: int, missing: frozenset[tuple[Any, Any]] = frozenset()) -> Network:
    """Streets between neighbouring crossings but the missing ones, drawn in either direction, ends a little apart."""
    sides = [((c, r), (c + 1, r)) for c in range(columns - 1) for r in range(rows)]
    sides += [((c, r), (c, r + 1)) for c in range(columns) for r in range(rows - 1)]
    lines = []
    for number, (a, b) in enumerate(side for side in sides if side not in missing):
        ends = [at(*a), at(b[0] + 0.002, b[1])]
        lines.append(shapely.LineString(ends[::-1] if number % 2 else ends))
    return Network(lines, ["secondary"] * len(lines))


def test_a_way_follows_the_streets_from_site_to_site() -> None:
    way = grid(4, 4).way([at(0.3, -0.4), at(3.2, 2.6)])
    assert way.gaps == ()
    assert shapely.get_coordinates(way.line)[0].tolist() == list(at(0.3, -0.4))
    assert shapely.get_coordinates(way.line)[-1].tolist() == list(at(3.2, 2.6))
    # 40 m and 20 m of access, and 2.7 + 2.6 blocks.
    assert way.line.length == pytest.approx(40 + 20 + 530, abs=2)


def test_a_way_passes_the_places_that_were_picked() -> None:
    way = grid(4, 4).way([at(0, 0), at(0, 3.1), at(3, 0)])
    assert way.line.distance(shapely.Point(at(0, 3))) < 1
    assert way.line.length == pytest.approx(900, abs=3)


def test_stops_on_one_street_are_joined_along_it() -> None:
    way = grid(3, 2).way([at(0.2, 0.1), at(0.7, 0.1)])
    assert way.line.length == pytest.approx(50 + 20, abs=1)


def test_a_way_leads_around_what_is_forbidden_where_one_does() -> None:
    town = grid(3, 3)
    block = shapely.box(*at(0.8, -0.2), *at(1.2, 0.2))
    around = town.way([at(0, 0), at(2, 0)], block)
    assert not around.passes_forbidden
    assert not around.line.crosses(block)
    wall = shapely.box(*at(0.8, -0.5), *at(1.2, 2.5))
    through = town.way([at(0, 0), at(2, 0)], wall)
    assert through.passes_forbidden
    assert through.line.length == pytest.approx(200, abs=2)


def test_lanes_are_used_only_where_nothing_else_leads() -> None:
    lane = shapely.LineString([at(0, 0), at(1, 0)])
    bend = [shapely.LineString([at(0, 0), at(0, 1)]), shapely.LineString([at(0, 1), at(1, 1)])]
    bend.append(shapely.LineString([at(1, 1), at(1, 0)]))
    town = Network([lane, *bend], ["lane", "branch", "branch", "branch"])
    assert town.way([at(0, 0), at(1, 0)]).line.length == pytest.approx(300, abs=1)
    assert Network([lane], ["lane"]).way([at(0, 0), at(1, 0)]).line.length == pytest.approx(100, abs=1)


def test_where_no_street_leads_the_way_is_straight_and_says_so() -> None:
    islands = [shapely.LineString([at(0, 0), at(1, 0)]), shapely.LineString([at(9, 9), at(10, 9)])]
    way = Network(islands, ["branch"] * 2).way([at(0, 0.1), at(10, 9.1)])
    assert len(way.gaps) == 1
    assert Network([], []).way([at(0, 0), at(1, 1)]).gaps == ((at(0, 0), at(1, 1)),)
    with pytest.raises(ValueError, match="from one stop"):
        grid(2, 2).way([at(0, 0)])


nodes = st.tuples(st.integers(0, 3), st.integers(0, 3))
sides = st.sets(
    st.tuples(nodes, nodes).filter(lambda s: abs(s[0][0] - s[1][0]) + abs(s[0][1] - s[1][1]) == 1 and s[0] < s[1]),
    max_size=14,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(sides, nodes, nodes)
def test_the_way_is_the_shortest_there_is(missing: Any, begin: Any, goal: Any) -> None:
    missing = frozenset(missing)
    steps = {begin: 0}
    edge = [begin]
    while edge:  # breadth first: every block is as long as every other
        here = edge.pop(0)
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            there = here[0] + dx, here[1] + dy
            side = (min(here, there), max(here, there))
            if min(there) >= 0 and max(there) <= 3 and side not in missing and there not in steps:
                steps[there] = steps[here] + 1
                edge.append(there)
    if begin == goal or goal not in steps:
        return
    way = grid(4, 4, missing).way([at(*begin), at(*goal)])
    assert way.gaps == ()
    assert way.line.length == pytest.approx(STEP * steps[goal], abs=4)
    # And it is made of streets alone.
    for a, b in pairwise(shapely.get_coordinates(way.line)):
        assert grid(4, 4, missing).near(shapely.points([(a + b) / 2]), 0.5).all()


def test_what_is_proposed_between_the_sites_of_the_city_has_no_fault(database: Engine) -> None:
    today = date(2026, 11, 1)
    with database.connect() as connection:
        place = permit_desk.ground(connection, today)
        permits = [one for of_truck in place.permits.values() for one in of_truck]
        assert permits
        for permit in permits:
            way = permit_desk.propose(place, permit["work_site_id"], permit["dump_site_id"], (), None)
            stored = shapely.from_wkb(bytes(permit["geom"]))
            assert way.line.length < 1.2 * stored.length
            verdicts = permit_desk.verdicts_on(
                place, permit["id"], {**permit, "shape": shapely.to_wkt(way.line, rounding_precision=3)}
            )
            of_route = [one for one in verdicts if one.code not in {"expired", "ends_soon", "in_force"}]
            assert checks.worst(of_route) is Level.OK, [one.code for one in of_route]
        stored_verdicts = permit_desk.verdicts(place)
        assert set(stored_verdicts) == {str(permit["id"]) for permit in permits}
