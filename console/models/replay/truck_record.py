"""The record of one truck as it was at an instant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from console.models import fleet
from console.models.fleet import SILENT_AFTER_OFF_S, SILENT_AFTER_S

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from console.models.fleet import Vehicle


def vehicle_at(connection: Connection, vehicle_id: int, at: datetime) -> Vehicle | None:
    """One truck at an instant, with its permit and its work of that day up to then; None when there is none of that id.

    Whose it is and whether it is in service are of now.

    Args:
        connection: to the city.
        vehicle_id: in ``city.vehicle``.
        at: the instant, in the time of the city.
    """
    found = fleet.vehicle(connection, vehicle_id, now=at)
    if found is None:
        return None
    row = (
        connection.execute(
            text("""
                SELECT at, speed_kmh, heading, load::text AS load, lid_closed, public.ST_X(geom) AS x,
                    public.ST_Y(geom) AS y, at >= :at - make_interval(secs =>
                        CASE WHEN ignition THEN :silent_on_s ELSE :silent_off_s END) AS online
                FROM city.vehicle_fix WHERE vehicle_id = :id AND at <= :at ORDER BY at DESC LIMIT 1
            """),
            {"id": vehicle_id, "at": at, "silent_on_s": SILENT_AFTER_S, "silent_off_s": SILENT_AFTER_OFF_S},
        )
        .mappings()
        .one_or_none()
    )
    names = ("at", "speed_kmh", "heading", "load", "lid_closed", "x", "y")
    state: dict[str, Any] = {**dict.fromkeys(names), "online": False} if row is None else dict(row)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    work = _work(connection, vehicle_id, midnight, at)
    trips = tuple(
        trip
        if trip.dumped_at is not None and trip.dumped_at <= at
        else replace(trip, dumped_at=None, distance_m=_work(connection, vehicle_id, trip.loaded_at, at)[0])
        for trip in found.trips
        if trip.loaded_at <= at
    )
    return replace(found, **state, distance_m=work[0], driving_s=work[1], trips=trips)


def _work(connection: Connection, vehicle_id: int, start: datetime, end: datetime) -> tuple[float, int]:
    """Metres and seconds driven from `start` to `end`, both included, counted as the work of a day is."""
    row = connection.execute(
        text("""
            SELECT coalesce(sum(s.distance_m), 0) AS distance_m,
                coalesce(round(sum(s.driving_s)), 0)::integer AS driving_s
            FROM city.fix_steps(ARRAY(
                SELECT f FROM city.vehicle_fix AS f WHERE vehicle_id = :id AND at >= :start AND at <= :end)) AS s
        """),
        {"id": vehicle_id, "start": start, "end": end},
    ).one()
    return float(row.distance_m), row.driving_s
