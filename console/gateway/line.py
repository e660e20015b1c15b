"""A connection of a device over TCP: who may connect, how long it may be silent, when it is not read."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from console.gateway.arrivals import Stamps

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable
    from ipaddress import IPv4Network, IPv6Network

    from console.gateway.intake import Intake

MOST_FLAWS = 100
"""Flawed frames in a row after which a connection is closed."""
MOST_LINES = 4_000
"""Open connections of one protocol: a fleet twenty times as large as the city's."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """Who may connect, and what a connection may cost.

    Attributes:
        sign_in_s: from the connection until it is known whose it is, seconds.
        idle_s: between two whole frames.
        unfinished_s: from the first byte of a frame to its last.
        most_lines: open connections of one protocol.
        allowed: networks that may connect; every one when there is none.
    """

    sign_in_s: float = 60.0
    idle_s: float = 600.0
    unfinished_s: float = 60.0
    most_lines: int = MOST_LINES
    allowed: tuple[IPv4Network | IPv6Network, ...] = ()

    def admits(self, address: str) -> bool:
        """Whether that address may connect."""
        if not self.allowed:
            return True
        try:
            host = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(host, IPv6Address) and host.ipv4_mapped is not None:
            host = host.ipv4_mapped
        return any(host in network for network in self.allowed)


@dataclass(kw_only=True)
class Lines:
    """What all connections of one protocol share.

    Attributes:
        intake: takes what they bring.
        counters: of everything that has a name.
        limits: of each connection.
        prefix: of the names of its counters.
        every: all connections.
        now: the clock by which times are judged.
    """

    intake: Intake
    counters: Counter[str]
    limits: Limits = field(default_factory=Limits)
    prefix: str = ""
    every: set[Line] = field(default_factory=set)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def count(self, name: str, times: int = 1) -> None:
        """Count what has happened."""
        self.counters[self.prefix + name] += times


class Line(asyncio.Protocol):
    """One connection; a protocol takes what `_receive` is given and says by `_is_known` whether it knows who speaks."""

    def __init__(self, shared: Lines) -> None:
        self._lines = shared
        self._transport: asyncio.Transport
        self._address = ""
        self._flaws_in_a_row = 0
        self._heard = self._begun = self._connected = 0.0
        self._stamps = Stamps(shared.now)
        self._to_say: list[bytes] = []

    @property
    def address(self) -> str:
        """Where it connects from."""
        return self._address

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A device has connected."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("this protocol is spoken over TCP")
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self._address = str(peer[0]) if peer else ""
        self._connected = self._heard = asyncio.get_running_loop().time()
        self._lines.count("connections")
        if not self._lines.limits.admits(self._address):
            self.close("not_allowed")
        elif len(self._lines.every) >= self._lines.limits.most_lines:
            self.close("too_many")
        else:
            self._lines.every.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The line is closed."""
        if exc is not None:
            log.info("The line to %s broke: %s", self._address, exc)
        self._lines.every.discard(self)

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        if self._transport.is_closing():
            return
        self._receive(data, asyncio.get_running_loop().time())
        if self._flaws_in_a_row > MOST_FLAWS:
            self.close("flawed")
        elif self._lines.intake.is_full:
            self._transport.pause_reading()

    def look_after(self, now: float) -> None:
        """Close a connection that says nothing, or read on once there is room; called every second or so."""
        limits = self._lines.limits
        if not self._is_known and now - self._connected > limits.sign_in_s:
            self.close("no_sign_in")
        elif now - self._heard > limits.idle_s:
            self.close("idle")
        elif self._begun and now - self._begun > limits.unfinished_s:
            self.close("unfinished")
        elif not self._transport.is_reading() and not self._transport.is_closing() and not self._lines.intake.is_full:
            self._transport.resume_reading()

    def hold(self) -> None:
        """Hear no more: what has been said can still be answered."""
        if not self._transport.is_closing() and self._transport.is_reading():
            self._transport.pause_reading()

    def close(self, why: str) -> None:
        """Close the line; `why` is counted."""
        if not self._transport.is_closing():
            self._lines.count(f"closed_{why}")
            self._speak()
            self._transport.close()

    def _say(self, data: bytes) -> None:
        """Say something with all else that is said in this turn of the loop: many answers, one packet."""
        if not self._to_say:
            asyncio.get_running_loop().call_soon(self._speak)
        self._to_say.append(data)

    def _speak(self) -> None:
        if self._to_say and not self._transport.is_closing():
            self._transport.write(b"".join(self._to_say))
        self._to_say.clear()

    @property
    def _is_known(self) -> bool:
        raise NotImplementedError

    def _receive(self, data: bytes, now: float) -> None:
        raise NotImplementedError

    def _note_progress(self, now: float, *, whole: bool, between: bool) -> None:
        """Remember since when a frame has been unfinished: `whole` when frames came, `between` when none is begun."""
        if between:
            self._begun = 0.0
        elif whole or not self._begun:
            self._begun = now

    def _count_flaw(self, flaw: str) -> None:
        self._lines.count(f"flaw_{flaw}")
        self._flaws_in_a_row += 1
