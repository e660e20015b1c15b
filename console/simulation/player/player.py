"""Plays the demonstration city in real time until it is told to stop."""

from __future__ import annotations

import logging
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from console.database.faults import DatabaseAway, Refused
from console.database.migrations import require_head
from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models.cases.reporting import report_case
from console.models.field_intake import sensor_sources
from console.models.keeping import KEEP_S, keep
from console.simulation.field.field import Devices, Field, identities
from console.simulation.player.intake import attach_photo
from console.simulation.player.reports import Reports
from console.simulation.player.staff import Staff
from console.simulation.player.trucks import Trucks
from console.simulation.player.truth import Truth
from console.simulation.player.weather import Weather
from console.simulation.player.wiring import wire

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from console.simulation.player.reports import Report

BEAT_S = 1.0
RETRY_S = (1.0, 10.0)  # between two attempts while the database is away: first and longest
STAND_BY_S = 2.0  # between two looks whether the city is still played by somebody else
ROUND_S = 5  # between two rounds of the staff
_LOCK = 0x706C6179  # “play” in ASCII: the advisory lock of a session, held by the one player of a city
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """How the city is played.

    Attributes:
        speed: how many times faster than life trucks drive, rain falls, people report and the staff works.
        fix_interval_s: seconds between two reports of a truck on duty.
        cases_per_day: reports on an average day.
        seed: of all chance; None takes the seed of the city.
        staff: whether cases are worked too; else they are all left to whoever sits at a desk.
        deviating: share of the hauls on which a truck leaves its route.
        silent: share of the hauls on which a terminal falls silent.
        hollow: share of the hauls on which a terminal is out of reach of the network for a while.
        truth: file to which every such event is added, one JSON object a line; None for none.
    """

    speed: float = 1.0
    fix_interval_s: int = 5
    cases_per_day: float = 600.0
    seed: int | None = None
    staff: bool = True
    deviating: float = 0.0
    silent: float = 0.0
    hollow: float = 0.0
    truth: Path | None = None


class Player:
    """One run of the play.

    What happens is decided in memory beat by beat. Trucks and sensors tell it to the gateway by their protocols;
    what people report is handed in as soon as the database takes it. While either is away the city goes on, and
    everything is told afterwards with the time at which it happened.

    A city has one player. Whoever comes later, for another window on the same database, stands by and takes over when
    the first has ended; the lock lives in the connection through which the player hands in, so that a dead player, or
    one that the server no longer hears, never keeps it.

    Args:
        engine: to the database, with a login of the role ``gateway``.
        pace: how it is played.
        gateway: the file that says where the gateway listens, to which trucks and sensors report.
        clock: tells the present.
        broker: through which sensors report instead; None for none.
    """

    def __init__(
        self, engine: Engine, pace: Pace, gateway: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        broker: str | None = None,
    ) -> None:  # fmt: skip
        self._engine = engine
        self._broker = broker
        self._gateway = gateway
        self._field: Field | None = None
        self._pace = pace
        self._clock = clock
        self._reports: deque[Report] = deque()
        self._away_since: datetime | None = None
        self._next_attempt = self._begun = self._reported_to = clock()
        self._wait_s = RETRY_S[0]
        self._connection: Connection | None = None

    def run(self, stop: threading.Event) -> None:
        """Play until `stop` is set.

        Raises:
            ConsoleError: the database holds no city, has another schema, or does not let us in.
        """
        try:
            while not stop.is_set():
                try:
                    if self.take_over():
                        self.begin()
                        self._play(stop)
                    else:
                        stop.wait(STAND_BY_S)
                except DatabaseAway as fault:
                    _log.warning("%s", fault)
                    stop.wait(RETRY_S[1])
        finally:
            self.close()

    def take_over(self) -> bool:
        """Become the city's player, unless another one plays it; returns whether we are.

        Raises:
            ConsoleError: the database does not let us in.
            DatabaseAway: the database cannot be reached.
        """
        return self._held() is not None

    def close(self) -> None:
        """Let somebody else play. May be called twice."""
        self._switch_off()
        self._let_go()

    def _switch_off(self) -> None:
        field, self._field = self._field, None
        if field is not None:
            field.close()
            self._weather.end()
            self._truth.of_weather(self._weather, self._play_s)

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # Given back to the pool, the connection would keep the lock.
            connection.invalidate()
            connection.close()

    def _held(self) -> Connection | None:
        """The connection that holds the lock, opened anew when it broke; None when another player holds the lock."""
        if self._connection is not None and not self._connection.invalidated:
            return self._connection
        self._let_go()
        connection = self._engine.connect()
        with connection.begin():
            is_ours = connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}).scalar_one()
        if not is_ours:
            connection.close()
            return None
        self._connection = connection
        return connection

    def _play(self, stop: threading.Event) -> None:
        """Beat until `stop` is set, or until another player holds the city."""
        started = time.monotonic()
        beat = 0
        while not stop.wait(max(started + beat * BEAT_S - time.monotonic(), 0.0)):
            if not self.beat():
                return
            # After a long halt (a suspended machine) beats are not made up for.
            beat = max(beat + 1, int((time.monotonic() - started) / BEAT_S))

    def begin(self) -> None:
        """Read the city and take up its trucks and sensors where they are.

        Raises:
            ConsoleError: as `run`.
            DatabaseAway: the database cannot be reached.
        """
        require_head(self._engine)
        with self._engine.connect() as connection:
            seed = self._seed(connection)
            now = self._clock()
            rng = np.random.default_rng([seed, int(now.timestamp())])
            self._trucks = Trucks(
                connection, rng, now, self._pace.fix_interval_s, deviating=self._pace.deviating,
                silent=self._pace.silent, hollow=self._pace.hollow,
            )  # fmt: skip
            terminals = identities(connection, self._trucks.ids.tolist())
            self._weather = Weather(connection, seed, now)
            self._people = Reports(connection, seed, self._pace.cases_per_day * self._pace.speed)
        token = wire(self._engine.url)
        with self._engine.connect() as connection:
            sources = sensor_sources(connection)
        self._switch_off()
        self._field = Field(Devices(terminals, sources, self._broker, token), self._gateway)
        self._field.start()
        mute = set(self._weather.ids.tolist()) - self._field.measured
        if mute:
            _log.warning("%d sensors have no device that is connected with them, and stay silent", len(mute))
        self._staff: Staff | None = Staff(self._engine, self._pace.speed) if self._pace.staff else None
        self._begun = self._next_attempt = now
        self._play_s = 0.0
        self._truth = Truth(self._pace.truth, now, self._pace.speed, self._pace.fix_interval_s)
        # The minute that has begun is reported from its beginning: what is filed already is not filed again.
        self._reported_to = now.replace(second=0, microsecond=0)
        _log.info(
            "%d trucks, %d sensors, %g cases a day", len(self._trucks), len(self._weather.ids), self._pace.cases_per_day
        )

    def beat(self) -> bool:
        """Let happen what has happened up to now, and hand in what waits.

        Returns:
            Whether the city is still ours; another player may have taken it over while the line was broken.

        Raises:
            ConsoleError: the login may not hand in what it hands in.
        """
        now = self._clock()
        play_s = (now - self._begun).total_seconds() * self._pace.speed
        number = int(now.timestamp())
        if self._field is not None:
            self._drive(self._field, play_s, now, number)
        readings = self._weather.step(self._begun.timestamp() + play_s, now, number)
        self._play_s = play_s
        self._truth.of_weather(self._weather, play_s)
        if self._field is not None:
            self._field.measure(readings)
        self._reports.extend(self._people.between(self._reported_to, now))
        self._reported_to = now
        return now < self._next_attempt or self._hand_in(now)

    def _drive(self, field: Field, play_s: float, now: datetime, number: int) -> None:
        """Let the trucks go on, as far as their terminals were told how to report, and report."""
        for vehicle, wishes in field.wishes().items():
            self._trucks.set_interval(vehicle, wishes.report_s, wishes.report_asleep_s)
        fixes = self._trucks.step(play_s, now, number, field.asked())
        self._truth.of_trucks(self._trucks)
        field.out_of_reach(self._trucks.out_of_reach(play_s))
        field.report(fixes)

    @property
    def waiting(self) -> int:
        """What the gateway or the database has not taken yet: positions, readings, reports."""
        return (self._field.waiting if self._field else 0) + len(self._reports)

    def _hand_in(self, now: datetime) -> bool:
        try:
            connection = self._held()
            if connection is None:
                # What waits happened in the other player's city in another way.
                _log.info("another player has taken over")
                self._reports.clear()
                self._switch_off()
                return False
            self._send(connection)
        except DatabaseAway as fault:
            if self._away_since is None:
                self._away_since = now
                _log.warning("%s The city goes on; it is handed in later.", fault)
            self._next_attempt = now + timedelta(seconds=self._wait_s)
            self._wait_s = min(self._wait_s * 2, RETRY_S[1])
            return True
        self._wait_s = RETRY_S[0]
        if self._away_since is not None:
            _log.info("the database is back after %.0f s", (now - self._away_since).total_seconds())
            self._away_since = None
        return True

    def _send(self, connection: Connection) -> None:
        """Hand in everything that waits, each batch and report in a transaction of its own; then the staff works."""
        while self._reports:
            report = self._reports[0]
            try:
                with connection.begin():
                    case_id = report_case(connection, report).id
                for shot in report.photos:
                    with connection.begin():
                        attach_photo(connection, case_id, report, shot)
            except Refused as fault:
                _log.warning("a report or a photo of it was refused: %s", fault)
            self._reports.popleft()
        beat = int(self._clock().timestamp())
        if beat % KEEP_S == 0:
            with connection.begin():
                keep(connection)
        if beat % ROUND_S == 0 and self._staff is not None:
            try:
                self._staff.round()
            except DatabaseAway:
                raise
            except ConsoleError as fault:
                _log.warning("nobody works the cases, which needs the demonstration logins: %s", fault)
                self._staff = None

    def _seed(self, connection: Connection) -> int:
        if connection.execute(text("SELECT NOT EXISTS (SELECT FROM city.vehicle_state)")).scalar_one():
            raise ConsoleError(
                QT_TRANSLATE_NOOP(
                    "errors",
                    "The database holds no city that could be played. Run “python -m console.database seed” first.",
                )
            )
        if self._pace.seed is not None:
            return self._pace.seed
        found = connection.execute(
            text("SELECT (value ->> 'seed')::bigint FROM city.setting WHERE name = 'demonstration'")
        ).scalar()
        return int(found) if found is not None else 1
