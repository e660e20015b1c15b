"""Where muck trucks load and tip: work sites (出土工地) and dump sites (消纳场)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from console.models.layers import Extent, LayerData, nothing, read_layer, within

if TYPE_CHECKING:
    from sqlalchemy import Connection

SITES_UP_TO = 64.0
"""Coarsest scale, metres a pixel, at which work and dump sites can be told apart."""

_SITE = {"kind": np.str_, "name": np.str_}


@dataclass(frozen=True)
class Site:
    """A work or dump site and what goes on there on one day (Asia/Shanghai).

    Attributes:
        code, name: identity; `kind` is ``work_site`` or ``dump_site``.
        zone, zone_en: inspection zone of a work site; empty for a dump site.
        capacity_m3: what a dump site takes in all; None for a work site.
        trucks: trucks with a permit for it that is valid on the day.
        trips, volume_m3: trips that were loaded (work site) or tipped (dump site) there on the day, and their volume.
        x, y: a point inside, metres, EPSG:4546.
    """

    code: str
    kind: str
    name: str
    zone: str
    zone_en: str
    capacity_m3: float | None
    trucks: int
    trips: int
    volume_m3: float
    x: float
    y: float


def site_layer(connection: Connection, extent: Extent, metres_per_pixel: float) -> LayerData:
    """Work sites and dump sites; ids are their codes, attributes ``kind`` (``work_site``, ``dump_site``), ``name``."""
    if metres_per_pixel > SITES_UP_TO:
        return nothing(_SITE)
    return read_layer(
        connection,
        """
            SELECT code, geom, 'work_site', name FROM city.work_site
            WHERE geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546)
            UNION ALL
            SELECT code, geom, 'dump_site', name FROM city.dump_site
            WHERE geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546)
            ORDER BY code LIMIT :limit
        """,
        within(extent),
        attributes=_SITE,
    )


def site(connection: Connection, code: str) -> Site | None:
    """A work or dump site with its work today; None when there is none of that code."""
    row = (
        connection.execute(
            text("""
                WITH site AS (
                    SELECT code, 'work_site' AS kind, id, name, zone_id, NULL AS capacity_m3, geom FROM city.work_site
                    UNION ALL
                    SELECT code, 'dump_site', id, name, NULL, capacity_m3, geom FROM city.dump_site
                ), day AS (
                    SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date AS today,
                        date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai' AS midnight
                )
                SELECT s.code, s.kind, s.name, coalesce(z.name, '') AS zone, coalesce(z.name_en, '') AS zone_en,
                    s.capacity_m3, p.trucks, t.trips, t.volume_m3,
                    public.ST_X(public.ST_PointOnSurface(s.geom)) AS x,
                    public.ST_Y(public.ST_PointOnSurface(s.geom)) AS y
                FROM site AS s
                CROSS JOIN day
                LEFT JOIN city.zone AS z ON z.id = s.zone_id
                CROSS JOIN LATERAL (
                    SELECT count(DISTINCT vehicle_id) AS trucks FROM city.route_permit
                    WHERE CASE s.kind WHEN 'work_site' THEN work_site_id ELSE dump_site_id END = s.id
                        AND day.today BETWEEN valid_from AND valid_to AND revoked_at IS NULL
                ) AS p
                CROSS JOIN LATERAL (
                    SELECT count(*) AS trips, coalesce(sum(t.volume_m3), 0)::double precision AS volume_m3
                    FROM city.trip AS t JOIN city.route_permit AS r ON r.id = t.permit_id
                    WHERE t.loaded_at >= day.midnight - interval '1 day'
                        AND CASE s.kind
                            WHEN 'work_site' THEN r.work_site_id = s.id AND t.loaded_at >= day.midnight
                            ELSE r.dump_site_id = s.id AND t.dumped_at >= day.midnight
                        END
                ) AS t
                WHERE s.code = :code
            """),
            {"code": code},
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else Site(**row)
