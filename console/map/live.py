"""What is painted anew in every frame: trucks, alarms, the selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QPainter

from console.map.cache import MARGIN_PX, Picture, Sheet
from console.map.labels import Label, LabelCandidates, place
from console.map.painting import Paper, paint

if TYPE_CHECKING:
    from console.map.view import View


class LivePainter:
    """Paints live layers and their texts.

    Texts are placed only when the data or the scale changed, so that they do not flicker while the hand moves.
    """

    def __init__(self) -> None:
        self._labels: list[Label] = []
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
            if prepared is None:
                continue
            painter.setOpacity(layer.opacity)
            for _ in paint(paper, layer.style, prepared):
                pass
            if prepared.labels is not None and (layer.labels or not prepared.labels.rule.on_demand):
                texts.append(prepared.labels)
        painter.setOpacity(1.0)
        self._place(texts, view, picture)
        picture.label_painter.draw(painter, self._labels, view)

    def _place(self, texts: list[LabelCandidates], view: View, picture: Picture) -> None:
        scale, known = self._placed_for
        is_known = len(known) == len(texts) and all(one is other for one, other in zip(known, texts, strict=True))
        if is_known and scale == view.metres_per_pixel:
            return
        padded = view.padded(MARGIN_PX)
        self._labels = [label for some in place(texts, padded, picture.theme) for label in some]
        self._placed_for = view.metres_per_pixel, texts
