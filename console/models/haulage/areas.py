"""Traffic areas: where trucks may not drive (禁行区), or only slowly (限速区), at some hours of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from console.models.layers import Extent, LayerData, read_layer, within

if TYPE_CHECKING:
    from sqlalchemy import Connection


def area_layer(connection: Connection, extent: Extent, metres_per_pixel: float) -> LayerData:
    """Areas; attributes ``kind`` (``no_entry`` or ``slow``) and ``label``, the name with limit and hours."""
    del metres_per_pixel  # there are few of them, and they are large
    return read_layer(
        connection,
        """
            SELECT id, geom, CASE speed_kmh WHEN 0 THEN 'no_entry' ELSE 'slow' END,
                concat_ws(' · ', CASE speed_kmh WHEN 0 THEN '⊘ ' || name ELSE name END,
                    CASE WHEN speed_kmh > 0 THEN '≤ ' || speed_kmh || ' km/h' END,
                    CASE WHEN hours_from <> hours_to
                        THEN to_char(hours_from, 'HH24:MI') || '–' || to_char(hours_to, 'HH24:MI') END)
            FROM city.traffic_area
            WHERE geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546) ORDER BY id LIMIT :limit
        """,
        within(extent),
        key=np.int64,
        attributes={"kind": np.str_, "label": np.str_},
    )
