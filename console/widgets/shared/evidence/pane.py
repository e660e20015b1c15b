"""A picture to look at closely: zoomed and moved by wheel, mouse and keys, two of them as if they were one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from console.widgets.shared.style import Look, font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QMouseEvent, QPaintEvent, QWheelEvent

    from console.models.cases.evidence import Pixels

MOST = 24.0
STEP = 1.25
NOTCH = 120
EDGE_PX = 4


class Sight(QObject):
    """What part of a picture is looked at, in shares of its width and height, so that several can share it.

    Attributes:
        zoom: 1 shows all of the picture.
        x, y: the point in the middle, each from 0 to 1.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.zoom, self.x, self.y = 1.0, 0.5, 0.5

    def look(self, zoom: float, x: float, y: float) -> None:
        """Look at another part."""
        wanted = min(max(zoom, 1.0), MOST), min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)
        if wanted != (self.zoom, self.x, self.y):
            self.zoom, self.x, self.y = wanted
            self.changed.emit()

    def reset(self) -> None:
        """All of the picture."""
        self.look(1.0, 0.5, 0.5)


class Picture:
    """A decoded picture at several sizes, for painting without a copy of its bytes."""

    def __init__(self, levels: Sequence[Pixels]) -> None:
        self._levels = levels  # an image does not keep alive what it looks at
        self.images = [
            QImage(one.data, one.width, one.height, 4 * one.width, QImage.Format.Format_RGB32) for one in levels
        ]

    def image(self, width: float) -> QImage:
        """The smallest that is at least `width` pixels wide; the largest for what is wider."""
        return next((one for one in reversed(self.images) if one.width() >= width), self.images[0])


class PicturePane(QWidget):
    """Shows a picture as its sight says.

    Args:
        sight: what part of it; may be shared.
    """

    pressed = Signal()

    def __init__(self, sight: Sight) -> None:
        super().__init__()
        self.sight = sight
        self._small: QImage | None = None
        self._picture: Picture | None = None
        self.words = ""
        self._grabbed: QPointF | None = None
        self.setMinimumSize(80, 60)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        sight.changed.connect(self.update)

    @property
    def is_sharp(self) -> bool:
        """Whether the picture itself is shown, not a small one in its place."""
        return self._picture is not None

    @property
    def wants_more(self) -> bool:
        """Whether the picture is seen larger than it is."""
        if self._picture is None:
            return False
        return self.area().width() * self.devicePixelRatioF() > self._picture.images[0].width()

    def show_picture(self, picture: Picture | None, small: QImage | None = None, words: str = "") -> None:
        """Show a picture; a small one until it has come; words instead of both, or over the small one."""
        self._picture, self._small, self.words = picture, small, words
        self.update()

    # What is seen

    @property
    def _image(self) -> QImage | None:
        return self._small if self._picture is None else self._picture.images[0]

    def area(self) -> QRectF:
        """Where all of the picture lies, in pixels of the widget; it goes beyond that when zoomed."""
        image = self._image
        if image is None:
            return QRectF()
        room = QRectF(self.rect()).adjusted(EDGE_PX, EDGE_PX, -EDGE_PX, -EDGE_PX)
        fit = min(room.width() / image.width(), room.height() / image.height()) * self.sight.zoom
        width, height = image.width() * fit, image.height() * fit
        left = _placed(room.left(), room.width(), width, self.sight.x)
        top = _placed(room.top(), room.height(), height, self.sight.y)
        return QRectF(left, top, width, height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The part of the picture that is in sight, from the level that is just large enough."""
        look, painter = Look.current(), QPainter(self)
        painter.fillRect(self.rect(), QColor(look.ground))
        area = self.area()
        if not area.isEmpty():
            wide = area.width() * self.devicePixelRatioF()
            image = self._small if self._picture is None else self._picture.image(wide)
            if image is not None:
                seen = area.intersected(QRectF(self.rect()))
                across, down = image.width() / area.width(), image.height() / area.height()
                part = QRectF(
                    (seen.left() - area.left()) * across,
                    (seen.top() - area.top()) * down,
                    seen.width() * across,
                    seen.height() * down,
                )
                # Far in, single pixels are seen as they are.
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, across > 1 / 3)
                painter.drawImage(seen, image, part)
        if self.words:
            self._paint_words(painter)

    def _paint_words(self, painter: QPainter) -> None:
        look = Look.current()
        painter.setFont(font(look.text_px))
        room = self.rect().adjusted(24, 24, -24, -24)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        need = painter.boundingRect(room, flags, self.words).adjusted(-10, -6, 10, 6)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(look.line))
        painter.setBrush(QColor(look.panel))
        painter.drawRoundedRect(need, look.radius_px, look.radius_px)
        painter.setPen(QColor(look.text))
        painter.drawText(room, flags, self.words)

    # Zoom and move

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Look closer or from farther, keeping what lies at a point of the widget, or in the middle, where it is."""
        area = self.area()
        if area.isEmpty():
            return
        at = QRectF(self.rect()).center() if at is None else at
        wanted = min(max(self.sight.zoom * factor, 1.0), MOST)
        grown = wanted / self.sight.zoom
        x, y = (at.x() - area.left()) / area.width(), (at.y() - area.top()) / area.height()
        middle = QRectF(self.rect()).center()
        # The point stays where it is: from it to the middle it is as many pixels as before, of a larger picture.
        aside = middle - at
        self._look(wanted, x + aside.x() / (area.width() * grown), y + aside.y() / (area.height() * grown))

    def move_by(self, right_px: float, down_px: float) -> None:
        """Move the picture below the sight."""
        area = self.area()
        if not area.isEmpty():
            middle = QRectF(self.rect()).center() - area.topLeft()
            self._look(self.sight.zoom, (middle.x() - right_px) / area.width(), (middle.y() - down_px) / area.height())

    def _look(self, zoom: float, x: float, y: float) -> None:
        """Look there, as far as there is picture around it: nothing has to be dragged back from beyond the rim."""
        area, room = self.area(), QRectF(self.rect()).adjusted(EDGE_PX, EDGE_PX, -EDGE_PX, -EDGE_PX)
        grown = min(max(zoom, 1.0), MOST) / self.sight.zoom
        width, height = area.width() * grown, area.height() * grown
        self.sight.look(zoom, _kept(x, room.width() / width), _kept(y, room.height() / height))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel zooms where the cursor is."""
        self.zoom(STEP ** (event.angleDelta().y() / NOTCH), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.pressed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """It follows the hand."""
        if self._grabbed is not None:
            moved, self._grabbed = event.position() - self._grabbed, event.position()
            self.move_by(moved.x(), moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let it go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed = None
            self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Closer there, or all of it again."""
        if self.sight.zoom > 1.0:
            self.sight.reset()
        else:
            self.zoom(STEP**4, event.position())


def _placed(start: float, room: float, size: float, middle: float) -> float:
    """Where a picture of `size` begins: in the middle of its room, or so that no room stays empty."""
    if size <= room:
        return start + (room - size) / 2
    return min(max(start + room / 2 - middle * size, start + room - size), start)


def _kept(middle: float, share: float) -> float:
    """A middle around which `share` of the picture can be seen; all of it is seen around its own middle."""
    return 0.5 if share >= 1 else min(max(middle, share / 2), 1 - share / 2)
