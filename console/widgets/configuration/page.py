"""One topic: what it decides, its rows under their columns, found by typing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from console.widgets.configuration.cells import Item, columns, items
from console.widgets.shared import figures
from console.widgets.shared.panel import ENTER, ElidedLabel, Heading, Stateful, label, margins, surface
from console.widgets.shared.style import Look, font, icon
from console.widgets.shared.table import RecordModel, RecordTable
from console.widgets.shared.throttle import Debounce

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QAction, QKeyEvent

    from console.widgets.configuration.register import Register
    from console.widgets.configuration.topics import Topic

NARROW_MS = 120
SEARCH_WIDTH = 300
ASKED_MS = 4000
"""How long a question on a button waits for its answer."""


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


class TopicPage(QWidget):
    """The table of a topic.

    Args:
        topic: which.
        register: its rows and its draft.
    """

    chosen = Signal(str)
    """Key of the row that is to be looked at."""
    opened = Signal(str)
    """Key of the row that is to be edited."""

    def __init__(self, topic: Topic, register: Register) -> None:
        super().__init__()
        self.topic, self._register = topic, register
        self._draft = register.drafts[topic.key]
        self.wants_first = False
        title = QCoreApplication.translate("words", topic.title)
        self.heading = Heading(title)
        self.text = SearchField(self.tr("Search in any column …"))
        self.model: RecordModel[Item] = RecordModel(columns(topic, register), lambda item: item.key, self)
        self.table = RecordTable(self.model)
        self.table.setAccessibleName(title)
        self.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
        self.state = Stateful(self.content(), self._retry)
        above = QHBoxLayout()
        margins(above, 12, 8, 12, 8, 12)
        above.addWidget(self.text)
        above.addWidget(ElidedLabel(QCoreApplication.translate("words", topic.about), "secondary"), 1)
        self._tools = QHBoxLayout()
        self._tools.setSpacing(4)
        above.addLayout(self._tools)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(self.heading)
        box.addLayout(above)
        box.addWidget(self.state, 1)
        self.bar = DraftBar()
        self.bar.discarded.connect(self._discard)
        box.addWidget(self.bar)
        self.setFocusProxy(self.table)
        self.state.show_loading()
        self._narrow = Debounce(NARROW_MS, self._narrow_down, self)
        self.text.textChanged.connect(self._narrow_soon)
        self.text.left.connect(self._go_to_table)
        self.table.chosen.connect(lambda item: self.chosen.emit(item.key))
        self.table.opened.connect(lambda item: self.opened.emit(item.key))
        register.changed.connect(self._on_changed)
        register.failed.connect(self._on_failed)

    def content(self) -> QWidget:
        """What shows the rows."""
        return self.table

    @property
    def marked(self) -> str | None:
        """Key of the row that was chosen last."""
        return self.table.marked

    def add_tools(self, actions: Iterable[QAction]) -> None:
        """Offer commands that concern this topic alone."""
        for action in actions:
            button = QToolButton()
            button.setDefaultAction(action)
            self._tools.addWidget(button)

    def mark(self, key: str | None) -> None:
        """Mark a row that was chosen elsewhere."""
        self.table.mark(key)

    def search(self) -> None:
        """Let the keyboard go to the search field."""
        self.text.setFocus()
        self.text.selectAll()

    def refresh(self) -> None:
        """Show rows and draft as they are now."""
        self.model.show(items(self._draft))
        self._say_count()
        self.bar.show_count(self._draft.count)
        self.state.show_content()
        if self.wants_first and self.model.rowCount():
            self.wants_first = False
            self.table.selectRow(0)

    def _discard(self) -> None:
        self._draft.discard()
        self._register.touched(self.topic.key)

    def _say_count(self) -> None:
        shown, whole = self.model.rowCount(), len(self._draft.keys)
        remark = figures.things(whole, self.tr("1 entry"), self.tr("{n} entries"))
        if shown != whole:
            remark = self.tr("{n} of {all}").format(n=figures.count(shown), all=figures.count(whole))
        self.heading.say(QCoreApplication.translate("words", self.topic.title), remark)

    def _narrow_soon(self, text: str) -> None:
        self._narrow(text)
        if not text:
            self._narrow.flush()

    def _narrow_down(self, text: str) -> None:
        self.table.narrow(text)
        self._say_count()

    def _go_to_table(self) -> None:
        self._narrow.flush()
        self.table.setFocus()
        if self.model.rowCount() and not self.table.selectionModel().hasSelection():
            self.table.selectRow(0)

    def _on_changed(self, key: str) -> None:
        if key == self.topic.key:
            self.refresh()

    def _on_failed(self, key: str, words: str) -> None:
        if key == self.topic.key and self.model.rowCount() == 0:
            self.state.show_failed(words)

    def _retry(self) -> None:
        self.state.show_loading()
        self._register.read(self.topic)


class DraftBar(QWidget):
    """Says that something is not saved, and what can be done about it."""

    wanted = Signal()
    """The changes are to be looked through and saved."""
    discarded = Signal()
    """All of them are to be forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self.words = label("", "")
        self.discard = QPushButton()
        self.save = QPushButton(self.tr("Look through and save  Ctrl+S"))
        self.save.setDefault(True)
        # The heavier font of a default button is not in its size hint.
        wide = QFontMetrics(font(Look.current().text_px, semibold=True)).horizontalAdvance(self.save.text())
        self.save.setMinimumWidth(wide + 28)
        self._asked = QTimer(self, singleShot=True, interval=ASKED_MS)
        self._asked.timeout.connect(self._say)
        self.discard.clicked.connect(self._on_discard)
        self.save.clicked.connect(self.wanted)
        row = QHBoxLayout()
        margins(row, 12, 6, 12, 6, 8)
        row.addWidget(self.words, 1)
        row.addWidget(self.discard)
        row.addWidget(self.save)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(surface("raised", row))
        self.hide()

    def show_count(self, count: int) -> None:
        """Show that so many entries differ from what is stored."""
        if count != self._count:
            self._count = count
            self._asked.stop()
            self._say()
        self.setVisible(count > 0)

    def _say(self) -> None:
        told = self.tr("1 entry is changed and not saved yet."), self.tr("{n} entries are changed and not saved yet.")
        self.words.setText(figures.things(self._count, *told))
        self.discard.setText(self.tr("Discard all"))

    def _on_discard(self) -> None:
        if self._asked.isActive():
            self._asked.stop()
            self.discarded.emit()
        else:
            asked = self.tr("Discard 1 change? Press again"), self.tr("Discard {n} changes? Press again")
            self.discard.setText(figures.things(self._count, *asked))
            self._asked.start()
