"""The evidence of a case in its details: small pictures by stage, kept as it is in the database."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.models.cases import evidence
from console.widgets.shared.evidence.terms import counted, doubt_words, named
from console.widgets.shared.evidence.tiles import Tile, image_of
from console.widgets.shared.flow import FlowLayout
from console.widgets.shared.panel import label, margins
from console.widgets.shared.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from PySide6.QtGui import QImage, QShowEvent
    from sqlalchemy import Connection

    from console.database.feed import Change, FeedState
    from console.models.cases.evidence import CaseEvidence, Pixels
    from console.widgets.shared.desk import Desk

AGAIN_MS = 200
SUBJECT = "case_attachment"


class EvidenceStrip(QWidget):
    """Reads and shows the evidence of one case.

    Args:
        desk: the way to the database and what it tells.
    """

    wanted = Signal(int)
    """A piece is to be looked at in full; its id."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._case_id: int | None = None
        self._as_of: datetime | None = None
        self._found: CaseEvidence | None = None
        self._images: dict[int, QImage] = {}
        self._is_due = False
        self.tiles: list[Tile] = []
        self.remark = label("", "secondary")
        head = QHBoxLayout()
        margins(head, 0, 0, 0, 0, 8)
        head.addWidget(label(self.tr("Evidence"), "secondary"))
        head.addStretch(1)
        head.addWidget(self.remark)
        self.message = label("", "secondary", wraps=True)
        self.retry = QPushButton(self.tr("Try again"))
        self.retry.clicked.connect(self.refresh)
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
        self.refresh_soon = Throttle(AGAIN_MS, self.refresh, self)
        desk.changes.changed.connect(self._on_changes)
        desk.changes.reload.connect(self._note)
        desk.changes.state_changed.connect(self._on_state)
        self._say("")

    @property
    def evidence(self) -> CaseEvidence | None:
        """What is shown; None while it is not known."""
        return self._found

    def show_case(self, case_id: int | None, as_of: datetime | None = None) -> None:
        """Show the evidence of a case, as it is or as it was once; None shows nothing."""
        if (case_id, as_of) == (self._case_id, self._as_of):
            return
        if case_id != self._case_id:
            self._images = {}
        self._case_id, self._as_of, self._found = case_id, as_of, None
        self._show_tiles()
        self._say("" if case_id is None else self.tr("Loading …"))
        self.refresh()

    def refresh(self) -> None:
        """Read it anew."""
        self._is_due = False
        if self._case_id is None:
            self._desk.operations.cancel(self, "evidence")
            return
        self._desk.operations.read(
            self, partial(_read, self._case_id), partial(self._show, self._case_id), self._fail, key="evidence"
        )

    def _on_changes(self, changes: Sequence[Change]) -> None:
        # Where the case lies tells how far away a photo was taken: the case itself counts, too.
        for change in changes:
            of_case = (change.detail or {}).get("case_id") if change.subject == SUBJECT else change.key
            if change.subject in {SUBJECT, "case_file"} and str(of_case) == str(self._case_id):
                self._note()
                return

    def _on_state(self, state: FeedState) -> None:
        if state.connected and not self.retry.isHidden():
            self._note()

    def _note(self) -> None:
        """There is news: read it now, or when it will be seen."""
        self._is_due = True
        if self.isVisible():
            self.refresh_soon()

    def showEvent(self, event: QShowEvent) -> None:
        """Read what has become due while nobody saw it."""
        super().showEvent(event)
        if self._is_due:
            self.refresh_soon()

    def _show(self, case_id: int, found: CaseEvidence | None) -> None:
        if case_id != self._case_id:
            return
        if found is not None and self._as_of is not None:
            found = found.as_of(self._as_of)
        if found != self._found or found is None:
            self._found = found
            self._show_tiles()
        self._say("")
        missing = [tile.item.id for tile in self.tiles if tile.item.is_picture and tile.image is None]
        if missing:
            self._desk.operations.read(
                self, partial(_read_previews, missing), self._show_images, lambda _error: None, key="previews"
            )

    def _show_images(self, pictures: dict[int, Pixels]) -> None:
        self._images.update({number: image_of(pixels) for number, pixels in pictures.items()})
        for tile in self.tiles:
            if tile.image is None and tile.item.id in self._images:
                tile.show_image(self._images[tile.item.id])

    def _show_tiles(self) -> None:
        while self._flow.takeAt(0) is not None:
            pass
        for tile in self.tiles:
            tile.hide()
            tile.deleteLater()
        found = self._found
        self.tiles = []
        for item in () if found is None else found.items:
            tile = Tile(item, () if found is None or item.is_withdrawn else found.doubts(item), self._desk.now())
            tile.image = self._images.get(item.id)
            tile.clicked.connect(partial(self.wanted.emit, item.id))
            self._flow.addWidget(tile)
            self.tiles.append(tile)
            tile.show()
        self._held.setVisible(bool(self.tiles))
        self._held.updateGeometry()
        self.remark.setText("" if found is None else counted(found.counting))
        lines = [f"◆ {named(tile.item)}: {doubt_words(doubt)}" for tile in self.tiles for doubt in tile.doubts]
        self.doubts.setText("\n".join(lines))
        self.doubts.setVisible(bool(lines))

    def _say(self, words: str, *, failed: bool = False) -> None:
        if not words and self._found is not None and not self._found.items:
            words = self.tr("No photos or other evidence yet.")
        self.message.setText(words)
        self.message.setVisible(bool(words))
        self.retry.setVisible(failed)

    def _fail(self, error: Exception) -> None:
        if self._found is None:
            self._say(self._desk.notices.words_for(error), failed=True)


def _read(case_id: int, connection: Connection) -> CaseEvidence | None:
    return evidence.of_case(connection, case_id)


def _read_previews(ids: Sequence[int], connection: Connection) -> dict[int, Pixels]:
    return evidence.previews(connection, ids)
