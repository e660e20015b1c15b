"""Who hauls, from where to where: companies, work sites inside blocks, dump sites outside the built-up area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Companies and sites are invented and say so.
SYNTHETIC = "（示例）"
_COMPANIES = (
    "河东", "盐湖", "禹都", "舜帝", "条山", "涑水", "南风", "安邑", "关圣", "凤凰", "解州", "鸣条", "中条", "姚暹",
)  # fmt: skip
_PROJECTS = (
    "安置房", "商住楼", "地下车库", "学校扩建", "医院门诊楼", "雨污分流改造", "道路改造", "综合管廊", "体育场馆",
    "商业广场", "办公楼", "保障房", "老旧小区改造", "公园配套",
)  # fmt: skip
_SIDES = ("东", "东北", "北", "西北", "西", "西南", "南", "东南")
SITE_MARGIN_M = 8.0  # from the border of the unit grid to the fence
GATE_REACH_M = 130.0  # a work site lies this near to a crossing, so that its access needs no street of its own
DUMP_RADIUS_M = (110.0, 170.0)
DUMP_DISTANCE_M = (350.0, 900.0)  # from the end of the street to the rim of the dump
DUMP_SIDES = (0.35, 2.6, 1.55, 3.5, 0.95, 2.0)  # radians anticlockwise from east; the salt lake is in the south


@dataclass(frozen=True)
class Sites:
    """Places of loading or tipping, one entry a site.

    Attributes:
        name: Chinese.
        outline: polygons, EPSG:4546.
        x, y: where trucks load or tip, inside the outline.
        radius_m: of the largest circle around (x, y) inside the outline.
        node: index of the crossing of the street graph at which the access begins.
        zone_id: inspection zone; empty for dump sites, which lie in none.
    """

    name: list[str]
    outline: NDArray[np.object_]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    radius_m: NDArray[np.float64]
    node: NDArray[np.int64]
    zone_id: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.name)


def company_names(count: int) -> list[str]:
    """Names of haulage companies, each marked as invented."""
    if count > len(_COMPANIES):
        raise ValueError(f"there are names for {len(_COMPANIES)} companies, not for {count}")
    return [f"运城市{word}渣土运输有限公司{SYNTHETIC}" for word in _COMPANIES[:count]]


def place_work_sites(
    count: int,
    grid_outline: NDArray[np.object_],
    grid_zone: NDArray[np.int64],
    node_xy: NDArray[np.float64],
    rng: np.random.Generator,
) -> Sites:
    """Choose unit grids near crossings, well apart from each other, and fence off a work site in each.

    Args:
        count: how many.
        grid_outline: polygons (EPSG:4546) of the built-up unit grids.
        grid_zone: the zone of each.
        node_xy: crossings that trucks may use, shape (n, 2).
        rng: source of chance.
    """
    fenced = shapely.buffer(grid_outline, -SITE_MARGIN_M, join_style="mitre")
    middle = shapely.get_coordinates(shapely.centroid(grid_outline))
    tree = shapely.STRtree(np.asarray(shapely.points(node_xy)))
    (found, node), away = tree.query_nearest(
        np.asarray(shapely.points(middle)), return_distance=True, all_matches=False
    )
    usable = found[(away <= GATE_REACH_M) & (shapely.area(fenced[found]) > 2500.0)]
    nearest = np.full(len(grid_outline), -1, np.int64)
    nearest[found] = node
    spacing = 0.7 * np.sqrt(np.ptp(middle[:, 0]) * np.ptp(middle[:, 1]) / count)
    order = rng.permutation(usable)
    chosen: list[int] = []
    while len(chosen) < count:
        for grid in order:
            if len(chosen) == count:
                break
            if not chosen or np.hypot(*(middle[chosen] - middle[grid]).T).min() > spacing:
                chosen.append(int(grid))
        spacing /= 1.5
        if spacing < 1.0:
            raise ValueError(f"the city has no room for {count} work sites")
    outline = fenced[chosen]
    circle = shapely.maximum_inscribed_circle(outline, tolerance=1.0)
    centre = shapely.get_coordinates(shapely.get_point(circle, 0))
    names = [f"{_PROJECTS[i % len(_PROJECTS)]}工地{i + 1:02d}号{SYNTHETIC}" for i in range(count)]
    x, y = centre.T
    return Sites(names, outline, x, y, shapely.length(circle), nearest[chosen], grid_zone[chosen])


def place_dump_sites(
    count: int, city: shapely.Geometry, node_xy: NDArray[np.float64], rng: np.random.Generator
) -> Sites:
    """Put dump sites outside `city`, each beyond the last crossing in its direction.

    Args:
        count: how many.
        city: the built-up area, EPSG:4546.
        node_xy: crossings that trucks may use, shape (n, 2).
        rng: source of chance.
    """
    shapely.prepare(city)
    angles = np.resize(DUMP_SIDES, count) + rng.uniform(-0.15, 0.15, count)
    middle = node_xy.mean(axis=0)
    names: list[str] = []
    outlines, centres, radii, nodes = [], [], [], []
    for angle in angles:
        direction = np.array([np.cos(angle), np.sin(angle)])
        offset = node_xy - middle
        # Farthest out, but not far off the ray.
        node = int(np.argmax(offset @ direction - 1.2 * np.abs(offset @ [-direction[1], direction[0]])))
        radius = rng.uniform(*DUMP_RADIUS_M)
        distance = rng.uniform(*DUMP_DISTANCE_M)
        while True:
            centre = node_xy[node] + direction * (distance + radius)
            if shapely.distance(city, shapely.Point(centre)) > 1.3 * radius:
                break
            distance += 100.0
        corner = np.linspace(0, 2 * np.pi, 9, endpoint=False)
        reach = radius * rng.uniform(0.85, 1.2, len(corner))
        rim = centre + reach[:, None] * np.column_stack((np.cos(corner), np.sin(corner)))
        outlines.append(shapely.Polygon(np.round(rim, 2)))
        centres.append(np.round(centre, 2))
        radii.append(0.7 * radius)
        nodes.append(node)
        side = _SIDES[round(angle / (np.pi / 4)) % len(_SIDES)]
        names.append(f"城{side}建筑垃圾消纳场{len(names) + 1}号{SYNTHETIC}")
    x, y = np.array(centres).T
    return Sites(names, np.array(outlines, object), x, y, np.array(radii), np.array(nodes), np.empty(0, np.int64))
