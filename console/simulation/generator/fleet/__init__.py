"""The muck trucks (渣土车) of the demonstration city: permits, schedule, positions, trips and mileage."""

from console.simulation.generator.fleet.fleet import Fleet, generate_fleet
from console.simulation.generator.fleet.paths import plan_routes

__all__ = ["Fleet", "generate_fleet", "plan_routes"]
