"""The middle of the window: the map and what floats over it, or the work of a workspace that needs no map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from console.map.canvas import MapCanvas
from console.map.covers import Covers
from console.widgets.shared.panel import label, margins, surface
from console.widgets.shared.style import icon

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtGui import QResizeEvent

    from console.widgets.shell.notices import NoticeStack

DETAIL_WIDTH = 380
EDGE_PX, GAP_PX = 12, 8
VIEWER_WIDTH = 560
"""Evidence is looked at in at least so much width."""
FRAME_PX = 3
"""Width of the frame around a map that shows the past."""
STATUS_PX = 48
"""Height at the lower rim that the map's scale bar needs."""


class Stage(QWidget):
    """Holds the map; over it the layer panel (upper left), a narrow window's detail panel (right), notices, banner."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__()
        self._box = QVBoxLayout(self)
        margins(self._box, 0, 0, 0, 0)
        self._box.addWidget(canvas)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.canvas = canvas
        self._bar: QWidget | None = None
        self._wants_bar = False
        self._instead: QWidget | None = None
        self._wants_layers = False
        self.setMinimumSize(320, 200)
        self._layers: QWidget | None = None
        self._tools: QWidget | None = None
        self._notices: NoticeStack | None = None
        self._viewer: QWidget | None = None
        self.away = surface("critical", QHBoxLayout())
        self.away.setParent(self)
        self.away_text = label("", "critical")
        inside = self.away.layout()
        assert inside is not None  # noqa: S101 - set two lines above
        margins(inside, 12, 6, 12, 6, 8)
        symbol = QLabel()
        symbol.setPixmap(icon("mdi6.database-alert-outline", "critical_text").pixmap(18, 18))
        inside.addWidget(symbol)
        inside.addWidget(self.away_text)
        self.away.hide()
        self.past = surface("past", QHBoxLayout())
        self.past.setParent(self)
        self.past_text = label("", "title")
        inside = self.past.layout()
        assert inside is not None  # noqa: S101 - set above
        margins(inside, 12, 4, 14, 4, 8)
        symbol = QLabel()
        symbol.setPixmap(icon("mdi6.history", "accent").pixmap(18, 18))
        inside.addWidget(symbol)
        inside.addWidget(self.past_text)
        self.past.hide()
        self._detail = QFrame(self)
        self._detail.setProperty("surface", "float")
        self._detail_box = QStackedLayout(self._detail)
        margins(self._detail_box, 1, 1, 1, 1)
        self._detail.hide()

    def set_layers(self, panel: QWidget) -> None:
        """Let `panel` float at the upper left."""
        panel.setParent(self)
        self._layers = panel
        panel.installEventFilter(self)
        panel.show()
        self.place()

    def show_instead(self, panel: QWidget | None) -> None:
        """Show `panel` in place of the map and of what belongs to it; nothing brings the map back."""
        if self._instead is not None:
            self._instead.hide()
        self._instead = panel
        if panel is not None:
            if panel.parent() is not self:
                self._box.addWidget(panel)
            panel.show()
        self.canvas.setVisible(panel is None)
        if self._tools is not None:
            self._tools.setVisible(panel is None)
        self.show_bar(shown=self._wants_bar)
        self.show_layers(shown=self._wants_layers)

    def show_layers(self, *, shown: bool) -> None:
        """Show or hide the layer panel; it is never seen without the map."""
        self._wants_layers = shown
        if self._layers is not None:
            self._layers.setVisible(shown and self._instead is None)
            self.place()

    @property
    def free_corner(self) -> QPoint:
        """Where something that floats for a while has its upper left corner: beside the layer panel, if it is seen."""
        seen = self._layers is not None and self._layers.isVisible()
        return QPoint(EDGE_PX + (self._layers.width() + GAP_PX if self._layers is not None and seen else 0), EDGE_PX)

    @property
    def are_layers_shown(self) -> bool:
        """Whether the layer panel is shown, as far as there is a map."""
        return self._layers is not None and self._wants_layers

    def set_tools(self, strip: QWidget) -> None:
        """Let the strip of tools float at the upper right."""
        strip.setParent(self)
        self._tools = strip
        strip.setVisible(self._instead is None)
        self.place()

    def set_viewer(self, viewer: QWidget) -> None:
        """Let `viewer`, while it is shown here, cover the map; the detail panel only where else no room is left."""
        viewer.setParent(self)
        self._viewer = viewer

    def set_notices(self, stack: NoticeStack) -> None:
        """Keep the cards of the notices in place."""
        self._notices = stack

    def show_away(self, text: str) -> None:
        """Say over the map that the database is away; an empty text takes it back."""
        if text == self.away_text.text():
            return
        self.away_text.setText(text)
        self.away.setVisible(bool(text))
        self.place()

    def show_past(self, text: str) -> None:
        """Frame the map and say over it which past instant it shows; an empty text takes both away."""
        if text == self.past_text.text():
            return
        is_new = bool(text) == self.past.isHidden()
        self.past_text.setText(text)
        # Of a fixed size as long as its words are of one length: else every minute lays out the window anew.
        width = self.past_text.fontMetrics().horizontalAdvance(text) + 8
        is_longer_or_shorter = abs(width - self.past_text.width()) > 8
        if is_longer_or_shorter:
            self.past_text.setFixedWidth(width)
        self.past.setVisible(bool(text))
        if is_new:
            frame = FRAME_PX if text else 0
            margins(self._box, frame, frame, frame, frame)
            self.setProperty("past", bool(text))
            self.style().unpolish(self)
            self.style().polish(self)
        if is_new or is_longer_or_shorter:
            self.place()

    def set_bar(self, bar: QWidget) -> None:
        """Give `bar`, of fixed height, its place below the map."""
        self._bar = bar
        self._box.addWidget(bar)
        self.show_bar(shown=False)

    def show_bar(self, *, shown: bool) -> None:
        """Show or hide the bar below the map; it is never seen without the map."""
        self._wants_bar = shown
        if self._bar is not None:
            self._bar.setVisible(shown and self._instead is None)
            self.place()

    def take_detail(self, panel: QWidget) -> None:
        """Let the detail panel of a narrow window float at the right."""
        while (old := self._detail_box.currentWidget()) is not None:
            self._detail_box.removeWidget(old)
            old.setParent(None)
        self._detail_box.addWidget(panel)
        panel.show()

    def release_detail(self) -> QWidget | None:
        """Give the detail panel back for its dock; nothing when it does not float."""
        panel = self._detail_box.currentWidget()
        if panel is not None:
            self._detail_box.removeWidget(panel)
        self._detail.hide()
        return panel

    @property
    def is_detail_shown(self) -> bool:
        """Whether the detail panel floats over the map now."""
        return self._detail.isVisible()

    def show_detail(self, *, shown: bool) -> None:
        """Show or hide the floating detail panel, if there is one here."""
        self._detail.setVisible(shown and self._detail_box.count() > 0)
        self.place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Everything that floats keeps its corner."""
        super().resizeEvent(event)
        self.place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The layer panel grows and shrinks by itself as its rows unfold."""
        if watched is self._layers and event.type() == QEvent.Type.Resize:
            self._tell_covers()
        return super().eventFilter(watched, event)

    def place(self) -> None:
        """Give everything that floats its corner."""
        if self._layers is not None:
            self._layers.adjustSize()
            height = min(self._layers.height(), self._map_height - 80)
            self._layers.setGeometry(EDGE_PX, EDGE_PX, self._layers.width(), height)
            self._layers.raise_()
        top = EDGE_PX
        if self._tools is not None:
            self._tools.adjustSize()
            self._tools.move(self.width() - self._tools.width() - EDGE_PX, EDGE_PX)
            self._tools.raise_()
            top += self._tools.height() + GAP_PX
        # Below the tools, which stay where the hand knows them, and above the scale bar.
        width = min(DETAIL_WIDTH, self.width() - 2 * EDGE_PX)
        if self._viewer is not None and self._viewer.parentWidget() is self:
            # All of the map is covered: what is seen beside the panel belongs to what lies under it.
            self._viewer.setGeometry(0, 0, self.width(), self._map_height)
            self._viewer.setContentsMargins(0, 0, self._beside_viewer(width), 0)
            self._viewer.raise_()
        self._detail.setGeometry(self.width() - width - EDGE_PX, top, width, self._map_height - STATUS_PX - top)
        if not self.is_detail_covered:
            self._detail.raise_()
        self.away.adjustSize()
        self.away.move((self.width() - self.away.width()) // 2, EDGE_PX)
        self.away.raise_()
        self.past.adjustSize()
        self.past.move(self._past_place(top))
        self.past.raise_()
        self._tell_covers()
        if self._notices is not None:
            self._notices.place(width + EDGE_PX if self.is_detail_shown else 0)

    def _tell_covers(self) -> None:
        """Let the map know what of it cannot be seen."""
        if isinstance(self.canvas, MapCanvas):
            left = self._layers.geometry() if self._layers is not None and not self._layers.isHidden() else QRect()
            self.canvas.set_covers(Covers(left, self._detail.geometry() if self.is_detail_shown else QRect()))

    def _past_place(self, below_tools: int) -> QPoint:
        """In the middle, or else between layers and tools; where it fits neither, below the tools."""
        left = EDGE_PX if self._layers is None or self._layers.isHidden() else self._layers.geometry().right() + GAP_PX
        tools = self._tools is not None and not self._tools.isHidden()
        right = self.width() - EDGE_PX if self._tools is None or not tools else self._tools.x() - GAP_PX
        width = self.past.width()
        middle = min(max((self.width() - width) // 2, left), right - width)
        down = self.away.height() + GAP_PX if self.away.isVisible() else 0
        if middle >= left:
            return QPoint(middle, EDGE_PX + down)
        return QPoint(max(min(left, self._detail.x() - width - GAP_PX), EDGE_PX), below_tools + down)

    @property
    def _map_height(self) -> int:
        return self.height() - (self._bar.minimumHeight() if self._bar is not None and not self._bar.isHidden() else 0)

    def _beside_viewer(self, detail_px: int) -> int:
        beside = detail_px + EDGE_PX + GAP_PX
        return beside if self.is_detail_shown and self.width() - beside >= VIEWER_WIDTH else 0

    @property
    def is_detail_covered(self) -> bool:
        """Whether the viewer lies over the floating detail panel."""
        viewer = self._viewer
        is_here = viewer is not None and viewer.parentWidget() is self and viewer.isVisible()
        return is_here and self.is_detail_shown and self._beside_viewer(self._detail.width()) == 0

    def keep_keyboard(self) -> None:
        """Let keys go to the map, or to what stands in its place."""
        (self._instead or self.canvas).setFocus(Qt.FocusReason.OtherFocusReason)
