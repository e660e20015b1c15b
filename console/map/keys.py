"""The keys of the map that are the same with every tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from console.map.canvas import MapCanvas

PAN_STEP_PX = 80
ZOOM_STEP = 2**0.5


def navigate_by(canvas: MapCanvas, event: QKeyEvent) -> bool:
    """Move the map by a key; returns whether it was one of the map.

    Arrows pan (with Shift four times as far), + and - zoom, Home shows the city, End the selection, Alt+Left and
    Alt+Right travel through the views, Space identifies under the pointer.
    """
    alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
    step = PAN_STEP_PX * (4 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
    match event.key():
        case Qt.Key.Key_Left if alt:
            canvas.back()
        case Qt.Key.Key_Right if alt:
            canvas.forward()
        case Qt.Key.Key_Left:
            canvas.pan(step, 0)
        case Qt.Key.Key_Right:
            canvas.pan(-step, 0)
        case Qt.Key.Key_Up:
            canvas.pan(0, step)
        case Qt.Key.Key_Down:
            canvas.pan(0, -step)
        case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
            canvas.zoom(ZOOM_STEP)
        case Qt.Key.Key_Minus | Qt.Key.Key_Underscore:
            canvas.zoom(1 / ZOOM_STEP)
        case Qt.Key.Key_Home:
            canvas.zoom_home()
        case Qt.Key.Key_End:
            canvas.zoom_to_selection()
        case Qt.Key.Key_Space:
            canvas.click(canvas.pointer.x(), canvas.pointer.y())
        case _:
            return False
    return True
