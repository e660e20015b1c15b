"""What the pointer does on the map: one tool is active at a time."""

from console.map.tools.area import AreaTool, Corners, paint_area
from console.map.tools.base import Tool
from console.map.tools.draw import DrawTool, Sketching, flaw_words
from console.map.tools.measure import Measurement, MeasureTool, measure
from console.map.tools.navigate import NavigateTool
from console.map.tools.place import PlaceTool, paint_place
from console.map.tools.select import SelectTool
from console.map.tools.sketch import flaw

__all__ = [
    "AreaTool",
    "Corners",
    "DrawTool",
    "MeasureTool",
    "Measurement",
    "NavigateTool",
    "PlaceTool",
    "SelectTool",
    "Sketching",
    "Tool",
    "flaw",
    "flaw_words",
    "measure",
    "paint_area",
    "paint_place",
]
