"""Messages of devices by HTTP: ``POST /readings`` with a token, one JSON message or a list of them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.gateway.arrivals import Arrival, Stamps, Way
from console.gateway.devices.message import MessageError, read_message
from console.models.field_intake import intake_tokens

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Engine

    from console.gateway.devices.known import KnownSensors
    from console.gateway.intake import Intake
    from console.gateway.line import Limits
    from console.models.field_intake import IntakeToken

MOST_BYTES = 1 << 20
MOST_MESSAGES = 1_000
BURST, A_MINUTE = 60.0, 600.0
"""Requests of one token, or failed ones of one address: at once, and a minute."""
BODY_S = 10.0
AGAIN_S = 5
MOST_SENDERS = 10_000


@dataclass
class KnownTokens:
    """Who may bring readings by HTTP; `engine` is a gateway's login."""

    engine: Engine
    _by_hash: dict[bytes, IntakeToken] = field(default_factory=dict)

    def load(self) -> None:
        """Read anew; to be called on any thread.

        Raises:
            ConsoleError: the database is away.
        """
        with self.engine.connect() as connection:
            self._by_hash = {token.hash: token for token in intake_tokens(connection)}

    def find(self, header: str) -> IntakeToken | None:
        """The token in a header ``Authorization``; only hashes of tokens are known here."""
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            return None
        return self._by_hash.get(hashlib.sha256(token.strip().encode()).digest())


@dataclass
class Rates:
    """How much each sender may still ask: a bucket that fills up by `A_MINUTE` and holds `BURST`."""

    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, sender: str, now: float) -> bool:
        """Whether `sender` may ask at `now`, seconds of a clock that only goes forward."""
        if len(self._buckets) > MOST_SENDERS:
            self._buckets.clear()
        left, since = self._buckets.get(sender, (BURST, now))
        left = min(BURST, left + (now - since) * A_MINUTE / 60)
        self._buckets[sender] = (left - 1 if left >= 1 else left, now)
        return left >= 1


@dataclass
class HttpIntake:
    """The door for devices without MQTT.

    Attributes:
        intake, sensors, tokens, counters, limits, now: as of the gateway.
    """

    intake: Intake
    sensors: KnownSensors
    tokens: KnownTokens
    counters: Counter[str]
    limits: Limits
    now: Callable[[], datetime]

    def __post_init__(self) -> None:
        self._rates = Rates()
        self._stamps = Stamps(self.now)
        self._runner: web.AppRunner | None = None

    async def open(self, host: str, port: int, context: ssl.SSLContext | None) -> int:
        """Listen; returns the port.

        Raises:
            OSError: the port is taken.
        """
        application = web.Application(middlewares=[self._admit], client_max_size=MOST_BYTES)
        application.router.add_post("/readings", self._readings)
        self._runner = web.AppRunner(application, access_log=None, keepalive_timeout=30.0, shutdown_timeout=5.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port, ssl_context=context).start()
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Answer what is being answered, and listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _admit(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        self.counters["http_requests"] += 1
        if not self.limits.admits(request.remote or ""):
            return self._refuse(403, "not_allowed", "this address may not bring readings")
        try:
            return await handler(request)
        except web.HTTPException as fault:
            return self._refuse(fault.status, f"{fault.status}", fault.reason)

    async def _readings(self, request: web.Request) -> web.StreamResponse:
        token = self.tokens.find(request.headers.get("Authorization", ""))
        sender = f"token {token.name}" if token is not None else f"address {request.remote}"
        if not self._rates.take(sender, asyncio.get_running_loop().time()):
            return self._refuse(429, "too_often", "too many requests: wait a few seconds", again=True)
        if token is None:
            return self._refuse(401, "unauthenticated", "a valid token is needed: Authorization: Bearer …")
        return await self._take(request, token)

    async def _take(self, request: web.Request, token: IntakeToken) -> web.StreamResponse:
        try:
            async with asyncio.timeout(BODY_S):
                said = json.loads(await request.read())
        except TimeoutError:
            return self._refuse(408, "too_slow", f"the message did not come within {BODY_S:.0f} s")
        except (ValueError, RecursionError):
            return self._refuse(400, "bad", "the body is no JSON")
        said = said if isinstance(said, list) else [said]
        if len(said) > MOST_MESSAGES:
            return self._refuse(413, "too_many", f"a request brings at most {MOST_MESSAGES} messages")
        if self.intake.is_full:
            return self._refuse(503, "full", "nothing can be kept now: send it again", again=True)
        return await self._keep(token, said, request.remote or "")

    async def _keep(self, token: IntakeToken, said: list[Any], peer: str) -> web.StreamResponse:
        loop = asyncio.get_running_loop()
        waits: list[asyncio.Future[bool]] = []
        refused: list[dict[str, Any]] = []
        for place, one in enumerate(said):
            try:
                arrival = self._arrival(token, one, peer)
            except MessageError as fault:
                refused.append({"index": place, "why": str(fault)})
                continue
            wait: asyncio.Future[bool] = loop.create_future()
            waits.append(wait)
            arrival.done = wait.set_result
            self.intake.put(arrival)
        self.counters["http_messages"] += len(said)
        self.counters["http_refused_messages"] += len(refused)
        kept = await asyncio.shield(asyncio.gather(*waits))
        if not all(kept):
            return self._refuse(503, "full", "nothing can be kept now: send it again", again=True)
        return web.json_response({"kept": len(kept), "refused": refused}, status=200 if kept or not said else 422)

    def _arrival(self, token: IntakeToken, said: Any, peer: str) -> Arrival:
        """What one message becomes.

        Raises:
            MessageError: it is none, or of a device that is not known or not this token's.
        """
        message = read_message(said)
        if not message.device:
            raise MessageError("“id” is missing")
        if token.devices is not None and message.device not in token.devices:
            raise MessageError("the token is not for this device")
        raw = json.dumps(said, ensure_ascii=False).encode()
        device = self.sensors.find(Way.HTTP, message.device)
        if device is None:
            self.sensors.note(Way.HTTP, message.device, (one.field for one in message.values), peer, raw)
            raise MessageError("the device is not known: the administrator has been told")
        received_at = self._stamps.next()
        readings = device.readings(message.values, received_at)
        return Arrival(received_at, Way.HTTP, device.owner_id, raw, (), readings)

    def _refuse(self, status: int, name: str, why: str, *, again: bool = False) -> web.Response:
        self.counters[f"http_{name}"] += 1
        headers = {"Retry-After": str(AGAIN_S)} if again else {}
        if status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return web.json_response({"why": why}, status=status, headers=headers)


def tls_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """How the door speaks TLS.

    Raises:
        ConsoleError: the certificate or its key cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as fault:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "The certificate {path} cannot be used: {fault}. Mend it or its key."),
            path=certificate,
            fault=fault.strerror or str(fault),
        ) from fault
    return context
