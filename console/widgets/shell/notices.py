"""Notices: the one place to which every failure and every remark of the program goes; never a modal dialog."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from console.database.faults import DatabaseAway
from console.errors import ConsoleError
from console.widgets.shared import figures
from console.widgets.shared.panel import label, margins, surface
from console.widgets.shared.style import icon
from console.widgets.shared.words import SYMBOL

if TYPE_CHECKING:
    from console.widgets.shared.operations import Failure

LEAST_PX = 240
"""Width in which a notice can be read."""
KEPT = 200
SHOWN = 3
SHOWN_MS = 8000
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Notice:
    """Something to know; `urgency` is ``critical``, ``high``, ``medium`` or empty for a mere remark."""

    text: str
    urgency: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(figures.CITY_TIME))


class Notices(QObject):
    """The notices of this session, newest last."""

    posted = Signal(Notice)

    def __init__(self, language: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.language = language
        self.kept: list[Notice] = []

    def post(self, text: str, urgency: str = "") -> None:
        """Tell the user `text`; the same text again within the last few notices only moves to the front."""
        self.kept = [n for n in self.kept if n.text != text][-KEPT + 1 :]
        notice = Notice(text, urgency)
        self.kept.append(notice)
        log.info("notice %s: %s", urgency or "remark", text)
        self.posted.emit(notice)

    def words_for(self, error: BaseException) -> str:
        """The sentence for a failure: the environment's own, or that the fault is ours and where it is written down."""
        if isinstance(error, ConsoleError):
            return error.text(self.language)
        return self.tr("The program made a mistake ({kind}). It is written down in the log.").format(
            kind=type(error).__name__
        )

    def report(self, failure: Failure) -> None:
        """Post a failed operation, unless its panel says it itself, or the banner that the database is away."""
        if failure.is_write:
            self.post(self.tr("Not saved: {reason}").format(reason=self.words_for(failure.error)), "high")
        elif not failure.handled and not isinstance(failure.error, DatabaseAway):
            self.post(self.words_for(failure.error), "medium")


class NoticeStack(QWidget):
    """The latest notices as small cards over the map; they go by themselves unless critical."""

    def __init__(self, notices: Notices, parent: QWidget) -> None:
        super().__init__(parent)
        self._right_px = 0
        self._box = QVBoxLayout(self)
        margins(self._box, 0, 0, 0, 0, 8)
        self.hide()
        notices.posted.connect(self._add)

    @property
    def texts(self) -> list[str]:
        """What the cards say, oldest first."""
        return [card.text.text() for card in self._cards()]

    def _cards(self) -> list[_Card]:
        items = (self._box.itemAt(i) for i in range(self._box.count()))
        return [card for i in items if i is not None and isinstance(card := i.widget(), _Card)]

    def _add(self, notice: Notice) -> None:
        cards = self._cards()
        for card in [c for c in cards if c.text.text() == notice.text] + cards[: max(0, len(cards) - SHOWN + 1)]:
            self._remove(card)
        card = _Card(notice)
        card.close_button.clicked.connect(lambda: self._remove(card))
        self._box.addWidget(card)
        if notice.urgency != "critical":
            QTimer.singleShot(SHOWN_MS, card, lambda: self._remove(card))
        self._fit()

    def _remove(self, card: _Card) -> None:
        if self._box.indexOf(card) >= 0:
            self._box.removeWidget(card)
            card.hide()
            card.deleteLater()
            self._fit()

    def _fit(self) -> None:
        self.setVisible(self._box.count() > 0)
        self.place()

    def event(self, event: QEvent) -> bool:
        """Texts that are laid out anew may need another height."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.place()
        return super().event(event)

    def place(self, right_px: int | None = None) -> None:
        """Stand at the lower right corner of the parent, above the scale bar.

        Args:
            right_px: so much of the parent's right side is taken; None is as much as last time.
        """
        parent = self.parentWidget()
        self._right_px = self._right_px if right_px is None else right_px
        if parent is None or self.isHidden():
            return
        # Where hardly any place is left beside it, what is at the right is covered for a moment.
        taken = self._right_px if parent.width() - self._right_px >= LEAST_PX else 0
        width = max(0, min(380, parent.width() - taken - 24))
        self.setFixedWidth(width)
        self._box.activate()
        height = self._box.totalHeightForWidth(width) if self._box.hasHeightForWidth() else self.sizeHint().height()
        left = parent.width() - taken - width - 12
        self.setGeometry(left, max(12, parent.height() - height - 52), width, height)
        self.raise_()


class _Card(QFrame):
    def __init__(self, notice: Notice) -> None:
        super().__init__()
        self.setProperty("surface", "float")
        symbol = label(SYMBOL[notice.urgency], notice.urgency) if notice.urgency else QLabel()
        if not notice.urgency:
            symbol.setPixmap(icon("mdi6.information-outline").pixmap(16, 16))
        self.text = label(notice.text, wraps=True, selectable=True)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.close_button = QToolButton()
        self.close_button.setIcon(icon("mdi6.close"))
        self.close_button.setToolTip(self.tr("Dismiss"))
        row = QHBoxLayout(self)
        margins(row, 12, 8, 8, 8, 8)
        row.addWidget(symbol, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        row.addWidget(label(figures.clock(notice.at), "secondary"), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)


class NoticeHistory(QFrame):
    """All notices of this session, newest first."""

    def __init__(self, notices: Notices, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("surface", "float")
        box = QVBoxLayout(self)
        margins(box, 12, 12, 12, 12, 8)
        box.addWidget(label(self.tr("Notices"), "title"))
        if not notices.kept:
            box.addWidget(label(self.tr("Nothing yet in this session."), "secondary"))
        for notice in reversed(notices.kept[-15:]):
            row = surface("float")
            inside = QHBoxLayout(row)
            margins(inside, 8, 6, 8, 6, 8)
            symbol = label(SYMBOL.get(notice.urgency, "·"), notice.urgency or "secondary")
            text = label(notice.text, wraps=True, selectable=True)
            text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
            inside.addWidget(symbol, 0, Qt.AlignmentFlag.AlignTop)
            inside.addWidget(text, 1)
            inside.addWidget(label(figures.clock(notice.at), "secondary"), 0, Qt.AlignmentFlag.AlignTop)
            box.addWidget(row)
        self.setFixedWidth(420)
