"""What maps that leave the console show: areas of the city with their indicators, where cases cluster, and the ground.

Places are degrees of WGS 84, from which CGCS2000 differs by less than a metre: web maps know nothing else. Zones are
counted by `statistics.by`; communities and unit grids, for which no counts are kept, by the same definitions from the
cases themselves, so that the parts add up to their zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import func, select, text

from console.models import statistics
from console.models.cases.filters import CASE
from console.models.statistics import Dimension, Indicators

if TYPE_CHECKING:
    from datetime import date, datetime

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from console.models.cases import CaseFilter

CELL_M = 50
"""Side of the squares in which cases are counted for a heat map: nobody's door is on it."""
SIMPLIFIED_M = 2.0
"""Borders and streets may be off by so much."""


class AreaKind(StrEnum):
    """Into what the city is divided; the value is the table in schema ``city``."""

    ZONE = "zone"
    COMMUNITY = "community"
    UNIT_GRID = "unit_grid"


@dataclass(frozen=True)
class CountedArea:
    """One area with what happened in it.

    Attributes:
        code, name, name_en: as people know it; a unit grid has its code alone.
        area_m2: square metres.
        geometry: GeoJSON, degrees.
        indicators: of the period.
    """

    code: str
    name: str
    name_en: str
    area_m2: float
    geometry: str
    indicators: Indicators


@dataclass(frozen=True)
class Outline:
    """A line or border to find one's way by: its names and its GeoJSON, degrees."""

    name: str
    name_en: str
    geometry: str


@dataclass(frozen=True)
class Ground:
    """What lies below every page: zones and the greater streets."""

    zones: tuple[Outline, ...]
    streets: tuple[Outline, ...]


@dataclass(frozen=True, eq=False)
class Heat:
    """Where cases are.

    Attributes:
        total: how many there are.
        cells: (latitude, longitude, cases) of the middle of each square of `CELL_M` that has any, shape (n, 3).
    """

    total: int
    cells: NDArray[np.float64]


# Geometry of every area, and the key under which its cases are counted.
_AREAS = {
    AreaKind.ZONE: text("""
        SELECT id::text AS key, code, name, name_en, public.ST_Area(geom) AS area_m2,
            public.ST_AsGeoJSON(public.ST_Transform(public.ST_SimplifyPreserveTopology(geom, :off), 4326), 6) AS shape
        FROM city.zone ORDER BY id
    """),
    AreaKind.COMMUNITY: text("""
        SELECT code AS key, code, name, '' AS name_en, public.ST_Area(geom) AS area_m2,
            public.ST_AsGeoJSON(public.ST_Transform(public.ST_SimplifyPreserveTopology(geom, :off), 4326), 6) AS shape
        FROM city.community ORDER BY code
    """),
    AreaKind.UNIT_GRID: text("""
        SELECT code AS key, code, code AS name, '' AS name_en, area_m2,
            public.ST_AsGeoJSON(public.ST_Transform(public.ST_SimplifyPreserveTopology(geom, :off), 4326), 6) AS shape
        FROM city.unit_grid ORDER BY code
    """),
}
# The counts of `city.case_fact` that pages show, over a period at once instead of day by day.
_COUNTED = text("""
    SELECT left(f.unit_grid, CAST(:digits AS integer)) AS key,
        count(*) FILTER (WHERE f.reported_at >= p.start AND f.reported_at < p.stop) AS reported,
        count(*) FILTER (WHERE f.disposed_at >= p.start AND f.disposed_at < p.stop) AS disposed,
        count(*) FILTER (WHERE f.disposed_at >= p.start AND f.disposed_at < p.stop AND late) AS disposed_overdue,
        count(*) FILTER (WHERE f.closed_at >= p.start AND f.closed_at < p.stop AND f.state = 'closed') AS closed,
        count(*) FILTER (WHERE f.closed_at >= p.start AND f.closed_at < p.stop AND f.state = 'closed' AND late)
            AS closed_overdue,
        count(*) FILTER (WHERE waits AND f.disposed_at IS NULL) AS to_dispose_overdue,
        count(*) FILTER (WHERE waits) AS to_close_overdue
    FROM (SELECT CAST(:first AS timestamp) AT TIME ZONE 'Asia/Shanghai' AS start,
        (CAST(:last AS timestamp) + interval '1 day') AT TIME ZONE 'Asia/Shanghai' AS stop) AS p
    CROSS JOIN city.case_file AS f
    CROSS JOIN LATERAL (SELECT f.is_overdue AND f.appeal IS DISTINCT FROM 'granted' AS late,
        f.is_open AND f.filed_at IS NOT NULL AND f.deadline < coalesce(:now, now())
            AND (f.disposed_at IS NULL OR f.disposed_at > f.deadline)
            AND f.deadline >= p.start AND f.deadline < p.stop AS waits) AS marks
    WHERE f.reported_at < p.stop AND (f.is_open OR f.closed_at >= p.start)
    GROUP BY 1
""")
_ZONES = text("""
    SELECT name, name_en,
        public.ST_AsGeoJSON(public.ST_Transform(public.ST_SimplifyPreserveTopology(geom, :off), 4326), 6) AS geometry
    FROM city.zone ORDER BY id
""")
_STREETS = text("""
    SELECT name, '' AS name_en, public.ST_AsGeoJSON(public.ST_Transform(
        public.ST_Simplify(public.ST_LineMerge(public.ST_Collect(geom)), :off), 4326), 6) AS geometry
    FROM city.street WHERE class IN ('arterial', 'secondary') GROUP BY name ORDER BY name
""")


def counted_areas(
    connection: Connection, kind: AreaKind, first: date, last: date, *, now: datetime | None = None
) -> list[CountedArea]:
    """Every area of a kind with its indicators from the day `first` to the day `last`, both included.

    Of communities and unit grids only what is asked of pages is counted: reports, disposals, closings, what is late.

    Args:
        connection: to the city.
        kind: of the areas.
        first: first day, Asia/Shanghai.
        last: last day.
        now: instant that decides what is overdue; None is the database's clock.
    """
    if kind is AreaKind.ZONE:
        groups = statistics.by(connection, Dimension.ZONE, first, last, now=now)
        found = {str(group.key): group.indicators for group in groups}
    else:
        digits = 12 if kind is AreaKind.COMMUNITY else 15
        rows = connection.execute(_COUNTED, {"digits": digits, "first": first, "last": last, "now": now}).mappings()
        found = {row["key"]: Indicators(**{name: row[name] for name in row if name != "key"}) for row in rows}
    areas = connection.execute(_AREAS[kind], {"off": SIMPLIFIED_M})
    return [CountedArea(a.code, a.name, a.name_en, a.area_m2, a.shape, found.get(a.key, Indicators())) for a in areas]


def ground(connection: Connection) -> Ground:
    """Zones and the greater streets."""
    zones, streets = (
        tuple(Outline(*row) for row in connection.execute(query, {"off": SIMPLIFIED_M})) for query in (_ZONES, _STREETS)
    )
    return Ground(zones, streets)


def heat(connection: Connection, wanted: CaseFilter, *, now: datetime | None = None) -> Heat:
    """Where the cases of a filter are; `now` decides lights, None is the database's clock."""
    clauses = [condition.clause for condition in wanted.resolved(connection).conditions(now)]
    # The middle of the square, so that nothing is moved to one side.
    x, y = (
        (func.floor(place / CELL_M) * CELL_M + CELL_M / 2).label(name)
        for name, place in (("x", func.public.ST_X(CASE.c.geom)), ("y", func.public.ST_Y(CASE.c.geom)))
    )
    cells = select(x, y, func.count().label("cases")).where(*clauses).group_by(x, y).subquery()
    middle = func.public.ST_Transform(
        func.public.ST_SetSRID(func.public.ST_MakePoint(cells.c.x, cells.c.y), 4546), 4326
    )
    rows = connection.execute(select(func.public.ST_Y(middle), func.public.ST_X(middle), cells.c.cases)).all()
    found = np.array([tuple(row) for row in rows], dtype=np.float64).reshape(-1, 3)
    return Heat(int(found[:, 2].sum()), found)
