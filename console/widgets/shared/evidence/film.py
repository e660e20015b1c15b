"""The strip of small pictures below the viewer, of which some are seen in full."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from console.widgets.shared.evidence.tiles import CAPTION, PICTURE, Tile, tiles_of
from console.widgets.shared.panel import margins

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from PySide6.QtGui import QImage

    from console.models.cases.evidence import CaseEvidence


class Film(QScrollArea):
    """All pieces of a case in one row."""

    chosen = Signal(int)
    """The piece at this place was clicked."""

    def __init__(self) -> None:
        super().__init__(widgetResizable=True)
        self.tiles: list[Tile] = []
        self._row = QHBoxLayout()
        margins(self._row, 12, 8, 12, 8, 8)
        inside = QWidget()
        inside.setProperty("surface", "panel")
        inside.setLayout(self._row)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(inside)
        self.setFixedHeight(PICTURE.height() + CAPTION + 26)

    def show_pieces(self, found: CaseEvidence | None, images: Mapping[int, QImage], now: datetime) -> None:
        """Show other pieces."""
        while self._row.takeAt(0) is not None:
            pass
        for tile in self.tiles:
            tile.hide()
            tile.deleteLater()
        self.tiles = tiles_of(found, images, now)
        for place, tile in enumerate(self.tiles):
            tile.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            tile.clicked.connect(partial(self._choose, place))
            self._row.addWidget(tile)
        self._row.addStretch(1)

    def show_images(self, images: Mapping[int, QImage]) -> None:
        """Show small pictures that have come."""
        for tile in self.tiles:
            tile.show_image(images.get(tile.item.id))

    def mark(self, shown: set[int], active: int | None) -> None:
        """Mark the pieces that are seen in full; the active one comes into sight."""
        for tile in self.tiles:
            tile.setChecked(tile.item.id in shown)
            if tile.item.id == active:
                self.ensureWidgetVisible(tile)

    def _choose(self, place: int, *_: object) -> None:
        self.chosen.emit(place)
