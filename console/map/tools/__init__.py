"""What the pointer does on the map: one tool is active at a time."""

from console.map.tools.area import AreaTool, Corners, paint_area
from console.map.tools.base import Tool
from console.map.tools.measure import Measurement, MeasureTool, measure
from console.map.tools.navigate import NavigateTool
from console.map.tools.place import PlaceTool, paint_place
from console.map.tools.select import SelectTool

__all__ = [
    "AreaTool",
    "Corners",
    "MeasureTool",
    "Measurement",
    "NavigateTool",
    "PlaceTool",
    "SelectTool",
    "Tool",
    "measure",
    "paint_area",
    "paint_place",
]
