"""The field of a form that holds a shape: drawn and changed on the map, said as a size; and how it is seen there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from console.map.features import Features, GeometryKind
from console.map.view import Extent
from console.models.haulage import CORRIDOR_M, records
from console.widgets.configuration.fields import FieldEdit
from console.widgets.fleet.book import shape_of, shape_words
from console.widgets.shared.panel import label, margins

if TYPE_CHECKING:
    from console.map.canvas import MapCanvas
    from console.map.tools import Corners, Sketching
    from console.widgets.fleet.book import Kind

ROUTE, AREA = "edited_route", "edited_area"
"""Live layers of the map that show what is edited."""


class ShapeField(FieldEdit):
    """A line or polygon. While it is drawn the button ends the drawing.

    Args:
        kind: what is drawn, and what the hand is drawn to.
        canvas: the map.
        name: of the field.
    """

    def __init__(self, kind: Kind, canvas: MapCanvas, name: str) -> None:
        inside = QWidget()
        super().__init__(inside, name)
        self._kind, self._canvas = kind, canvas
        self._value: str | None = None
        self._sketching: Sketching | None = None
        self._drawn: Corners = ()
        self.size_text = label("", wraps=True)
        self.button = QPushButton()
        self.button.clicked.connect(lambda *_: self.draw())
        self.again = QPushButton(self.tr("Go on drawing"))
        self.again.setToolTip(self.tr("The drawing that was given up last"))
        self.again.clicked.connect(lambda *_: self._begin(self._drawn))
        self.again.hide()
        row = QHBoxLayout(inside)
        margins(row, 0, 0, 0, 0, 8)
        row.addWidget(self.size_text, 1)
        row.addWidget(self.again)
        row.addWidget(self.button)
        inside.setFocusProxy(self.button)
        self._tell()

    @property
    def value(self) -> Any:
        """The shape as WKT; None for none."""
        return self._value

    @property
    def is_drawing(self) -> bool:
        """Whether it is being drawn now."""
        return self._sketching is not None

    def _put(self, value: Any) -> None:
        self._value = value
        self._tell()

    def draw(self) -> None:
        """Draw it, or change it on the map; once more ends that."""
        if self._sketching is not None:
            self._canvas.drawing.finish()
            return
        self._begin(corners_of(self._value))

    def _begin(self, points: Corners) -> None:
        self._drawn = ()
        self._sketching = self._canvas.draw(self._kind.shape, points, self._kind.snaps_to)
        self._sketching.changed.connect(self._on_changed)
        self._sketching.ended.connect(self._on_ended)
        self._tell()
        show_shape(self._canvas, None)

    def _on_changed(self, points: Corners) -> None:
        self._drawn = points
        self.size_text.setText(shape_words(drawn_wkt(self._kind, points, self._value)))

    def _on_ended(self, points: Corners | None) -> None:
        self._sketching = None
        if points is not None:
            self._drawn = ()
        found = None if points is None else drawn_wkt(self._kind, points, self._value)
        if found is not None and found != self._value:
            self._value = found
        self._tell()
        show_shape(self._canvas, self._value)
        self.edited.emit(self._value)

    def _tell(self) -> None:
        is_line = self._kind.shape == "line"
        nothing = self.tr("no route yet") if is_line else self.tr("not drawn yet")
        self.size_text.setText(shape_words(self._value) or nothing)
        self.again.setVisible(self._sketching is None and len(self._drawn) > 1)
        if self._sketching is not None:
            self.button.setText(self.tr("Done  Enter"))
        else:
            self.button.setText(self.tr("Change on the map") if self._value else self.tr("Draw on the map"))


def corners_of(value: object) -> Corners:
    """The corners of a shape, of a polygon those of its outer border, each once."""
    shape = shape_of(value)
    if shape is None:
        return ()
    if isinstance(shape, shapely.Polygon):
        shape = shape.exterior
        return tuple((x, y) for x, y in shapely.get_coordinates(shape)[:-1].tolist())
    return tuple((x, y) for x, y in shapely.get_coordinates(shape).tolist())


def drawn_wkt(kind: Kind, points: Corners, before: object) -> str | None:
    """What was drawn, as WKT; the holes that a polygon had stay. None where the corners make no shape."""
    if len(set(points)) < (2 if kind.shape == "line" else 3):
        return None
    if kind.shape == "line":
        return records.wkt(shapely.LineString(points))
    was = shape_of(before)
    holes = [hole.coords for hole in was.interiors] if isinstance(was, shapely.Polygon) else []
    return records.wkt(shapely.Polygon(points, holes))


def show_shape(canvas: MapCanvas, value: object) -> None:
    """Show on the map what is edited; nothing with None."""
    shape = shape_of(value)
    lines = [shape] if isinstance(shape, shapely.LineString) else []
    areas = [shape] if isinstance(shape, shapely.Polygon) and shape.is_valid else []
    width = np.full(len(lines), 2 * CORRIDOR_M)
    canvas.set_live(ROUTE, Features.from_shapely(range(len(lines)), lines, {"width_m": width}, GeometryKind.LINE))
    canvas.set_live(AREA, Features.from_shapely(range(len(areas)), areas, {}, GeometryKind.POLYGON))


def extent_of(value: object) -> Extent | None:
    """The smallest extent around a shape."""
    shape = shape_of(value)
    return None if shape is None or shapely.is_empty(shape) else Extent(*shapely.bounds(shape).tolist())
