"""Approved routes (核准路线) that are in force today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from sqlalchemy import text

from console.models.layers import Extent, LayerData, nothing, read_layer, within

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

CORRIDOR_M = 50.0
"""A truck that is farther than this from its approved route has left it (domain: muck truck alarms)."""
ROUTES_UP_TO = 6.0
"""Coarsest scale, metres a pixel, at which they can be told apart: they share streets in the middle of the city."""

_ROUTE = {"width_m": np.float64}


def route_layer(connection: Connection, extent: Extent, metres_per_pixel: float) -> LayerData:
    """Approved routes that are valid today, each once however many trucks have it, from `ROUTES_UP_TO` on.

    The attribute ``width_m`` is the width of the corridor that may not be left.
    """
    if metres_per_pixel > ROUTES_UP_TO:
        return nothing(_ROUTE, np.int64)
    return read_layer(
        connection,
        """
            SELECT min(id), geom, CAST(:width_m AS double precision) FROM city.route_permit
            WHERE geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546)
                AND (now() AT TIME ZONE 'Asia/Shanghai')::date BETWEEN valid_from AND valid_to AND revoked_at IS NULL
            GROUP BY geom ORDER BY 1 LIMIT :limit
        """,
        within(extent, width_m=2 * CORRIDOR_M),
        key=np.int64,
        attributes=_ROUTE,
    )


def route_of(connection: Connection, vehicle_id: int, *, now: datetime | None = None) -> shapely.Geometry | None:
    """The route that is approved for a truck on the day of `now`; None when it has no valid permit."""
    found = connection.execute(
        text("""
            SELECT public.ST_AsBinary(geom) FROM city.route_permit
            WHERE vehicle_id = :id
                AND (coalesce(:now, now()) AT TIME ZONE 'Asia/Shanghai')::date BETWEEN valid_from AND valid_to
                AND (revoked_at IS NULL OR revoked_at > :now)
            ORDER BY valid_from DESC, id DESC LIMIT 1
        """),
        {"id": vehicle_id, "now": now},
    ).scalar()
    return None if found is None else shapely.from_wkb(bytes(found))
