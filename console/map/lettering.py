"""Placed texts as pixmaps, drawn in every frame."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from math import ceil, cos, radians, sin
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap

from console.map.labels import Label, label_font, text_size
from console.map.style import LabelRule, colour

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from console.map.view import View
    from console.theme import Theme

HALO_PX = 1.5
CHUNK = 8
"""Texts drawn between two yields."""
CACHED_TEXTS = 2_000


def draw_label(
    painter: QPainter, text: str, rule: LabelRule, theme: Theme, x: float, y: float, angle: float, *, vector: bool
) -> None:
    """Draw a text with its halo, its middle at (x, y), turned clockwise.

    A `vector` halo strokes the outline of the letters, so that the text itself is on the paper once; on the screen
    the text is written shifted in eight directions, which is ten times faster.
    """
    face = label_font(rule, theme)
    metrics = QFontMetricsF(face)
    width, _ = text_size(text, rule, theme)
    start = QPointF(-width / 2, (metrics.ascent() - metrics.descent()) / 2)
    painter.save()
    painter.translate(x, y)
    painter.rotate(angle)
    painter.setFont(face)
    halo = colour(theme, rule.halo)
    if vector:
        outline = QPainterPath()
        outline.addText(start, face, text)
        pen = QPen(halo, 2 * HALO_PX)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(outline, pen)
    else:
        painter.setPen(halo)
        for dx, dy in _AROUND:
            painter.drawText(start + QPointF(dx * HALO_PX, dy * HALO_PX), text)
    painter.setPen(colour(theme, rule.colour))
    painter.drawText(start, text)
    painter.restore()


_AROUND = ((-1, 0), (1, 0), (0, -1), (0, 1), (-0.7, -0.7), (0.7, -0.7), (-0.7, 0.7), (0.7, 0.7))


class LabelPainter:
    """Draws texts from pixmaps, each made once; for one theme and pixel density."""

    def __init__(self, theme: Theme, device_pixel_ratio: float) -> None:
        self.theme = theme
        self._ratio = device_pixel_ratio
        self._pixmaps: OrderedDict[tuple[str, LabelRule, int], QPixmap] = OrderedDict()

    def pixmap(self, text: str, rule: LabelRule, angle: float) -> QPixmap:
        """The text with its halo, turned; its middle is the middle of the pixmap."""
        key = text, rule, round(angle)
        pixmap = self._pixmaps.get(key)
        if pixmap is not None:
            self._pixmaps.move_to_end(key)
            return pixmap
        width, height = text_size(text, rule, self.theme)
        turn = radians(angle)
        reach_x = width * abs(cos(turn)) + height * abs(sin(turn)) + 2 * HALO_PX + 2
        reach_y = width * abs(sin(turn)) + height * abs(cos(turn)) + 2 * HALO_PX + 2
        pixmap = QPixmap(ceil(reach_x * self._ratio), ceil(reach_y * self._ratio))
        pixmap.setDevicePixelRatio(self._ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = pixmap.deviceIndependentSize()
        draw_label(painter, text, rule, self.theme, size.width() / 2, size.height() / 2, angle, vector=False)
        painter.end()
        self._pixmaps[key] = pixmap
        while len(self._pixmaps) > CACHED_TEXTS:
            self._pixmaps.popitem(last=False)
        return pixmap

    def lettered(self, labels: list[Label], metres_per_pixel: float) -> Generator[None, None, Lettering]:
        """Make texts placed for a scale ready to be drawn, in slices; returns them."""
        pixmaps: list[QPixmap] = []
        for number, label in enumerate(labels, start=1):
            pixmaps.append(self.pixmap(label.text, label.rule, label.angle))
            if number % CHUNK == 0:
                yield
        sizes = np.array([p.deviceIndependentSize().toTuple() for p in pixmaps]).reshape(-1, 2)
        middles = np.array([(label.dx, label.dy) for label in labels]).reshape(-1, 2)
        boxes = [np.concatenate((label.boxes[:, :2].min(axis=0), label.boxes[:, 2:].max(axis=0))) for label in labels]
        return Lettering(
            metres_per_pixel,
            np.array([(label.x, label.y) for label in labels]).reshape(-1, 2),
            middles - sizes / 2,
            sizes,
            np.array(boxes).reshape(-1, 4),
            pixmaps,
            self._ratio,
        )


@dataclass(frozen=True, eq=False)
class Lettering:
    """Texts that were placed for one scale, ready to be drawn.

    Attributes:
        metres_per_pixel: the scale.
        anchors: places in metres, shape (n, 2).
        corners: pixels from the anchor to the upper left corner of each pixmap, shape (n, 2).
        sizes: pixels, shape (n, 2).
        boxes: rectangle (left, top, right, bottom) around each text in pixels from the anchor, shape (n, 4).
        pixmaps: the texts.
        device_pixel_ratio: of the pixmaps.
    """

    metres_per_pixel: float
    anchors: NDArray[np.float64]
    corners: NDArray[np.float64]
    sizes: NDArray[np.float64]
    boxes: NDArray[np.float64]
    pixmaps: list[QPixmap]
    device_pixel_ratio: float

    def draw(self, painter: QPainter, view: View) -> None:
        """Draw what lies in `view` and, at another scale than the texts were placed for, does not touch."""
        if not self.pixmaps:
            return
        anchors = view.points_to_screen(self.anchors)
        # Whole device pixels keep the letters sharp.
        corners = np.rint((anchors + self.corners) * self.device_pixel_ratio) / self.device_pixel_ratio
        seen = ((corners < (view.width, view.height)) & (corners + self.sizes > 0)).all(axis=1)
        if view.metres_per_pixel != self.metres_per_pixel:
            seen &= still_apart(self.boxes + np.tile(anchors, 2))
        for index in np.flatnonzero(seen).tolist():
            painter.drawPixmap(QPointF(*corners[index].tolist()), self.pixmaps[index])


def still_apart(boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the rectangles, shape (n, 4), touch none that comes before them and is kept, shape (n,)."""
    touching = (
        (boxes[:, None, 0] < boxes[None, :, 2])
        & (boxes[:, None, 2] > boxes[None, :, 0])
        & (boxes[:, None, 1] < boxes[None, :, 3])
        & (boxes[:, None, 3] > boxes[None, :, 1])
    )
    np.fill_diagonal(touching, val=False)
    kept = np.ones(len(boxes), np.bool_)
    # Rows as whole numbers, one bit a rectangle: this runs in every frame of a zoom.
    rows = np.packbits(np.tril(touching), axis=1, bitorder="little")
    dropped = 0
    for index in np.flatnonzero(rows.any(axis=1)).tolist():
        if int.from_bytes(rows[index].tobytes(), "little") & ~dropped:
            dropped |= 1 << index
            kept[index] = False
    return kept
