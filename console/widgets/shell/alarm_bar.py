"""Alarms that stand, in one line of the top bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from console.widgets.alarms.lines import gathered
from console.widgets.shared import figures
from console.widgets.shared.panel import ElidedLabel, label, margins
from console.widgets.shared.style import icon, set_role
from console.widgets.shared.words import SYMBOL

if TYPE_CHECKING:
    from datetime import datetime

    from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent

    from console.widgets.alarms.lines import Standing

ROOMY_PX = 460
"""From this width on the bar has place for words beside the counts, and for the key."""


class AlarmBar(QFrame):
    """The worst and newest of the alarms that stand, and their numbers; nothing while none stands."""

    opened = Signal()
    """Somebody wants to see where the alarm is."""
    list_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._inside = _Press()
        self._inside.setProperty("surface", "raised")
        self._inside.pressed.connect(self.opened)
        self._inside.setAccessibleName(self.tr("Most urgent alarm"))
        self.text = ElidedLabel()
        self._words = label("", "secondary")
        self._counts = {urgency: label("", urgency) for urgency in SYMBOL}
        self.numbers = _Press()
        self.numbers.setToolTip(self.tr("All alarms that stand"))
        self.numbers.setAccessibleName(self.tr("All alarms that stand"))
        self.numbers.pressed.connect(self.list_wanted)
        row = QHBoxLayout(self.numbers)
        margins(row, 6, 0, 6, 0, 8)
        for part in (self._words, *self._counts.values()):
            row.addWidget(part)
        self.muted = QLabel()
        self.muted.setPixmap(icon("mdi6.volume-off", "secondary").pixmap(16, 16))
        self.muted.setToolTip(self.tr("The alarms of this desk are muted"))
        self.muted.hide()
        self.key = label("", "key")
        inside = QHBoxLayout(self._inside)
        margins(inside, 10, 0, 6, 0, 6)
        inside.addWidget(self.text, 1)
        inside.addWidget(self.muted)
        inside.addWidget(self.numbers)
        inside.addWidget(self.key)
        box = QHBoxLayout(self)
        margins(box, 0, 7, 0, 7)
        box.addWidget(self._inside)
        self._inside.hide()

    def show_standing(self, standing: Standing, now: datetime) -> None:
        """Show the first line of `standing` and its numbers."""
        lines = gathered(standing.lines, frozenset())
        self._inside.setVisible(bool(lines))
        if not lines:
            return
        worst = lines[0]
        when = figures.short_moment(worst.at, now)
        self.text.setText(f"{SYMBOL[worst.urgency]} {when}  {worst.who}  {worst.what}")
        waits = any(standing.waiting.values())
        counts = standing.waiting if waits else standing.counts
        self._words.setText(self.tr("Unacknowledged") if waits else self.tr("Acknowledged"))
        for urgency, count in self._counts.items():
            number = counts.get(urgency, 0)
            count.setText(f"{SYMBOL[urgency]}{figures.count(number)}")
            count.setVisible(number > 0)
            set_role(count, urgency if waits else "secondary")
        # What somebody has taken on stands quietly.
        set_role(self.text, worst.urgency if worst.is_waiting else "secondary")
        kind = "critical" if worst.urgency == "critical" and worst.is_waiting else "raised"
        if self._inside.property("surface") != kind:
            self._inside.setProperty("surface", kind)
            self._inside.style().unpolish(self._inside)
            self._inside.style().polish(self._inside)

    def show_muted(self, *, muted: bool) -> None:
        """Show that nothing is heard here."""
        self.muted.setVisible(muted)

    @property
    def is_shown(self) -> bool:
        """Whether any alarm stands."""
        return not self._inside.isHidden()

    @property
    def numbers_shown(self) -> str:
        """The numbers as they are read, for instance ``▲1 ◆2``."""
        return " ".join(count.text() for count in self._counts.values() if not count.isHidden())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The numbers are always seen, the words only where there is place."""
        super().resizeEvent(event)
        roomy = self.width() >= ROOMY_PX
        self._words.setVisible(roomy)
        self.key.setVisible(roomy and bool(self.key.text()))


class _Press(QFrame):
    """Something that is pressed by the mouse, or by Enter when it has the keyboard."""

    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setProperty("press", True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pressed, unless the pointer has left meanwhile."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.pressed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Kept, so that what lies around it is not pressed as well."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses it."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.pressed.emit()
        else:
            super().keyPressEvent(event)
