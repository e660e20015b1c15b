"""Cases that may be the same matter: of the same class, near in place and time (setting ``duplicate``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

SHOWN = 9
"""More candidates than this help nobody to decide."""


@dataclass(frozen=True)
class Duplicate:
    """A case that another one may repeat.

    Attributes:
        id, case_no: which case.
        state: code of the type ``city.case_state``.
        class_name, class_name_en: its class, empty when it has none yet.
        address, description: where and what.
        distance_m: how far from the other one.
        reported_at: when it was reported; `apart` how much earlier than the other one (negative: later).
        can_take: whether the other one can be merged into it.
        x, y: metres, EPSG:4546.
    """

    id: int
    case_no: str
    state: str
    class_name: str
    class_name_en: str
    address: str
    description: str
    distance_m: float
    reported_at: datetime
    apart: timedelta
    can_take: bool
    x: float
    y: float


@dataclass(frozen=True)
class Duplicates:
    """Candidates, the likeliest first, with the limits within which they were looked for."""

    radius_m: float
    hours: float
    found: tuple[Duplicate, ...]


def duplicates_of(connection: Connection, case_id: int) -> Duplicates:
    """What a case may repeat, or what may repeat it."""
    row = connection.execute(
        text("""
            SELECT class_id, reported_at, public.ST_X(geom) AS x, public.ST_Y(geom) AS y
            FROM city.case_file WHERE id = :id
        """),
        {"id": case_id},
    ).one_or_none()
    if row is None:
        return Duplicates(*_limits(connection), ())
    return duplicates_at(connection, row.class_id, row.x, row.y, row.reported_at, besides=case_id)


def duplicates_at(
    connection: Connection, class_id: int | None, x: float, y: float, at: datetime, *, besides: int | None = None
) -> Duplicates:
    """What a report of this class (any, when it has none yet) at this place and time would repeat.

    Few cases are reported in a day: they are found by class and time, and their distance is computed.
    """
    radius_m, hours = _limits(connection)
    rows = connection.execute(
        text("""
            SELECT f.id, f.case_no, f.state::text AS state, coalesce(c.name, '') AS class_name,
                coalesce(c.name_en, '') AS class_name_en, coalesce(f.address, '') AS address, f.description,
                public.ST_Distance(f.geom, place.geom) AS distance_m, f.reported_at,
                CAST(:at AS timestamptz) - f.reported_at AS apart,
                f.merged_into IS NULL AND f.state NOT IN ('cancelled', 'not_accepted') AS can_take,
                public.ST_X(f.geom) AS x, public.ST_Y(f.geom) AS y
            FROM (SELECT public.ST_SetSRID(public.ST_MakePoint(:x, :y), 4546) AS geom) AS place, city.case_file AS f
            LEFT JOIN city.case_class AS c ON c.id = f.class_id
            WHERE f.reported_at BETWEEN CAST(:at AS timestamptz) - CAST(:span AS interval)
                    AND CAST(:at AS timestamptz) + CAST(:span AS interval)
                AND (CAST(:class AS smallint) IS NULL OR f.class_id = :class OR f.class_id IS NULL)
                AND public.ST_DWithin(f.geom, place.geom, :radius)
                AND f.id IS DISTINCT FROM CAST(:besides AS bigint) AND f.merged_into IS NULL
            ORDER BY f.class_id IS NULL, distance_m, f.reported_at DESC LIMIT :shown
        """),
        {
            "class": class_id,
            "x": x,
            "y": y,
            "at": at,
            "span": timedelta(hours=hours),
            "radius": radius_m,
            "besides": besides,
            "shown": SHOWN,
        },
    )
    return Duplicates(radius_m, hours, tuple(Duplicate(*row) for row in rows))


def _limits(connection: Connection) -> tuple[float, float]:
    """Metres and hours within which two cases may be one."""
    value = connection.execute(text("SELECT value FROM city.setting WHERE name = 'duplicate'")).scalar_one_or_none()
    return (float(value["radius_m"]), float(value["hours"])) if value else (50.0, 24.0)
