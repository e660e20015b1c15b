"""Messages of devices from an MQTT broker.

The session is persistent and of quality 1: the broker keeps what comes while the gateway is away, and gives a message
again until the gateway has said that it is kept, which it says only then.
"""

from __future__ import annotations

import logging
import ssl
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.gateway.arrivals import Arrival, Stamps, Way
from console.gateway.devices.message import MessageError, parse_message, with_topic

if TYPE_CHECKING:
    import asyncio
    from collections import Counter
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any

    from paho.mqtt.client import ConnectFlags, DisconnectFlags, MQTTMessage
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

    from console.gateway.devices.known import KnownSensors
    from console.gateway.intake import Intake

KEEP_ALIVE_S = 30
LONGEST_PAUSE_S = 30
AGAIN_S = 5.0
"""After so long it is tried again to keep what there was no room for; the broker sends little more meanwhile."""
_PORTS = {"mqtt": 1883, "mqtts": 8883}
log = logging.getLogger(__name__)


def reach(client: Client, url: str) -> tuple[str, int]:
    """Prepare `client` for the broker at `url`, also for losing it; its host and port.

    Raises:
        ConsoleError: the address is none.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
        parts = urlsplit("")
    if parts.scheme not in _PORTS or not host:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "The broker's address must be like mqtt://user@host:1883 or mqtts://host.")
        )
    if parts.username is not None:
        client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
    if parts.scheme == "mqtts":
        client.tls_set_context(ssl.create_default_context())
    client.reconnect_delay_set(1, LONGEST_PAUSE_S)
    return host, port or _PORTS[parts.scheme]


class Subscriber:
    """Listens to topics of one broker.

    Args:
        url: ``mqtt://user:password@host:1883``, or ``mqtts://`` for TLS with the machine's authorities.
        topics: filters of topics.
        client_id: under which the broker keeps the session.
        intake, sensors, counters, now: as of the gateway.
        loop: the loop on which `intake` tells what is kept.

    Raises:
        ConsoleError: the address is none.
    """

    def __init__(
        self,
        url: str,
        topics: tuple[str, ...],
        client_id: str,
        intake: Intake,
        sensors: KnownSensors,
        counters: Counter[str],
        now: Callable[[], datetime],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._topics, self._intake, self._sensors = topics, intake, sensors
        self._counters, self._stamps, self._loop = counters, Stamps(now), loop
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id, clean_session=False, protocol=MQTTv311, manual_ack=True
        )
        self._host, self._port = reach(self._client, url)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self.is_connected = False

    def start(self) -> None:
        """Connect in a thread of its own, now and whenever the line breaks."""
        self._client.connect_async(self._host, self._port, KEEP_ALIVE_S)
        self._client.loop_start()

    def close(self) -> None:
        """Leave the broker, which keeps the session."""
        self._client.disconnect()
        self._client.loop_stop()

    # In the client's thread

    def _on_connect(
        self, client: Client, _data: Any, _flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            self._counters["mqtt_refused"] += 1
            log.warning("The broker %s refuses: %s", self._host, reason)
            return
        self.is_connected = True
        self._counters["mqtt_connected"] += 1
        client.subscribe([(topic, 1) for topic in self._topics])

    def _on_disconnect(
        self, _client: Client, _data: Any, _flags: DisconnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        self.is_connected = False
        if reason.is_failure:
            log.warning("The line to the broker %s broke: %s", self._host, reason)

    def _on_message(self, client: Client, _data: Any, message: MQTTMessage) -> None:
        self._counters["mqtt_messages"] += 1
        payload = bytes(message.payload)
        raw = with_topic(message.topic, payload)
        acknowledge = partial(client.ack, message.mid, message.qos)
        try:
            said = parse_message(payload)
        except MessageError as fault:
            # It will not become better by being sent again.
            self._counters["mqtt_bad"] += 1
            log.debug("A message of %s is none: %s", message.topic, fault)
            acknowledge()
            return
        device = self._sensors.find(Way.MQTT, message.topic)
        if device is None:
            self._counters["mqtt_unknown"] += 1
            self._sensors.note(Way.MQTT, message.topic, (one.field for one in said.values), self._host, raw)
            acknowledge()
            return
        received_at = self._stamps.next()
        arrival = Arrival(received_at, Way.MQTT, device.owner_id, raw, (), device.readings(said.values, received_at))
        arrival.done = partial(self._on_kept, arrival, acknowledge)
        self._intake.put(arrival)

    # On the loop

    def _on_kept(self, arrival: Arrival, acknowledge: Callable[[], object], kept: bool) -> None:
        if kept:
            acknowledge()
        else:
            self._loop.call_later(AGAIN_S, self._intake.put, arrival)
