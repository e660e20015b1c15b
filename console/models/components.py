"""Components (部件, GB/T 30428.2): everything of the city that has a code of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from console.models.layers import Extent, LayerData, nothing, read_layer, within

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

COMPONENTS_UP_TO = 2.0
"""Coarsest scale, metres a pixel, at which components can be told apart."""

_ATTRIBUTES = {"class_id": np.int64, "class": np.str_, "category": np.str_, "name": np.str_, "state": np.str_}


@dataclass(frozen=True)
class Component:
    """The record of one component.

    Attributes:
        code: 16 digits: 6 of the county, 4 of the class, 6 of the place in the series (GB/T 30428.2).
        class_code, class_name, class_name_en, category, category_en: subclass and class of the catalogue.
        name, name_en: its own; what its class is called in English where it is called like its class.
        owner, competent, maintainer: departments: who owns it, is competent for it, keeps it up; each in English too.
        accuracy: class of position: ``A`` ±0.5 m, ``B`` ±1 m, ``C`` ±10 m.
        state, data_source: codes of the types ``city.component_state``, ``city.data_source``.
        manhole: code of the manhole of the drainage network that it is, if it is one.
        open_cases: cases in hand about it.
        x, y: a point on it, metres, EPSG:4546.
    """

    code: str
    class_code: str
    class_name: str
    class_name_en: str
    category: str
    category_en: str
    name: str
    name_en: str
    owner: str
    owner_en: str
    competent: str
    competent_en: str
    maintainer: str
    maintainer_en: str
    unit_grid: str
    zone: str
    zone_en: str
    accuracy: str
    state: str
    initial_date: date
    change_date: date | None
    data_source: str
    note: str | None
    manhole: str | None
    open_cases: int
    x: float
    y: float


@dataclass(frozen=True)
class NearComponent:
    """A component not far from a place.

    Attributes:
        code, name, name_en: of the component, as `Component` has them.
        state: code of the type ``city.component_state``.
        distance_m: metres from the place.
        x, y: the point on it that is nearest to the place, metres, EPSG:4546.
    """

    code: str
    name: str
    name_en: str
    state: str
    distance_m: float
    x: float
    y: float


def components_near(
    connection: Connection, class_id: int, x: float, y: float, *, within_m: float, limit: int = 8
) -> list[NearComponent]:
    """The components of a class within some metres of a place (EPSG:4546, m), the nearest first; no removed ones."""
    rows = connection.execute(
        text("""
            WITH place AS (SELECT public.ST_SetSRID(public.ST_MakePoint(:x, :y), 4546) AS geom)
            SELECT c.code, c.name, CASE WHEN c.name = k.name THEN k.name_en ELSE '' END, c.state::text,
                public.ST_Distance(c.geom, place.geom) AS distance_m, public.ST_X(near.geom), public.ST_Y(near.geom)
            FROM place, city.component AS c JOIN city.case_class AS k ON k.id = c.class_id,
                LATERAL (SELECT public.ST_ClosestPoint(c.geom, place.geom) AS geom) AS near
            WHERE c.class_id = :class AND c.state <> 'removed' AND public.ST_DWithin(c.geom, place.geom, :within)
            ORDER BY distance_m, c.code LIMIT :limit
        """),
        {"class": class_id, "x": x, "y": y, "within": within_m, "limit": limit},
    )
    return [NearComponent(*row) for row in rows]


def component(connection: Connection, code: str) -> Component | None:
    """The record of one component; None when there is none of that code."""
    row = (
        connection.execute(
            text("""
            SELECT c.code, k.code AS class_code, k.name AS class_name, k.name_en AS class_name_en, k.category,
                k.category_en, c.name, CASE WHEN c.name = k.name THEN k.name_en ELSE '' END AS name_en,
                o.name AS owner, o.name_en AS owner_en, d.name AS competent, d.name_en AS competent_en,
                m.name AS maintainer, m.name_en AS maintainer_en, c.unit_grid, z.name AS zone,
                z.name_en AS zone_en, c.accuracy, c.state::text AS state, c.initial_date, c.change_date,
                c.data_source::text AS data_source, c.note,
                (SELECT h.code FROM city.manhole AS h WHERE h.component_code = c.code) AS manhole,
                (SELECT count(*) FROM city.case_file AS f WHERE f.component_code = c.code AND f.is_open) AS open_cases,
                public.ST_X(public.ST_PointOnSurface(c.geom)) AS x, public.ST_Y(public.ST_PointOnSurface(c.geom)) AS y
            FROM city.component AS c
            JOIN city.case_class AS k ON k.id = c.class_id
            JOIN city.zone AS z ON z.id = c.zone_id
            JOIN city.department AS o ON o.id = c.owner_id
            JOIN city.department AS d ON d.id = c.competent_id
            JOIN city.department AS m ON m.id = c.maintainer_id
            WHERE c.code = :code
        """),
            {"code": code},
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else Component(**row)


def component_layer(connection: Connection, extent: Extent, metres_per_pixel: float) -> LayerData:
    """Components, from `COMPONENTS_UP_TO` metres a pixel on.

    Attributes ``class_id``, ``class`` (code of the subclass), ``category``, ``name``, ``state``. Points only: lines and
    areas are shown by a point on them.
    """
    if metres_per_pixel > COMPONENTS_UP_TO:
        return nothing(_ATTRIBUTES)
    return read_layer(
        connection,
        """
            SELECT c.code,
                CASE WHEN public.ST_Dimension(c.geom) = 0 THEN c.geom ELSE public.ST_PointOnSurface(c.geom) END,
                c.class_id, k.code, k.category, c.name, c.state::text
            FROM (
                SELECT code, geom, class_id, name, state FROM city.component
                WHERE geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546) ORDER BY code LIMIT :limit
            ) AS c JOIN city.case_class AS k ON k.id = c.class_id
        """,
        within(extent),
        attributes=_ATTRIBUTES,
    )
