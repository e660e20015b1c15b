"""One connection of one GPS terminal: what it may say when, and what it hears (JT/T 808)."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol

from console.gateway.arrivals import Arrival, Doubt, Fix, Way, judge
from console.gateway.jt808 import messages
from console.gateway.jt808.decoding import WITH_POSITIONS, positions_of
from console.gateway.jt808.framing import FrameError, Framer, Header, Message, build, parse
from console.gateway.jt808.messages import Ack, AckResult, MessageId, RegisterAnswer, RegisterResult
from console.gateway.jt808.parts import Assembler
from console.gateway.line import Line, Lines

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

MOST_COMMANDS = 100
"""Commands of one terminal whose answers are waited for."""
MOST_REFUSED = 1_000
"""Refused terminals that are remembered until they are told to the database."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal that the city knows.

    Attributes:
        phone: its number without leading zeros.
        vehicle_id: the vehicle that it is built into.
        code: by which it authenticates; empty before its first registration.
    """

    phone: str
    vehicle_id: int
    code: str


@dataclass(slots=True)
class Contact:
    """What was met of a terminal since it was last told to the database.

    Attributes:
        address: where it connects from.
        heard: when it said something, by the clock of the loop, seconds.
        is_signed_in: whether its line is open.
        flaws: its faulty frames.
        replaced: how often a further line of its number took the place of an open one.
        told: what was `heard` and `is_signed_in` when it was told; empty before.
    """

    address: str
    heard: float
    is_signed_in: bool = True
    flaws: int = 0
    replaced: int = 0
    told: tuple[float, bool] | None = None


@dataclass(slots=True)
class Refusal:
    """A terminal of no vehicle that tried to authenticate: its edition, where from, how often."""

    is_2019: bool
    address: str
    attempts: int = 0


class Directory(Protocol):
    """Who may come in."""

    def find(self, phone: str) -> Terminal | None:
        """The terminal of that number (leading zeros do not count), if the city knows it."""

    def register(
        self, phone: str, said: messages.Registration, address: str, *, is_2019: bool
    ) -> Awaitable[tuple[RegisterResult, str]]:
        """Note what a terminal says of itself; the result, and the code if it is welcome."""


@dataclass(kw_only=True)
class Terminals(Lines):
    """What all connections of terminals share.

    Attributes:
        directory: who may come in.
        sessions: the connection of each authenticated terminal, by vehicle.
        answered: told what a terminal has answered to a command: its number and the result.
        contacts: what was met of each terminal that has authenticated, by number.
        refused: terminals of no vehicle that tried to authenticate, by number.
    """

    directory: Directory
    sessions: dict[int, Session] = field(default_factory=dict)
    answered: Callable[[int, int], None] = lambda _command_id, _result: None
    contacts: dict[str, Contact] = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)

    def part_from_strangers(self) -> None:
        """Close the lines of terminals that were blocked, withdrawn or built into another vehicle meanwhile."""
        for vehicle_id, session in list(self.sessions.items()):
            terminal = session.terminal
            known = None if terminal is None else self.directory.find(terminal.phone)
            if known is None or known.vehicle_id != vehicle_id:
                session.close("withdrawn")

    def note_refusal(self, phone: str, address: str, *, is_2019: bool) -> None:
        """Remember a terminal of no vehicle, for the administrator."""
        bare = phone.lstrip("0")
        if bare and (bare in self.refused or len(self.refused) < MOST_REFUSED):
            refusal = self.refused.setdefault(bare, Refusal(is_2019, address))
            refusal.address, refusal.is_2019 = address, is_2019
            refusal.attempts += 1


class Session(Line):
    """One connection. Every message has a defined answer; a flaw costs its own frame alone."""

    def __init__(self, shared: Terminals) -> None:
        super().__init__(shared)
        self._shared = shared
        self._framer = Framer()
        self._assembler = Assembler()
        self._terminal: Terminal | None = None
        self._serial = 0
        self._header: Header | None = None
        self._commands: dict[int, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # The line

    def connection_lost(self, exc: Exception | None) -> None:
        """The line is closed."""
        super().connection_lost(exc)
        if self._terminal is not None and self._shared.sessions.get(self._terminal.vehicle_id) is self:
            del self._shared.sessions[self._terminal.vehicle_id]
            self.note_contact(is_signed_in=False)
        for task in self._tasks:
            task.cancel()

    @property
    def terminal(self) -> Terminal | None:
        """Who it is, once authenticated."""
        return self._terminal

    @property
    def version(self) -> int | None:
        """The edition in which it speaks; None for that of 2013."""
        return None if self._header is None else self._header.version

    def note_contact(self, *, is_signed_in: bool = True, flaws: int = 0, replaced: int = 0) -> None:
        """Bring up to date what is known of the terminal, once it has authenticated."""
        if self._terminal is None:
            return
        contact = self._shared.contacts.setdefault(self._terminal.phone, Contact(self._address, self._heard))
        contact.address, contact.heard, contact.is_signed_in = self._address, self._heard, is_signed_in
        contact.flaws += flaws
        contact.replaced += replaced

    @property
    def _is_known(self) -> bool:
        return self._terminal is not None

    def _count_flaw(self, flaw: str) -> None:
        super()._count_flaw(flaw)
        self.note_contact(flaws=1)

    def _receive(self, data: bytes, now: float) -> None:
        frames = self._framer.feed(data)
        for flaw in self._framer.flaws:
            self._count_flaw(flaw)
        self._framer.flaws.clear()
        self._note_progress(now, whole=bool(frames), between=self._framer.is_between)
        for frame in frames:
            if self._transport.is_closing():
                return
            self._take(frame, now)

    # What is said to the terminal

    def send(self, message_id: int, body: bytes) -> int:
        """Say something to the terminal, in the edition in which it speaks; returns the serial number.

        Raises:
            ConnectionError: it has said nothing yet, so that nobody knows who it is.
        """
        if self._header is None:
            raise ConnectionError("the terminal has not spoken yet")
        serial = self._serial
        for message in messages.split(Header(message_id, self._header.phone, serial, self._header.version), body):
            self._say(build(message))
            self._serial = (message.header.serial + 1) % 0x10000
        return serial

    def command(self, command_id: int, message_id: int, body: bytes) -> None:
        """Say what a desk says, and remember under which serial number, since the terminal's answer names it."""
        if len(self._commands) >= MOST_COMMANDS:
            del self._commands[next(iter(self._commands))]
        self._commands[self.send(message_id, body)] = command_id

    def _answered(self, serial: int, result: int) -> None:
        command_id = self._commands.pop(serial, None)
        if command_id is not None:
            self._shared.answered(command_id, result)

    def _ack(self, header: Header, result: AckResult, serials: tuple[int, ...]) -> None:
        if self._transport.is_closing():
            return
        for serial in serials:
            answer = Header(MessageId.PLATFORM_ACK, header.phone, self._serial, header.version)
            self._say(build(Message(answer, messages.build_ack(Ack(serial, header.message_id, result)))))
            self._serial = (self._serial + 1) % 0x10000

    # What the terminal says

    def _take(self, frame: bytes, now: float) -> None:
        counters = self._shared.counters
        try:
            message = parse(frame)
        except FrameError as refused:
            self._count_flaw(refused.flaw)
            return
        self._heard = now
        self._header = message.header
        raw = frame
        serials: tuple[int, ...] = (message.header.serial,)
        if message.header.parts > 1:
            dropped = self._assembler.dropped
            whole = self._assembler.add(message, frame, now)
            counters["parts_dropped"] += self._assembler.dropped - dropped
            if whole is None:
                return
            message, raw, serials = whole.message, whole.raw, whole.serials
        try:
            self._understand(message, raw, serials)
            self._flaws_in_a_row = 0
        except FrameError as refused:
            self._count_flaw(refused.flaw)
            self._ack(message.header, AckResult.WRONG, serials)

    def _understand(self, message: Message, raw: bytes, serials: tuple[int, ...]) -> None:
        header = message.header
        self._shared.counters[f"message_{header.message_id:04x}"] += 1
        terminal = self._terminal
        if header.message_id == MessageId.REGISTER:
            self._register(header, messages.parse_registration(message))
        elif header.message_id == MessageId.AUTHENTICATE:
            self._authenticate(header, messages.parse_authentication(message))
        elif header.message_id == MessageId.HEARTBEAT and terminal is None:
            self._ack(header, AckResult.OK, serials)
        elif terminal is None or terminal.phone != header.phone.lstrip("0"):
            self._shared.counters["unauthenticated"] += 1
            self._ack(header, AckResult.FAILED, serials)
        elif header.message_id in WITH_POSITIONS:
            self._positions(terminal, message, raw, serials)
            if header.message_id == MessageId.POSITION_ANSWER:
                self._answered(messages.parse_position_answer(message.body)[0], AckResult.OK)
        else:
            self._keep(terminal, raw)
            self._converse(header, message.body, serials)

    def _converse(self, header: Header, body: bytes, serials: tuple[int, ...]) -> None:
        """What an authenticated terminal says besides positions."""
        if header.message_id == MessageId.HEARTBEAT:
            self._ack(header, AckResult.OK, serials)
        elif header.message_id == MessageId.TERMINAL_ACK:
            said = messages.parse_ack(body)
            # That a question has come says nothing yet: its answer will.
            if said.message_id != MessageId.ASK_POSITION or said.result != AckResult.OK:
                self._answered(said.serial, said.result)
        elif header.message_id == MessageId.LOG_OUT:
            self._ack(header, AckResult.OK, serials)
            self.close("logged_out")
        elif header.message_id != MessageId.PARAMETERS:  # an answer, which nothing answers
            self._shared.counters["unsupported"] += 1
            self._ack(header, AckResult.UNSUPPORTED, serials)

    def _keep(self, terminal: Terminal, raw: bytes) -> None:
        """Keep a message that says no position: in a dispute it tells what was heard and answered."""
        self._shared.intake.put(Arrival(self._stamps.next(), Way.JT808, terminal.vehicle_id, raw))

    def _register(self, header: Header, said: messages.Registration) -> None:
        async def answer() -> None:
            result, code = await self._shared.directory.register(
                header.phone, said, self._address, is_2019=header.version is not None
            )
            self._shared.counters[f"register_{result.name.lower()}"] += 1
            if not self._transport.is_closing():
                body = messages.build_register_answer(RegisterAnswer(header.serial, result, code))
                self.send(MessageId.REGISTER_ANSWER, body)

        task = asyncio.get_running_loop().create_task(answer())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _authenticate(self, header: Header, said: messages.Authentication) -> None:
        known = self._shared.directory.find(header.phone)
        if known is None or not known.code or not hmac.compare_digest(known.code.encode(), said.code.encode()):
            self._shared.counters["authentication_failed"] += 1
            if known is None:
                self._shared.note_refusal(header.phone, self._address, is_2019=header.version is not None)
            self._ack(header, AckResult.FAILED, (header.serial,))
            return
        before = self._shared.sessions.get(known.vehicle_id)
        if before is not None and before is not self:
            # The terminal has dialled in anew; the older line is dead or somebody else's.
            before.close("replaced")
        self._terminal = known
        self._shared.sessions[known.vehicle_id] = self
        self.note_contact(replaced=before is not None and before is not self)
        self._ack(header, AckResult.OK, (header.serial,))

    def _positions(self, terminal: Terminal, message: Message, raw: bytes, serials: tuple[int, ...]) -> None:
        counters = self._shared.counters
        positions, spoilt = positions_of(message)
        counters["spoilt_entries"] += spoilt
        received_at = self._stamps.next()
        fixes = tuple(Fix(terminal.vehicle_id, position, judge(position, received_at)) for position in positions)
        for fix in fixes:
            if fix.doubt is not Doubt.NONE:
                for doubt in fix.doubt:
                    counters[f"doubt_{str(doubt.name).lower()}"] += 1
        done = partial(self._on_kept, message.header, serials)
        self._shared.intake.put(Arrival(received_at, Way.JT808, terminal.vehicle_id, raw, fixes, done=done))

    def _on_kept(self, header: Header, serials: tuple[int, ...], kept: bool) -> None:
        if kept:
            self._ack(header, AckResult.OK, serials)
