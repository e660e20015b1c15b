"""Builds the demonstration city as tables of numpy and shapely arrays, deterministic for a given seed.

What makes a city takes long to import and is needed once: `seed` and `Step` are imported when they are asked for.
"""

from typing import TYPE_CHECKING, Any

from console.models.demonstration import DEMONSTRATION_PASSWORD, GATEWAY_LOGIN
from console.simulation.generator.emptiness import is_empty

if TYPE_CHECKING:
    from console.simulation.generator.city import Step
    from console.simulation.generator.seeding import seed

__all__ = ["DEMONSTRATION_PASSWORD", "GATEWAY_LOGIN", "Step", "is_empty", "seed"]


def __getattr__(name: str) -> Any:
    if name in {"Step", "seed"}:
        from console.simulation.generator import seeding  # noqa: PLC0415 - see above

        return getattr(seeding, name)
    raise AttributeError(name)
