"""Tables that fit in memory: records under columns, sorted by any of them, narrowed down by text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from console.widgets.shared.style import Look

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QMouseEvent

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex
SORT_ROLE = Qt.ItemDataRole.UserRole
RECORD_ROLE = Qt.ItemDataRole.UserRole + 1
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True)
class Column(Generic[T]):
    """One column.

    Attributes:
        title: its heading.
        text: what a cell says.
        order: what it is sorted by; numbers stand at the right.
        colour: name of a theme colour for a record, empty for that of text.
        width_px: its width; 0 takes the room that is left.
    """

    title: str
    text: Callable[[T], str]
    order: Callable[[T], Any] | None = None
    colour: Callable[[T], str] | None = None
    width_px: int = 0


class RecordModel(QAbstractTableModel, Generic[T]):
    """Records by key; new ones replace the old in place, so that selection and scroll bar stay."""

    def __init__(self, columns: Sequence[Column[T]], key: Callable[[T], str], parent: QObject) -> None:
        super().__init__(parent)
        self.columns = columns
        self._key = key
        self._records: list[T] = []
        self._rows: dict[str, int] = {}

    def show(self, records: Sequence[T]) -> None:
        """Show `records`; when they are the same things as before only their cells change."""
        keys = [self._key(record) for record in records]
        if keys == list(self._rows):
            self._records = list(records)
            if records:
                self.dataChanged.emit(self.index(0, 0), self.index(len(records) - 1, len(self.columns) - 1))
            return
        self.beginResetModel()
        self._records = list(records)
        self._rows = {key: row for row, key in enumerate(keys)}
        self.endResetModel()

    def row_of(self, key: str) -> int | None:
        """Where the record of `key` stands."""
        return self._rows.get(key)

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
        elif role == SORT_ROLE:
            answer = column.order(record) if column.order is not None else column.text(record)
        elif role == RECORD_ROLE:
            answer = record
        elif role == Qt.ItemDataRole.TextAlignmentRole:
            answer = RIGHT if column.order is not None else LEFT
        elif role == Qt.ItemDataRole.ForegroundRole and column.colour is not None and (name := column.colour(record)):
            answer = QColor(getattr(Look.current(), name))
        return answer


class RecordProxy(QSortFilterProxyModel):
    """Orders by `SORT_ROLE` and keeps the rows in which any cell has the text."""

    def lessThan(self, left: Index, right: Index) -> bool:
        """Nothing comes before everything."""
        one, other = left.data(SORT_ROLE), right.data(SORT_ROLE)
        if one is None or other is None:
            return one is None and other is not None
        return bool(one < other)


class RecordTable(QTableView):
    """A quiet table of records."""

    chosen = Signal(object)
    """The record that became current by hand."""
    opened = Signal(object)
    """The record that is to be shown on the map."""

    def __init__(self, model: RecordModel[Any]) -> None:
        super().__init__()
        self.records = model
        self.proxy = RecordProxy(self)
        self.proxy.setSourceModel(model)
        self.proxy.setFilterKeyColumn(-1)
        self.proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setModel(self.proxy)
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
        self.selectionModel().currentRowChanged.connect(self._on_current)
        self.activated.connect(lambda index: self.opened.emit(index.data(RECORD_ROLE)))

    def narrow(self, text: str) -> None:
        """Show only records that have `text` in any cell."""
        self.proxy.setFilterFixedString(text)

    def mark(self, key: str | None) -> None:
        """Another panel chose a record: mark it here, silently."""
        self._is_following = True
        row = None if key is None else self.records.row_of(key)
        index = self.proxy.mapFromSource(self.records.index(row, 0)) if row is not None else QModelIndex()
        if index.isValid():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(index, flags)
            self.scrollTo(index)
        else:
            self.selectionModel().clear()
        self._is_following = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens like Enter."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            self.opened.emit(index.data(RECORD_ROLE))

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        record = current.data(RECORD_ROLE)
        if record is not None and not self._is_following:
            self.chosen.emit(record)
