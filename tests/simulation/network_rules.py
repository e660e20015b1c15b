"""What must hold of every drainage network: a list of the breaches that an engineer would find in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from console.simulation.generator.drainage.network import INTERCEPTING
from console.simulation.generator.drainage.sections import (
    COMBINED,
    LEAST_COVER_M,
    MATERIALS,
    SANITARY,
    SECTIONS,
    STORM,
    least_slope,
    most_slope,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.simulation.generator.drainage import Drainage
    from console.simulation.generator.drainage.network import Network

LONGEST_M = 75.0
ROUNDING_M = 0.0011


def breaches(drainage: Drainage) -> list[str]:
    """Names of the rules that the network breaks, with how often; empty for a sound network."""
    network = drainage.network
    found = {
        **_tables(drainage),
        **_levels(network),
        **_slopes(network, np.asarray(shapely.length(drainage.pipe["geom"]))),
        **_topology(network),
    }
    return [f"{rule}: {int(np.sum(broken))}" for rule, broken in found.items() if np.any(broken)]


def _tables(drainage: Drainage) -> dict[str, NDArray[np.bool_]]:
    network, manhole, pipe = drainage.network, drainage.manhole, drainage.pipe
    known = set(manhole["code"])
    ends = shapely.get_coordinates(pipe["geom"]).reshape(-1, 2, 2)
    holes = np.column_stack((manhole["geom"].x, manhole["geom"].y))
    row = {code: index for index, code in enumerate(manhole["code"])}
    upper = np.array([row[code] for code in pipe["from_manhole"]])
    lower = np.array([row[code] for code in pipe["to_manhole"]])
    depth = manhole["ground_elevation_m"] - manhole["invert_elevation_m"]
    return {
        "pipe without its manholes": ~np.isin(pipe["from_manhole"], list(known))
        | ~np.isin(pipe["to_manhole"], list(known)),
        "code given twice": np.array([len(known) < len(manhole["code"]) or len(set(pipe["code"])) < len(pipe["code"])]),
        "code not of 17 characters": np.array([len(code) != 17 for code in (*manhole["code"], *pipe["code"])]),
        "pipe does not begin at its manhole": np.any(ends[:, 0] != holes[upper], axis=1),
        "pipe does not end at its manhole": np.any(ends[:, 1] != holes[lower], axis=1),
        "depth is not ground less lowest invert": np.abs(manhole["depth_m"] - depth) > 0.001,
        "pipe longer than manholes may be apart": shapely.length(pipe["geom"]) > LONGEST_M,
        "gully at a manhole of sanitary sewers": np.isin(
            drainage.gully["manhole_code"], manhole["code"][network.system == SANITARY]
        ),
    }


def _levels(network: Network) -> dict[str, NDArray[np.bool_]]:
    height = np.array([section.height_mm / 1000.0 for section in SECTIONS])[network.place]
    upper_cover = network.ground[network.upper] - network.upper_invert - height
    lower_cover = network.ground[network.lower] - network.lower_invert - height
    lowest = np.full(len(network.ground), np.inf)
    np.minimum.at(lowest, network.upper, network.upper_invert)
    np.minimum.at(lowest, network.lower, network.lower_invert)
    overflow = _overflow(network)
    highest_out = np.full(len(network.ground), -np.inf)
    np.maximum.at(highest_out, network.upper[~overflow], network.upper_invert[~overflow])
    lowest_in = np.full(len(network.ground), np.inf)
    np.minimum.at(lowest_in, network.lower, network.lower_invert)
    return {
        "reverse slope": network.upper_invert < network.lower_invert,
        "cover too small": np.minimum(upper_cover, lower_cover) < LEAST_COVER_M,
        "outgoing invert above an incoming one": (highest_out > lowest_in + ROUNDING_M) & ~network.lifted,
        "manhole bottom is not its lowest invert": np.abs(lowest - network.lowest) > 1e-9,
        "manhole deeper than 12 m": network.ground - network.lowest > 12.0,
    }


def _slopes(network: Network, length: NDArray[np.float64]) -> dict[str, NDArray[np.bool_]]:
    slope = (network.upper_invert - network.lower_invert) / length
    rules = {
        (place, material, system): (
            least_slope(SECTIONS[place], MATERIALS[material], system),
            most_slope(SECTIONS[place], MATERIALS[material]),
        )
        for place, material, system in zip(
            network.place.tolist(), network.material, network.pipe_system.tolist(), strict=True
        )
    }
    limits = np.array(
        [rules[key] for key in zip(network.place.tolist(), network.material, network.pipe_system.tolist(), strict=True)]
    )
    return {
        "flatter than the least slope": slope < limits[:, 0] - ROUNDING_M / length,
        "faster than the greatest velocity": slope > limits[:, 1] + ROUNDING_M / length,
    }


def _topology(network: Network) -> dict[str, NDArray[np.bool_]]:
    count = len(network.ground)
    overflow = _overflow(network)
    main = ~overflow
    largest_in = np.full(count, -1, np.intp)
    np.maximum.at(largest_in, network.lower[main], network.place[main])
    leaving = np.bincount(network.upper[main], minlength=count)
    onward = np.full(count, -1, np.intp)
    onward[network.upper[main]] = network.lower[main]
    ends = np.arange(count)
    for _ in range(int(np.ceil(np.log2(count))) + 1):
        ends = np.where(onward[ends] >= 0, onward[ends], ends)
        onward = np.where(onward >= 0, np.where(onward[onward] >= 0, onward[onward], onward), -1)
    mixed = (network.pipe_system == STORM) != (network.system[network.lower] == STORM)
    return {
        "shrinks downstream": network.place[main] < largest_in[network.upper[main]],
        "manhole with more than one way out": leaving > 1,
        "manhole with no way out that is no outlet": (leaving == 0) & ~network.is_outlet,
        "outlet not reached": ~network.is_outlet[ends],
        "storm and foul sewers mixed": mixed & ~overflow,
        "overflow that is not of a combined sewer": overflow & (network.pipe_system != COMBINED),
    }


def _overflow(network: Network) -> NDArray[np.bool_]:
    """Pipes that lead from the weir of an intercepting manhole into a storm sewer."""
    overflow: NDArray[np.bool_] = (network.kind[network.upper] == INTERCEPTING) & (
        network.system[network.lower] == STORM
    )
    return overflow
