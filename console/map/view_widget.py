"""A widget that shows a part of the plane and moves in it: pan, zoom, fit, travel back and forward."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from console.map.covers import Covers
from console.map.view import Extent, History, View

if TYPE_CHECKING:
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QResizeEvent

REST_MS = 90
"""The hand rests when nothing moved for so long."""
NEAREST_METRES_PER_PIXEL = 0.25
HOME_MARGIN_PX = 12


class ViewWidget(QWidget):
    """Subclasses say in `_look` what there is to do when the view has come to rest.

    Args:
        home: what the Home key shows, and what is shown first.
    """

    panned = Signal()
    """Somebody moves the map by hand or by its keys."""
    view_changed = Signal(object, float)
    """What is seen changed: `Extent`, metres per pixel."""

    def __init__(self, home: Extent, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.home = home
        self._covers = Covers()
        self._is_at_home = True
        self._view = View.of(home, max(self.width(), 1), max(self.height(), 1))
        self._is_placed = False
        self._history = History()
        self._rest = self._single_shot(REST_MS, self.settle)

    @property
    def view(self) -> View:
        """What is on the screen."""
        return self._view

    @property
    def history(self) -> History:
        """The views that were rested on."""
        return self._history

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

    @property
    def free(self) -> QRectF:
        """The part that no panel covers, in pixels."""
        return self._covers.free(self.width(), self.height())

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

    def settle(self) -> None:
        """The hand rests: remember the view, ask what is missing, paint it."""
        self._rest.stop()
        self._history.add(self._view)
        self._look()

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

    # Inside

    def _look(self) -> None:
        """The view has come to rest: see to what is shown in it."""

    def _move_on(self) -> None:
        """The view moves: see to it that there is something to show."""

    def _single_shot(self, milliseconds: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    def _go_home(self) -> None:
        self._go(self._covers.fitted(self.home, max(self.width(), 1), max(self.height(), 1), HOME_MARGIN_PX))
        self._is_at_home = True

    def _go(self, view: View) -> None:
        if view == self._view:
            return
        self._is_at_home = False
        self._view = view
        self._rest.start()
        self._move_on()
        self.update()
        self.view_changed.emit(view.extent, view.metres_per_pixel)

    def _travel(self, view: View | None) -> None:
        if view is not None:
            self._go(view.resized(self.width(), self.height()))
            self._rest.stop()
            self._look()
