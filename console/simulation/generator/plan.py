"""The town plan: every street axis and block border of the demonstration city as a straight line of a flat plan.

The city is designed on a plan plane (u east, v north, metres) in which all lines run along an axis, and is then bent
into the world by one smooth map, `Plan.warp`. Crossings, offsets and partitions are exact on the plane; the bend gives
the streets their curves. The geometry is synthetic: no open source has the real one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CENTRE = (500_000.0, 3_877_900.0)
"""111.00° E, 35.03° N in EPSG:4546, where Yuncheng lies."""

ARTERIAL, SECONDARY, BRANCH, LANE, BORDER = range(5)
"""Ranks of lines; a border is no street: a wall, a bank or the edge of a field."""
CLASS_NAMES = ("arterial", "secondary", "branch", "lane")

EAST_WEST, NORTH_SOUTH = 0, 1

BUILT_UP, PARK, WATER, OPEN = range(4)
LAND_USES = ("built_up", "park", "water", "open")
GRID_TARGET_M2 = np.array([10_600.0, 36_000.0, 60_000.0, 48_000.0])
"""Size of unit grid aimed for in each land use; a built-up one is near 10 000 m² (GB/T 30428.1)."""

# Half widths and half heights of the outline, and the exponents of its curve: along the canal it is nearly straight.
_EAST, _WEST, _NORTH, _SOUTH = 1.08, 1.02, 0.90, 0.94
_EXPONENT_NORTH, _EXPONENT_SOUTH = 2.6, 5.0
CANAL_AT = -0.94 * _SOUTH
"""Where 姚暹渠 runs, in plan units; south of it there is only the shore of the salt lake."""
_GROUND_AT_CANAL_M = 331.5
_GROUND_SLOPE = 0.0053
_RIVER_BASIN_SLOPE = 0.0125


@dataclass(frozen=True)
class Lines:
    """Straight lines on the plan plane: `at` is the fixed coordinate, `low`..`high` the range of the other one (m)."""

    orientation: NDArray[np.int8]
    at: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    rank: NDArray[np.int8]
    lattice: NDArray[np.int16]
    """Index of the lattice line in its orientation, -1 for lines inside a cell."""
    cell: NDArray[np.int32]
    """Cell of a line inside a cell, -1 for lattice lines."""

    def __len__(self) -> int:
        return len(self.at)

    def take(self, chosen: NDArray[np.bool_]) -> Lines:
        """The lines for which `chosen` is true."""
        return Lines(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    def joints(self) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Where each line ends or meets another: (line, coordinate along it), sorted and without repetition."""
        level = np.flatnonzero(self.orientation == EAST_WEST)
        upright = np.flatnonzero(self.orientation == NORTH_SOUTH)
        line, along = [np.arange(len(self))] * 2, [self.low, self.high]
        for here, other in ((level, upright), (upright, level)):
            meets = (self.low[here, None] <= self.at[other]) & (self.at[other] <= self.high[here, None])
            meets &= (self.low[other] <= self.at[here, None]) & (self.at[here, None] <= self.high[other])
            row, column = np.nonzero(meets)
            line.append(here[row])
            along.append(self.at[other[column]])
        on, at = np.concatenate(line), np.concatenate(along)
        order = np.lexsort((at, on))
        on, at = on[order], at[order]
        new = np.append(True, (np.diff(on) > 0) | (np.diff(at) > 0))
        return on[new], at[new]

    def point(self, line: NDArray[np.intp], along: NDArray[np.float64]) -> NDArray[np.float64]:
        """Plan coordinates (n, 2) of the points at coordinate `along` of each `line`."""
        level = self.orientation[line] == EAST_WEST
        return np.column_stack((np.where(level, along, self.at[line]), np.where(level, self.at[line], along)))


@dataclass(frozen=True)
class Plan:
    """The plan plane of one city: its outline, lattice, lines and ground."""

    unit_m: float
    """Length of the plan's unit: the outline is about two units high."""
    phases: NDArray[np.float64]
    lattice: tuple[NDArray[np.float64], NDArray[np.float64]]
    """Positions of the lattice lines: (v of the east-west ones, u of the north-south ones), ascending, metres."""
    lattice_rank: tuple[NDArray[np.int8], NDArray[np.int8]]
    land_use: NDArray[np.int8]
    """Land use of each cell, shape (rows + 1, columns + 1)."""
    lines: Lines
    blocks: NDArray[np.float64]
    """Rectangles (u0, v0, u1, v1) into which the cells are divided, not yet cut at the outline."""
    block_cell: NDArray[np.int32]

    @property
    def half_extent(self) -> tuple[float, float, float, float]:
        """Half width east, west and half height north, south (m)."""
        return _EAST * self.unit_m, _WEST * self.unit_m, _NORTH * self.unit_m, _SOUTH * self.unit_m

    @property
    def canal_v(self) -> float:
        """Plan coordinate v of 姚暹渠 (m)."""
        return CANAL_AT * self.unit_m

    def warp(self, uv: NDArray[np.float64]) -> NDArray[np.float64]:
        """World coordinates (n, 2), EPSG:4546 metres rounded to the millimetre, of plan points (n, 2)."""
        return np.round(self._bent(uv), 3)

    def unwarp(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Plan points (n, 2) of world coordinates (n, 2); inverse of `warp` to about a millimetre."""
        uv = xy - CENTRE
        for _ in range(10):
            uv = uv + (xy - self._bent(uv))
        return uv

    def _bent(self, uv: NDArray[np.float64]) -> NDArray[np.float64]:
        return bend(uv / self.unit_m, self.phases) * self.unit_m + CENTRE

    def ground(self, uv: NDArray[np.float64]) -> NDArray[np.float64]:
        """Ground elevation (m, 1985 datum) at plan points: lowest at the canal, rising north, falling again to 涑水河.

        Every second arterial lies in a shallow valley, so that side streets drain towards it.
        """
        u, v = uv.T
        east_west = self.lattice[1][self.lattice_rank[1] == ARTERIAL]
        index = np.interp(u, east_west, np.arange(len(east_west)))
        period = 2.0 * (east_west[-1] - east_west[0]) / (len(east_west) - 1)
        ground: NDArray[np.float64] = (
            _GROUND_AT_CANAL_M + _GROUND_SLOPE * (v - self.canal_v) + period / 1700.0 * np.cos(np.pi * index)
        )
        ground += 0.35 * np.sin(u / 410.0 + self.phases[1]) * np.sin(v / 530.0 + self.phases[4])
        into_basin = np.maximum((v - u) / np.sqrt(2.0) - 0.62 * self.unit_m, 0.0)
        ground -= _RIVER_BASIN_SLOPE * into_basin**2 / (into_basin + 0.15 * self.unit_m)
        return ground

    def centrality(self, uv: NDArray[np.float64]) -> NDArray[np.float64]:
        """Distance of plan points from the old town: 0 there, about 1 at the outline."""
        u, v = uv.T / self.unit_m
        distance: NDArray[np.float64] = np.hypot((v + 0.08) / 0.88, (u + 0.05) / 1.02)
        return distance

    def reach(self, orientation: int, at: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where lines at coordinate `at` enter and leave the outline (m); equal where they miss it."""
        if orientation == EAST_WEST:
            high = _across(at / self.unit_m, _NORTH, _SOUTH)
            return -_WEST * self.unit_m * high, _EAST * self.unit_m * high
        share = np.abs(at / self.unit_m) / np.where(at > 0, _EAST, _WEST)
        return tuple(  # type: ignore[return-value]  # a pair by construction
            sign * half * self.unit_m * np.clip(1.0 - share**exponent, 0.0, None) ** (1.0 / exponent)
            for sign, half, exponent in ((-1.0, _SOUTH, _EXPONENT_SOUTH), (1.0, _NORTH, _EXPONENT_NORTH))
        )

    def outline(self, step_m: float) -> NDArray[np.float64]:
        """Plan points (n, 2) of the outline, anticlockwise from the east, about `step_m` apart."""
        return unit_outline(max(64, int(6.3 * self.unit_m / step_m))) * self.unit_m


def _across(v: NDArray[np.float64], north: float, south: float) -> NDArray[np.float64]:
    exponent = np.where(v > 0, _EXPONENT_NORTH, _EXPONENT_SOUTH)
    share = np.abs(v) / np.where(v > 0, north, south)
    return np.clip(1.0 - share**exponent, 0.0, None) ** (1.0 / exponent)


def bend(uv: NDArray[np.float64], phases: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bent positions of plan points (n, 2), both in plan units: a slight turn and three waves of falling length."""
    u, v = uv.T
    p = phases
    east = 0.034 * np.sin(1.9 * v + p[0]) + 0.012 * np.sin(3.1 * u + 1.3 * v + p[1])
    north = 0.028 * np.sin(1.7 * u + p[3]) + 0.012 * np.sin(3.0 * v - 1.1 * u + p[4])
    east += 0.004 * np.sin(8.0 * v + 2.0 * u + p[2]) + 0.03 * v
    north += 0.004 * np.sin(7.0 * u + 3.0 * v + p[5]) - 0.03 * u
    return np.column_stack((u + east, v + north))


def unit_outline(count: int) -> NDArray[np.float64]:
    """`count` points (n, 2) of the outline in plan units, anticlockwise, evenly spread in direction from the centre."""
    angle = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
    cos, sin = np.cos(angle), np.sin(angle)
    exponent = np.where(sin > 0, _EXPONENT_NORTH, _EXPONENT_SOUTH)
    east = np.abs(cos) / np.where(cos > 0, _EAST, _WEST)
    north = np.abs(sin) / np.where(sin > 0, _NORTH, _SOUTH)
    radius = (east**exponent + north**exponent) ** (-1.0 / exponent)
    return np.column_stack((radius * cos, radius * sin))


def unit_for_area(phases: NDArray[np.float64], area_m2: float) -> float:
    """Length of the plan's unit (m) at which the bent outline encloses `area_m2`; the bend is alike at every size."""
    x, y = bend(unit_outline(4096), phases).T
    return float(np.sqrt(area_m2 / (0.5 * abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))))))
