"""What a layer's features become before they are painted: sorted by pen, thinned to what the scale can tell apart.

Runs off the GUI thread, on arrays alone. The cost of painting is bounded here by pixels instead of features.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from console.map.features import Features, GeometryKind
from console.map.labels import LabelCandidates, candidates
from console.map.style import ClusterRule, LineStyle, PointStyle, PolygonStyle, Style
from console.map.view import Extent

if TYPE_CHECKING:
    from numpy.typing import NDArray

DENSE_SEGMENTS = 20_000
"""From so many segments on, those that fall on the same pixels are painted once."""
DENSE_POINTS = 20_000
ARROW_EVERY_PX = 90
ARROW_LEAST_PX = 36


@dataclass(frozen=True, eq=False)
class LineBatch:
    """Lines of one pen: vertices in metres, part p being ``xy[parts[p]:parts[p + 1]]``.

    Attributes:
        category: value of the style's attribute; empty without one.
        value: what the width depends on; not a number without a width rule.
        owners: index of the feature of each part; for lines that were thinned, any number.
    """

    category: str
    value: float
    xy: NDArray[np.float64]
    parts: NDArray[np.int64]
    owners: NDArray[np.int64]

    @cached_property
    def bounds(self) -> NDArray[np.float64]:
        """(xmin, ymin, xmax, ymax) of each part, shape (p, 4)."""
        starts = self.parts[:-1]
        return np.column_stack((np.minimum.reduceat(self.xy, starts), np.maximum.reduceat(self.xy, starts)))


@dataclass(frozen=True, eq=False)
class PointBatch:
    """Points of one symbol: places in metres, shape (n, 2), and headings in degrees where the style has them."""

    category: str
    xy: NDArray[np.float64]
    headings: NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False)
class Cluster:
    """Several points shown as one sign: middle in metres, number, the worst category inside, corners of its extent."""

    x: float
    y: float
    count: int
    category: str
    corners: tuple[float, float, float, float]

    @property
    def extent(self) -> Extent:
        """The smallest extent around the points."""
        return Extent(*self.corners)


@dataclass(frozen=True, eq=False)
class Prepared:
    """A layer's features ready for painting at scales from `metres_per_pixel` to twice that.

    Attributes:
        features: all that the source gave, for identifying.
        extent: what was asked for; None for live features, which are all there is.
        metres_per_pixel: the finest scale it was thinned for.
        lines: lines, and outlines of polygons.
        fills: rings of polygons by category.
        points: points, each shown alone.
        arrows: where lines show their direction.
        clusters: points that fall together; empty when none do.
        singles: the points that stay alone beside the clusters.
        labels: texts, not placed yet.
    """

    features: Features
    extent: Extent | None
    metres_per_pixel: float
    lines: tuple[LineBatch, ...] = ()
    fills: tuple[LineBatch, ...] = ()
    points: tuple[PointBatch, ...] = ()
    arrows: tuple[PointBatch, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    singles: tuple[PointBatch, ...] = ()
    labels: LabelCandidates | None = None

    @cached_property
    def cluster_places(self) -> NDArray[np.float64]:
        """Middles of the clusters, metres, shape (n, 2)."""
        return np.array([(cluster.x, cluster.y) for cluster in self.clusters]).reshape(-1, 2)


def prepare(features: Features, style: Style, extent: Extent | None, metres_per_pixel: float) -> Prepared:
    """Sort and thin `features` for painting with `style` at scales from `metres_per_pixel` to twice that.

    Raises:
        ValueError: the style is not for features of this kind.
    """
    labels = candidates(features, style.label, extent, metres_per_pixel)
    match style, features.kind:
        case PointStyle(), GeometryKind.POINT:
            points = _point_batches(features, style, metres_per_pixel)
            clusters, alone = _clusters(features, style, metres_per_pixel)
            singles = _point_batches(features.subset(alone), style, metres_per_pixel) if clusters else points
            return Prepared(
                features, extent, metres_per_pixel, points=points, clusters=clusters, singles=singles, labels=labels
            )
        case LineStyle(), GeometryKind.LINE:
            lines = _line_batches(features, style, metres_per_pixel)
            arrows = _arrows(features, style, metres_per_pixel)
            return Prepared(features, extent, metres_per_pixel, lines=lines, arrows=arrows, labels=labels)
        case PolygonStyle(), GeometryKind.POLYGON:
            categories = _values(features, style.attribute)
            order = list(style.fills)
            fills = () if style.fill is None and not style.fills else _batches(features, categories, None, order)
            lines = ()
            if style.outline is not None:
                borders = _borders(features) if style.outline.dash_px else features
                lines = _batches(borders, _values(borders, None), None, [])
                lines = tuple(_thinned(batch, metres_per_pixel, unique=not style.outline.dash_px) for batch in lines)
            fills = tuple(_thinned(batch, metres_per_pixel, unique=False) for batch in fills)
            return Prepared(features, extent, metres_per_pixel, lines=lines, fills=fills, labels=labels)
        case _:
            raise ValueError(f"a {type(style).__name__} cannot draw features of kind {features.kind.value}")


def _values(features: Features, attribute: str | None) -> NDArray[np.str_]:
    if attribute is None:
        return np.full(len(features), "", dtype=np.str_)
    return features.attributes[attribute].astype(np.str_)


def _borders(features: Features) -> Features:
    """Borders, each once: the dashes of two neighbours would fill each other's gaps."""
    rings = shapely.get_parts(shapely.boundary(features.to_shapely()))
    lines = shapely.get_parts(shapely.line_merge(shapely.union_all(rings)))
    return Features.from_shapely(np.arange(len(lines)), lines, kind=GeometryKind.LINE)


def _ranks(values: NDArray[np.str_], order: list[str]) -> NDArray[np.int64]:
    """Place of each value in `order`, from 1; 0 for one that is not in it."""
    ranks = np.zeros(len(values), np.int64)
    for place, name in enumerate(order, start=1):
        ranks[values == name] = place
    return ranks


def _line_batches(features: Features, style: LineStyle, metres_per_pixel: float) -> tuple[LineBatch, ...]:
    values = None if style.width is None else features.attributes[style.width.attribute].astype(np.float64)
    batches = _batches(features, _values(features, style.attribute), values, list(style.strokes))
    return tuple(_thinned(batch, metres_per_pixel, unique=True) for batch in batches)


def _batches(
    features: Features, categories: NDArray[np.str_], values: NDArray[np.float64] | None, order: list[str]
) -> tuple[LineBatch, ...]:
    """The parts of `features` grouped by category and width value, thin ones first."""
    if not len(features.owners):
        return ()
    rank = _ranks(categories, order)[features.owners]
    value = np.zeros(len(features.owners)) if values is None else values[features.owners]
    sequence = np.lexsort((value, rank))
    keys = np.column_stack((rank, value))[sequence]
    cuts = np.flatnonzero((keys[1:] != keys[:-1]).any(axis=1)) + 1
    lengths = np.diff(features.parts)
    batches = []
    for group in np.split(sequence, cuts):
        counts = lengths[group]
        ends = np.cumsum(counts)
        vertices = np.repeat(features.parts[:-1][group] - (ends - counts), counts) + np.arange(ends[-1])
        first = features.owners[group[0]]
        batches.append(
            LineBatch(
                str(categories[first]),
                float("nan") if values is None else float(values[first]),
                features.xy[vertices],
                np.concatenate(([0], ends)).astype(np.int64),
                features.owners[group],
            )
        )
    return tuple(batches)


def _thinned(batch: LineBatch, metres_per_pixel: float, *, unique: bool) -> LineBatch:
    """Without vertices that fall on the half pixel of the one before; dense lines without repeated segments."""
    cell = np.floor(batch.xy * (2 / metres_per_pixel)).astype(np.int64)
    keep = np.ones(len(cell), np.bool_)
    keep[1:] = (cell[1:] != cell[:-1]).any(axis=1)
    keep[batch.parts[:-1]] = True
    keep[batch.parts[1:] - 1] = True
    kept_before = np.concatenate(([0], np.cumsum(keep)))
    parts = kept_before[batch.parts]
    xy = batch.xy[keep]
    if not unique or len(xy) - len(parts) + 1 < DENSE_SEGMENTS:
        return LineBatch(batch.category, batch.value, xy, parts, batch.owners)
    joined = np.ones(len(xy) - 1, np.bool_)
    joined[parts[1:-1] - 1] = False
    begin, end = xy[:-1][joined], xy[1:][joined]
    cells = np.rint(np.column_stack((begin, end)) / metres_per_pixel).astype(np.int64)
    swapped = (cells[:, 0] > cells[:, 2]) | ((cells[:, 0] == cells[:, 2]) & (cells[:, 1] > cells[:, 3]))
    cells[swapped] = cells[swapped][:, [2, 3, 0, 1]]
    long_enough = (cells[:, :2] != cells[:, 2:]).any(axis=1)
    _, first = np.unique(_codes(cells[long_enough]), return_index=True)
    chosen = np.flatnonzero(long_enough)[np.sort(first)]
    pairs = np.empty((2 * len(chosen), 2))
    pairs[0::2], pairs[1::2] = begin[chosen], end[chosen]
    return LineBatch(
        batch.category, batch.value, pairs, np.arange(0, len(pairs) + 1, 2), np.zeros(len(chosen), np.int64)
    )


def _codes(cells: NDArray[np.int64]) -> NDArray[Any]:
    """One comparable value a row."""
    return np.ascontiguousarray(cells).view([("", cells.dtype)] * cells.shape[1]).ravel()


def _arrows(features: Features, style: LineStyle, metres_per_pixel: float) -> tuple[PointBatch, ...]:
    """Arrows in the middle of segments that are long enough on the screen, more than one on long ones."""
    if metres_per_pixel > style.arrows_max_metres_per_pixel or not len(features.owners):
        return ()
    part = np.repeat(np.arange(len(features.owners)), np.diff(features.parts))
    joined = part[1:] == part[:-1]
    begin, end, part = features.xy[:-1][joined], features.xy[1:][joined], part[1:][joined]
    along = end - begin
    length_px = np.hypot(*along.T) / metres_per_pixel
    shown = length_px >= ARROW_LEAST_PX
    begin, along, part, length_px = begin[shown], along[shown], part[shown], length_px[shown]
    number = np.maximum(length_px // ARROW_EVERY_PX, 1).astype(np.int64)
    segment = np.repeat(np.arange(len(number)), number)
    position = np.arange(len(segment)) - np.repeat(np.cumsum(number) - number, number)
    share = (position + 0.5) / number[segment]
    xy = begin[segment] + share[:, None] * along[segment]
    heading = np.degrees(np.arctan2(along[segment, 0], along[segment, 1])) % 360
    category = _values(features, style.attribute)[features.owners[part[segment]]]
    return tuple(
        PointBatch(name, xy[category == name], heading[category == name]) for name in np.unique(category).tolist()
    )


def _point_batches(features: Features, style: PointStyle, metres_per_pixel: float) -> tuple[PointBatch, ...]:
    values = _values(features, style.attribute)
    shown = np.isfinite(features.xy).all(axis=1)
    rank = _ranks(values, list(style.symbols))
    headings = None
    if style.heading_attribute is not None:
        # One that is not known points north.
        headings = np.nan_to_num(features.attributes[style.heading_attribute].astype(np.float64))
    batches = []
    for place in np.flatnonzero(np.bincount(rank[shown])).tolist():
        chosen = np.flatnonzero(shown & (rank == place))
        if len(chosen) > DENSE_POINTS:
            cells = np.floor(features.xy[chosen] / (2 * metres_per_pixel)).astype(np.int64)
            chosen = chosen[np.unique(_codes(cells), return_index=True)[1]]
        batches.append(
            PointBatch(
                str(values[chosen[0]]),
                features.xy[chosen],
                None if headings is None else headings[chosen],
            )
        )
    return tuple(batches)


def _clusters(
    features: Features, style: PointStyle, metres_per_pixel: float
) -> tuple[tuple[Cluster, ...], NDArray[np.bool_]]:
    """Clusters for the scale, and which features stay alone."""
    alone = np.ones(len(features), np.bool_)
    rule = style.cluster
    # Twice the level is the coarsest scale that this answer is shown at.
    if rule is None or 2 * metres_per_pixel < rule.min_metres_per_pixel or len(features) < 2:
        return (), alone
    groups = _fallen_together(features.xy, rule.distance_px * metres_per_pixel * 1.4)
    values = _values(features, style.attribute)
    # All groups at once: a picture of many clusters is made anew with each change of a live layer.
    order = np.argsort(groups, kind="stable")
    begins = np.flatnonzero(np.diff(groups[order], prepend=groups[order[0]] - 1))
    counts = np.diff(begins, append=len(order))
    together = (counts >= 2) & (groups[order[begins]] >= 0)
    alone[order[np.repeat(together, counts)]] = False
    places = features.xy[order]
    middles = np.add.reduceat(places, begins) / counts[:, None]
    corners = np.column_stack((np.minimum.reduceat(places, begins), np.maximum.reduceat(places, begins)))
    worst = _worst(values[order], begins, rule)
    shown = np.flatnonzero(together)
    return tuple(
        Cluster(x, y, count, category, tuple(corner))
        for (x, y), count, category, corner in zip(
            middles[shown].tolist(), counts[shown].tolist(), worst[shown].tolist(), corners[shown].tolist(), strict=True
        )
    ), alone


def _worst(values: NDArray[np.str_], begins: NDArray[np.int64], rule: ClusterRule) -> NDArray[np.str_]:
    """The worst value of each group, where one group ends and the next begins; of a group without any its first."""
    rank = np.full(len(values), len(rule.severity))
    for place, value in enumerate(rule.severity):
        rank[values == value] = place
    least = np.minimum.reduceat(rank, begins)
    named = np.array([*rule.severity, ""])
    return np.where(least < len(rule.severity), named[least], values[begins])


def _fallen_together(xy: NDArray[np.float64], distance: float) -> NDArray[np.int64]:
    """Group of each point, shape (n,); -1 for one without a place.

    Cells of a grid that is fixed to the world, so that panning regroups nothing; then neighbouring cells whose
    middles are closer than `distance` are merged, fullest first.
    """
    groups = np.full(len(xy), -1, np.int64)
    placed = np.isfinite(xy).all(axis=1)
    if not placed.any():
        return groups
    cells = np.floor(xy[placed] / distance).astype(np.int64)
    # Numbered from 1, with a column to spare: neighbours are found by adding to the number of a cell.
    cells -= cells.min(axis=0) - 1
    wide = int(cells[:, 1].max()) + 2
    numbers, cell, counts = np.unique(cells[:, 0] * wide + cells[:, 1], return_inverse=True, return_counts=True)
    middles = np.column_stack([np.bincount(cell, xy[placed, axis]) / counts for axis in (0, 1)])
    target = np.arange(len(numbers))
    free = np.ones(len(numbers), np.bool_)
    near = _near_cells(numbers, wide, middles, distance)
    for index in np.argsort(-counts, kind="stable").tolist():
        if free[index] and index in near:
            free[index] = False
            for other in near[index]:
                if free[other]:
                    free[other], target[other] = False, index
    groups[placed] = target[cell]
    return groups


def _near_cells(
    numbers: NDArray[np.int64], wide: int, middles: NDArray[np.float64], distance: float
) -> dict[int, list[int]]:
    """Which of the eight cells around each cell are there and have their middle closer than `distance`.

    Args:
        numbers: of the cells, column times `wide` plus row, ascending, shape (n,).
        wide: more than there are rows.
        middles: of what lies in each cell, shape (n, 2).
        distance: in the unit of `middles`.
    """
    steps = np.array([column * wide + row for column in (-1, 0, 1) for row in (-1, 0, 1) if column or row])
    wanted = numbers + steps[:, None]
    places = np.minimum(np.searchsorted(numbers, wanted), len(numbers) - 1)
    places, one = places[numbers[places] == wanted], np.nonzero(numbers[places] == wanted)[1]
    close = np.hypot(*(middles[one] - middles[places]).T) < distance
    near: dict[int, list[int]] = {}
    for index, other in zip(one[close].tolist(), places[close].tolist(), strict=True):
        near.setdefault(index, []).append(other)
    return near
