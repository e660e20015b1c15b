"""Where the selected truck was in a period, how fast, and where it stood; and following it as it drives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QDate, QObject, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from console.map.features import Features, GeometryKind
from console.models import deviations, fleet, tracks
from console.widgets.shared import figures
from console.widgets.shared.panel import ElidedLabel, Stateful, margins
from console.widgets.shared.table import Column, RecordModel, RecordTable
from console.widgets.shared.throttle import Debounce, Throttle
from console.widgets.shared.words import LOAD, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely import Geometry
    from sqlalchemy import Connection

    from console.models.fleet import Track, Vehicle, VehicleRow
    from console.models.tracks import Stop, TrackSummary
    from console.widgets.shared.desk import Desk, Thing
    from console.widgets.shared.plots import SpeedChart

BANDS = ("slow", "usual", "quick", "fast")
"""Names of the bands of `console.models.tracks.BANDS_KMH`, as the layer knows them."""
OFFSET_BANDS = ("far_right", "right", "on_route", "left", "far_left", "no_permit")
"""Names of the bands of `console.models.tracks.by_deviation`, as the layer knows them."""
LAYER = {"speed": ("track", BANDS), "deviation": ("track_offset", OFFSET_BANDS)}
"""What a track can be coloured by: the layer that shows it, and its bands."""
KEPT_MOST = 6
RECENT = timedelta(hours=2)
REST_MS = 500
"""The clock rests when it has not moved for so long."""


@dataclass(frozen=True)
class Drive:
    """One truck in one period.

    Attributes:
        lines: by each of `LAYER` the track as lines, and the number of the band of each.
        farthest: place in the track of the position farthest from the approved route, and how far that is, positive
            to the left of it; None where there was no permit.
    """

    vehicle_id: int
    plate: str
    track: Track
    found: TrackSummary
    lines: dict[str, tuple[NDArray[np.object_], NDArray[np.int64]]]
    farthest: tuple[int, float] | None


def read_drive(connection: Connection, vehicle_id: int, start: datetime, end: datetime) -> Drive | None:
    """Ask for a `Drive`, None when there is no such truck; runs off the GUI thread."""
    truck: Vehicle | None = fleet.vehicle(connection, vehicle_id)
    if truck is None:
        return None
    track = fleet.track(connection, vehicle_id, start, end)
    offset = deviations.offsets(connection, vehicle_id, track).offset_m
    lines = {"speed": tracks.by_speed(track), "deviation": tracks.by_deviation(track, offset)}
    farthest = None
    if not np.isnan(offset).all():
        place = int(np.nanargmax(np.abs(offset)))
        farthest = place, float(offset[place])
    return Drive(vehicle_id, truck.plate, track, tracks.summary(track), lines, farthest)


class TrackPanel(QWidget):
    """The drive of the selected truck: period, figures, speed over time, stops; on the map by speed or by deviation.

    Tracks can be kept: they stay on the map beside those of trucks that are selected later.

    Args:
        desk: whose selection is followed.
        chart: where the speed is drawn.
    """

    def __init__(self, desk: Desk, chart: SpeedChart) -> None:
        super().__init__()
        self._desk = desk
        self._is_active = False
        self._vehicle_id: int | None = None
        self.drive: Drive | None = None
        self.kept: dict[int, Drive] = {}
        self.period = QComboBox()
        for key, words in (
            ("recent", self.tr("Last 2 hours")),
            ("today", self.tr("Today")),
            ("yesterday", self.tr("Yesterday")),
            ("day", self.tr("Another day")),
        ):
            self.period.addItem(words, key)
        self.period.setAccessibleName(self.tr("Period of the track"))
        self.period.currentIndexChanged.connect(self._on_period)
        today = self._desk.now().astimezone(figures.CITY_TIME).date()
        self.day = QDateEdit(QDate(today.year, today.month, today.day))
        self.day.setCalendarPopup(True)
        self.day.setDisplayFormat("yyyy-MM-dd")
        self.day.setMaximumDate(QDate(today.year, today.month, today.day))
        self.day.setAccessibleName(self.tr("Day of the track"))
        self.day.dateChanged.connect(lambda _day: self.refresh())
        self.day.hide()
        self.colouring = QComboBox()
        for key, words in (("speed", self.tr("By speed")), ("deviation", self.tr("By deviation"))):
            self.colouring.addItem(words, key)
        self.colouring.setAccessibleName(self.tr("Colour of the tracks"))
        self.colouring.currentIndexChanged.connect(lambda _place: self._show(self.drive))
        self.keep_button = QToolButton()
        self.keep_button.setText(self.tr("Keep"))
        self.keep_button.setToolTip(self.tr("Leave this track on the map beside the next ones"))
        self.keep_button.clicked.connect(self.keep)
        self.clear_button = QToolButton()
        self.clear_button.clicked.connect(self.clear)
        self.told = ElidedLabel("", "secondary")
        self.chart = chart
        self.chart.pointed.connect(self._point_at)
        columns: list[Column[Stop]] = [
            Column(self.tr("Stood from"), self._since, lambda s: s.since, width_px=96),
            Column(self.tr("For"), lambda s: figures.age(timedelta(seconds=s.duration_s)), lambda s: s.duration_s,
                   width_px=62),
            Column(self.tr("Load"), lambda s: word(LOAD, s.load), colour=lambda _s: "secondary"),
        ]  # fmt: skip
        self.model: RecordModel[Stop] = RecordModel(columns, lambda s: str(s.since), self)
        self.stops = RecordTable(self.model)
        self.stops.setAccessibleName(self.tr("Stops"))
        self.stops.chosen.connect(lambda stop: self._show_place(stop.x, stop.y))
        inside = QWidget()
        row = QHBoxLayout(inside)
        margins(row, 0, 0, 0, 0, 12)
        row.addWidget(self.chart, 3)
        row.addWidget(self.stops, 2)
        self.state = Stateful(inside, self.refresh)
        self._lay_out()
        self._show(None)
        desk.selection.changed.connect(self._on_selected)
        self._follow = Debounce(REST_MS, self.refresh, self)
        self._mark_soon = Throttle(REST_MS // 2, self._mark, self)
        desk.clock.turned.connect(self._on_clock)
        desk.clock.moved.connect(self._on_clock)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        margins(head, 0, 0, 0, 0, 8)
        head.addWidget(self.told, 1)
        for widget in (self.clear_button, self.keep_button, self.colouring, self.day, self.period):
            head.addWidget(widget)
        box = QVBoxLayout(self)
        margins(box, 14, 8, 14, 8, 6)
        box.addLayout(head)
        box.addWidget(self.state, 1)

    def activate(self, *, active: bool) -> None:
        """The workspace comes to the front, or goes: elsewhere the map shows no track of a period."""
        self._is_active = active
        if active:
            self._on_selected(self._desk.selection.thing)
        else:
            self._draw([])

    def refresh(self) -> None:
        """Fetch the track anew."""
        if self._vehicle_id is None or not self._is_active:
            return
        ask = partial(read_drive, vehicle_id=self._vehicle_id, start=self._span()[0], end=self._span()[1])
        self._desk.operations.read(self, ask, self._show, self._fail, key="drive")

    def keep(self) -> None:
        """Leave the track of the selected truck on the map."""
        if self.drive is not None and len(self.drive.track) and len(self.kept) < KEPT_MOST:
            self.kept[self.drive.vehicle_id] = self.drive
            self._show(self.drive)

    def recolour(self) -> None:
        """Colour the tracks by what they are not coloured by now."""
        self.colouring.setCurrentIndex((self.colouring.currentIndex() + 1) % self.colouring.count())

    def clear(self) -> None:
        """Take the kept tracks off the map."""
        self.kept.clear()
        self._show(self.drive)

    def _on_clock(self) -> None:
        """Up to the instant that is shown: marked as it moves, read when it rests."""
        if self._is_active:
            self._mark_soon()
            self._follow()

    def _mark(self) -> None:
        past = self._desk.clock.past
        self.chart.mark(None if past is None else past.timestamp())

    def _span(self) -> tuple[datetime, datetime]:
        now = self._desk.clock.now()
        local = now.astimezone(figures.CITY_TIME)
        midnight = datetime.combine(local.date(), time(), figures.CITY_TIME)
        key = self.period.currentData()
        if key == "recent":
            return now - RECENT, now
        if key == "today":
            return midnight, now
        if key == "yesterday":
            return midnight - timedelta(days=1), midnight
        chosen = self.day.date()
        begin = datetime(chosen.year(), chosen.month(), chosen.day(), tzinfo=figures.CITY_TIME)
        return begin, begin + timedelta(days=1)

    def _on_period(self) -> None:
        self.day.setVisible(self.period.currentData() == "day")
        self.refresh()

    def _on_selected(self, thing: Thing | None) -> None:
        if not self._is_active:
            return
        chosen = int(thing.key) if thing is not None and thing.subject == "vehicle" else None
        if chosen == self._vehicle_id and self.drive is not None:
            self._show(self.drive)
            return
        self._vehicle_id = chosen
        self._show(None)
        if chosen is not None:
            self.state.show_loading()
            self.refresh()

    def _show(self, drive: Drive | None) -> None:
        self.drive = drive
        self.keep_button.setEnabled(drive is not None and len(drive.track) > 0 and len(self.kept) < KEPT_MOST)
        self.clear_button.setText(self.tr("Clear {n} kept").format(n=len(self.kept)))
        self.clear_button.setVisible(bool(self.kept))
        shown = dict(self.kept)
        if drive is not None:
            shown[drive.vehicle_id] = drive
        self._draw(list(shown.values()))
        if drive is None:
            self.told.setText(self.tr("Track"))
            self.model.show([])
            self.state.show_empty(self.tr("Choose a truck to see its track."), "mdi6.map-marker-path")
            return
        found = drive.found
        words = self.tr("{distance} · {driving} on the move · {stops} stops · at most {top} km/h").format(
            distance=figures.distance(found.distance_m),
            driving=figures.age(timedelta(seconds=found.driving_s)),
            stops=len(found.stops),
            top=figures.number(found.top_kmh, 0),
        )
        # What the colours tell comes first: it is what must not be cut off.
        self.told.setText(" · ".join(filter(None, (drive.plate, self._farthest(drive), words))))
        self.model.show(found.stops)
        if len(drive.track) == 0:
            self.state.show_empty(self.tr("Nothing was heard of it in this period."), "mdi6.map-marker-off-outline")
            return
        self.chart.show_speed(drive.track.at, drive.track.speed_kmh, [(gap.since, gap.until) for gap in found.gaps])
        self.state.show_content()

    def _farthest(self, drive: Drive) -> str:
        """How far from its route it was at most, where that is what the colours tell."""
        if self.colouring.currentData() != "deviation":
            return ""
        if drive.farthest is None:
            return "" if len(drive.track) == 0 else self.tr("no permit")
        place, offset = drive.farthest
        words = (
            self.tr("{n} m left of the route at {time}")
            if offset > 0
            else self.tr("{n} m right of the route at {time}")
        )
        at = figures.clock(figures.city_time(float(drive.track.at[place])))
        return words.format(n=figures.number(abs(offset), 0), time=at)

    def _fail(self, error: Exception) -> None:
        self.state.show_failed(self._desk.notices.words_for(error))

    def _draw(self, drives: Sequence[Drive]) -> None:
        """Lines by speed or by deviation, and where each truck stood."""
        stops: list[tuple[str, Stop]] = []
        for drive in drives:
            stops.extend((drive.plate, stop) for stop in drive.found.stops)
        for key, (layer, names) in LAYER.items():
            lines: list[Geometry] = []
            bands: list[str] = []
            for drive in drives if key == self.colouring.currentData() else ():
                found, band = drive.lines[key]
                lines.extend(found)
                bands.extend(names[number] for number in band)
            shown = Features.from_shapely(
                range(len(lines)), lines, {"band": np.array(bands, dtype="U9")}, GeometryKind.LINE
            )
            self._desk.canvas.set_live(layer, shown)
        words = [figures.age(timedelta(seconds=stop.duration_s)) for _, stop in stops]
        self._desk.canvas.set_live(
            "truck_stop",
            Features.from_xy(
                range(len(stops)),
                [stop.x for _, stop in stops],
                [stop.y for _, stop in stops],
                {"duration": np.array(words, dtype="U16")},
            ),
        )

    def _point_at(self, at: float) -> None:
        """Go to where the truck was at a time, seconds since 1970."""
        drive = self.drive
        place = None if drive is None else tracks.nearest(drive.track, at)
        if drive is not None and place is not None:
            self._show_place(float(drive.track.x[place]), float(drive.track.y[place]))

    def _show_place(self, x: float, y: float) -> None:
        self._desk.canvas.centre_on(x, y)

    def _since(self, stop: Stop) -> str:
        return figures.short_moment(datetime.fromtimestamp(stop.since, figures.CITY_TIME), self._desk.now())


class Following(QObject):
    """Keeps the selected truck in the middle of the map until somebody moves the map by hand.

    Args:
        desk: map and selection.
        parent: keeps it.
    """

    changed = Signal(bool)
    """It follows now, or no more."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self.vehicle_id: int | None = None
        # Zooming is no wish to leave the truck: the next position brings it back into the middle.
        desk.canvas.panned.connect(self.stop)
        desk.selection.changed.connect(self._on_selected)

    def toggle(self) -> None:
        """Follow the selected truck, or stop."""
        thing = self._desk.selection.thing
        if self.vehicle_id is not None or thing is None or thing.subject != "vehicle":
            self.stop()
        else:
            self.vehicle_id = int(thing.key)
            self.changed.emit(True)

    def stop(self) -> None:
        """Follow no more."""
        self.vehicle_id = None
        self.changed.emit(False)

    def show_trucks(self, trucks: Sequence[VehicleRow]) -> None:
        """The fleet as it is now."""
        truck = next((t for t in trucks if t.id == self.vehicle_id), None)
        if truck is not None and truck.x is not None and truck.y is not None:
            self._desk.canvas.centre_on(truck.x, truck.y)

    def _on_selected(self, thing: Thing | None) -> None:
        if self.vehicle_id is not None and (thing is None or thing.key != str(self.vehicle_id)):
            self.stop()
