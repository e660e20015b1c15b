"""Streets are one connected graph of named segments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from console.simulation.generator.names import numeral
from console.simulation.generator.plan import LANE

if TYPE_CHECKING:
    from tests.simulation.conftest import Ground


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


@given(st.integers(1, 99))
def test_numerals_differ(number: int) -> None:
    assert numeral(number) not in {numeral(other) for other in range(1, 100) if other != number}
    assert set(numeral(number)) <= set("一二三四五六七八九十")
