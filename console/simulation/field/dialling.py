"""A device that dials a gateway, and dials again when the line breaks."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass

PAUSE_S = (0.5, 15.0)
"""Between two attempts: the first one, doubled up to the longest."""
ANSWER_S = 30.0
"""So long an answer is waited for, then the line counts as dead; as long as JT/T 808 has it by default."""
CONNECT_S = 10.0
MOST_KEPT = 10_000
"""What a device keeps without a network, positions or readings; beyond that the oldest is lost."""
Reach = Callable[[], tuple[str, int] | None]
"""Tells address and port of the gateway, None while nobody knows."""


@dataclass(slots=True)
class Tally:
    """What became of what a device has to tell.

    Attributes:
        kept: acknowledged.
        refused: answered by a result that no repeating would mend.
        lost: for want of room.
    """

    kept: int = 0
    refused: int = 0
    lost: int = 0


class Dialler(asyncio.Protocol):
    """One device with one line.

    Args:
        reach: where the gateway is; asked anew before each attempt, since it may have moved meanwhile.
        pause_s: as `PAUSE_S`.

    Attributes:
        is_in: whether the gateway listens to it.
        tally: what became of what it has to tell.
        breaks: lines that have broken.
    """

    def __init__(self, reach: Reach, pause_s: tuple[float, float] = PAUSE_S) -> None:
        self._reach, self._pause_s = reach, pause_s
        self._transport: asyncio.Transport | None = None
        self._hung_up = asyncio.Event()
        self._in_reach = asyncio.Event()
        self._in_reach.set()
        self._was_in = self.is_in = False
        self._said_at = self._dialled_at = 0.0
        self.breaks = 0
        self.tally = Tally()

    async def run(self) -> None:
        """Keep a line to the gateway until cancelled."""
        loop = asyncio.get_running_loop()
        first, longest = self._pause_s
        pause = first
        try:
            while True:
                await self._in_reach.wait()
                address = self._reach()
                if address is not None:
                    with contextlib.suppress(OSError):  # and TimeoutError, which is one
                        await asyncio.wait_for(loop.create_connection(lambda: self, *address), CONNECT_S)
                        await self._hung_up.wait()
                if self._was_in:
                    pause = first
                self._was_in = False
                # Not the whole fleet at once.
                await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
                pause = min(2 * pause, longest)
        finally:
            self.hang_up()

    def go_out_of_reach(self) -> None:
        """The network is gone: the line breaks, and no other is tried until it is back."""
        self._in_reach.clear()
        self.hang_up()

    def come_back(self) -> None:
        """The network is back."""
        self._in_reach.set()

    def hang_up(self) -> None:
        """Break the line, if there is one."""
        if self._transport is not None:
            self._transport.abort()

    def look_after(self, now: float) -> None:
        """Give up a line on which nothing is answered; called every second or so with the time of the loop."""
        if self._transport is not None and not self.is_in and now - self._dialled_at > ANSWER_S:
            self.hang_up()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The line is up."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("devices speak over TCP")
        self._transport = transport
        self._hung_up.clear()
        self._dialled_at = asyncio.get_running_loop().time()
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """The line broke."""
        del exc
        self.breaks += self.is_in
        self._transport, self.is_in = None, False
        self._end()
        self._hung_up.set()

    def _let_in(self) -> None:
        """The gateway has accepted the device."""
        self.is_in = self._was_in = True

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._said_at = asyncio.get_running_loop().time()
            self._transport.write(data)

    def _begin(self) -> None:
        """Say what is said first on a new line."""
        raise NotImplementedError

    def _end(self) -> None:
        """Take back what was said and not answered."""
        raise NotImplementedError
