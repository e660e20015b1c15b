"""From a point to words: the address that somebody who stands there would give."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, pi
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.models.geocoding.parsing import COMPASS

if TYPE_CHECKING:
    from sqlalchemy import Connection

STREET_WITHIN_M = 100.0
"""Farther from every street a place is named by its community and unit grid; as far as ``report_case`` looks."""
CROSSING_WITHIN_M = 800.0
"""Farther along the street than this nobody says which crossing it is."""
AT_CROSSING_M = 8.0
"""Nearer to the crossing nobody names a distance."""


@dataclass(frozen=True)
class Spot:
    """What is known of a point.

    Attributes:
        address: its words, e.g. ``红旗东街与中银南路交叉口东40米``.
        x, y: metres, EPSG:4546.
        street: the street that it lies at, empty when there is none.
        unit_grid, community, subdistrict, zone, zone_en: what it lies in.
    """

    address: str
    x: float
    y: float
    street: str
    unit_grid: str
    community: str
    subdistrict: str
    zone: str
    zone_en: str


def spot(connection: Connection, x: float, y: float) -> Spot | None:
    """The words for a point, metres in EPSG:4546; None outside the city's unit grids."""
    area = connection.execute(
        text("""
            SELECT g.code, m.name AS community, s.name AS subdistrict, z.name AS zone, z.name_en AS zone_en
            FROM city.unit_grid AS g
            JOIN city.community AS m ON m.code = g.community_code
            JOIN city.subdistrict AS s ON s.code = m.subdistrict_code
            JOIN city.zone AS z ON z.id = g.zone_id
            WHERE public.ST_Covers(g.geom, public.ST_SetSRID(public.ST_MakePoint(:x, :y), 4546))
            ORDER BY g.code LIMIT 1
        """),
        {"x": x, "y": y},
    ).one_or_none()
    if area is None:
        return None
    street, words = _at_street(connection, x, y)
    if not street:
        words = f"{area.community}单元网格{area.code}"
    elif not words:
        words = f"{street}{area.community}段"
    return Spot(words, x, y, street, area.code, area.community, area.subdistrict, area.zone, area.zone_en)


def _at_street(connection: Connection, x: float, y: float) -> tuple[str, str]:
    """The street at a point and, where it has a crossing, how far from which."""
    rows = connection.execute(
        text("""
            WITH spot AS (SELECT public.ST_SetSRID(public.ST_MakePoint(:x, :y), 4546) AS geom),
            here AS (
                SELECT s.name, public.ST_ClosestPoint(s.geom, spot.geom) AS foot
                FROM city.street AS s, spot WHERE public.ST_DWithin(s.geom, spot.geom, :street)
                ORDER BY s.geom OPERATOR(public.<->) spot.geom, s.id LIMIT 1
            ),
            met AS (
                SELECT other.name, other.class, public.ST_ClosestPoint(mine.geom, other.geom) AS geom,
                    translate(other.name, '东西南北中', '') = translate(here.name, '东西南北中', '') AS goes_on
                FROM here JOIN city.street AS mine
                    ON mine.name = here.name AND public.ST_DWithin(mine.geom, here.foot, :crossing)
                JOIN city.street AS other
                    ON other.name <> here.name AND public.ST_DWithin(other.geom, mine.geom, 1.0)
            )
            SELECT here.name AS street, met.name AS other, public.ST_Distance(met.geom, here.foot) AS metres,
                public.ST_X(here.foot) - public.ST_X(met.geom) AS east,
                public.ST_Y(here.foot) - public.ST_Y(met.geom) AS north
            FROM here LEFT JOIN met ON public.ST_DWithin(met.geom, here.foot, :crossing)
            -- Where a street only changes from east to west nothing crosses it.
            ORDER BY met.goes_on, round(public.ST_Distance(met.geom, here.foot)), met.class, met.name LIMIT 1
        """),
        {"x": x, "y": y, "street": STREET_WITHIN_M, "crossing": CROSSING_WITHIN_M},
    ).one_or_none()
    if rows is None:
        return "", ""
    if rows.other is None:
        return rows.street, ""
    crossing = f"{rows.street}与{rows.other}交叉口"
    if rows.metres < AT_CROSSING_M:
        return rows.street, crossing
    way = COMPASS[round(atan2(rows.north, rows.east) / (pi / 4)) % 8]
    return rows.street, f"{crossing}{way}{max(round(rows.metres / 10) * 10, 10)}米"
