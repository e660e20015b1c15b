"""Gullies, outfalls, pump stations and flood points of the drainage network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from console.database.bulk import Coded, Points
from console.simulation.generator.areas import railway
from console.simulation.generator.drainage.network import (
    DISTRICT,
    DRAINAGE_DEPARTMENT,
    GULLY_PREFIX,
    OUTFALL_PREFIX,
    PUMP_PREFIX,
)
from console.simulation.generator.drainage.sections import SANITARY, SECTIONS, STORM, SYSTEMS
from console.simulation.generator.plan import ARTERIAL, EAST_WEST, NORTH_SOUTH, SECONDARY
from console.simulation.generator.tables import Table, nearest, numbered, points, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import shapely
    from numpy.typing import NDArray

    from console.simulation.generator.areas import Areas
    from console.simulation.generator.drainage.network import Network
    from console.simulation.generator.scale import Scale
    from console.simulation.generator.streets import Streets

_GULLY_SHARE = 0.9
_GULLY_AHEAD_M = 2.5  # a gully stands this far along the street from its manhole
_KERB_M = 0.4
_CANAL, _RIVER = "姚暹渠", "涑水河"
_PLANTS = ("运城市第一污水处理厂", "运城市第二污水处理厂", "运城市第三污水处理厂")
_WATER_BELOW_BANK_M = 3.4
_FREE, _SUBMERGED = 1, 2
_SEWAGE_PUMPS, _STORM_PUMPS, _UNDERPASS_PUMPS = 2, 1, 4
_BANDS_CM = (5.0, 15.0, 27.0, 40.0)
_UNDERPASSES = (("解放", "解放路立交桥", 4.6), ("圣惠", "圣惠路铁路桥下", 4.2), ("人民", "人民路铁路桥下", 4.5))
_CAUSES = ("low_ground", "small_pipe", "blocked_gully", "backwater", "pump_capacity")
_PLANS = {
    "low_ground": "地势低洼：降雨前清掏周边雨水箅子，移动泵车到位；积水15厘米派员值守并设警示，27厘米封闭道路。",
    "small_pipe": "管径不足：强降雨时打开临近雨水井盖辅助排水并设护栏值守；积水15厘米上报，27厘米封闭道路。",
    "blocked_gully": "箅子易堵：雨前雨中巡查清掏落叶垃圾；积水15厘米派员值守，27厘米封闭道路。",
    "backwater": "受纳水体顶托：关注河渠水位，关闭拍门并启用强排；积水15厘米派员值守，27厘米封闭道路。",
    "pump_capacity": "下穿立交：雨前试机，泵站专人值守，备用电源和移动泵车到位；积水15厘米双向设警示，27厘米立即封闭。",
}


def gully_table(rng: np.random.Generator, areas: Areas, streets: Streets, network: Network, manhole: Table) -> Table:
    """Gullies in pairs at both kerbs beside the storm and combined manholes between crossings."""
    chosen = (network.system != SANITARY) & (network.node < 0)
    hole = np.repeat(np.flatnonzero(chosen), 2)
    side = np.tile((-1.0, 1.0), len(hole) // 2)
    kept = rng.random(len(hole)) < _GULLY_SHARE
    hole, side = hole[kept], side[kept]
    line = streets.line[network.segment[hole]]
    level = streets.lines.orientation[line] == EAST_WEST
    across = streets.lines.at[line] + side * (streets.line_width_m[line] / 2 - _KERB_M)
    u, v = network.uv[hole].T
    uv = np.column_stack((np.where(level, u + _GULLY_AHEAD_M, across), np.where(level, across, v + _GULLY_AHEAD_M)))
    xy = areas.plan.warp(uv)
    inside = areas.contains(xy)
    hole, xy = hole[inside], xy[inside]
    grid = areas.locate(points(xy))
    order = np.lexsort((xy[:, 0], grid))
    hole, xy, grid = hole[order], xy[order], grid[order]
    count = len(hole)
    return {
        "code": numbered(GULLY_PREFIX, np.arange(1, count + 1), 7),
        "component_code": numbered(f"{DISTRICT}0104", np.arange(1, count + 1), 6),
        "manhole_code": manhole["code"][hole],
        "inlet_type": rng.choice(np.arange(1, 6, dtype=np.int16), count, p=(0.52, 0.16, 0.14, 0.12, 0.06)),
        "max_depth_m": np.round(rng.uniform(0.7, 1.1, count), 2),
        "connector_diameter_mm": rng.choice(np.array((200, 300), np.int32), count, p=(0.6, 0.4)),
        "connector_length_m": np.round(np.hypot(*(xy - network.xy[hole]).T), 2),
        "geom": Points(xy[:, 0], xy[:, 1]),
    }


def outfall_table(areas: Areas, network: Network, manhole: Table) -> Table:
    """Outfalls of storm sewers to canal and river, and the inlets of the treatment plants."""
    hole = np.flatnonzero(network.is_outlet)
    uv, bottom = network.uv[hole], network.lowest[hole]
    storm = network.system[hole] == STORM
    canal = np.abs(uv[:, 1] - areas.plan.canal_v) < 60.0
    rank = np.cumsum(storm) * storm, np.cumsum(~storm) * ~storm
    water = np.where(storm, np.where(canal, _CANAL, _RIVER), text([*_PLANTS])[(rank[1] - 1) % len(_PLANTS)])
    submerged = storm & (bottom < network.ground[hole] - _WATER_BELOW_BANK_M)
    names = [
        f"{receiver}{number}号排放口" if is_storm else f"{receiver}进水口"
        for receiver, is_storm, number in zip(water.tolist(), storm.tolist(), rank[0].tolist(), strict=True)
    ]
    return {
        "code": numbered(OUTFALL_PREFIX, np.arange(1, len(hole) + 1), 7),
        "manhole_code": manhole["code"][hole],
        "name": text(names),
        "system": Coded(network.system[hole], SYSTEMS),
        "receiving_water": water.astype(object),
        "outfall_type": np.where(submerged, _SUBMERGED, _FREE).astype(np.int16),
        "has_flap": submerged,
        "bottom_elevation_m": bottom,
        "geom": Points(network.xy[hole, 0], network.xy[hole, 1]),
    }


def pump_table(areas: Areas, streets: Streets, network: Network, manhole: Table, owner: int) -> Table:
    """Lifting stations where the sewers got too deep, and a station at each underpass."""
    lifting = np.flatnonzero(network.lifted)
    storm = np.flatnonzero((network.system == STORM) & ~network.lifted & ~network.is_outlet)
    under_name: dict[int, str] = {}
    for passage, _, point in underpasses(areas, streets):
        nearest_hole = int(storm[np.argmin(np.hypot(*(network.uv[storm] - point).T))])
        under_name.setdefault(nearest_hole, f"{passage}雨水泵站")
    hole = np.concatenate((lifting, np.fromiter(under_name, np.intp)))
    count = len(hole)
    under = np.arange(count) >= len(lifting)
    is_storm = network.system[hole] == STORM
    flow, height = np.zeros(len(network.ground)), np.zeros(len(network.ground))
    np.maximum.at(flow, network.upper, network.flow_m3s)
    np.maximum.at(height, network.upper, np.array([s.height_mm / 1000.0 for s in SECTIONS])[network.place])
    invert = network.lowest[hole]
    street = streets.table["name"][network.segment[lifting]]
    names = [f"{name}{'雨水泵站' if s else '污水提升泵站'}" for name, s in zip(street, is_storm, strict=False)]
    category = np.where(under, _UNDERPASS_PUMPS, np.where(is_storm, _STORM_PUMPS, _SEWAGE_PUMPS))
    design = np.where(under, 0.9, np.maximum(flow[hole] * 1.1, 0.05))
    return {
        "code": numbered(PUMP_PREFIX, np.arange(1, count + 1), 7),
        "manhole_code": manhole["code"][hole],
        "name": text([*_distinct(names), *under_name.values()]),
        "category": category.astype(np.int16),
        "pumps": np.where(design > 0.6, 4, 3).astype(np.int16),
        "design_storm_m3s": np.where(is_storm, np.round(design, 2), np.nan),
        "design_sewage_m3s": np.where(is_storm, np.nan, np.round(design, 2)),
        "min_level_m": np.round(invert - 1.8, 2),
        "control_level_m": np.round(invert - 0.3, 2),
        "warning_level_m": np.round(invert + 0.8 * np.maximum(height[hole], 0.5), 2),
        "owner_id": np.full(count, owner, np.int16),
        "geom": Points(network.xy[hole, 0], network.xy[hole, 1]),
    }


def _distinct(names: list[str]) -> list[str]:
    """Names with a number behind those that occur more than once."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if names.count(name) == 1 else f"{name}（{seen[name]}号）")
    return result


def underpasses(areas: Areas, streets: Streets) -> list[tuple[str, float, NDArray[np.float64]]]:
    """Where arterials pass under the railway: name, height of the bar (m), plan point."""
    u, v = railway(areas.plan).T
    lines = streets.lines
    found = []
    for prefix, name, bar in _UNDERPASSES:
        for line in np.flatnonzero((lines.orientation == NORTH_SOUTH) & (lines.rank == ARTERIAL)):
            at = float(lines.at[line])
            point = np.array((at, float(np.interp(at, u, v))))
            if streets.names.words[int(streets.names.at(np.array([line]), point[1:])[0])].startswith(prefix):
                found.append((name, bar, point))
    return found


def flood_table(
    rng: np.random.Generator, scale: Scale, areas: Areas, streets: Streets, network: Network,
    departments: Mapping[str, int], tree: shapely.STRtree,
) -> Table:  # fmt: skip
    """Flood-prone points: the underpasses, and crossings that lie lower than what surrounds them.

    Args:
        rng: source of chance.
        scale: size of the city.
        areas: the areas.
        streets: the streets.
        network: the drainage network.
        departments: department ids by code.
        tree: index of the network's manholes.
    """
    under = underpasses(areas, streets)[: max(1, scale.flood_points // 8)]
    names = [name for name, *_ in under]
    uv = [point for *_, point in under]
    for name, point in _low_crossings(areas, streets, network):
        if len(names) == scale.flood_points:
            break
        if name not in names and min(np.hypot(*(point - other)) for other in uv) > areas.plan.unit_m * 0.13:
            names.append(name)
            uv.append(point)
    place = np.array(uv)
    count = len(names)
    is_under = np.arange(count) < len(under)
    xy = areas.plan.warp(place)
    catchment = np.zeros(len(network.ground))
    np.maximum.at(catchment, network.upper, network.catchment_m2)
    near_water = place[:, 1] < areas.plan.canal_v + 0.12 * areas.plan.unit_m
    cause = np.where(is_under, 4, np.where(near_water, 3, rng.choice(3, count, p=(0.5, 0.28, 0.22))))
    shape = points(xy)
    return {
        "id": np.arange(1, count + 1, dtype=np.int16),
        "code": numbered("FP", np.arange(1, count + 1), 3),
        "name": text(names),
        "street_id": streets.table["id"][streets.nearest(shape)],
        "zone_id": areas.unit_grid["zone_id"][areas.locate(shape)],
        "cause": Coded(cause, _CAUSES),
        "is_underpass": is_under,
        "height_bar_m": np.array([bar for _, bar, _ in under] + [np.nan] * (count - len(under))),
        "catchment_m2": np.clip(catchment[nearest(tree, shape)], 9e3, 4e5).round(-2),
        "attention_cm": np.full(count, _BANDS_CM[0]),
        "flooding_cm": np.full(count, _BANDS_CM[1]),
        "closing_cm": np.full(count, _BANDS_CM[2]),
        "severe_cm": np.full(count, _BANDS_CM[3]),
        "department_id": np.full(count, departments[DRAINAGE_DEPARTMENT], np.int16),
        "plan": text([_PLANS[_CAUSES[c]] for c in cause.tolist()]),
        "geom": Points(xy[:, 0], xy[:, 1]),
    }


def _low_crossings(areas: Areas, streets: Streets, network: Network) -> list[tuple[str, NDArray[np.float64]]]:
    """Crossings of through streets that have storm or combined sewers, the lowest against their surroundings first."""
    drained = np.unique(network.node[(network.node >= 0) & (network.system != SANITARY)])
    drained = drained[drained < len(streets.node_uv)]
    names: dict[int, list[str]] = {}
    for end in ("from_node", "to_node"):
        through = streets.rank <= SECONDARY
        for node, name in zip(streets.table[end][through].tolist(), streets.table["name"][through], strict=True):
            found = names.setdefault(node, [])
            if name not in found:
                found.append(name)
    crossing = np.array([node for node in drained.tolist() if len(names.get(node, ())) > 1], np.intp)
    uv = streets.node_uv[crossing]
    turn = np.arange(8) * np.pi / 4
    ring = uv[:, None, :] + areas.plan.unit_m * 0.05 * np.column_stack((np.cos(turn), np.sin(turn)))
    around = areas.plan.ground(ring.reshape(-1, 2)).reshape(len(uv), 8).mean(axis=1)
    order = np.argsort(areas.plan.ground(uv) - around)
    return [(f"{names[crossing[k]][0]}与{names[crossing[k]][1]}交叉口", uv[k]) for k in order.tolist()]
