"""The map canvas: features as arrays, layers that ask for what the view needs, tools, labels, print. Knows no SQL."""

from console.map.canvas import MapCanvas
from console.map.features import Features, GeometryKind
from console.map.fetcher import ThreadFetcher
from console.map.identify import Hit
from console.map.layer import Fetcher, Layer, LayerSource, LayerState
from console.map.layer_tree import LayerTree
from console.map.style import (
    ClusterRule,
    LabelRule,
    LegendEntry,
    LineStyle,
    PointStyle,
    PolygonStyle,
    Stroke,
    Style,
    Symbol,
    WidthRule,
    legend,
)
from console.map.tools import Measurement
from console.map.view import Extent, View

__all__ = [
    "ClusterRule",
    "Extent",
    "Features",
    "Fetcher",
    "GeometryKind",
    "Hit",
    "LabelRule",
    "Layer",
    "LayerSource",
    "LayerState",
    "LayerTree",
    "LegendEntry",
    "LineStyle",
    "MapCanvas",
    "Measurement",
    "PointStyle",
    "PolygonStyle",
    "Stroke",
    "Style",
    "Symbol",
    "ThreadFetcher",
    "View",
    "WidthRule",
    "legend",
]
