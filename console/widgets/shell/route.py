"""The selected truck on the map: the corridor that it is approved for, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import shapely
from PySide6.QtCore import QObject

from console.map.features import Features, GeometryKind
from console.models import fleet, haulage
from console.widgets.shared.throttle import Throttle

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from console.widgets.shared.desk import Desk, Thing

TRACK = timedelta(minutes=30)
AGAIN_MS = 5_000
PAST_MS = 1_000
"""So often the track follows a past instant."""


@dataclass(frozen=True)
class Way:
    """Where a truck may drive, and where it drove; None when there is nothing to draw."""

    route: shapely.Geometry | None
    track: shapely.Geometry | None


def read_way(connection: Connection, vehicle_id: int, now: datetime) -> Way:
    """Ask for a `Way`; runs off the GUI thread."""
    track = fleet.track(connection, vehicle_id, now - TRACK, now)
    points = np.column_stack((track.x, track.y))
    route = haulage.route_of(connection, vehicle_id, now=now)
    return Way(route, shapely.LineString(points) if len(points) > 1 else None)


class TruckWay(QObject):
    """Keeps route and track of the selected truck on the map, as long as one is selected."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._vehicle_id: int | None = None
        desk.selection.changed.connect(self._on_selected)
        self._ask_again = Throttle(AGAIN_MS, self._ask, self)
        desk.changes.telemetry.connect(self._on_telemetry)
        desk.changes.reload.connect(self._ask)
        desk.clock.turned.connect(self._ask)
        self._follow = Throttle(PAST_MS, self._ask, self)
        desk.clock.moved.connect(self._on_moved)
        self._show(Way(None, None))

    def _on_selected(self, thing: Thing | None) -> None:
        chosen = int(thing.key) if thing is not None and thing.subject == "vehicle" else None
        if chosen == self._vehicle_id:
            return
        self._vehicle_id = chosen
        self._show(Way(None, None))
        self._ask()

    def _on_telemetry(self) -> None:
        if self._desk.clock.is_live:
            self._ask_again()

    def _on_moved(self) -> None:
        self._follow()

    def _ask(self) -> None:
        if self._vehicle_id is None:
            return
        question = partial(read_way, vehicle_id=self._vehicle_id, now=self._desk.clock.now())
        self._desk.operations.read(self, question, partial(self._answer, self._vehicle_id), _quiet, key="way")

    def _answer(self, vehicle_id: int, way: Way) -> None:
        if vehicle_id == self._vehicle_id:
            self._show(way)

    def _show(self, way: Way) -> None:
        for layer, line in (("truck_route", way.route), ("truck_track", way.track)):
            lines = [] if line is None else [line]
            width = np.full(len(lines), 2 * haulage.CORRIDOR_M)
            shown = Features.from_shapely(range(len(lines)), lines, {"width_m": width}, GeometryKind.LINE)
            self._desk.canvas.set_live(layer, shown)


def _quiet(_error: Exception) -> None:
    """The detail panel says that the truck cannot be read."""
