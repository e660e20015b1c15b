"""What a move asks for, each in a field of its own that is filled in from the keyboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QCoreApplication, QDate, QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDateEdit,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.widgets.shared.panel import ENTER, margins
from console.widgets.shared.style import Look, font

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from PySide6.QtCore import QMimeData, QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter

    from console.models.configuration.opinions import Phrase

T = TypeVar("T")
HIT = Qt.ItemDataRole.UserRole
SHOWN_HITS = 4
PHRASES = 9


@dataclass(frozen=True)
class Hit(Generic[T]):
    """One line of a list to choose from: `title`, smaller `detail` below it, and what is chosen with it."""

    title: str
    detail: str
    found: T


class HitDelegate(QStyledItemDelegate):
    """Two lines a hit, both cut to the width.

    Args:
        parent: the list.
        indent_px: so much room stays free before the lines.
    """

    def __init__(self, parent: QWidget, indent_px: int = 0) -> None:
        super().__init__(parent)
        self._indent_px = indent_px

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Room for both lines."""
        del option, index
        return QSize(80, Look.current().row_two_lines_px)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Title over detail."""
        look, hit, area = Look.current(), index.data(HIT), option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, look.accent_ground)
        inside = area.adjusted(8 + self._indent_px, 5, -8, -5)
        half = inside.height() // 2
        for place, (words, colour, pixels) in enumerate(
            ((hit.title, look.text, look.text_px), (hit.detail, look.secondary, look.secondary_px))
        ):
            painter.setFont(font(pixels))
            painter.setPen(colour)
            line = QRect(inside.left(), inside.top() + place * half, inside.width(), half)
            cut = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, inside.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, cut)
        painter.restore()


class HitList(QListWidget):
    """A few hits, of which one is chosen."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setItemDelegate(HitDelegate(self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)

    def show_hits(self, hits: Sequence[Hit[T]], current: int = 0) -> None:
        """Show these and choose one of them."""
        self.clear()
        for hit in hits:
            item = QListWidgetItem(hit.title)
            item.setData(HIT, hit)
            item.setToolTip(f"{hit.title}\n{hit.detail}")
            self.addItem(item)
        self.setCurrentRow(min(current, len(hits) - 1))
        self.setFixedHeight(Look.current().row_two_lines_px * max(1, min(len(hits), SHOWN_HITS)))

    def step(self, rows: int) -> None:
        """Choose another one."""
        if self.count():
            self.setCurrentRow((self.currentRow() + rows) % self.count())


class Picker(QWidget, Generic[T]):
    """Typed search with its hits below; arrow keys choose while the keyboard stays in the field.

    Args:
        name: what is chosen, for the hint in the field.
        find: gives the hits for what is typed.
    """

    chosen = Signal(object)
    """What is chosen now, or None."""

    def __init__(self, name: str, find: Callable[[str], Sequence[Hit[T]]]) -> None:
        super().__init__()
        self._find = find
        self.text = QLineEdit(placeholderText=name)
        self.text.setAccessibleName(name)
        self.text.setClearButtonEnabled(True)
        self.list = HitList(name)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0, 2)
        box.addWidget(self.text)
        box.addWidget(self.list)
        self.setFocusProxy(self.text)
        self.text.textChanged.connect(lambda _text: self.search())
        self.list.currentItemChanged.connect(lambda *_: self.chosen.emit(self.choice))
        self.search()

    @property
    def choice(self) -> T | None:
        """What is chosen; None when nothing fits what was typed."""
        item = self.list.currentItem()
        found: T | None = None if item is None else item.data(HIT).found
        return found

    def search(self) -> None:
        """Show what fits, the best of it chosen."""
        hits = self._find(self.text.text())
        self.list.show_hits(hits)
        self.list.setVisible(bool(hits))
        self.chosen.emit(self.choice)

    def choose(self, found: T | None) -> None:
        """Choose that one, if it is among the hits."""
        for row in range(self.list.count()):
            if self.list.item(row).data(HIT).found == found:
                self.list.setCurrentRow(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down move the choice."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.list.step(step)


class OpinionField(QWidget):
    """An opinion in words, with set phrases: in an empty field the digit before a phrase writes it.

    Args:
        phrases: what is offered, in the language of the window.
        name: hint in the field.
    """

    def __init__(self, phrases: Sequence[str], name: str) -> None:
        super().__init__()
        self.text = _Words(phrases[:PHRASES])
        self.text.setPlaceholderText(name)
        self.text.setAccessibleName(name)
        self.phrases: list[QPushButton] = []
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0, 4)
        box.addWidget(self.text)
        for number, words in enumerate(phrases[:PHRASES], start=1):
            button = QPushButton(f"{number}  {words}")
            button.setProperty("phrase", True)
            button.setToolTip(words)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _checked=False, words=words: self.text.write(words))
            button.setMinimumWidth(40)
            self.phrases.append(button)
            box.addWidget(button)
        self.setFocusProxy(self.text)

    @property
    def words(self) -> str:
        """What was written."""
        return self.text.toPlainText().strip()


class _Words(QPlainTextEdit):
    """Two lines of text; Enter belongs to the form, Shift+Enter begins a line.

    Attributes:
        takes: gets what is pasted and dropped first, and says whether it was for it.
    """

    def __init__(self, phrases: Sequence[str]) -> None:
        super().__init__()
        self._phrases = phrases
        self.takes: Callable[[QMimeData], bool] | None = None
        self.setTabChangesFocus(True)
        self.setFixedHeight(52)

    def write(self, words: str) -> None:
        """Put a phrase in, ready to be gone on with."""
        self.selectAll()
        self.insertPlainText(words)
        self.setFocus()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Pictures and files are no text, but somebody may take them."""
        return super().canInsertFromMimeData(source) or self.takes is not None

    def insertFromMimeData(self, source: QMimeData) -> None:
        """What was pasted or dropped goes to whoever takes it, or into the text."""
        if self.takes is None or not self.takes(source):
            super().insertFromMimeData(source)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit in the empty field is the key of a phrase."""
        number = int(event.text()) if event.text() and event.text() in "123456789" else 0
        if Qt.Key(event.key()) in ENTER and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            event.ignore()
        elif 0 < number <= len(self._phrases) and not self.toPlainText():
            self.write(self._phrases[number - 1])
        else:
            super().keyPressEvent(event)


class AnswerField(QWidget):
    """Yes or no, answered with one key.

    Args:
        yes, no: the two answers, marked for translation as words.
    """

    answered = Signal()

    def __init__(self, yes: str, no: str) -> None:
        super().__init__()
        translate = QCoreApplication.translate
        self.yes, self.no = QPushButton(f"{translate('words', yes)}  Y"), QPushButton(f"{translate('words', no)}  N")
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        margins(row, 0, 0, 0, 0, 6)
        for button in (self.yes, self.no):
            button.setCheckable(True)
            button.setProperty("answer", True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._group.addButton(button)
            row.addWidget(button, 1)
        self._group.buttonToggled.connect(lambda *_: self.answered.emit())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def answer(self) -> bool | None:
        """What was answered; None before."""
        return True if self.yes.isChecked() else False if self.no.isChecked() else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Y and N answer, so do left and right."""
        key = Qt.Key(event.key())
        if key in {Qt.Key.Key_Y, Qt.Key.Key_Left}:
            self.yes.setChecked(True)
        elif key in {Qt.Key.Key_N, Qt.Key.Key_Right}:
            self.no.setChecked(True)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys hold."""
        super().focusInEvent(event)
        self._mark(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """They do not any more."""
        super().focusOutEvent(event)
        self._mark(False)

    def _mark(self, focused: bool) -> None:
        for button in (self.yes, self.no):
            button.setProperty("focused", focused)
            button.style().unpolish(button)
            button.style().polish(button)


class LastDayField(QDateEdit):
    """The last day of something that lasts a year at most.

    Args:
        today: no day before it.
        day: shown first.
    """

    def __init__(self, today: date, day: date) -> None:
        super().__init__(QDate(day.year, day.month, day.day))
        self.setDisplayFormat("yyyy-MM-dd")
        self.setMinimumDate(QDate(today.year, today.month, today.day))
        self.setMaximumDate(self.minimumDate().addYears(1))
        self.lineEdit().setTextMargins(6, 0, 6, 0)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin with the day: up and down turn it."""
        super().focusInEvent(event)
        self.setSelectedSection(QDateEdit.Section.DaySection)


class Fields(QScrollArea):
    """The fields at their own height, as long as there is room for it."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__(widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)
        self._inside = inside
        inside.installEventFilter(self)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A list among the fields has grown or shrunk: so does this."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        """As high as the fields are in this width."""
        inside = self._inside
        height = inside.heightForWidth(max(self.width(), 200)) if inside.hasHeightForWidth() else -1
        return QSize(200, max(height, inside.sizeHint().height()))

    def minimumSizeHint(self) -> QSize:
        """Two fields, if there are two, can be seen in any window."""
        return QSize(80, min(96, self.sizeHint().height()))


def phrase_words(phrases: Sequence[Phrase], language: str) -> list[str]:
    """Set phrases in the language of the window."""
    return [one.words if language == "zh_CN" else one.words_en or one.words for one in phrases]
