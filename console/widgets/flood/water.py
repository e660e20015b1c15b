"""The wettest flood point, its course drawn with its limits, and the small chart of it for other desks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from console.models import sensors
from console.models.sensors import FloodPoint, Grade
from console.models.water_course import WaterCourse, water_course
from console.widgets.flood.chart import LimitLine, RainLevelChart
from console.widgets.shared.charts import ChartPanel
from console.widgets.shared.words import SYMBOL, WATER_GRADE, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from console.widgets.shared.desk import Desk

SPAN = timedelta(hours=24)
GRADES = list(Grade)
DRY_CM = 2.0
"""Centimetres of water that are noise of the sensor."""
ROLES = ("medium", "high", "critical", "critical")
"""Colours of the four grades of water on the road."""


def wettest(points: Sequence[FloodPoint]) -> FloodPoint | None:
    """The flood point with the worst grade, then the deepest water, among those that are believed."""
    believed = [p for p in points if p.believed]
    return max(believed or list(points), key=lambda p: (GRADES.index(p.grade) % 5, p.depth_cm or 0.0), default=None)


def is_dry(values: NDArray[np.float64], up_to: float = DRY_CM) -> bool:
    """Whether something was measured, and nothing above `up_to`: silence is no dryness."""
    return values.size > 0 and bool(np.all(values <= up_to))


def show_course(chart: RainLevelChart, course: WaterCourse) -> None:
    """Draw a course with the limits of its rules."""
    lines = []
    for limit in course.limits:
        role = ROLES[min(limit.grade, len(ROLES)) - 1]
        words = f"{SYMBOL[role]} {limit.depth_cm:g} cm {word(WATER_GRADE, str(limit.grade))}"
        lines.append(LimitLine(limit.depth_cm, role, words))
    nothing = course.level.at[:0]
    rain = (nothing, nothing) if course.rain is None else (course.rain.at, course.rain.values)
    level = (course.level.at, course.level.values)
    chart.show_series(level, rain, course.span, lines, gaps=course.gaps, bad_at=course.bad_at)


class WaterChart(QObject):
    """Rain and level of the wettest flood point as a chart panel, kept fresh."""

    def __init__(self, desk: Desk, span: timedelta = SPAN) -> None:
        super().__init__()
        self._desk, self._span = desk, span
        self.chart = RainLevelChart()
        self.panel = ChartPanel(self.tr("Rain and level"), self.chart, self.refresh)
        self.setParent(self.panel)  # what is read for it is not delivered once it is gone
        self.panel.state.show_loading()

    def refresh(self) -> None:
        """Read level and rain anew."""
        now, span = self._desk.now(), self._span

        def ask(connection: Connection) -> WaterCourse | None:
            point = wettest(sensors.flood_points(connection))
            return None if point is None else water_course(connection, point.id, now - span, now)

        self._desk.operations.read(self, ask, self._show, self._fail, key="water")

    def _show(self, course: WaterCourse | None) -> None:
        if course is None:
            self.panel.state.show_empty(self.tr("No flood point has a sensor."), "mdi6.waves")
            return
        point = course.point
        hours = round(self._span.total_seconds() / 3600)
        self.panel.title.setText(self.tr("{place}: water and rain, {hours} h").format(place=point.name, hours=hours))
        rain_mm = np.array([]) if course.rain is None else course.rain.values
        if point.believed and is_dry(course.level.values) and is_dry(rain_mm, 0.0):
            words = self.tr("Dry: no water and no rain in {hours} h, {place} is the wettest point.")
            self.panel.state.show_empty(words.format(hours=hours, place=point.name), "mdi6.weather-cloudy")
            return
        show_course(self.chart, course)
        tip = self.tr("Level in cm with its limits; rain hangs from above")
        if course.gauge is not None:
            tip += "; " + self.tr("{mm} mm in 24 h").format(mm=f"{course.gauge.day_mm:.1f}")
        self.panel.title.setToolTip(tip)
        self.panel.state.show_content()

    def _fail(self, error: Exception) -> None:
        self.panel.state.show_failed(self._desk.notices.words_for(error))
