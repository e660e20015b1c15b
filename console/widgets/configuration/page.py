"""One topic: what it decides, its rows under their columns, found by typing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from console.widgets.configuration.cells import Item, columns, items
from console.widgets.shared import figures
from console.widgets.shared.panel import label, margins, surface
from console.widgets.shared.searched_table import SearchedTable
from console.widgets.shared.style import Look, font

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QAction, QShowEvent

    from console.widgets.configuration.register import Register
    from console.widgets.configuration.topics import Topic
    from console.widgets.shared.table import Column

ASKED_MS = 4000
"""How long a question on a button waits for its answer."""


class TopicPage(SearchedTable):
    """The table of a topic.

    Args:
        topic: which.
        register: its rows and its draft.
    """

    chosen = Signal(str)
    """Key of the row that is to be looked at."""
    opened = Signal(str)
    """Key of the row that is to be edited."""
    new_wanted = Signal()
    """A new row is to be begun."""

    def __init__(self, topic: Topic, register: Register) -> None:
        self.topic, self._register = topic, register
        self._draft = register.drafts[topic.key]
        self.wants_first = self._is_stale = False
        super().__init__(
            QCoreApplication.translate("words", topic.title), QCoreApplication.translate("words", topic.about)
        )
        self.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
        self._tools = QHBoxLayout()
        self._tools.setSpacing(4)
        self.above.addLayout(self._tools)
        self.new = QPushButton(self.tr("New entry  Ctrl+N"))
        self.new.setVisible(topic.grows)
        self.new.clicked.connect(self.new_wanted)
        self.above.addWidget(self.new)
        self.bar = DraftBar()
        self.bar.discarded.connect(self._discard)
        self.rows.addWidget(self.bar)
        self.table.chosen.connect(lambda item: self.chosen.emit(item.key))
        self.table.opened.connect(lambda item: self.opened.emit(item.key))
        register.changed.connect(self._on_changed)
        register.failed.connect(self._on_failed)

    def columns(self) -> list[Column[Item]]:
        """One for each field of the topic that is shown in its table."""
        return columns(self.topic, self._register)

    def key_of(self, record: Item) -> str:
        """Key of the row."""
        return record.key

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

    def show_rows(self) -> None:
        """Show rows and draft where they stand."""
        self.model.show(items(self._draft))

    def count_shown(self) -> int:
        """How many entries are shown, as far as they are narrowed down."""
        return self.model.rowCount()

    def refresh(self) -> None:
        """Show rows and draft as they are now."""
        self._is_stale = False
        self.show_rows()
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
        shown, whole = self.count_shown(), len(self._draft.keys)
        remark = figures.things(whole, self.tr("1 entry"), self.tr("{n} entries"))
        if shown != whole:
            remark = self.tr("{n} of {all}").format(n=figures.count(shown), all=figures.count(whole))
        self.heading.say(self._title, remark)

    def narrow(self, text: str) -> None:
        """Leave only the rows that have `text`, and say how many those are."""
        super().narrow(text)
        self._say_count()

    def showEvent(self, event: QShowEvent) -> None:
        """What was changed while nobody looked is made up for."""
        super().showEvent(event)
        if self._is_stale:
            self.refresh()

    def _on_changed(self, key: str) -> None:
        if key == self.topic.key:
            self._is_stale = True
            if self.isVisible():
                self.refresh()

    def _on_failed(self, key: str, words: str) -> None:
        if key == self.topic.key and self.model.rowCount() == 0:
            self.state.show_failed(words)

    def retry(self) -> None:
        """Read the topic anew."""
        self.state.show_loading()
        self._register.read(self.topic)


class GridPage(TopicPage):
    """A topic whose rows stand in a grid, which is theirs; what is searched for is listed as a table."""

    def __init__(self, topic: Topic, register: Register) -> None:
        super().__init__(topic, register)
        self.text.textChanged.connect(self._choose_view)

    def content(self) -> QWidget:
        """The grid, or the table of what is searched for."""
        self._views = QStackedWidget()
        self._views.addWidget(self.make_grid())
        self._views.addWidget(self.table)
        return self._views

    def make_grid(self) -> QWidget:
        """What shows the rows while nothing is searched for."""
        raise NotImplementedError

    @property
    def is_searched(self) -> bool:
        """Whether the table is shown."""
        return self._views.currentWidget() is self.table

    def show_rows(self) -> None:
        """Thousands of rows are listed only where somebody sees them."""
        if self.is_searched:
            super().show_rows()

    def count_shown(self) -> int:
        """All of them, in the grid."""
        return super().count_shown() if self.is_searched else len(self._draft.keys)

    def _choose_view(self, text: str) -> None:
        if bool(text.strip()) != self.is_searched:
            self._views.setCurrentIndex(0 if self.is_searched else 1)
            self.refresh()


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
