"""The picture of all layers that are not live: one image a layer, painted in slices, composed into one opaque image.

A frame copies or scales the composed image; that costs the same whatever the city holds. Painting happens on the GUI
thread, a few milliseconds at a time, because painting in another Python thread starves the GUI thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QRegion

from console.map.labels import Label, LabelCandidates, Room, place
from console.map.lettering import LabelPainter, Lettering
from console.map.painting import Paper, paint, room_beside_clusters
from console.map.style import colour
from console.map.symbols import SymbolAtlas

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from console.map.layer import Layer
    from console.map.store import LayerStore
    from console.map.style import Style
    from console.map.view import View
    from console.theme import Theme

MARGIN_PX = 200
"""Painted around the view, so that a short drag uncovers nothing."""
SLICE_S = 0.004
BAND_PX = 300
"""Rows that are composed between two yields."""


class Backdrop(Protocol):
    """What lies below all layers: the base map."""

    opacity: float
    note: str

    @property
    def credit(self) -> str:
        """What has to be written on the map; empty for nothing."""
        ...

    @property
    def is_pending(self) -> bool:
        """Whether something that was begun to fetch is not there yet."""
        ...

    def want(self, view: View) -> None:
        """Begin to fetch what `view` needs."""
        ...

    def paint(self, painter: QPainter, view: View) -> Iterator[None]:
        """Paint what is there, in slices."""
        ...


@dataclass(eq=False)
class Sheet:
    """One layer on the canvas: its data and the image of it.

    Attributes:
        image: None when there was nothing to paint.
        painted: the view that `image` shows; None before the first.
        is_dirty: whether the image no longer shows what it should.
        prepared_style: the style that the data were prepared for.
    """

    layer: Layer
    store: LayerStore
    image: QImage | None = None
    painted: View | None = None
    is_dirty: bool = True
    prepared_style: Style | None = None

    def is_seen(self, view: View) -> bool:
        """Whether it is turned on, in scale, and kept as an image."""
        return self.layer.is_seen(view.metres_per_pixel) and not self.store.is_painted_live


@dataclass(frozen=True, eq=False)
class Composed:
    """All layers in one opaque image, the view it shows, and the texts placed for it."""

    image: QImage
    view: View
    lettering: Lettering


class Picture(QObject):
    """Keeps `composed` up to date with the sheets for the view it is aimed at."""

    updated = Signal()
    """`composed` is a new one."""

    def __init__(self, theme: Theme, device_pixel_ratio: float, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sheets: list[Sheet] = []
        self.backdrop: Backdrop | None = None
        self.composed: Composed | None = None
        self.overview: Composed | None = None
        self.longest_slice_s = 0.0
        self._theme = theme
        self._ratio = device_pixel_ratio
        self.atlas = SymbolAtlas(theme, device_pixel_ratio)
        self.label_painter = LabelPainter(theme, device_pixel_ratio)
        self._target: View | None = None
        self._backdrop_sheet: tuple[QImage, View] | None = None
        self._spare: QImage | None = None
        self._needs_composing = False
        self._work: Generator[None, None, None] | None = None
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.tick)

    @property
    def theme(self) -> Theme:
        """The colours in use."""
        return self._theme

    @property
    def device_pixel_ratio(self) -> float:
        """Device pixels a pixel."""
        return self._ratio

    @property
    def is_busy(self) -> bool:
        """Whether slices are left to paint."""
        return self._work is not None

    def reset(self, theme: Theme, device_pixel_ratio: float) -> None:
        """Use other colours or another pixel density: everything is painted again."""
        self._stop()
        self._theme, self._ratio = theme, device_pixel_ratio
        self.atlas = SymbolAtlas(theme, device_pixel_ratio)
        self.label_painter = LabelPainter(theme, device_pixel_ratio)
        self.composed = self.overview = self._backdrop_sheet = self._spare = None
        for sheet in self.sheets:
            sheet.image, sheet.painted, sheet.is_dirty = None, None, True
        if self._target is not None:
            self.aim(self._target)

    def aim(self, view: View) -> None:
        """Show `view` as soon as it is painted; what is painted already is kept."""
        if self._work is not None and view != self._target:
            self._stop()
        self._target = view
        self.refresh()

    def refresh(self) -> None:
        """Paint what is dirty and compose again, unless that is under way."""
        self._needs_composing = True
        if self._work is None and self._target is not None:
            self._work = self._all(self._target)
            self.timer.start(0)

    def backdrop_changed(self) -> None:
        """Paint the base map again."""
        self._backdrop_sheet = None
        self.refresh()

    def close(self) -> None:
        """Stop painting; `aim` begins again."""
        self._stop()

    def tick(self) -> None:
        """Paint for one slice."""
        if self._work is None:
            self.timer.stop()
            return
        begin = perf_counter()
        for _ in self._work:
            if perf_counter() - begin > SLICE_S:
                break
        else:
            self._work = None
            self.timer.stop()
        self.longest_slice_s = max(self.longest_slice_s, perf_counter() - begin)

    def draw(self, painter: QPainter, view: View) -> None:
        """Draw the picture as it is, moved and scaled to `view`: the work of one frame."""
        composed = self.composed
        bare = QRegion(0, 0, view.width, view.height)
        if composed is not None:
            bare -= QRegion(_inner_rect(composed.view, view))
        if not bare.isEmpty():
            painter.save()
            painter.setClipRegion(bare)
            painter.fillRect(bare.boundingRect(), colour(self._theme, "map_ground"))
            if self.overview is not None:
                self._draw_composed(painter, self.overview, view)
            painter.restore()
        if composed is not None:
            self._draw_composed(painter, composed, view)

    def draw_labels(self, painter: QPainter, view: View) -> None:
        """Draw the texts of the picture."""
        if self.composed is not None:
            self.composed.lettering.draw(painter, view)

    def _draw_composed(self, painter: QPainter, composed: Composed, view: View) -> None:
        extent, ratio = composed.view.extent, self._ratio
        left, top = view.to_screen(extent.xmin, extent.ymax)
        scale = composed.view.metres_per_pixel / view.metres_per_pixel
        if scale == 1.0:
            # Whole device pixels, so that the frame is a copy and not a resampling.
            painter.drawImage(QPointF(round(left * ratio) / ratio, round(top * ratio) / ratio), composed.image)
            return
        seen = QRectF(0, 0, view.width, view.height)
        target = QRectF(left, top, composed.view.width * scale, composed.view.height * scale)
        part = target.intersected(seen)
        if part.isEmpty():
            return
        device = ratio / scale
        source = QRectF(
            (part.left() - left) * device, (part.top() - top) * device, part.width() * device, part.height() * device
        )
        painter.drawImage(part, composed.image, source)

    def _stop(self) -> None:
        if self._work is not None:
            # Ends the painters that are open on images before these are let go.
            self._work.close()
            self._work = None
        self.timer.stop()

    def _all(self, target: View) -> Generator[None, None, None]:
        padded = target.padded(MARGIN_PX)
        while self._needs_composing:
            self._needs_composing = False
            yield from self._paint_backdrop(padded)
            for sheet in self.sheets:
                if not sheet.is_seen(target):
                    # An image takes 14 MB at 1920×1080, four times as much on a dense screen.
                    sheet.image = sheet.painted = None
                elif sheet.is_dirty or sheet.painted != padded:
                    yield from self._paint_sheet(sheet, target, padded)
            if any(s.is_seen(target) and s.is_dirty for s in self.sheets):
                # New data came while painting; showing the old first would only cost time.
                self._needs_composing = True
                continue
            yield from self._compose(target, padded)

    def _paint_backdrop(self, padded: View) -> Generator[None, None, None]:
        if self.backdrop is None or (self._backdrop_sheet is not None and self._backdrop_sheet[1] == padded):
            return
        image = self._image(padded, QImage.Format.Format_ARGB32_Premultiplied, None)
        yield from self._cleared(image, QColor(Qt.GlobalColor.transparent))
        self._backdrop_sheet = image, padded
        yield from self._painting(image, lambda painter: _iterate(self.backdrop, painter, padded))

    def _paint_sheet(self, sheet: Sheet, target: View, padded: View) -> Generator[None, None, None]:
        sheet.is_dirty = False
        prepared = sheet.store.best(target)
        if prepared is None or not len(prepared.features):
            sheet.image, sheet.painted = None, padded
            return
        # The old image is painted over: a new one of this size costs milliseconds of page faults.
        sheet.painted = None
        sheet.image = image = self._image(padded, QImage.Format.Format_ARGB32_Premultiplied, sheet.image)
        yield from self._cleared(image, QColor(Qt.GlobalColor.transparent))
        yield from self._painting(
            image,
            lambda painter: paint(Paper(painter, padded, self._theme, self.atlas), sheet.layer.style, prepared),
        )
        sheet.painted = padded

    def _image(self, padded: View, image_format: QImage.Format, old: QImage | None) -> QImage:
        """`old` when it fits, else a new image with nothing defined in it."""
        size = QSize(round(padded.width * self._ratio), round(padded.height * self._ratio))
        if old is not None and old.size() == size and old.devicePixelRatio() == self._ratio:
            return old
        image = QImage(size, image_format)
        image.setDevicePixelRatio(self._ratio)
        return image

    @staticmethod
    def _cleared(image: QImage, ground: QColor) -> Generator[None, None, None]:
        painter = QPainter(image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        size = image.deviceIndependentSize()
        try:
            for top in range(0, ceil(size.height()), BAND_PX):
                painter.fillRect(QRectF(0, top, size.width(), BAND_PX), ground)
                yield
        finally:
            painter.end()

    def _compose(self, target: View, padded: View) -> Generator[None, None, None]:
        ratio = self._ratio
        image = self._image(padded, QImage.Format.Format_RGB32, self._spare)
        self._spare = None
        yield from self._cleared(image, colour(self._theme, "map_ground"))
        layers: list[tuple[QImage, float]] = []
        if self.backdrop is not None and self._backdrop_sheet is not None:
            layers.append((self._backdrop_sheet[0], self.backdrop.opacity))
        layers += [(s.image, s.layer.opacity) for s in self.sheets if s.is_seen(target) and s.image is not None]
        painter = QPainter(image)
        try:
            for layer, opacity in layers:
                painter.setOpacity(opacity)
                for top in range(0, padded.height, BAND_PX):
                    band = QRectF(0, top, padded.width, min(BAND_PX, padded.height - top))
                    source = QRectF(0, top * ratio, band.width() * ratio, band.height() * ratio)
                    painter.drawImage(band, layer, source)
                    yield
        finally:
            painter.end()
        labels: list[Label] = []
        for placed in place(self._label_candidates(target), padded, self._theme, self._room(target, padded)):
            labels += placed
            yield
        lettering = yield from self.label_painter.lettered(labels, padded.metres_per_pixel)
        last, self.composed = self.composed, Composed(image, padded, lettering)
        self._keep_overview(last)
        if last is not None and last is not self.overview:
            self._spare = last.image
        self.updated.emit()

    def _keep_overview(self, last: Composed | None) -> None:
        """What was seen before zooming in fills the rim when zooming out again."""
        scale = 0.0 if self.composed is None else self.composed.view.metres_per_pixel
        if last is not None and last.view.metres_per_pixel > 1.5 * scale:
            self.overview = last
        elif self.overview is not None and self.overview.view.metres_per_pixel <= scale:
            self.overview = None

    def _room(self, target: View, padded: View) -> Room:
        seen = [(s.layer.style, s.store.best(target)) for s in self.sheets if s.is_seen(target)]
        return room_beside_clusters(((style, prepared) for style, prepared in seen if prepared is not None), padded)

    def _label_candidates(self, target: View) -> list[LabelCandidates]:
        found = []
        for sheet in self.sheets:
            rule = sheet.layer.style.label
            if rule is None or not sheet.is_seen(target) or (rule.on_demand and not sheet.layer.labels):
                continue
            prepared = sheet.store.best(target)
            if prepared is not None and prepared.labels is not None:
                found.append(prepared.labels)
        return found

    @staticmethod
    def _painting(image: QImage, steps: Steps) -> Generator[None, None, None]:
        painter = QPainter(image)
        try:
            yield from steps(painter)
        finally:
            painter.end()


class Steps(Protocol):
    """Paints with a painter, in slices."""

    def __call__(self, painter: QPainter, /) -> Iterator[None]:
        """Paint."""
        ...


def _iterate(backdrop: Backdrop | None, painter: QPainter, view: View) -> Iterator[None]:
    if backdrop is not None:
        yield from backdrop.paint(painter, view)


def _inner_rect(shown: View, view: View) -> QRect:
    """The whole pixels of `view` that the extent of `shown` surely covers."""
    extent = shown.extent
    left, top = view.to_screen(extent.xmin, extent.ymax)
    right, bottom = view.to_screen(extent.xmax, extent.ymin)
    # Far zoomed in, the rectangle exceeds what Qt's integers hold.
    left, top = max(ceil(left) + 1, 0), max(ceil(top) + 1, 0)
    right, bottom = min(floor(right) - 1, view.width), min(floor(bottom) - 1, view.height)
    return QRect(left, top, max(right - left, 0), max(bottom - top, 0))
