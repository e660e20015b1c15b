"""Pieces that panels are made of: headings, lines, facts, and what is shown instead of content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from console.widgets.shared.style import icon, set_role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QLayout

HEADING_HEIGHT = 41
ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
ESC_AND_ENTER = ENTER | {Qt.Key.Key_Escape}


def label(text: str = "", role: str = "", *, wraps: bool = False, selectable: bool = False) -> QLabel:
    """Plain text in one of the roles of the style sheet."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wraps)
    if role:
        made.setProperty("role", role)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def line(*, vertical: bool = False) -> QFrame:
    """A hairline between two things."""
    made = QFrame()
    made.setProperty("line", True)
    made.setFixedSize(1, 16777215) if vertical else made.setFixedHeight(1)
    return made


def surface(kind: str, layout: QLayout | None = None) -> QFrame:
    """A frame on one of the grounds: ``panel``, ``ground``, ``raised``, ``float``, ``critical``."""
    made = QFrame()
    made.setProperty("surface", kind)
    if layout is not None:
        made.setLayout(layout)
    return made


def margins(layout: QLayout, left: int, top: int, right: int, bottom: int, spacing: int = 0) -> None:
    """Set all distances of a layout at once, in device-independent pixels."""
    layout.setContentsMargins(left, top, right, bottom)
    layout.setSpacing(spacing)


def scrolled(inside: QWidget, *, sideways: bool = False) -> QScrollArea:
    """What may be higher than its place is scrolled up and down; sideways too only where it may be wider."""
    area = QScrollArea(widgetResizable=True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    if not sideways:
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    return area


def fit_height(window: QWidget) -> None:
    """Make a window of fixed width as high as its wrapped texts are now; by itself Qt leaves them cut off."""
    box = window.layout()
    if box is not None:
        box.activate()
        window.resize(window.width(), box.totalHeightForWidth(window.width()))


def keeps_key(event: QEvent, is_own: Callable[[QKeyEvent], object]) -> bool:
    """Keep a key from the shortcuts of the window, to be called first in `QWidget.event`.

    Args:
        event: any event of a widget that has the keyboard, or has the widget that has it.
        is_own: whether the key that was pressed means something here.

    Returns:
        whether it was such a question, and is answered: the key comes as `QWidget.keyPressEvent`.
    """
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent) or not is_own(event):
        return False
    event.accept()
    return True


class ElidedLabel(QLabel):
    """One line of plain text that ends in an ellipsis where there is no place; the tip has all of it."""

    def __init__(self, text: str = "", role: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if role:
            self.setProperty("role", role)
        self._full = ""
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show `text`, cut to the width at hand."""
        self._full = text
        self.setToolTip(text)
        self._fit()

    @property
    def full_text(self) -> str:
        """The text before it was cut."""
        return self._full

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        cut = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, self.width())
        if cut != self.text():
            # A new text makes the whole panel lay itself out again.
            super().setText(cut)


class Heading(QFrame):
    """Title of a panel with a remark at its right; serves as title bar of a dock, by which it is dragged."""

    closed = Signal()
    """The button that is there while the panel floats was pressed."""

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self.setProperty("surface", "panel")
        self.title = ElidedLabel(title, "title")
        self.remark = label("", "secondary")
        self._row = row = QHBoxLayout()
        margins(row, 12, 0, 12, 0, 8)
        row.addWidget(self.title, 1)
        row.addWidget(self.remark)
        self.close_button = QToolButton()
        self.close_button.setIcon(icon("mdi6.close"))
        self.close_button.setToolTip(self.tr("Close  (Esc)"))
        self.close_button.clicked.connect(self.closed)
        self.close_button.hide()
        row.addWidget(self.close_button)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addLayout(row, 1)
        box.addWidget(line())
        self.setFixedHeight(HEADING_HEIGHT)
        # Neither may force a panel to be wider than its place.
        self.title.setMinimumWidth(60)
        self.remark.setMinimumWidth(0)

    def add_button(self, button: QToolButton) -> None:
        """Put a button after the remark."""
        self._row.insertWidget(self._row.indexOf(self.remark) + 1, button)

    def sizeHint(self) -> QSize:
        """A dock goes by the hint of its title bar, not by its fixed height."""
        return QSize(super().sizeHint().width(), HEADING_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """The same for the least size."""
        return QSize(80, HEADING_HEIGHT)

    def say(self, title: str, remark: str = "") -> None:
        """Show another title and remark."""
        self.title.setText(title)
        self.remark.setText(remark)


class Facts(QWidget):
    """Names and values in two columns; a value can carry an urgency."""

    def __init__(self, name_width: int = 84) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        margins(self._grid, 0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnMinimumWidth(0, name_width)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, QLabel]] = []

    def show_facts(self, facts: Iterable[tuple[str, str, str]]) -> None:
        """Show (name, value, role of the value) rows; widgets are reused so that nothing flickers."""
        shown = 0
        for name, value, role in facts:
            if shown == len(self._rows):
                pair = (label("", "secondary"), label("", wraps=True, selectable=True))
                self._grid.addWidget(pair[0], shown, 0, Qt.AlignmentFlag.AlignTop)
                self._grid.addWidget(pair[1], shown, 1)
                self._rows.append(pair)
            left, right = self._rows[shown]
            left.setText(name)
            right.setText(value)
            set_role(right, role)
            left.show()
            right.show()
            shown += 1
        for left, right in self._rows[shown:]:
            left.hide()
            right.hide()


class Stateful(QWidget):
    """A panel's content, or what stands in its place: empty, loading, failed."""

    def __init__(self, content: QWidget, retry: Callable[[], object] | None = None) -> None:
        super().__init__()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(content)
        self._symbol = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.message = label("", "secondary", wraps=True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.retry = QPushButton(self.tr("Try again"))
        if retry is not None:
            self.retry.clicked.connect(self._try_again)
        self._retry = retry
        instead = surface("panel")
        box = QVBoxLayout(instead)
        margins(box, 24, 24, 24, 24, 8)
        box.addStretch(1)
        box.addWidget(self._symbol)
        box.addWidget(self.message)
        box.addWidget(self.retry, 0, Qt.AlignmentFlag.AlignCenter)
        box.addStretch(2)
        self._stack.addWidget(instead)

    def show_content(self) -> None:
        """Show the content itself."""
        self._stack.setCurrentIndex(0)

    def show_empty(self, text: str, symbol: str = "mdi6.inbox-outline") -> None:
        """Say why there is nothing to show."""
        self._show(text, symbol, retry=False)

    def show_loading(self) -> None:
        """Say that it is being fetched."""
        self._show(self.tr("Loading …"), "mdi6.dots-horizontal", retry=False)

    def show_failed(self, text: str) -> None:
        """Say what went wrong and offer another try."""
        self._show(text, "mdi6.alert-circle-outline", retry=self._retry is not None)

    @property
    def is_content(self) -> bool:
        """Whether the content is shown."""
        return self._stack.currentIndex() == 0

    def _try_again(self) -> None:
        if self._retry is not None:
            self._retry()

    def _show(self, text: str, symbol: str, *, retry: bool) -> None:
        self._symbol.setPixmap(icon(symbol, "disabled").pixmap(28, 28))
        self.message.setText(text)
        self.retry.setVisible(retry)
        self._stack.setCurrentIndex(1)
