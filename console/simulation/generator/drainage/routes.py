"""Which streets have sewers, and which way they run: trees over the street graph that lead to the outfalls."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from console.simulation.generator.drainage.sections import COMBINED, SANITARY, STORM
from console.simulation.generator.plan import ARTERIAL, BRANCH, EAST_WEST, NORTH_SOUTH
from console.simulation.generator.tables import stretches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.simulation.generator.plan import Plan
    from console.simulation.generator.scale import Scale
    from console.simulation.generator.streets import Streets

OUTLET_CANAL, OUTLET_RIVER, OUTLET_PLANT = range(3)

_BANK_M = 12.0  # outfalls stand this far from the middle of the canal
_RIM_GAP_M = 40.0
_LONGEST_REACH_M = 320.0
_HEAD_GAP_M = 18.0  # a sewer that leads nowhere further begins this far from the crossing behind it
_SHORTEST_CHAIN_M = 45.0
_UPHILL = 420.0  # how much dearer a metre gets for each unit of slope against the flow
_DETOUR = (1.0, 1.15, 1.6)  # trunk sewers follow the larger streets
# How far from the old town each class of street has sewers, on top of a common reach: arterials furthest.
_STORM_BONUS = np.array([0.42, 0.10, -0.20])
_FOUL_BONUS = np.array([0.30, 0.16, -0.12])


@dataclass(frozen=True)
class Reaches:
    """Stretches of street that may get sewers; the nodes are crossings and points between them."""

    node_uv: NDArray[np.float64]
    first: NDArray[np.intp]
    """Node at the western or southern end."""
    second: NDArray[np.intp]
    length_m: NDArray[np.float64]
    segment: NDArray[np.intp]
    """Row in ``street``."""
    rank: NDArray[np.int8]
    centrality: NDArray[np.float64]
    canal: NDArray[np.intp]
    """Nodes on the bank of 姚暹渠, and `river` those on the bank of 涑水河, `plant` those at treatment plants."""
    river: NDArray[np.intp]
    plant: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True)
class Chains:
    """Sewers along one reach each, directed with the flow, in an order in which upstream comes before downstream."""

    reach: NDArray[np.intp]
    start: NDArray[np.intp]
    """Node where the chain begins, -1 for a head manhole of its own."""
    behind: NDArray[np.intp]
    """Node at the upper end of the reach."""
    end: NDArray[np.intp]
    system: NDArray[np.int8]
    outlets: NDArray[np.intp]
    """Nodes at which the network ends."""

    def __len__(self) -> int:
        return len(self.reach)


def find_reaches(plan: Plan, streets: Streets) -> Reaches:
    """Cut the streets that may have sewers at the bank of the canal and into reaches of designable length."""
    chosen = np.flatnonzero(streets.rank <= BRANCH)
    first = streets.table["from_node"][chosen].astype(np.intp)
    second = streets.table["to_node"][chosen].astype(np.intp)
    span, line = streets.span[chosen].copy(), streets.line[chosen]
    node_uv, rim = _pulled_in(plan, streets, line, span, (first, second))
    upright = streets.lines.orientation[line] == NORTH_SOUTH
    bank = plan.canal_v + _BANK_M
    crosses = np.flatnonzero(upright & (span[:, 0] < bank) & (span[:, 1] > bank + _HEAD_GAP_M))
    canal = len(node_uv) + np.arange(len(crosses))
    first[crosses], span[crosses, 0] = canal, bank
    node_uv = np.vstack((node_uv, np.column_stack((streets.lines.at[line[crosses]], np.full(len(crosses), bank)))))
    north = np.where(upright, span[:, 0], streets.lines.at[line]) >= bank
    pieces = np.maximum(np.ceil((span[:, 1] - span[:, 0]) / _LONGEST_REACH_M).astype(int), 1) * north
    row, step = stretches(pieces)
    new = step > 0
    low = span[row, 0] + (span[row, 1] - span[row, 0]) * step / pieces[row]
    high = span[row, 0] + (span[row, 1] - span[row, 0]) * (step + 1) / pieces[row]
    between = np.cumsum(new) - 1 + len(node_uv)
    start = np.where(new, between, first[row])
    stop = np.where(np.append(new[1:], False), np.append(between[1:], 0), second[row])
    node_uv = np.vstack((node_uv, streets.lines.point(line[row[new]], low[new])))
    middle = streets.lines.point(line[row], (low + high) / 2)
    river, plants = _outlets_at_rim(plan, streets, node_uv, rim)
    segment = chosen[row]
    rank, centrality = streets.rank[segment], plan.centrality(middle)
    return Reaches(node_uv, start, stop, high - low, segment, rank, centrality, canal, river, plants)


def _pulled_in(
    plan: Plan,
    streets: Streets,
    line: NDArray[np.intp],
    span: NDArray[np.float64],
    ends: tuple[NDArray[np.intp], NDArray[np.intp]],
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Let sewers stop short of the outline of the city, so that what lies beside the street is inside it too.

    Changes `span` in place; returns the plan points of all nodes and the nodes that were moved.
    """
    node_uv, rim = streets.node_uv.copy(), []
    for way in (EAST_WEST, NORTH_SOUTH):
        limits = plan.reach(way, streets.lines.at[line])
        for end, inwards in ((0, _RIM_GAP_M), (1, -_RIM_GAP_M)):
            long = span[:, 1] - span[:, 0] > 1.8 * _RIM_GAP_M
            moved = (streets.lines.orientation[line] == way) & (np.abs(span[:, end] - limits[end]) < 1.0) & long
            span[moved, end] += inwards
            node = ends[end][moved]
            node_uv[node] = streets.lines.point(line[moved], span[moved, end])
            rim.append(node)
    return node_uv, np.concatenate(rim)


def _outlets_at_rim(
    plan: Plan, streets: Streets, node_uv: NDArray[np.float64], rim: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Ends of streets at 涑水河, and the ends of arterials at which treatment plants stand."""
    u, v = node_uv[rim].T
    turn = np.arctan2(v, u)
    river = rim[(turn > 0.62 * np.pi) & (turn < 0.93 * np.pi)]
    level = streets.lines.orientation == EAST_WEST
    southern = streets.lines.at[level & (streets.lines.rank == ARTERIAL)].min()
    at_south = rim[np.abs(v - southern) < 1.0]
    lowest_at_river = river[np.argsort(plan.ground(node_uv[river]))[:1]]
    plant = np.union1d(at_south, lowest_at_river)
    return (np.setdiff1d(river, plant) if len(river) > 1 else river), plant


def storm_chains(scale: Scale, plan: Plan, reaches: Reaches, combined: NDArray[np.bool_]) -> Chains:
    """Storm sewers to the banks of 姚暹渠 and 涑水河; streets with combined sewers have none."""
    outlets = np.concatenate((reaches.canal, reaches.river))
    score = reaches.centrality - _STORM_BONUS[reaches.rank]
    score[combined] = np.nan
    system = np.full(len(reaches), STORM, np.int8)
    return _grow(plan, reaches, score, outlets, system, scale.storm_length_m)


def foul_chains(scale: Scale, plan: Plan, reaches: Reaches, combined: NDArray[np.bool_]) -> Chains:
    """Sanitary sewers to the treatment plants, combined ones in the old town among them."""
    score = reaches.centrality - _FOUL_BONUS[reaches.rank]
    score[combined] = -np.inf  # what is still combined is there first of all
    system = np.where(combined, COMBINED, SANITARY).astype(np.int8)
    return _grow(plan, reaches, score, reaches.plant, system, scale.sanitary_length_m + scale.combined_length_m)


def combined_reaches(scale: Scale, reaches: Reaches) -> NDArray[np.bool_]:
    """The side streets of the old town, where one sewer still takes everything."""
    order = np.argsort(reaches.centrality + np.where(reaches.rank == ARTERIAL, np.inf, 0.0))
    total = np.cumsum(reaches.length_m[order])
    chosen = np.zeros(len(reaches), bool)
    chosen[order[: int(np.searchsorted(total, scale.combined_length_m)) + 1]] = True
    return chosen


def _grow(
    plan: Plan,
    reaches: Reaches,
    score: NDArray[np.float64],
    outlets: NDArray[np.intp],
    system: NDArray[np.int8],
    target_m: float,
) -> Chains:
    """Take reaches from the best score on, and all that they flow through, until there are `target_m` of sewers.

    The least score is the best; a reach without one (NaN) is left out.
    """
    ground = plan.ground(reaches.node_uv)
    cost, via = _cheapest(reaches, np.flatnonzero(~np.isnan(score)), outlets, system, ground)
    reachable = np.isfinite(cost[reaches.first]) & np.isfinite(cost[reaches.second]) & ~np.isnan(score)
    order = np.argsort(np.where(reachable, score, np.inf), kind="stable")[: int(reachable.sum())]
    low, high = 0, len(order)
    while high - low > 1:
        half = (low + high) // 2
        if _directed(reaches, order[:half], cost, via, ground, outlets, system)[1] < target_m:
            low = half
        else:
            high = half
    return _directed(reaches, order[:high], cost, via, ground, outlets, system)[0]


def _directed(
    reaches: Reaches,
    taken: NDArray[np.intp],
    cost: NDArray[np.float64],
    via: NDArray[np.intp],
    ground: NDArray[np.float64],
    outlets: NDArray[np.intp],
    system: NDArray[np.int8],
) -> tuple[Chains, float]:
    """The taken reaches and those downstream of them as chains, and their length (m)."""
    on_tree = np.zeros(len(reaches), bool)
    node = np.unique(np.concatenate((reaches.first[taken], reaches.second[taken])))
    while len(node):
        reach = via[node]
        flows = (reach >= 0) & ~on_tree[reach]
        node, reach = node[flows], reach[flows]
        on_tree[reach] = True
        node = np.unique(np.where(reaches.first[reach] == node, reaches.second[reach], reaches.first[reach]))
    taken = np.union1d(taken, np.flatnonzero(on_tree))
    taken = taken[on_tree[taken] | (reaches.length_m[taken] >= _SHORTEST_CHAIN_M)]
    first, second = reaches.first[taken], reaches.second[taken]
    tree = on_tree[taken]
    # A reach off the tree falls with the ground to one of its ends and begins short of the other.
    down_second = np.where(tree, via[first] == taken, ground[second] < ground[first])
    behind, end = np.where(down_second, first, second), np.where(down_second, second, first)
    order = np.argsort(np.where(tree, -cost[behind], -np.inf), kind="stable")
    taken, tree, behind, end = taken[order], tree[order], behind[order], end[order]
    chains = Chains(taken, np.where(tree, behind, -1), behind, end, system[taken], np.intersect1d(outlets, end))
    return chains, float(np.sum(reaches.length_m[taken] - np.where(tree, 0.0, _HEAD_GAP_M)))


def _cheapest(
    reaches: Reaches,
    taken: NDArray[np.intp],
    outlets: NDArray[np.intp],
    system: NDArray[np.int8],
    ground: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Cost from every node to the nearest outlet, and the reach by which the flow leaves it (-1 at outlets)."""
    beside: dict[int, list[tuple[int, int, float]]] = defaultdict(list)
    ends = zip(taken.tolist(), reaches.first[taken].tolist(), reaches.second[taken].tolist(), strict=True)
    for reach, a, b in ends:
        length = float(reaches.length_m[reach])
        rise = float(ground[b] - ground[a]) / length
        length *= _DETOUR[reaches.rank[reach]] * (3.0 if system[reach] == COMBINED else 1.0)
        # Upstream from b lies a, and the other way round.
        beside[b].append((a, reach, length * (1.0 + _UPHILL * max(0.0, rise + 0.0008))))
        beside[a].append((b, reach, length * (1.0 + _UPHILL * max(0.0, -rise + 0.0008))))
    cost = np.full(len(ground), np.inf)
    via = np.full(len(ground), -1, np.intp)
    heap = [(0.0, int(outlet)) for outlet in outlets if int(outlet) in beside]
    for _, outlet in heap:
        cost[outlet] = 0.0
    while heap:
        reached, node = heapq.heappop(heap)
        if reached > cost[node]:
            continue
        for upstream, reach, weight in beside[node]:
            if reached + weight < cost[upstream]:
                cost[upstream] = reached + weight
                via[upstream] = reach
                heapq.heappush(heap, (reached + weight, upstream))
    return cost, via
