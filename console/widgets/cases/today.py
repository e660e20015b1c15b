"""Today's figures, cases by the hour and closure by zone: charts that dispatch and supervision share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from console.models import statistics
from console.models.statistics import Dimension, Group, HourCount, Part, Today
from console.widgets.shared import figures
from console.widgets.shared.charts import Bar, ChartPanel, Figure, FigureBoard, ShareBars
from console.widgets.shared.plots import BarChart
from console.widgets.shared.steps import Steps
from console.widgets.shared.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sqlalchemy import Connection

    from console.widgets.shared.desk import Desk

AGAIN_MS = 3_000
LOWEST_RATE = 0.8
"""Rates of closure lie close together: bars begin here, which the values beside them make plain."""
WEAK_RATE = 0.9
"""Below this a zone stands out (project; the standard sets no line)."""


@dataclass(frozen=True)
class DayFigures:
    """Everything that the charts of a day show, read in one transaction.

    Attributes:
        part: of the city, that all of it belongs to; None is all.
        zones: compared; none for a part.
    """

    part: Part | None
    today: Today
    hours: list[HourCount]
    zones: list[Group]


class TodayCharts(QObject):
    """Three chart panels that are read together; `refresh` fetches them, changes of cases do so by themselves."""

    shown = Signal(object)
    """The `DayFigures` that were shown."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._is_active = False
        self.figures = FigureBoard(columns=2)
        self.hours = BarChart()
        self.zones = ShareBars(lowest=LOWEST_RATE)
        self.figures_panel = ChartPanel(self.tr("Today"), self.figures, self.refresh)
        self.hours_panel = ChartPanel(self.tr("Cases reported by the hour, today"), self.hours, self.refresh)
        self.setParent(self.hours_panel)  # what is read for them is not delivered once they are gone
        zones_title = self.tr("Closed in time, this month")
        self.zones_panel = ChartPanel(zones_title, self.zones, self.refresh)
        self.zones_panel.title.setToolTip(self.tr("Bars begin at 80 %"))
        self.zone_ids: list[int] = []
        for panel in self.panels:
            panel.state.show_loading()
        self.refresh_soon = Throttle(AGAIN_MS, self.refresh, self)
        desk.changes.changed.connect(self._on_changes)

    @property
    def panels(self) -> tuple[ChartPanel, ChartPanel, ChartPanel]:
        """Figures, hours, zones."""
        return self.figures_panel, self.hours_panel, self.zones_panel

    def activate(self, *, active: bool) -> None:
        """Fetch and follow changes from now on, or rest."""
        self._is_active = active
        self.refresh()

    def refresh(self) -> None:
        """Fetch the figures anew."""
        if not self._is_active:
            return
        now = self._desk.now()
        day, hour = now.date(), now.hour

        def ask(connection: Connection) -> DayFigures:
            return _read(connection, day, hour)

        self._desk.operations.read(self, ask, self._show, self._fail, key="today")

    def _on_changes(self, changes: list[object]) -> None:
        if self._is_active and any(getattr(change, "subject", "") == "case_file" for change in changes):
            self.refresh_soon()

    def _fail(self, error: Exception) -> None:
        for panel in self.panels:
            panel.state.show_failed(self._desk.notices.words_for(error))

    def _show(self, found: DayFigures) -> None:
        """A panel a turn: all three take longer than a key may wait."""
        Steps(self._one_by_one(found), self).start()

    def _one_by_one(self, found: DayFigures) -> Iterator[None]:
        self._show_figures(found)
        self.figures_panel.state.show_content()
        yield
        self._show_hours(found.hours)
        self.hours_panel.state.show_content()
        yield
        self._show_zones(found.zones)
        self.zones_panel.state.show_content()
        self.zones_panel.setHidden(found.part is not None)
        self.shown.emit(found)

    def _show_figures(self, found: DayFigures) -> None:
        day = found.today
        self.figures_panel.title.setText(self._title(found.part))
        usual = self.tr("usually {n} on a whole day")
        self.figures.show_figures(
            [
                Figure(figures.count(day.day.reported), self.tr("reported"), tip=_usual(usual, day, "reported")),
                Figure(figures.count(day.day.closed), self.tr("closed"), tip=_usual(usual, day, "closed")),
                Figure(
                    figures.percent(day.whole.closed_of_filed),
                    self.tr("closing rate"),
                    tip=self.tr("Closed of filed cases over the whole history"),
                ),
                Figure(figures.count(day.overdue), self.tr("overdue"), "figure-critical" if day.overdue else "figure"),
            ]
        )

    def _show_hours(self, hours: list[HourCount]) -> None:
        now_hour = max((h.hour for h in hours if h.today is not None), default=None)
        names = [f"{h.hour:02d}" for h in hours]
        self.hours.show_bars(names, [h.today or 0 for h in hours], marked=now_hour, every=4)
        self.hours.show_usual([h.usual for h in hours])

    def _show_zones(self, zones: list[Group]) -> None:
        groups = [g for g in zones if g.key is not None]
        self.zone_ids = [int(g.key) for g in groups if g.key is not None]
        rates = [(g, g.indicators.on_time_closure_rate) for g in groups]
        self.zones.show_bars(
            [
                Bar(
                    self._desk.name(g.name, g.name_en),
                    rate,
                    figures.percent(rate),
                    rate is not None and rate < WEAK_RATE,
                )
                for g, rate in rates
            ]
        )

    def _title(self, part: Part | None) -> str:
        if part is None:
            return self.tr("Today")
        own_department = part.dimension is Dimension.DEPARTMENT
        return self.tr("Today, own department") if own_department else self.tr("Today, own zone")

    def line_of(self, found: DayFigures) -> str:
        """The figures in one line, for a low window."""
        day = found.today
        return self.tr("{title}: reported {reported} · closed {closed} · open {open} · overdue {overdue}").format(
            title=self._title(found.part),
            reported=figures.count(day.day.reported),
            closed=figures.count(day.day.closed),
            open=figures.count(day.open),
            overdue=figures.count(day.overdue),
        )


def _usual(pattern: str, day: Today, name: str) -> str:
    return pattern.format(n=figures.count(day.usual[name]))


def _read(connection: Connection, day: date, hour: int) -> DayFigures:
    part = statistics.own_part(connection)
    return DayFigures(
        part,
        statistics.today(connection, day, part=part),
        statistics.hours(connection, day, part=part, until_hour=hour),
        [] if part else statistics.by(connection, Dimension.ZONE, day.replace(day=1), day),
    )
