"""Overview of all keys, over the window: scrolled by the keys that scroll, closed by any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.widgets.shared.panel import keeps_key, label, margins, scrolled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QKeyEvent, QMouseEvent

    from console.widgets.shell.actions import Actions

EDGE_PX, GAP_PX, BELOW_PX = 24, 32, 12
"""Distance from the edge of the window, between two columns, and below a subject."""
BAR_PX = 14
SCROLLING = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})


class KeysOverlay(QFrame):
    """What every key does, by subject, in as many columns as the window has place for.

    Args:
        actions: the commands of the window.
        window: over which it is shown; it goes when a key is pressed.
    """

    def __init__(self, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("surface", "float")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        groups: dict[str, list[tuple[str, str]]] = {}
        for action in actions.available():
            keys = "  ".join(s.toString(QKeySequence.SequenceFormat.NativeText) for s in action.shortcuts())
            if keys:
                groups.setdefault(actions.group(action), []).append((keys, action.text()))
        subjects = [_Subject(name, lines, self) for name, lines in groups.items()]
        inside = QWidget()
        row = QHBoxLayout(inside)
        margins(row, 0, 0, BAR_PX, 0, GAP_PX)
        for subject in subjects:
            subject.ensurePolished()
        for column in _columns(subjects, window.width() - 4 * EDGE_PX - BAR_PX):
            box = QVBoxLayout()
            margins(box, 0, 0, 0, 0, BELOW_PX)
            key_px = max(subject.key_px for subject in column)
            for subject in column:
                subject.grid.setColumnMinimumWidth(0, key_px)
                box.addWidget(subject)
            box.addStretch(1)
            row.addLayout(box)
        self._area = scrolled(inside)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        title = label(self.tr("Keys"), "title")
        box = QVBoxLayout(self)
        margins(box, EDGE_PX, EDGE_PX, EDGE_PX - BAR_PX, EDGE_PX, BELOW_PX)
        box.addWidget(title)
        box.addWidget(self._area, 1)
        self.ensurePolished()
        wanted = inside.sizeHint()
        height = wanted.height() + title.sizeHint().height() + BELOW_PX + 2 * EDGE_PX
        self.setFixedSize(
            min(wanted.width() + 2 * EDGE_PX, window.width() - 2 * EDGE_PX),
            min(height + 2, window.height() - 2 * EDGE_PX),
        )
        self.move((window.width() - self.width()) // 2, (window.height() - self.height()) // 2)

    def open(self) -> None:
        """Show it and take the keyboard."""
        self.show()
        self.raise_()
        self.setFocus()

    def event(self, event: QEvent) -> bool:
        """Every key is for the overview, also those that the window knows."""
        return keeps_key(event, lambda _key: True) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Any key closes it, unless there is something to scroll to."""
        event.accept()
        bar = self._area.verticalScrollBar()
        if event.key() in SCROLLING and bar.maximum():
            by = bar.pageStep() if event.key() in {Qt.Key.Key_PageUp, Qt.Key.Key_PageDown} else bar.singleStep()
            bar.setValue(bar.value() + (by if event.key() in {Qt.Key.Key_Down, Qt.Key.Key_PageDown} else -by))
            return
        self.close()
        self.deleteLater()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """So does a click."""
        event.accept()
        self.close()
        self.deleteLater()


class _Subject(QWidget):
    """The keys of one subject below its name."""

    def __init__(self, name: str, lines: Sequence[tuple[str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self.grid = QGridLayout(self)
        margins(self.grid, 0, 0, 0, 0)
        self.grid.setHorizontalSpacing(12)
        self.grid.setVerticalSpacing(6)
        self.grid.setColumnStretch(1, 1)
        self.grid.addWidget(label(name, "secondary"), 0, 0, 1, 2)
        self._keys = [label(keys, "key") for keys, _ in lines]
        for row, (key, (_, title)) in enumerate(zip(self._keys, lines, strict=True), 1):
            self.grid.addWidget(key, row, 0, Qt.AlignmentFlag.AlignLeft)
            self.grid.addWidget(label(title), row, 1)

    @property
    def key_px(self) -> int:
        """Width of the widest key."""
        return max(key.sizeHint().width() for key in self._keys)


def _columns(subjects: Sequence[_Subject], width: int) -> list[list[_Subject]]:
    """The subjects in their order, in as many columns as `width` has place for, all about as high."""
    heights = [subject.sizeHint().height() + BELOW_PX for subject in subjects]
    limit = max(heights)
    while True:
        columns: list[list[_Subject]] = []
        filled = limit + 1
        for subject, height in zip(subjects, heights, strict=True):
            if filled + height > limit:
                columns.append([])
                filled = 0
            columns[-1].append(subject)
            filled += height
        if len(columns) == 1 or sum(map(_width, columns)) + GAP_PX * (len(columns) - 1) <= width:
            return columns
        limit += BELOW_PX


def _width(column: Sequence[_Subject]) -> int:
    key_px = max(subject.key_px for subject in column)
    return max(subject.sizeHint().width() + key_px - subject.key_px for subject in column)
