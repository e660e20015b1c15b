"""The bar at the top: workspaces, command field, banner, clock and user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QVBoxLayout

from console.widgets.shared import figures
from console.widgets.shared.panel import ElidedLabel, label, line, margins, surface
from console.widgets.shared.style import Look, font, icon, set_role
from console.widgets.shared.words import SYMBOL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QWidget

HEIGHT = 44
NARROW = 1500


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
        self.banner = Banner()
        row.addWidget(self.banner, 5)
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

    def show_live(self, *, live: bool) -> None:
        """Say whether what is shown is the present."""
        self._mode.setText(self.tr("● Live") if live else self.tr("○ Not live"))
        set_role(self._mode, "secondary" if live else "critical")

    def fit(self, width: int) -> None:
        """Leave out what a narrow window has no place for."""
        self._mode.setVisible(width >= NARROW)
        self._brand.setVisible(width >= NARROW - 250)

    def _tick(self) -> None:
        self._clock.setText(figures.clock(self._now(), seconds=True))


class Banner(QFrame):
    """The most urgent thing that stands now, or nothing; one line, cut with its full text as tip."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ElidedLabel()
        self._inside = surface("critical")
        row = QHBoxLayout(self._inside)
        margins(row, 10, 0, 10, 0, 8)
        row.addWidget(self.text, 1)
        box = QHBoxLayout(self)
        margins(box, 0, 7, 0, 7)
        box.addWidget(self._inside)
        self._inside.hide()
        self._standing: dict[str, tuple[str, str]] = {}

    def raise_line(self, source: str, text: str, urgency: str) -> None:
        """Show `text` for `source` until it is cleared; the most urgent of all sources is seen."""
        self._standing[source] = (urgency, text)
        self._show()

    def clear_line(self, source: str) -> None:
        """`source` has nothing to say any more."""
        self._standing.pop(source, None)
        self._show()

    def _show(self) -> None:
        order = list(SYMBOL)
        worst = min(self._standing.values(), key=lambda s: order.index(s[0]), default=None)
        self._inside.setVisible(worst is not None)
        if worst is not None:
            urgency, text = worst
            self.text.setText(f"{SYMBOL[urgency]} {text}")
            set_role(self.text, urgency)
            kind = "critical" if urgency == "critical" else "raised"
            if self._inside.property("surface") != kind:
                self._inside.setProperty("surface", kind)
                self._inside.style().unpolish(self._inside)
                self._inside.style().polish(self._inside)


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
