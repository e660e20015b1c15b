"""The gateways through which trucks and sensors report, as each last said of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

GONE_S = 15.0
"""A gateway says every 5 s that it lives: three times in a row are not lost by chance."""


@dataclass(frozen=True)
class GatewayState:
    """One gateway.

    Attributes:
        name: its own, that of its host unless configured.
        age_s: since it last said that it lives, seconds by the clock of the database.
        terminals: signed in at it.
        waiting_rows: in its memory.
        spooled_bytes: on its disk, because the database is away for it.
    """

    name: str
    age_s: float
    terminals: int
    waiting_rows: int
    spooled_bytes: int

    def is_gone(self, later_s: float = 0.0) -> bool:
        """Whether it has not been heard for too long, `later_s` after this was read."""
        return self.age_s + later_s > GONE_S


@dataclass(frozen=True)
class GatewayRow:
    """One gateway as the administrator sees it.

    Attributes:
        name: its own, that of its host unless configured.
        at: when it last said that it lives.
        lives: whether that is not longer ago than `GONE_S`.
        started_at: since when it counts.
        terminals: GPS terminals that are signed in.
        connections: open lines of terminals and stations.
        waiting_rows: rows in its memory.
        spooled_bytes: on its disk, because the database is away for it.
        counters: how often it has met what, by the names of the page on the gateway.
    """

    name: str
    at: datetime
    lives: bool
    started_at: datetime
    terminals: int
    connections: int
    waiting_rows: int
    spooled_bytes: int
    counters: dict[str, int]


def gateway_rows(connection: Connection) -> list[GatewayRow]:
    """All gateways that have ever reported, with their counters; those that live first."""
    query = text("""
        SELECT name, at, at > clock_timestamp() - make_interval(secs => :gone_s) AS lives, started_at, terminals,
            connections, waiting_rows, spooled_bytes, counters
        FROM city.gateway_state ORDER BY lives DESC, name
    """)
    return [GatewayRow(**row) for row in connection.execute(query, {"gone_s": GONE_S}).mappings()]


def gateways(connection: Connection) -> list[GatewayState]:
    """Those that were heard within a day, the freshest first; the last one if there was none."""
    query = text("""
        SELECT name, extract(epoch FROM clock_timestamp() - at)::double precision AS age_s, terminals, waiting_rows,
            spooled_bytes
        FROM city.gateway_state ORDER BY at DESC LIMIT 20
    """)
    found = [GatewayState(**row) for row in connection.execute(query).mappings()]
    day_s = 86_400.0
    return [one for one in found if one.age_s < day_s] or found[:1]
