"""The list of what can be edited, with how many rows there are and how many are changed but not saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.widgets.configuration.topics import FIELD, RECORD, TOPICS, TRACE
from console.widgets.shared.panel import Heading, margins
from console.widgets.shared.style import Look, font
from console.widgets.shared.words import SYMBOL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QPainter

KEY, COUNT, MARK = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1, Qt.ItemDataRole.UserRole + 2
GROUP_HEIGHT = 30


class TopicList(QWidget):
    """Topics under their headings.

    Args:
        field: titles by key of what is looked at and decided about the field.
    """

    chosen = Signal(str)
    """Key of the topic that is to be shown."""

    def __init__(self, field: Mapping[str, str]) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Configuration"))
        self.heading = Heading(self.tr("Configuration"))
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("What can be edited"))
        self.list.setItemDelegate(_TopicDelegate(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._items: dict[str, QListWidgetItem] = {}
        group = ""
        for topic in TOPICS:
            if topic.group != group:
                group = topic.group
                self._add_group(group)
            self._add(topic.key, topic.title)
        self._add_group(FIELD)
        for key, title in field.items():
            self._add(key, title)
        self._add_group(TRACE)
        self._add(RECORD, self.tr("Who changed what"))
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(self.heading)
        box.addWidget(self.list, 1)
        self.list.currentItemChanged.connect(self._on_current)

    def choose(self, key: str) -> None:
        """Show the topic of `key`."""
        self.list.setCurrentItem(self._items[key])

    def show_counts(self, key: str, count: int, unsaved: int) -> None:
        """Say how many rows a topic has, and how many of them are changed but not saved."""
        item = self._items[key]
        item.setData(COUNT, count)
        item.setData(MARK, f"✎ {unsaved}" if unsaved else "")

    def show_waiting(self, key: str, count: int, waiting: int) -> None:
        """Say how many things of the field there are, and how many of them wait for a decision."""
        item = self._items[key]
        item.setData(COUNT, count)
        item.setData(MARK, f"{SYMBOL['medium']} {waiting}" if waiting else "")

    def show_unsaved(self, count: int) -> None:
        """Say how many changes wait in all."""
        self.heading.say(self.tr("Configuration"), self.tr("{n} not saved").format(n=count) if count else "")

    def step(self, rows: int) -> None:
        """Show another topic."""
        keys = list(self._items)
        current = self.list.currentItem()
        at = 0 if current is None else keys.index(current.data(KEY))
        self.choose(keys[(at + rows) % len(keys)])

    def _add_group(self, title: str) -> None:
        item = QListWidgetItem(QCoreApplication.translate("words", title), self.list)
        item.setFlags(Qt.ItemFlag.NoItemFlags)

    def _add(self, key: str, title: str) -> None:
        item = QListWidgetItem(QCoreApplication.translate("words", title), self.list)
        item.setData(KEY, key)
        self._items[key] = item

    def _on_current(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(KEY):
            self.chosen.emit(item.data(KEY))


class _TopicDelegate(QStyledItemDelegate):
    """Title at the left, numbers at the right; headings small and quiet."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """A dense row, or a heading."""
        del option
        return QSize(120, Look.current().row_dense_px + 4 if index.data(KEY) else GROUP_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Title, then what waits to be saved, then the count."""
        look, area = Look.current(), option.rect
        painter.save()
        inside = area.adjusted(12, 0, -12, 0)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if not index.data(KEY):
            painter.setFont(font(look.secondary_px))
            painter.setPen(look.secondary)
            painter.drawText(inside.adjusted(0, 6, 0, 0), left, index.data(Qt.ItemDataRole.DisplayRole))
            painter.restore()
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, look.accent_ground)
        count, mark = index.data(COUNT), index.data(MARK)
        painter.setFont(font(look.secondary_px))
        painter.setPen(look.secondary)
        if count is not None:
            painter.drawText(inside, right, f"{count:,}")
        inside.setRight(inside.right() - 44)
        if mark:
            painter.setPen(look.text)
            painter.drawText(inside, right, mark)
            inside.setRight(inside.right() - 36)
        painter.setFont(font(look.text_px))
        painter.setPen(look.text)
        title = painter.fontMetrics().elidedText(
            index.data(Qt.ItemDataRole.DisplayRole), Qt.TextElideMode.ElideRight, inside.width()
        )
        painter.drawText(inside.adjusted(8, 0, 0, 0), left, title)
        painter.restore()
