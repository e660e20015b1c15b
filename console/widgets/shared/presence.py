"""Two desks, one case: tells the others what is open here, and says here who else has it open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from console.widgets.shared import figures
from console.widgets.shared.panel import label, margins
from console.widgets.shared.style import icon
from console.widgets.shared.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.models.cases.presence import Viewer
    from console.widgets.shared.desk import Desk, Thing

STEP_MS = 250
"""Whoever runs through the queue opens many cases; so often the others are told at most."""
SYMBOL = "mdi6.account-eye-outline"


def names_of(viewers: Sequence[Viewer], desk: Desk) -> str:
    """Who they are, in the language of the window."""
    return QCoreApplication.translate("presence", ", ").join(desk.name(v.title, v.title_en) for v in viewers)


class Attendance(QObject):
    """Tells the other desks which case is selected here, for as long as the window is there."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._tell = Throttle(STEP_MS, desk.changes.show_presence, self)
        desk.selection.changed.connect(self._on_selected)

    def _on_selected(self, thing: Thing | None) -> None:
        self._tell(int(thing.key) if thing is not None and thing.subject == "case" else None)


class PresenceLine(QFrame):
    """Above a case that others have open: who, and since when; takes no place while nobody has."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("surface", "raised")
        self._desk = desk
        self._case_id: int | None = None
        symbol = QLabel()
        symbol.setPixmap(icon(SYMBOL, "text").pixmap(16, 16))
        self.text = label(wraps=True)
        row = QHBoxLayout(self)
        margins(row, 14, 5, 12, 5, 8)
        row.addWidget(symbol, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        self.hide()
        desk.changes.presence_changed.connect(self._on_changed)
        desk.selection.changed.connect(self._on_selected)

    def _on_selected(self, thing: Thing | None) -> None:
        self._case_id = int(thing.key) if thing is not None and thing.subject == "case" else None
        self._tell()

    def _on_changed(self, case_ids: frozenset[int]) -> None:
        if self._case_id in case_ids:
            self._tell()

    def _tell(self) -> None:
        viewers = () if self._case_id is None else self._desk.changes.presence.others(self._case_id)
        if viewers:
            since = figures.short_moment(viewers[0].since, self._desk.now())
            words = self.tr("{who} has this case open since {time}")
            if len(viewers) > 1:
                words = self.tr("{who} have this case open, the first since {time}")
            self.text.setText(words.format(who=names_of(viewers, self._desk), time=since))
        self.setVisible(bool(viewers))
