"""Sensors that say their readings as JSON messages: by HTTP with a token, or through a broker of MQTT."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import random
from collections import deque
from typing import TYPE_CHECKING, Any

import aiohttp
from paho.mqtt.client import Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from console.gateway.devices.mqtt import KEEP_ALIVE_S, reach
from console.simulation.field.dialling import ANSWER_S, MOST_KEPT, PAUSE_S, Tally

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

    from console.models.field_intake import SensorSource

MOST_AT_ONCE = 100
MOST_REFUSALS = 5
"""Messages of which so often none was kept are given up; until then the administrator may still connect the device."""
_KEPT, _NOTHING_KEPT = 200, 422
log = logging.getLogger(__name__)


def message(source: SensorSource, at: datetime, value: float) -> dict[str, Any]:
    """What a device says of a reading in the sensor's unit."""
    said = round((value - source.shift) / source.factor, 3)
    return {"id": source.address, "ts": at.isoformat(timespec="seconds"), source.field: said, "q": 0}


class HttpDevice:
    """A device that posts its messages. Everything is called on the event loop.

    Args:
        source: which member of which device's message is the sensor's.
        url: tells where the gateway is; None while nobody knows.
        token: by which the device may post.

    Attributes:
        tally: what became of its messages.
    """

    def __init__(self, source: SensorSource, url: Callable[[], str | None], token: str) -> None:
        self.tally = Tally()
        self._source, self._url = source, url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._unsent: deque[dict[str, Any]] = deque()
        self._on_the_way: list[dict[str, Any]] = []
        self._refusals = 0
        self._news = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Messages that nobody has confirmed."""
        return len(self._unsent) + len(self._on_the_way)

    def measure(self, at: datetime, value: float) -> None:
        """Report a reading in the sensor's unit."""
        self._unsent.append(message(self._source, at, value))
        if len(self._unsent) > MOST_KEPT:
            self._unsent.popleft()
            self.tally.lost += 1
        self._news.set()

    async def run(self) -> None:
        """Post what there is to say until cancelled."""
        first, longest = PAUSE_S
        pause = first
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(ANSWER_S)) as session:
            while True:
                await self._news.wait()
                if await self._post(session):
                    pause = first
                else:
                    await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
                    pause = min(2 * pause, longest)
                if not self.waiting:
                    self._news.clear()

    async def _post(self, session: aiohttp.ClientSession) -> bool:
        """Post once; whether what was posted is done with."""
        url = self._url()
        if url is None:
            return False
        said = self._on_the_way
        said += [self._unsent.popleft() for _ in range(min(len(self._unsent), MOST_AT_ONCE - len(said)))]
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError):
            async with session.post(url, json=said, headers=self._headers) as answer:
                self._refusals += answer.status == _NOTHING_KEPT
                if answer.status == _KEPT or self._refusals >= MOST_REFUSALS:
                    self._refusals = 0
                    refused = len((await answer.json())["refused"])
                    self.tally.kept += len(said) - refused
                    self.tally.refused += refused
                    said.clear()
                    return True
                log.info("%s may not post yet: %d", self._source.address, answer.status)
        return False


class MqttDevices:
    """All devices that speak through one broker. May be called on any thread.

    Args:
        url: of the broker.

    Raises:
        ConsoleError: the address is none.

    Attributes:
        tally: what became of their messages; kept means taken by the broker.
    """

    def __init__(self, url: str) -> None:
        self.tally = Tally()
        self._client = Client(CallbackAPIVersion.VERSION2, f"field-{os.getpid()}-{id(self):x}", protocol=MQTTv311)
        self._client.max_queued_messages_set(MOST_KEPT)
        self._client.on_publish = self._on_publish
        self._client.connect_async(*reach(self._client, url), KEEP_ALIVE_S)
        self._said = 0

    @property
    def waiting(self) -> int:
        """Messages that the broker has not taken yet."""
        return self._said - self.tally.kept - self.tally.lost

    def start(self) -> None:
        """Connect in a thread of its own, now and whenever the line breaks."""
        self._client.loop_start()

    def close(self) -> None:
        """Leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def measure(self, source: SensorSource, at: datetime, value: float) -> None:
        """Report a reading in the sensor's unit."""
        self._said += 1
        told = self._client.publish(source.address, json.dumps(message(source, at, value)), qos=1)
        if told.rc == MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
            self.tally.lost += 1

    def _on_publish(
        self, _client: Client, _data: object, _mid: int, _reason: ReasonCode, _properties: Properties
    ) -> None:
        self.tally.kept += 1
