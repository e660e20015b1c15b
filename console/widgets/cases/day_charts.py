"""The charts below the queue: today's figures, hours and zones, and the water of the last hours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from console.models.cases import Preset
from console.widgets.cases.today import TodayCharts
from console.widgets.flood.water import WaterChart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console.widgets.cases.queue import QueuePanel
    from console.widgets.shared.charts import ChartStrip
    from console.widgets.shared.desk import Desk

WATER_SPAN = timedelta(hours=6)


class DayCharts(QObject):
    """Fills a strip with the charts; a click on one shows the cases behind it in the queue."""

    def __init__(self, desk: Desk, strip: ChartStrip, queue: QueuePanel) -> None:
        super().__init__(strip)
        self._desk, self._strip, self._queue = desk, strip, queue

    def build(self) -> Iterator[None]:
        """Make the charts, one a turn."""
        self.water = WaterChart(self._desk, WATER_SPAN)
        yield
        self.today = TodayCharts(self._desk)
        yield
        board, hours, zones = self.today.panels
        self._strip.fill([(board, 4), (hours, 5), (self.water.panel, 5), (zones, 4)])
        self.today.shown.connect(lambda found: self._strip.folded_line.setText(self.today.line_of(found)))
        self.today.zones.clicked.connect(self._show_zone)
        self.today.figures.clicked.connect(self._show_figure)

    def activate(self, *, active: bool) -> None:
        """Fetch and follow changes from now on, or rest."""
        self.today.activate(active=active)
        if active:
            self.water.refresh()

    def refresh(self) -> None:
        """Fetch everything anew."""
        self.today.refresh()
        self.water.refresh()

    def _show_zone(self, place: int) -> None:
        """The open cases of the zone whose bar was clicked."""
        self._queue.show_cases({"zone_ids": self.today.zone_ids[place]}, Preset.OPEN)

    def _show_figure(self, place: int) -> None:
        """The cases behind a figure of today."""
        behind: list[tuple[dict[str, object], Preset]] = [
            ({"period": 1}, Preset.ALL),
            ({"states": "closed", "period": 1}, Preset.ALL),
            ({}, Preset.ALL),
            ({}, Preset.OVERDUE),
        ]
        self._queue.show_cases(*behind[place])
