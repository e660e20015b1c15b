"""Areas of the city: zones (片区), subdistricts, communities, unit grids (单元网格), and its streets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from console.models.layers import SMALLEST_PIXELS, Extent, LayerData, nothing, read_layer, within

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

# Coarsest scales, in metres a pixel, at which features of a kind can be told apart.
UNIT_GRIDS_UP_TO = 8.0
COMMUNITIES_UP_TO = 64.0
BRANCHES_UP_TO = 16.0
LANES_UP_TO = 8.0


@dataclass(frozen=True)
class Zone:
    """One of the inspection zones that partition the city.

    Attributes:
        id: in ``city.zone``.
        code, name, name_en: as people know it.
        area_m2: its area in square metres.
        unit_grids: how many unit grids it has.
        open_cases: cases in hand in it.
        team: the patrol team that looks after it, empty when there is none.
        x, y: a point inside, metres, EPSG:4546.
    """

    id: int
    code: str
    name: str
    name_en: str
    area_m2: float
    unit_grids: int
    open_cases: int
    team: str
    x: float
    y: float


@dataclass(frozen=True)
class UnitGrid:
    """A unit grid (GB/T 30428.1): the smallest area of management, with a code of 15 digits.

    Attributes:
        code: of the grid; the first 12 digits are its community, the first 9 its subdistrict.
        community, subdistrict, zone: names of what it lies in; `zone_en` the zone in English.
        land_use: ``built_up``, ``park``, ``water`` or ``open``.
        area_m2: its area in square metres.
        initial_date, change_date: when it was drawn and last changed.
        components: how many components stand in it.
        cases, open_cases: cases ever reported in it, and those in hand.
        x, y: a point inside, metres, EPSG:4546.
    """

    code: str
    community: str
    subdistrict: str
    zone: str
    zone_en: str
    land_use: str
    area_m2: float
    initial_date: date
    change_date: date | None
    note: str | None
    components: int
    cases: int
    open_cases: int
    x: float
    y: float


@dataclass(frozen=True)
class Street:
    """One stretch of a street between two crossings.

    Attributes:
        id, code: of the stretch; name: of the whole street.
        street_class: ``arterial``, ``secondary``, ``branch`` or ``lane``.
        width_m, length_m: metres.
        pipes: drainage pipes that run along it, and their length in metres (`pipes_m`).
        x, y: a point on it, metres, EPSG:4546.
    """

    id: int
    code: str
    name: str
    street_class: str
    width_m: float
    length_m: float
    pipes: int
    pipes_m: float
    x: float
    y: float


def zone(connection: Connection, zone_id: int) -> Zone | None:
    """The record of one zone; None when there is none of that id."""
    row = (
        connection.execute(
            text("""
            SELECT z.id, z.code, z.name, z.name_en, public.ST_Area(z.geom) AS area_m2,
                (SELECT count(*) FROM city.unit_grid AS g WHERE g.zone_id = z.id) AS unit_grids,
                (SELECT count(*) FROM city.case_file AS f WHERE f.zone_id = z.id AND f.is_open) AS open_cases,
                coalesce((SELECT t.name FROM city.team AS t WHERE t.zone_id = z.id), '') AS team,
                public.ST_X(public.ST_PointOnSurface(z.geom)) AS x, public.ST_Y(public.ST_PointOnSurface(z.geom)) AS y
            FROM city.zone AS z WHERE z.id = :id
        """),
            {"id": zone_id},
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else Zone(**row)


def zone_names(connection: Connection) -> list[tuple[int, str, str]]:
    """(id, name, name in English) of every zone, in the order of their ids."""
    rows = connection.execute(text("SELECT id, name, name_en FROM city.zone ORDER BY id"))
    return [(row.id, row.name, row.name_en) for row in rows]


def area_names(connection: Connection) -> list[tuple[str, str]]:
    """(code, name) of every subdistrict (9 digits) and community (12 digits), each community after its subdistrict."""
    rows = connection.execute(
        text("SELECT code, name FROM city.subdistrict UNION ALL SELECT code, name FROM city.community ORDER BY code")
    )
    return [(row.code, row.name) for row in rows]


def unit_grid(connection: Connection, code: str) -> UnitGrid | None:
    """The record of one unit grid; None when there is none of that code."""
    row = (
        connection.execute(
            text("""
            SELECT g.code, c.name AS community, s.name AS subdistrict, z.name AS zone, z.name_en AS zone_en, g.land_use,
                g.area_m2, g.initial_date, g.change_date, g.note,
                (SELECT count(*) FROM city.component AS p WHERE p.unit_grid = g.code) AS components,
                (SELECT count(*) FROM city.case_file AS f WHERE f.unit_grid = g.code) AS cases,
                (SELECT count(*) FROM city.case_file AS f WHERE f.unit_grid = g.code AND f.is_open) AS open_cases,
                public.ST_X(public.ST_PointOnSurface(g.geom)) AS x, public.ST_Y(public.ST_PointOnSurface(g.geom)) AS y
            FROM city.unit_grid AS g
            JOIN city.community AS c ON c.code = g.community_code
            JOIN city.subdistrict AS s ON s.code = c.subdistrict_code
            JOIN city.zone AS z ON z.id = g.zone_id
            WHERE g.code = :code
        """),
            {"code": code},
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else UnitGrid(**row)


def street(connection: Connection, street_id: int) -> Street | None:
    """The record of one stretch of street; None when there is none of that id."""
    row = (
        connection.execute(
            text("""
            SELECT s.id, s.code, s.name, s.class::text AS street_class, s.width_m, s.length_m,
                count(p.code) AS pipes, coalesce(sum(p.length_m), 0) AS pipes_m,
                public.ST_X(public.ST_LineInterpolatePoint(s.geom, 0.5)) AS x,
                public.ST_Y(public.ST_LineInterpolatePoint(s.geom, 0.5)) AS y
            FROM city.street AS s LEFT JOIN city.pipe AS p ON p.street_id = s.id
            WHERE s.id = :id GROUP BY s.id
        """),
            {"id": street_id},
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else Street(**row)


def zone_layer(connection: Connection, extent: Extent, metres_per_pixel: float) -> LayerData:
    """Zones; attributes ``name``, ``name_en``."""
    del metres_per_pixel  # five zones are seen at every scale
    return read_layer(
        connection,
        """
            SELECT id, geom, name, name_en FROM city.zone
            WHERE geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546) ORDER BY id LIMIT :limit
        """,
        within(extent),
        key=np.int64,
        attributes={"name": np.str_, "name_en": np.str_},
    )


def subdistrict_layer(connection: Connection, extent: Extent, metres_per_pixel: float) -> LayerData:
    """Subdistricts; attribute ``name``."""
    return read_layer(
        connection,
        """
            SELECT code, geom, name FROM city.subdistrict
            WHERE geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546)
                AND public.ST_XMax(geom) - public.ST_XMin(geom) >= :smallest
            ORDER BY code LIMIT :limit
        """,
        within(extent, smallest=SMALLEST_PIXELS * metres_per_pixel),
        attributes={"name": np.str_},
    )


def community_layer(connection: Connection, extent: Extent, metres_per_pixel: float) -> LayerData:
    """Communities, from `COMMUNITIES_UP_TO` metres a pixel on; attribute ``name``."""
    if metres_per_pixel > COMMUNITIES_UP_TO:
        return nothing({"name": np.str_})
    return read_layer(
        connection,
        """
            SELECT code, geom, name FROM city.community
            WHERE geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546)
                AND public.ST_XMax(geom) - public.ST_XMin(geom) >= :smallest
            ORDER BY code LIMIT :limit
        """,
        within(extent, smallest=SMALLEST_PIXELS * metres_per_pixel),
        attributes={"name": np.str_},
    )


def unit_grid_layer(connection: Connection, extent: Extent, metres_per_pixel: float) -> LayerData:
    """Unit grids, from `UNIT_GRIDS_UP_TO` metres a pixel on; attributes ``code``, ``land_use``, ``zone_id``."""
    attributes = {"code": np.str_, "land_use": np.str_, "zone_id": np.int64}
    if metres_per_pixel > UNIT_GRIDS_UP_TO:
        return nothing(attributes)
    return read_layer(
        connection,
        """
            SELECT code, geom, code, land_use, zone_id FROM city.unit_grid
            WHERE geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546) ORDER BY code LIMIT :limit
        """,
        within(extent),
        attributes=attributes,
    )


def street_layer(connection: Connection, extent: Extent, metres_per_pixel: float) -> LayerData:
    """Streets, the greater classes first when far; attributes ``name``, ``class``, ``width_m``."""
    classes = ["arterial", "secondary"]
    classes += ["branch"] * (metres_per_pixel <= BRANCHES_UP_TO) + ["lane"] * (metres_per_pixel <= LANES_UP_TO)
    return read_layer(
        connection,
        """
            SELECT id, geom, name, class::text, width_m FROM city.street
            WHERE geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546)
                AND class = ANY (CAST(:classes AS city.street_class[]))
            ORDER BY class, id LIMIT :limit
        """,
        within(extent, classes=classes),
        key=np.int64,
        attributes={"name": np.str_, "class": np.str_, "width_m": np.float64},
    )


def city_extent(connection: Connection) -> Extent | None:
    """The rectangle around all zones; None when there is no zone."""
    row = connection.execute(
        text("""
            SELECT public.ST_XMin(e), public.ST_YMin(e), public.ST_XMax(e), public.ST_YMax(e)
            FROM (SELECT public.ST_Extent(geom) AS e FROM city.zone) AS whole
        """)
    ).one()
    return None if row[0] is None else Extent(*row)
