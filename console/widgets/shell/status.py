"""The status bar: how fresh what is shown is, and what is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStatusBar

from console.widgets.shared.panel import label, margins
from console.widgets.shared.style import set_role

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLabel


class StatusBar(QStatusBar):
    """Named entries from left to right; each is text with a role, and says more in its tip."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.setFixedHeight(28)
        layout = self.layout()
        if layout is not None:
            margins(layout, 4, 0, 4, 0, 0)
        self._entries: dict[str, QLabel] = {}

    def tell(self, name: str, text: str, role: str = "secondary", tip: str = "", *, right: bool = False) -> None:
        """Show `text` in the entry `name`, which is made when it is told of for the first time."""
        entry = self._entries.get(name)
        if entry is None:
            entry = self._entries[name] = label("", role)
            entry.setContentsMargins(8, 0, 8, 0)
            (self.addPermanentWidget if right else self.addWidget)(entry)
        entry.setText(text)
        entry.setToolTip(tip)
        set_role(entry, role)

    def text_of(self, name: str) -> str:
        """What the entry `name` says now."""
        return self._entries[name].text()
