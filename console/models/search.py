"""Finding anything of the city by its name or code, for the command field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

FOUND_LIMIT = 20


@dataclass(frozen=True)
class Found:
    """Something of the city.

    Attributes:
        kind: its subject, the name of its table (``case_file`` is ``case``): one of the keys of the queries below.
        key: its id or code, as text.
        title: what people call it.
        x, y: where it is, metres, EPSG:4546; None for a truck that was never heard.
    """

    kind: str
    key: str
    title: str
    x: float | None
    y: float | None


# In the order in which they are shown. Codes are found by their beginning (:begins), names by any part (:contains).
_QUERIES = {
    "case": """
        SELECT id::text, case_no, public.ST_X(geom), public.ST_Y(geom) FROM city.case_file
        WHERE case_no LIKE :number ORDER BY case_no DESC LIMIT :limit
    """,
    "vehicle": """
        SELECT v.id::text, v.plate, public.ST_X(s.geom), public.ST_Y(s.geom)
        FROM city.vehicle AS v LEFT JOIN city.vehicle_state AS s ON s.vehicle_id = v.id
        WHERE v.plate LIKE :contains ORDER BY v.plate LIMIT :limit
    """,
    "flood_point": """
        SELECT id::text, name, public.ST_X(geom), public.ST_Y(geom) FROM city.flood_point
        WHERE name LIKE :contains OR code LIKE :begins ORDER BY name LIMIT :limit
    """,
    # A street is many stretches: the one nearest to the middle of them all stands for it.
    "street": """
        WITH whole AS (
            SELECT name, public.ST_Centroid(public.ST_Collect(geom)) AS middle FROM city.street
            WHERE name LIKE :contains GROUP BY name ORDER BY name LIMIT :limit
        ), chosen AS (
            SELECT DISTINCT ON (s.name) s.id, s.name, public.ST_LineInterpolatePoint(s.geom, 0.5) AS place
            FROM city.street AS s JOIN whole ON whole.name = s.name
            ORDER BY s.name, public.ST_Distance(s.geom, whole.middle), s.id
        )
        SELECT id::text, name, public.ST_X(place), public.ST_Y(place) FROM chosen ORDER BY name
    """,
    "subdistrict": """
        SELECT code, name, public.ST_X(public.ST_PointOnSurface(geom)), public.ST_Y(public.ST_PointOnSurface(geom))
        FROM city.subdistrict WHERE name LIKE :contains OR code = :exact ORDER BY code LIMIT :limit
    """,
    "community": """
        SELECT code, name, public.ST_X(public.ST_PointOnSurface(geom)), public.ST_Y(public.ST_PointOnSurface(geom))
        FROM city.community WHERE name LIKE :contains OR code = :exact ORDER BY code LIMIT :limit
    """,
    "manhole": """
        SELECT code, code, public.ST_X(geom), public.ST_Y(geom) FROM city.manhole
        WHERE code LIKE :begins ORDER BY code LIMIT :limit
    """,
    "pipe": """
        SELECT code, code, public.ST_X(public.ST_LineInterpolatePoint(geom, 0.5)),
            public.ST_Y(public.ST_LineInterpolatePoint(geom, 0.5))
        FROM city.pipe WHERE code LIKE :begins ORDER BY code LIMIT :limit
    """,
    "outfall": """
        SELECT code, name, public.ST_X(geom), public.ST_Y(geom) FROM city.outfall
        WHERE code LIKE :begins OR name LIKE :contains ORDER BY code LIMIT :limit
    """,
    "pump_station": """
        SELECT code, name, public.ST_X(geom), public.ST_Y(geom) FROM city.pump_station
        WHERE code LIKE :begins OR name LIKE :contains ORDER BY code LIMIT :limit
    """,
    "unit_grid": """
        SELECT code, code, public.ST_X(public.ST_PointOnSurface(geom)), public.ST_Y(public.ST_PointOnSurface(geom))
        FROM city.unit_grid WHERE code LIKE :begins ORDER BY code LIMIT :limit
    """,
    "component": """
        SELECT code, name, public.ST_X(public.ST_PointOnSurface(geom)), public.ST_Y(public.ST_PointOnSurface(geom))
        FROM city.component WHERE code LIKE :begins ORDER BY code LIMIT :limit
    """,
}


def search_city(connection: Connection, wanted: str, limit: int = FOUND_LIMIT) -> list[Found]:
    """What has `wanted` in its name or begins with it in its code; codes and plates in small or capital letters.

    Every subject gets its share of `limit`, so that many streets do not hide the one truck.
    """
    wanted = wanted.strip()
    if not wanted:
        return []
    typed = _escaped(wanted.upper())
    values = {
        "exact": wanted,
        "begins": f"{typed}%",
        "contains": f"%{typed}%",
        "number": f"{typed}%" if typed.startswith("YC") else f"YC{typed}%",
        "limit": limit,
    }
    by_kind = {
        kind: [Found(kind, *row) for row in connection.execute(text(query), values)] for kind, query in _QUERIES.items()
    }
    kinds = [kind for kind, found in by_kind.items() if found]
    if not kinds:
        return []
    share = max(1, limit // len(kinds))
    shared = [found for kind in kinds for found in by_kind[kind][:share]]
    further = [found for kind in kinds for found in by_kind[kind][share:]]
    kept = set((shared + further)[:limit])
    return [found for kind in kinds for found in by_kind[kind] if found in kept]


def _escaped(typed: str) -> str:
    """`typed` as a LIKE pattern of itself."""
    return typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
