"""Muck trucks: the table of all, one in full, how the fleet works today."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from console.models import fleet
from console.models.replay import hour_of
from console.widgets.fleet.haulage_desk import HaulageDesk
from console.widgets.fleet.terminal import TerminalBox
from console.widgets.fleet.track import Following, TrackPanel
from console.widgets.intake.frames import READERS, FramesWindow, Owner
from console.widgets.shared import figures
from console.widgets.shared.as_of import ClockLine
from console.widgets.shared.charts import ChartPanel, ChartStrip, Figure, FigureBoard
from console.widgets.shared.desk import Thing, Workspace
from console.widgets.shared.detail import DetailPanel
from console.widgets.shared.panel import Heading, Stateful, margins
from console.widgets.shared.plots import BarChart, SpeedChart
from console.widgets.shared.style import icon
from console.widgets.shared.table import Column, RecordModel, RecordTable
from console.widgets.shared.throttle import Throttle
from console.widgets.shared.words import LOAD, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PySide6.QtCore import QPoint
    from sqlalchemy import Connection

    from console.models.fleet import DutyHour, FleetCounts, VehicleRow
    from console.widgets.shared.desk import Desk

TABLE_MS = 2_000
PAST_MS = 1_000
"""Figures that follow a past instant are written so often: nobody reads faster."""
DUTY_MS = 60_000
HOURS = 24
AROUND = timedelta(minutes=5)
"""Frames are looked up so long before and after the point of a track that was pointed at."""


class FleetWorkspace(Workspace):
    """Trucks on list, map and chart."""

    key: ClassVar[str] = "fleet"

    def build(self) -> Iterator[None]:
        """Make the panels, a step a turn."""
        desk = self.desk
        self.trucks = TruckPanel(desk)
        yield
        self.terminal = TerminalBox(desk, lambda: self.trucks.listed)
        yield
        self.detail = DetailPanel(desk, self.tr("Choose a truck in the list or on the map."), self.terminal)
        yield
        self.figures = FigureBoard(columns=2)
        self.duty = BarChart()
        duty_title = self.tr("Trucks that drove, by hour, last 24 hours")
        self.duty_panel = ChartPanel(duty_title, self.duty, self.refresh)
        yield
        speed = SpeedChart()
        yield
        self.track = TrackPanel(desk, speed)
        yield
        self.following = Following(desk, self)
        self.strip = ChartStrip(
            [(ChartPanel(self.tr("Fleet"), self.figures), 3), (self.duty_panel, 4), (self.track, 7)]
        )
        self.strip.setWindowTitle(self.tr("Fleet charts"))
        yield
        self.haulage = HaulageDesk(desk, self.trucks, self.detail, self.key)
        yield from self.haulage.build()
        yield
        self.haulage.wanted.connect(self.right_wanted)
        self.left, self.right, self.bottom = self.haulage.lists, self.detail, self.strip
        self._is_front = False
        self._refresh_table = Throttle(TABLE_MS, self._ask_table, self)
        self._duty_of = 0
        self._ask_duty_soon = Throttle(TABLE_MS, self._ask_duty, self)
        self._refresh_duty = Throttle(DUTY_MS, self._ask_duty, self)
        desk.changes.telemetry.connect(self._on_telemetry)
        desk.changes.reload.connect(self.refresh)
        desk.clock.turned.connect(self.refresh)
        self._follow = Throttle(PAST_MS, self._ask_table, self)
        desk.clock.moved.connect(self._on_moved)
        desk.hours.arrived.connect(self._on_moved)
        self._pointed_at: float | None = None
        self.track.chart.pointed.connect(self._note_point)
        desk.selection.changed.connect(lambda _thing: self._note_point(None))
        desk.canvas.menu_wanted.connect(self._show_menu)
        self._keys = ["truck.follow", "truck.keep", "truck.clear", "truck.colour"]
        self._add_actions()
        self._add_terminal_actions()
        self._enable_keys(enabled=False)

    def _add_terminal_actions(self) -> None:
        """What is said to the terminal of the selected truck: by key, button, context menu of list and map."""
        add, group = self.desk.actions.add, self.tr("Trucks")
        offered = []
        if self.terminal.may_speak:
            offered += [
                add("truck.text", self.tr("Text to the driver of the selected truck"), self.terminal.begin_text,
                    group=group, shortcut="Ctrl+Shift+T", symbol="mdi6.message-text-outline"),
                add("truck.locate", self.tr("Ask the selected truck where it is"), self.terminal.ask_position,
                    group=group, shortcut="Ctrl+Shift+W", symbol="mdi6.map-marker-question-outline"),
            ]  # fmt: skip
        if self.terminal.may_set:
            offered.append(
                add("truck.parameters", self.tr("Set how the terminal of the selected truck works"),
                    self.terminal.begin_parameters, group=group, shortcut="Ctrl+Alt+T", symbol="mdi6.tune-variant")
            )  # fmt: skip
        if self.desk.person.role in READERS:
            offered.append(
                add("truck.frames", self.tr("Raw frames of the selected truck"), self.open_frames, group=group,
                    shortcut="Ctrl+Alt+F", symbol="mdi6.code-braces")
            )  # fmt: skip
        self.terminal.offer(offered)
        self._menu_actions = [self.desk.actions["truck.follow"], *offered]
        self.trucks.table.addActions(self._menu_actions)
        self._keys += [action.objectName() for action in offered]

    def _add_actions(self) -> None:
        add, group = self.desk.actions.add, self.tr("Trucks")
        follow = add("truck.follow", self.tr("Follow the selected truck"), self.following.toggle, group=group,
                     shortcut="Ctrl+Shift+G", symbol="mdi6.crosshairs-gps", checkable=True)  # fmt: skip
        self.following.changed.connect(follow.setChecked)
        add("truck.keep", self.tr("Keep this track on the map"), self.track.keep, group=group, shortcut="Ctrl+Shift+K")
        add("truck.colour", self.tr("Colour tracks by speed or by deviation"), self.track.recolour, group=group,
            shortcut="Ctrl+Shift+O")  # fmt: skip
        add("truck.clear", self.tr("Take kept tracks off the map"), self.track.clear, group=group)
        button = QToolButton()
        button.setDefaultAction(follow)
        self.trucks.search.addWidget(button)

    def _enable_keys(self, *, enabled: bool) -> None:
        for key in self._keys:
            self.desk.actions[key].setEnabled(enabled)

    def open_frames(self) -> None:
        """Look up raw frames of the selected truck: around the point of its track that was pointed at, or lately."""
        thing = self.desk.selection.thing
        if thing is None or thing.subject != "vehicle":
            self.desk.notices.post(self.tr("Choose a truck first."))
            return
        owner = Owner("vehicle", int(thing.key), self.terminal.plate)
        start = end = None
        if self._pointed_at is not None:
            at = datetime.fromtimestamp(self._pointed_at, figures.CITY_TIME)
            start, end = at - AROUND, at + AROUND
        FramesWindow(self.desk, owner, start, end, parent=self.trucks.window()).show()

    def _note_point(self, at: float | None) -> None:
        self._pointed_at = at

    def _show_menu(self, at: QPoint) -> None:
        """What can be done with the truck that was clicked on the map."""
        thing = self.desk.selection.thing
        if self._is_front and thing is not None and thing.subject == "vehicle":
            menu = QMenu(self.trucks.window())
            menu.addActions(self._menu_actions)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(at)

    def enter(self) -> None:
        """Fetch everything."""
        self._is_front = True
        self.detail.activate(active=True)
        self.terminal.activate(active=True)
        self.trucks.follow(self.desk.selection.thing)
        self.track.activate(active=True)
        self._enable_keys(enabled=True)
        self.haulage.activate(active=True)
        self.refresh()

    def leave(self) -> None:
        """Rest."""
        self._is_front = False
        self.detail.activate(active=False)
        self.terminal.activate(active=False)
        self.track.activate(active=False)
        self.following.stop()
        self.haulage.activate(active=False)
        self._enable_keys(enabled=False)

    def refresh(self) -> None:
        """Fetch everything anew."""
        if self._is_front:
            self._ask_table()
            self._ask_duty()
            self.detail.refresh()

    def fold(self, *, folded: bool) -> None:
        """One line instead of the charts."""
        self.strip.fold(folded=folded)

    def prepare_picture(self) -> None:
        """The first loaded truck on the road."""
        self.trucks.wants_loaded = True

    def _on_telemetry(self) -> None:
        if self._is_front and self.desk.clock.is_live:
            self._refresh_table()
            self._refresh_duty()

    def _on_moved(self) -> None:
        if self._is_front:
            self._follow()
            if hour_of(self.desk.clock.at) != self._duty_of:
                self._ask_duty_soon()

    def _ask_table(self) -> None:
        if self._is_front and not self.desk.clock.is_live:
            self._show_past()
        elif self._is_front:
            self.desk.operations.read(self, fleet.vehicles, self._show_trucks, self.trucks.fail, key="trucks")
            self.desk.operations.read(self, fleet.counts, self._show_counts, lambda _error: None, key="counts")

    def _show_past(self) -> None:
        """The fleet at the instant of the clock, or nothing of it while that is not read."""
        self.desk.operations.cancel(self, "trucks")
        self.desk.operations.cancel(self, "counts")
        past, hour = self.desk.clock.past, self.desk.hours.at(self.desk.clock.at)
        if past is None or hour is None:
            self.trucks.model.show([])
            self.trucks.state.show_loading()
            return
        self._show_trucks(hour.trucks.rows(past, figures.CITY_TIME))
        self._show_counts(hour.trucks.counts(past.timestamp()))

    def _show_trucks(self, trucks: Sequence[VehicleRow]) -> None:
        self.terminal.show_trucks(trucks)
        self.trucks.show_trucks(trucks)
        self.following.show_trucks(trucks)

    def _ask_duty(self) -> None:
        if not self._is_front:
            return
        end = self.desk.clock.now()
        self._duty_of = hour_of(end.timestamp())
        start = end.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)

        def ask(connection: Connection) -> list[DutyHour]:
            return fleet.duty_by_hour(connection, start, end)

        self.desk.operations.read(self, ask, self._show_duty, self._fail_duty, key="duty")

    def _show_counts(self, counts: FleetCounts) -> None:
        uncovered = "figure-critical" if counts.uncovered else "figure"
        self.figures.show_figures(
            [
                Figure(f"{counts.online}/{counts.active}", self.tr("online")),
                Figure(figures.count(counts.driving), self.tr("driving")),
                Figure(figures.count(counts.loaded), self.tr("loaded")),
                Figure(figures.count(counts.uncovered), self.tr("uncovered while driving"), uncovered),
            ]
        )
        self.strip.folded_line.setText(
            self.tr("Online {online}/{all} · driving {driving} · loaded {loaded} · uncovered {uncovered}").format(
                online=counts.online,
                all=counts.active,
                driving=counts.driving,
                loaded=counts.loaded,
                uncovered=counts.uncovered,
            )
        )

    def _show_duty(self, hours: Sequence[DutyHour]) -> None:
        names = [figures.clock(h.hour) for h in hours]
        self.duty.show_bars(names, [h.trucks for h in hours], marked=len(hours) - 1, every=3)
        self.duty_panel.state.show_content()

    def _fail_duty(self, error: Exception) -> None:
        self.duty_panel.state.show_failed(self.desk.notices.words_for(error))


class TruckPanel(QWidget):
    """The table of all trucks."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Trucks"))
        self._desk = desk
        self.wants_loaded = False
        self.heading = Heading(self.tr("Muck trucks"))
        self.text = QLineEdit(placeholderText=self.tr("Plate or load …"), clearButtonEnabled=True)
        self.text.addAction(icon("mdi6.magnify"), QLineEdit.ActionPosition.LeadingPosition)
        columns: list[Column[VehicleRow]] = [
            Column(self.tr("Plate"), lambda t: t.plate, colour=_grey_when_silent, width_px=104),
            Column(self.tr("Load"), lambda t: word(LOAD, t.load), colour=_load_colour),
            Column(
                self.tr("km/h"),
                lambda t: figures.number(t.speed_kmh, 0),
                lambda t: t.speed_kmh,
                colour=_grey_when_silent,
            ),
            Column(
                self.tr("Trips"), lambda t: str(t.trips), lambda t: t.trips, colour=lambda _t: "secondary", width_px=50
            ),
            Column(
                self.tr("Age"),
                self._age,
                lambda t: -t.at.timestamp() if t.at else None,
                colour=_grey_when_silent,
                width_px=72,
            ),
        ]
        self.model: RecordModel[VehicleRow] = RecordModel(columns, lambda t: str(t.id), self)
        self.table = RecordTable(self.model)
        self.table.setAccessibleName(self.tr("Muck trucks"))
        self.state = Stateful(self.table)
        search = QWidget()
        self.search = QHBoxLayout(search)
        margins(self.search, 10, 8, 10, 6, 6)
        self.search.addWidget(self.text, 1)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(self.heading)
        box.addWidget(ClockLine(desk))
        box.addWidget(search)
        box.addWidget(self.state, 1)
        self.state.show_loading()
        self.text.textChanged.connect(self.table.narrow)
        self.table.chosen.connect(lambda t: desk.selection.select(Thing("vehicle", str(t.id))))
        self.table.opened.connect(self._open)
        desk.selection.changed.connect(self.follow)

    def show_trucks(self, trucks: Sequence[VehicleRow]) -> None:
        """Show the fleet as it is now."""
        is_first = self.model.rowCount() == 0
        self.model.show(trucks)
        online = sum(t.online for t in trucks)
        self.heading.say(
            self.tr("Muck trucks"), self.tr("{online} of {all} online").format(online=online, all=len(trucks))
        )
        if trucks:
            self.state.show_content()
        else:
            self.state.show_empty(self.tr("No truck is registered."), "mdi6.dump-truck")
        if is_first:
            self.follow(self._desk.selection.thing)
        moving = next((t for t in trucks if t.online and t.load == "full" and (t.speed_kmh or 0) > 5), None)
        if self.wants_loaded and moving is not None:
            self.wants_loaded = False
            self._desk.selection.select(Thing("vehicle", str(moving.id)))

    @property
    def listed(self) -> list[VehicleRow]:
        """The trucks as the list is narrowed down."""
        return [self.model.record(row) for row in range(self.model.rowCount())]

    def fail(self, error: Exception) -> None:
        """Say why there is no table, if there is none."""
        if self.model.rowCount() == 0:
            self.state.show_failed(self._desk.notices.words_for(error))

    def follow(self, thing: Thing | None) -> None:
        """Mark the truck that is selected elsewhere."""
        self.table.mark(thing.key if thing is not None and thing.subject == "vehicle" else None)

    def _age(self, truck: VehicleRow) -> str:
        return figures.age(self._desk.clock.now() - truck.at) if truck.at is not None else figures.NONE

    def _open(self, truck: VehicleRow) -> None:
        self._desk.selection.select(Thing("vehicle", str(truck.id)))
        if truck.x is not None and truck.y is not None:
            self._desk.show_place(truck.x, truck.y, nearer=True)


def _grey_when_silent(truck: VehicleRow) -> str:
    return "" if truck.online else "disabled"


def _load_colour(truck: VehicleRow) -> str:
    if not truck.online:
        return "disabled"
    is_uncovered = truck.lid_closed is False and truck.load not in {None, "empty"} and (truck.speed_kmh or 0) > 5
    return "high_text" if is_uncovered else "secondary"
