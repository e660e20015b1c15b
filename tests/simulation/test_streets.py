"""Streets are one connected graph of named segments; places along them have addresses that tell where they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from console.simulation.generator.names import numeral
from console.simulation.generator.places import SPREAD_M, make_places
from console.simulation.generator.plan import LANE
from console.simulation.generator.tables import points

if TYPE_CHECKING:
    from tests.simulation.conftest import Ground

ADDRESS = re.compile(r"^.+(与.+交叉口([东西南北]\d+米)?|\d+号)$")


def test_segments_meet_at_their_nodes(ground: Ground) -> None:
    graph, table = ground.streets.graph, ground.streets.table
    ends = (
        shapely.get_coordinates(shapely.get_point(table["geom"], 0)),
        shapely.get_coordinates(shapely.get_point(table["geom"], -1)),
    )
    assert np.array_equal(ends[0], graph.node_xy[table["from_node"]])
    assert np.array_equal(ends[1], graph.node_xy[table["to_node"]])
    assert len(set(table["code"])) == len(table["code"])
    assert np.allclose(graph.length_m, shapely.length(table["geom"]))


def test_every_node_is_reached(ground: Ground) -> None:
    assert np.all(np.isfinite(ground.streets.graph.tree(0).travel_s))


def test_route_is_unbroken_and_as_long_as_its_edges(ground: Ground) -> None:
    graph = ground.streets.graph
    tree = graph.tree(0)
    target = int(np.argmax(tree.travel_s))
    edges, line = tree.route(target)
    assert line.length == pytest.approx(graph.length_m[edges].sum())
    assert line.coords[0] == tuple(graph.node_xy[0])
    assert line.coords[-1] == tuple(graph.node_xy[target])
    assert tree.travel_s[target] == pytest.approx(graph.travel_s[edges].sum())
    with pytest.raises(ValueError, match="no route"):
        tree.route(0)


def test_trucks_keep_off_lanes(ground: Ground) -> None:
    streets = ground.streets
    source = int(streets.table["from_node"][0])
    tree = streets.graph.tree(source, streets.drivable())
    targets = np.flatnonzero(np.isfinite(tree.travel_s) & (tree.travel_s > 0))
    edges, _ = tree.route(int(targets[-1]))
    assert np.all(streets.rank[edges] < LANE)


def test_real_names_are_where_they_belong(ground: Ground) -> None:
    names = set(ground.streets.table["name"])
    assert {"红旗东街", "红旗西街", "解放南路", "中银南路"} <= names


def test_places_lie_in_their_grid_and_have_addresses(ground: Ground) -> None:
    places = make_places(np.random.default_rng(2), ground.areas, ground.streets)
    grids = ground.areas.unit_grid["geom"][places.unit_grid]
    assert np.all(shapely.contains(grids, shapely.buffer(points(places.xy), SPREAD_M * 0.99)))
    assert all(ADDRESS.match(word) for word in places.address.words)
    distance = shapely.distance(ground.streets.table["geom"][places.segment], points(places.xy))
    assert distance.max() < 40.0


def test_direction_in_an_address_is_true(ground: Ground) -> None:
    places = make_places(np.random.default_rng(2), ground.areas, ground.streets)
    table = ground.streets.table
    node_names: dict[int, set[str]] = {}
    for end in ("from_node", "to_node"):
        for node, name in zip(table[end].tolist(), table["name"], strict=True):
            node_names.setdefault(node, set()).add(name)
    checked = 0
    for row in range(0, len(places), 7):
        found = re.match(r"^(.+)与(.+)交叉口([东西南北])(\d+)米$", places.address.words[places.address.codes[row]])
        if not found:
            continue
        own, other, way, metres = found.groups()
        nodes = [node for node, names in node_names.items() if {own, other} <= names]
        offset = places.xy[row] - ground.streets.graph.node_xy[nodes]
        along = {"东": offset[:, 0], "西": -offset[:, 0], "北": offset[:, 1], "南": -offset[:, 1]}[way]
        assert np.any(np.abs(along - float(metres)) < 0.1 * float(metres) + 12.0)
        checked += 1
    assert checked > 50


@given(st.integers(1, 99))
def test_numerals_differ(number: int) -> None:
    assert numeral(number) not in {numeral(other) for other in range(1, 100) if other != number}
    assert set(numeral(number)) <= set("一二三四五六七八九十")
