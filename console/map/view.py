"""What part of the world is on the screen, and how a place on one becomes a place on the other.

World coordinates are metres in EPSG:4546 (x east, y north); screen coordinates are device-independent pixels from
the upper left corner, y downwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

FINEST_METRES_PER_PIXEL = 0.01
COARSEST_METRES_PER_PIXEL = 2_000.0
HISTORY_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Extent:
    """A rectangle in metres, EPSG:4546.

    Raises:
        ValueError: a bound is not finite, or a minimum exceeds its maximum.
    """

    xmin: float
    ymin: float
    xmax: float
    ymax: float

    def __post_init__(self) -> None:
        if not all(isfinite(v) for v in (self.xmin, self.ymin, self.xmax, self.ymax)):
            raise ValueError(f"extent with a bound that is not finite: {self}")
        if self.xmin > self.xmax or self.ymin > self.ymax:
            raise ValueError(f"extent with a minimum above its maximum: {self}")

    @classmethod
    def spanning(cls, x0: float, y0: float, x1: float, y1: float) -> Self:
        """The extent with (x0, y0) and (x1, y1) at opposite corners, in whatever order."""
        return cls(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))

    @classmethod
    def of_points(cls, xy: NDArray[np.float64]) -> Self | None:
        """The smallest extent around points of shape (n, 2); None when there is none that is finite."""
        xy = xy[np.isfinite(xy).all(axis=1)]
        if not len(xy):
            return None
        (xmin, ymin), (xmax, ymax) = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
        return cls(xmin, ymin, xmax, ymax)

    @property
    def width(self) -> float:
        """Metres from west to east."""
        return self.xmax - self.xmin

    @property
    def height(self) -> float:
        """Metres from south to north."""
        return self.ymax - self.ymin

    @property
    def centre(self) -> tuple[float, float]:
        """The point in the middle."""
        return (self.xmin + self.xmax) / 2, (self.ymin + self.ymax) / 2

    def grown(self, metres: float) -> Self:
        """This extent with `metres` added on every side."""
        return type(self)(self.xmin - metres, self.ymin - metres, self.xmax + metres, self.ymax + metres)

    def united(self, other: Extent) -> Self:
        """The smallest extent that holds both."""
        return type(self)(
            min(self.xmin, other.xmin),
            min(self.ymin, other.ymin),
            max(self.xmax, other.xmax),
            max(self.ymax, other.ymax),
        )

    def contains(self, other: Extent) -> bool:
        """Whether `other` lies wholly inside, borders included."""
        return (
            self.xmin <= other.xmin and self.ymin <= other.ymin and self.xmax >= other.xmax and self.ymax >= other.ymax
        )

    def intersects(self, other: Extent) -> bool:
        """Whether the two share a point, borders included."""
        return (
            self.xmin <= other.xmax and self.xmax >= other.xmin and self.ymin <= other.ymax and self.ymax >= other.ymin
        )


@dataclass(frozen=True, slots=True)
class View:
    """A north-up window on the world: centre in metres, scale in metres per pixel, size in pixels."""

    x: float
    y: float
    metres_per_pixel: float
    width: int
    height: int

    @classmethod
    def of(cls, extent: Extent, width: int, height: int, margin_px: int = 0) -> Self:
        """The closest view of `width` by `height` pixels that shows all of `extent` inside a margin."""
        inner = max(width - 2 * margin_px, 1), max(height - 2 * margin_px, 1)
        scale = max(extent.width / inner[0], extent.height / inner[1])
        x, y = extent.centre
        return cls(x, y, _within_limits(scale), width, height)

    @property
    def extent(self) -> Extent:
        """What is seen."""
        half_width, half_height = self.width * self.metres_per_pixel / 2, self.height * self.metres_per_pixel / 2
        return Extent(self.x - half_width, self.y - half_height, self.x + half_width, self.y + half_height)

    def to_screen(self, x: float, y: float) -> tuple[float, float]:
        """Pixels of a place in metres."""
        scale = self.metres_per_pixel
        return (x - self.x) / scale + self.width / 2, (self.y - y) / scale + self.height / 2

    def to_world(self, px: float, py: float) -> tuple[float, float]:
        """Metres of a place in pixels."""
        scale = self.metres_per_pixel
        return self.x + (px - self.width / 2) * scale, self.y - (py - self.height / 2) * scale

    def x_to_screen(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Horizontal pixels of eastings."""
        return (x - self.x) * (1 / self.metres_per_pixel) + self.width / 2

    def y_to_screen(self, y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Vertical pixels of northings."""
        return (y - self.y) * (-1 / self.metres_per_pixel) + self.height / 2

    def points_to_screen(self, xy: ArrayLike) -> NDArray[np.float64]:
        """Pixels, shape (n, 2), of places in metres, shape (n, 2)."""
        places = np.asarray(xy, dtype=np.float64)
        return np.column_stack((self.x_to_screen(places[:, 0]), self.y_to_screen(places[:, 1])))

    def panned(self, dx_px: float, dy_px: float) -> Self:
        """The view after the map was dragged by so many pixels to the right and down."""
        return replace(self, x=self.x - dx_px * self.metres_per_pixel, y=self.y + dy_px * self.metres_per_pixel)

    def zoomed(self, factor: float, px: float | None = None, py: float | None = None) -> Self:
        """The view `factor` times closer, with the place under (px, py), by default the centre, staying there."""
        px = self.width / 2 if px is None else px
        py = self.height / 2 if py is None else py
        scale = _within_limits(self.metres_per_pixel / factor)
        x, y = self.to_world(px, py)
        return replace(
            self,
            x=x - (px - self.width / 2) * scale,
            y=y + (py - self.height / 2) * scale,
            metres_per_pixel=scale,
        )

    def centred(self, x: float, y: float, metres_per_pixel: float | None = None) -> Self:
        """The view around another place, at the same or another scale."""
        scale = self.metres_per_pixel if metres_per_pixel is None else _within_limits(metres_per_pixel)
        return replace(self, x=x, y=y, metres_per_pixel=scale)

    def resized(self, width: int, height: int) -> Self:
        """The same centre and scale in a window of another size."""
        return replace(self, width=width, height=height)

    def padded(self, margin_px: int) -> Self:
        """The same centre and scale with a margin on every side."""
        return self.resized(self.width + 2 * margin_px, self.height + 2 * margin_px)


class History:
    """The views a person has rested on, to go back and forward between."""

    def __init__(self) -> None:
        self._views: list[View] = []
        self._at = -1

    def add(self, view: View) -> None:
        """Remember `view` as the newest; what lay ahead is forgotten. The same place twice counts once."""
        if self._at >= 0 and _same_place(self._views[self._at], view):
            self._views[self._at] = view
            return
        del self._views[self._at + 1 :]
        self._views.append(view)
        del self._views[:-HISTORY_LIMIT]
        self._at = len(self._views) - 1

    def clear(self) -> None:
        """Forget all."""
        self._views.clear()
        self._at = -1

    @property
    def can_go_back(self) -> bool:
        """Whether there is an older view."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether a newer view was left by going back."""
        return self._at < len(self._views) - 1

    def back(self) -> View | None:
        """The view before, or None at the oldest."""
        if not self.can_go_back:
            return None
        self._at -= 1
        return self._views[self._at]

    def forward(self) -> View | None:
        """The view after, or None at the newest."""
        if not self.can_go_forward:
            return None
        self._at += 1
        return self._views[self._at]


def _same_place(one: View, other: View) -> bool:
    return (one.x, one.y, one.metres_per_pixel) == (other.x, other.y, other.metres_per_pixel)


def _within_limits(metres_per_pixel: float) -> float:
    return min(max(metres_per_pixel, FINEST_METRES_PER_PIXEL), COARSEST_METRES_PER_PIXEL)
