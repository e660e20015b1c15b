"""How the demonstration city's sensors come to be known: its administrator connects them, as in any city."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.database.faults import DatabaseAway
from console.errors import ConsoleError
from console.gateway.arrivals import Way
from console.models.demonstration import ADMINISTRATOR_LOGIN
from console.simulation.player.desk import signed_in

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection

TOKEN_NAME = "demonstration city"  # noqa: S105 - the name of it
STATIONS = 1_408_020_000
"""Station codes begin with the county's code of GB/T 2260."""
_SENSORS = text("""
    SELECT id, code, kind::text AS kind FROM city.sensor AS s
    WHERE NOT EXISTS (SELECT FROM city.sensor_source AS o WHERE o.sensor_id = s.id) ORDER BY id
""")
_CONNECT = text("SELECT city.connect_sensor(:way, :address, :field, :sensor_id)")
_log = logging.getLogger(__name__)


def wire(place: URL) -> str | None:
    """Let the administrator connect the sensors that nobody has connected, and issue the token of those that post.

    Level sensors report by SL 651, rain gauges by HTTP, and either by MQTT when there is a broker.

    Returns:
        The token; None when the demonstration's administrator may not sign in.

    Raises:
        DatabaseAway: the database at `place` cannot be reached.
    """
    try:
        with signed_in(place, ADMINISTRATOR_LOGIN) as connection:
            _connect(connection)
            connection.execute(text("SELECT city.revoke_intake_token(:name)"), {"name": TOKEN_NAME})
            token = connection.execute(text("SELECT city.issue_intake_token(:name)"), {"name": TOKEN_NAME})
            return str(token.scalar_one())
    except DatabaseAway:
        raise
    except ConsoleError as fault:
        _log.warning("sensors are not connected, which needs the demonstration logins: %s", fault)
        return None


def _connect(connection: Connection) -> None:
    for sensor in connection.execute(_SENSORS).all():
        if sensor.kind == "water_level":
            ways = [
                (Way.SL651, str(STATIONS + sensor.id), "39"),
                (Way.MQTT, f"ycsm/level/{sensor.code}/up", "level_cm"),
            ]
        else:
            ways = [(Way.HTTP, sensor.code, "rain_mm"), (Way.MQTT, f"ycsm/rain/{sensor.code}/up", "rain_mm")]
        for way, address, field in ways:
            connection.execute(_CONNECT, {"way": int(way), "address": address, "field": field, "sensor_id": sensor.id})
