"""Areas of the demonstration city: unit grids, communities, subdistricts, zones, waters and parks.

The blocks of the town plan, cut at the outline, are the unit grids (GB/T 30428.1). Communities, subdistricts and zones
are unions of grids, so that every border is shared vertex by vertex. Names and codes are real, outlines synthetic.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely

from console.simulation.generator.communities import Division, divide
from console.simulation.generator.plan import EAST_WEST, GRID_TARGET_M2, LAND_USES, NORTH_SOUTH, PARK
from console.simulation.generator.tables import Table, lines, multi, nearest, numbered, points, stretches, text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.simulation.generator.plan import Plan

ZONES = (("E", "东片区", "East zone"), ("W", "西片区", "West zone"), ("S", "南片区", "South zone"),
         ("N", "北片区", "North zone"), ("C", "中片区", "Centre zone"))  # fmt: skip
"""(code, name, English name) of the five inspection zones; the id of a zone is its place here, from 1."""

_VERTEX_STEP_M = 60.0
_OUTLINE_STEP_M = 25.0
_LARGEST_SEQUENCE = 999
_PARKS = ("南风广场", "人民公园", "体育公园", "天逸公园", "圣惠公园", "禹都公园", "航天公园", "河东广场", "圣惠广场")


@dataclass(frozen=True)
class Areas:
    """Tables of the areas, and the index that places points in them."""

    plan: Plan
    zone: Table
    subdistrict: Table
    community: Table
    unit_grid: Table
    landmark: Table
    """Waters, parks and the railway: name, kind (`river`, `canal`, `lake`, `park`, `railway`), geom."""
    outline: shapely.Polygon
    _tree: shapely.STRtree = field(repr=False)

    def locate(self, points: NDArray[np.object_]) -> NDArray[np.intp]:
        """Row in `unit_grid` of each point (EPSG:4546); a point outside the city gets the nearest grid.

        A point on a border belongs to the grid of the lower row.
        """
        result = np.full(len(points), -1, dtype=np.intp)
        which, grid = self._tree.query(points, predicate="intersects")
        result[which[::-1]] = grid[::-1]
        outside = np.flatnonzero(result < 0)
        result[outside] = self._tree.nearest(points[outside])
        return result

    def contains(self, xy: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of the points (n, 2) lie inside the city."""
        shapely.prepare(self.outline)
        return np.asarray(shapely.contains_xy(self.outline, *xy.T))


def make_areas(rng: np.random.Generator, plan: Plan) -> Areas:
    """Cut the plan's blocks at the outline and gather them into communities, subdistricts and zones."""
    faces, outline = _faces(plan)
    block, middle = _block_of(plan, faces)
    first, second, length = _shared_borders(faces)
    division = divide(plan, plan.block_cell[block], shapely.area(faces), first, second, length)
    group = _without_slivers(plan, faces, block, division.community, (first, second, length))
    grids, leader = _dissolve(faces, group)
    grid_table = _number(rng, plan, grids, block[leader], middle[leader], division.community[leader], division)
    community_of_grid = grid_table.pop("community_row")
    communities = _unions(grids[grid_table.pop("row")], community_of_grid, len(division.code))
    subdistricts = _unions(communities, division.subdistrict, len(division.subdistrict_code))
    zones = _unions(communities, division.zone - 1, len(ZONES))
    return Areas(
        plan=plan,
        zone={
            "id": np.arange(1, len(ZONES) + 1, dtype=np.int16),
            "code": text([zone[0] for zone in ZONES]),
            "name": text([zone[1] for zone in ZONES]),
            "name_en": text([zone[2] for zone in ZONES]),
            "geom": multi(zones),
        },
        subdistrict={
            "code": text(division.subdistrict_code),
            "name": text(division.subdistrict_name),
            "geom": multi(subdistricts),
        },
        community={"code": text(division.code), "name": text(division.name), "geom": multi(communities)},
        unit_grid=grid_table,
        landmark=_landmarks(plan, outline),
        outline=outline,
        _tree=shapely.STRtree(grid_table["geom"]),
    )


def _faces(plan: Plan) -> tuple[NDArray[np.object_], shapely.Polygon]:
    """Polygons into which all lines of the plan divide the city, and the outline."""
    drawn = plan.lines
    at_line, at = drawn.joints()
    at_line, at = _with_steps(at_line, at)
    vertices = plan.warp(drawn.point(at_line, at))
    inner = at_line[1:] == at_line[:-1]
    ends = plan.warp(np.vstack([drawn.point(np.arange(len(drawn)), end)[_on_outline(plan, end, way)]
                                for way, end in (("low", drawn.low), ("high", drawn.high))]))  # fmt: skip
    rim = _rim(plan, ends)
    segments = np.concatenate(
        (
            np.stack((vertices[:-1][inner], vertices[1:][inner]), axis=1),
            np.stack((rim, np.roll(rim, -1, axis=0)), axis=1),
        )
    )
    segments = segments[np.any(segments[:, 0] != segments[:, 1], axis=1)]
    faces = shapely.get_parts(shapely.polygonize(lines(segments)))
    return shapely.normalize(faces), shapely.Polygon(rim)


def _with_steps(line: NDArray[np.intp], at: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Further vertices between two neighbouring ones of a line that are far apart, so that the bend shows."""
    gap = np.append(np.where(np.diff(line) == 0, np.diff(at), 0.0), 0.0)
    count = np.maximum(np.ceil(gap / _VERTEX_STEP_M).astype(int), 1)
    row, step = stretches(count)
    return line[row], np.round(at[row] + gap[row] * step / count[row], 3)


def _on_outline(plan: Plan, end: NDArray[np.float64], which: str) -> NDArray[np.bool_]:
    """Which lines end on the outline at their `low` or `high` end."""
    drawn = plan.lines
    found = np.zeros(len(drawn), bool)
    for way in (EAST_WEST, NORTH_SOUTH):
        mine = drawn.orientation == way
        enter, leave = plan.reach(way, drawn.at[mine])
        found[mine] = end[mine] == np.round(enter if which == "low" else leave, 3)
    return found


def _rim(plan: Plan, ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """World points of the outline in order, among them the line ends; points within 1 m of an end give way."""
    curve = plan.warp(plan.outline(_OUTLINE_STEP_M))
    near = shapely.STRtree(points(ends)).query(points(curve), predicate="dwithin", distance=1.0)[0]
    curve = np.delete(curve, np.unique(near), axis=0)
    rim = np.unique(np.vstack((curve, ends)), axis=0)
    uv = plan.unwarp(rim)
    return rim[np.argsort(np.arctan2(uv[:, 1], uv[:, 0]))]


def _block_of(plan: Plan, faces: NDArray[np.object_]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Block of the plan that each face is cut from, and a plan point inside the face."""
    middle = plan.unwarp(shapely.get_coordinates(shapely.point_on_surface(faces)))
    tree = shapely.STRtree(np.asarray(shapely.box(*plan.blocks.T), dtype=object))
    return nearest(tree, points(middle)), middle


def _shared_borders(faces: NDArray[np.object_]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Pairs of faces with a common border and its length (m)."""
    coords, face = shapely.get_coordinates(shapely.get_exterior_ring(faces), return_index=True)
    _, vertex = np.unique(coords, axis=0, return_inverse=True)
    inner = face[1:] == face[:-1]
    a, b, owner = vertex[:-1][inner], vertex[1:][inner], face[:-1][inner]
    length = np.hypot(*(coords[1:] - coords[:-1])[inner].T)
    key = np.minimum(a, b) * (vertex.max() + 1) + np.maximum(a, b)
    order = np.argsort(key, kind="stable")
    twin = np.flatnonzero(np.diff(key[order]) == 0)
    first, second = owner[order[twin]], owner[order[twin + 1]]
    pair, inverse = np.unique(np.sort(np.column_stack((first, second)), axis=1), axis=0, return_inverse=True)
    return pair[:, 0], pair[:, 1], np.bincount(inverse, weights=length[order[twin]]).astype(float)


def _without_slivers(
    plan: Plan,
    faces: NDArray[np.object_],
    block: NDArray[np.intp],
    community: NDArray[np.intp],
    borders: tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]],
) -> NDArray[np.intp]:
    """Group of each face: what the outline cut too small joins the longest neighbour of its community."""
    area = shapely.area(faces)
    smallest = 0.4 * GRID_TARGET_M2[plan.land_use.ravel()[plan.block_cell[block]]]
    group = np.arange(len(faces))
    first, second, length = (
        np.concatenate(pair) for pair in ((borders[0], borders[1]), (borders[1], borders[0]), (borders[2],) * 2)
    )
    same = community[first] == community[second]
    first, second, length = first[same], second[same], length[same]
    small = np.flatnonzero(area < smallest)
    total = area.copy()
    for face in small[np.argsort(area[small])]:
        if total[group[face]] >= smallest[face]:
            continue
        members = np.isin(first, np.flatnonzero(group == group[face])) & (group[second] != group[face])
        if members.any():
            neighbours = second[members]
            host = group[neighbours[np.argmax(length[members])]]
            old = group[face]
            group[group == old] = host
            total[host] += total[old]
    return group


def _dissolve(faces: NDArray[np.object_], group: NDArray[np.intp]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """One polygon for each group, and the largest face of each."""
    order = np.lexsort((-shapely.area(faces), group))
    leader = order[np.append(True, np.diff(group[order]) > 0)]
    grids = faces[leader]
    size = np.bincount(group, minlength=len(faces))
    for index in np.flatnonzero(size[group[leader]] > 1):
        grids[index] = shapely.coverage_union_all(faces[group == group[leader[index]]])
    return grids, leader


def _number(
    rng: np.random.Generator,
    plan: Plan,
    grids: NDArray[np.object_],
    block: NDArray[np.intp],
    middle: NDArray[np.float64],
    community: NDArray[np.intp],
    division: Division,
) -> Table:
    """The table of unit grids in the order of their codes: inside a community from the north row down, west to east."""
    row = -np.floor(middle[:, 1] / 110.0)
    order = np.lexsort((middle[:, 0], row, community))
    rank = community[order]
    sequence = stretches(np.bincount(rank, minlength=len(division.code)))[1] + 1
    if sequence.max() > _LARGEST_SEQUENCE:
        raise ValueError("a community has more unit grids than its three digits can number")
    start = np.datetime64("2012-03-01") + rng.integers(0, 30, len(division.code))[rank]
    prefix = np.array(division.code, dtype=object)[rank]
    return {
        "code": prefix + numbered("", sequence, 3),
        "zone_id": division.zone[rank].astype(np.int16),
        "land_use": text(list(LAND_USES))[plan.land_use.ravel()[plan.block_cell[block[order]]]],
        "initial_date": start.astype("datetime64[D]"),
        "geom": grids[order],
        "community_row": rank,
        "row": order,
    }


def _unions(parts: NDArray[np.object_], owner: NDArray[np.intp], count: int) -> NDArray[np.object_]:
    return np.array([shapely.coverage_union_all(parts[owner == index]) for index in range(count)], dtype=object)


def _landmarks(plan: Plan, outline: shapely.Polygon) -> Table:
    """Canal, river, salt lake, railway and the named parks."""
    east, west, north, south = plan.half_extent
    u = np.linspace(-1.25 * west, 1.25 * east, 60)
    canal = np.column_stack((u, np.full_like(u, plan.canal_v)))
    curve = plan.outline(_OUTLINE_STEP_M)
    turn = np.arctan2(curve[:, 1], curve[:, 0])
    bank = curve[(turn > 0.62 * np.pi) & (turn < 0.93 * np.pi)][::4] * 1.004
    river = np.vstack((bank[0] + (0.15 * east, 0.3 * north), bank, bank[-1] - (0.5 * west, 0.12 * north)))
    shore = np.column_stack((u, np.full_like(u, -1.03 * south) + 0.02 * south * np.sin(u / plan.unit_m * 5.0)))
    far_shore = np.column_stack((u[::-1], np.full_like(u, -1.5 * south) + 0.04 * south * np.cos(u / plan.unit_m * 3.0)))
    shapes: list[tuple[str, str, shapely.Geometry]] = [
        ("姚暹渠", "canal", shapely.LineString(plan.warp(canal))),
        ("涑水河", "river", shapely.LineString(plan.warp(river))),
        ("盐湖", "lake", shapely.Polygon(plan.warp(np.vstack((shore, far_shore))))),
        ("南同蒲铁路", "railway", shapely.LineString(plan.warp(railway(plan)))),
    ]
    rows, columns = np.nonzero(plan.land_use[1:-1, 1:-1] == PARK)
    central = np.argsort(np.hypot(rows - plan.land_use.shape[0] / 2, columns - plan.land_use.shape[1] / 2))
    for name, index in zip(_PARKS, central, strict=False):
        v0, v1 = plan.lattice[0][rows[index] : rows[index] + 2]
        u0, u1 = plan.lattice[1][columns[index] : columns[index] + 2]
        ring = shapely.segmentize(shapely.box(u0, v0, u1, v1), _VERTEX_STEP_M)
        park = shapely.Polygon(plan.warp(shapely.get_coordinates(ring)))
        shapes.append((name, "park", shapely.intersection(park, outline)))
    return {
        "name": text([shape[0] for shape in shapes]),
        "kind": text([shape[1] for shape in shapes]),
        "geom": np.array([shape[2] for shape in shapes], dtype=object),
    }


def railway(plan: Plan) -> NDArray[np.float64]:
    """Plan points of the railway: south of the centre, rising slightly to the east; 解放路 passes under it."""
    east, west, _, south = plan.half_extent
    u = np.linspace(-1.3 * west, 1.3 * east, 80)
    return np.column_stack((u, -0.56 * south + 0.06 * u + 0.02 * south * np.sin(u / plan.unit_m * 2.0)))
