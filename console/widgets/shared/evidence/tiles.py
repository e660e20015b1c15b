"""Small pictures of evidence, each a button: what it shows, when it was taken, and whether that is doubted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QAbstractButton

from console.widgets.shared import figures
from console.widgets.shared.evidence.terms import doubt_words, megabytes, named
from console.widgets.shared.style import Look, font, icon

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QEnterEvent, QImage, QPaintEvent

    from console.models.cases.evidence import Attachment, CaseEvidence, Doubt

PICTURE = QSize(104, 78)
CAPTION = 20
SYMBOL = {
    "photo": "mdi6.image-outline",
    "video": "mdi6.movie-open-play-outline",
    "sound": "mdi6.volume-high",
    "document": "mdi6.file-document-outline",
}
FADED = 0.35


class Tile(QAbstractButton):
    """One piece of evidence, small.

    Args:
        item: what it is.
        doubts: what is doubted about it.
        now: what the caption is relative to.
    """

    def __init__(self, item: Attachment, doubts: tuple[Doubt, ...], now: datetime) -> None:
        super().__init__()
        self.item, self.doubts = item, doubts
        self.image: QImage | None = None
        self.setFixedSize(PICTURE.width(), PICTURE.height() + CAPTION)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCheckable(True)
        self.caption = self.tr("Withdrawn") if item.is_withdrawn else named(item)
        if item.taken_at is not None and not item.is_withdrawn:
            taken, today = item.taken_at.astimezone(figures.CITY_TIME), now.astimezone(figures.CITY_TIME).date()
            self.caption += f" {taken:%H:%M}" if taken.date() == today else f" {taken:%m-%d}"
        lines = [named(item) + (f" · {item.width} × {item.height}" if item.width else ""), item.file_name]
        lines[0] += f" · {megabytes(item.size_bytes)}"
        if item.taken_at is not None:
            lines.append(self.tr("Taken {time}").format(time=figures.moment(item.taken_at)))
        lines += [f"◆ {doubt_words(doubt)}" for doubt in doubts]
        if item.is_withdrawn:
            lines.append(self.tr("Withdrawn: {reason}").format(reason=item.reason))
        self.setToolTip("\n".join(lines))
        self.setAccessibleName(", ".join(lines))

    def show_image(self, image: QImage | None) -> None:
        """Show the small picture, as soon as it is there."""
        self.image = image
        self.update()

    def sizeHint(self) -> QSize:
        """Picture and caption."""
        return self.size()

    def nextCheckState(self) -> None:
        """A click chooses it; what is marked is said by whoever shows it."""

    def enterEvent(self, event: QEnterEvent) -> None:
        """The rim tells that it can be clicked."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """As before."""
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The middle of the picture, filling its place; its caption below."""
        look, painter = Look.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRect(0, 0, PICTURE.width(), PICTURE.height())
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), look.radius_px, look.radius_px)
        painter.fillPath(shape, QColor(look.raised))
        painter.save()
        painter.setClipPath(shape)
        if self.item.is_withdrawn:
            painter.setOpacity(FADED)
        if self.image is not None:
            painter.drawImage(area, self.image, middle_of(self.image.size(), area.size()))
        else:
            symbol = icon(SYMBOL[self.item.kind]).pixmap(28, 28)
            painter.drawPixmap(area.center().x() - 14, area.center().y() - 14, symbol)
        painter.restore()
        self._paint_marks(painter, area)
        marked = self.isChecked() or self.hasFocus()
        rim = look.accent if marked else look.disabled if self.underMouse() else look.line
        painter.setPen(QPen(QColor(rim), 2 if marked else 1))
        painter.drawPath(shape)
        painter.setFont(font(look.secondary_px))
        painter.setPen(QColor(look.text if self.isChecked() else look.secondary))
        below = QRect(0, area.height(), area.width(), CAPTION)
        cut = painter.fontMetrics().elidedText(self.caption, Qt.TextElideMode.ElideRight, below.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, cut)

    def _paint_marks(self, painter: QPainter, area: QRect) -> None:
        look = Look.current()
        if self.item.is_withdrawn:
            painter.setPen(QPen(QColor(look.secondary), 2))
            painter.drawLine(area.bottomLeft(), area.topRight())
        elif self.doubts:
            # On a ground of its own: the mark is seen on any picture.
            badge = QRect(area.right() - 24, area.top() + 5, 20, 20)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.panel))
            painter.drawRoundedRect(badge, look.radius_px, look.radius_px)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setFont(font(look.text_px))
            painter.setPen(QColor(look.high))
            painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, "◆")


def middle_of(picture: QSize, place: QSize) -> QRect:
    """The largest part in the middle of a picture that has the shape of its place."""
    part = place.scaled(picture, Qt.AspectRatioMode.KeepAspectRatio)
    return QRect((picture.width() - part.width()) // 2, (picture.height() - part.height()) // 2, *part.toTuple())


def tiles_of(found: CaseEvidence | None, images: Mapping[int, QImage], now: datetime) -> list[Tile]:
    """A tile for each piece of evidence of a case, with its picture as far as that has come."""
    made = []
    for item in () if found is None else found.items:
        tile = Tile(item, () if found is None or item.is_withdrawn else found.doubts(item), now)
        tile.show_image(images.get(item.id))
        made.append(tile)
    return made
