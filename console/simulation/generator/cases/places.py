"""Places where cases happen: spots beside the streets, each in its unit grid, with the words that people use for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from console.simulation.generator.organisation import ENFORCEMENT, PARKS, SANITATION
from console.simulation.generator.tables import nearest, points, stretches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.models.catalogue import Catalogue
    from console.simulation.generator.areas import Areas
    from console.simulation.generator.streets import Streets
    from console.simulation.generator.tables import Table

SPACING_M = 12.0
# What a metre of street of each class counts: trade and traffic are on the large ones.
CLASS_WEIGHT = {"arterial": 2.2, "secondary": 1.8, "branch": 1.0, "lane": 0.7}
# Single litter items by zone in July 2026, as the city reported them.
ZONE_WEIGHT = {"东片区": 2545, "西片区": 1792, "南片区": 1949, "北片区": 2088, "中片区": 1927}
# A report at a spot lies within this of it, as positions by satellite do.
SCATTER_M = 4.0
# Nearer to the crossing than this nobody names a distance.
AT_CROSSING_M = 8.0
COMPASS = ("东", "北", "西", "南")
# The unit for green space outside the parks that have a unit of their own.
GREEN_DISTRICTS = "1301"


@dataclass(frozen=True)
class Places:
    """Spots (arrays of one length) and, at the end, one for each component; coordinates are EPSG:4546 metres."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    scatter_m: NDArray[np.float64]
    """How far a report may lie from the spot each way, so that it stays in the spot's grid; 0 for components."""
    grid: NDArray[np.int32]
    """Row of the unit grid."""
    zone_id: NDArray[np.int16]
    street_id: NDArray[np.int32]
    address: NDArray[np.int32]
    """Position in `addresses`."""
    addresses: NDArray[np.object_]
    weight: NDArray[np.float64]
    """How often something happens there; 0 for components, which are chosen by their class."""
    unit_of: dict[str, NDArray[np.int32]]
    """The department (id) that serves the place, for each code of a unit that is divided by place."""
    component_code: NDArray[np.object_]
    first_component: int
    """Where the components begin."""


def make_places(
    rng: np.random.Generator, areas: Areas, streets: Streets, component: Table, catalogue: Catalogue
) -> Places:
    """Spots on both sides of every street, and the places of all components.

    Args:
        rng: decides the exact positions.
        areas: the unit grids and parks.
        streets: the street segments.
        component: columns code, unit_grid, zone_id and geom of ``city.component``.
        catalogue: the departments and what each serves.
    """
    table = streets.table
    count = np.maximum(np.rint(shapely.length(table["geom"]) / SPACING_M).astype(int), 1)
    row, step = stretches(count)
    share = (step + rng.uniform(0.1, 0.9, len(row))) / count[row]
    axis = shapely.line_interpolate_point(table["geom"][row], share, normalized=True)
    ahead = shapely.line_interpolate_point(table["geom"][row], np.minimum(share + 0.01, 1.0), normalized=True)
    behind = shapely.line_interpolate_point(table["geom"][row], np.maximum(share - 0.01, 0.0), normalized=True)
    along = shapely.get_coordinates(ahead) - shapely.get_coordinates(behind)
    along /= np.hypot(*along.T)[:, None]
    aside = (table["width_m"][row] / 2 + rng.uniform(0.5, 4.0, len(row))) * rng.choice([-1.0, 1.0], len(row))
    xy = np.round(shapely.get_coordinates(axis) + aside[:, None] * np.column_stack((-along[:, 1], along[:, 0])), 2)
    inside = shapely.contains_xy(areas.outline, xy[:, 0], xy[:, 1])
    row, share, xy = row[inside], share[inside], xy[inside]
    spots = points(xy)
    grid = areas.locate(spots)
    border = shapely.get_exterior_ring(areas.unit_grid["geom"][grid])
    addresses, address = np.unique(_addresses(streets, row, share, xy), return_inverse=True)
    zone_id = areas.unit_grid["zone_id"][grid]
    weight = np.array([CLASS_WEIGHT[c] for c in table["class"][row].tolist()]) * rng.gamma(0.9, 1.0, len(row))
    names = areas.zone["name"].tolist()
    in_zone = np.bincount(zone_id, weights=weight, minlength=len(names) + 1)
    wanted = np.array([0.0, *(ZONE_WEIGHT[name] for name in names)])
    weight *= (wanted / np.where(in_zone > 0, in_zone, 1.0))[zone_id]

    # Components borrow street and address from the nearest spot.
    middle = np.asarray(shapely.point_on_surface(component["geom"]), dtype=object)
    near = nearest(shapely.STRtree(spots), middle)
    order = np.argsort(areas.unit_grid["code"])
    component_grid = order[np.searchsorted(areas.unit_grid["code"][order], _plain(component["unit_grid"]))]
    all_grids = np.concatenate((grid, component_grid))
    everywhere = np.concatenate((xy, shapely.get_coordinates(middle)))
    return Places(
        x=everywhere[:, 0],
        y=everywhere[:, 1],
        scatter_m=np.append(
            np.minimum(0.7 * np.maximum(shapely.distance(spots, border) - 0.05, 0.0), SCATTER_M), np.zeros(len(middle))
        ),
        grid=all_grids.astype(np.int32),
        zone_id=areas.unit_grid["zone_id"][all_grids].astype(np.int16),
        street_id=np.concatenate((table["id"][row], table["id"][row[near]])),
        address=np.concatenate((address, address[near])).astype(np.int32),
        addresses=addresses,
        weight=np.append(weight / weight.sum(), np.zeros(len(middle))),
        unit_of=_units(areas, catalogue, all_grids),
        component_code=_plain(component["code"]),
        first_component=len(spots),
    )


def _plain(column: Any) -> NDArray[np.object_]:
    """A column as an array of its values, also when it is given as codes and words."""
    if hasattr(column, "words"):
        words: NDArray[np.object_] = np.asarray(column.words, object)
        taken: NDArray[np.object_] = words[column.codes]
        return taken
    return np.asarray(column, object)


def _addresses(
    streets: Streets, row: NDArray[np.intp], share: NDArray[np.float64], xy: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Words for each spot: the nearest crossing, which way from it, and how far in tens of metres."""
    table = streets.table
    names = table["name"].tolist()
    crossing: dict[int, list[str]] = {}
    for name, *ends in zip(names, table["from_node"].tolist(), table["to_node"].tolist(), strict=True):
        for node in ends:
            if name not in crossing.setdefault(node, []):
                crossing[node].append(name)
    at_start = share <= 0.5
    near = np.where(at_start, table["from_node"][row], table["to_node"][row])
    far = np.where(at_start, table["to_node"][row], table["from_node"][row])
    crossed = np.array(
        [any(other != names[r] for other in crossing[n]) for r, n in zip(row.tolist(), near.tolist(), strict=True)]
    )
    node = np.where(crossed, near, far)
    offset = xy - streets.graph.node_xy[node]
    distance = np.hypot(*offset.T)
    quarter = np.rint(np.arctan2(offset[:, 1], offset[:, 0]) / (np.pi / 2)).astype(int) % 4
    tens = np.maximum(np.rint(distance / 10).astype(int) * 10, 10)
    words = np.empty(len(row), object)
    columns = (row.tolist(), node.tolist(), distance.tolist(), quarter.tolist(), tens.tolist())
    for spot, (r, n, metres, way, rounded) in enumerate(zip(*columns, strict=True)):
        others = [name for name in crossing[n] if name != names[r]]
        if not others:
            words[spot] = f"{names[r]}沿线"
        elif metres < AT_CROSSING_M:
            words[spot] = f"{names[r]}与{others[0]}交叉口"
        else:
            words[spot] = f"{names[r]}与{others[0]}交叉口{COMPASS[way]}{rounded}米"
    return words


def _units(areas: Areas, catalogue: Catalogue, grid: NDArray[np.intp]) -> dict[str, NDArray[np.int32]]:
    """Which unit serves each place: enforcement by subdistrict, sanitation by zone, parks by the park it lies in."""
    ids = {row.code: number for number, row in enumerate(catalogue.departments, 1)}
    parks = {row.short_name: ids[row.code] for row in catalogue.departments if row.parent == PARKS}
    serving = {row.serves: ids[row.code] for row in catalogue.departments if row.serves}
    codes = areas.unit_grid["code"]
    subdistricts = np.array([code[:9] for code in codes.tolist()])
    zones = areas.zone["name"][areas.unit_grid["zone_id"] - 1]

    # A subdistrict without a team of its own is served by the team of the one that lies nearest.
    middle = {
        code: geom.centroid for code, geom in zip(areas.subdistrict["code"], areas.subdistrict["geom"], strict=True)
    }
    manned = [code for code in middle if code in serving]
    team = {
        code: serving.get(code) or serving[min(manned, key=lambda other: geom.distance(middle[other]))]
        for code, geom in middle.items()
    }
    by_grid = {
        ENFORCEMENT: np.array([team[code] for code in subdistricts.tolist()]),
        SANITATION: np.array([serving[name.removesuffix("片区")] for name in zones.tolist()]),
        PARKS: _park_units(areas, parks, ids[GREEN_DISTRICTS]),
    }
    return {code: units[grid].astype(np.int32) for code, units in by_grid.items()}


def _park_units(areas: Areas, of_name: dict[str, int], elsewhere: int) -> NDArray[np.intp]:
    """The park unit of each grid: that of the park with a unit of its own that it lies in, else the green districts."""
    units = np.full(len(areas.unit_grid["code"]), elsewhere)
    mine = [
        (of_name[name], geom)
        for name, geom in zip(areas.landmark["name"], areas.landmark["geom"], strict=True)
        if name in of_name
    ]
    if mine:
        tree = shapely.STRtree([geom for _, geom in mine])
        grid, park = tree.query(shapely.point_on_surface(areas.unit_grid["geom"]), predicate="within")
        units[grid] = np.array([unit for unit, _ in mine])[park]
    return units
