"""Duty rosters at a glance: a row a post, a column a day, in each cell the shift that is worked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelectionModel,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from console.widgets.shared.panel import ENTER, keeps_key
from console.widgets.shared.style import Look, font

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter

Index = QModelIndex | QPersistentModelIndex
DAY_WIDTH = 68
SYMBOL_PX = 10
CENTRE = int(Qt.AlignmentFlag.AlignCenter)
CORNER = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
SELECTED, FOCUSED = QStyle.StateFlag.State_Selected, QStyle.StateFlag.State_HasFocus


@dataclass(frozen=True)
class Post:
    """A row.

    Attributes:
        id: of the post.
        title: what it is called; `login` its login, empty for none.
    """

    id: int
    title: str
    login: str


@dataclass(frozen=True)
class Cell:
    """A shift that a post works on a day.

    Attributes:
        key: of its entry.
        words: name of the shift.
        symbol: what the draft makes of it, empty for an entry as it is stored.
        colour: name of a theme colour.
    """

    key: str
    words: str
    symbol: str
    colour: str


class RosterModel(QAbstractTableModel):
    """Posts by days; nothing in it is edited but through the page."""

    def __init__(self, language: str, parent: QObject) -> None:
        super().__init__(parent)
        self._locale = QLocale(language)
        self.posts: Sequence[Post] = ()
        self.days: Sequence[date] = ()
        self._cell_of: Callable[[tuple[int, date]], Cell | None] = lambda _duty: None
        self._cells: dict[tuple[int, date], Cell | None] = {}
        self._free: frozenset[date] = frozenset()
        self._today: date | None = None

    def show(
        self,
        posts: Sequence[Post],
        days: Sequence[date],
        cell_of: Callable[[tuple[int, date]], Cell | None],
        free: frozenset[date],
        today: date,
    ) -> None:
        """Show these; rows and columns stay where they are while posts and days are the same.

        Args:
            posts: rows from the top.
            days: columns from the left.
            cell_of: what a post works on a day; asked once for each cell that is seen.
            free: days without work.
            today: the day that stands out.
        """
        same = self.posts == posts and self.days == days
        if not same:
            self.beginResetModel()
        self.posts, self.days, self._free, self._today = posts, days, free, today
        self._cell_of, self._cells = cell_of, {}
        if not same:
            self.endResetModel()
        elif posts and days:
            self.dataChanged.emit(self.index(0, 0), self.index(len(posts) - 1, len(days) - 1))

    def duty(self, index: Index) -> tuple[int, date]:
        """Post and day of a cell."""
        return self.posts[index.row()].id, self.days[index.column()]

    def cell(self, index: Index) -> Cell | None:
        """What is worked there; None for nothing."""
        if not index.isValid():
            return None
        duty = self.duty(index)
        if duty not in self._cells:
            self._cells[duty] = self._cell_of(duty)
        return self._cells[duty]

    def place_of(self, duty: tuple[int, date]) -> QModelIndex:
        """The cell of a post and day; an invalid one when it is not shown."""
        staff_id, day = duty
        row = next((n for n, post in enumerate(self.posts) if post.id == staff_id), -1)
        return self.index(row, self.days.index(day)) if row >= 0 and day in self.days else QModelIndex()

    def rowCount(self, parent: Index | None = None) -> int:
        """Number of posts."""
        return 0 if parent is not None and parent.isValid() else len(self.posts)

    def columnCount(self, parent: Index | None = None) -> int:
        """Number of days."""
        return 0 if parent is not None and parent.isValid() else len(self.days)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Weekday and day above, posts at the left."""
        if orientation == Qt.Orientation.Vertical:
            post = self.posts[section]
            return {Qt.ItemDataRole.DisplayRole: post.title, Qt.ItemDataRole.ToolTipRole: post.login}.get(
                Qt.ItemDataRole(role)
            )
        day, look = self.days[section], Look.current()
        if role == Qt.ItemDataRole.DisplayRole:
            weekday = self._locale.dayName(day.isoweekday(), QLocale.FormatType.ShortFormat)
            return f"{weekday}\n{day:%m-%d}"
        if role == Qt.ItemDataRole.FontRole:
            return font(look.secondary_px, semibold=day == self._today)
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(look.text if day == self._today else look.disabled if day in self._free else look.secondary)
        return CENTRE if role == Qt.ItemDataRole.TextAlignmentRole else None

    def is_free(self, index: Index) -> bool:
        """Whether a cell is of a day without work."""
        return self.days[index.column()] in self._free

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The shift, for whoever reads the cell aloud."""
        cell = self.cell(index) if role == Qt.ItemDataRole.DisplayRole else None
        return None if cell is None else cell.words


class _Cells(QStyledItemDelegate):
    """Paints a cell at once, without asking the style: hundreds are seen, and scrolled.

    The shift stands in the middle, what the draft makes of it in the corner.
    """

    def __init__(self, model: RosterModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._small = font(SYMBOL_PX)
        self._colours: dict[str, QColor] = {}

    def _colour(self, name: str) -> QColor:
        if name not in self._colours:
            self._colours[name] = QColor(getattr(Look.current(), name))
        return self._colours[name]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """A cell."""
        cell, area, state = self._model.cell(index), option.rect, option.state
        if state & SELECTED:
            painter.fillRect(area, self._colour("accent_ground"))
        elif self._model.is_free(index):
            painter.fillRect(area, self._colour("raised"))
        if state & FOCUSED:
            painter.setPen(self._colour("accent"))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        if cell is None:
            return
        painter.setFont(option.font)
        painter.setPen(self._colour(cell.colour))
        painter.drawText(area, CENTRE, cell.words)
        if cell.symbol:
            painter.setFont(self._small)
            painter.drawText(area.adjusted(3, 1, 0, 0), CORNER, cell.symbol)


class RosterGrid(QTableView):
    """The grid; digits give the selected cells a shift, 0 or Delete frees them, Enter shows the entry in full."""

    moved = Signal()
    """Another cell is current, or more or fewer are selected."""
    opened = Signal()
    """The entry of the current cell is to be edited; a free cell begins one."""
    wanted = Signal(int)
    """The selected cells are to have the shift of this digit; 0 frees them."""

    def __init__(self, model: RosterModel) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        self.setItemDelegate(_Cells(model, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        above, beside = self.horizontalHeader(), self.verticalHeader()
        for header in (above, beside):
            header.setHighlightSections(False)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        above.setDefaultSectionSize(DAY_WIDTH)
        beside.setDefaultSectionSize(Look.current().row_dense_px)
        beside.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        chosen = self.selectionModel()
        chosen.currentChanged.connect(lambda *_: self.moved.emit())
        chosen.selectionChanged.connect(lambda *_: self.moved.emit())

    @property
    def selected(self) -> list[tuple[int, date]]:
        """Post and day of each selected cell."""
        return [self._model.duty(index) for index in self.selectionModel().selectedIndexes()]

    @property
    def count_selected(self) -> int:
        """How many cells are selected."""
        blocks = self.selectionModel().selection()
        return sum(block.width() * block.height() for block in blocks.toList())

    def go_to(self, duty: tuple[int, date]) -> None:
        """Make a cell current."""
        index = self._model.place_of(duty)
        if index.isValid() and index != self.currentIndex():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens."""
        if self.indexAt(event.position().toPoint()).isValid():
            self.opened.emit()

    def event(self, event: QEvent) -> bool:
        """What decides about cells comes before the keys of the window."""
        return keeps_key(event, self._handler) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits, Delete and Enter; all others as in any table."""
        handler = self._handler(event)
        if handler is None:
            super().keyPressEvent(event)
        else:
            handler()

    def _handler(self, event: QKeyEvent) -> Callable[[], object] | None:
        key = Qt.Key(event.key())
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or not self.currentIndex().isValid():
            return None
        if key in ENTER:
            return self.opened.emit
        if key == Qt.Key.Key_Delete:
            return lambda: self.wanted.emit(0)
        if Qt.Key.Key_0 <= key <= Qt.Key.Key_9:
            return lambda: self.wanted.emit(key - Qt.Key.Key_0)
        return None
