"""GCJ-02, the shifted coordinates of Chinese web maps. Nothing but the base map may know them (domain: coordinates)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Degrees = NDArray[np.float64]

_SEMI_MAJOR_M = 6_378_245.0
_ECCENTRICITY_2 = 0.00669342162296594323
_ROUNDS = 4
"""Each round of the inverse leaves about a thousandth of the error; four are below a millimetre."""


def to_gcj02(longitude: Degrees, latitude: Degrees) -> tuple[Degrees, Degrees]:
    """Shifted longitude and latitude in degrees of true ones (WGS-84 or CGCS2000), within China."""
    x, y = longitude - 105.0, latitude - 35.0
    pi = np.pi
    ripple = 20 * np.sin(6 * pi * x) + 20 * np.sin(2 * pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north = north + 2 / 3 * (
        ripple + 20 * np.sin(pi * y) + 40 * np.sin(pi * y / 3) + 160 * np.sin(pi * y / 12) + 320 * np.sin(pi * y / 30)
    )
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east = east + 2 / 3 * (
        ripple + 20 * np.sin(pi * x) + 40 * np.sin(pi * x / 3) + 150 * np.sin(pi * x / 12) + 300 * np.sin(pi * x / 30)
    )
    phi = np.radians(latitude)
    m = 1 - _ECCENTRICITY_2 * np.sin(phi) ** 2
    meridian = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_2) / (m * np.sqrt(m))
    parallel = _SEMI_MAJOR_M / np.sqrt(m) * np.cos(phi)
    return longitude + np.degrees(east / parallel), latitude + np.degrees(north / meridian)


def from_gcj02(longitude: Degrees, latitude: Degrees) -> tuple[Degrees, Degrees]:
    """True longitude and latitude in degrees of shifted ones, by iteration."""
    true_longitude, true_latitude = longitude, latitude
    for _ in range(_ROUNDS):
        shifted_longitude, shifted_latitude = to_gcj02(true_longitude, true_latitude)
        true_longitude = true_longitude + (longitude - shifted_longitude)
        true_latitude = true_latitude + (latitude - shifted_latitude)
    return true_longitude, true_latitude
