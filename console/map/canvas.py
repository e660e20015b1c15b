"""The map: shows layers, moves with the hand, says what was pointed at."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from console.map.identify import Hit, RepeatedClick, cluster_at, hits_at, hits_in
from console.map.keys import navigate_by
from console.map.layer_widget import NOTE_AFTER_S, LayerWidget
from console.map.live import LivePainter
from console.map.overlay import StatusLine, layer_notes, paint_notes
from console.map.tools import (
    AreaTool,
    Corners,
    DrawTool,
    MeasureTool,
    NavigateTool,
    PlaceTool,
    SelectTool,
    Sketching,
    Tool,
    paint_area,
    paint_place,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from console.map.layer import Fetcher
    from console.map.tools.sketch import Kind
    from console.map.view import Extent
    from console.theme import Theme

HOVER_MS = 350
WHEEL_STEPS_PER_DOUBLING = 240
"""Two notches of a usual wheel double the scale."""

ToolName = Literal["navigate", "select", "measure_length", "measure_area", "draw_area", "pick_place", "draw_shape"]


class MapCanvas(LayerWidget):
    """A north-up map of layers in EPSG:4546.

    Args:
        theme: colours; changed by `set_theme`.
        fetcher: runs the layers' questions off the GUI thread.
        home: what the Home key shows, and what is shown first.
        explain: the sentence that is shown for a failed question, in the user's language.
    """

    identified = Signal(list)
    """A click: hits, the chosen one first; empty when nothing was there."""
    rectangle_selected = Signal(list)
    """A rectangle was drawn: hits inside."""
    menu_wanted = Signal(QPoint)
    """What is selected was clicked for its menu, at this place of the screen."""
    area_drawn = Signal(object)
    """An area was drawn with the tool ``draw_area``: its corners (x, y), metres, EPSG:4546."""
    place_picked = Signal(float, float)
    """A place was picked with the tool ``pick_place``: metres, EPSG:4546."""
    measured = Signal(object)
    """A `Measurement` was ended."""
    pointer_moved = Signal(float, float)
    """Metres under the pointer."""
    tool_changed = Signal(str)
    """Name of the tool that is now active."""

    def __init__(
        self,
        theme: Theme,
        fetcher: Fetcher,
        home: Extent,
        *,
        explain: Callable[[Exception], str] = str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, fetcher, home, explain=explain, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Map"))
        self._tools: dict[str, Tool] = {
            "navigate": NavigateTool(self),
            "select": SelectTool(self),
            "measure_length": MeasureTool(self, "length"),
            "measure_area": MeasureTool(self, "area"),
            "draw_area": AreaTool(self),
            "pick_place": PlaceTool(self),
            "draw_shape": (drawing := DrawTool(self)),
        }
        self.drawing = drawing
        self._tool_name: ToolName = "navigate"
        self._area: Corners = ()
        self._place: tuple[float, float] | None = None
        self._others: Corners = ()
        self._middle: QPointF | None = None
        self._pointer: QPointF | None = None
        self._clicks = RepeatedClick()
        self._live = LivePainter()
        self._status = StatusLine()
        self._hover = self._single_shot(HOVER_MS, self._show_tip)

    # Identify, tools

    @property
    def pointer(self) -> QPointF:
        """Where the pointer is, in pixels; the middle while it is elsewhere."""
        return self._pointer or QPointF(self.width() / 2, self.height() / 2)

    def hits_at(self, px: float, py: float) -> list[Hit]:
        """Features within a few pixels, nearest first, areas last."""
        return hits_at(self._sheets, self._view, px, py)

    def click(self, px: float, py: float) -> None:
        """Identify and select what is at a pixel; again at the same place, the next; a cluster opens."""
        cluster = cluster_at(self._sheets, self._view, px, py)
        if cluster is not None:
            self.zoom_to(cluster.extent, margin_px=80)
            return
        hits = self.hits_at(px, py)
        hits = self._clicks.turned(hits, px, py)
        self._selection.replace(
            {} if not hits else {hits[0].layer_key: np.array([hits[0].id])}, self._sheets, self._view
        )
        self.identified.emit(hits)

    def select_rectangle(self, extent: Extent) -> None:
        """Select all that meets a rectangle."""
        hits = hits_in(self._sheets, self._view, extent)
        ids: dict[str, list[int | str]] = {}
        for hit in hits:
            ids.setdefault(hit.layer_key, []).append(hit.id)
        self._selection.replace({key: np.array(found) for key, found in ids.items()}, self._sheets, self._view)
        self.rectangle_selected.emit(hits)

    @property
    def tool(self) -> Tool:
        """The active tool."""
        return self._tools[self._tool_name]

    def set_tool(self, name: ToolName) -> None:
        """Make another tool the active one."""
        if name == self._tool_name:
            return
        self.tool.cancel()
        self._tool_name = name
        self.setCursor(self.tool.cursor)
        self.update()
        self.tool_changed.emit(name)

    def draw(self, kind: Kind, points: Corners = (), snaps_to: Sequence[str] = ()) -> Sketching:
        """Let a ``line`` or ``area`` be drawn, or changed when it has corners; one that is under way is given up.

        Args:
            kind: what is drawn.
            points: its corners, (x, y) in metres.
            snaps_to: keys of layers to whose corners and lines the hand is drawn.
        """
        sketching = self.drawing.begin(kind, points, snaps_to)
        self.set_tool("draw_shape")
        self.setFocus()
        self.update()
        return sketching

    @property
    def area(self) -> Corners:
        """The area that is marked on the map; empty when none is."""
        return self._area

    def mark_area(self, corners: Corners) -> None:
        """Mark the area that something is narrowed down to, by its corners in metres; none at all when empty."""
        self._area = corners
        self.update()

    @property
    def place(self) -> tuple[float, float] | None:
        """The place that is marked on the map; None when none is."""
        return self._place

    def mark_place(self, place: tuple[float, float] | None, others: Corners = ()) -> None:
        """Mark the place that somebody is filling in, metres, and `others` that may be meant; None marks none."""
        self._place, self._others = place, others
        self.update()

    # Looks

    def grab_view(self) -> QPixmap:
        """The map as it is on the screen."""
        return self.grab()

    def sizeHint(self) -> QSize:
        """A size to begin with."""
        return QSize(960, 600)

    # Events

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint one frame."""
        del event
        painter = QPainter(self)
        self._picture.draw(painter, self._view)
        self._picture.draw_labels(painter, self._view)
        self._live.paint(painter, self._view, self._all_sheets(), self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_area(painter, self._view, self.theme, self._area)
        paint_place(painter, self._view, self.theme, self._place, self._others)
        self.tool.paint(painter, self._view, self.theme)
        pointer = None if self._pointer is None else self._view.to_world(self._pointer.x(), self._pointer.y())
        self._status.paint(painter, self._view, self.theme, pointer)
        paint_notes(painter, self._view, self.theme, self._notes())
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Follow the window to a screen of another pixel density; a tool at work has Esc before the window does."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape and self._tool_name != "navigate":
                event.accept()
                return True
        elif event.type() == QEvent.Type.DevicePixelRatioChange:
            self._picture.reset(self.theme, self.devicePixelRatioF())
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom to the pointer by as much as the wheel turned."""
        at = event.position()
        self.zoom(2.0 ** (event.angleDelta().y() / WHEEL_STEPS_PER_DOUBLING), at.x(), at.y())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin what the tool does; the middle button always moves the map."""
        self._hover.stop()
        QToolTip.hideText()
        if event.button() == Qt.MouseButton.MiddleButton:
            self._middle = event.position()
            return
        self.tool.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        at = event.position()
        self._pointer = at
        if self._middle is not None:
            shift = at - self._middle
            self._middle = at
            self.pan(shift.x(), shift.y())
        else:
            self.tool.move(event)
        if event.buttons() == Qt.MouseButton.NoButton:
            self._hover.start()
        self.pointer_moved.emit(*self._view.to_world(at.x(), at.y()))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End what was begun."""
        if event.button() == Qt.MouseButton.MiddleButton and self._middle is not None:
            self._middle = None
            self.settle()
            return
        self.tool.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Let the tool answer."""
        self.tool.double_click(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Select what is at the pointer; whoever knows what can be done with it is asked for a menu at that place."""
        if self._tool_name == "navigate":
            hits = self.hits_at(event.pos().x(), event.pos().y())
            if hits and not any(hit.id in self._selection.ids(hit.layer_key) for hit in hits):
                self.click(event.pos().x(), event.pos().y())
            self.menu_wanted.emit(event.globalPos())

    def leaveEvent(self, event: QEvent) -> None:
        """The coordinates are the centre's again."""
        del event
        self._pointer = None
        self._hover.stop()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows pan, + and - zoom, Home shows the city, Alt+Left and Alt+Right travel back and forward."""
        if self.tool.key(event) or navigate_by(self, event):
            event.accept()
        else:
            super().keyPressEvent(event)

    # Inside

    def _notes(self) -> list[str]:
        late = time.monotonic() - self._asked_at > NOTE_AFTER_S
        seen = [s.layer for s in self._sheets if s.layer.is_seen(self._view.metres_per_pixel)]
        backdrop = self._picture.backdrop
        notes = [] if backdrop is None else [words for words in (backdrop.note, backdrop.credit) if words]
        return notes + layer_notes(
            [layer.title for layer in seen if layer.state.loading] if late else [],
            [(layer.title, layer.state.failure) for layer in seen if layer.state.failure],
            empty=bool(self._sheets) and not any(s.layer.visible for s in self._sheets),
        )

    def _show_tip(self) -> None:
        if self._pointer is None:
            return
        for hit in self.hits_at(self._pointer.x(), self._pointer.y()):
            tip = self._sheet(hit.layer_key).layer.tip
            words = "" if tip is None else tip(hit.features, hit.index)
            if words:
                QToolTip.showText(self.mapToGlobal(self._pointer.toPoint() + QPoint(14, 12)), words, self)
                return
