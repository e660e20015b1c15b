"""Approved routes: from each work site along streets fit for trucks to its dump site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from console.models.haulage.network import TRUCK_KMH
from console.simulation.generator.fleet.motion import Path
from console.simulation.generator.fleet.sites import Sites, place_dump_sites, place_work_sites
from console.simulation.generator.plan import BUILT_UP, LAND_USES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.simulation.generator.areas import Areas
    from console.simulation.generator.scale import Scale
    from console.simulation.generator.streets import RouteTree, Streets

ACCESS_KMH = 15.0  # what loaded trucks keep to on the access of a site


def plan_routes(
    scale: Scale, areas: Areas, streets: Streets, rng: np.random.Generator
) -> tuple[Sites, Sites, NDArray[np.int64], list[Path]]:
    """Place work sites and dump sites and lead a route from each work site to its dump.

    Returns:
        Work sites, dump sites, the index of the dump of each work site, and the route of each work site.
    """
    graph, allowed = streets.graph, streets.drivable()
    ends = np.concatenate((graph.edge_from[allowed], graph.edge_to[allowed]))
    nodes, degree = np.unique(ends, return_counts=True)
    # All of the part that hangs together; its largest crossing lies in it.
    reached = graph.tree(int(nodes[degree.argmax()]), allowed).travel_s[nodes]
    nodes = nodes[np.isfinite(reached)]
    dumps = place_dump_sites(scale.dump_sites, areas.outline, graph.node_xy[nodes], rng)
    dump_node = nodes[dumps.node]
    gates = np.setdiff1d(nodes, dump_node)
    built_up = np.asarray(areas.unit_grid["land_use"]) == LAND_USES[BUILT_UP]
    work = place_work_sites(
        scale.work_sites,
        np.asarray(areas.unit_grid["geom"])[built_up],
        np.asarray(areas.unit_grid["zone_id"])[built_up],
        graph.node_xy[gates],
        rng,
    )
    trees = [graph.tree(int(node), allowed) for node in dump_node]
    travel = np.array([tree.travel_s[gates[work.node]] for tree in trees])
    # Not always the nearest: dumps have their quotas.
    site_dump = np.argmin(travel + rng.exponential(900.0, travel.shape), axis=0)
    limit = np.array([TRUCK_KMH[str(name)] for name in streets.table["class"]]) / 3.6
    ways = [
        _path(trees[dump], int(gates[gate]), limit, (work.x[site], work.y[site]), (dumps.x[dump], dumps.y[dump]))
        for site, (gate, dump) in enumerate(zip(work.node, site_dump, strict=True))
    ]
    return work, dumps, site_dump, ways


def _path(
    tree: RouteTree, gate: int, limit_m_s: NDArray[np.float64], site: tuple[float, float], dump: tuple[float, float]
) -> Path:
    """From the site to its gate, along the streets, and on to the dump."""
    edges, line = tree.route(gate)
    xy = shapely.get_coordinates(line)[::-1]
    pieces = shapely.get_num_coordinates(tree.graph.geometry[edges[::-1]]) - 1
    access = ACCESS_KMH / 3.6
    limit = np.concatenate(([access], np.repeat(limit_m_s[edges[::-1]], pieces), [access]))
    whole = np.round(np.vstack((site, xy, dump)), 3)
    distinct = np.hypot(*np.diff(whole, axis=0).T) > 0.01
    return Path(whole[np.append(True, distinct)], limit[distinct])
