"""Messages from the field as they came, for disputes: those of one truck or sensor in a period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

MOST = 5_000
"""Frames of a period that are shown; more of them need a shorter period."""


@dataclass(frozen=True)
class RawMessage:
    """One message as it came.

    Attributes:
        received_at: when.
        way: 1 JT/T 808, 2 SL 651, 3 MQTT, 4 HTTP.
        raw: without the marks around it; parts of one message are joined by a mark.
    """

    received_at: datetime
    way: int
    raw: bytes


_OF_VEHICLE = text("""
    SELECT received_at, way, raw FROM city.raw_message
    WHERE owner_id = :id AND way = 1 AND received_at >= :start AND received_at < :end ORDER BY received_at LIMIT :most
""")
# The messages of a device are kept under the first of its sensors.
_OF_SENSOR = text("""
    SELECT m.received_at, m.way, m.raw FROM city.raw_message AS m
    WHERE m.way > 1 AND m.owner_id IN (
        SELECT CAST(:id AS integer)
        UNION SELECT min(o.sensor_id) FROM city.sensor_source AS s
            JOIN city.sensor_source AS o ON o.way = s.way AND o.address = s.address
            WHERE s.sensor_id = :id GROUP BY s.way, s.address
    ) AND m.received_at >= :start AND m.received_at < :end ORDER BY m.received_at LIMIT :most
""")


def messages(
    connection: Connection, subject: str, owner_id: int, start: datetime, end: datetime
) -> tuple[list[RawMessage], bool]:
    """The first `MOST` messages of a ``vehicle`` or ``sensor`` from `start` on, before `end`; are there more?"""
    query = _OF_VEHICLE if subject == "vehicle" else _OF_SENSOR
    given = {"id": owner_id, "start": start, "end": end, "most": MOST + 1}
    found = [RawMessage(row.received_at, row.way, bytes(row.raw)) for row in connection.execute(query, given)]
    return found[:MOST], len(found) > MOST
