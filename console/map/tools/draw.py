"""Draws a line or an area corner by corner, and changes one that is there.

| hand | key | does |
|---|---|---|
| click on free ground | Space | adds a corner at the end; where a shape was complete: at the chosen end of a line |
| drag of a corner | arrows | moves it (a metre a key, with Shift ten) |
| press on a side | Insert | puts a corner into it |
| | Page Down, Page Up | choose the next corner, the one before |
| | Delete, Backspace | take the chosen corner away, else the last |
| double click | Enter | done, unless something is wrong with the shape |
| | Esc | lets go of what is held or chosen, then gives up |

The hand is drawn to corners and lines of the layers that are named, as far as they are seen; with Ctrl it is free.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from console.map.style import colour, font
from console.map.tools.measure import area_text, length_text, measure
from console.map.tools.navigate import DRAG_FROM_PX, NavigateTool
from console.map.tools.sketch import Fault, Sketch
from console.map.tools.snapping import Snap, snap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QMouseEvent

    from console.map.canvas import MapCanvas
    from console.map.tools.sketch import Flaw, Kind, Place
    from console.map.view import View
    from console.theme import Theme

CORNER_PX = 9.0
SIDE_PX = 6.0
SNAP_PX = 12.0
STEP_M = 1.0
STEPS = {
    Qt.Key.Key_Left: (-STEP_M, 0.0), Qt.Key.Key_Right: (STEP_M, 0.0),
    Qt.Key.Key_Up: (0.0, STEP_M), Qt.Key.Key_Down: (0.0, -STEP_M),
}  # fmt: skip
MANY = 60
"""So many corners are painted smaller."""
HINT_EDGE_PX = 48


class Sketching(QObject):
    """One drawing, from its beginning to its end; for whoever asked for it."""

    changed = Signal(object)
    """Its corners as they are now, (x, y) in metres, EPSG:4546."""
    ended = Signal(object)
    """Its corners; None when it was given up."""


class DrawTool(NavigateTool):
    """The drawing that is under way. A drag over free ground moves the map."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, canvas: MapCanvas) -> None:
        super().__init__(canvas)
        self.sketch: Sketch | None = None
        self.chosen: int | None = None
        self._sketching: Sketching | None = None
        self._snaps_to: tuple[str, ...] = ()
        self._adds = False
        self._held: int | None = None
        self._held_at = QPointF()
        self._is_moved = False
        self._pointer: Place | None = None
        self._snap: Snap | None = None
        self._is_refused = False

    def begin(self, kind: Kind, points: Sequence[Place], snaps_to: Sequence[str]) -> Sketching:
        """Begin with these corners, none for a new shape; `snaps_to` are keys of layers."""
        self._end(None)
        self.sketch = Sketch(kind, tuple(points))
        self._sketching = Sketching(self.canvas)
        self._snaps_to = tuple(snaps_to)
        self._adds = not points
        self.chosen = self._held = self._snap = None
        self._is_refused = False
        return self._sketching

    def finish(self) -> None:
        """Done; a shape that cannot be kept is not taken, and it is said why."""
        if self.sketch is None:
            return
        self._is_refused = self.sketch.flaw is not None
        if self._is_refused:
            self.canvas.update()
        else:
            self._leave(self.sketch.points)

    def give_up(self) -> None:
        """Stop; what was there before is as it was."""
        self._leave(None)

    def undo(self) -> None:
        """Take the last step back."""
        if self.sketch is not None and self.sketch.can_undo:
            self.sketch.undo()
            self._changed()

    def redo(self) -> None:
        """Make the step again that was taken back."""
        if self.sketch is not None and self.sketch.can_redo:
            self.sketch.redo()
            self._changed()

    def press(self, event: QMouseEvent) -> None:
        """Take hold of a corner or a side; else as if nothing were drawn."""
        sketch = self.sketch
        if sketch is None or event.button() != Qt.MouseButton.LeftButton:
            super().press(event)
            return
        view, at = self.canvas.view, event.position()
        x, y = view.to_world(at.x(), at.y())
        corner = sketch.nearest_corner(x, y, CORNER_PX * view.metres_per_pixel)
        if corner is None and not self._adds:
            side = sketch.nearest_side(x, y, SIDE_PX * view.metres_per_pixel)
            if side is not None and sketch.insert(side[0], _rounded(*side[1])):
                corner = side[0]
                self._changed()
        if corner is None and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._add(self._drawn_to(at.x(), at.y(), is_free=True))
            return
        if corner is None:
            super().press(event)
            return
        self.chosen = self._held = corner
        self._held_at = at
        self._is_moved = False
        self.canvas.update()

    def move(self, event: QMouseEvent) -> None:
        """Carry what is held; else show where a corner would come."""
        at = event.position()
        is_free = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if self._held is None:
            super().move(event)
        elif not self._is_moved and (at - self._held_at).manhattanLength() >= DRAG_FROM_PX:
            self._is_moved = True
        self._pointer = self._drawn_to(at.x(), at.y(), is_free=is_free)
        self.canvas.update()

    def release(self, event: QMouseEvent) -> None:
        """Let go of a corner where it is now; a click on the first one closes an area."""
        if self._held is None or event.button() != Qt.MouseButton.LeftButton:
            super().release(event)
            return
        held, self._held = self._held, None
        sketch = self.sketch
        if sketch is not None and self._is_moved and self._pointer is not None:
            sketch.move(held, self._pointer)
            self._changed()
        elif sketch is not None and self._adds and held == 0 and sketch.kind == "area" and len(sketch.points) > 2:
            self._adds = False
            self.canvas.update()

    def clicked(self, px: float, py: float) -> None:
        """Add a corner."""
        self._add(self._drawn_to(px, py, is_free=False))

    def double_click(self, event: QMouseEvent) -> None:
        """Done: the first click of the two has set the last corner."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.finish()

    def key(self, event: QKeyEvent) -> bool:
        """As the table above says; what it does not name moves the map."""
        step = STEPS.get(Qt.Key(event.key()))
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.finish()
            case Qt.Key.Key_Escape:
                self._let_go()
            case Qt.Key.Key_Space:
                self.clicked(self.canvas.pointer.x(), self.canvas.pointer.y())
            case Qt.Key.Key_PageDown | Qt.Key.Key_PageUp:
                self._choose(1 if event.key() == Qt.Key.Key_PageDown else -1)
            case Qt.Key.Key_Insert:
                self._insert()
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self._remove()
            case _ if step is not None and self.chosen is not None and not _is_alt(event):
                self._step(step, 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
            case _:
                return False
        return True

    def cancel(self) -> None:
        """Another tool takes over: nothing that was drawn is lost, it is handed over as it is."""
        super().cancel()
        self._end(None if self.sketch is None else self.sketch.points)

    def paint(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Draw the shape, its corners, what is wrong with it, and what can be done."""
        super().paint(painter, view, theme)
        sketch = self.sketch
        if sketch is None:
            return
        points = list(sketch.points)
        if self._held is not None and self._is_moved and self._pointer is not None:
            points[self._held] = self._pointer
        on_screen = [QPointF(*view.to_screen(x, y)) for x, y in points]
        tail = [QPointF(*view.to_screen(*self._pointer))] if self._adds and points and self._pointer else []
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_shape(painter, theme, on_screen, tail)
        self._paint_corners(painter, theme, on_screen)
        if self._snap is not None and (self._adds or self._held is not None):
            painter.setPen(QPen(colour(theme, "text"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            at = QPointF(*view.to_screen(self._snap.x, self._snap.y))
            box = QRectF(at.x() - 7, at.y() - 7, 14, 14)
            painter.drawRect(box) if self._snap.is_corner else painter.drawEllipse(box)
        flaw = sketch.flaw
        is_shown = flaw is not None and (self._is_refused or flaw.fault is Fault.CROSSES)
        if is_shown and flaw is not None and flaw.place is not None:
            _paint_cross(painter, theme, QPointF(*view.to_screen(*flaw.place)))
        self._paint_hint(painter, view, theme, flaw if is_shown else None)

    def _paint_shape(self, painter: QPainter, theme: Theme, points: list[QPointF], tail: list[QPointF]) -> None:
        if self.sketch is not None and self.sketch.kind == "area" and len(points) + len(tail) > 2:
            painter.setPen(QPen(colour(theme, "accent"), 2))
            painter.setBrush(colour(theme, "accent", 0.15))
            painter.drawPolygon(QPolygonF([*points, *tail]))
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour(theme, "map_ground", 0.8), 5))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(QPen(colour(theme, "accent"), 2.5))
        painter.drawPolyline(QPolygonF(points))
        if tail:
            painter.setPen(QPen(colour(theme, "accent"), 1.5, Qt.PenStyle.DashLine))
            painter.drawLine(points[-1], tail[0])

    def _paint_corners(self, painter: QPainter, theme: Theme, points: list[QPointF]) -> None:
        half = 3.5 if len(points) <= MANY else 2.0
        seen = self.canvas.rect().toRectF().adjusted(-9, -9, 9, 9)
        for place, corner in enumerate(points):
            if not seen.contains(corner):
                continue
            is_chosen = place == self.chosen
            painter.setPen(QPen(colour(theme, "accent"), 1.5))
            painter.setBrush(colour(theme, "accent" if is_chosen else "map_ground"))
            reach = half + 2 if is_chosen else half
            painter.drawRect(QRectF(corner.x() - reach, corner.y() - reach, 2 * reach, 2 * reach))

    def _paint_hint(self, painter: QPainter, view: View, theme: Theme, flaw: Flaw | None) -> None:
        """One line above the lower rim: size, and what is wrong or what can be done next."""
        face = font(theme, theme.secondary_px)
        metrics = QFontMetricsF(face)
        words = f"{self._size()}   {self._hint() if flaw is None else flaw_words(flaw)}".strip()
        free = self.canvas.free
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, free.width() - 48)
        box = QRectF(0, 0, metrics.horizontalAdvance(shown) + 24, 28)
        box.moveCenter(QPointF(free.center().x(), view.height - HINT_EDGE_PX - 14))
        painter.setPen(QPen(colour(theme, "line" if flaw is None else "critical"), 1))
        painter.setBrush(colour(theme, "raised"))
        painter.drawRoundedRect(box, theme.radius_px, theme.radius_px)
        painter.setFont(face)
        painter.setPen(colour(theme, "text" if flaw is None else "critical_text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)

    def _size(self) -> str:
        if self.sketch is None:
            return ""
        found = measure("length" if self.sketch.kind == "line" else "area", list(self.sketch.points))
        return length_text(found.length_m) if self.sketch.kind == "line" else area_text(found.area_m2)

    def _hint(self) -> str:
        translate = QCoreApplication.translate
        if self._adds:
            return translate("DrawTool", "Click sets a corner · Enter ends · Esc gives up · Ctrl+Z one step back")
        return translate(
            "DrawTool",
            "Enter ends · Esc gives up · drag corners and sides · Delete takes a corner away · Ctrl+Z one step back",
        )

    # Inside

    def _drawn_to(self, px: float, py: float, *, is_free: bool) -> Place:
        """The place under a pixel, or the one near it that the hand is drawn to."""
        view = self.canvas.view
        x, y = view.to_world(px, py)
        within = SNAP_PX * view.metres_per_pixel
        self._snap = None if is_free else snap(self.canvas.features_of(self._snaps_to), x, y, within)
        return _rounded(x, y) if self._snap is None else _rounded(self._snap.x, self._snap.y)

    def _add(self, at: Place) -> None:
        sketch = self.sketch
        if sketch is None:
            return
        end = len(sketch.points)
        if self._adds:
            if sketch.insert(end, at):
                self.chosen = None
                self._changed()
        elif sketch.kind == "line" and self.chosen in {0, end - 1}:
            place = 0 if self.chosen == 0 else end
            if sketch.insert(place, at):
                self.chosen = place
                self._changed()
        else:
            self.chosen = None
            self.canvas.update()

    def _insert(self) -> None:
        sketch = self.sketch
        if sketch is None or self.chosen is None:
            return
        middle = sketch.middle(self.chosen)
        if middle is not None and sketch.insert(self.chosen + 1, _rounded(*middle)):
            self.chosen += 1
            self._changed()

    def _remove(self) -> None:
        sketch = self.sketch
        if sketch is None or not sketch.points:
            return
        place = len(sketch.points) - 1 if self.chosen is None else self.chosen
        if self.chosen is None and not self._adds:
            return
        sketch.remove(place)
        if self.chosen is not None:
            self.chosen = min(place, len(sketch.points) - 1) if sketch.points else None
        self._adds = self._adds or not sketch.points
        self._changed()

    def _step(self, step: tuple[float, float], times: int) -> None:
        if self.sketch is None or self.chosen is None:
            return
        x, y = self.sketch.points[self.chosen]
        self.sketch.move(self.chosen, _rounded(x + times * step[0], y + times * step[1]))
        self._changed()

    def _choose(self, by: int) -> None:
        sketch = self.sketch
        if sketch is None or not sketch.points:
            return
        first = 0 if by > 0 else len(sketch.points) - 1
        self.chosen = first if self.chosen is None else (self.chosen + by) % len(sketch.points)
        self.canvas.reveal(*sketch.points[self.chosen])
        self.canvas.update()

    def _let_go(self) -> None:
        if self._held is not None:
            self._held = None
        elif self.chosen is not None:
            self.chosen = None
        else:
            self.give_up()
        self.canvas.update()

    def _changed(self) -> None:
        self._is_refused = False
        if self.sketch is None or self._sketching is None:
            return
        if self.chosen is not None and self.chosen >= len(self.sketch.points):
            self.chosen = None
        self._sketching.changed.emit(self.sketch.points)
        self.canvas.update()

    def _leave(self, points: tuple[Place, ...] | None) -> None:
        self._end(points)
        self.canvas.set_tool("navigate")

    def _end(self, points: tuple[Place, ...] | None) -> None:
        sketching, self._sketching, self.sketch = self._sketching, None, None
        self.chosen = self._held = None
        if sketching is not None:
            sketching.ended.emit(points)
            sketching.deleteLater()


def flaw_words(flaw: Flaw) -> str:
    """What is wrong with a shape, for people."""
    translate = QCoreApplication.translate
    return {
        Fault.TOO_FEW: translate("DrawTool", "Too few corners: a line needs two, an area three."),
        Fault.NO_SIZE: translate("DrawTool", "It is too small: less than a metre."),
        Fault.CROSSES: translate(
            "DrawTool", "The border crosses itself at the mark: move or take away a corner there."
        ),
    }[flaw.fault]


def _rounded(x: float, y: float) -> Place:
    """To the millimetre."""
    return round(x, 3), round(y, 3)


def _is_alt(event: QKeyEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)


def _paint_cross(painter: QPainter, theme: Theme, at: QPointF) -> None:
    painter.setPen(QPen(colour(theme, "critical"), 2.5))
    for dy in (-8, 8):
        painter.drawLine(at + QPointF(-8, -dy), at + QPointF(8, dy))
