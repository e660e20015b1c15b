"""Water in the streets: every flood point with its level and trend, rain and level over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.models import sensors
from console.models.sensors import FloodPoint, Grade, RainGauge
from console.widgets.cases.move_choices import MoveChoices
from console.widgets.cases.report_desk import ReportDesk
from console.widgets.flood.chart import RainLevelChart
from console.widgets.flood.course import CoursePanel
from console.widgets.flood.duty import DutyPanel
from console.widgets.flood.near import NearPanel
from console.widgets.flood.water import wettest
from console.widgets.shared import figures
from console.widgets.shared.as_of import ClockLine
from console.widgets.shared.charts import ChartPanel, ChartStrip, Figure, FigureBoard
from console.widgets.shared.desk import Thing, Workspace
from console.widgets.shared.detail import DetailPanel
from console.widgets.shared.panel import Heading, Stateful, line, margins
from console.widgets.shared.sheets import GRADE_ROLE
from console.widgets.shared.table import Column, RecordModel, RecordTable
from console.widgets.shared.throttle import Throttle
from console.widgets.shared.words import READING, SYMBOL, word
from console.widgets.shell.live import trend

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from console.widgets.shared.desk import Desk

AGAIN_MS = 5_000
PAST_MS = 500
"""Figures that follow a past instant are written so often: nobody reads faster."""
DOUBTFUL, BAD = 1, 2
"""Qualities of a reading that is marked, or not shown at all."""


class FloodWorkspace(Workspace):
    """Flood points on list, map and chart."""

    key: ClassVar[str] = "flood"
    folds: ClassVar[bool] = False

    def build(self) -> Iterator[None]:
        """Make the panels, a step a turn."""
        desk = self.desk
        self.points = PointPanel(desk)
        yield
        self.detail = DetailPanel(desk, self.tr("Choose a flood point in the list or on the map."))
        yield
        chart = RainLevelChart()
        yield
        self.course = CoursePanel(desk, chart)
        yield
        self.near = NearPanel(desk)
        yield
        self.reports = ReportDesk(desk, MoveChoices(desk, self), self)
        self.near.wanted.connect(self.reports.begin_with)
        self.reports.opened.connect(self.points.show_form)
        self.figures = FigureBoard(columns=2)
        self.strip = ChartStrip([(ChartPanel(self.tr("Water"), self.figures), 4), (self.course, 9), (self.near, 8)])
        self.strip.setWindowTitle(self.tr("Rain and level"))
        yield
        self.duty = DutyPanel(desk)
        left = QWidget()
        left.setWindowTitle(self.tr("Flood points"))
        column = QVBoxLayout(left)
        margins(column, 0, 0, 0, 0)
        column.addWidget(self.points, 1)
        column.addWidget(line())
        column.addWidget(self.duty, 1)
        self.left, self.right, self.bottom = left, self.detail, self.strip
        self._is_front = self._wants_wettest = False
        self._points: list[FloodPoint] = []
        self._refresh_soon = Throttle(AGAIN_MS, self.refresh, self)
        desk.changes.telemetry.connect(self._on_telemetry)
        desk.changes.reload.connect(self.refresh)
        desk.clock.turned.connect(self._on_turned)
        self._follow = Throttle(PAST_MS, self._show_past, self)
        desk.clock.moved.connect(self._on_moved)
        desk.hours.arrived.connect(self._on_moved)
        desk.selection.changed.connect(self._on_selected)
        self._add_actions()

    def _add_actions(self) -> None:
        if not self.reports.sources:
            return
        send = self.desk.actions.add(
            "flood.send", self.tr("Report water here and send whoever is marked"), self.near.send,
            group=self.tr("Flood"), shortcut="Ctrl+Shift+D", symbol="mdi6.send"
        )  # fmt: skip
        send.setEnabled(False)
        self.near.button.setDefaultAction(send)
        self.near.button.show()

    def enter(self) -> None:
        """Fetch everything."""
        self._is_front = True
        self._enable_keys(enabled=True)
        self.near.activate(active=True)
        self.duty.activate(active=True)
        self.detail.activate(active=True)
        self._on_selected(self.desk.selection.thing)
        self.refresh()

    def leave(self) -> None:
        """Rest."""
        self._is_front = False
        self._enable_keys(enabled=False)
        self.near.activate(active=False)
        self.duty.activate(active=False)
        self.detail.activate(active=False)

    def refresh(self) -> None:
        """Fetch everything anew."""
        if self._is_front:
            if self.desk.clock.is_live:
                self.desk.operations.read(self, _read_points, self._show, self.points.fail, key="points")
            else:
                self._show_past()
            self.course.refresh()
            self.near.refresh()
            self.duty.refresh()

    def _enable_keys(self, *, enabled: bool) -> None:
        """Somebody is sent where it is seen who is near, and to water that stands there now."""
        if self.reports.sources:
            self.desk.actions["flood.send"].setEnabled(enabled and self.desk.clock.is_live)

    def _on_turned(self) -> None:
        if self._is_front:
            self._enable_keys(enabled=True)
            self.refresh()

    def _on_moved(self) -> None:
        if self._is_front:
            self._follow()

    def _show_past(self) -> None:
        """The water at the instant of the clock, or nothing of it while that is not read."""
        clock = self.desk.clock
        if clock.is_live:
            return
        self.desk.operations.cancel(self, "points")
        hour = self.desk.hours.at(clock.at)
        if hour is None:
            self.points.model.show([])
            self.points.state.show_loading()
        else:
            told = hour.gauges.at(clock.at, figures.CITY_TIME)
            self._show((told.points, told.gauges))

    def prepare_picture(self) -> None:
        """The wettest point, when the answer has come."""
        self._wants_wettest = True

    def _on_telemetry(self) -> None:
        if self._is_front and self.desk.clock.is_live:
            self._refresh_soon()

    def _on_selected(self, thing: Thing | None) -> None:
        if self._is_front and thing is not None and thing.subject == "flood_point":
            self.points.table.mark(thing.key)
            self._show_point(int(thing.key))

    def _show_point(self, point_id: int) -> None:
        """Course and neighbours of a flood point."""
        self.course.show_point(point_id)
        point = next((p for p in self._points if p.id == point_id), None)
        if point is not None:
            self.near.show_point(point)

    def _show(self, answer: tuple[list[FloodPoint], list[RainGauge]]) -> None:
        points, gauges = answer
        self._points = points
        self.points.show_points(points)
        over = sum(p.grade in {Grade.FLOODING, Grade.CLOSING, Grade.SEVERE} and not p.silent for p in points)
        deepest = wettest(points)
        shown = self.course.point_id if self.course.point_id is not None or deepest is None else deepest.id
        if shown is not None:
            self._show_point(shown)
        if self._wants_wettest and deepest is not None:
            self._wants_wettest = False
            self.desk.selection.select(Thing("flood_point", str(deepest.id)))
        depth = figures.NONE if deepest is None or not deepest.believed else figures.number(deepest.depth_cm, 0, "cm")
        rain = max((g.hour_mm for g in gauges if not g.silent), default=None)
        doubtful = sum(not p.believed for p in points) + sum(g.silent for g in gauges)
        self.figures.show_figures(
            [
                Figure(str(over), self.tr("points flooded"), "figure-critical" if over else "figure"),
                Figure(depth, self.tr("deepest water")),
                Figure(figures.number(rain, 1, "mm"), self.tr("most rain in the last hour")),
                Figure(
                    str(doubtful),
                    self.tr("sensors not to be believed"),
                    "figure-stale" if doubtful else "figure",
                    self.tr("Silent, stuck, out of range or never heard: what they say is not the water."),
                ),
            ]
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
            Column(self.tr("Water"), _water, lambda p: p.depth_cm, colour=_colour, width_px=104),
            Column(
                self.tr("Age"), self._age, lambda p: -p.at.timestamp() if p.at else None, colour=_colour, width_px=74
            ),
        ]
        self.model: RecordModel[FloodPoint] = RecordModel(columns, lambda p: str(p.id), self)
        self.table = RecordTable(self.model)
        self.table.setAccessibleName(self.tr("Flood points"))
        self.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
        self.state = Stateful(self.table)
        self._box = box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(self.heading)
        box.addWidget(ClockLine(desk))
        box.addWidget(self.state, 1)
        self.state.show_loading()
        self.table.chosen.connect(lambda p: desk.selection.select(Thing("flood_point", str(p.id))))
        self.table.opened.connect(lambda p: desk.show_place(p.x, p.y, nearer=True))

    def show_form(self, form: QWidget) -> None:
        """Give a form its place above the list."""
        self._box.insertWidget(2, form)

    def show_points(self, points: Sequence[FloodPoint]) -> None:
        """Show the water as it is now."""
        self.model.show(points)
        believed = sum(p.believed for p in points)
        said = self.tr("{believed} of {all} to be believed").format(believed=believed, all=len(points))
        self.heading.say(self.tr("Flood points"), said)
        if points:
            self.state.show_content()
        else:
            self.state.show_empty(self.tr("No flood point is registered."), "mdi6.waves")

    def fail(self, error: Exception) -> None:
        """Say why there is no table, if there is none."""
        if self.model.rowCount() == 0:
            self.state.show_failed(self._desk.notices.words_for(error))

    def _age(self, point: FloodPoint) -> str:
        return figures.age(self._desk.clock.now() - point.at) if point.at is not None else figures.NONE


def _water(point: FloodPoint) -> str:
    """How deep it stands and whether it rises or falls."""
    return f"{_depth(point)} {trend(point.rate_cm)}".rstrip() if point.believed else _depth(point)


def _depth(point: FloodPoint) -> str:
    role = GRADE_ROLE.get(point.grade, "")
    if point.quality == BAD:
        return word(READING, str(BAD))
    text = figures.number(point.depth_cm, 1, "cm") + (" ?" if point.quality == DOUBTFUL or point.stuck else "")
    return f"{SYMBOL[role]} {text}" if role and point.believed else text


def _colour(point: FloodPoint) -> str:
    if not point.believed:
        return "disabled"
    role = GRADE_ROLE.get(point.grade, "")
    return f"{role}_text" if role else ""
