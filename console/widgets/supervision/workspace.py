"""Supervision: the figures of the centre by zone, month, class and department, and the cases behind each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from console.models import statistics
from console.models.statistics import Dimension, Group, Indicators, Step
from console.widgets.cases.filter_bar import FilterBar
from console.widgets.cases.queue import QueuePanel
from console.widgets.cases.today import WEAK_RATE, DayFigures, TodayCharts
from console.widgets.shared import figures
from console.widgets.shared.charts import Bar, ChartPanel, ChartStrip, Figure, FigureBoard, ShareBars
from console.widgets.shared.desk import Workspace
from console.widgets.shared.panel import Heading, label, line, margins, scrolled
from console.widgets.shared.plots import BarChart
from console.widgets.supervision.alarm_figures import AlarmFigures
from console.widgets.supervision.map_page import MapPages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from console.widgets.shared.desk import Desk

MONTHS = 12
MOST_CLASSES = 12
MOST_DEPARTMENTS = 12


@dataclass(frozen=True)
class Overview:
    """What the panel shows, read in one transaction.

    Attributes:
        month: indicators of this month; `before` those of the last whole month, `whole` of the history.
        months: indicators of each of the last months, with their first days.
        zones, classes, departments: this month's, by part.
    """

    month: Indicators
    before: Indicators
    whole: Indicators
    months: list[tuple[date, Indicators]]
    zones: list[Group]
    classes: list[Group]
    departments: list[Group]


def overview(connection: Connection, day: date) -> Overview:
    """The figures of supervision as of `day` (Asia/Shanghai); runs off the GUI thread."""
    first = day.replace(day=1)
    last_of_before = first - timedelta(days=1)
    earliest = date(first.year - 1, first.month, 1)
    return Overview(
        month=statistics.total(connection, first, day),
        before=statistics.total(connection, last_of_before.replace(day=1), last_of_before),
        whole=statistics.total(connection),
        months=statistics.by_period(connection, earliest, day, Step.MONTH),
        zones=statistics.by(connection, Dimension.ZONE, first, day),
        classes=statistics.by(connection, Dimension.CLASS, first, day),
        departments=statistics.by(connection, Dimension.DEPARTMENT, first, day),
    )


class SupervisionWorkspace(Workspace):
    """Figures at the left and below, the cases behind them at the right."""

    key: ClassVar[str] = "supervision"
    shows_selection: ClassVar[bool] = False

    def build(self) -> Iterator[None]:
        """Make the panels, a step a turn."""
        desk = self.desk
        self.panel = OverviewPanel(desk)
        yield
        filters = FilterBar(desk)
        yield
        self.cases = QueuePanel(desk, None, filters)
        yield
        self.pages = MapPages(desk, self.cases, self)
        self.panel.pages.setDefaultAction(self.pages.action)
        yield
        # Its tables belong to the window, as all that are exported.
        window = self.parent()
        self.alarms = AlarmFigures(desk, window if isinstance(window, QWidget) else self.panel)
        yield from self.alarms.build()
        self.panel.alarms.setDefaultAction(
            desk.actions.add(
                "alarm.figures", self.tr("Alarm performance"), self.alarms.open, group=self.tr("Supervision"),
                shortcut="Ctrl+Alt+A", symbol="mdi6.bell-cog-outline",
            )
        )  # fmt: skip
        yield
        self.today = TodayCharts(desk)
        yield
        self.months = BarChart()
        self.rates = ShareBars(lowest=0.8)
        self.months_panel = ChartPanel(self.tr("Closed cases by month"), self.months, self.refresh)
        self.rates_panel = ChartPanel(self.tr("Closed in time by month"), self.rates, self.refresh)
        self.rates_panel.title.setToolTip(self.tr("Bars begin at 80 %"))
        _, hours, zones = self.today.panels
        self.strip = ChartStrip([(hours, 5), (self.months_panel, 5), (self.rates_panel, 4), (zones, 4)])
        self.strip.setWindowTitle(self.tr("Figures over time"))
        yield
        self.left, self.right, self.bottom = self.panel, self.cases, self.strip
        self._is_front = False
        self._groups: dict[str, list[Group]] = {}
        self.today.shown.connect(self._show_day)
        self.today.zones.clicked.connect(self._drill_zone_today)
        self.panel.zones.clicked.connect(lambda place: self._drill("zone_ids", "zones", place))
        self.panel.classes.clicked.connect(lambda place: self._drill("class_ids", "classes", place))
        self.panel.departments.clicked.connect(lambda place: self._drill("department_ids", "departments", place))
        self.panel.figures.clicked.connect(self._drill_figure)
        desk.changes.reload.connect(self.refresh)

    def enter(self) -> None:
        """Fetch everything."""
        self._is_front = True
        self.today.activate(active=True)
        self.cases.activate(active=True)
        self.refresh()

    def leave(self) -> None:
        """Rest."""
        self._is_front = False
        self.today.activate(active=False)
        self.cases.activate(active=False)

    def refresh(self) -> None:
        """Fetch everything anew."""
        if not self._is_front:
            return
        day = self.desk.now().date()
        self.desk.operations.read(self, lambda c: overview(c, day), self._show, self._fail, key="overview")
        self.today.refresh()
        self.cases.refresh()

    def fold(self, *, folded: bool) -> None:
        """One line instead of the charts."""
        self.strip.fold(folded=folded)

    def _show(self, found: Overview) -> None:
        self.panel.show_overview(found)
        classes = sorted(found.classes, key=lambda g: g.indicators.reported, reverse=True)
        departments = sorted(found.departments, key=lambda g: g.indicators.disposals_due, reverse=True)
        self._groups = {
            "zones": [g for g in found.zones if g.key is not None],
            "classes": [g for g in classes if g.key is not None][:MOST_CLASSES],
            "departments": [g for g in departments if g.key is not None][:MOST_DEPARTMENTS],
        }
        name = self.desk.name
        self.panel.show_groups(
            {part: [(name(g.name, g.name_en), g.indicators) for g in groups] for part, groups in self._groups.items()}
        )
        names = [f"{begin:%y-%m}" for begin, _ in found.months]
        self.months.show_bars(names, [i.closed for _, i in found.months], marked=len(names) - 1, every=3)
        self.months_panel.state.show_content()
        rates = [(begin, i.on_time_closure_rate) for begin, i in found.months][-6:]
        self.rates.show_bars(
            [Bar(f"{b:%Y-%m}", rate, figures.percent(rate), rate is not None and rate < WEAK_RATE) for b, rate in rates]
        )
        self.rates_panel.state.show_content()

    def _fail(self, error: Exception) -> None:
        words = self.desk.notices.words_for(error)
        for panel in (self.months_panel, self.rates_panel):
            panel.state.show_failed(words)

    def _show_day(self, found: DayFigures) -> None:
        self.strip.folded_line.setText(self.today.line_of(found))

    def _drill(self, key: str, part: str, place: int) -> None:
        """The cases of this month of the part that was clicked."""
        group = self._groups[part][place]
        self._list({key: group.key, "period": 30})

    def _drill_zone_today(self, place: int) -> None:
        self._list({"zone_ids": self.today.zone_ids[place], "period": 30})

    def _drill_figure(self, place: int) -> None:
        wanted: list[dict[str, object]] = [
            {"period": 30},
            {"period": 30, "modes": "closed_loop"},
            {"period": 30, "states": "closed"},
            {"period": 30, "modes": "direct_assess"},
            {"period": 30, "overdue": False, "states": "closed"},
            {"period": 30, "overdue": True},
        ]
        self._list(wanted[place])

    def _list(self, wanted: dict[str, object]) -> None:
        """List the cases behind a number."""
        self.cases.show_cases(wanted)
        self.right_wanted.emit()


class OverviewPanel(QWidget):
    """Figures of the month, then bars by zone, class and department; a click on any shows its cases."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Figures"))
        self._desk = desk
        self.heading = Heading(self.tr("This month"))
        self.pages = QToolButton()
        self.alarms = QToolButton()
        self.heading.add_button(self.alarms)
        self.heading.add_button(self.pages)
        self.figures = FigureBoard(columns=2)
        self.zones = ShareBars(lowest=0.8)
        self.classes = ShareBars()
        self.departments = ShareBars(lowest=0.8)
        self._parts = {"zones": self.zones, "classes": self.classes, "departments": self.departments}
        inside = QWidget()
        box = QVBoxLayout(inside)
        margins(box, 14, 12, 14, 16, 10)
        box.addWidget(self.figures)
        for title, bars in (
            (self.tr("Closed in time by zone"), self.zones),
            (self.tr("Most frequent classes"), self.classes),
            (self.tr("Disposed in time by department"), self.departments),
        ):
            box.addWidget(line())
            box.addWidget(label(title, "secondary"))
            box.addWidget(bars)
        box.addWidget(
            label(
                self.tr("A click on a figure or a bar lists the cases behind it. Bars of rates begin at 80 %."),
                "disabled",
                wraps=True,
            )
        )
        box.addStretch(1)
        scroll = scrolled(inside)
        outer = QVBoxLayout(self)
        margins(outer, 0, 0, 0, 0)
        outer.addWidget(self.heading)
        outer.addWidget(scroll, 1)

    def show_overview(self, found: Overview) -> None:
        """Show the figures of the month against the month before."""
        month, before = found.month, found.before
        was = self.tr("Last month: {value}")
        self.heading.say(
            self.tr("This month"), self.tr("{n} reported in all").format(n=figures.count(found.whole.reported))
        )
        self.figures.show_figures(
            [
                Figure(
                    figures.count(month.reported),
                    self.tr("reported"),
                    tip=was.format(value=figures.count(before.reported)),
                ),
                Figure(figures.count(month.filed), self.tr("filed"), tip=was.format(value=figures.count(before.filed))),
                Figure(
                    figures.count(month.closed), self.tr("closed"), tip=was.format(value=figures.count(before.closed))
                ),
                Figure(
                    figures.count(month.assessed),
                    self.tr("direct assessments"),
                    tip=was.format(value=figures.count(before.assessed)),
                ),
                Figure(
                    figures.percent(month.on_time_closure_rate),
                    self.tr("closed in time"),
                    tip=was.format(value=figures.percent(before.on_time_closure_rate)),
                ),
                Figure(
                    figures.percent(month.on_time_disposal_rate),
                    self.tr("disposed in time"),
                    tip=was.format(value=figures.percent(before.on_time_disposal_rate)),
                ),
            ]
        )

    def show_groups(self, parts: dict[str, list[tuple[str, Indicators]]]) -> None:
        """Show the bars of each part."""
        self._fill(self.zones, [(n, i.on_time_closure_rate, None) for n, i in parts["zones"]])
        most = max((i.reported for _, i in parts["classes"]), default=1) or 1
        self._fill(self.classes, [(n, i.reported / most, figures.count(i.reported)) for n, i in parts["classes"]])
        self._fill(self.departments, [(n, i.on_time_disposal_rate, None) for n, i in parts["departments"]])

    @staticmethod
    def _fill(bars: ShareBars, rows: Sequence[tuple[str, float | None, str | None]]) -> None:
        bars.show_bars(
            [
                Bar(
                    name,
                    share,
                    text or figures.percent(share),
                    text is None and share is not None and share < WEAK_RATE,
                )
                for name, share, text in rows
            ]
        )
        bars.setFixedHeight(max(1, len(rows)) * 22)
