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
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.gateway.arrivals import Way
from console.gateway.intake import Intake
from console.gateway.jt808 import decoding
from console.gateway.jt808.directory import KnownTerminals
from console.gateway.jt808.session import Limits, Session, Terminals
from console.gateway.spool import Spool
from console.gateway.store import Store
from console.models.cases.moves import keep
from console.models.field_intake import forget_messages, report_gateway

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from sqlalchemy import Engine

    from console.gateway.arrivals import Arrival

BACKLOG = 1024  # a whole fleet dials in at once when the line is back
TEND_S = 1.0
REPORT_S = 5.0
KEEP_S = 60.0
FORGET_S = 3600.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ports:
    """Where the gateway listens.

    Attributes:
        host: address; all by default.
        jt808: TCP port for GPS terminals; 0 takes a free one.
    """

    host: str = "0.0.0.0"  # noqa: S104 - terminals dial in from a network of their own
    jt808: int = 8080


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
    """

    engine: Engine
    spool_folder: Path
    spool_bytes: int = 1 << 30
    ports: Ports = field(default_factory=Ports)
    limits: Limits = field(default_factory=Limits)
    name: str = field(default_factory=socket.gethostname)

    def __post_init__(self) -> None:
        self.counters: Counter[str] = Counter()
        self.started_at = datetime.now(UTC)
        self.jt808_port = 0
        self._executor = ThreadPoolExecutor(2, thread_name_prefix="gateway")
        self._directory = KnownTerminals(self.engine, self._executor)
        self._spool = Spool(self.spool_folder, self.spool_bytes)
        self.intake: Intake
        self.terminals: Terminals

    async def run(self, stop: asyncio.Event, ready: Callable[[], None] = lambda: None) -> None:
        """Listen until `stop` is set; what has come in by then is stored or spooled.

        Raises:
            ConsoleError: a port is taken, or the database has no city.
        """
        loop = asyncio.get_running_loop()
        self.intake = Intake(Store(self.engine), _decode, self._spool, loop.call_soon_threadsafe)
        self.terminals = Terminals(self._directory, self.intake, self.counters, self.limits)
        await loop.run_in_executor(self._executor, self._directory.load)
        server = await self._listen(loop)
        self.jt808_port = server.sockets[0].getsockname()[1]
        self.intake.start()
        ready()
        log.info("Listening for terminals on port %d", self.jt808_port)
        duties = [
            asyncio.create_task(self._every(TEND_S, self._tend)),
            asyncio.create_task(self._every(REPORT_S, self._report)),
            asyncio.create_task(self._every(KEEP_S, self._keep)),
            asyncio.create_task(self._every(FORGET_S, self._forget)),
        ]
        try:
            await stop.wait()
        finally:
            server.close()
            for duty in duties:
                duty.cancel()
            await asyncio.gather(*duties, return_exceptions=True)
            await loop.run_in_executor(self._executor, self.intake.close)
            await asyncio.sleep(0)  # acknowledgements of the last batch go out
            for session in list(self.terminals.every):
                session.close("gateway_stopped")
            await server.wait_closed()
            self._executor.shutdown(wait=True)

    async def _listen(self, loop: asyncio.AbstractEventLoop) -> asyncio.Server:
        try:
            return await loop.create_server(
                partial(Session, self.terminals), self.ports.host, self.ports.jt808, backlog=BACKLOG
            )
        except OSError as fault:
            raise ConsoleError(
                QT_TRANSLATE_NOOP("errors", "Port {port} cannot be listened on: {reason}. Choose another one."),
                port=self.ports.jt808,
                reason=fault.strerror or str(fault),
            ) from fault

    async def _every(self, seconds: float, duty: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            with contextlib.suppress(ConsoleError):  # the database is away: the intake says so
                await duty()

    async def _tend(self) -> None:
        now = asyncio.get_running_loop().time()
        for session in list(self.terminals.every):
            session.look_after(now)

    async def _report(self) -> None:
        loop = asyncio.get_running_loop()
        state = {
            "name": self.name,
            "started_at": self.started_at,
            "terminals": len(self.terminals.sessions),
            "connections": len(self.terminals.every),
            "waiting_rows": self.intake.waiting_rows,
            "spooled_bytes": self._spool.size,
            "counters": json.dumps({**self.counters, **self.intake.counters}),
        }

        def tell() -> None:
            self._directory.load()
            with self.engine.begin() as connection:
                report_gateway(connection, **state)

        await loop.run_in_executor(self._executor, tell)

    async def _keep(self) -> None:
        """What time itself does to cases, also while no console is open."""

        def see_to_cases() -> None:
            with self.engine.begin() as connection:
                keep(connection)

        await asyncio.get_running_loop().run_in_executor(self._executor, see_to_cases)

    async def _forget(self) -> None:
        def forget() -> None:
            with self.engine.begin() as connection:
                forget_messages(connection)

        await asyncio.get_running_loop().run_in_executor(self._executor, forget)


def _decode(arrival: Arrival) -> Arrival:
    """Fill in what an arrival from the spool says."""
    return decoding.decode(arrival) if arrival.way is Way.JT808 else arrival
