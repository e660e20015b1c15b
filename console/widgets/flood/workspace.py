"""Water in the streets: every flood point with its level and trend, rain and level over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.models import sensors
from console.models.sensors import FloodPoint, Grade, RainGauge, Series
from console.widgets.shared import figures
from console.widgets.shared.charts import ChartPanel, ChartStrip, Figure, FigureBoard, RainLevelChart
from console.widgets.shared.desk import Thing, Workspace
from console.widgets.shared.detail import DetailPanel
from console.widgets.shared.panel import Heading, Stateful, margins
from console.widgets.shared.sheets import GRADE_ROLE
from console.widgets.shared.table import Column, RecordModel, RecordTable
from console.widgets.shared.throttle import Throttle
from console.widgets.shared.words import READING, SYMBOL, word
from console.widgets.shell.live import trend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from console.widgets.shared.desk import Desk

AGAIN_MS = 5_000
SPAN = timedelta(hours=24)
GRADES = list(Grade)
DRY_CM = 2.0
"""Centimetres of water that are noise of the sensor."""
DOUBTFUL, BAD = 1, 2
"""Qualities of a reading that is marked, or not shown at all."""


@dataclass(frozen=True, eq=False)
class WaterCourse:
    """Level at one flood point and rain at the gauge nearest to it over the same span."""

    point: FloodPoint
    gauge: RainGauge | None
    level: Series
    rain: Series | None
    span: tuple[float, float]


class WaterChart(QObject):
    """Rain and level of one flood point as a chart panel, kept fresh; used by several workspaces."""

    shown = Signal(str)

    def __init__(self, desk: Desk, span: timedelta = SPAN) -> None:
        super().__init__(desk.canvas)
        self._desk, self._span = desk, span
        self.chart = RainLevelChart()
        self.panel = ChartPanel(self.tr("Rain and level"), self.chart, self.refresh)
        self.panel.state.show_loading()
        self._point_id: int | None = None

    def show_point(self, point_id: int | None) -> None:
        """Show another flood point; without one the wettest."""
        self._point_id = point_id
        self.refresh()

    def refresh(self) -> None:
        """Read level and rain anew."""
        now, span, wanted = self._desk.now(), self._span, self._point_id

        def ask(connection: Connection) -> WaterCourse | None:
            points = sensors.flood_points(connection)
            point = next((p for p in points if p.id == wanted), None) or wettest(points)
            if point is None or point.sensor_id is None:
                return None
            gauges = sensors.rain_gauges(connection)
            gauge = min(gauges, key=lambda g: (g.x - point.x) ** 2 + (g.y - point.y) ** 2, default=None)
            start = now - span
            level = sensors.level_series(connection, point.sensor_id, start, now)
            rain = None if gauge is None else sensors.rain_series(connection, gauge.id, start, now)
            return WaterCourse(point, gauge, level, rain, (start.timestamp(), now.timestamp()))

        self._desk.operations.read(self, ask, self._show, self._fail, key="water")

    def _show(self, course: WaterCourse | None) -> None:
        if course is None:
            self.panel.state.show_empty(self.tr("No flood point has a sensor."), "mdi6.waves")
            return
        level, rain, point = course.level, course.rain, course.point
        nothing = level.at[:0]
        rain_at, rain_mm = (nothing, nothing) if rain is None else (rain.at, rain.values)
        hours = round(self._span.total_seconds() / 3600)
        title = self.tr("{place}: water and rain, {hours} h").format(place=point.name, hours=hours)
        self.panel.title.setText(title)
        if self._point_id is None and not point.silent and _is_dry(level.values) and _is_dry(rain_mm, 0.0):
            words = self.tr("Dry: no water and no rain in {hours} h, {place} is the wettest point.")
            self.panel.state.show_empty(words.format(hours=hours, place=point.name), "mdi6.weather-cloudy")
            self.shown.emit(title)
            return
        self.chart.show_series(level.at, level.values, rain_at, rain_mm, course.span, point.flooding_cm)
        tip = self.tr("Level in cm with its limit; rain hangs from above")
        if course.gauge is not None:
            tip += "; " + self.tr("{mm} mm in 24 h").format(mm=f"{course.gauge.day_mm:.1f}")
        self.panel.title.setToolTip(tip)
        self.panel.state.show_content()
        self.shown.emit(title)

    def _fail(self, error: Exception) -> None:
        self.panel.state.show_failed(self._desk.notices.words_for(error))


def _is_dry(values: NDArray[np.float64], up_to: float = DRY_CM) -> bool:
    """Whether something was measured, and nothing above `up_to`: silence is no dryness."""
    return values.size > 0 and bool(np.all(values <= up_to))


def wettest(points: Sequence[FloodPoint]) -> FloodPoint | None:
    """The flood point with the worst grade, then the deepest water, among those that are heard."""
    heard = [p for p in points if not p.silent and p.depth_cm is not None]
    return max(heard or list(points), key=lambda p: (GRADES.index(p.grade) % 5, p.depth_cm or 0.0), default=None)


class FloodWorkspace(Workspace):
    """Flood points on list, map and chart."""

    key: ClassVar[str] = "flood"
    roles: ClassVar[frozenset[str]] = frozenset(
        {"acceptor", "dispatcher", "shift_leader", "engineer", "supervisor", "administrator"}
    )

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(desk, parent)
        self.points = PointPanel(desk)
        self.detail = DetailPanel(desk, self.tr("Choose a flood point in the list or on the map."))
        self.water = WaterChart(desk)
        self.figures = FigureBoard(columns=2)
        self.strip = ChartStrip([(ChartPanel(self.tr("Water now"), self.figures), 1), (self.water.panel, 3)])
        self.strip.setWindowTitle(self.tr("Rain and level"))
        self.left, self.right, self.bottom = self.points, self.detail, self.strip
        self._is_front = self._wants_wettest = False
        self._refresh_soon = Throttle(AGAIN_MS, self.refresh, self)
        desk.changes.telemetry.connect(self._on_telemetry)
        desk.changes.reload.connect(self.refresh)
        desk.selection.changed.connect(self._on_selected)

    @property
    def title(self) -> str:
        """Name on its tab."""
        return QCoreApplication.translate("FloodWorkspace", "Flood")

    def enter(self) -> None:
        """Fetch everything."""
        self._is_front = True
        self.detail.activate(active=True)
        self._on_selected(self.desk.selection.thing)
        self.refresh()

    def leave(self) -> None:
        """Rest."""
        self._is_front = False
        self.detail.activate(active=False)

    def refresh(self) -> None:
        """Fetch everything anew."""
        if self._is_front:
            self.desk.operations.read(self, _read_points, self._show, self.points.fail, key="points")
            self.water.refresh()

    def fold(self, *, folded: bool) -> None:
        """One line instead of the charts."""
        self.strip.fold(folded=folded)

    def prepare_picture(self) -> None:
        """The wettest point, when the answer has come."""
        self._wants_wettest = True

    def _on_telemetry(self) -> None:
        if self._is_front:
            self._refresh_soon()

    def _on_selected(self, thing: Thing | None) -> None:
        if self._is_front and thing is not None and thing.subject == "flood_point":
            self.points.table.mark(thing.key)
            self.water.show_point(int(thing.key))

    def _show(self, answer: tuple[list[FloodPoint], list[RainGauge]]) -> None:
        points, gauges = answer
        self.points.show_points(points)
        over = sum(p.grade in {Grade.FLOODING, Grade.CLOSING, Grade.SEVERE} and not p.silent for p in points)
        deepest = wettest(points)
        if self._wants_wettest and deepest is not None:
            self._wants_wettest = False
            self.desk.selection.select(Thing("flood_point", str(deepest.id)))
        depth = figures.NONE if deepest is None else figures.number(deepest.depth_cm, 0, "cm")
        rain = max((g.hour_mm for g in gauges if not g.silent), default=None)
        silent = sum(p.silent for p in points) + sum(g.silent for g in gauges)
        self.figures.show_figures(
            [
                Figure(str(over), self.tr("points flooded"), "figure-critical" if over else "figure"),
                Figure(depth, self.tr("deepest water")),
                Figure(figures.number(rain, 1, "mm"), self.tr("most rain in the last hour")),
                Figure(str(silent), self.tr("silent sensors"), "figure-stale" if silent else "figure"),
            ]
        )
        self.strip.folded_line.setText(
            self.tr("Flooded {over} · deepest {depth} · rain {rain}/h · silent sensors {silent}").format(
                over=over, depth=depth, rain=figures.number(rain, 1, "mm"), silent=silent
            )
        )


def _read_points(connection: Connection) -> tuple[list[FloodPoint], list[RainGauge]]:
    return sensors.flood_points(connection), sensors.rain_gauges(connection)


class PointPanel(QWidget):
    """The table of flood points, the worst first."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Flood points"))
        self._desk = desk
        self.heading = Heading(self.tr("Flood points"))
        columns: list[Column[FloodPoint]] = [
            Column(self.tr("Place"), lambda p: p.name, colour=_colour),
            Column(self.tr("Water"), _depth, lambda p: p.depth_cm, colour=_colour, width_px=76),
            Column(self.tr("Trend"), lambda p: trend(p.rate_cm), colour=_colour, width_px=56),
            Column(
                self.tr("Age"), self._age, lambda p: -p.at.timestamp() if p.at else None, colour=_colour, width_px=80
            ),
        ]
        self.model: RecordModel[FloodPoint] = RecordModel(columns, lambda p: str(p.id), self)
        self.table = RecordTable(self.model)
        self.table.setAccessibleName(self.tr("Flood points"))
        self.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
        self.state = Stateful(self.table)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(self.heading)
        box.addWidget(self.state, 1)
        self.state.show_loading()
        self.table.chosen.connect(lambda p: desk.selection.select(Thing("flood_point", str(p.id))))
        self.table.opened.connect(lambda p: desk.show_place(p.x, p.y, nearer=True))

    def show_points(self, points: Sequence[FloodPoint]) -> None:
        """Show the water as it is now."""
        self.model.show(points)
        heard = sum(not p.silent for p in points)
        self.heading.say(
            self.tr("Flood points"), self.tr("{heard} of {all} heard").format(heard=heard, all=len(points))
        )
        if points:
            self.state.show_content()
        else:
            self.state.show_empty(self.tr("No flood point is registered."), "mdi6.waves")

    def fail(self, error: Exception) -> None:
        """Say why there is no table, if there is none."""
        if self.model.rowCount() == 0:
            self.state.show_failed(self._desk.notices.words_for(error))

    def _age(self, point: FloodPoint) -> str:
        return figures.age(self._desk.now() - point.at) if point.at is not None else figures.NONE


def _depth(point: FloodPoint) -> str:
    role = GRADE_ROLE.get(point.grade, "")
    if point.quality == BAD:
        return word(READING, str(BAD))
    text = figures.number(point.depth_cm, 1, "cm") + (" ?" if point.quality == DOUBTFUL else "")
    return f"{SYMBOL[role]} {text}" if role and not point.silent else text


def _colour(point: FloodPoint) -> str:
    if point.silent or point.quality == BAD:
        return "disabled"
    role = GRADE_ROLE.get(point.grade, "")
    return f"{role}_text" if role else ""
