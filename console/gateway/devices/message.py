"""The message of a device with sensors, one JSON object (domain: project message).

``{"id": "WL-014", "ts": "2026-07-15T09:30:00+08:00", "level_cm": 18.4, "rain_mm": null, "batt_v": 3.58, "q": 0}``
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from console.gateway.arrivals import Arrival, Way
from console.gateway.devices.known import Measured

if TYPE_CHECKING:
    from console.gateway.devices.known import KnownSensors

MOST_BYTES = 16 << 10
MOST_MEMBERS = 64
_OWN = frozenset({"id", "ts", "seq", "q"})
_BAD = 2
_QUALITIES = range(4)
_TOPIC_END = b"\n"


class MessageError(ValueError):
    """A message that is none; its words say what to mend."""


@dataclass(frozen=True, slots=True)
class DeviceMessage:
    """What a device says.

    Attributes:
        device: its id; empty when it gives none.
        values: its measured values, in its own units.
    """

    device: str
    values: tuple[Measured, ...]


def parse_message(raw: bytes) -> DeviceMessage:
    """The message in `raw`.

    Raises:
        MessageError: it is no JSON object, or has no time with a zone.
    """
    if len(raw) > MOST_BYTES:
        raise MessageError(f"a message has at most {MOST_BYTES} bytes")
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError) as fault:
        raise MessageError("the message is no JSON") from fault
    return read_message(said)


def read_message(said: Any) -> DeviceMessage:
    """The message in a JSON value.

    Raises:
        MessageError: it is no object, or has no time with a zone.
    """
    if not isinstance(said, dict) or len(said) > MOST_MEMBERS:
        raise MessageError(f"a message is a JSON object of at most {MOST_MEMBERS} members")
    device = said.get("id", "")
    if not isinstance(device, str) or len(device) > 200 or "\x00" in device:
        raise MessageError("“id” is a text of at most 200 characters")
    at = _time(said.get("ts"))
    quality = said.get("q", 0)
    if quality not in _QUALITIES or isinstance(quality, bool):
        quality = _BAD  # whatever it wants to say, it is not that all is well
    values = (Measured(str(name), at, _number(one), int(quality)) for name, one in said.items() if name not in _OWN)
    return DeviceMessage(device, tuple(values))


def topic_and_payload(raw: bytes) -> tuple[str, bytes]:
    """What a message of MQTT is kept as: its topic, and behind the first line break its payload."""
    topic, _, payload = raw.partition(_TOPIC_END)
    return topic.decode(errors="replace"), payload


def with_topic(topic: str, payload: bytes) -> bytes:
    """A message of MQTT as it is kept."""
    return topic.encode() + _TOPIC_END + payload


def decode(arrival: Arrival, sensors: KnownSensors) -> Arrival:
    """An arrival from the spool with the readings that it says; none where it says nothing."""
    topic, payload = topic_and_payload(arrival.raw) if arrival.way is Way.MQTT else ("", arrival.raw)
    try:
        message = parse_message(payload)
    except MessageError:
        return arrival
    device = sensors.find(arrival.way, topic or message.device)
    if device is None:
        return arrival
    return replace(arrival, readings=device.readings(message.values, arrival.received_at))


def _time(words: Any) -> datetime:
    try:
        at = datetime.fromisoformat(words)
    except (TypeError, ValueError) as fault:
        raise MessageError("“ts” is a time like 2026-07-15T09:30:00+08:00") from fault
    if at.tzinfo is None:
        raise MessageError("“ts” needs its zone, like +08:00")
    try:
        at.timestamp()
    except (OverflowError, ValueError) as fault:
        raise MessageError("“ts” is a time like 2026-07-15T09:30:00+08:00") from fault
    return at


def _number(value: Any) -> float | None:
    """A figure; None for what is none, or none that can be told: it was not measured."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
