"""A GPS terminal as the gateway meets it: speaks JT/T 808 over TCP, and remembers what it was told."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from console.gateway.jt808 import messages as m
from console.gateway.jt808.framing import Framer, Header, Message, build, parse
from console.gateway.jt808.position import Position, Status, build_position

PATIENCE_S = 10.0


def position(
    at: datetime, *, longitude: float = 111.007, latitude: float = 35.0264, speed_kmh: float = 30.0
) -> Position:
    return Position(at, longitude, latitude, 368, speed_kmh, 92, status=Status.ACC | Status.FIXED | Status.FULL)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass
class Phone:
    """One terminal; `version` is None for the edition of 2013."""

    phone: str
    port: int
    version: int | None = None
    code: str = ""
    heard: list[Message] = field(default_factory=list)
    _serial: int = 0

    async def __aenter__(self) -> Phone:
        await self.dial()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()

    async def dial(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._framer = Framer()

    def header(self, message_id: int) -> Header:
        header = Header(message_id, self.phone, self._serial, self.version)
        self._serial = (self._serial + 1) % 0x10000
        return header

    def say(self, message_id: int, body: bytes = b"") -> int:
        header = self.header(message_id)
        pieces = m.split(header, body)
        self._serial = (header.serial + len(pieces)) % 0x10000
        self.writer.write(b"".join(map(build, pieces)))
        return header.serial

    async def hear(self) -> Message:
        """The next message; also when it came together with others."""
        while not self.heard:
            data = await asyncio.wait_for(self.reader.read(65536), PATIENCE_S)
            if not data:
                raise ConnectionError("the gateway has hung up")
            self.heard += [parse(frame) for frame in self._framer.feed(data)]
        return self.heard.pop(0)

    async def ask(self, message_id: int, body: bytes = b"") -> m.Ack:
        """Say something; the general answer to it."""
        serial = self.say(message_id, body)
        message = await self.hear()
        assert message.header.message_id == m.MessageId.PLATFORM_ACK
        ack = m.parse_ack(message.body)
        assert (ack.serial, ack.message_id) == (serial, message_id)
        return ack

    async def register(self) -> m.RegisterAnswer:
        said = m.Registration(14, 802, "CM", "YC-1", "0000001", 2, "晋M·D0001")
        self.say(m.MessageId.REGISTER, m.build_registration(said, self.version))
        answer = m.parse_register_answer((await self.hear()).body)
        self.code = answer.code or self.code
        return answer

    async def sign_in(self) -> None:
        """Register unless it has a code, authenticate."""
        if not self.code:
            assert (await self.register()).result == m.RegisterResult.OK
        body = m.build_authentication(m.Authentication(self.code), self.version)
        assert (await self.ask(m.MessageId.AUTHENTICATE, body)).result == m.AckResult.OK

    async def report(self, at: datetime, **place: float) -> m.Ack:
        return await self.ask(m.MessageId.POSITION, build_position(position(at, **place)))


def minutes_ago(minutes: float) -> datetime:
    return now() - timedelta(minutes=minutes)
