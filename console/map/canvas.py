"""The map: shows layers, moves with the hand, says what was pointed at."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from console.map.cache import MARGIN_PX, Backdrop, Picture, Sheet
from console.map.covers import Covers
from console.map.identify import Hit, RepeatedClick, cluster_at, hits_at, hits_in
from console.map.keys import navigate_by
from console.map.live import LivePainter
from console.map.overlay import layer_notes, paint_notes, paint_status
from console.map.selection import Selection
from console.map.store import LayerStore
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
from console.map.view import Extent, History, View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike

    from console.map.features import Features
    from console.map.layer import Fetcher, Layer
    from console.map.tools.sketch import Kind
    from console.theme import Theme

REST_MS = 90
"""The hand rests when nothing moved for so long."""
PATIENCE_MS = 120
"""So long the picture waits for answers before it is painted from what is there."""
HOVER_MS = 350
NEAREST_METRES_PER_PIXEL = 0.25
HOME_MARGIN_PX = 12
NOTE_AFTER_S = 0.4
"""Loading is mentioned only when it takes longer than this."""
WHEEL_STEPS_PER_DOUBLING = 240
"""Two notches of a usual wheel double the scale."""

T = TypeVar("T")
ToolName = Literal["navigate", "select", "measure_length", "measure_area", "draw_area", "pick_place", "draw_shape"]


class MapCanvas(QWidget):
    """A north-up map of layers in EPSG:4546.

    Args:
        theme: colours; changed by `set_theme`.
        fetcher: runs the layers' questions off the GUI thread.
        home: what the Home key shows, and what is shown first.
        explain: the sentence that is shown for a failed question, in the user's language.
    """

    panned = Signal()
    """Somebody moves the map by hand or by its keys."""
    view_changed = Signal(object, float)
    """What is seen changed: `Extent`, metres per pixel."""
    identified = Signal(list)
    """A click: hits, the chosen one first; empty when nothing was there."""
    rectangle_selected = Signal(list)
    """A rectangle was drawn: hits inside."""
    menu_wanted = Signal(QPoint)
    """What is selected was clicked for its menu, at this place of the screen."""
    selection_changed = Signal(str, object)
    """Layer key, array of selected ids."""
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
    theme_changed = Signal(object)
    """The `Theme` that is now in use."""
    layers_changed = Signal()
    """Layers were added or removed."""

    def __init__(
        self,
        theme: Theme,
        fetcher: Fetcher,
        home: Extent,
        *,
        explain: Callable[[Exception], str] = str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Map"))
        self.home = home
        self._covers = Covers()
        self._is_at_home = True
        self._fetcher = fetcher
        self._explain = explain
        self._view = View.of(home, max(self.width(), 1), max(self.height(), 1))
        self._is_placed = False
        self._history = History()
        self._sheets: list[Sheet] = []
        self._picture = Picture(theme, self.devicePixelRatioF(), self)
        self._picture.updated.connect(self.update)
        self._selection = Selection(fetcher, explain, self)
        self._selection.arrived.connect(self._arrived)
        self._selection.changed.connect(self._selection_changed)
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
        self._asked_at = time.monotonic()
        self._rest = self._single_shot(REST_MS, self.settle)
        self._patience = self._single_shot(PATIENCE_MS, self._aim)
        self._hover = self._single_shot(HOVER_MS, self._show_tip)
        self._changed = self._single_shot(0, self._ask)
        self._note_later = self._single_shot(round(1000 * NOTE_AFTER_S) + 20, self.update)

    # Layers

    @property
    def layers(self) -> list[Layer]:
        """Layers from bottom to top."""
        return [sheet.layer for sheet in self._sheets]

    def layer(self, key: str) -> Layer:
        """The layer called `key`.

        Raises:
            KeyError: there is none.
        """
        return self._sheet(key).layer

    def add_layer(self, layer: Layer, below: str | None = None) -> None:
        """Put a layer on top, or below the one called `below`. Live layers are above all others anyway.

        Raises:
            ValueError: a layer of that key is there already.
        """
        if any(sheet.layer.key == layer.key for sheet in self._sheets):
            raise ValueError(f"two layers called {layer.key}")
        if layer.parent() is None:
            layer.setParent(self)
        store = LayerStore(layer, self._fetcher, self._explain, self)
        sheet = Sheet(layer, store, prepared_style=layer.style)
        position = len(self._sheets) if below is None else self._sheets.index(self._sheet(below))
        self._sheets.insert(position, sheet)
        layer.looks_changed.connect(lambda: self._looks_changed(sheet))
        layer.invalidated.connect(lambda extent: self._invalidated(sheet, extent))
        store.arrived.connect(lambda: self._arrived(sheet))
        self._sheets_changed()
        self.layers_changed.emit()

    def remove_layer(self, key: str) -> None:
        """Take a layer off the map."""
        sheet = self._sheet(key)
        self._sheets.remove(sheet)
        self._selection.drop(key)
        sheet.store.abandon()
        sheet.store.deleteLater()
        sheet.layer.deleteLater()
        self._sheets_changed()
        self.layers_changed.emit()

    def set_live(self, key: str, features: Features) -> None:
        """Give a live layer its features; they are painted with the next frame."""
        sheet = self._sheet(key)
        was_image = not sheet.store.is_painted_live
        sheet.store.set_live(features)
        self._selection.renew(key, features)
        if was_image or not sheet.store.is_painted_live:
            self._changed.start()
        self.update()

    def release(self, key: str) -> None:
        """Let a layer that was given features ask its own source again."""
        self._sheet(key).store.release()
        self._changed.start()
        self.update()

    def live_features(self, key: str) -> Features | None:
        """What a live layer was given last; None before and for other layers."""
        return self._sheet(key).store.given

    def fetch(
        self, key: str, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        """Run work of the map off the GUI thread, like the questions of its layers."""
        self._fetcher(key, work, done, failed)

    def set_backdrop(self, backdrop: Backdrop | None) -> None:
        """Lay a base map below all layers, or none."""
        self._picture.backdrop = backdrop
        self._picture.backdrop_changed()
        self._changed.start()

    def backdrop_changed(self) -> None:
        """Say that the base map has more tiles or another opacity than when it was painted."""
        self._picture.backdrop_changed()

    # View

    @property
    def view(self) -> View:
        """What is on the screen."""
        return self._view

    @property
    def is_settled(self) -> bool:
        """Whether the picture shows the view, with everything that is known, and nothing is awaited."""
        return not (
            self._rest.isActive()
            or self._patience.isActive()
            or self._changed.isActive()
            or self._picture.is_busy
            or any(self._is_awaited(sheet) for sheet in self._all_sheets())
            or (self._picture.backdrop is not None and self._picture.backdrop.is_pending)
        )

    def zoom_to(self, extent: Extent, margin_px: int = 40, nearest: float = NEAREST_METRES_PER_PIXEL) -> None:
        """Show all of `extent`, no nearer than `nearest` metres a pixel, so that a point keeps its surroundings."""
        view = self._covers.fitted(extent, self.width(), self.height(), margin_px)
        if view.metres_per_pixel < nearest:
            view = self._covers.centred(view.centred(view.x, view.y, nearest), *extent.centre)
        self._go(view)
        self.settle()

    def zoom_home(self) -> None:
        """Show the whole city in the part that no panel covers."""
        self._go_home()
        self.settle()

    def set_covers(self, covers: Covers) -> None:
        """Say what lies below panels; a map that shows the whole city fits it in anew beside the one at its left."""
        was, self._covers = self._covers, covers
        if covers.left.width() != was.left.width() and self._is_placed and self._is_at_home:
            self.zoom_home()

    def reveal(self, x: float, y: float, metres_per_pixel: float | None = None) -> None:
        """Bring a place out from under panels and into the map, no farther than needed; at another scale if wanted."""
        view = self._view
        if metres_per_pixel is None:
            view = self._covers.revealed(view, x, y)
        else:
            view = self._covers.centred(view.centred(x, y, metres_per_pixel), x, y)
        if view != self._view:
            self._go(view)
            self.settle()

    def reveal_selection(self) -> None:
        """Bring the middle of what is selected out from under panels and into the map."""
        extent = self._selection.extent
        if extent is not None:
            self.reveal(*extent.centre)

    def zoom_to_layer(self, key: str) -> None:
        """Show all that is known of a layer."""
        extent = self._known_extent(self._sheet(key))
        if extent is not None:
            self.zoom_to(extent)

    def zoom_to_selection(self) -> None:
        """Show all that is selected."""
        extent = self._selection.extent
        if extent is not None:
            self.zoom_to(extent, margin_px=80)

    def centre_on(self, x: float, y: float, metres_per_pixel: float | None = None) -> None:
        """Bring a place into the middle, at the same scale unless one is given."""
        self._go(self._view.centred(x, y, metres_per_pixel))
        self.settle()

    def zoom(self, factor: float, px: float | None = None, py: float | None = None) -> None:
        """Zoom in by `factor`, the place under (px, py), by default the centre, staying there."""
        self._go(self._view.zoomed(factor, px, py))

    def pan(self, dx_px: float, dy_px: float) -> None:
        """Drag the map by pixels to the right and down."""
        self._go(self._view.panned(dx_px, dy_px))
        self.panned.emit()

    def back(self) -> None:
        """Return to the view before."""
        self._travel(self._history.back())

    def forward(self) -> None:
        """Return to the view that was left by going back."""
        self._travel(self._history.forward())

    @property
    def pointer(self) -> QPointF:
        """Where the pointer is, in pixels; the middle while it is elsewhere."""
        return self._pointer or QPointF(self.width() / 2, self.height() / 2)

    @property
    def history(self) -> History:
        """The views that were rested on."""
        return self._history

    def settle(self) -> None:
        """The hand rests: remember the view, ask what is missing, paint it."""
        self._rest.stop()
        self._history.add(self._view)
        self._ask()

    # Selection, identify, tools

    def select(self, layer_key: str, ids: ArrayLike) -> None:
        """Select features of a layer by id; other layers keep their selection."""
        self._selection.select(self._sheet(layer_key), np.asarray(ids), self._view)

    def selected(self, layer_key: str) -> np.ndarray:
        """The selected ids of a layer."""
        return self._selection.ids(layer_key)

    def clear_selection(self) -> bool:
        """Select nothing; returns whether anything was selected."""
        return self._selection.clear()

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

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Select what is at the pointer; whoever knows what can be done with it is asked for a menu at that place."""
        if self._tool_name == "navigate":
            hits = self.hits_at(event.pos().x(), event.pos().y())
            if hits and not any(hit.id in self._selection.ids(hit.layer_key) for hit in hits):
                self.click(event.pos().x(), event.pos().y())
            self.menu_wanted.emit(event.globalPos())

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

    def features_of(self, keys: Sequence[str]) -> list[Features]:
        """What is seen of these layers now."""
        seen = [s for s in self._sheets if s.layer.key in keys and s.layer.is_seen(self._view.metres_per_pixel)]
        return [prepared.features for sheet in seen if (prepared := sheet.store.best(self._view)) is not None]

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

    @property
    def theme(self) -> Theme:
        """The colours in use."""
        return self._picture.theme

    def set_theme(self, theme: Theme) -> None:
        """Use other colours; nothing is asked again."""
        self._picture.reset(theme, self.devicePixelRatioF())
        self.update()
        self.theme_changed.emit(theme)

    def grab_view(self) -> QPixmap:
        """The map as it is on the screen."""
        return self.grab()

    @property
    def picture(self) -> Picture:
        """The composed image of all layers that are not live."""
        return self._picture

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
        paint_status(painter, self._view, self.theme, pointer)
        paint_notes(painter, self._view, self.theme, self._notes())
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep centre and scale; show the whole city the first time."""
        size = event.size()
        if self._is_placed and not self._is_at_home:
            self._go(self._view.resized(size.width(), size.height()))
        else:
            was_placed = self._is_placed
            self._is_placed = size.width() > 1 and size.height() > 1
            self._go_home()
            if not was_placed:
                self._history.clear()
        self.settle()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask and paint what changed while nobody looked."""
        super().showEvent(event)
        self._changed.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop painting; what was painted is kept."""
        super().hideEvent(event)
        self._picture.close()

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

    def _single_shot(self, milliseconds: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    def _sheet(self, key: str) -> Sheet:
        for sheet in self._sheets:
            if sheet.layer.key == key:
                return sheet
        raise KeyError(key)

    def _all_sheets(self) -> list[Sheet]:
        """Layers and, above them, what is selected of each."""
        return self._sheets + self._selection.sheets

    def _sheets_changed(self) -> None:
        self._picture.sheets = self._all_sheets()
        self._changed.start()

    def _known_extent(self, sheet: Sheet) -> Extent | None:
        prepared = sheet.store.best(self._view)
        return None if prepared is None else prepared.features.extent

    def _go_home(self) -> None:
        self._go(self._covers.fitted(self.home, max(self.width(), 1), max(self.height(), 1), HOME_MARGIN_PX))
        self._is_at_home = True

    def _go(self, view: View) -> None:
        if view == self._view:
            return
        self._is_at_home = False
        self._view = view
        self._rest.start()
        composed = self._picture.composed
        if composed is not None and not self._picture.is_busy and not composed.view.extent.contains(view.extent):
            # A long drag has reached the rim of what is painted: go on painting while the hand moves.
            self._ask()
        self.update()
        self.view_changed.emit(view.extent, view.metres_per_pixel)

    def _travel(self, view: View | None) -> None:
        if view is not None:
            self._go(view.resized(self.width(), self.height()))
            self._rest.stop()
            self._ask()

    def _is_awaited(self, sheet: Sheet) -> bool:
        return sheet.is_seen(self._view) and sheet.store.is_pending

    def _ask(self) -> None:
        if not self.isVisible():
            # Nobody looks: it is asked when the map is shown again.
            return
        for sheet in self._all_sheets():
            if sheet.layer.is_seen(self._view.metres_per_pixel):
                sheet.store.want(self._view, MARGIN_PX)
        if self._picture.backdrop is not None:
            self._picture.backdrop.want(self._view.padded(MARGIN_PX))
        self._asked_at = time.monotonic()
        if any(self._is_awaited(sheet) for sheet in self._all_sheets()):
            self._patience.start()
            self._note_later.start()
        else:
            self._aim()

    def _aim(self) -> None:
        self._patience.stop()
        self._picture.aim(self._view)

    def _arrived(self, sheet: Sheet) -> None:
        sheet.is_dirty = True
        prepared = sheet.store.best(self._view)
        if prepared is not None:
            self._selection.renew(sheet.layer.key, prepared.features)
        if not self._rest.isActive() and not any(self._is_awaited(s) for s in self._all_sheets()):
            self._aim()
        elif not self._patience.isActive() and not self._rest.isActive():
            self._patience.start()
        self.update()

    def _invalidated(self, sheet: Sheet, extent: Extent | None) -> None:
        sheet.store.invalidate(extent)
        if not self._changed.isActive():
            self._changed.start()

    def _looks_changed(self, sheet: Sheet) -> None:
        if sheet.prepared_style is not sheet.layer.style:
            sheet.prepared_style = sheet.layer.style
            sheet.store.forget()
            sheet.is_dirty = True
        self._changed.start()
        self.update()

    def _selection_changed(self, layer_key: str, ids: object) -> None:
        self._sheets_changed()
        self.update()
        self.selection_changed.emit(layer_key, ids)

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
