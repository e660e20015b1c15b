"""A GPS terminal of JT/T 808: registers, authenticates, reports, obeys, and keeps what nobody has acknowledged."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from console.gateway.jt808 import messages as m
from console.gateway.jt808.framing import FrameError, Framer, Header, Message, build, parse
from console.gateway.jt808.position import Alarm, build_position
from console.simulation.field.dialling import ANSWER_S, MOST_KEPT, PAUSE_S, Dialler

if TYPE_CHECKING:
    from console.gateway.jt808.position import Position
    from console.simulation.field.dialling import Reach

MOST_AHEAD = 2
"""Messages with positions whose acknowledgement is waited for; what comes meanwhile goes as a batch."""
BATCH_2013, BATCH_2019 = 20, 50
"""Positions of one batch: of 2013 as many as one frame carries, of 2019 as many as take several."""
HEARTBEAT_S = 60
PROVINCE, COUNTY = 14, 802  # GB/T 2260: Shanxi, Yanhu
MAKER, MODEL = "SIM", "YC-808"
_KNOWN = frozenset(m.Parameters)
_UNDERSTOOD = (m.MessageId.TEXT, m.MessageId.SET_PARAMETERS)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Identity:
    """Who a terminal is.

    Attributes:
        phone: number as its edition writes it, 12 or 20 digits.
        version: protocol version of the edition of 2019, None for that of 2013.
        plate, plate_colour: of the truck that it is built into; the colour is a code of JT/T 808.
    """

    phone: str
    version: int | None
    plate: str
    plate_colour: int = 2


@dataclass(slots=True)
class _Said:
    """Positions that are on the way: the serial numbers that must still be acknowledged, and when they were said."""

    positions: list[Position]
    serials: set[int]
    at: float


@dataclass
class Obeyed:
    """What a terminal was told to do.

    Attributes:
        parameters: number and value of each that was set.
        questions: serial numbers of questions for a position that are not yet answered.
        texts: how many texts the driver has heard.
    """

    parameters: dict[int, int] = field(default_factory=dict)
    questions: list[int] = field(default_factory=list)
    texts: int = 0


class Terminal(Dialler):
    """One terminal. Everything is called on the event loop.

    Args:
        identity: who it is.
        reach, pause_s: as of `Dialler`.
    """

    def __init__(self, identity: Identity, reach: Reach, pause_s: tuple[float, float] = PAUSE_S) -> None:
        super().__init__(reach, pause_s)
        self.identity = identity
        self.obeyed = Obeyed()
        self._batch = BATCH_2013 if identity.version is None else BATCH_2019
        self._code = ""
        self._serial = 0
        self._framer = Framer()
        self._unsent: deque[Position] = deque()
        self._said: deque[_Said] = deque()

    @property
    def waiting(self) -> int:
        """Positions that nobody has acknowledged."""
        return len(self._unsent) + sum(len(said.positions) for said in self._said)

    def report(self, position: Position) -> None:
        """Report a position, now or when the gateway can be reached."""
        limit = self.obeyed.parameters.get(m.Parameters.SPEED_LIMIT_KMH)
        if limit is not None and position.speed_kmh > limit:
            position.alarm |= Alarm.OVERSPEED
        questions, self.obeyed.questions = self.obeyed.questions, []
        if questions and self.is_in:
            for serial in questions:
                answer = self._say(m.MessageId.POSITION_ANSWER, m.build_position_answer(serial, position))
            self._note([position], answer)
            return
        self._unsent.append(position)
        if len(self._unsent) > MOST_KEPT:
            self._unsent.popleft()
            self.tally.lost += 1
        self._send_on()

    def look_after(self, now: float) -> None:
        """Say that it lives when it has said nothing for long; give up a line that answers nothing."""
        super().look_after(now)
        if not self.is_in:
            return
        if self._said and now - self._said[0].at > ANSWER_S:
            self.hang_up()
        elif now - self._said_at >= self.obeyed.parameters.get(m.Parameters.HEARTBEAT_S, HEARTBEAT_S):
            self._say(m.MessageId.HEARTBEAT, b"")

    # The line

    def _begin(self) -> None:
        self._framer = Framer()
        if self._code:
            self._authenticate()
        else:
            self._register()

    def _end(self) -> None:
        for said in reversed(self._said):
            self._unsent.extendleft(reversed(said.positions))
        self._said.clear()
        self.obeyed.questions.clear()

    def data_received(self, data: bytes) -> None:
        """The gateway has said something."""
        for frame in self._framer.feed(data):
            try:
                self._hear(parse(frame))
            except FrameError as fault:
                log.warning("The gateway says to %s what is none: %s", self.identity.phone, fault)

    def _register(self) -> None:
        # Seven characters, as long as the edition of 2013 has them.
        said = m.Registration(
            PROVINCE, COUNTY, MAKER, MODEL, self.identity.phone[-7:], self.identity.plate_colour, self.identity.plate
        )
        self._say(m.MessageId.REGISTER, m.build_registration(said, self.identity.version))

    def _authenticate(self) -> None:
        said = m.Authentication(self._code, self.identity.phone[-15:], MODEL)
        self._say(m.MessageId.AUTHENTICATE, m.build_authentication(said, self.identity.version))

    def _say(self, message_id: int, body: bytes) -> tuple[int, ...]:
        """Say a message, in parts if it is long; returns their serial numbers."""
        header = Header(message_id, self.identity.phone, self._serial, self.identity.version)
        parts = m.split(header, body)
        self._serial = (self._serial + len(parts)) % 0x10000
        self._write(b"".join(map(build, parts)))
        return tuple(part.header.serial for part in parts)

    # What it reports

    def _send_on(self) -> None:
        """Say what waits: one position as such, several as batches, few messages ahead of their acknowledgement."""
        while self.is_in and self._unsent and len(self._said) < MOST_AHEAD:
            positions = [self._unsent.popleft() for _ in range(min(len(self._unsent), self._batch))]
            if len(positions) == 1:
                serials = self._say(m.MessageId.POSITION, build_position(positions[0]))
            else:
                serials = self._say(m.MessageId.POSITION_BATCH, m.build_batch(m.PositionBatch(True, tuple(positions))))
            self._note(positions, serials)

    def _note(self, positions: list[Position], serials: tuple[int, ...]) -> None:
        self._said.append(_Said(positions, set(serials), asyncio.get_running_loop().time()))

    # What it hears

    def _hear(self, message: Message) -> None:
        header = message.header
        if header.message_id == m.MessageId.REGISTER_ANSWER:
            answer = m.parse_register_answer(message.body)
            if answer.result == m.RegisterResult.OK:
                self._code = answer.code
                self._authenticate()
            else:
                log.warning("The gateway refuses to register %s: %d", self.identity.phone, answer.result)
                self.hang_up()
        elif header.message_id == m.MessageId.PLATFORM_ACK:
            self._acknowledged(m.parse_ack(message.body))
        elif header.message_id == m.MessageId.ASK_POSITION:
            self.obeyed.questions.append(header.serial)
        else:
            result = self._obey(message) if header.message_id in _UNDERSTOOD else m.AckResult.UNSUPPORTED
            self._say(m.MessageId.TERMINAL_ACK, m.build_ack(m.Ack(header.serial, header.message_id, result)))

    def _acknowledged(self, ack: m.Ack) -> None:
        if ack.message_id == m.MessageId.AUTHENTICATE:
            if ack.result == m.AckResult.OK:
                self._let_in()
                self._send_on()
            else:
                self._code = ""  # it was forgotten: a new one is asked for on the next line
                self.hang_up()
            return
        said = next((said for said in self._said if ack.serial in said.serials), None)
        if said is None:
            return
        if ack.result == m.AckResult.FAILED:
            self.hang_up()  # it no longer knows us: sign in anew
            return
        said.serials.discard(ack.serial)
        if ack.result != m.AckResult.OK:
            said.serials.clear()
            self.tally.refused += len(said.positions)
        elif not said.serials:
            self.tally.kept += len(said.positions)
        if not said.serials:
            self._said.remove(said)
            self._send_on()

    def _obey(self, message: Message) -> m.AckResult:
        try:
            if message.header.message_id == m.MessageId.TEXT:
                words = m.parse_text(message.body, message.header.version)
                log.debug("The driver of %s hears: %s", self.identity.plate, words)
                self.obeyed.texts += 1
                return m.AckResult.OK
            wanted = m.parse_parameters(message.body)
        except FrameError:
            return m.AckResult.WRONG
        for one in wanted:
            if one.number in _KNOWN:
                self.obeyed.parameters[one.number] = int.from_bytes(one.value, "big")
        return m.AckResult.OK if all(one.number in _KNOWN for one in wanted) else m.AckResult.UNSUPPORTED
