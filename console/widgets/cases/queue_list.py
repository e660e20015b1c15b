"""The queue as it is seen: two lines a case, its urgency told by shape, colour and figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from console.widgets.cases.queue_model import ROW
from console.widgets.shared import figures
from console.widgets.shared.case_sheet import case_urgency
from console.widgets.shared.panel import keeps_key
from console.widgets.shared.presence import SYMBOL as PRESENT
from console.widgets.shared.style import Look, font, icon
from console.widgets.shared.table import RowTable
from console.widgets.shared.words import STATE, SYMBOL, word

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from PySide6.QtGui import QMouseEvent, QResizeEvent

    from console.models.cases import CaseRow
    from console.theme import Theme

TICK_MS = 15_000
MARK = "mdi6.checkbox-marked"
GAP_PX = 12
Index = QModelIndex | QPersistentModelIndex
VCENTER, LEFT, RIGHT = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight


def remaining(row: CaseRow, now: datetime) -> str:
    """What is left of the time of a case in hand; of an ended one, when it ended."""
    if not row.is_open:
        return figures.short_moment(row.closed_at, now)
    if row.due_at is None:
        return figures.NONE
    level = case_urgency(row, now)
    return f"{SYMBOL[level]} {figures.hours(row.due_at - now)}" if level else figures.hours(row.due_at - now)


class QueueDelegate(QStyledItemDelegate):
    """Paints one case.

    Args:
        now: the time of the window.
        viewers: who else has a case open, in words; empty when nobody has.
        is_marked: whether a case is marked to be moved together with others.
        chinese: whether names are shown in Chinese.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        viewers: Callable[[int], str],
        is_marked: Callable[[int], bool],
        *,
        chinese: bool,
    ) -> None:
        super().__init__()
        self._now, self._viewers, self._is_marked, self._chinese = now, viewers, is_marked, chinese
        look = Look.current()
        self._font, self._small = font(look.text_px), font(look.secondary_px)
        self._small_metrics = QFontMetrics(self._small)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Two lines, whatever they say."""
        del option, index
        return QSize(200, Look.current().row_two_lines_px)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Urgency bar; class and the time that is left, below them place and stage."""
        look, row, area = Look.current(), index.data(ROW), option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(look.accent_ground))
        elif option.state & QStyle.StateFlag.State_MouseOver or (row is not None and self._is_marked(row.id)):
            painter.fillRect(area, QColor(look.raised))
        painter.fillRect(QRect(area.left(), area.bottom(), area.width(), 1), QColor(look.line))
        if row is None:
            painter.setPen(QColor(look.disabled))
            painter.setFont(self._small)
            painter.drawText(area.adjusted(20, 0, 0, 0), VCENTER, "…")
        else:
            self._paint_row(painter, look, row, area)
        painter.restore()

    def _paint_row(self, painter: QPainter, look: Theme, row: CaseRow, area: QRect) -> None:
        now = self._now()
        level = case_urgency(row, now)
        painter.fillRect(
            QRect(area.left() + 6, area.top() + 8, 3, area.height() - 16), QColor(getattr(look, level or "line"))
        )
        inside = area.adjusted(20, 7, -12, -7)
        half = inside.height() // 2
        if self._is_marked(row.id):
            icon(MARK, "accent").paint(painter, inside.left() - 2, area.center().y() - 8, 18, 18)
            inside.setLeft(inside.left() + 24)
        upper, lower = inside.adjusted(0, 0, 0, -half), inside.adjusted(0, half, 0, 0)
        time_text, state = remaining(row, now), word(STATE, row.state)
        name = (row.class_name if self._chinese else row.class_name_en or row.class_name) or row.description
        place = row.address or row.street
        zone = row.zone if self._chinese else row.zone_en
        painter.setFont(self._font)
        painter.setPen(QColor(getattr(look, f"{level}_text") if level else look.text))
        painter.drawText(upper, VCENTER | RIGHT, time_text)
        metrics = painter.fontMetrics()
        width = upper.width() - metrics.horizontalAdvance(time_text) - GAP_PX
        painter.setPen(QColor(look.text))
        painter.drawText(upper, VCENTER | LEFT, metrics.elidedText(name, Qt.TextElideMode.ElideRight, width))
        painter.setFont(self._small)
        painter.setPen(QColor(look.secondary))
        painter.drawText(lower, VCENTER | RIGHT, state)
        lower.setRight(lower.right() - self._small_metrics.horizontalAdvance(state) - GAP_PX)
        lower.setLeft(lower.left() + self._paint_viewers(painter, look, row, lower))
        words = f"{place} · {zone}" if place else zone
        cut = self._small_metrics.elidedText(words, Qt.TextElideMode.ElideRight, lower.width())
        painter.drawText(lower, VCENTER | LEFT, cut)

    def _paint_viewers(self, painter: QPainter, look: Theme, row: CaseRow, area: QRect) -> int:
        """Who else has the case open, before its place; returns the pixels that this takes."""
        who = self._viewers(row.id)
        if not who:
            return 0
        icon(PRESENT, "text").paint(painter, area.left(), area.top() + (area.height() - 16) // 2, 16, 16)
        words = self._small_metrics.elidedText(who, Qt.TextElideMode.ElideRight, area.width() // 2)
        painter.setPen(QColor(look.text))
        painter.drawText(area.adjusted(20, 0, 0, 0), VCENTER | LEFT, words)
        painter.setPen(QColor(look.secondary))
        return 20 + self._small_metrics.horizontalAdvance(words) + 10


class QueueList(RowTable):
    """The list itself; arrow keys and J/K move, Enter goes to the place of the case.

    Ctrl and a click mark a case or take its mark off, Shift and a click mark all up to it, Esc takes all marks off.

    A table of one column: unlike a list view it does not walk through half a million rows to place them.
    """

    opened = Signal(object)
    """The case of this row is to be shown on the map."""
    picked = Signal(int)
    """This row is to be marked, or not any more."""
    range_wanted = Signal(int, int)
    """The rows between these two are to be marked."""
    clear_wanted = Signal()
    """No row is to be marked any more."""

    def __init__(self) -> None:
        super().__init__()
        self.has_marks = False
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(Look.current().row_two_lines_px)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(26)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Case queue"))
        self.activated.connect(self._open)
        # Remaining times run even when nothing else happens.
        timer = QTimer(self, interval=TICK_MS)
        timer.timeout.connect(self.viewport().update)
        timer.start()

    @property
    def is_in_hand(self) -> bool:
        """Whether somebody works in it now, so that nothing may move."""
        return self.hasFocus() or self.underMouse()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A form that takes room away leaves the selected case in sight."""
        super().resizeEvent(event)
        index = self.currentIndex()
        if index.isValid() and self.visualRect(index).top() < event.oldSize().height():
            self.scrollTo(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens like Enter."""
        self._open(self.indexAt(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ctrl and Shift mark; what is open stays open until the click is plain."""
        index, here = self.indexAt(event.position().toPoint()), self.currentIndex().row()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if not index.isValid() or event.button() != Qt.MouseButton.LeftButton or not (control or shift):
            super().mousePressEvent(event)
        elif shift:
            self.range_wanted.emit(max(here, 0), index.row())
        else:
            self.picked.emit(index.row())

    def event(self, event: QEvent) -> bool:
        """Esc takes marks off before it closes anything."""
        return keeps_key(event, self._is_own) or super().event(event)

    def _is_own(self, event: QKeyEvent) -> bool:
        return event.key() == Qt.Key.Key_Escape and self.has_marks

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, pages and Enter as in any list."""
        if event.key() == Qt.Key.Key_Escape and self.has_marks:
            self.clear_wanted.emit()
        else:
            super().keyPressEvent(event)

    def step(self, rows: int) -> None:
        """Move the current row."""
        model = self.model()
        if model is not None and model.rowCount():
            row = max(0, min(model.rowCount() - 1, self.currentIndex().row() + rows))
            self.setCurrentIndex(model.index(row, 0))

    def _open(self, index: QModelIndex) -> None:
        row = index.data(ROW)
        if row is not None:
            self.opened.emit(row)
