"""Cases that another one may repeat, each with the photo that tells most: one look often decides."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor

from console.models.cases import evidence
from console.widgets.cases.move_fields import HIT, Hit, HitDelegate, HitList, T
from console.widgets.shared.evidence.source import image_of
from console.widgets.shared.evidence.tiles import middle_of
from console.widgets.shared.style import Look, icon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtWidgets import QStyleOptionViewItem
    from sqlalchemy import Connection

    from console.models.cases.evidence import Pixels
    from console.widgets.shared.desk import Desk

PICTURE = QSize(56, 42)
GAP_PX = 8


class DuplicateList(HitList):
    """Hits whose `found` are candidates of `console.models.cases.duplicates`.

    Args:
        name: what is chosen.
        desk: the way to the database.
    """

    def __init__(self, name: str, desk: Desk) -> None:
        super().__init__(name)
        self._desk = desk
        self.photos: dict[int, QImage | None] = {}
        self.setItemDelegate(_Delegate(self))

    def show_hits(self, hits: Sequence[Hit[T]], current: int = 0) -> None:
        """Show these; their photos follow."""
        super().show_hits(hits, current)
        ids = [self.item(row).data(HIT).found.id for row in range(self.count())]
        missing = [number for number in ids if number not in self.photos]
        if missing:
            done = partial(self._take, missing)
            self._desk.operations.read(self, partial(_read, missing), done, lambda _error: None, key="photos")

    def _take(self, asked: Sequence[int], pictures: dict[int, Pixels]) -> None:
        for number in asked:
            self.photos[number] = image_of(pictures[number]) if number in pictures else None
        self.viewport().update()


class _Delegate(HitDelegate):
    """The photo before both lines."""

    def __init__(self, parent: DuplicateList) -> None:
        super().__init__(parent, indent_px=PICTURE.width() + GAP_PX)
        self._list = parent

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The middle of the photo; a quiet symbol where there is none."""
        super().paint(painter, option, index)
        place = QRect(option.rect.left() + GAP_PX, 0, PICTURE.width(), PICTURE.height())
        place.moveTop(option.rect.center().y() - PICTURE.height() // 2)
        number = index.data(HIT).found.id
        image = self._list.photos.get(number)
        if image is not None:
            painter.drawImage(place, image, middle_of(image.size(), place.size()))
            return
        painter.fillRect(place, QColor(Look.current().raised))
        if number in self._list.photos:
            icon("mdi6.image-off-outline", "disabled").paint(painter, place, Qt.AlignmentFlag.AlignCenter)


def _read(case_ids: Sequence[int], connection: Connection) -> dict[int, Pixels]:
    return evidence.photos_of_cases(connection, case_ids)
