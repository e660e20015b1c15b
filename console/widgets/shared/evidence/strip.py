"""The evidence of a case in its details: small pictures by stage, kept as it is in the database."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.widgets.shared.evidence.source import EvidenceSource
from console.widgets.shared.evidence.terms import counted, doubt_words, named
from console.widgets.shared.evidence.tiles import Tile, tiles_of
from console.widgets.shared.evidence.tray import Tray
from console.widgets.shared.flow import FlowLayout
from console.widgets.shared.panel import ElidedLabel, label, margins

if TYPE_CHECKING:
    from datetime import datetime

    from PySide6.QtGui import QShowEvent

    from console.models.cases.evidence import CaseEvidence
    from console.widgets.shared.desk import Desk


class EvidenceStrip(QWidget):
    """Shows the evidence of one case, small.

    Args:
        desk: the way to the database and what it tells.
    """

    wanted = Signal(object)
    """The evidence is to be looked at in full: the id of the piece to begin with, or None."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.source = EvidenceSource(desk, self.isVisible, self)
        self.tiles: list[Tile] = []
        self.remark = ElidedLabel("", "secondary")
        self.view = QPushButton(self.tr("View  I"))
        self.view.setFlat(True)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.clicked.connect(lambda: self.wanted.emit(None))
        head = QHBoxLayout()
        margins(head, 0, 0, 0, 0, 8)
        head.addWidget(label(self.tr("Evidence"), "secondary"))
        head.addWidget(self.remark, 1)
        head.addWidget(self.view)
        self.message = label("", "secondary", wraps=True)
        self.retry = QPushButton(self.tr("Try again"))
        self.retry.clicked.connect(self.source.refresh)
        self._held = QWidget()
        self._flow = FlowLayout(self._held, 8)
        self._flow.setContentsMargins(0, 0, 0, 0)
        self.doubts = label("", "high", wraps=True, selectable=True)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0, 6)
        box.addLayout(head)
        box.addWidget(self.message)
        box.addWidget(self.retry, 0, Qt.AlignmentFlag.AlignLeft)
        box.addWidget(self._held)
        box.addWidget(self.doubts)
        self.tray = Tray(desk, self.source, sends=True)
        box.addWidget(self.tray)
        self.source.changed.connect(self._show)
        self.source.pictures_came.connect(self._show_images)
        self.source.failed.connect(partial(self._say, failed=True))
        self._show()

    @property
    def evidence(self) -> CaseEvidence | None:
        """What is shown; None while it is not known."""
        return self.source.found

    def show_case(self, case_id: int | None, as_of: datetime | None = None) -> None:
        """Show the evidence of a case, as it is or as it was once; None shows nothing."""
        self.source.follow(case_id, as_of)

    def showEvent(self, event: QShowEvent) -> None:
        """Read what has become due while nobody saw it."""
        super().showEvent(event)
        self.source.catch_up()

    def _show_images(self) -> None:
        for tile in self.tiles:
            tile.show_image(self.source.images.get(tile.item.id))

    def _show(self) -> None:
        while self._flow.takeAt(0) is not None:
            pass
        for tile in self.tiles:
            tile.hide()
            tile.deleteLater()
        found = self.source.found
        self.tiles = tiles_of(found, self.source.images, self._desk.now())
        for tile in self.tiles:
            tile.clicked.connect(partial(self._ask, tile.item.id))
            self._flow.addWidget(tile)
            tile.show()
        self._held.setVisible(bool(self.tiles))
        self._held.updateGeometry()
        self.view.setVisible(bool(self.tiles))
        self.remark.setText("" if found is None else counted(found.counting))
        lines = [f"◆ {named(tile.item)}: {doubt_words(doubt)}" for tile in self.tiles for doubt in tile.doubts]
        self.doubts.setText("\n".join(lines))
        self.doubts.setVisible(bool(lines))
        if found is not None:
            self._say("" if found.items else self.tr("No photos or other evidence yet."))
        else:
            self._say("" if self.source.case_id is None else self.tr("Loading …"))

    def _ask(self, number: int, *_: object) -> None:
        self.wanted.emit(number)

    def _say(self, words: str, *, failed: bool = False) -> None:
        self.message.setText(words)
        self.message.setVisible(bool(words))
        self.retry.setVisible(failed)
