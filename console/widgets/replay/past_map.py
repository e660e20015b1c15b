"""The map at a past instant: trucks, water, rain, alarms and cases of each frame, from the hours in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from console.map.features import Features
from console.widgets.alarms.lines import line_of, ranked
from console.widgets.alarms.on_map import show_alarms
from console.widgets.shared import figures
from console.widgets.shared.city_layers import case_lights
from console.widgets.shell.live import show_gauges, show_points, show_trucks

if TYPE_CHECKING:
    from console.models.replay import Hour
    from console.widgets.shared.desk import Desk

AGAIN_MS = 10_000
LAYERS = ("vehicle", "flood_point", "rain_gauge", "case", "alarm")

ATTRIBUTES = ("look", "level", "light", "label", "plate", "heading", "vehicle_id")
NOTHING = {name: np.empty(0, np.str_) for name in ATTRIBUTES}
"""What the styles of the layers ask of features, of none."""


class PastMap(QObject):
    """Shows the instant of the clock on the map, as long as it is a past one."""

    stood = Signal(list)
    """The alarms that stood at the instant are others than before: `AlarmLine`s of how they were, ranked."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._shown: dict[str, tuple[Hour, int]] = {}
        self._drawn: tuple[Hour, float] | None = None
        self._is_blank = False
        desk.clock.turned.connect(self._on_turned)
        desk.clock.moved.connect(self.draw)
        desk.hours.arrived.connect(self.draw)
        # What stands for a while is told again: it is as old as the instant, not as the drawing of it.
        again = QTimer(self, interval=AGAIN_MS)
        again.timeout.connect(self._draw_again)
        again.start()
        self._on_turned()

    def draw(self) -> None:
        """Show the instant; nothing of it that is not read yet."""
        clock = self._desk.clock
        if clock.is_live:
            return
        at = clock.at
        hour = self._desk.hours.at(at)
        if hour is None:
            self._blank()
            return
        if self._drawn == (hour, at):
            return  # another hour has arrived
        self._drawn, self._is_blank = (hour, at), False
        states = hour.trucks.at(at)
        show_trucks(
            self._desk.canvas,
            states.ids,
            states.x,
            states.y,
            {
                "load": states.load,
                "speed_kmh": states.speed_kmh,
                "ignition": states.ignition,
                "heading": states.heading,
                "plate": states.plate,
            },
            states.silent,
        )
        self._draw_others(hour, at)

    def _draw_again(self) -> None:
        self._forget()
        self.draw()

    def _forget(self) -> None:
        self._shown.clear()
        self._drawn = None

    def _draw_others(self, hour: Hour, at: float) -> None:
        """What seldom changes is drawn when it does."""
        canvas = self._desk.canvas
        if self._is_new("gauges", hour, hour.gauges.signature(at)):
            told = hour.gauges.at(at, figures.CITY_TIME)
            show_points(canvas, told.points)
            show_gauges(canvas, told.gauges)
        if self._is_new("alarms", hour, hour.alarms.signature(at)):
            standing = ranked(map(line_of, hour.alarms.at(at)))
            show_alarms(canvas, standing)
            self.stood.emit(standing)
        if self._is_new("cases", hour, hour.cases.signature(at)):
            found = hour.cases.at(at)
            attributes = {**found.attributes, **case_lights(found.attributes, at)}
            canvas.set_live("case", Features.from_xy(found.ids, found.x, found.y, attributes))

    def _is_new(self, what: str, hour: Hour, signature: int) -> bool:
        told = hour, signature
        if self._shown.get(what) == told:
            return False
        self._shown[what] = told
        return True

    def _blank(self) -> None:
        if not self._is_blank:
            self._forget()
            self._is_blank = True
            self.stood.emit([])
            for layer in LAYERS:
                self._desk.canvas.set_live(layer, Features.from_xy([], [], [], NOTHING))

    def _on_turned(self) -> None:
        self._forget()
        self._is_blank = False
        if self._desk.clock.is_live:
            self._desk.canvas.release("case")
