"""What is painted anew in every frame: trucks, alarms, the selection."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtGui import QPainter

from console.map.cache import MARGIN_PX, Picture, Sheet
from console.map.labels import LabelCandidates, place
from console.map.painting import Paper, paint

if TYPE_CHECKING:
    from collections.abc import Generator

    from console.map.lettering import LabelPainter, Lettering
    from console.map.view import View

T = TypeVar("T")


class LivePainter:
    """Paints live layers and their texts.

    Texts are placed when the data changed or the picture has come to another scale, so that they do not flicker while
    the hand moves.
    """

    def __init__(self) -> None:
        self._lettering: Lettering | None = None
        self._painter: LabelPainter | None = None
        self._placed_for: tuple[float, list[LabelCandidates]] = 0.0, []

    def paint(self, painter: QPainter, view: View, sheets: list[Sheet], picture: Picture) -> None:
        """Paint the live ones among `sheets`."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paper = Paper(painter, view, picture.theme, picture.atlas)
        texts: list[LabelCandidates] = []
        for sheet in sheets:
            layer = sheet.layer
            if not (sheet.store.is_painted_live and layer.is_seen(view.metres_per_pixel)):
                continue
            prepared = sheet.store.best(view)
            if prepared is None or not len(prepared.features):
                continue
            painter.setOpacity(layer.opacity)
            for _ in paint(paper, layer.style, prepared):
                pass
            if prepared.labels is not None and (layer.labels or not prepared.labels.rule.on_demand):
                texts.append(prepared.labels)
        painter.setOpacity(1.0)
        self._place(texts, view, picture)
        if self._lettering is not None:
            self._lettering.draw(painter, view)

    def _place(self, texts: list[LabelCandidates], view: View, picture: Picture) -> None:
        scale, known = self._placed_for
        is_known = len(known) == len(texts) and all(one is other for one, other in zip(known, texts, strict=True))
        is_zooming = picture.composed is not None and picture.composed.view.metres_per_pixel != view.metres_per_pixel
        is_placed = is_known and (is_zooming or scale == view.metres_per_pixel)
        if is_placed and self._painter is picture.label_painter:
            return
        padded = view.padded(MARGIN_PX)
        labels = [label for some in place(texts, padded, picture.theme) for label in some]
        self._painter = picture.label_painter
        self._lettering = finished(self._painter.lettered(labels, view.metres_per_pixel))
        self._placed_for = view.metres_per_pixel, texts


def finished(steps: Generator[None, None, T]) -> T:
    """The result of steps that are few enough to be done at once."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
