"""Tables that fit in memory: records under columns, sorted by any of them, narrowed down by text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from console.widgets.shared.listing import Listing
from console.widgets.shared.matching import initials
from console.widgets.shared.style import Look

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QMouseEvent, QResizeEvent

    from console.reports.lists import Cell

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex
FIGURE = re.compile(r"-?\d+(\.\d+)?")
RECORD_ROLE = Qt.ItemDataRole.UserRole
PADDING_PX = 11
"""Beside the words of a cell."""
LEAST_PX = 150
"""Width below which a column that takes what is left makes spare ones give way."""
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_SELECTED, _ENABLED = QStyle.StateFlag.State_Selected.value, QStyle.StateFlag.State_Enabled.value


@dataclass(frozen=True)
class Column(Generic[T]):
    """One column.

    Attributes:
        title: its heading.
        text: what a cell says.
        order: what it is sorted by; numbers stand at the right.
        rank: what a text is sorted by where not by itself.
        colour: name of a theme colour for a record, empty for that of text.
        width_px: its width; 0 takes the room that is left.
        spare: order in which columns give way where those that take what is left would get too little; 0 stays.
    """

    title: str
    text: Callable[[T], str]
    order: Callable[[T], Any] | None = None
    colour: Callable[[T], str] | None = None
    width_px: int = 0
    spare: int = 0
    rank: Callable[[T], Any] | None = None


class RecordModel(QAbstractTableModel, Generic[T]):
    """Records by key, narrowed down by text and sorted by a column.

    New records of the same things only change cells: rows move when the user sorts or narrows, or when things come and
    go, never because a figure has changed.
    """

    def __init__(self, columns: Sequence[Column[T]], key: Callable[[T], str], parent: QObject) -> None:
        super().__init__(parent)
        self.columns = columns
        self._key = key
        self._all: dict[str, T] = {}
        self._records: list[T] = []
        self._rows: dict[str, int] = {}
        self._text = ""
        self._column = 0
        self._downwards = False

    def show(self, records: Sequence[T]) -> None:
        """Show `records`."""
        fresh = {self._key(record): record for record in records}
        same = fresh.keys() == self._all.keys()
        self._all = fresh
        if not same:
            self._arrange()
        elif self._rows:
            self._records = [fresh[key] for key in self._rows]
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._records) - 1, len(self.columns) - 1))

    def narrow(self, text: str) -> None:
        """Show only records that have `text` in any cell, or the initials of its pinyin."""
        self._text = text.strip().lower()
        self._arrange()

    def _fits(self, record: T) -> bool:
        words = [column.text(record) for column in self.columns]
        if any(self._text in one.lower() for one in words):
            return True
        return self._text.isalpha() and self._text.isascii() and any(self._text in initials(one) for one in words)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; what is unknown comes last."""
        self._column, self._downwards = column, order == Qt.SortOrder.DescendingOrder
        self._arrange()

    def _arrange(self) -> None:
        column = self.columns[self._column] if self._column >= 0 else self.columns[0]
        order = column.order or column.rank or column.text
        kept = [(order(one), key, one) for key, one in self._all.items() if not self._text or self._fits(one)]
        known = [placed for placed in kept if placed[0] is not None]
        unknown = [placed for placed in kept if placed[0] is None]
        known.sort(key=lambda placed: placed[0], reverse=self._downwards)
        arranged = known + unknown
        self.beginResetModel()
        self._records = [record for _, _, record in arranged]
        self._rows = {key: row for row, (_, key, _) in enumerate(arranged)}
        self.endResetModel()

    def key_at(self, row: int) -> str:
        """Key of the record in a row."""
        return self._key(self._records[row])

    def record(self, row: int) -> T:
        """The record in a row."""
        return self._records[row]

    def row_of(self, key: str) -> int | None:
        """Where the record of `key` stands."""
        return self._rows.get(key)

    def cells(self, row: int) -> list[Cell]:
        """What a row says; the text of a figure as a number."""
        record = self._records[row]
        return [_figure(c.text(record)) if c.order is not None else c.text(record) for c in self.columns]

    def rowCount(self, parent: Index | None = None) -> int:
        """Number of records."""
        return 0 if parent is not None and parent.isValid() else len(self._records)

    def columnCount(self, parent: Index | None = None) -> int:
        """Number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Headings of columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if self.columns[section].order is not None else LEFT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, order, colour or the record itself."""
        if not index.isValid():
            return None
        record, column = self._records[index.row()], self.columns[index.column()]
        answer: Any = None
        if role == Qt.ItemDataRole.DisplayRole:
            answer = column.text(record)
        elif role == RECORD_ROLE:
            answer = record
        elif role == Qt.ItemDataRole.TextAlignmentRole:
            answer = RIGHT if column.order is not None else LEFT
        elif role == Qt.ItemDataRole.ForegroundRole and column.colour is not None and (name := column.colour(record)):
            answer = QColor(getattr(Look.current(), name))
        return answer


def _figure(text: str) -> Cell:
    plain = text.replace(",", "")
    return float(plain) if FIGURE.fullmatch(plain) else text


class _Cells(QStyledItemDelegate):
    """Paints the words of a cell, in its colour also where its row is selected.

    By hand: the usual delegate asks the model eight times for each cell, and a table that follows the time of a replay
    would keep the window waiting with every one of its pictures.
    """

    def __init__(self, table: RecordTable) -> None:
        super().__init__(table)
        self._model, look = table.records, Look.current()
        self._selected = QColor(look.accent_ground)
        self._pens = {"": QPen(QColor(look.text)), "disabled": QPen(QColor(look.disabled))}
        self._em_px = look.text_px

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        column, record = self._model.columns[index.column()], self._model.record(index.row())
        area, state = option.rect, option.state.value
        if state & _SELECTED:
            painter.fillRect(area, self._selected)
        words = column.text(record)
        if not words:
            return
        area.adjust(PADDING_PX, 0, -PADDING_PX, 0)
        if len(words) * self._em_px > area.width():  # no letter is wider
            words = option.fontMetrics.elidedText(words, Qt.TextElideMode.ElideRight, area.width())
        name = "disabled" if not state & _ENABLED else "" if column.colour is None else column.colour(record)
        painter.setPen(self._pens.get(name) or self._made_pen(name))
        painter.drawText(area, LEFT if column.order is None else RIGHT, words)

    def _made_pen(self, name: str) -> QPen:
        pen = self._pens[name] = QPen(QColor(getattr(Look.current(), name)))
        return pen


class RowTable(QTableView):
    """A table whose rows are one thing each: Home and End go to the first and the last of them."""

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Where a key leads; Qt's own Home and End would stay in the row."""
        ends = {QAbstractItemView.CursorAction.MoveHome, QAbstractItemView.CursorAction.MoveEnd}
        if action in ends:
            modifiers |= Qt.KeyboardModifier.ControlModifier
        return super().moveCursor(action, modifiers)


class RecordTable(RowTable):
    """A quiet table of records."""

    chosen = Signal(object)
    """The record that became current by hand, or was clicked again."""
    opened = Signal(object)
    """The record that is to be shown on the map."""

    def __init__(self, model: RecordModel[Any]) -> None:
        super().__init__()
        self.records = model
        self.setModel(model)
        self.setItemDelegate(_Cells(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSortingEnabled(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(Look.current().row_dense_px)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(36)
        for place, column in enumerate(model.columns):
            mode = QHeaderView.ResizeMode.Interactive if column.width_px else QHeaderView.ResizeMode.Stretch
            header.setSectionResizeMode(place, mode)
            if column.width_px:
                header.resizeSection(place, column.width_px)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self._is_following = False
        self._marked: str | None = None
        model.modelReset.connect(lambda: self.mark(self._marked))
        self.selectionModel().currentRowChanged.connect(self._on_current)
        self.clicked.connect(lambda index: self.chosen.emit(index.data(RECORD_ROLE)))
        self.activated.connect(lambda index: self.opened.emit(index.data(RECORD_ROLE)))

    @property
    def marked(self) -> str | None:
        """Key of the record that was chosen last, here or by another panel."""
        return self._marked

    def narrow(self, text: str) -> None:
        """Show only records that have `text` in any cell."""
        self.records.narrow(text)

    def listing(self) -> Listing:
        """What is shown, as it is shown; figures as numbers."""
        columns, records = self.records.columns, self.records
        rows = [records.cells(row) for row in range(records.rowCount())]
        return Listing(self.accessibleName(), [c.title for c in columns], lambda _connection: rows, len(rows))

    def mark(self, key: str | None) -> None:
        """Another panel chose a record: mark it here, silently."""
        self._is_following = True
        row = None if key is None else self.records.row_of(key)
        self._marked = key
        if row is not None:
            index = self.records.index(row, 0)
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(index, flags)
            self.scrollTo(index)
        else:
            self.selectionModel().clear()
        self._is_following = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let spare columns go or come back, as there is room."""
        super().resizeEvent(event)
        columns = self.records.columns
        stretched = sum(column.width_px == 0 for column in columns)
        room = self.viewport().width() - sum(column.width_px for column in columns)
        hidden = set()
        for column in sorted((one for one in columns if one.spare), key=lambda one: one.spare):
            if stretched and room / stretched < LEAST_PX:
                hidden.add(column)
                stretched -= column.width_px == 0
                room += column.width_px
        for place, column in enumerate(columns):
            self.setColumnHidden(place, column in hidden)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens like Enter."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            self.opened.emit(index.data(RECORD_ROLE))

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        record = current.data(RECORD_ROLE)
        if record is not None and not self._is_following:
            self._marked = self.records.key_at(current.row())
            self.chosen.emit(record)
