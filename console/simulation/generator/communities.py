"""Gathers the cells of the town plan into zones, subdistricts and communities with their real names and codes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from console.simulation.generator.tables import read_resource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from console.simulation.generator.plan import Plan

ZONE_NAMES = "东西南北中"
COMMUNITY_AREA_M2 = 0.62e6
_EAST, _WEST, _SOUTH, _NORTH, _CENTRE = range(1, 6)

Cells = frozenset[int]


@dataclass(frozen=True)
class Division:
    """Communities in the order of their codes, and the community of each face."""

    community: NDArray[np.intp]
    """Row of the community of each face."""
    code: list[str]
    name: list[str]
    zone: NDArray[np.intp]
    """Zone id of each community."""
    subdistrict: NDArray[np.intp]
    """Row of the subdistrict of each community."""
    subdistrict_code: list[str]
    subdistrict_name: list[str]


def divide(
    plan: Plan,
    cell: NDArray[np.int32],
    area: NDArray[np.float64],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    length: NDArray[np.float64],
) -> Division:
    """Give every face a community.

    Args:
        plan: the town plan.
        cell: cell of each face.
        area: area of each face (m²).
        first: of each pair of neighbouring faces, the first.
        second: the second.
        length: their common border (m).
    """
    size = np.bincount(cell, weights=area, minlength=plan.land_use.size).astype(float)
    host = _hosts(size, cell[first], cell[second], length)
    touching = _touching(host[cell[first]], host[cell[second]], length)
    cells = np.unique(host[np.unique(cell)])
    size = np.bincount(host, weights=size, minlength=len(host)).astype(float)
    place = _places(plan)
    zone = {int(c): _zone(*place[c]) for c in cells}
    rows = read_resource("subdistricts.csv")
    owner = _subdistricts(rows, cells, place, zone, touching)
    names = defaultdict(list)
    for row in read_resource("communities.csv"):
        names[row["subdistrict_code"]].append((row["community_code"], row["name"]))
    found: list[tuple[str, str, int, int, Cells]] = []
    for index, row in enumerate(rows):
        mine = frozenset(c for c, s in owner.items() if s == index)
        regions = [part for z in range(1, 6) for part in _parts({c for c in mine if zone[c] == z}, touching)]
        groups = _split(regions, len(names[row["code"]]), size, place, touching)
        # From the north-west to the south-east, as the codes of a subdistrict usually run.
        groups.sort(key=lambda group: (-place[list(group), 1].mean().round(1), place[list(group), 0].mean()))
        for (code, name), group in zip(names[row["code"]], groups, strict=False):
            found.append((code, name, zone[next(iter(group))], index, group))
    community_of_cell = np.full(len(host), -1, np.intp)
    for index, (*_, group) in enumerate(found):
        community_of_cell[list(group)] = index
    used = sorted({item[3] for item in found})
    return Division(
        community=community_of_cell[host[cell]],
        code=[item[0] for item in found],
        name=[item[1] for item in found],
        zone=np.array([item[2] for item in found]),
        subdistrict=np.searchsorted(used, [item[3] for item in found]),
        subdistrict_code=[rows[index]["code"] for index in used],
        subdistrict_name=[rows[index]["name"] for index in used],
    )


def _hosts(
    size: NDArray[np.float64], first: NDArray[np.int32], second: NDArray[np.int32], length: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Cell that each cell counts as: what the outline left of a cell joins the neighbour with the longest border."""
    host = np.arange(len(size))
    whole = np.median(size[size > 0])
    a, b, weight = np.concatenate((first, second)), np.concatenate((second, first)), np.tile(length, 2)
    for c in np.argsort(size):
        if 0 < size[c] < 0.3 * whole:
            beside = (a == c) & (size[b] > size[c])
            if beside.any():
                total = np.bincount(b[beside], weights=weight[beside])
                host[c] = np.argmax(total)
    for _ in range(8):
        host = host[host]
    return host


def _touching(first: NDArray[np.intp], second: NDArray[np.intp], length: NDArray[np.float64]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for a, b in zip(first[length > 1.0].tolist(), second[length > 1.0].tolist(), strict=True):
        if a != b:
            found[a].add(b)
            found[b].add(a)
    return found


def _places(plan: Plan) -> NDArray[np.float64]:
    """Middle of each cell as fractions of the half width and half height, shape (cells, 2)."""
    east, west, north, south = plan.half_extent
    v = np.concatenate(([-south], plan.lattice[0], [north]))
    u = np.concatenate(([-west], plan.lattice[1], [east]))
    middle_v, middle_u = np.meshgrid((v[:-1] + v[1:]) / 2, (u[:-1] + u[1:]) / 2, indexing="ij")
    return np.column_stack(((middle_u / np.where(middle_u > 0, east, west)).ravel(),
                            (middle_v / np.where(middle_v > 0, north, south)).ravel()))  # fmt: skip


def _zone(east: float, north: float) -> int:
    if abs(east) < 0.46 and -0.42 < north < 0.36:
        return _CENTRE
    if abs(east) > abs(north):
        return _EAST if east > 0 else _WEST
    return _NORTH if north > 0 else _SOUTH


def _subdistricts(
    rows: list[dict[str, str]],
    cells: NDArray[np.intp],
    place: NDArray[np.float64],
    zone: dict[int, int],
    touching: dict[int, set[int]],
) -> dict[int, int]:
    """Subdistrict of each cell: the one with the nearest heart; stray parts go to a neighbour."""
    heart = np.array([(float(row["east"]), float(row["north"])) for row in rows])
    allowed = [ZONE_NAMES.index(row["zone"]) + 1 if row["zone"] else 0 for row in rows]
    owner: dict[int, int] = {}
    for c in cells.tolist():
        distance = np.hypot(*(heart - place[c]).T)
        # A subdistrict of few cells, held to one zone, is also held to the neighbourhood of its heart.
        distance[[0 < z != zone[c] or (z > 0 and d > 0.34) for z, d in zip(allowed, distance, strict=True)]] = np.inf
        owner[c] = int(np.argmin(distance))
    for index in range(len(rows)):
        parts = _parts({c for c, s in owner.items() if s == index}, touching)
        for stray in sorted(parts, key=len)[:-1]:
            beside = [owner[n] for c in stray for n in touching[c] if owner[n] != index and not allowed[owner[n]]]
            if beside:
                owner.update(dict.fromkeys(stray, max(set(beside), key=beside.count)))
    return owner


def _parts(cells: Iterable[int], touching: dict[int, set[int]]) -> list[Cells]:
    """Connected parts of a set of cells."""
    left, parts = set(cells), []
    while left:
        part, todo = set(), [min(left)]
        while todo:
            c = todo.pop()
            if c in left:
                left.remove(c)
                part.add(c)
                todo.extend(touching[c] & left)
        parts.append(frozenset(part))
    return parts


def _split(
    regions: list[Cells],
    names: int,
    size: NDArray[np.float64],
    place: NDArray[np.float64],
    touching: dict[int, set[int]],
) -> list[Cells]:
    """Halve the largest region until communities have their usual size or the names run out."""
    groups = list(regions)
    whole: list[Cells] = []
    while groups and len(groups) + len(whole) < names:
        groups.sort(key=lambda group: float(size[list(group)].sum()))
        largest = groups.pop()
        if size[list(largest)].sum() < 1.6 * COMMUNITY_AREA_M2 or len(largest) == 1:
            whole.append(largest)
            continue
        groups.extend(_halve(largest, size, place, touching))
    return groups + whole


def _halve(
    group: Cells, size: NDArray[np.float64], place: NDArray[np.float64], touching: dict[int, set[int]]
) -> list[Cells]:
    cells = np.array(sorted(group))
    axis = int(np.argmax(np.ptp(place[cells], axis=0) * (1.0, 0.88)))
    cells = cells[np.lexsort((cells, place[cells, 1 - axis], place[cells, axis]))]
    share = np.cumsum(size[cells]) / size[cells].sum()
    cut = int(np.clip(np.searchsorted(share, 0.5), 1, len(cells) - 1))
    parts = _parts(cells[:cut].tolist(), touching) + _parts(cells[cut:].tolist(), touching)
    # Keep two pieces: stray parts join a piece that they touch, the nearest first.
    parts.sort(key=lambda part: -size[list(part)].sum())
    kept, strays = parts[:2], parts[2:]
    while strays:
        part, near = next((s, i) for s in strays for i in (0, 1) if any(touching[c] & kept[i] for c in s))
        kept[near] |= part
        strays.remove(part)
    return kept
