"""The gateway: listens to the field, keeps the intake running, and says what it is doing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.gateway.arrivals import Way
from console.gateway.devices.http import HttpIntake, KnownTokens
from console.gateway.devices.known import KnownSensors
from console.gateway.devices.message import decode as message_decode
from console.gateway.devices.mqtt import Subscriber
from console.gateway.intake import Intake
from console.gateway.jt808.commands import Commands
from console.gateway.jt808.contacts import ContactBook
from console.gateway.jt808.decoding import decode as jt808_decode
from console.gateway.jt808.directory import KnownTerminals
from console.gateway.jt808.session import Session as Jt808Session
from console.gateway.jt808.session import Terminals
from console.gateway.line import Limits
from console.gateway.listening import Listening
from console.gateway.monitors import Monitors
from console.gateway.sl651.decoding import decode as sl651_decode
from console.gateway.sl651.session import Session as Sl651Session
from console.gateway.sl651.session import Stations
from console.gateway.spool import Spool
from console.gateway.store import Store
from console.models.field_intake import forget_messages, report_gateway
from console.models.keeping import KEEP_S, keep

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path
    from ssl import SSLContext

    from sqlalchemy import Engine

    from console.gateway.arrivals import Arrival
    from console.gateway.line import Lines

BACKLOG = 1024  # a whole fleet dials in at once when the line is back
TEND_S = 1.0
COMMANDS_S = 0.5
CLOCK_OFF = timedelta(seconds=60)
"""A clock that is farther off than this is not gone by: good positions would seem to come from the future."""
REPORT_S = 5.0
FORGET_S = 3600.0
MONITOR_S = 0.5
AFTER_FAULT_S = 10.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ports:
    """Where the gateway listens.

    Attributes:
        host: address; all by default.
        jt808: TCP port for GPS terminals; 0 takes a free one.
        sl651: TCP port for hydrological stations; 0 takes a free one, None listens for none.
        http: TCP port for devices without MQTT; 0 takes a free one, None listens for none.
    """

    host: str = "0.0.0.0"  # noqa: S104 - terminals dial in from a network of their own
    jt808: int = 8080
    sl651: int | None = None
    http: int | None = None


@dataclass
class Gateway:
    """One gateway process.

    Args:
        engine: a gateway's login.
        spool_folder: where messages wait while the database is away.
        spool_bytes: the most that may wait there.
        ports: where to listen.
        limits: of each connection.
        name: under which it reports.
        tls: how devices are spoken to over HTTP; None speaks plainly.
        broker: address of an MQTT broker; None for none.
        topics: what is listened to there.
    """

    engine: Engine
    spool_folder: Path
    spool_bytes: int = 1 << 30
    ports: Ports = field(default_factory=Ports)
    limits: Limits = field(default_factory=Limits)
    name: str = field(default_factory=socket.gethostname)
    tls: SSLContext | None = None
    broker: str | None = None
    topics: tuple[str, ...] = ("ycsm/+/+/up",)

    def __post_init__(self) -> None:
        self.counters: Counter[str] = Counter()
        self.started_at = datetime.now(UTC)
        self._clock_off = timedelta(0)
        self.jt808_port = self.sl651_port = self.http_port = 0
        self._executor = ThreadPoolExecutor(2, thread_name_prefix="gateway")
        self._directory = KnownTerminals(self.engine, self._executor)
        self._sensors = KnownSensors(self.engine)
        self._tokens = KnownTokens(self.engine)
        self._spool = Spool(self.spool_folder, self.spool_bytes)
        self.monitors = Monitors(self.engine, self.name)
        self._judging = ThreadPoolExecutor(1, thread_name_prefix="monitors")
        self.intake: Intake
        self.terminals: Terminals
        self._every_lines: list[Lines] = []
        self._servers: list[asyncio.Server] = []
        self._http: HttpIntake | None = None
        self.subscriber: Subscriber | None = None

    async def run(self, stop: asyncio.Event, ready: Callable[[], None] = lambda: None) -> None:
        """Listen until `stop` is set; what has come in by then is stored or spooled.

        Raises:
            ConsoleError: a port is taken, or the database has no city.
        """
        loop = asyncio.get_running_loop()
        self.intake = Intake(Store(self.engine), self._decode, self._spool, loop.call_soon_threadsafe)
        await loop.run_in_executor(self._executor, self.reload)
        self.intake.start()
        try:
            await self._open()
            ready()
            await self._work(stop)
        finally:
            for server in self._servers:
                server.close()
            for lines in self._every_lines:
                for line in list(lines.every):
                    line.hold()  # else the intake would never come to an end of what comes in
            if self.subscriber is not None:
                await loop.run_in_executor(self._executor, self.subscriber.close)
            if self._http is not None:
                await self._http.close()
            await loop.run_in_executor(self._executor, self.intake.close)
            with contextlib.suppress(ConsoleError):  # away: what was not written is judged again
                await loop.run_in_executor(self._judging, self.monitors.close)
            self._judging.shutdown(wait=True)
            await asyncio.sleep(0)  # acknowledgements of the last batch go out
            for lines in self._every_lines:
                for line in list(lines.every):
                    line.close("gateway_stopped")
            for server in self._servers:
                await server.wait_closed()
            self._executor.shutdown(wait=True)

    @property
    def listening(self) -> Listening:
        """Where it listens, once it does."""
        return Listening(self.ports.host, self.jt808_port, self.sl651_port, self.http_port)

    async def _open(self) -> None:
        """Listen on every port."""
        self.terminals = Terminals(
            intake=self.intake, counters=self.counters, limits=self.limits, now=self.now, directory=self._directory
        )
        self._commands = Commands(self.engine, self._executor, self.terminals)
        self.terminals.answered = self._commands.answered
        self._contacts = ContactBook(self.engine, self._executor, self.terminals, self.name)
        self.jt808_port = await self._listen(partial(Jt808Session, self.terminals), self.terminals, self.ports.jt808)
        log.info("Listening for terminals on port %d", self.jt808_port)
        if self.ports.sl651 is not None:
            stations = Stations(
                intake=self.intake, counters=self.counters, limits=self.limits, now=self.now, sensors=self._sensors
            )
            self.sl651_port = await self._listen(partial(Sl651Session, stations), stations, self.ports.sl651)
            log.info("Listening for hydrological stations on port %d", self.sl651_port)

        if self.ports.http is not None:
            self._http = HttpIntake(self.intake, self._sensors, self._tokens, self.counters, self.limits, self.now)
            try:
                self.http_port = await self._http.open(self.ports.host, self.ports.http, self.tls)
            except OSError as fault:
                raise _taken(self.ports.http, fault) from fault
            log.info("Listening for devices by HTTP on port %d", self.http_port)
        if self.broker is not None:
            self.subscriber = Subscriber(
                self.broker,
                self.topics,
                f"yuncheng-{self.name}",
                self.intake,
                self._sensors,
                self.counters,
                self.now,
                asyncio.get_running_loop(),
            )
            self.subscriber.start()

    async def _listen(self, protocol: Callable[[], asyncio.Protocol], lines: Lines, port: int) -> int:
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(protocol, self.ports.host, port, backlog=BACKLOG)
        except OSError as fault:
            raise _taken(port, fault) from fault
        self._servers.append(server)
        self._every_lines.append(lines)
        return int(server.sockets[0].getsockname()[1])

    async def _work(self, stop: asyncio.Event) -> None:
        """Do what is due from time to time, until told to stop."""
        duties = [
            asyncio.create_task(self._every(TEND_S, self._tend)),
            asyncio.create_task(self._every(COMMANDS_S, self._commands.run)),
            asyncio.create_task(self._every(REPORT_S, self._report)),
            asyncio.create_task(self._every(MONITOR_S, self._monitor)),
            asyncio.create_task(self._every(KEEP_S, self._keep)),
            asyncio.create_task(self._every(FORGET_S, self._forget)),
        ]
        try:
            await stop.wait()
        finally:
            for duty in duties:
                duty.cancel()
            await asyncio.gather(*duties, return_exceptions=True)

    async def _every(self, seconds: float, duty: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await duty()
            except ConsoleError:
                pass  # the database is away: the intake says so
            except Exception:
                # A fault of ours in one duty must neither end it for good nor take the lines down.
                log.exception("The duty %s has failed; it is tried again", duty.__qualname__)
                self.counters["duties_failed"] += 1
                await asyncio.sleep(AFTER_FAULT_S)

    async def _tend(self) -> None:
        now = asyncio.get_running_loop().time()
        for lines in self._every_lines:
            for line in list(lines.every):
                line.look_after(now)

    async def _report(self) -> None:
        loop = asyncio.get_running_loop()
        state = {
            "name": self.name,
            "started_at": self.started_at,
            "terminals": len(self.terminals.sessions),
            "connections": sum(len(lines.every) for lines in self._every_lines),
            "waiting_rows": self.intake.waiting_rows,
            "spooled_bytes": self._spool.size,
            "counters": json.dumps({**self.counters, **self.intake.counters, **self.monitors.counters}),
        }

        def tell() -> None:
            self.reload()
            with self.engine.begin() as connection:
                self._set_clock(report_gateway(connection, **state))

        await loop.run_in_executor(self._executor, tell)
        self.terminals.part_from_strangers()
        await self._contacts.tell()

    def now(self) -> datetime:
        """The time by which what comes in is judged: that of this machine, unless the database's is quite another."""
        return datetime.now(UTC) - self._clock_off

    def _set_clock(self, at: datetime) -> None:
        """Go by the clock of the database, where it is `at` now, if the one here is off."""
        off = datetime.now(UTC) - at
        self.counters["clock_off_s"] = round(off.total_seconds())
        if abs(off) <= CLOCK_OFF:
            off = timedelta(0)
        elif abs(off - self._clock_off) > CLOCK_OFF:
            log.warning("The clock here is %.0f s off that of the database, which counts now", off.total_seconds())
        self._clock_off = off

    async def _keep(self) -> None:
        """What time itself does to the city, also while no console is open."""

        def see_to_it() -> None:
            with self.engine.begin() as connection:
                keep(connection)

        await asyncio.get_running_loop().run_in_executor(self._executor, see_to_it)

    async def _monitor(self) -> None:
        """Judge what has come in, until nothing waits."""
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(self._judging, self.monitors.run):
            pass

    async def _forget(self) -> None:
        def forget() -> None:
            with self.engine.begin() as connection:
                forget_messages(connection)

        await asyncio.get_running_loop().run_in_executor(self._executor, forget)

    def reload(self) -> None:
        """Read anew who may come in; to be called on any thread."""
        self._directory.load()
        self._sensors.load()
        self._tokens.load()

    def _decode(self, arrival: Arrival) -> Arrival:
        """Fill in what an arrival from the spool says."""
        if arrival.way is Way.JT808:
            return jt808_decode(arrival)
        return (sl651_decode if arrival.way is Way.SL651 else message_decode)(arrival, self._sensors)


def _taken(port: int, fault: OSError) -> ConsoleError:
    return ConsoleError(
        QT_TRANSLATE_NOOP("errors", "Port {port} cannot be listened on: {reason}. Choose another one."),
        port=port,
        reason=fault.strerror or str(fault),
    )
