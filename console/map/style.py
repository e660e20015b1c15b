"""How features look, as values: tokens of the theme instead of colours, pixels or metres instead of pens.

Because a style names tokens (`console.theme.Theme` attributes), another theme only repaints. Values of attributes
(system, state, stage) choose the stroke, fill or symbol; a value that the style does not list takes its default.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.theme import Theme

Shape = Literal["ring", "dot", "arrow", "triangle", "diamond", "square", "cross"]


def colour(theme: Theme, token: str, alpha: float = 1.0) -> QColor:
    """The colour that `theme` gives to `token`, at `alpha` from 0 to 1."""
    value = QColor(getattr(theme, token))
    value.setAlphaF(alpha)
    return value


def mixed(theme: Theme, token: str, strength: float) -> QColor:
    """The colour of `token` mixed with the ground of the map: all of it at strength 1, none at 0."""
    over, ground = QColor(getattr(theme, token)), QColor(theme.map_ground)
    rest = 1 - strength
    return QColor.fromRgbF(
        strength * over.redF() + rest * ground.redF(),
        strength * over.greenF() + rest * ground.greenF(),
        strength * over.blueF() + rest * ground.blueF(),
    )


def font(theme: Theme, size_px: int, *, bold: bool = False, spacing_px: float = 0.0) -> QFont:
    """The theme's font at a size in pixels."""
    made = QFont(list(theme.font_families))
    made.setPixelSize(size_px)
    # Chinese and digits need no shaping, and shaped digits lose their names in a PDF: nobody could search them.
    made.setStyleStrategy(QFont.StyleStrategy.PreferNoShaping)
    if bold:
        made.setWeight(QFont.Weight.DemiBold)
    if spacing_px:
        # In per cent of the letter, because Qt multiplies absolute spacing by the resolution of a PDF.
        made.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 100 + 100 * spacing_px / size_px)
    return made


@dataclass(frozen=True)
class Stroke:
    """A line.

    Attributes:
        colour: token of the theme.
        width_px: pixels.
        strength: how much of the colour is left when it is mixed with the ground, 0 to 1. Mixed instead of see-through,
            because strokes that cross themselves cost five times as much with an alpha.
        dash_px: pattern in pixels, line and gap in turn; empty for a solid line.
        title: what the legend calls it.
    """

    colour: str
    width_px: float = 1.0
    strength: float = 1.0
    dash_px: tuple[float, ...] = ()
    title: str = ""

    def pen(self, theme: Theme, width_px: float | None = None) -> QPen:
        """The pen; flat caps, because round ones cost several times as much on long networks."""
        width = self.width_px if width_px is None else width_px
        pen = QPen(mixed(theme, self.colour, self.strength), width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
        if self.dash_px:
            pen.setDashPattern([length / max(width, 1.0) for length in self.dash_px])
        return pen


@dataclass(frozen=True)
class WidthRule:
    """Line width from an attribute: true to scale when near, a plain line when far.

    Attributes:
        attribute: name of the attribute, for example ``diameter_mm``.
        metres_per_unit: metres drawn for one unit of it (0.003 draws a diameter in mm three times as wide as it is).
        min_px: width when far.
        max_px: width that is never exceeded.
        wide_from: value from which a line is drawn `wide_px` wide even when far (trunk sewers: 800).
        wide_px: that width.
    """

    attribute: str
    metres_per_unit: float
    min_px: float = 1.0
    max_px: float = 8.0
    wide_from: float = inf
    wide_px: float = 2.0

    def width_px(self, value: float, metres_per_pixel: float) -> float:
        """Pixels for a line whose attribute is `value`; half pixels, so that few pens are needed."""
        least = self.wide_px if value >= self.wide_from else self.min_px
        true = value * self.metres_per_unit / metres_per_pixel
        return round(2 * min(max(true, least), max(self.max_px, least))) / 2


@dataclass(frozen=True)
class LabelRule:
    """Text beside features, placed so that no two collide.

    Attributes:
        attribute: the text, one a feature; an empty one is not shown.
        placement: in the middle (polygons), along the line, or beside a point.
        priority: what is placed first wins its room; higher goes first.
        priority_attribute: a number a feature that is added to `priority`.
        spacing_px: extra room between letters.
        offset_px: from the middle of a point to the text beside it; half the symbol and a little more.
        repeat_px: a line's name returns after so many pixels.
        min_metres_per_pixel: nearest scale at which it shows.
        max_metres_per_pixel: farthest scale at which it shows.
        on_demand: shown only when the layer's labels are turned on.
    """

    attribute: str
    placement: Literal["centre", "along", "beside"] = "beside"
    colour: str = "secondary"
    halo: str = "map_ground"
    size_px: int = 12
    bold: bool = False
    spacing_px: float = 0.0
    priority: float = 0.0
    priority_attribute: str | None = None
    offset_px: float = 10.0
    repeat_px: int = 500
    min_metres_per_pixel: float = 0.0
    max_metres_per_pixel: float = inf
    on_demand: bool = False

    def shows_at(self, metres_per_pixel: float) -> bool:
        """Whether the scale is one at which the text shows."""
        return self.min_metres_per_pixel <= metres_per_pixel <= self.max_metres_per_pixel


@dataclass(frozen=True)
class Symbol:
    """A point: shape, filled or outlined or both, dotted when the thing is silent.

    ``arrow`` points north at heading 0 and turns clockwise by the heading attribute of the style.
    """

    shape: Shape
    fill: str | None = None
    outline: str | None = None
    size_px: float = 8.0
    outline_px: float = 1.5
    dotted: bool = False
    alpha: float = 1.0
    title: str = ""


@dataclass(frozen=True)
class ClusterRule:
    """Points that would touch become one sign with their number, ringed in the colour of the worst inside.

    Attributes:
        min_metres_per_pixel: nearest scale at which points are clustered.
        severity: values of the style's attribute from worst to mildest.
        distance_px: points closer than this fall together.
    """

    min_metres_per_pixel: float
    severity: tuple[str, ...] = ()
    distance_px: int = 44


@dataclass(frozen=True)
class LineStyle:
    """Lines: stroke by category, width by attribute, flow arrows when near.

    Attributes:
        stroke: for what no category names.
        attribute: name of the attribute whose value chooses among `strokes`.
        strokes: by value, in the order of the legend; later ones are painted above.
        width: width by attribute; without it each stroke's own.
        arrows_max_metres_per_pixel: farthest scale at which arrows show the direction from first to last vertex.
        fades_from_metres_per_pixel: scale from which lines are drawn paler, because there are so many of them.
        faded: what is left of their strength there, 0 to 1.
        label: text of each line.
    """

    stroke: Stroke
    attribute: str | None = None
    strokes: Mapping[str, Stroke] = field(default_factory=dict)
    width: WidthRule | None = None
    arrows_max_metres_per_pixel: float = 0.0
    fades_from_metres_per_pixel: float = inf
    faded: float = 0.55
    label: LabelRule | None = None

    def stroke_of(self, value: str) -> Stroke:
        """The stroke of a category."""
        return self.strokes.get(value, self.stroke)


@dataclass(frozen=True)
class PolygonStyle:
    """Polygons: outline and fill by category.

    Attributes:
        outline: for what no category names; None draws no outline.
        fill: colour token, None for none.
        fill_alpha: opacity of the fill, 0 to 1.
        attribute: name of the attribute whose value chooses among `fills`.
        fills: colour tokens by value, in the order of the legend.
        titles: what the legend calls each value of `fills`.
        label: text of each polygon.
    """

    outline: Stroke | None = None
    fill: str | None = None
    fill_alpha: float = 0.15
    attribute: str | None = None
    fills: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    label: LabelRule | None = None

    def fill_of(self, value: str) -> str | None:
        """The fill of a category."""
        return self.fills.get(value, self.fill)


@dataclass(frozen=True)
class PointStyle:
    """Points: symbol by category, turned by heading, clustered when far.

    Attributes:
        symbol: for what no category names.
        attribute: name of the attribute whose value chooses among `symbols`.
        symbols: by value, in the order of the legend; later ones are painted above.
        heading_attribute: degrees clockwise from north, for arrows.
        cluster: how points fall together when far.
        label: text of each point.
    """

    symbol: Symbol
    attribute: str | None = None
    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    heading_attribute: str | None = None
    cluster: ClusterRule | None = None
    label: LabelRule | None = None

    def symbol_of(self, value: str) -> Symbol:
        """The symbol of a category."""
        return self.symbols.get(value, self.symbol)


Style = LineStyle | PolygonStyle | PointStyle


@dataclass(frozen=True)
class LegendEntry:
    """One sample of a style and what it stands for; an empty title means the layer itself."""

    title: str
    sample: Stroke | Symbol | PolygonSample


@dataclass(frozen=True)
class PolygonSample:
    """Fill and outline of one kind of polygon."""

    outline: Stroke | None
    fill: str | None
    fill_alpha: float


def legend(style: Style) -> list[LegendEntry]:
    """What the style can draw, in the order it was written; the default stands alone or last when it has a title."""
    entries: list[LegendEntry]
    match style:
        case LineStyle():
            entries = [LegendEntry(s.title, s) for s in style.strokes.values()]
            default = LegendEntry(style.stroke.title, style.stroke)
        case PointStyle():
            entries = [LegendEntry(s.title, s) for s in style.symbols.values()]
            default = LegendEntry(style.symbol.title, style.symbol)
        case PolygonStyle():
            entries = [
                LegendEntry(style.titles.get(value, value), PolygonSample(style.outline, fill, style.fill_alpha))
                for value, fill in style.fills.items()
            ]
            default = LegendEntry("", PolygonSample(style.outline, style.fill, style.fill_alpha))
    if not entries or default.title:
        entries.append(default)
    return entries
