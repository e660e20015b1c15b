"""The drainage network: pipes, manholes, gullies, outfalls, pump stations and flood points."""

from console.models.drainage.layers import (
    gully_layer,
    manhole_layer,
    outfall_layer,
    pipe_layer,
    pump_station_layer,
    trunk_layer,
)
from console.models.drainage.records import Manhole, Pipe, manhole, pipe

__all__ = [
    "Manhole",
    "Pipe",
    "gully_layer",
    "manhole",
    "manhole_layer",
    "outfall_layer",
    "pipe",
    "pipe_layer",
    "pump_station_layer",
    "trunk_layer",
]
