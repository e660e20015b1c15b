"""Layers of the drainage network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from console.models.layers import Extent, LayerData, nothing, read_layer, within

if TYPE_CHECKING:
    from sqlalchemy import Connection

TRUNK_MM = 800
"""Diameter from which on a pipe is a trunk sewer (主干管): what is seen of the network when far."""
# Coarsest scales, in metres a pixel, at which features of a kind can be told apart.
ALL_PIPES_UP_TO = 16.0
MANHOLES_UP_TO = 4.0
GULLIES_UP_TO = 1.0

_PIPE = {"system": np.str_, "diameter_mm": np.int64, "state": np.str_}
_MANHOLE = {"system": np.str_, "junction_type": np.int64, "state": np.str_}
_GULLY = {"inlet_type": np.int64}


_TRUNKS = """
    SELECT code, geom, system::text, diameter_mm, state::text
    FROM (
        SELECT code, geom, system, state, coalesce(diameter_mm, height_mm, 0) AS diameter_mm FROM city.pipe
        WHERE geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546)
            AND coalesce(diameter_mm, height_mm, 0) >= 800
    ) AS trunk
    ORDER BY trunk.diameter_mm DESC, code LIMIT :limit
"""


def trunk_layer(connection: Connection, extent: Extent, metres_per_pixel: float) -> LayerData:
    """Trunk sewers alone, at every scale; else as `pipe_layer`."""
    del metres_per_pixel  # they are few
    return read_layer(connection, _TRUNKS, within(extent), attributes=_PIPE)


def pipe_layer(connection: Connection, extent: Extent, metres_per_pixel: float) -> LayerData:
    """Pipes, drawn in the direction of flow; trunk sewers alone when coarser than `ALL_PIPES_UP_TO`.

    Attributes ``system``, ``diameter_mm`` (the height of one that is not round; 0 when unknown), ``state``.
    Should there be too many, the thickest are kept.
    """
    every = """
        SELECT code, geom, system::text, diameter_mm, state::text
        FROM (
            SELECT code, geom, system, state, coalesce(diameter_mm, height_mm, 0) AS diameter_mm FROM city.pipe
            WHERE geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546)
        ) AS near
        ORDER BY near.diameter_mm DESC, code LIMIT :limit
    """
    return read_layer(
        connection,
        every if metres_per_pixel <= ALL_PIPES_UP_TO else _TRUNKS,
        within(extent),
        attributes=_PIPE,
    )


def manhole_layer(connection: Connection, extent: Extent, metres_per_pixel: float) -> LayerData:
    """Manholes, from `MANHOLES_UP_TO` on; attributes ``system``, ``junction_type`` (GB/T 51187), ``state``."""
    if metres_per_pixel > MANHOLES_UP_TO:
        return nothing(_MANHOLE)
    return read_layer(
        connection,
        """
            SELECT code, geom, system::text, junction_type, state::text FROM city.manhole
            WHERE geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546) ORDER BY code LIMIT :limit
        """,
        within(extent),
        attributes=_MANHOLE,
    )


def gully_layer(connection: Connection, extent: Extent, metres_per_pixel: float) -> LayerData:
    """Storm gullies (雨水口), from `GULLIES_UP_TO` on; attribute ``inlet_type``."""
    if metres_per_pixel > GULLIES_UP_TO:
        return nothing(_GULLY)
    return read_layer(
        connection,
        """
            SELECT code, geom, inlet_type FROM city.gully
            WHERE geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546) ORDER BY code LIMIT :limit
        """,
        within(extent),
        attributes=_GULLY,
    )


def outfall_layer(connection: Connection, extent: Extent, metres_per_pixel: float) -> LayerData:
    """Outfalls; attributes ``system``, ``name``, ``receiving_water``."""
    del metres_per_pixel  # there are few
    return read_layer(
        connection,
        """
            SELECT code, geom, system::text, name, receiving_water FROM city.outfall
            WHERE geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546) ORDER BY code LIMIT :limit
        """,
        within(extent),
        attributes={"system": np.str_, "name": np.str_, "receiving_water": np.str_},
    )


def pump_station_layer(connection: Connection, extent: Extent, metres_per_pixel: float) -> LayerData:
    """Pump stations; attributes ``name``, ``pumps``."""
    del metres_per_pixel  # there are few
    return read_layer(
        connection,
        """
            SELECT code, geom, name, pumps FROM city.pump_station
            WHERE geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546) ORDER BY code LIMIT :limit
        """,
        within(extent),
        attributes={"name": np.str_, "pumps": np.int64},
    )
