"""Positions of trucks as judges take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EMPTY, HALF, FULL = 0, 1, 2
"""Loads of `Fixes`, in the order of ``city.load_state``."""
RECEIVER_BITS = 0b111 << 4
"""Alarm bits 4 to 6 of JT/T 808: receiver broken, antenna open, antenna short."""


@dataclass
class Fixes:
    """Positions as parallel arrays.

    Attributes:
        vehicle_id: the truck.
        at: seconds since 1970.
        x, y: EPSG:4546 metres.
        speed_kmh, heading: km/h, degrees clockwise from north.
        load: `EMPTY`, `HALF` or `FULL`.
        lid_closed, ignition: as the terminal says.
        alarm_bits: of JT/T 808.
    """

    vehicle_id: NDArray[np.int64]
    at: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    speed_kmh: NDArray[np.float64]
    heading: NDArray[np.float64]
    load: NDArray[np.int8]
    lid_closed: NDArray[np.bool_]
    ignition: NDArray[np.bool_]
    alarm_bits: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.at)

    def take(self, rows: NDArray[Any]) -> Fixes:
        """Those positions alone."""
        return Fixes(**{name: column[rows] for name, column in vars(self).items()})
