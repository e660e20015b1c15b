"""Streets of the demonstration city: named segments between crossings, and the graph on which vehicles are routed."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely

from console.simulation.generator.names import Names, name_streets
from console.simulation.generator.plan import BORDER, BRANCH, CLASS_NAMES, Lines, Plan
from console.simulation.generator.tables import Table, nearest, points, stretches, text
from console.simulation.generator.tables import lines as linestrings

if TYPE_CHECKING:
    from numpy.typing import NDArray

_VERTEX_STEP_M = 40.0
_SHORTEST_M = 8.0  # crossings lie further apart; what is shorter is a stub at the outline
_WIDTHS_M = ((40.0, 50.0, 60.0), (24.0, 30.0, 36.0), (14.0, 16.0, 20.0), (6.0, 7.0, 9.0))
_SPEEDS_KMH = (50.0, 40.0, 30.0, 15.0)


@dataclass(frozen=True)
class StreetGraph:
    """Street crossings and the segments between them; every segment may be driven both ways."""

    node_xy: NDArray[np.float64]
    """(nodes, 2), EPSG:4546 metres."""
    edge_from: NDArray[np.intp]
    edge_to: NDArray[np.intp]
    length_m: NDArray[np.float64]
    travel_s: NDArray[np.float64]
    """Driving time of each edge at the usual speed of its class (s)."""
    street_id: NDArray[np.int32]
    geometry: NDArray[np.object_]
    """LineString of each edge, from `edge_from` to `edge_to`."""
    start: NDArray[np.intp] = field(repr=False)
    """CSR: the entries of node i are `start[i]`..`start[i + 1]` of `neighbour` and `edge`."""
    neighbour: NDArray[np.intp] = field(repr=False)
    edge: NDArray[np.intp] = field(repr=False)

    @classmethod
    def build(
        cls,
        node_xy: NDArray[np.float64],
        ends: tuple[NDArray[np.intp], NDArray[np.intp]],
        geometry: NDArray[np.object_],
        street_id: NDArray[np.int32],
        speed_kmh: NDArray[np.float64],
    ) -> StreetGraph:
        """The graph of segments `geometry` between the nodes `ends`."""
        length = shapely.length(geometry)
        tail, head = np.concatenate(ends), np.concatenate(ends[::-1])
        order = np.argsort(tail, kind="stable")
        start = np.searchsorted(tail[order], np.arange(len(node_xy) + 1))
        edge = np.tile(np.arange(len(geometry)), 2)[order]
        return cls(node_xy, *ends, length, length / speed_kmh * 3.6, street_id, geometry, start, head[order], edge)

    def nearest_node(self, xy: NDArray[np.float64]) -> NDArray[np.intp]:
        """Node nearest to each point (n, 2)."""
        return nearest(shapely.STRtree(points(self.node_xy)), points(xy))

    def tree(self, source: int, allowed: NDArray[np.bool_] | None = None) -> RouteTree:
        """Fastest routes from `source` to every node, over the edges that `allowed` marks (all without it)."""
        cost = self.travel_s if allowed is None else np.where(allowed, self.travel_s, np.inf)
        weight, neighbour, start = cost[self.edge].tolist(), self.neighbour.tolist(), self.start.tolist()
        edges = self.edge.tolist()
        best = [float("inf")] * len(self.node_xy)
        via = [-1] * len(best)
        best[source] = 0.0
        heap = [(0.0, source)]
        while heap:
            reached, node = heapq.heappop(heap)
            if reached > best[node]:
                continue
            for k in range(start[node], start[node + 1]):
                there = reached + weight[k]
                if there < best[neighbour[k]]:
                    best[neighbour[k]] = there
                    via[neighbour[k]] = edges[k]
                    heapq.heappush(heap, (there, neighbour[k]))
        return RouteTree(self, source, np.array(best), np.array(via))


@dataclass(frozen=True)
class RouteTree:
    """Fastest routes from one node."""

    graph: StreetGraph
    source: int
    travel_s: NDArray[np.float64]
    """Driving time to each node (s), infinite where no route leads."""
    via: NDArray[np.intp]
    """Last edge of the route to each node, -1 at the source and where no route leads."""

    def route(self, target: int) -> tuple[list[int], shapely.LineString]:
        """Edges and line (EPSG:4546) of the route from the source to `target`.

        Raises:
            ValueError: no route leads there, or `target` is the source.
        """
        graph, node, edges, parts = self.graph, target, [], []
        while self.via[node] >= 0:
            edge = int(self.via[node])
            edges.append(edge)
            coords = shapely.get_coordinates(graph.geometry[edge])
            forward = graph.edge_to[edge] == node
            parts.append(coords if forward else coords[::-1])
            node = int(graph.edge_from[edge] if forward else graph.edge_to[edge])
        if not edges or node != self.source:
            raise ValueError(f"no route from node {self.source} to node {target}")
        parts.reverse()
        line = np.vstack([parts[0], *(part[1:] for part in parts[1:])])
        return edges[::-1], shapely.LineString(line)


@dataclass(frozen=True)
class Streets:
    """The table of street segments, the graph, and the plan lines that they lie on."""

    table: Table
    """Columns of ``city.street``: id (from 1), code, name, class, width_m, from_node, to_node, geom."""
    graph: StreetGraph
    lines: Lines
    names: Names
    rank: NDArray[np.int8]
    """Rank of each segment: ARTERIAL to LANE."""
    line: NDArray[np.intp]
    """Plan line of each segment."""
    span: NDArray[np.float64]
    """Coordinates along its line between which each segment runs, (segments, 2), ascending (m)."""
    node_uv: NDArray[np.float64]
    """Plan coordinates of the nodes."""
    line_width_m: NDArray[np.float64]
    _tree: shapely.STRtree = field(repr=False)

    def nearest(self, shapes: NDArray[np.object_]) -> NDArray[np.intp]:
        """Row of the street segment nearest to each point (EPSG:4546)."""
        return nearest(self._tree, shapes)

    def drivable(self) -> NDArray[np.bool_]:
        """Segments on which trucks may be routed: all but lanes."""
        return self.rank <= BRANCH


def make_streets(rng: np.random.Generator, plan: Plan) -> Streets:
    """Split the street lines of the plan at their crossings, drop what hangs on nothing, name what is left."""
    lines = plan.lines.take(plan.lines.rank < BORDER)
    line, span = _segments(lines)
    uv = np.stack([lines.point(line, span[:, end]) for end in (0, 1)])
    node_uv, node = np.unique(np.round(uv.reshape(-1, 2), 3), axis=0, return_inverse=True)
    node = node.reshape(2, -1)
    kept = _largest_part(node[0], node[1], len(node_uv))
    line, span, node = line[kept], span[kept], node[:, kept]
    used, node = np.unique(node, return_inverse=True)
    node_uv, node = node_uv[used], node.reshape(2, -1)
    names = name_streets(plan, lines)
    word = names.at(line, span.mean(axis=1))
    rank = lines.rank[line]
    # Segments of one name stand together, in their order along the street.
    order = np.lexsort((span[:, 0], line, word, rank))
    line, span, node, word, rank = line[order], span[order], node[:, order], word[order], rank[order]
    width = np.array([rng.choice(_WIDTHS_M[r]) for r in lines.rank])
    geometry = _bent_lines(plan, lines, line, span)
    ids = np.arange(1, len(line) + 1, dtype=np.int32)
    graph = StreetGraph.build(plan.warp(node_uv), (node[0], node[1]), geometry, ids, np.array(_SPEEDS_KMH)[rank])
    table: Table = {
        "id": ids,
        "code": _codes(rank, word),
        "name": text(names.words)[word],
        "class": text(list(CLASS_NAMES))[rank],
        "width_m": width[line].astype(np.float32),
        "from_node": node[0].astype(np.int32),
        "to_node": node[1].astype(np.int32),
        "geom": geometry,
    }
    return Streets(table, graph, lines, names, rank, line, span, node_uv, width, shapely.STRtree(geometry))


def _segments(lines: Lines) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Pieces of all lines between neighbouring crossings: (line, (from, to) along it)."""
    on, at = lines.joints()
    piece = np.flatnonzero((np.diff(on) == 0) & (np.diff(at) > _SHORTEST_M))
    return on[piece], np.column_stack((at[piece], at[piece + 1]))


def _largest_part(first: NDArray[np.intp], second: NDArray[np.intp], nodes: int) -> NDArray[np.bool_]:
    """Which edges belong to the largest connected part of the graph."""
    label = np.arange(nodes)
    while True:
        low = np.minimum(label[first], label[second])
        new = label.copy()
        np.minimum.at(new, first, low)
        np.minimum.at(new, second, low)
        new = new[new]
        if np.array_equal(new, label):
            break
        label = new
    return np.equal(label[first], np.argmax(np.bincount(label[first])))


def _bent_lines(plan: Plan, lines: Lines, line: NDArray[np.intp], span: NDArray[np.float64]) -> NDArray[np.object_]:
    steps = np.maximum(np.ceil((span[:, 1] - span[:, 0]) / _VERTEX_STEP_M).astype(int), 1)
    row, step = stretches(steps + 1)
    along = span[row, 0] + (span[row, 1] - span[row, 0]) * step / steps[row]
    return linestrings(plan.warp(lines.point(line[row], along)), row)


def _codes(rank: NDArray[np.int8], word: NDArray[np.intp]) -> NDArray[np.object_]:
    """Codes of the segments: class letter, number of the street in its class, number of the segment in its street."""
    new = np.append(True, (np.diff(word) != 0) | (np.diff(rank) != 0))
    street = np.cumsum(new)
    first = np.flatnonzero(new)
    piece = np.arange(len(word)) - first[street - 1] + 1
    base = street[np.searchsorted(rank, np.arange(len(CLASS_NAMES)), side="left").clip(max=len(rank) - 1)]
    number = street - base[rank] + 1
    return text(
        [f"{'ASBL'[r]}{n:04d}-{p:03d}" for r, n, p in zip(rank.tolist(), number.tolist(), piece.tolist(), strict=True)]
    )
