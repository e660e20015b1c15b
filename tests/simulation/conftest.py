"""A small demonstration city, built once for all tests of the generator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from console.simulation.generator.areas import Areas, make_areas
from console.simulation.generator.drainage import Drainage, make_drainage
from console.simulation.generator.layout import make_plan
from console.simulation.generator.scale import SMALL
from console.simulation.generator.streets import Streets, make_streets

if TYPE_CHECKING:
    from console.simulation.generator.scale import Scale

DEPARTMENTS = {"1500": 15}


@dataclass(frozen=True)
class Ground:
    """Everything of a city that lies still."""

    areas: Areas
    streets: Streets
    drainage: Drainage


def build_ground(seed: int, scale: Scale = SMALL) -> Ground:
    rng = np.random.default_rng(seed)
    plan = make_plan(rng, scale)
    areas, streets = make_areas(rng, plan), make_streets(rng, plan)
    return Ground(areas, streets, make_drainage(rng, scale, areas, streets, DEPARTMENTS))


@pytest.fixture(scope="session")
def ground() -> Ground:
    return build_ground(seed=1)
