"""How photos of the player come in: as the phone that took them would hand them in."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from console.database.tuning import TIME_ZONE
from console.models.cases import evidence
from console.simulation.photos import degrees, take

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from console.simulation.photos import PhotoShot
    from console.simulation.player.reports import Report

CITY = ZoneInfo(TIME_ZONE)
TAKEN_BEFORE = timedelta(seconds=90)  # first the photos, then the words
MOST_MB = 1.0


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
