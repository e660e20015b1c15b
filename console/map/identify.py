"""What lies under the pointer or inside a rectangle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from console.map.features import Features, GeometryKind
from console.map.painting import is_clustered
from console.map.symbols import cluster_radius_px

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.map.cache import Sheet
    from console.map.thinning import Cluster
    from console.map.view import Extent, View

TOLERANCE_PX = 7.0
HITS_AT_MOST = 50
SAME_PLACE_PX = 3.0


@dataclass(frozen=True, eq=False)
class Hit:
    """A feature that was found.

    Attributes:
        layer_key: its layer.
        id: its id in the layer, a number or a code.
        distance_px: pixels from the pointer, 0 inside a polygon or for a rectangle.
        features: the features it was found among.
        index: its place there.
    """

    layer_key: str
    id: int | str
    distance_px: float
    features: Features
    index: int


class RepeatedClick:
    """A click at the same place as the one before goes on to the next of what is there."""

    def __init__(self) -> None:
        self._at: tuple[float, float] | None = None
        self._keys: list[tuple[str, int | str]] = []
        self._turn = 0

    def turned(self, hits: list[Hit], px: float, py: float) -> list[Hit]:
        """`hits` with the one that this click chooses moved to the front."""
        keys = [(hit.layer_key, hit.id) for hit in hits]
        is_same = self._at is not None and abs(self._at[0] - px) + abs(self._at[1] - py) <= SAME_PLACE_PX
        self._turn = (self._turn + 1) % max(len(hits), 1) if is_same and keys == self._keys else 0
        self._at, self._keys = (px, py), keys
        return hits[self._turn :] + hits[: self._turn]


def hits_at(sheets: Iterable[Sheet], view: View, px: float, py: float, tolerance_px: float = TOLERANCE_PX) -> list[Hit]:
    """Features of visible layers within a few pixels, nearest first.

    Areas come after points and lines, which would otherwise never be reached; at the same distance the upper layer
    comes first.
    """
    x, y = view.to_world(px, py)
    found: list[tuple[bool, float, int, Hit]] = []
    for depth, (sheet, features) in enumerate(reversed(_seen(sheets, view))):
        distances = features.distances(x, y, tolerance_px * view.metres_per_pixel) / view.metres_per_pixel
        near = np.flatnonzero(np.isfinite(distances))
        near = near[np.argsort(distances[near], kind="stable")][:HITS_AT_MOST]
        is_area = features.kind is GeometryKind.POLYGON
        found.extend(
            (is_area, distance, depth, Hit(sheet.layer.key, features.ids[index].item(), distance, features, index))
            for index, distance in zip(near.tolist(), distances[near].tolist(), strict=True)
        )
    found.sort(key=lambda entry: entry[:3])
    return [hit for *_, hit in found[:HITS_AT_MOST]]


def hits_in(sheets: Iterable[Sheet], view: View, extent: Extent) -> list[Hit]:
    """Features of visible layers that meet a rectangle, upper layers first."""
    return [
        Hit(sheet.layer.key, features.ids[index].item(), 0.0, features, index)
        for sheet, features in reversed(_seen(sheets, view))
        for index in np.flatnonzero(features.meeting(extent)).tolist()
    ]


def cluster_at(sheets: Iterable[Sheet], view: View, px: float, py: float) -> Cluster | None:
    """The cluster sign under the pointer."""
    for sheet in sheets:
        if not (is_clustered(sheet.layer.style, view) and sheet.layer.is_seen(view.metres_per_pixel)):
            continue
        prepared = sheet.store.best(view)
        if prepared is None:
            continue
        for cluster in prepared.clusters:
            x, y = view.to_screen(cluster.x, cluster.y)
            if np.hypot(x - px, y - py) <= cluster_radius_px(cluster.count) + 2:
                return cluster
    return None


def _seen(sheets: Iterable[Sheet], view: View) -> list[tuple[Sheet, Features]]:
    found = []
    for sheet in sheets:
        if sheet.layer.identifiable and sheet.layer.is_seen(view.metres_per_pixel):
            prepared = sheet.store.best(view)
            if prepared is not None and len(prepared.features):
                found.append((sheet, prepared.features))
    return found
