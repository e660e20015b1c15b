"""Texts on the map: where they could stand (off the GUI thread), and where they may without touching each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, cos, inf, radians, sin
from typing import TYPE_CHECKING

import numpy as np
import shapely
from PySide6.QtGui import QFont, QFontMetricsF

from console.map.features import Features, GeometryKind
from console.map.style import LabelRule, font

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from console.map.view import Extent, View
    from console.theme import Theme

PLACED_AT_MOST = 250
CONSIDERED_AT_MOST = 2_500
CHUNK = 8
"""Texts drawn between two yields."""
GAP_PX = 4.0
"""Least room between two texts."""
SIZES_KEPT = 20_000


@dataclass(frozen=True, eq=False)
class LabelCandidates:
    """Texts of one layer and where each could stand.

    Attributes:
        texts: what is written, n of them.
        xy: places in metres, shape (n, 2).
        angles: degrees clockwise on the screen, between -90 and 90, shape (n,).
        lengths: metres of line that the text may cover; infinite for other placements, shape (n,).
        priorities: higher goes first, shape (n,).
        rule: how they look.
    """

    texts: list[str]
    xy: NDArray[np.float64]
    angles: NDArray[np.float64]
    lengths: NDArray[np.float64]
    priorities: NDArray[np.float64]
    rule: LabelRule


def candidates(
    features: Features, rule: LabelRule | None, extent: Extent | None, metres_per_pixel: float
) -> LabelCandidates | None:
    """Where texts could stand at scales from `metres_per_pixel` to twice that; None when none show there."""
    if rule is None or not len(features):
        return None
    if metres_per_pixel > rule.max_metres_per_pixel or 2 * metres_per_pixel < rule.min_metres_per_pixel:
        return None
    texts = features.attributes[rule.attribute].astype(np.str_)
    priorities = np.full(len(features), float(rule.priority))
    if rule.priority_attribute is not None:
        priorities += features.attributes[rule.priority_attribute].astype(np.float64)
    if rule.placement == "along" and features.kind is GeometryKind.LINE:
        return _along(features, texts, priorities, rule, metres_per_pixel)
    if features.kind is GeometryKind.POINT:
        xy = np.full((len(features), 2), np.nan)
        xy[features.owners] = features.xy[features.parts[:-1]]
    else:
        xy = _middles(features, extent)
    shown = np.isfinite(xy).all(axis=1) & (texts != "")
    count = int(shown.sum())
    return LabelCandidates(
        texts[shown].tolist(), xy[shown], np.zeros(count), np.full(count, inf), priorities[shown], rule
    )


def _middles(features: Features, extent: Extent | None) -> NDArray[np.float64]:
    """A point inside each polygon or on each line, within `extent` where it reaches into it, and else not a number."""
    shapes = features.to_shapely()
    if extent is not None:
        shapes = shapely.clip_by_rect(shapes, extent.xmin, extent.ymin, extent.xmax, extent.ymax)
    centres = shapely.centroid(shapes)
    outside = ~shapely.intersects(shapes, centres)
    centres[outside] = shapely.point_on_surface(shapes[outside])
    xy = np.full((len(features), 2), np.nan)
    there = ~shapely.is_empty(centres)
    xy[there] = shapely.get_coordinates(centres[there])
    return xy


def _along(
    features: Features,
    texts: NDArray[np.str_],
    priorities: NDArray[np.float64],
    rule: LabelRule,
    metres_per_pixel: float,
) -> LabelCandidates:
    """Places every so often along the lines of one name, joined where they meet."""
    shapes = features.to_shapely()
    drawn = (shapely.length(shapes) > 0) & (texts != "")
    names, group = np.unique(texts[drawn], return_inverse=True)
    priority_of = np.full(len(names), -np.inf)
    np.maximum.at(priority_of, group, priorities[drawn])
    repeat = rule.repeat_px * metres_per_pixel * 1.4
    half = 25 * metres_per_pixel
    lines, name = _long_lines(shapes[drawn], group, 3 * half)
    length = shapely.length(lines)
    number = np.maximum(length // repeat, 1).astype(np.int64)
    # One call for all lines lets other threads run; many short ones make the window wait for its turn each time.
    line = np.repeat(np.arange(len(lines)), 3 * number)
    place = np.arange(len(line)) - np.repeat(np.cumsum(3 * number) - 3 * number, 3 * number)
    pace = (length / number)[line]
    at = (place // 3 + np.array([0.5, 0.25, 0.75])[place % 3]) * pace
    begin, end, middle = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines[line], np.clip(at + d, 0, length[line])))
        for d in (-half, half, 0.0)
    )
    chord = end - begin
    straight = np.hypot(*chord.T) > 0.9 * np.minimum(2 * half, length[line])
    angle = np.degrees(np.arctan2(-chord[:, 1], chord[:, 0]))
    angle = np.where(angle > 90, angle - 180, np.where(angle <= -90, angle + 180, angle))
    # The quarters of a stretch are second choices, for when its middle is taken.
    priority = priority_of[name[line]] - 0.01 * (place % 3 > 0)
    return LabelCandidates(
        names[name[line]][straight].tolist(),
        middle[straight],
        angle[straight],
        pace[straight],
        priority[straight],
        rule,
    )


def _long_lines(
    shapes: NDArray[np.object_], group: NDArray[np.int64], shortest: float
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Lines of each group, joined where they meet, with the group's number; those shorter than `shortest` left out.

    All groups are joined in one call, which lets other threads run: one by one, a city's streets hold up the window.
    """
    if not len(shapes):
        return np.empty(0, object), np.empty(0, np.int64)
    parts, owners = shapely.get_parts(shapes, return_index=True)
    of_part = group[owners]
    order = np.argsort(of_part, kind="stable")
    joined = shapely.line_merge(shapely.multilinestrings(parts[order], indices=of_part[order]))
    lines, groups = shapely.get_parts(joined, return_index=True)
    is_long = shapely.length(lines) >= shortest
    return lines[is_long], groups[is_long]


@dataclass(frozen=True, eq=False)
class Label:
    """A text with its place.

    Attributes:
        x: easting of the anchor, metres.
        y: northing of the anchor, metres.
        dx: pixels from the anchor to the middle of the text, to the right.
        dy: pixels from the anchor to the middle of the text, down.
        angle: degrees clockwise.
        boxes: rectangles (left, top, right, bottom) around the text in pixels from the anchor, shape (k, 4).
    """

    text: str
    rule: LabelRule
    x: float
    y: float
    dx: float
    dy: float
    angle: float
    boxes: NDArray[np.float64]


@dataclass(eq=False)
class Room:
    """The rectangles that are taken, in pixels."""

    _taken: NDArray[np.float64] = field(default_factory=lambda: np.empty((256, 4)))
    _count: int = 0

    def is_free(self, boxes: NDArray[np.float64]) -> bool:
        """Whether none of `boxes`, shape (k, 4), touches a taken one."""
        taken = self._taken[: self._count]
        apart = (
            (taken[None, :, 0] >= boxes[:, None, 2])
            | (taken[None, :, 2] <= boxes[:, None, 0])
            | (taken[None, :, 1] >= boxes[:, None, 3])
            | (taken[None, :, 3] <= boxes[:, None, 1])
        )
        return bool(apart.all())

    def take(self, boxes: NDArray[np.float64]) -> None:
        """Mark `boxes` as taken."""
        while self._count + len(boxes) > len(self._taken):
            self._taken = np.concatenate((self._taken, np.empty_like(self._taken)))
        self._taken[self._count : self._count + len(boxes)] = boxes
        self._count += len(boxes)


def place(layers: list[LabelCandidates], view: View, theme: Theme, room: Room | None = None) -> Iterator[list[Label]]:
    """Give texts a place each, by priority, so that no two touch; yields what was placed since the last yield."""
    room = Room() if room is None else room
    order: list[tuple[float, int, int]] = []
    for index, layer in enumerate(layers):
        if not layer.rule.shows_at(view.metres_per_pixel) or not layer.texts:
            continue
        x, y = view.x_to_screen(layer.xy[:, 0]), view.y_to_screen(layer.xy[:, 1])
        inside = np.flatnonzero((x > 0) & (x < view.width) & (y > 0) & (y < view.height))
        order.extend((-float(layer.priorities[i]), index, i) for i in inside.tolist())
    order.sort()
    placed: list[Label] = []
    named: dict[tuple[int, str], list[Label]] = {}
    total = 0
    for number, (_, index, i) in enumerate(order[:CONSIDERED_AT_MOST], start=1):
        layer = layers[index]
        before = named.setdefault((index, layer.texts[i]), []) if layer.rule.placement == "along" else []
        if _is_near(before, layer, i, view):
            continue
        label = _placed(layer, i, view, theme, room)
        if label is not None:
            before.append(label)
            placed.append(label)
            total += 1
        if total >= PLACED_AT_MOST:
            break
        if number % (CHUNK * 4) == 0:
            yield placed
            placed = []
    yield placed


def _is_near(before: list[Label], layer: LabelCandidates, i: int, view: View) -> bool:
    """Whether the same name stands closer than the rule repeats it."""
    x, y = layer.xy[i].tolist()
    reach = 0.7 * layer.rule.repeat_px * view.metres_per_pixel
    return any(abs(label.x - x) + abs(label.y - y) < reach for label in before)


def _placed(layer: LabelCandidates, i: int, view: View, theme: Theme, room: Room) -> Label | None:
    rule = layer.rule
    text = layer.texts[i]
    width, height = text_size(text, rule, theme)
    if width > layer.lengths[i] / view.metres_per_pixel:
        return None
    x, y = layer.xy[i].tolist()
    angle = float(layer.angles[i])
    anchor = np.tile(view.to_screen(x, y), 2)
    shifts = [(0.0, 0.0)]
    if rule.placement == "beside":
        side, above = rule.offset_px + width / 2, rule.offset_px + height / 2
        shifts = [(side, 0.0), (-side, 0.0), (0.0, -above), (0.0, above)]
    for dx, dy in shifts:
        boxes = text_boxes(width, height, angle) + np.array((dx, dy, dx, dy))
        if room.is_free(boxes + anchor):
            room.take(boxes + anchor)
            return Label(text, rule, x, y, dx, dy, angle, boxes)
    return None


def text_boxes(width: float, height: float, angle: float) -> NDArray[np.float64]:
    """Rectangles that cover a text turned by `angle` degrees around its middle, shape (k, 4), with a gap around."""
    width, height = width + 2 * GAP_PX, height + GAP_PX
    if abs(angle) < 0.5:
        return np.array([[-width / 2, -height / 2, width / 2, height / 2]])
    turn = radians(angle)
    number = max(ceil(width / height), 1)
    at = ((np.arange(number) + 0.5) / number - 0.5) * width
    piece = width / number
    half_x = (piece * abs(cos(turn)) + height * abs(sin(turn))) / 2
    half_y = (piece * abs(sin(turn)) + height * abs(cos(turn))) / 2
    x, y = at * cos(turn), at * sin(turn)
    return np.column_stack((x - half_x, y - half_y, x + half_x, y + half_y))


def label_font(rule: LabelRule, theme: Theme) -> QFont:
    """The font of a rule's texts."""
    return font(theme, rule.size_px, bold=rule.bold, spacing_px=rule.spacing_px)


_sizes: dict[tuple[str, int, bool, float], tuple[float, float]] = {}


def text_size(text: str, rule: LabelRule, theme: Theme) -> tuple[float, float]:
    """Width and height of a text in pixels; remembered, because shaping Chinese takes its time."""
    key = text, rule.size_px, rule.bold, rule.spacing_px
    size = _sizes.get(key)
    if size is None:
        if len(_sizes) > SIZES_KEPT:
            _sizes.clear()
        metrics = QFontMetricsF(label_font(rule, theme))
        size = _sizes[key] = metrics.horizontalAdvance(text) - rule.spacing_px, metrics.ascent() + metrics.descent()
    return size
