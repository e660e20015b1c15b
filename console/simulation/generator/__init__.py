"""Builds the demonstration city as tables of numpy and shapely arrays, deterministic for a given seed."""

from console.simulation.generator.city import Step
from console.simulation.generator.logins import DEMONSTRATION_PASSWORD, GATEWAY_LOGIN
from console.simulation.generator.seeding import is_empty, seed

__all__ = ["DEMONSTRATION_PASSWORD", "GATEWAY_LOGIN", "Step", "is_empty", "seed"]
