"""The map on something that is not the screen: layers are asked for one view, then painted between other events."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from console.map.cache import SLICE_S
from console.map.labels import Label, place
from console.map.lettering import draw_label
from console.map.painting import Paper, paint, room_beside_clusters
from console.map.store import ArraySource, scale_level
from console.map.thinning import Prepared, prepare
from console.theme import theme

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from PySide6.QtGui import QPainter

    from console.map.canvas import MapCanvas
    from console.map.layer import Layer, LayerSource
    from console.map.style import Style
    from console.map.view import Extent, View


class PaperMap(QObject):
    """Paints layers of a canvas for paper; it lasts until it has told how it ended.

    Args:
        canvas: whose layers they are.
        name: two with the same name are not under way at a time: the later one takes the answers of the earlier.
        view: what is seen.
        layers: what is painted, from the ground up.
    """

    failed = Signal(object)
    """The exception, a `ConsoleError` when a person can do something about it."""

    def __init__(self, canvas: MapCanvas, name: str, view: View, layers: Sequence[Layer]) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._name = name
        self._view = view
        # Paper is white.
        self._theme = replace(theme("light"), map_ground="#ffffff")
        self._layers = list(layers)
        self._prepared: dict[str, Prepared] = {}
        self._awaited: set[str] = set()
        self._steps: Generator[None, None, None] | None = None
        self._has_failed = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)

    @abstractmethod
    def _steps_of(self) -> Generator[None, None, None]:
        """The work once all layers have answered, a little of it at a time."""

    def start(self) -> None:
        """Ask all layers, then paint."""
        level = scale_level(self._view.metres_per_pixel)
        extent = self._view.extent
        self._awaited = {layer.key for layer in self._layers}
        for layer in self._layers:
            source: LayerSource | None = layer.source
            live = self._canvas.live_features(layer.key)
            if live is not None:
                source = ArraySource(live)
            if source is None:
                # A live layer that was given nothing yet.
                self._awaited.discard(layer.key)
                continue
            work = partial(_question, source, layer.style, extent, level)
            self._canvas.fetch(f"{self._name}:{layer.key}", work, partial(self._arrived, layer.key), self._fail)
        self._begin_when_complete()

    def _arrived(self, key: str, prepared: Prepared) -> None:
        self._prepared[key] = prepared
        self._awaited.discard(key)
        self._begin_when_complete()

    def _begin_when_complete(self) -> None:
        if not self._awaited and self._steps is None and not self._has_failed:
            self._steps = self._steps_of()
            self._timer.start(0)

    def _tick(self) -> None:
        begin = perf_counter()
        while perf_counter() - begin < SLICE_S:
            if self._steps is None or next(self._steps, self) is self:
                self._timer.stop()
                return

    def _fail(self, fault: Exception) -> None:
        if self._has_failed:
            return
        self._has_failed = True
        self._timer.stop()
        if self._steps is not None:
            self._steps.close()
        self.failed.emit(fault)
        self.deleteLater()

    def _paint_layers(self, painter: QPainter) -> Generator[None, None, None]:
        """Paint the layers and their texts with the upper left corner of the view at the painter's origin."""
        paper = Paper(painter, self._view, self._theme)
        texts = []
        for layer in self._layers:
            prepared = self._prepared.get(layer.key)
            if prepared is None:
                continue
            painter.setOpacity(layer.opacity)
            yield from paint(paper, layer.style, prepared)
            if prepared.labels is not None and (layer.labels or not prepared.labels.rule.on_demand):
                texts.append(prepared.labels)
        painter.setOpacity(1.0)
        labels: list[Label] = []
        shown = [(layer.style, self._prepared[layer.key]) for layer in self._layers if layer.key in self._prepared]
        room = room_beside_clusters(shown, self._view)
        for placed in place(texts, self._view, self._theme, room):
            labels += placed
            yield
        for label in labels:
            x, y = self._view.to_screen(label.x, label.y)
            draw_label(
                painter, label.text, label.rule, self._theme, x + label.dx, y + label.dy, label.angle, vector=True
            )
            yield


def _question(source: LayerSource, style: Style, extent: Extent, metres_per_pixel: float) -> Prepared:
    return prepare(source.fetch(extent, metres_per_pixel), style, extent, metres_per_pixel)
