"""The bar at the top: workspaces, command field, alarms, clock and user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QVBoxLayout

from console.widgets.shared import figures
from console.widgets.shared.panel import label, line, margins
from console.widgets.shared.style import Look, font, icon, set_role
from console.widgets.shell.alarm_bar import AlarmBar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QWidget

HEIGHT = 44
NARROW = 1500
ALARM_PX = 200
"""Width in which the first alarm can be told, which counts for more than the name of the program."""


class TopBar(QFrame):
    """Everything that holds for all workspaces.

    Args:
        tabs: one checkable action a workspace.
        field: the command field.
        now: gives the time that the clock shows.
    """

    def __init__(self, tabs: Iterable[QAction], field: QWidget, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.setProperty("surface", "panel")
        self._now = now
        row = QHBoxLayout()
        margins(row, 12, 0, 8, 0, 4)
        self._brand = label(self.tr("Yuncheng Console"), "brand")
        row.addWidget(self._brand)
        row.addSpacing(16)
        for tab in tabs:
            row.addWidget(_Tab(tab))
        row.addSpacing(16)
        field.setFixedHeight(28)
        field.setMinimumWidth(180)
        field.setMaximumWidth(330)
        field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row.addWidget(field, 2)
        row.addSpacing(12)
        self.alarms = AlarmBar()
        row.addWidget(self.alarms, 5)
        row.addSpacing(12)
        self._mode = label(self.tr("● Live"), "secondary")
        row.addWidget(self._mode)
        row.addSpacing(8)
        self._clock = label("00:00:00", "title")
        self._clock.setFont(font(15, semibold=True))
        self._clock.setMinimumWidth(70)
        row.addWidget(self._clock)
        row.addSpacing(8)
        self.bell = QToolButton()
        self.bell.setToolTip(self.tr("Notices of this session"))
        self.bell.setIcon(icon("mdi6.bell-outline"))
        row.addWidget(self.bell)
        self.user = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self.user.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.user.setIcon(icon("mdi6.account-circle-outline"))
        row.addWidget(self.user)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addLayout(row, 1)
        box.addWidget(line())
        self.setFixedHeight(HEIGHT)
        self._timer = QTimer(self, interval=1000)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        self._tick()

    def show_user(self, name: str, menu: QMenu) -> None:
        """Show who is signed in, with what can be done about it."""
        self.user.setText(name)
        self.user.setMenu(menu)

    def show_live(self, *, live: bool, past: bool = False) -> None:
        """Say whether what is shown is the present, or whether the map shows the past."""
        shown = self.tr("○ Map: past") if past else self.tr("● Live")
        self._mode.setText(shown if live else self.tr("○ Not live"))
        set_role(self._mode, "critical" if not live else "medium" if past else "secondary")

    def fit(self, width: int) -> None:
        """Leave out what a narrow window has no place for."""
        self._mode.setVisible(width >= NARROW)
        self._brand.setVisible(width >= NARROW - 250)
        box = self.layout()
        if box is not None and box.minimumSize().width() + ALARM_PX > width:  # seven tabs in English
            self._brand.hide()

    def _tick(self) -> None:
        self._clock.setText(figures.clock(self._now(), seconds=True))


class _Tab(QToolButton):
    def __init__(self, action: QAction) -> None:
        super().__init__()
        self.setDefaultAction(action)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setProperty("tab", True)
        self.setFixedHeight(HEIGHT - 1)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        # Wide enough for the heavier font of the tab in front, so that nothing moves when another comes to the front.
        wide = QFontMetrics(font(Look.current().title_px, semibold=True)).horizontalAdvance(action.text())
        self.setMinimumWidth(wide + 30)
