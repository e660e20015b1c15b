"""The command field: runs any command of the window and finds things of the city, all from the keyboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.widgets.shared.matching import score
from console.widgets.shared.panel import label, margins
from console.widgets.shared.style import Look, font, icon
from console.widgets.shared.throttle import Debounce

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent

    from console.widgets.shell.actions import Actions

SHOWN_COMMANDS = 8
SHOWN_FINDS = 12
FIND_AFTER_MS = 150
HIT = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Hit:
    """One line of the list: a command, or a thing of the city that was found.

    Attributes:
        title: what it is.
        detail: where or of which kind, smaller.
        keys: the shortcut that does the same.
        symbol: name of a bundled icon.
        run: what Enter does.
    """

    title: str
    detail: str
    run: Callable[[], object]
    keys: str = ""
    symbol: str = ""


class CommandField(QLineEdit):
    """The field in the top bar with its list below.

    Args:
        actions: the commands of the window.
        window: over which the list floats.
    """

    wanted = Signal(str)
    """Somebody types `text`: whoever can find things answers with `show_found`."""

    def __init__(self, actions: Actions, window: QWidget) -> None:
        super().__init__()
        self._actions = actions
        self._found: list[Hit] = []
        self.setPlaceholderText(self.tr("Command, case, address, manhole, plate …"))
        self.setAccessibleName(self.tr("Command or search"))
        self.setClearButtonEnabled(False)
        self.addAction(icon("mdi6.magnify"), QLineEdit.ActionPosition.LeadingPosition)
        self._hint = label("Ctrl K", "key")
        self._hint.setParent(self)
        self.setTextMargins(0, 0, 48, 0)
        self.popup = _Popup(window)
        self.popup.list.itemClicked.connect(self._run)
        self.popup.list.setFocusProxy(self)
        self._ask = Debounce(FIND_AFTER_MS, self.wanted.emit, self)
        self.textEdited.connect(self._refresh)
        self.returnPressed.connect(self._run_current)
        window.installEventFilter(self)

    def open(self) -> None:
        """Take the keyboard and show every command."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()
        self._refresh(self.text())

    def show_found(self, text: str, hits: Sequence[Hit]) -> None:
        """Show what was found for `text`; an answer to an older question is dropped."""
        if text == self.text().strip():
            self._found = list(hits[:SHOWN_FINDS])
            self._fill()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up, down and page keys move in the list; Escape leaves."""
        key = event.key()
        if key in {Qt.Key.Key_Up, Qt.Key.Key_Down} and self.popup.isVisible():
            step = -1 if key == Qt.Key.Key_Up else 1
            rows = self.popup.list.count()
            if rows:
                self.popup.list.setCurrentRow((self.popup.list.currentRow() + step) % rows)
        elif key == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving the field closes the list and keeps the text."""
        super().focusOutEvent(event)
        self.popup.hide()
        self._hint.show()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Entering the field shows the list."""
        super().focusInEvent(event)
        self._hint.hide()
        self._refresh(self.text())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the hint at the right edge."""
        super().resizeEvent(event)
        size = self._hint.sizeHint()
        self._hint.setGeometry(self.width() - size.width() - 6, (self.height() - 18) // 2, size.width(), 18)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The list moves along with the window."""
        if event.type() == QEvent.Type.Resize and self.popup.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _refresh(self, text: str) -> None:
        if not self.hasFocus():
            return
        if not text.strip():
            self._found = []
            self._ask.cancel()
        else:
            self._ask(text.strip())
        self._fill()

    def _commands(self) -> list[Hit]:
        text = self.text().strip()
        fits = [
            (fit, -place, action)
            for place, action in enumerate(self._actions.available())
            if (fit := score(text, action.text())) is not None
        ]
        if text:
            fits.sort(key=lambda f: (f[0], f[1]), reverse=True)
            fits = fits[:SHOWN_COMMANDS]
        return [
            Hit(
                action.text(),
                self._actions.group(action),
                action.trigger,
                action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
            )
            for _, _, action in fits
        ]

    def _fill(self) -> None:
        # What was found stands first once it is there: digits and plates never are commands.
        self.popup.show_hits([*self._found, *self._commands()])
        self._place()
        self.popup.setVisible(self.hasFocus())
        self.popup.raise_()

    def _place(self) -> None:
        window = self.popup.parentWidget()
        if window is None:
            return
        corner = self.mapTo(window, self.rect().bottomLeft())
        width = max(self.width(), 480)
        height = min(self.popup.wanted_height(), window.height() - corner.y() - 40)
        self.popup.setGeometry(QRect(corner.x(), corner.y() + 4, width, height))

    def _run_current(self) -> None:
        item = self.popup.list.currentItem()
        if item is not None:
            self._run(item)

    def _run(self, item: QListWidgetItem) -> None:
        hit: Hit = item.data(HIT)
        self._leave()
        hit.run()

    def _leave(self) -> None:
        self.clear()
        self._found = []
        self._ask.cancel()
        self.popup.hide()
        window = self.popup.parentWidget()
        if window is not None:
            window.setFocus(Qt.FocusReason.OtherFocusReason)


class _Popup(QFrame):
    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("surface", "float")
        self.list = QListWidget()
        self.list.setItemDelegate(_HitDelegate(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._nothing = label(self.tr("Nothing found."), "secondary")
        box = QVBoxLayout(self)
        margins(box, 4, 4, 4, 4)
        box.addWidget(self._nothing)
        box.addWidget(self.list)
        self.hide()

    def show_hits(self, hits: list[Hit]) -> None:
        self.list.clear()
        for hit in hits:
            item = QListWidgetItem(hit.title, self.list)
            item.setData(HIT, hit)
        self.list.setCurrentRow(0)
        self.list.setVisible(bool(hits))
        self._nothing.setVisible(not hits)

    def wanted_height(self) -> int:
        return max(1, self.list.count()) * _HitDelegate.HEIGHT + 12


class _HitDelegate(QStyledItemDelegate):
    HEIGHT = 32

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        del option, index
        return QSize(200, self.HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        look, hit = Look.current(), index.data(HIT)
        area: QRect = option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, look.accent_ground)
        inside = area.adjusted(12, 0, -12, 0)
        painter.setFont(font(look.secondary_px))
        painter.setPen(look.secondary)
        right = painter.boundingRect(inside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, hit.keys)
        painter.drawText(right, Qt.AlignmentFlag.AlignCenter, hit.keys)
        inside.setRight(right.left() - 12 if hit.keys else inside.right())
        detail = painter.boundingRect(inside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, hit.detail)
        painter.drawText(detail, Qt.AlignmentFlag.AlignCenter, hit.detail)
        inside.setRight(detail.left() - 12)
        if hit.symbol:
            icon(hit.symbol).paint(painter, inside.left(), inside.top() + 8, 16, 16)
            inside.setLeft(inside.left() + 24)
        painter.setFont(font(look.text_px))
        painter.setPen(look.text)
        title = painter.fontMetrics().elidedText(hit.title, Qt.TextElideMode.ElideRight, inside.width())
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, title)
        painter.restore()
