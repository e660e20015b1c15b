"""Pipes and manholes as lists, and the network in figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

LIST_LIMIT = 500
"""Rows of a list at most; who wants others narrows it down."""


@dataclass(frozen=True)
class NetworkFilter:
    """What a list is narrowed down to; empty asks nothing.

    Attributes:
        subject: ``pipe`` or ``manhole``.
        system: code of the type ``city.drainage_system``.
        state: code of the type ``city.component_state``.
        zone_id: of the zone.
        least_diameter_mm: of pipes only.
        text: beginning of a code, or part of a street's name.
    """

    subject: str = "pipe"
    system: str | None = None
    state: str | None = None
    zone_id: int | None = None
    least_diameter_mm: int | None = None
    text: str = ""


@dataclass(frozen=True)
class NetworkRow:
    """A pipe or a manhole as a list shows it.

    Attributes:
        subject: ``pipe`` or ``manhole``.
        code, system, state: as in their tables.
        street: name; empty when it lies in none.
        size: diameter of a pipe in mm (the height of one that is not round), depth of a manhole in cm; None unknown.
        length_m: of a pipe; None for a manhole.
        x, y: metres, EPSG:4546.
    """

    subject: str
    code: str
    system: str
    state: str
    street: str
    size: float | None
    length_m: float | None
    x: float
    y: float


@dataclass(frozen=True)
class SystemFigures:
    """One drainage system: number and length of its pipes, number of its manholes, of both those not intact."""

    system: str
    pipes: int
    length_m: float
    manholes: int
    faulty: int


@dataclass(frozen=True)
class NetworkFigures:
    """The network in figures: each system, and what belongs to none."""

    systems: tuple[SystemFigures, ...]
    gullies: int
    outfalls: int
    pump_stations: int


_PIPES = """
    SELECT 'pipe' AS subject, p.code, p.system::text AS system, p.state::text AS state, coalesce(s.name, '') AS street,
        coalesce(p.diameter_mm, p.height_mm)::double precision AS size, p.length_m,
        public.ST_X(public.ST_LineInterpolatePoint(p.geom, 0.5)) AS x,
        public.ST_Y(public.ST_LineInterpolatePoint(p.geom, 0.5)) AS y
    FROM city.pipe AS p LEFT JOIN city.street AS s ON s.id = p.street_id
    WHERE (CAST(:least AS integer) IS NULL OR coalesce(p.diameter_mm, p.height_mm) >= :least)
"""
_MANHOLES = """
    SELECT 'manhole' AS subject, p.code, p.system::text AS system, p.state::text AS state,
        coalesce(s.name, '') AS street, p.depth_m::double precision * 100 AS size,
        CAST(NULL AS double precision) AS length_m,
        public.ST_X(p.geom) AS x, public.ST_Y(p.geom) AS y
    FROM city.manhole AS p LEFT JOIN city.street AS s ON s.id = p.street_id
    WHERE true
"""
_NARROW = """
    AND (CAST(:system AS text) IS NULL OR p.system = CAST(:system AS city.drainage_system))
    AND (CAST(:state AS text) IS NULL OR p.state = CAST(:state AS city.component_state))
    AND (CAST(:zone_id AS integer) IS NULL OR p.zone_id = :zone_id)
    AND (:begins = '%' OR p.code LIKE :begins OR s.name LIKE :contains)
    ORDER BY p.code LIMIT :limit
"""


def network_rows(connection: Connection, wanted: NetworkFilter, limit: int = LIST_LIMIT) -> list[NetworkRow]:
    """The pipes or manholes that fit, by code."""
    typed = wanted.text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found = connection.execute(
        text((_PIPES if wanted.subject == "pipe" else _MANHOLES) + _NARROW),
        {
            "system": wanted.system,
            "state": wanted.state,
            "zone_id": wanted.zone_id,
            **({"least": wanted.least_diameter_mm} if wanted.subject == "pipe" else {}),
            "begins": f"{typed.upper()}%",
            "contains": f"%{typed}%",
            "limit": limit,
        },
    )
    return [NetworkRow(**row) for row in found.mappings()]


def network_figures(connection: Connection) -> NetworkFigures:
    """The whole network in figures."""
    systems = connection.execute(
        text("""
            SELECT p.system::text AS system, p.pipes, p.length_m, coalesce(m.manholes, 0) AS manholes,
                p.faulty + coalesce(m.faulty, 0) AS faulty
            FROM (
                SELECT system, count(*) AS pipes, sum(length_m) AS length_m,
                    count(*) FILTER (WHERE state <> 'intact') AS faulty
                FROM city.pipe GROUP BY system
            ) AS p
            LEFT JOIN (
                SELECT system, count(*) AS manholes, count(*) FILTER (WHERE state <> 'intact') AS faulty
                FROM city.manhole GROUP BY system
            ) AS m ON m.system = p.system
            ORDER BY p.system
        """)
    )
    others = connection.execute(
        text("""
            SELECT (SELECT count(*) FROM city.gully) AS gullies, (SELECT count(*) FROM city.outfall) AS outfalls,
                (SELECT count(*) FROM city.pump_station) AS pump_stations
        """)
    )
    return NetworkFigures(tuple(SystemFigures(**row) for row in systems.mappings()), **others.mappings().one())
