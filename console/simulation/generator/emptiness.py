"""Whether a database holds a city; asked at every start, so that nothing of the generator is imported here."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from psycopg2 import sql
from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Every table that holds the city. Each is emptied in the transaction that fills it, so that its rows need no
# write-ahead log and count as vacuumed at once. `setting` has rows of the schema's own and is only added to.
TABLES = (
    *("zone", "subdistrict", "community", "unit_grid", "street"),
    *("department", "team", "staff", "shift", "roster", "calendar_day", "working_hours", "working_interval"),
    *("case_class", "filing_condition"),
    *("component", "manhole", "pipe", "gully", "outfall", "pump_station", "flood_point"),
    *("company", "work_site", "dump_site", "vehicle", "route_permit"),
    *("vehicle_fix", "vehicle_state", "trip", "vehicle_day"),
    *("sensor", "sensor_reading", "sensor_state", "alarm", "case_file", "case_event", "case_number"),
    *("case_attachment", "case_attachment_withdrawal"),
)  # fmt: skip


def is_empty(connection: Connection) -> bool:
    """Whether the database holds no city: none of its tables has a row, or a seeding did not come to its end."""
    return is_half_filled(connection) or first_filled(connection) is None


def is_half_filled(connection: Connection) -> bool:
    """Whether a seeding did not come to its end."""
    found = connection.execute(text("SELECT value ->> 'state' FROM city.setting WHERE name = 'demonstration'")).scalar()
    return found == "filling"


def first_filled(connection: Connection) -> str | None:
    """The first of `TABLES` that has a row; None when all are empty."""
    query = sql.SQL(" UNION ALL ").join(
        sql.SQL("(SELECT {} FROM {} LIMIT 1)").format(sql.Literal(table), sql.Identifier("city", table))
        for table in TABLES
    )
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return None if row is None else str(row[0])
