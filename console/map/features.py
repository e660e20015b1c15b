"""Features of one layer as numpy arrays, so that thousands are culled, thinned and painted at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import shapely

from console.map.view import Extent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    Geometries = Sequence[shapely.Geometry | None] | NDArray[Any]


class GeometryKind(Enum):
    """What the parts of a feature are."""

    POINT = "point"
    LINE = "line"
    POLYGON = "polygon"


@dataclass(frozen=True, eq=False)
class Features:
    """Features of one kind with ragged geometry, metres in EPSG:4546.

    Attributes:
        kind: points, lines or polygons (the parts of a polygon are its rings, closed, holes turning the other way).
        ids: one id a feature, shape (n,): int64 or text.
        xy: all vertices, shape (m, 2).
        parts: where each part begins in `xy`, and its end last, shape (p + 1,).
        owners: index of the feature that each part belongs to, ascending, shape (p,).
        attributes: further arrays of shape (n,), by name.
    """

    kind: GeometryKind
    ids: NDArray[Any]
    xy: NDArray[np.float64]
    parts: NDArray[np.int64]
    owners: NDArray[np.int64]
    attributes: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.parts) != len(self.owners) + 1 or self.parts[-1] != len(self.xy):
            raise ValueError("parts, owners and vertices do not fit together")
        for name, values in self.attributes.items():
            if len(values) != len(self.ids):
                raise ValueError(f"attribute {name} has {len(values)} values for {len(self.ids)} features")

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def empty(cls, kind: GeometryKind) -> Self:
        """No feature at all."""
        return cls(
            kind,
            np.empty(0, np.int64),
            np.empty((0, 2)),
            np.zeros(1, np.int64),
            np.empty(0, np.int64),
        )

    @classmethod
    def from_xy(
        cls, ids: ArrayLike, x: ArrayLike, y: ArrayLike, attributes: Mapping[str, ArrayLike] | None = None
    ) -> Self:
        """Points from their eastings and northings; one that is not finite is kept but never seen."""
        xy = np.column_stack((np.asarray(x, np.float64), np.asarray(y, np.float64)))
        count = len(xy)
        return cls(GeometryKind.POINT, np.asarray(ids), xy, np.arange(count + 1), np.arange(count), _arrays(attributes))

    @classmethod
    def from_shapely(
        cls,
        ids: ArrayLike,
        geometries: Geometries,
        attributes: Mapping[str, ArrayLike] | None = None,
        kind: GeometryKind | None = None,
    ) -> Self:
        """Features from shapely geometries, multi-part ones included; a missing or empty one has no part.

        Args:
            ids: one id a geometry.
            geometries: of one kind, in EPSG:4546.
            attributes: further values, one a geometry.
            kind: what they are; needed only when every geometry may be missing.

        Raises:
            ValueError: kinds are mixed, or there is nothing to tell the kind from.
        """
        pieces, owners = shapely.get_parts(np.asarray(geometries, dtype=object), return_index=True)
        full = ~shapely.is_empty(pieces)
        pieces, owners = pieces[full], owners[full]
        found = {_KIND_OF_DIMENSION[d] for d in set(shapely.get_dimensions(pieces).tolist())}
        if kind is not None:
            found.add(kind)
        if len(found) != 1:
            raise ValueError(f"features of one kind wanted, got {sorted(k.value for k in found) or 'none'}")
        (kind,) = found
        if kind is GeometryKind.POLYGON:
            # Borders one way round, holes the other: painting then needs no other mark of what is a hole.
            pieces, polygon = shapely.get_rings(shapely.orient_polygons(pieces), return_index=True)
            owners = owners[polygon]
        xy, part = shapely.get_coordinates(pieces, return_index=True)
        parts = np.concatenate(([0], np.cumsum(np.bincount(part, minlength=len(pieces))))).astype(np.int64)
        return cls(kind, np.asarray(ids), xy, parts, owners.astype(np.int64), _arrays(attributes))

    @cached_property
    def part_bounds(self) -> NDArray[np.float64]:
        """(xmin, ymin, xmax, ymax) of each part, shape (p, 4)."""
        if not len(self.owners):
            return np.empty((0, 4))
        starts = self.parts[:-1]
        return np.column_stack((np.minimum.reduceat(self.xy, starts), np.maximum.reduceat(self.xy, starts)))

    @cached_property
    def bounds(self) -> NDArray[np.float64]:
        """(xmin, ymin, xmax, ymax) of each feature, shape (n, 4); not a number for one without geometry."""
        bounds = np.full((len(self), 4), np.nan)
        if len(self.owners):
            first = np.flatnonzero(np.diff(self.owners, prepend=-1))
            owners = self.owners[first]
            bounds[owners, :2] = np.minimum.reduceat(self.part_bounds[:, :2], first)
            bounds[owners, 2:] = np.maximum.reduceat(self.part_bounds[:, 2:], first)
        return bounds

    @property
    def segments(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Begin and end, shape (s, 2) each, and part of every straight piece of lines and borders."""
        part = np.repeat(np.arange(len(self.owners)), np.diff(self.parts))
        joined = part[1:] == part[:-1]
        return self.xy[:-1][joined], self.xy[1:][joined], part[1:][joined]

    @property
    def extent(self) -> Extent | None:
        """The smallest extent around all; None when nothing has a place."""
        return Extent.of_points(self.xy)

    def touching(self, extent: Extent) -> NDArray[np.bool_]:
        """Which features have bounds that meet `extent`, shape (n,)."""
        bounds = self.bounds
        # Comparisons with "not a number" are false: what has no place touches nothing.
        return (
            (bounds[:, 0] <= extent.xmax)
            & (bounds[:, 2] >= extent.xmin)
            & (bounds[:, 1] <= extent.ymax)
            & (bounds[:, 3] >= extent.ymin)
        )

    def subset(self, keep: NDArray[np.bool_]) -> Features:
        """The features where `keep`, shape (n,), is true."""
        kept_parts = keep[self.owners]
        lengths = np.diff(self.parts)
        renumbered = np.cumsum(keep) - 1
        return Features(
            self.kind,
            self.ids[keep],
            self.xy[np.repeat(kept_parts, lengths)],
            np.concatenate(([0], np.cumsum(lengths[kept_parts]))).astype(np.int64),
            renumbered[self.owners[kept_parts]].astype(np.int64),
            {name: values[keep] for name, values in self.attributes.items()},
        )

    def with_ids(self, ids: ArrayLike) -> Features:
        """The features whose id is among `ids`."""
        wanted = np.asarray(ids)
        if not wanted.size:
            return self.subset(np.zeros(len(self), np.bool_))
        return self.subset(np.isin(self.ids, wanted))

    def distances(self, x: float, y: float, within: float) -> NDArray[np.float64]:
        """Metres from (x, y) to each feature, shape (n,); 0 inside a polygon, infinite where farther than `within`."""
        found = np.full(len(self), np.inf)
        near = self.touching(Extent(x, y, x, y).grown(within))
        if not near.any():
            return found
        close = self.subset(near)
        place = np.array((x, y))
        distances = (
            np.hypot(*(close.xy - place).T) if self.kind is GeometryKind.POINT else _part_distances(close, place)
        )
        nearest = np.full(len(close), np.inf)
        np.minimum.at(nearest, close.owners, distances)
        if self.kind is GeometryKind.POLYGON:
            nearest[_inside(close, x, y)] = 0.0
        nearest[nearest > within] = np.inf
        found[near] = nearest
        return found

    def meeting(self, extent: Extent) -> NDArray[np.bool_]:
        """Which features truly meet `extent` (not their bounds alone), shape (n,)."""
        near = self.touching(extent)
        if self.kind is GeometryKind.POINT or not near.any():
            return near
        box = shapely.box(extent.xmin, extent.ymin, extent.xmax, extent.ymax)
        near[near] = shapely.intersects(self.subset(near).to_shapely(), box)
        return near

    def to_shapely(self) -> NDArray[Any]:
        """Geometries, shape (n,): points, multi-lines or multi-polygons; None where there is no part."""
        result = np.full(len(self), None, dtype=object)
        if not len(self.owners):
            return result
        owners, first = np.unique(self.owners, return_index=True)
        if self.kind is GeometryKind.POINT:
            result[owners] = shapely.points(self.xy[self.parts[first]])
            return result
        part = np.repeat(np.arange(len(self.owners)), np.diff(self.parts))
        if self.kind is GeometryKind.LINE:
            lines = np.asarray(shapely.linestrings(self.xy, indices=part))
            result[owners] = np.asarray(shapely.multilinestrings(lines, indices=self.owners))[owners]
            return result
        rings = np.asarray(shapely.linestrings(self.xy, indices=part))
        for owner, of_owner in zip(owners.tolist(), np.split(rings, first[1:]), strict=True):
            # Rings do not say which of them are holes: the odd-even rule does.
            result[owner] = shapely.build_area(shapely.multilinestrings(of_owner))
        return result


_KIND_OF_DIMENSION = {0: GeometryKind.POINT, 1: GeometryKind.LINE, 2: GeometryKind.POLYGON}


def _arrays(attributes: Mapping[str, ArrayLike] | None) -> dict[str, NDArray[Any]]:
    return {name: np.asarray(values) for name, values in (attributes or {}).items()}


def _part_distances(features: Features, place: NDArray[np.float64]) -> NDArray[np.float64]:
    begin, end, part = features.segments
    along = end - begin
    length2 = np.einsum("ij,ij->i", along, along)
    share = np.einsum("ij,ij->i", place - begin, along) / np.where(length2 > 0, length2, 1.0)
    foot = begin + np.clip(share, 0.0, 1.0)[:, None] * along
    distances = np.full(len(features.owners), np.inf)
    np.minimum.at(distances, part, np.hypot(*(foot - place).T))
    return distances


def _inside(features: Features, x: float, y: float) -> NDArray[np.bool_]:
    """Odd-even rule: a point is inside when a ray to the east crosses the rings an odd number of times."""
    begin, end, part = features.segments
    spans = (begin[:, 1] > y) != (end[:, 1] > y)
    begin, end, part = begin[spans], end[spans], part[spans]
    crossing = begin[:, 0] + (y - begin[:, 1]) / (end[:, 1] - begin[:, 1]) * (end[:, 0] - begin[:, 0]) > x
    counts = np.bincount(features.owners[part[crossing]], minlength=len(features))
    return np.asarray(counts % 2 == 1)
