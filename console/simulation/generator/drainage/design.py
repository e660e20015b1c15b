"""Sizes and levels of the sewers: each chain is designed as an engineer would, from the heads down to the outfalls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from console.simulation.generator.drainage.sections import (
    COMBINED,
    COVER_M,
    SANITARY,
    SECTIONS,
    STORM,
    Material,
    capacity_m3s,
    choose_material,
    most_slope,
    usual_slope,
)
from console.simulation.generator.tables import stretches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.simulation.generator.drainage.routes import Chains, Reaches
    from console.simulation.generator.plan import Plan
    from console.simulation.generator.streets import Streets

SPACING_M = 30.0
DEEPEST_M = 7.2
"""Where a sewer would leave a manhole deeper than this, a pump station lifts the flow."""

# Strip that drains into a sewer (m² a metre), by system; runoff coefficient; sanitary peak flow (m³/s a hectare).
_STRIP_M = (150.0, 210.0, 110.0)
_RUNOFF = 0.62
_SANITARY_PEAK = 0.00072
_INTERCEPTED = 3.0  # dry flows that an intercepting manhole passes on: the flow itself and 截流倍数 2
_FIRST_PLACE = (1, 0, 1)
_INLET_MINUTES = 10.0
_STORM_VELOCITY_M_PER_MINUTE = 78.0
_SLOPE_STEP = 1e-4
# Storm and foul sewers lie on either side of the middle of a street: share of the width, and the least offset (m).
_OFFSET = {STORM: (0.16, 2.2), SANITARY: (-0.12, 1.8)}


@dataclass(frozen=True)
class Alignment:
    """Where the manholes of the chains lie; entries run along each chain with the flow."""

    chain: NDArray[np.intp]
    step: NDArray[np.intp]
    """Number of the point in its chain, from 0 at the upper end."""
    pipes: NDArray[np.intp]
    """Number of pipes of each chain."""
    uv: NDArray[np.float64]
    xy: NDArray[np.float64]
    ground: NDArray[np.float64]
    """Ground elevation (m), to the millimetre."""
    distance: NDArray[np.float64]
    """Length of sewer from the upper end of the chain (m)."""


@dataclass(frozen=True)
class Design:
    """Sizes and levels of the chains."""

    place: NDArray[np.intp]
    """Place of each chain's section in `SECTIONS`."""
    material: list[Material]
    year: NDArray[np.int16]
    invert: NDArray[np.float64]
    """Invert level of the sewer at each point of the alignment (m, to the millimetre)."""
    flow_m3s: NDArray[np.float64]
    catchment_m2: NDArray[np.float64]
    lifted: NDArray[np.bool_]
    """Chains that begin at a pump station."""


def align(plan: Plan, streets: Streets, reaches: Reaches, chains: Chains, side: int) -> Alignment:
    """Lay the chains beside the middle of their streets; `side` is STORM or SANITARY (foul)."""
    offset = _node_offsets(streets, reaches, side)
    upper = reaches.node_uv[chains.behind] + offset[chains.behind]
    lower = reaches.node_uv[chains.end] + offset[chains.end]
    length = np.hypot(*(lower - upper).T)
    head = chains.start < 0
    upper = np.where(head[:, None], upper + (lower - upper) * np.minimum(18.0 / length, 0.4)[:, None], upper)
    length = np.hypot(*(lower - upper).T)
    pipes = np.maximum(np.round(length / SPACING_M).astype(int), 1)
    chain, step = stretches(pipes + 1)
    share = (step / pipes[chain])[:, None]
    uv = upper[chain] * (1.0 - share) + lower[chain] * share
    xy = plan.warp(uv)
    gap = np.append(0.0, np.hypot(*np.diff(xy, axis=0).T))
    total = np.cumsum(np.where(step == 0, 0.0, gap))
    first = np.flatnonzero(step == 0)
    return Alignment(chain, step, pipes, uv, xy, np.round(plan.ground(uv), 3), total - total[first][chain])


def _node_offsets(streets: Streets, reaches: Reaches, side: int) -> NDArray[np.float64]:
    """How far the sewers lie east and north of each node of the streets (plan metres)."""
    share, least = _OFFSET[side]
    offset = np.zeros((len(reaches.node_uv), 2))
    # Wider streets are written last: at a crossing with several they decide.
    for reach in np.argsort(-reaches.rank, kind="stable").tolist():
        line = streets.line[reaches.segment[reach]]
        value = share * max(streets.line_width_m[line], least / abs(share))
        axis = 1 - int(streets.lines.orientation[line])
        offset[reaches.first[reach], axis] = offset[reaches.second[reach], axis] = value
    return offset


def design(rng: np.random.Generator, reaches: Reaches, chains: Chains, alignment: Alignment) -> Design:
    """Size every chain and set its levels."""
    return _Designer(rng, reaches, chains, alignment).run()


class _Designer:
    def __init__(self, rng: np.random.Generator, reaches: Reaches, chains: Chains, alignment: Alignment) -> None:
        self.chains, self.alignment = chains, alignment
        nodes = len(reaches.node_uv)
        self.crown = np.full(nodes, np.inf)
        self.area = np.zeros(nodes)
        self.dry = np.zeros(nodes)
        self.path = np.zeros(nodes)
        self.place = np.zeros(nodes, np.intp)
        self.onward = np.full(nodes, -1, np.int8)
        """System of the sewer that leaves each node."""
        self.onward[chains.start[chains.start >= 0]] = chains.system[chains.start >= 0]
        self.year = self._years(rng, reaches)
        self.luck = rng.random(len(chains))
        first = np.flatnonzero(alignment.step == 0)
        self.slices = [slice(a, a + n + 1) for a, n in zip(first.tolist(), alignment.pipes.tolist(), strict=True)]
        self.invert = np.zeros(len(alignment.chain))

    def _years(self, rng: np.random.Generator, reaches: Reaches) -> NDArray[np.int16]:
        """Year of each chain: the city grew outwards, and the combined sewers of the old town are the oldest."""
        reach = self.chains.reach
        street = rng.normal(0.0, 5.0, int(reaches.segment.max()) + 1)
        year = 1989.0 + 30.0 * reaches.centrality[reach] + street[reaches.segment[reach]]
        year = np.where(self.chains.system == COMBINED, 1978.0 + 14.0 * rng.random(len(reach)), year)
        return np.clip(np.round(year), 1976, 2025).astype(np.int16)

    def run(self) -> Design:
        count = len(self.chains)
        places, flows, areas = np.zeros(count, np.intp), np.zeros(count), np.zeros(count)
        lifted = np.zeros(count, bool)
        materials: list[Material] = []
        for chain in range(count):
            place, material, flow, lift = self._chain(chain)
            places[chain], flows[chain], lifted[chain] = place, flow, lift
            areas[chain] = self.area[self.chains.end[chain]]
            materials.append(material)
        return Design(places, materials, self.year, self.invert, flows, areas, lifted)

    def _chain(self, chain: int) -> tuple[int, Material, float, bool]:
        """Design one chain from what its upper node has gathered, and hand the result to its lower node."""
        start, end, system = (int(column[chain]) for column in (self.chains.start, self.chains.end, self.chains.system))
        points = self.slices[chain]
        distance, ground = self.alignment.distance[points], self.alignment.ground[points]
        length = float(distance[-1])
        joined = start >= 0
        area = (self.area[start] if joined else 0.0) + length * _STRIP_M[system]
        dry = (self.dry[start] if joined else 0.0) + length * _STRIP_M[system] * _SANITARY_PEAK / 1e4
        path = (self.path[start] if joined else 0.0) + length
        flow = self._flow(system, area, dry, path)
        crown = float(self.crown[start]) if joined else np.inf
        place = max(_FIRST_PLACE[system], int(self.place[start]) if joined else 0)
        while True:
            material = choose_material(place, system, int(self.year[chain]), float(self.luck[chain]))
            invert, slope, lift = self._levels(place, material, system, crown, distance, ground)
            if capacity_m3s(SECTIONS[place], material.roughness, slope, system) >= flow or place == len(SECTIONS) - 1:
                break
            place += 1
        self.invert[points] = np.round(invert - slope * distance, 3)
        lower_crown = float(self.invert[points.stop - 1]) + SECTIONS[place].height_mm / 1000.0
        self.crown[end] = min(self.crown[end], lower_crown)
        intercepted = system == COMBINED and self.onward[end] == SANITARY
        # What goes over the weir of an intercepting manhole is no longer part of the catchment.
        self.area[end] += 0.0 if intercepted else area
        self.dry[end] += dry * _INTERCEPTED if intercepted else dry
        self.path[end] = max(self.path[end], path)
        self.place[end] = max(self.place[end], place)
        return place, material, flow, lift

    @staticmethod
    def _flow(system: int, area_m2: float, dry_m3s: float, path_m: float) -> float:
        if system == SANITARY:
            return dry_m3s
        minutes = _INLET_MINUTES + path_m / _STORM_VELOCITY_M_PER_MINUTE
        # Storm intensity for a return period of two years, litres a second and hectare.
        intensity = 993.7 * (1.0 + 1.04 * np.log10(2.0)) / (minutes + 10.3) ** 0.65
        return float(intensity * _RUNOFF * area_m2 / 1e4 / 1000.0) + (dry_m3s if system == COMBINED else 0.0)

    @staticmethod
    def _levels(
        place: int,
        material: Material,
        system: int,
        crown: float,
        distance: NDArray[np.float64],
        ground: NDArray[np.float64],
    ) -> tuple[float, float, bool]:
        """Invert at the upper end, slope, and whether a pump station lifts the flow first.

        The crown meets the lowest incoming crown (管顶平接) and the cover is kept all along.
        """
        section = SECTIONS[place]
        height = section.height_mm / 1000.0
        highest = ground - COVER_M - height
        invert = min(crown - height, float(highest[0]))
        lift = bool(np.isfinite(crown) and ground[0] - invert > DEEPEST_M + height / 2)
        if lift:
            invert = float(highest[0])
        need = float(np.max((invert - highest[1:]) / distance[1:]))
        steepest = most_slope(section, material)
        slope = np.ceil(max(need, usual_slope(place, material, system)) / _SLOPE_STEP) * _SLOPE_STEP
        if slope > steepest:
            slope = steepest
            invert = float(np.min(highest + slope * distance))
        return invert, float(slope), lift
