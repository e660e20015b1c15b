"""Draws the town plan: where through streets run, what each cell is used for, how it is divided into blocks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from console.simulation.generator.plan import (
    ARTERIAL,
    BORDER,
    BRANCH,
    BUILT_UP,
    CANAL_AT,
    EAST_WEST,
    GRID_TARGET_M2,
    LANE,
    NORTH_SOUTH,
    OPEN,
    PARK,
    SECONDARY,
    WATER,
    Lines,
    Plan,
    unit_for_area,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.simulation.generator.scale import Scale

# Where the outermost arterials lie, in plan units: (lowest, highest) of the east-west and of the north-south ones.
_ARTERIAL_SPAN = ((-0.80, 0.82), (-0.93, 0.98))
_SHORTEST_LINE_M = 1.0
_ALIGN_M = 26.0


def make_plan(rng: np.random.Generator, scale: Scale) -> Plan:
    """Draw the town plan of a city of `scale`."""
    phases = rng.uniform(-0.5, 0.5, 6) + np.array([0.4, 1.1, 2.0, 0.2, 0.7, 1.5])
    unit_m = unit_for_area(phases, scale.area_m2)
    (rows, row_rank), (columns, column_rank) = (_lattice(rng, scale.arterials, way, unit_m) for way in (0, 1))
    nothing = Lines(*(np.empty(0, t) for t in (np.int8, float, float, float, np.int8, np.int16, np.int32)))
    plan = Plan(
        unit_m=unit_m,
        phases=phases,
        lattice=(rows, columns),
        lattice_rank=(row_rank, column_rank),
        land_use=np.zeros((len(rows) + 1, len(columns) + 1), np.int8),
        lines=nothing,
        blocks=np.empty((0, 4)),
        block_cell=np.empty(0, np.int32),
    )
    plan = replace(plan, land_use=_land_use(rng, plan))
    return _Draughtsman(rng, plan).draw()


def _lattice(
    rng: np.random.Generator, arterials: int, way: int, unit_m: float
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Positions (m) and ranks of the lattice lines of one orientation: arterials, a secondary between each two."""
    gaps = 1.0 + rng.uniform(-0.17, 0.17, arterials - 1)
    low, high = _ARTERIAL_SPAN[way]
    main = low + (high - low) * np.concatenate(([0.0], np.cumsum(gaps))) / gaps.sum()
    between = main[:-1] + np.diff(main) * rng.uniform(0.44, 0.56, arterials - 1)
    at = np.concatenate((main, between))
    rank = np.repeat(np.array([ARTERIAL, SECONDARY], np.int8), (arterials, arterials - 1))
    if way == EAST_WEST:
        at, rank = np.append(at, CANAL_AT), np.append(rank, np.int8(BORDER))
    order = np.argsort(at)
    return np.round(at[order] * unit_m, 3), rank[order]


def _bounds(plan: Plan) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Edges of the lattice cells (v edges, u edges), the outermost ones on the box around the outline."""
    east, west, north, south = plan.half_extent
    return (
        np.concatenate(([-south], plan.lattice[0], [north])),
        np.concatenate(([-west], plan.lattice[1], [east])),
    )


def _centrality(plan: Plan) -> NDArray[np.float64]:
    """Distance of each cell's middle from the old town, 0 there and about 1 at the outline; shape as `land_use`."""
    v, u = ((edges[:-1] + edges[1:]) / 2 for edges in _bounds(plan))
    middle = np.stack(np.meshgrid(u, v), axis=-1)
    return plan.centrality(middle.reshape(-1, 2)).reshape(len(v), len(u))


def _land_use(rng: np.random.Generator, plan: Plan) -> NDArray[np.int8]:
    """Land use of each lattice cell: a built-up core that frays towards the outline, parks, the open lake shore."""
    far = _centrality(plan)
    fray = far + rng.normal(0.0, 0.13, far.shape)
    use = np.where(fray > 0.94, OPEN, BUILT_UP).astype(np.int8)
    luck = rng.random(far.shape)
    use[(luck < 0.055) & (far > 0.18)] = PARK
    use[(luck > 0.985) & (far > 0.5)] = WATER
    use[0] = np.where(luck[0] < 0.3, PARK, OPEN)
    return use


class _Draughtsman:
    """Collects the lines and blocks of one plan."""

    def __init__(self, rng: np.random.Generator, plan: Plan) -> None:
        self.rng = rng
        self.plan = plan
        self.edges = _bounds(plan)
        self.far = _centrality(plan)
        self.drawn: list[tuple[int, float, float, float, int, int, int]] = []
        self.blocks: list[tuple[float, float, float, float]] = []
        self.block_cell: list[int] = []
        self.joints: defaultdict[tuple[int, float], list[float]] = defaultdict(list)

    def draw(self) -> Plan:
        """The plan with all lines, cut at the outline, and all blocks."""
        streets = [self._lattice_lines(way) for way in (EAST_WEST, NORTH_SOUTH)]
        rows, columns = self.plan.land_use.shape
        for row in range(rows):
            for column in range(columns):
                v0, v1 = self.edges[0][row : row + 2]
                u0, u1 = self.edges[1][column : column + 2]
                if self._inside(min(max(0.0, u0), u1), min(max(0.0, v0), v1)):
                    sides = (
                        column > 0 and streets[1][column - 1, row],
                        row > 0 and streets[0][row - 1, column],
                        column < columns - 1 and streets[1][column, row],
                        row < rows - 1 and streets[0][row, column],
                    )
                    use = int(self.plan.land_use[row, column])
                    count = max(1, round((u1 - u0) * (v1 - v0) / GRID_TARGET_M2[use]))
                    self._divide((u0, v0, u1, v1), sides, count, row * columns + column, use)
        return replace(
            self.plan,
            lines=self._cut(),
            blocks=np.round(np.array(self.blocks), 3),
            block_cell=np.array(self.block_cell, np.int32),
        )

    def _inside(self, u: float, v: float) -> bool:
        low, high = self.plan.reach(EAST_WEST, np.array([v]))
        return bool(low[0] < u < high[0])

    def _lattice_lines(self, way: int) -> NDArray[np.bool_]:
        """Draw the lattice lines of one orientation; returns where they are streets, shape (lines, cells along)."""
        along = self.edges[1 - way]
        present = np.zeros((len(self.plan.lattice[way]), len(along) - 1), bool)
        for index, rank in enumerate(self.plan.lattice_rank[way]):
            present[index] = self._presence(way, index, int(rank))
            at = self.plan.lattice[way][index]
            starts = np.flatnonzero(np.diff(present[index], prepend=not present[index, 0]))
            for start, stop in zip(starts, [*starts[1:], len(along) - 1], strict=True):
                kind = int(rank) if present[index, start] else BORDER
                self.drawn.append((way, at, along[start], along[stop], kind, index, -1))
        return present

    def _presence(self, way: int, index: int, rank: int) -> NDArray[np.bool_]:
        """In which cells along it a lattice line is a street: a secondary may end at any arterial outside the core."""
        crossing = self.plan.lattice_rank[1 - way]
        if rank != SECONDARY:
            return np.full(len(crossing) + 1, rank == ARTERIAL)
        stretch = np.concatenate(([0], np.cumsum(crossing == ARTERIAL)))
        far = self.far if way == EAST_WEST else self.far.T
        use = self.plan.land_use if way == EAST_WEST else self.plan.land_use.T
        beside = np.minimum(far[index], far[index + 1])
        unbuilt = (use[index] != BUILT_UP) & (use[index + 1] != BUILT_UP)
        luck = self.rng.random(stretch[-1] + 1)[stretch]
        core = np.minimum.reduceat(beside, np.unique(stretch, return_index=True)[1])[stretch] < 0.52
        empty = np.logical_and.reduceat(unbuilt, np.unique(stretch, return_index=True)[1])[stretch]
        here: NDArray[np.bool_] = (core | (luck < 0.55)) & ~empty
        if way == NORTH_SOUTH:
            here[0] = False  # only arterials cross 姚暹渠
        return here

    def _divide(
        self,
        box: tuple[float, float, float, float],
        sides: tuple[bool, bool, bool, bool],
        count: int,
        cell: int,
        use: int,
    ) -> None:
        """Halve `box` (u0, v0, u1, v1) until it holds one block; `sides`: is west, south, east, north a street."""
        if count <= 1:
            self.blocks.append(box)
            self.block_cell.append(cell)
            return
        u0, v0, u1, v1 = box
        width, height = u1 - u0, v1 - v0
        way = NORTH_SOUTH if width * self.rng.uniform(0.85, 1.18) > height else EAST_WEST
        first = count // 2 if self.rng.random() < 0.5 else count - count // 2
        share = first / count + self.rng.uniform(-0.06, 0.06)
        ends = (sides[1], sides[3]) if way == NORTH_SOUTH else (sides[0], sides[2])
        rank = self._rank(width * height, use) if any(ends) else BORDER
        street = rank != BORDER
        if way == NORTH_SOUTH:
            at = self._aligned(way, rank, u0 + share * width, (v0, v1))
            self.drawn.append((way, at, v0, v1, rank, -1, cell))
            self._divide((u0, v0, at, v1), (sides[0], sides[1], street, sides[3]), first, cell, use)
            self._divide((at, v0, u1, v1), (street, sides[1], sides[2], sides[3]), count - first, cell, use)
        else:
            at = self._aligned(way, rank, v0 + share * height, (u0, u1))
            self.drawn.append((way, at, u0, u1, rank, -1, cell))
            self._divide((u0, v0, u1, at), (sides[0], sides[1], sides[2], street), first, cell, use)
            self._divide((u0, at, u1, v1), (sides[0], street, sides[2], sides[3]), count - first, cell, use)

    def _aligned(self, way: int, rank: int, at: float, ends: tuple[float, float]) -> float:
        """`at`, or where a street already meets a line at `ends` from its other side: one crossing, not two."""
        if rank == BORDER:
            return round(at, 3)
        near = [joint for end in ends for joint in self.joints[way, end] if abs(joint - at) < _ALIGN_M]
        at = min(near, key=lambda joint: abs(joint - at), default=round(at, 3))
        for end in ends:
            self.joints[way, end].append(at)
        return at

    def _rank(self, area_m2: float, use: int) -> int:
        """Rank of a line that halves `area_m2`: a branch street through a cell, lanes in its parts, then only walls."""
        luck = self.rng.random()
        if use != BUILT_UP:
            return LANE if use == OPEN and area_m2 > 200e3 and luck < 0.4 else BORDER
        if area_m2 > 130e3:
            return BRANCH if luck < 0.92 else BORDER
        if area_m2 > 55e3:
            return LANE if luck < 0.62 else BORDER
        return LANE if luck < 0.10 else BORDER

    def _cut(self) -> Lines:
        """All drawn lines, cut at the outline."""
        orientation, at, low, high, rank, lattice, cell = (np.array(column) for column in zip(*self.drawn, strict=True))
        for way in (EAST_WEST, NORTH_SOUTH):
            mine = orientation == way
            enter, leave = self.plan.reach(way, at[mine])
            low[mine] = np.maximum(low[mine], enter)
            high[mine] = np.minimum(high[mine], leave)
        lines = Lines(
            orientation.astype(np.int8),
            np.round(at, 3),
            np.round(low, 3),
            np.round(high, 3),
            rank.astype(np.int8),
            lattice.astype(np.int16),
            cell.astype(np.int32),
        )
        return lines.take(lines.high - lines.low > _SHORTEST_LINE_M)
