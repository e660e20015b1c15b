"""Painting of prepared features in slices: every generator here yields after at most a few milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from console.map.labels import Room
from console.map.primitives import path_of
from console.map.style import LineStyle, PointStyle, PolygonStyle, Stroke, Style, Symbol, colour
from console.map.symbols import ClusterSign, SymbolAtlas, cluster_radius_px, draw_sign, draw_symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from console.map.thinning import LineBatch, PointBatch, Prepared
    from console.map.view import View
    from console.theme import Theme

CHUNK = 500
"""Vertices or symbols between two yields; about a millisecond of antialiased strokes."""
DASHED_CHUNK = 60
SIGNS = 20
"""Signs of clusters between two yields."""
FAR_PX = 4_000
"""Lines that reach farther outside the picture are cut: dashing kilometres of them would take seconds."""


@dataclass(frozen=True)
class Paper:
    """What is painted on: a painter in pixels of `view`, and colours.

    Attributes:
        atlas: prepared symbols for the screen; None where symbols must stay vectors (print).
    """

    painter: QPainter
    view: View
    theme: Theme
    atlas: SymbolAtlas | None = None

    def stamp(
        self, symbol: Symbol, x: NDArray[np.float64], y: NDArray[np.float64], headings: NDArray[np.float64] | None
    ) -> None:
        """Draw a symbol at each of the pixels (x, y)."""
        if self.atlas is not None:
            self.atlas.stamp(self.painter, symbol, x, y, headings)
            return
        turns = np.zeros(len(x)) if headings is None else headings
        for place_x, place_y, turn in zip(x.tolist(), y.tolist(), turns.tolist(), strict=True):
            draw_symbol(self.painter, symbol, self.theme, place_x, place_y, turn)

    def sign(self, sign: ClusterSign, x: float, y: float) -> None:
        """Draw the sign of a cluster at a pixel."""
        if self.atlas is not None:
            self.atlas.stamp_sign(self.painter, sign, x, y)
        else:
            draw_sign(self.painter, sign, self.theme, x, y)


def paint(paper: Paper, style: Style, prepared: Prepared) -> Iterator[None]:
    """Paint everything but labels."""
    paper.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    match style:
        case LineStyle():
            yield from _lines(paper, style, prepared)
        case PolygonStyle():
            yield from _polygons(paper, style, prepared)
        case PointStyle():
            yield from _points(paper, style, prepared)


def _lines(paper: Paper, style: LineStyle, prepared: Prepared) -> Iterator[None]:
    scale = paper.view.metres_per_pixel
    for batch in prepared.lines:
        stroke = style.stroke_of(batch.category)
        if scale >= style.fades_from_metres_per_pixel:
            stroke = replace(stroke, strength=stroke.strength * style.faded)
        width = stroke.width_px
        if style.width is not None:
            width = style.width.width_px(batch.value, scale)
        yield from _stroke(paper, batch, stroke, width)
    if scale > style.arrows_max_metres_per_pixel:
        return
    for arrows in prepared.arrows:
        stroke = style.stroke_of(arrows.category)
        symbol = Symbol("arrow", fill=stroke.colour, outline="map_ground", size_px=9, outline_px=1)
        yield from _symbols(paper, symbol, arrows)


def _stroke(paper: Paper, batch: LineBatch, stroke: Stroke, width_px: float) -> Iterator[None]:
    x, y, connect = _screen_lines(paper.view, batch, width_px)
    if not len(x):
        return
    paper.painter.setPen(stroke.pen(paper.theme, width_px))
    paper.painter.setBrush(Qt.BrushStyle.NoBrush)
    chunk = DASHED_CHUNK if stroke.dash_px else CHUNK
    for at in range(0, len(x) - 1, chunk):
        # One vertex more than the chunk, so that the segment between two chunks is drawn by the first.
        part = slice(at, at + chunk + 1)
        paper.painter.drawPath(path_of(x[part], y[part], connect[part]))
        yield


def _screen_lines(
    view: View, batch: LineBatch, reach_px: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]]:
    """Pixels of the parts that are in view, and whether each vertex is joined to the next."""
    extent = view.extent.grown(reach_px * view.metres_per_pixel)
    bounds = batch.bounds
    seen = (
        (bounds[:, 0] <= extent.xmax)
        & (bounds[:, 2] >= extent.xmin)
        & (bounds[:, 1] <= extent.ymax)
        & (bounds[:, 3] >= extent.ymin)
    )
    lengths = np.diff(batch.parts)
    xy = batch.xy if seen.all() else batch.xy[np.repeat(seen, lengths)]
    x, y = view.x_to_screen(xy[:, 0]), view.y_to_screen(xy[:, 1])
    connect = np.ones(len(x), np.uint8)
    connect[np.cumsum(lengths[seen]) - 1] = 0
    if len(x) and max(np.abs(x).max() - view.width, np.abs(y).max() - view.height) > FAR_PX:
        return _cut(x, y, connect, view)
    return x, y, connect


def _cut(
    x: NDArray[np.float64], y: NDArray[np.float64], connect: NDArray[np.uint8], view: View
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]]:
    """Only what of each segment lies near the picture (Liang and Barsky), still joined where it was joined."""
    joined = connect[:-1] == 1
    begin = np.column_stack((x, y))[:-1][joined]
    along = np.column_stack((x, y))[1:][joined] - begin
    enter, leave = np.zeros(len(begin)), np.ones(len(begin))
    low, high = np.array((-64.0, -64.0)), np.array((view.width + 64.0, view.height + 64.0))
    for axis in (0, 1):
        step = np.where(along[:, axis] == 0, 1e-12, along[:, axis])
        one, other = (low[axis] - begin[:, axis]) / step, (high[axis] - begin[:, axis]) / step
        enter = np.maximum(enter, np.minimum(one, other))
        leave = np.minimum(leave, np.maximum(one, other))
    kept = enter < leave
    begin, along, enter, leave = begin[kept], along[kept], enter[kept], leave[kept]
    ends = np.empty((2 * len(begin), 2))
    ends[0::2], ends[1::2] = begin + enter[:, None] * along, begin + leave[:, None] * along
    joins = np.zeros(len(ends), np.uint8)
    joins[0::2] = 1
    # Where one piece ends at the vertex that the next begins at, the line goes on and so does its dash pattern.
    joins[1:-1:2] = (ends[1:-1:2] == ends[2::2]).all(axis=1)
    return ends[:, 0].copy(), ends[:, 1].copy(), joins


def _polygons(paper: Paper, style: PolygonStyle, prepared: Prepared) -> Iterator[None]:
    painter = paper.painter
    for batch in prepared.fills:
        fill = style.fill_of(batch.category)
        if fill is None:
            continue
        x, y, connect = _screen_rings(paper.view, batch)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(paper.theme, fill, style.fill_alpha))
        begin = 0
        for end in _chunk_ends(batch):
            path = path_of(x[begin:end], y[begin:end], connect[begin:end])
            path.setFillRule(Qt.FillRule.WindingFill)
            painter.drawPath(path)
            begin = end
            yield
    if style.outline is not None:
        for batch in prepared.lines:
            yield from _stroke(paper, batch, style.outline, style.outline.width_px)


def _screen_rings(view: View, batch: LineBatch) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]]:
    connect = np.ones(len(batch.xy), np.uint8)
    connect[batch.parts[1:] - 1] = 0
    return view.x_to_screen(batch.xy[:, 0]), view.y_to_screen(batch.xy[:, 1]), connect


def _chunk_ends(batch: LineBatch) -> list[int]:
    """Ends of chunks, in vertices, that keep all rings of a polygon together."""
    last_rings = np.flatnonzero(np.diff(batch.owners, append=-1))
    ends = batch.parts[last_rings + 1]
    chunk = ends // (2 * CHUNK)
    ends = ends[np.flatnonzero(np.diff(chunk, append=-1))]
    return [int(end) for end in ends]


def _points(paper: Paper, style: PointStyle, prepared: Prepared) -> Iterator[None]:
    clustered = is_clustered(style, paper.view)
    for batch in prepared.singles if clustered else prepared.points:
        yield from _symbols(paper, style.symbol_of(batch.category), batch)
    if clustered:
        yield from _signs(paper, style, prepared)


def _signs(paper: Paper, style: PointStyle, prepared: Prepared) -> Iterator[None]:
    places = paper.view.points_to_screen(prepared.cluster_places)
    rings = {category: _ring(style, category) for category in {cluster.category for cluster in prepared.clusters}}
    for number, (cluster, (x, y)) in enumerate(zip(prepared.clusters, places.tolist(), strict=True), start=1):
        paper.sign(ClusterSign(cluster.count, *rings[cluster.category]), x, y)
        if number % SIGNS == 0:
            yield


def is_clustered(style: Style, view: View) -> bool:
    """Whether the style shows clusters at the scale of `view`."""
    return (
        isinstance(style, PointStyle)
        and style.cluster is not None
        and view.metres_per_pixel >= style.cluster.min_metres_per_pixel
    )


def room_beside_clusters(shown: Iterable[tuple[Style, Prepared]], view: View) -> Room:
    """Where texts may stand: not on the clusters of what is shown."""
    room = Room()
    for style, prepared in shown:
        if prepared.clusters and is_clustered(style, view):
            places = view.points_to_screen(prepared.cluster_places)
            radii = np.array([[cluster_radius_px(cluster.count)] for cluster in prepared.clusters])
            room.take(np.hstack((places - radii, places + radii)))
    return room


def _symbols(paper: Paper, symbol: Symbol, batch: PointBatch) -> Iterator[None]:
    x, y = paper.view.x_to_screen(batch.xy[:, 0]), paper.view.y_to_screen(batch.xy[:, 1])
    reach = symbol.size_px
    seen = (x > -reach) & (x < paper.view.width + reach) & (y > -reach) & (y < paper.view.height + reach)
    x, y = x[seen], y[seen]
    headings = None if batch.headings is None else batch.headings[seen]
    for at in range(0, len(x), CHUNK):
        part = slice(at, at + CHUNK)
        paper.stamp(symbol, x[part], y[part], None if headings is None else headings[part])
        yield


def _ring(style: PointStyle, category: str) -> tuple[str, float]:
    """Colour and width of the ring of a cluster whose worst is of a category: in its colour, thicker for worse.

    Only single things are filled: a cluster of twenty with one overdue case must not shout like twenty of them.
    """
    severity = () if style.cluster is None else style.cluster.severity
    rank = severity.index(category) if category in severity else len(severity)
    symbol = style.symbol_of(category)
    ink = symbol.outline if symbol.fill in (None, "map_ground") else symbol.fill
    return ink or "map_symbol", 1.2 if rank >= len(severity) - 1 else 3.0 - 0.8 * rank
