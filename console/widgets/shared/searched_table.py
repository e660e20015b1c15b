"""A table under its title, narrowed down by typing: configuration, its record, and what comes in from the field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from console.widgets.shared.panel import ENTER, ElidedLabel, Heading, Stateful, margins
from console.widgets.shared.style import icon
from console.widgets.shared.table import RecordModel, RecordTable
from console.widgets.shared.throttle import Debounce

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent

    from console.widgets.shared.table import Column

NARROW_MS = 120
SEARCH_WIDTH = 300


class SearchField(QLineEdit):
    """Narrows the table below it down; the arrow key down goes there."""

    left = Signal()

    def __init__(self, hint: str) -> None:
        super().__init__(placeholderText=hint, clearButtonEnabled=True)
        self.setAccessibleName(hint)
        self.addAction(icon("mdi6.magnify"), QLineEdit.ActionPosition.LeadingPosition)
        self.setFixedWidth(SEARCH_WIDTH)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down and Enter go to the table."""
        if event.key() in ENTER | {Qt.Key.Key_Down}:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class SearchedTable(QWidget):
    """A title, a search field beside a sentence on what the table holds, and the table, or why it shows nothing.

    Subclasses say what its columns are and what tells one record from all others.

    Args:
        title: what it is called.
        about: one sentence on it.
    """

    def __init__(self, title: str, about: str) -> None:
        super().__init__()
        self._title = title
        self.heading = Heading(title)
        self.text = SearchField(self.tr("Search in any column …"))
        self.model: RecordModel[Any] = RecordModel(self.columns(), self.key_of, self)
        self.table = RecordTable(self.model)
        self.table.setAccessibleName(title)
        self.state = Stateful(self.content(), self.retry)
        self.above = QHBoxLayout()
        margins(self.above, 12, 8, 12, 8, 12)
        self.above.addWidget(self.text)
        self.above.addWidget(ElidedLabel(about, "secondary"), 1)
        self.rows = QVBoxLayout(self)
        margins(self.rows, 0, 0, 0, 0)
        self.rows.addWidget(self.heading)
        self.rows.addLayout(self.above)
        self.rows.addWidget(self.state, 1)
        self.setFocusProxy(self.table)
        self.state.show_loading()
        self._narrow = Debounce(NARROW_MS, self.narrow, self)
        self.text.textChanged.connect(self._narrow_soon)
        self.text.left.connect(self._go_to_table)

    def columns(self) -> Sequence[Column[Any]]:
        """The columns of the table."""
        raise NotImplementedError

    def key_of(self, record: Any) -> str:
        """What tells a record from all others."""
        raise NotImplementedError

    def content(self) -> QWidget:
        """What shows the records; the table, unless a subclass adds to it."""
        return self.table

    @property
    def searched(self) -> RecordTable:
        """The table that typing narrows down."""
        return self.table

    def retry(self) -> None:
        """Read anew, after reading failed."""
        raise NotImplementedError

    def search(self) -> None:
        """Let the keyboard go to the search field."""
        self.text.setFocus()
        self.text.selectAll()

    def narrow(self, text: str) -> None:
        """Leave only the records that have `text` in any cell."""
        self.searched.narrow(text)

    def _narrow_soon(self, text: str) -> None:
        self._narrow(text)
        if not text:
            self._narrow.flush()

    def _go_to_table(self) -> None:
        self._narrow.flush()
        table = self.searched
        table.setFocus()
        if table.model().rowCount() and not table.selectionModel().hasSelection():
            table.selectRow(0)
