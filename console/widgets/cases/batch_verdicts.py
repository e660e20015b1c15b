"""What became, or would become, of each of many moves: one line a case, how far it is, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from console.widgets.shared.panel import ENTER, ESC_AND_ENTER, ElidedLabel, keeps_key, label, line, margins
from console.widgets.shared.style import Look, font
from console.widgets.shared.words import SYMBOL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QPainter

LINE = Qt.ItemDataRole.UserRole
SHOWN = 6
VCENTER, LEFT, RIGHT = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True)
class Line:
    """One case: what it is about, its `verdict` in words below, and whether that is a refusal."""

    case_id: int
    case_no: str
    title: str
    verdict: str = ""
    is_refused: bool = False


class _Delegate(QStyledItemDelegate):
    """Two lines a case; a refusal has a symbol and its colour."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Room for both lines."""
        del option, index
        return QSize(80, Look.current().row_two_lines_px)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Title over verdict."""
        look, told, area = Look.current(), index.data(LINE), option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(look.accent_ground))
        painter.fillRect(QRect(area.left(), area.bottom(), area.width(), 1), QColor(look.line))
        inside = area.adjusted(14, 7, -12, -7)
        half = inside.height() // 2
        verdict = f"{SYMBOL['high']} {told.verdict}" if told.is_refused else told.verdict or "…"
        for place, (words, colour, pixels) in enumerate(
            (
                (told.title, look.text, look.text_px),
                (verdict, look.high_text if told.is_refused else look.secondary, look.secondary_px),
            )
        ):
            painter.setFont(font(pixels))
            painter.setPen(QColor(colour))
            cut = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, inside.width())
            painter.drawText(
                QRect(inside.left(), inside.top() + place * half, inside.width(), half), VCENTER | LEFT, cut
            )
        painter.restore()


class BatchVerdicts(QFrame):
    """Enter does what the first button says, Esc what the second says; a click on a line opens the case.

    Args:
        title: what is done.
        lines: the cases.
    """

    confirmed = Signal()
    given_up = Signal()
    opened = Signal(int)
    """The case of this id is to be looked at."""

    def __init__(self, title: str, lines: Sequence[Line]) -> None:
        super().__init__()
        self.setProperty("surface", "panel")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._places: dict[int, int] = {}
        self.told = ElidedLabel("", "secondary")
        self.bar = QProgressBar(textVisible=False)
        kept = self.bar.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(kept)
        self.list = QListWidget()
        self.list.setAccessibleName(title)
        self.list.setItemDelegate(_Delegate(self))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.list.itemClicked.connect(lambda item: self.opened.emit(item.data(LINE).case_id))
        for one in lines:
            self._places[one.case_id] = self.list.count()
            self.list.addItem(QListWidgetItem())
            self.tell(one)
        self.list.setFixedHeight(Look.current().row_two_lines_px * min(len(lines), SHOWN))
        self.trouble = label("", "critical", wraps=True, selectable=True)
        self.trouble.setContentsMargins(14, 8, 14, 0)
        self.trouble.hide()
        self.confirm, self.give_up = QPushButton(), QPushButton()
        for button in (self.confirm, self.give_up):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.confirm.setDefault(True)
        self.confirm.clicked.connect(self.confirmed)
        self.give_up.clicked.connect(self.given_up)
        self._lay_out(title)

    def _lay_out(self, title: str) -> None:
        head = QHBoxLayout()
        margins(head, 14, 10, 14, 8, 8)
        head.addWidget(label(title, "title"))
        head.addWidget(self.told, 1)
        self.told.setAlignment(RIGHT | VCENTER)
        foot = QHBoxLayout()
        margins(foot, 14, 8, 14, 12, 8)
        foot.addWidget(self.give_up)
        foot.addStretch(1)
        foot.addWidget(self.confirm)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(line())
        box.addLayout(head)
        box.addWidget(self.bar)
        box.addWidget(self.list)
        box.addWidget(self.trouble)
        box.addLayout(foot)

    @property
    def lines(self) -> list[Line]:
        """What is told of each case."""
        return [self.list.item(row).data(LINE) for row in range(self.list.count())]

    def tell(self, told: Line) -> None:
        """Show what became of a case."""
        item = self.list.item(self._places[told.case_id])
        if told.verdict:
            self.list.scrollToItem(item)
        item.setData(LINE, told)
        item.setText(f"{told.title} {told.verdict}")
        item.setToolTip(f"{told.case_no}\n{told.title}\n{told.verdict}")

    def show_progress(self, done: int, total: int, words: str) -> None:
        """How far it is."""
        self.bar.show()
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.told.setText(words)

    def show_outcome(self, words: str) -> None:
        """Nothing is under way any more; the first refusal, if there is one, is in sight."""
        self.bar.hide()
        self.told.setText(words)
        refused = next((row for row, told in enumerate(self.lines) if told.is_refused), 0)
        self.list.scrollToItem(self.list.item(refused), QListWidget.ScrollHint.PositionAtTop)

    def offer(self, confirm: str, give_up: str, trouble: str = "") -> None:
        """What can be done now; one of the two may be empty."""
        for button, words in ((self.confirm, confirm), (self.give_up, give_up)):
            button.setText(words)
            button.setVisible(bool(words))
        self.trouble.setText(trouble)
        self.trouble.setVisible(bool(trouble))

    def event(self, event: QEvent) -> bool:
        """Its keys come before those of the window."""
        return keeps_key(event, lambda pressed: pressed.key() in ESC_AND_ENTER) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, Esc, and the arrows in the list."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.given_up.emit()
        elif key in ENTER and not self.confirm.isHidden():
            self.confirmed.emit()
        elif key in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            row = self.list.currentRow() + (1 if key == Qt.Key.Key_Down else -1)
            self.list.setCurrentRow(max(0, min(row, self.list.count() - 1)))
        else:
            super().keyPressEvent(event)
