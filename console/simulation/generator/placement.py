"""Where components stand: positions along streets, at crossings, on ground, by water and railway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from console.simulation.generator.areas import railway
from console.simulation.generator.plan import ARTERIAL, EAST_WEST, NORTH_SOUTH
from console.simulation.generator.tables import lines, points, stretches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.simulation.generator.areas import Areas
    from console.simulation.generator.streets import Streets

_CORNER_M = 1.8
_CLEAR_OF_CROSSING_M = 14.0
_BETWEEN_VERTICES_M = 40.0
_TRIES = 8


def on_plan(
    streets: Streets, line: NDArray[np.intp], along: NDArray[np.float64], across: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Plan points (n, 2) at `along` each line and `across` from its middle, north or east of it."""
    level = streets.lines.orientation[line] == EAST_WEST
    uv = streets.lines.point(line, along)
    uv += np.column_stack((np.where(level, 0.0, across), np.where(level, across, 0.0)))
    return uv


def along_streets(
    rng: np.random.Generator,
    areas: Areas,
    streets: Streets,
    segment: NDArray[np.intp],
    step_m: float,
    sides: str,
    offset_m: float,
) -> NDArray[np.float64]:
    """World points each `step_m` along the segments, `offset_m` outside the kerb; clear of the crossings.

    `sides` is ``both``, ``one`` (north or east) or ``alternate``.
    """
    if sides == "both":
        segment = np.repeat(segment, 2)
    span = streets.span[segment]
    usable = np.maximum(span[:, 1] - span[:, 0] - 2.0 * _CLEAR_OF_CROSSING_M, 0.0)
    # What does not divide evenly is settled by chance, so that rare things also stand on short segments.
    count = np.floor(usable / step_m + rng.random(len(segment))).astype(int)
    row, step = stretches(count)
    # Each kind of thing begins at its own distance from the crossing, or all would stand in one spot.
    phase = rng.uniform(0.08, 0.92, len(segment))
    along = span[row, 0] + _CLEAR_OF_CROSSING_M + usable[row] * (step + phase[row]) / count[row]
    side = {"both": np.where(row % 2, 1, -1), "one": np.ones(len(row)), "alternate": np.where(step % 2, 1, -1)}[sides]
    line = streets.line[segment[row]]
    across = side * (streets.line_width_m[line] / 2 + offset_m)
    return areas.plan.warp(on_plan(streets, line, along, across))


def at_crossings(
    rng: np.random.Generator, areas: Areas, streets: Streets, rank: int, share: float
) -> NDArray[np.float64]:
    """World points at the corners of crossings where both streets are of `rank` or higher."""
    half = np.full((2, len(streets.node_uv)), np.nan)
    chosen = np.flatnonzero(streets.rank <= rank)
    way = streets.lines.orientation[streets.line[chosen]]
    width = streets.line_width_m[streets.line[chosen]] / 2
    for end in ("from_node", "to_node"):
        half[way, streets.table[end][chosen]] = width
    node = np.flatnonzero(np.isfinite(half).all(axis=0))
    corner = np.array(((1, 1), (1, -1), (-1, 1), (-1, -1)))
    reach = np.column_stack((half[NORTH_SOUTH, node], half[EAST_WEST, node])) + _CORNER_M
    uv = (streets.node_uv[node][:, None, :] + reach[:, None, :] * corner).reshape(-1, 2)
    return areas.plan.warp(uv[rng.random(len(uv)) < share])


def on_ground(rng: np.random.Generator, areas: Areas, land_use: str, per_km2: float) -> NDArray[np.float64]:
    """Random world points in the unit grids of a land use."""
    grids = areas.unit_grid["geom"][areas.unit_grid["land_use"] == land_use]
    grid = np.repeat(np.arange(len(grids)), rng.poisson(shapely.area(grids) * per_km2 / 1e6))
    if not len(grid):
        return np.empty((0, 2))
    shapely.prepare(grids)
    x0, y0, x1, y1 = shapely.bounds(grids[grid]).T
    xy = shapely.get_coordinates(shapely.point_on_surface(grids[grid]))
    open_ = np.ones(len(grid), bool)
    for _ in range(_TRIES):
        trial = np.column_stack((rng.uniform(x0, x1), rng.uniform(y0, y1)))
        hit = open_ & shapely.contains_xy(grids[grid], *trial.T)
        xy[hit], open_[hit] = trial[hit], False
    return np.round(xy, 3)


def street_lines(areas: Areas, streets: Streets, segment: NDArray[np.intp], offset_m: float) -> NDArray[np.object_]:
    """Lines along the segments between their crossings, `offset_m` from the middle."""
    span = streets.span[segment]
    long = span[:, 1] - span[:, 0] > 4.0 * _CLEAR_OF_CROSSING_M
    segment, low, high = segment[long], span[long, 0] + _CLEAR_OF_CROSSING_M, span[long, 1] - _CLEAR_OF_CROSSING_M
    steps = np.maximum(np.ceil((high - low) / _BETWEEN_VERTICES_M).astype(int), 1)
    row, step = stretches(steps + 1)
    along = low[row] + (high[row] - low[row]) * step / steps[row]
    uv = on_plan(streets, streets.line[segment[row]], along, np.full(len(row), offset_m))
    return lines(areas.plan.warp(uv), row)


def by_canal(areas: Areas, step_m: float, *, as_lines: bool) -> NDArray[np.object_]:
    """Points, or lines of that length, each `step_m` along the north bank of 姚暹渠 inside the city."""
    low, high = (float(end[0]) for end in areas.plan.reach(EAST_WEST, np.array([areas.plan.canal_v])))
    u = np.arange(low + step_m, high - step_m, step_m)
    bank = np.full(len(u), areas.plan.canal_v + 8.0)
    first = areas.plan.warp(np.column_stack((u, bank)))
    if not as_lines:
        return points(first)
    return lines(np.stack((first, areas.plan.warp(np.column_stack((u + step_m * 0.92, bank)))), axis=1))


def arterial_crossings(areas: Areas, streets: Streets, over: str, count: int) -> NDArray[np.float64]:
    """World points where the arterials cross the canal or the railway, `count` at each, along the street."""
    upright = np.flatnonzero((streets.lines.orientation == NORTH_SOUTH) & (streets.lines.rank == ARTERIAL))
    u = streets.lines.at[upright]
    v = np.full(len(u), areas.plan.canal_v) if over == "canal" else np.interp(u, *railway(areas.plan).T)
    reached = (streets.lines.low[upright] < v) & (v < streets.lines.high[upright])
    u, v = np.repeat(u[reached], count), np.repeat(v[reached], count)
    v = v + 30.0 * (np.arange(len(v)) % count)
    return areas.plan.warp(np.column_stack((u, v)))
