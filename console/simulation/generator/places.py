"""Places along the streets with the words by which people name them: where cases happen.

An address is the street and the local point on it (GB/T 30428.3): a crossing with direction and distance, as in
红旗东街与中银南路交叉口东40米, or a house number. Cases draw from these places: half a million need no search.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from console.database.bulk import Coded
from console.simulation.generator.plan import BRANCH, EAST_WEST, LANE
from console.simulation.generator.tables import points, stretches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.simulation.generator.areas import Areas
    from console.simulation.generator.streets import Streets

SPREAD_M = 3.0
"""Within this distance of a place everything is in its unit grid: cases may be scattered around it."""

_STEP_M = 28.0
_KERB_TO_PLACE_M = 2.5
_AT_CROSSING_M = 12.0
_FAR_FROM_CROSSING_M = 380.0
_HOUSE_NUMBER_SHARE = 0.3


@dataclass(frozen=True)
class Places:
    """Places on both sides of every street; arrays of one length."""

    xy: NDArray[np.float64]
    """(n, 2), EPSG:4546 metres."""
    address: Coded
    unit_grid: NDArray[np.intp]
    """Row of ``unit_grid``."""
    segment: NDArray[np.intp]
    """Row of ``street``."""
    rank: NDArray[np.int8]
    """Rank of the street, ARTERIAL to LANE."""

    def __len__(self) -> int:
        return len(self.xy)


def make_places(rng: np.random.Generator, areas: Areas, streets: Streets) -> Places:
    """Places about every 28 m along both kerbs of all streets, with their addresses."""
    length = streets.span[:, 1] - streets.span[:, 0]
    count = np.maximum(np.round(length / _STEP_M).astype(int), 1)
    segment, step = stretches(np.repeat(count, 2))
    segment, side = segment // 2, np.where(segment % 2, 1.0, -1.0)
    along = streets.span[segment, 0] + length[segment] * (step + 0.5) / count[segment]
    line = streets.line[segment]
    uv = streets.lines.point(line, along)
    across = side * (streets.line_width_m[line] / 2 + _KERB_TO_PLACE_M)
    level = streets.lines.orientation[line] == EAST_WEST
    uv += np.column_stack((np.where(level, 0.0, across), np.where(level, across, 0.0)))
    xy = areas.plan.warp(uv)
    shape = points(xy)
    grid = areas.locate(shape)
    border = np.asarray(shapely.get_exterior_ring(areas.unit_grid["geom"]), dtype=object)
    clear = shapely.intersects(areas.unit_grid["geom"][grid], shape) & (
        shapely.distance(border[grid], shape) > SPREAD_M
    )
    segment, along, side = segment[clear], along[clear], side[clear]
    return Places(
        xy=xy[clear],
        address=_addresses(rng, streets, segment, along, side),
        unit_grid=grid[clear],
        segment=segment,
        rank=streets.rank[segment],
    )


def _addresses(
    rng: np.random.Generator,
    streets: Streets,
    segment: NDArray[np.intp],
    along: NDArray[np.float64],
    side: NDArray[np.float64],
) -> Coded:
    line = streets.line[segment]
    key, other = _crossings(streets)
    at = np.searchsorted(key, _key(line, along))
    gap = np.full((2, len(along)), np.inf)
    for side_of_place, index in enumerate((at - 1, at)):
        near = np.clip(index, 0, len(key) - 1)
        same = (index >= 0) & (index < len(key)) & (key[near] // _LINE == line)
        gap[side_of_place, same] = along[same] - (key[near[same]] - line[same] * _LINE - _SHIFT)
    row = np.argmin(np.abs(gap), axis=0)
    distance = gap[row, np.arange(len(along))]
    crossing = other[np.clip(at - 1 + row, 0, len(key) - 1)]
    number = (along - streets.lines.low[line]) // 8.0 * 2 + 2 - (side > 0)
    by_number = (np.abs(distance) > _FAR_FROM_CROSSING_M) | (streets.rank[segment] == LANE)
    by_number |= rng.random(len(along)) < _HOUSE_NUMBER_SHARE
    by_number &= ~(np.abs(distance) < _AT_CROSSING_M)
    level = streets.lines.orientation[line] == EAST_WEST
    direction = np.where(level, np.where(distance > 0, "东", "西"), np.where(distance > 0, "北", "南"))
    words = streets.names.words
    own = streets.names.at(line, along)
    found: dict[str, int] = {}
    codes = np.empty(len(along), np.int32)
    steps = np.round(np.where(np.isfinite(distance), np.abs(distance), 0.0) / 5.0) * 5.0
    rows = zip(
        own.tolist(),
        crossing.tolist(),
        by_number.tolist(),
        number.tolist(),
        direction.tolist(),
        steps.tolist(),
        strict=True,
    )
    for place, (name, cross, numbered, house, way, metres) in enumerate(rows):
        if numbered:
            address = f"{words[name]}{house:.0f}号"
        elif metres <= _AT_CROSSING_M:
            address = f"{words[name]}与{words[cross]}交叉口"
        else:
            address = f"{words[name]}与{words[cross]}交叉口{way}{metres:.0f}米"
        codes[place] = found.setdefault(address, len(found))
    return Coded(codes, list(found))


# A position on a line as one sortable number; lines are shorter than this, and begin less than half of it before 0.
_LINE = 1_000_000.0
_SHIFT = 500_000.0


def _key(line: NDArray[np.intp], along: NDArray[np.float64]) -> NDArray[np.float64]:
    return line * _LINE + along + _SHIFT


def _crossings(streets: Streets) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Crossings by which places are named: sorted keys of their positions on a line, and the name of the other street.

    On anything larger than a lane only streets larger than lanes count.
    """
    table = streets.table
    node = np.concatenate((table["from_node"], table["to_node"])).astype(np.intp)
    line, along, rank = np.tile(streets.line, 2), streets.span.T.ravel(), np.tile(streets.rank, 2)
    way = streets.lines.orientation[line]
    name = np.tile(streets.names.at(streets.line, streets.span.mean(axis=1)), 2)
    # The street of the best rank of each orientation at each node.
    best = np.full((2, len(streets.node_uv)), -1, np.intp)
    order = np.argsort(-rank, kind="stable")
    best[way[order], node[order]] = order
    other = best[1 - way, node]
    named = (other >= 0) & ((rank[other] <= BRANCH) | (rank == LANE))
    key, first = np.unique(_key(line[named], along[named]), return_index=True)
    return key, name[other[named][first]]
