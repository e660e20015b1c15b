"""The drainage network of the demonstration city: designed along the streets by the rules of GB 50014-2021.

Fields follow GB/T 51187-2016. Storm sewers run to 姚暹渠 and 涑水河, sanitary and combined ones to treatment plants.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from console.simulation.generator.drainage import facilities, routes
from console.simulation.generator.drainage.design import align, design
from console.simulation.generator.drainage.network import DRAINAGE_DEPARTMENT, Network, join, network_tables
from console.simulation.generator.drainage.sections import SANITARY, STORM
from console.simulation.generator.tables import points

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from console.simulation.generator.areas import Areas
    from console.simulation.generator.drainage.network import Part
    from console.simulation.generator.drainage.routes import Chains
    from console.simulation.generator.scale import Scale
    from console.simulation.generator.streets import Streets
    from console.simulation.generator.tables import Table

__all__ = ["Drainage", "make_drainage"]


@dataclass(frozen=True)
class Drainage:
    """Tables of the drainage network, with the columns of ``city.manhole`` and so on."""

    manhole: Table
    pipe: Table
    gully: Table
    outfall: Table
    pump_station: Table
    flood_point: Table
    network: Network
    """The same network as plain arrays; rows as in `manhole` and `pipe`."""


def make_drainage(
    rng: np.random.Generator, scale: Scale, areas: Areas, streets: Streets, departments: Mapping[str, int]
) -> Drainage:
    """Design the drainage network; `departments` gives the id of each department code."""
    plan = areas.plan
    reaches = routes.find_reaches(plan, streets)
    combined = routes.combined_reaches(scale, reaches)

    def part(chains: Chains, side: int) -> Part:
        alignment = align(plan, streets, reaches, chains, side)
        return chains, alignment, design(rng, reaches, chains, alignment)

    storm = part(routes.storm_chains(scale, plan, reaches, combined), STORM)
    foul = part(routes.foul_chains(scale, plan, reaches, combined), SANITARY)
    network, manhole, pipe = network_tables(rng, areas, streets, join(reaches, storm, foul), departments)
    owner = departments[DRAINAGE_DEPARTMENT]
    return Drainage(
        manhole=manhole,
        pipe=pipe,
        gully=facilities.gully_table(rng, areas, streets, network, manhole),
        outfall=facilities.outfall_table(areas, network, manhole),
        pump_station=facilities.pump_table(areas, streets, network, manhole, owner),
        flood_point=facilities.flood_table(
            rng, scale, areas, streets, network, departments, shapely.STRtree(points(network.xy))
        ),
        network=network,
    )
