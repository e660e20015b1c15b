"""What lives on the map: trucks, water, cases; asked for when the database says that there is something new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from PySide6.QtCore import QCoreApplication, QObject, QTimer

from console.map.features import Features
from console.models import fleet, sensors
from console.models.sensors import FloodPoint, Grade, RainGauge
from console.widgets.alarms.on_map import carry_alarms
from console.widgets.shared import figures
from console.widgets.shared.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from console.map.canvas import MapCanvas
    from console.models.layers import LayerData
    from console.widgets.shared.desk import Desk

AGING_MS = 5_000
"""Things grow old without anybody saying so: looks are computed anew this often."""
CASE_LIGHTS_MS = 30_000
CASES_MS = 100
LEVELS = {
    Grade.DRY: "dry",
    Grade.ATTENTION: "attention",
    Grade.FLOODING: "flooding",
    Grade.CLOSING: "closing",
    Grade.SEVERE: "closing",
    Grade.UNKNOWN: "silent",
}
HAULAGE = {"work_site": "site", "dump_site": "site", "route_permit": "route_permit", "traffic_area": "traffic_area"}
"""Layer that shows what desks edit for haulage, by the table."""
TREND_CM = 0.5
"""A change in ten minutes that is shown as rising or falling."""


def trend(rate_cm: float | None) -> str:
    """An arrow for a change in centimetres in ten minutes."""
    if rate_cm is None:
        return ""
    return "↑" if rate_cm >= TREND_CM else "↓" if rate_cm <= -TREND_CM else "→"


def show_trucks(
    canvas: MapCanvas,
    ids: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    states: Mapping[str, NDArray[Any]],
    silent: NDArray[np.bool_],
) -> None:
    """Show trucks at (x, y), metres in EPSG:4546, with the attributes of `fleet.vehicle_states`."""
    is_empty = states["load"] == "empty"
    stands = is_empty & (states["speed_kmh"] < fleet.DRIVING_KMH)
    conditions = [silent, stands & ~states["ignition"], stands, is_empty]
    look = np.select(conditions, ["silent", "off", "parked", "empty"], "full")
    said = QCoreApplication.translate("LiveMap", "{n} silent").format(n=int(silent.sum()))
    canvas.layer("vehicle").note = said if silent.any() else ""
    shown = {name: states[name] for name in ("heading", "plate", "load", "speed_kmh")}
    canvas.set_live("vehicle", Features.from_xy(ids, x, y, {"look": look, **shown}))
    carry_alarms(canvas)


def show_points(canvas: MapCanvas, points: Sequence[FloodPoint], now: datetime | None = None) -> None:
    """Show flood points with their water, its trend, and its age at `now`; without that no age is told."""
    level = ["silent" if not p.believed else LEVELS[p.grade] for p in points]
    ages = ["" if now is None or p.at is None else figures.age(now - p.at) for p in points]
    words = [
        ""
        if shown in {"dry", "silent"}
        else f"{p.name} {p.depth_cm:.0f} cm {trend(p.rate_cm)}" + (f" · {age}" if age else "")
        for p, shown, age in zip(points, level, ages, strict=True)
    ]
    canvas.set_live(
        "flood_point",
        Features.from_xy(
            np.array([p.id for p in points], np.int64),
            [p.x for p in points],
            [p.y for p in points],
            {
                "level": np.array(level, dtype=np.str_),
                "label": np.array(words, dtype=np.str_),
                "name": np.array([p.name for p in points], dtype=np.str_),
                "depth_cm": np.array([p.depth_cm for p in points], dtype=np.float64),
                "trend": np.array([trend(p.rate_cm) if p.believed else "" for p in points], dtype=np.str_),
                "age": np.array(ages, dtype=np.str_),
            },
        ),
    )


def show_gauges(canvas: MapCanvas, gauges: Sequence[RainGauge]) -> None:
    """Show rain gauges with their rain."""
    look = ["silent" if g.silent else "rain" if g.hour_mm > 0 else "dry" for g in gauges]
    words = [f"{g.hour_mm:.1f} mm/h" if k == "rain" else "" for g, k in zip(gauges, look, strict=True)]
    canvas.set_live(
        "rain_gauge",
        Features.from_xy(
            np.array([g.id for g in gauges], np.int64),
            [g.x for g in gauges],
            [g.y for g in gauges],
            {
                "look": np.array(look, dtype=np.str_),
                "label": np.array(words, dtype=np.str_),
                "name": np.array([g.name for g in gauges], dtype=np.str_),
                "hour_mm": np.array([g.hour_mm for g in gauges], dtype=np.float64),
            },
        ),
    )


class LiveMap(QObject):
    """Keeps the live layers of the map fresh; while the clock shows the past they are not its own."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._trucks: LayerData | None = None
        self._refresh_cases = Throttle(CASES_MS, lambda: desk.canvas.layer("case").invalidate(), self)
        desk.changes.changed.connect(self._on_changes)
        desk.changes.telemetry.connect(self.refresh)
        desk.changes.reload.connect(self._reload)
        desk.clock.turned.connect(self._on_turned)
        aging = QTimer(self, interval=AGING_MS)
        aging.timeout.connect(self._age)
        aging.start()
        lights = QTimer(self, interval=CASE_LIGHTS_MS)
        lights.timeout.connect(self._refresh_cases)
        lights.start()
        self.refresh()

    def refresh(self) -> None:
        """Ask for positions and levels; not while nobody sees them."""
        if not self._desk.clock.is_live:
            return
        read = self._desk.operations.read
        read(self, fleet.vehicle_states, self._show_trucks, _quiet, key="trucks", first=True)
        read(self, _read_water, self._show_water, _quiet, key="water", first=True)

    def _on_turned(self) -> None:
        if self._desk.clock.is_live:
            self._age()
            self.refresh()

    def _reload(self) -> None:
        for layer in self._desk.canvas.layers:
            layer.invalidate()
        self.refresh()

    def _on_changes(self, changes: list[object]) -> None:
        subjects = {getattr(change, "subject", "") for change in changes}
        if "case_file" in subjects:
            self._refresh_cases()
        for subject in subjects & {
            "pipe",
            "manhole",
            "gully",
            "outfall",
            "pump_station",
            "zone",
            "street",
            "component",
        }:
            self._desk.canvas.layer(subject).invalidate()
        for layer in {HAULAGE[subject] for subject in subjects & HAULAGE.keys()}:
            self._desk.canvas.layer(layer).invalidate()
        if subjects & {"flood_point", "vehicle", "sensor"}:
            self.refresh()

    def _show_trucks(self, data: LayerData) -> None:
        self._trucks = data
        self._age()

    def _age(self) -> None:
        data = self._trucks
        if data is None or not self._desk.clock.is_live:
            return
        xy = shapely.get_coordinates(data.geometries)
        show_trucks(
            self._desk.canvas, data.ids, xy[:, 0], xy[:, 1], data.attributes, fleet.is_silent(data, self._desk.now())
        )

    def _show_water(self, water: tuple[Sequence[FloodPoint], Sequence[RainGauge]]) -> None:
        if self._desk.clock.is_live:
            points, gauges = water
            show_gauges(self._desk.canvas, gauges)
            show_points(self._desk.canvas, points, self._desk.now())


def _read_water(connection: Connection) -> tuple[list[FloodPoint], list[RainGauge]]:
    return sensors.flood_points(connection), sensors.rain_gauges(connection)


def _quiet(_error: Exception) -> None:
    """What is missing grows old on the screen, and the banner says why; a notice every second would not help."""
