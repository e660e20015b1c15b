"""The ways into the city that the player uses: the public intake functions, as a gateway calls them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import text

from console.database.tuning import TIME_ZONE
from console.models.cases import evidence
from console.simulation.photos import degrees, take

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from console.simulation.photos import PhotoShot
    from console.simulation.player.reports import Report
    from console.simulation.player.trucks import Fixes
    from console.simulation.player.weather import Readings

CITY = ZoneInfo(TIME_ZONE)
TAKEN_BEFORE = timedelta(seconds=90)  # first the photos, then the words
MOST_MB = 1.0

_FIXES = text("""
    SELECT city.record_fixes(
        CAST(:vehicle_ids AS integer[]), CAST(:ats AS timestamptz[]), CAST(:xs AS double precision[]),
        CAST(:ys AS double precision[]), CAST(:speeds_kmh AS real[]), CAST(:headings AS smallint[]),
        CAST(:loads AS city.load_state[]), CAST(:lids_closed AS boolean[]), CAST(:mileages_m AS integer[]),
        CAST(:alarm_bits AS integer[]), CAST(:ignitions AS boolean[])
    )
""")
_READINGS = text("""
    SELECT city.record_readings(
        CAST(:sensor_ids AS smallint[]), CAST(:ats AS timestamptz[]), CAST(:readings AS real[]),
        CAST(:qualities AS smallint[])
    )
""")


def record_fixes(connection: Connection, fixes: Fixes) -> int:
    """Hand in positions; returns how many were new.

    Raises:
        ConsoleError: the database is away, or the login may not.
    """
    return int(connection.execute(_FIXES, vars(fixes)).scalar_one())


def record_readings(connection: Connection, readings: Readings) -> int:
    """Hand in readings; returns how many were new.

    Raises:
        ConsoleError: the database is away, or the login may not.
    """
    return int(connection.execute(_READINGS, vars(readings)).scalar_one())


def attach_photo(connection: Connection, case_id: int, report: Report, shot: PhotoShot) -> int:
    """Hand in one photo of a report, as the phone that took it would; returns its id, the same when it comes again.

    Raises:
        Refused: a rule of the city does not take it.
        ConsoleError: the database is away, or the login may not.
    """
    longitude, latitude = degrees(report.x, report.y)
    at = (report.reported_at - TAKEN_BEFORE).astimezone(CITY)
    name = f"{shot.stage}.jpg"
    photo = evidence.examine(name, take(shot, at, longitude, latitude)[0], MOST_MB)
    return evidence.attach(connection, case_id, photo, shot.stage, uuid.uuid5(report.request_id, shot.stage))
