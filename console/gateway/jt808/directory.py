"""The terminals that the city knows, kept in memory, and those that ask to be known."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING

from console.errors import ConsoleError
from console.gateway.jt808.messages import RegisterResult
from console.gateway.jt808.session import Terminal
from console.models.field_intake import known_terminals, register_terminal

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from sqlalchemy import Engine

    from console.gateway.jt808.messages import Registration

log = logging.getLogger(__name__)


class KnownTerminals:
    """Reads and writes through `executor`, so that no connection waits for the database.

    While the database is away, who is known stays known, and nobody new is admitted.
    """

    def __init__(self, engine: Engine, executor: Executor) -> None:
        self._engine = engine
        self._executor = executor
        self._known: dict[str, Terminal] = {}
        self._registered: dict[str, Terminal] = {}
        self._lock = threading.Lock()

    def load(self) -> None:
        """Read anew who is known; to be called on any thread.

        Raises:
            ConsoleError: the database is away.
        """
        with self._lock:
            registered: dict[str, Terminal] = {}
            self._registered = registered
        with self._engine.connect() as connection:
            found = known_terminals(connection)
        known = {row.phone: Terminal(row.phone, row.vehicle_id, row.code) for row in found}
        with self._lock:
            # Who registered meanwhile has a code that was not there yet when this was read.
            self._known = known | registered

    def find(self, phone: str) -> Terminal | None:
        """The terminal of that number; leading zeros do not count."""
        return self._known.get(phone.lstrip("0"))

    async def register(
        self, phone: str, said: Registration, address: str, *, is_2019: bool
    ) -> tuple[RegisterResult, str]:
        """Note what a terminal says of itself; the result, and the code if it is welcome."""
        loop = asyncio.get_running_loop()
        try:
            known = await loop.run_in_executor(self._executor, self._register, phone, said, address, is_2019)
        except ConsoleError as fault:
            log.warning("The registration of %s waits for the database: %s", phone, fault)
            return RegisterResult.NO_SUCH_TERMINAL, ""
        if known is None:
            return RegisterResult.NO_SUCH_TERMINAL, ""
        with self._lock:
            self._known[known.phone] = self._registered[known.phone] = known
        return RegisterResult.OK, known.code

    def _register(self, phone: str, said: Registration, address: str, is_2019: bool) -> Terminal | None:
        with self._engine.begin() as connection:
            row = register_terminal(
                connection,
                phone=phone,
                is_2019=is_2019,
                province=said.province,
                county=said.county,
                maker=said.maker,
                model=said.model,
                terminal_id=said.terminal_id,
                plate=said.plate,
                plate_colour=said.plate_colour,
                address=address or None,
            )
        return None if row is None else Terminal(row.phone, row.vehicle_id, row.code)
