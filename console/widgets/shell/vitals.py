"""How fresh everything is: the entries of the status bar, and the banners when something is away."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from console.database.faults import DatabaseAway
from console.models import fleet, gateways, sensors
from console.widgets.shared import figures

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from console.database.feed import FeedState
    from console.models.fleet import FleetCounts
    from console.models.gateways import GatewayState
    from console.models.sensors import FloodPoint
    from console.widgets.shared.desk import Desk
    from console.widgets.shared.operations import Failure
    from console.widgets.shell.alarms import Alarms
    from console.widgets.shell.window import MainWindow

PULSE_MS = 2_000
TICK_MS = 1_000
STALE_S = 10.0
"""Older than this, the database's entry turns from grey to urgent."""


@dataclass(frozen=True)
class Pulse:
    """One look at everything: gateways, counts of terminals and sensors, and how long the answer took."""

    counts: FleetCounts
    points: list[FloodPoint]
    sensors_silent: int
    sensors: int
    gateways: list[GatewayState]
    took_s: float


def look(connection: Connection) -> Pulse:
    """Ask for a `Pulse`; runs off the GUI thread."""
    began = time.perf_counter()
    counts = fleet.counts(connection)
    took = time.perf_counter() - began
    points, gauges = sensors.flood_points(connection), sensors.rain_gauges(connection)
    silent = [p.silent for p in points if p.sensor_id is not None] + [g.silent for g in gauges]
    return Pulse(counts, points, sum(silent), len(silent), gateways.gateways(connection), took)


def _age(seconds: float) -> str:
    return figures.age(timedelta(seconds=seconds))


class Vitals(QObject):
    """Keeps status bar and banners true."""

    def __init__(self, desk: Desk, window: MainWindow, alarms: Alarms, *, is_demonstration: bool) -> None:
        super().__init__(window)
        self._desk, self._window, self._alarms = desk, window, alarms
        self._heard = time.monotonic()
        self._away_since: datetime | None = None
        self._pulse: Pulse | None = None
        self._pulsed = self._heard
        if is_demonstration:
            window.status.tell(
                "city",
                self.tr("Demonstration city: geometry is synthetic"),
                "disabled",
                self.tr("Names and codes are real; streets, pipes and cases are made up."),
                right=True,
            )
        desk.changes.state_changed.connect(self._on_state)
        desk.operations.succeeded.connect(self._on_answer)
        desk.clock.turned.connect(self._tick)
        desk.operations.failed.connect(self._on_failure)
        for interval, work in ((PULSE_MS, self._ask), (TICK_MS, self._tick)):
            timer = QTimer(self, interval=interval)
            timer.timeout.connect(work)
            timer.start()
        if desk.changes.state is not None:
            self._on_state(desk.changes.state)
        self._ask()
        self._tick()

    def _ask(self) -> None:
        self._desk.operations.read(self, look, self._show, lambda _error: None, key="pulse")

    def _show(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._pulsed = time.monotonic()
        self._alarms.show_water(pulse.points)
        self._tick()

    def _on_answer(self) -> None:
        self._heard = time.monotonic()

    def _on_failure(self, failure: Failure) -> None:
        if isinstance(failure.error, DatabaseAway) and self._away_since is None:
            self._away_since = self._desk.now()
            self._tick()

    def _on_state(self, state: FeedState) -> None:
        was_away = self._away_since
        self._away_since = None if state.connected else state.since
        if state.connected and was_away is not None:
            self._desk.notices.post(
                self.tr("The database is back; it was away since {time}.").format(
                    time=figures.clock(was_away, seconds=True)
                )
            )
            for layer in self._desk.canvas.layers:
                layer.invalidate()
            if self._window.current is not None:
                self._window.current.refresh()
            self._ask()
        self._tick()

    def _tick(self) -> None:
        tell = self._window.status.tell
        age_s = time.monotonic() - self._heard
        if self._away_since is not None:
            since = figures.clock(self._away_since, seconds=True)
            text = self.tr("Database away since {time}; reconnecting …").format(time=since)
            self._window.stage.show_away(text)
            self._window.top.show_live(live=False)
            tell("database", "▲ " + text, "critical")
        else:
            self._window.stage.show_away("")
            self._window.top.show_live(live=True, past=not self._desk.clock.is_live)
            took = "—" if self._pulse is None else f"{self._pulse.took_s:.2f} s"
            late = age_s > STALE_S
            state = self.tr("silent for {age}").format(age=f"{age_s:.0f} s") if late else f"● {took}"
            tip = self.tr("Time that the database took for its latest answer")
            tell("database", self.tr("Database") + " " + state, "high" if late else "secondary", tip)
        self._tell_gateways(is_stale=self._away_since is not None)
        self._tell_fleet(is_stale=self._away_since is not None)

    def _tell_gateways(self, *, is_stale: bool) -> None:
        """Whether positions and readings can come in, and since when not."""
        pulse = self._pulse
        if pulse is None:
            return
        known, later_s = pulse.gateways, time.monotonic() - self._pulsed
        alive = [one for one in known if not one.is_gone(later_s)]
        waiting = sum(one.spooled_bytes for one in alive)
        role = "disabled"
        if is_stale:
            words, tip = self.tr("Gateway —"), self.tr("Not known while the database is away")
        elif not known:
            words = self.tr("Gateway: none")
            tip = self.tr("No gateway has ever reported here: trucks and sensors cannot come in")
        elif not alive:
            words = self.tr("○ Gateway gone for {age}").format(age=_age(known[0].age_s + later_s))
            tip = self.tr("No position or reading comes in until it runs again; what is shown grows old")
        else:
            role = "secondary"
            words = self.tr("Gateway ● {age}").format(age=_age(alive[0].age_s + later_s))
            if len(known) > 1:
                words = self.tr("Gateways {alive}/{all} ● {age}").format(
                    alive=len(alive), all=len(known), age=_age(alive[0].age_s + later_s)
                )
            tip = self.tr("Since a gateway last said that it lives, which each does every 5 s")
            if waiting:
                words += " · " + self.tr("{size} MB waiting").format(size=f"{waiting / 1e6:.1f}")
        lines = [] if is_stale else [self._words_of(one, later_s) for one in known]
        self._window.status.tell("gateway", words, role, "\n".join([tip, *lines]))

    def _words_of(self, one: GatewayState, later_s: float) -> str:
        return self.tr("{name}: heard {age} ago, {terminals} terminals signed in, {rows} rows waiting").format(
            name=one.name, age=_age(one.age_s + later_s), terminals=one.terminals, rows=one.waiting_rows
        )

    def _tell_fleet(self, *, is_stale: bool) -> None:
        pulse = self._pulse
        if pulse is None:
            return
        role = "disabled" if is_stale else "secondary"
        counts = pulse.counts
        self._window.status.tell(
            "terminals",
            self.tr("Terminals {online}/{all}").format(online=counts.online, all=counts.active),
            role,
            self.tr("Trucks heard within 5 minutes, or 30 with the engine off, of all in service"),
        )
        self._window.status.tell(
            "sensors",
            self.tr("Sensors {heard}/{all}").format(heard=pulse.sensors - pulse.sensors_silent, all=pulse.sensors),
            role,
            self.tr("Level sensors and rain gauges that missed no more than three readings, of all"),
        )
