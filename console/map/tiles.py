"""Tile grids of web maps: which tiles a view needs and where their corners lie in EPSG:4546."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from math import atan, cos, degrees, floor, log, log2, pi, radians, sinh, tan
from typing import TYPE_CHECKING

import numpy as np
from pyproj import Transformer

from console.map.gcj02 import from_gcj02, to_gcj02

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.map.view import Extent, View

TILE_PX = 256
EQUATOR_M = 40_075_016.686
TILES_AT_MOST = 400


class TileGrid(Enum):
    """How the earth is cut into tiles.

    ``w`` is spherical Mercator (EPSG:3857), one tile at level 0; ``c`` is longitude and latitude (EPSG:4490), from
    -180, 90, two tiles side by side at level 1 (Tianditu's names).
    """

    MERCATOR = "w"
    GEOGRAPHIC = "c"

    def place(self, longitude: float, latitude: float, level: int) -> tuple[float, float]:
        """Column and row, with fractions, of a place in degrees."""
        number = 2.0**level
        column = (longitude + 180) / 360 * number
        if self is TileGrid.GEOGRAPHIC:
            return column, (90 - latitude) / 360 * number
        phi = radians(latitude)
        return column, (1 - log(tan(phi) + 1 / cos(phi)) / pi) / 2 * number

    def corner(self, column: int, row: int, level: int) -> tuple[float, float]:
        """Longitude and latitude of the upper left corner of a tile, in degrees."""
        number = 2.0**level
        longitude = column / number * 360 - 180
        if self is TileGrid.GEOGRAPHIC:
            return longitude, 90 - row / number * 360
        return longitude, degrees(atan(sinh(pi * (1 - 2 * row / number))))


@dataclass(frozen=True, order=True)
class Tile:
    """One tile, row 0 in the north."""

    level: int
    column: int
    row: int

    @property
    def parent(self) -> Tile:
        """The tile that covers this one at the level before."""
        return Tile(self.level - 1, self.column // 2, self.row // 2)


@dataclass(frozen=True)
class TileFrame:
    """Places tiles in EPSG:4546.

    Attributes:
        grid: how tiles are cut.
        min_level: the coarsest there is.
        max_level: the finest there is.
        gcj02: whether the tiles are shifted (Amap, Tencent) and have to be shifted back.
    """

    grid: TileGrid = TileGrid.MERCATOR
    min_level: int = 0
    max_level: int = 18
    gcj02: bool = False

    def level_for(self, view: View, device_pixel_ratio: float = 1.0) -> int:
        """The level whose pixels are closest to those of the screen."""
        _, latitude = self._degrees(np.array([[view.x, view.y]]))[0].tolist()
        squeeze = cos(radians(latitude)) if self.grid is TileGrid.MERCATOR else 1.0
        metres_per_pixel = view.metres_per_pixel / device_pixel_ratio
        wanted = round(log2(EQUATOR_M * squeeze / TILE_PX / metres_per_pixel))
        return min(max(wanted, self.min_level), self.max_level)

    def tiles(self, extent: Extent, level: int) -> list[Tile]:
        """The tiles that meet `extent`; none when there would be more than `TILES_AT_MOST`."""
        share = np.linspace(0, 1, 5)
        x, y = extent.xmin + share * extent.width, extent.ymin + share * extent.height
        border = np.array([(a, b) for a in x for b in y])
        places = np.array([self.grid.place(lon, lat, level) for lon, lat in self._degrees(border).tolist()])
        (left, top), (right, bottom) = np.floor(places.min(axis=0)), np.floor(places.max(axis=0))
        if (right - left + 1) * (bottom - top + 1) > TILES_AT_MOST:
            return []
        return [
            Tile(level, column, row)
            for row in range(floor(top), floor(bottom) + 1)
            for column in range(floor(left), floor(right) + 1)
        ]

    def corners(self, tiles: list[Tile]) -> NDArray[np.float64]:
        """Metres of the upper left, upper right and lower left corner of each tile, shape (n, 3, 2)."""
        places = np.array(
            [
                self.grid.corner(tile.column + right, tile.row + down, tile.level)
                for tile in tiles
                for right, down in ((0, 0), (1, 0), (0, 1))
            ]
        )
        longitude, latitude = places[:, 0], places[:, 1]
        if self.gcj02:
            longitude, latitude = from_gcj02(longitude, latitude)
        x, y = _to_plane().transform(longitude, latitude)
        return np.column_stack((x, y)).reshape(-1, 3, 2)

    def middle(self, view: View, level: int) -> tuple[float, float]:
        """Column and row, with fractions, of the middle of `view`."""
        longitude, latitude = self._degrees(np.array([[view.x, view.y]]))[0].tolist()
        return self.grid.place(longitude, latitude, level)

    def _degrees(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Longitude and latitude in the tiles' own system of places in metres, shape (n, 2)."""
        longitude, latitude = _to_plane().transform(xy[:, 0], xy[:, 1], direction="INVERSE")
        if self.gcj02:
            longitude, latitude = to_gcj02(longitude, latitude)
        return np.column_stack((longitude, latitude))


@cache
def _to_plane() -> Transformer:
    return Transformer.from_crs("EPSG:4490", "EPSG:4546", always_xy=True)
