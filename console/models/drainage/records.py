"""Records of the drainage network (fields of GB/T 51187-2016 appendix A)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection


@dataclass(frozen=True)
class Pipe:
    """The record of one pipe; elevations in metres above sea level, at its invert.

    Attributes:
        code: of the pipe.
        system, shape, state, data_source: codes of the types of the same names in schema ``city``.
        street, owner, zone: names; empty when not recorded; owner and zone in English too.
        from_manhole, to_manhole: codes of the manholes at its upper and lower end.
        from_ground_m, to_ground_m: ground at these manholes.
        in_elevation_m, out_elevation_m: its invert at the upper and lower end.
        diameter_mm: of a round one; `width_mm`, `height_mm` of one that is not.
        roughness: Manning's n.
        length_m: in plan.
        slope: fall over length, without unit; None when an elevation is missing.
        x, y: its middle, metres, EPSG:4546.
    """

    code: str
    system: str
    street: str
    zone: str
    zone_en: str
    from_manhole: str
    to_manhole: str
    from_ground_m: float | None
    to_ground_m: float | None
    in_elevation_m: float | None
    out_elevation_m: float | None
    shape: str
    diameter_mm: int | None
    width_mm: int | None
    height_mm: int | None
    material: str | None
    roughness: float | None
    length_m: float
    slope: float | None
    built_year: int | None
    owner: str
    owner_en: str
    state: str
    data_source: str
    recorded_on: date | None
    x: float
    y: float


@dataclass(frozen=True)
class Manhole:
    """The record of one manhole; elevations in metres above sea level.

    Attributes:
        code: of the manhole; `component_code` of the component that its cover is.
        system, state, data_source: codes of the types of the same names in schema ``city``.
        junction_type, junction_style: codes of GB/T 51187-2016 appendix A.
        street, owner, zone: names; empty when not recorded; owner and zone in English too.
        cover_load_class: GB/T 23858.
        gullies: storm gullies that run into it.
        outfall, pump_station: names of what stands at it; empty when nothing does.
        upstream, downstream: codes of the pipes that end and begin here.
        open_cases: cases in hand about its cover.
        x, y: metres, EPSG:4546.
    """

    code: str
    component_code: str | None
    system: str
    junction_type: int
    junction_style: int | None
    street: str
    unit_grid: str | None
    zone: str
    zone_en: str
    ground_elevation_m: float | None
    cover_elevation_m: float | None
    invert_elevation_m: float | None
    depth_m: float | None
    cover_material: str | None
    cover_load_class: str | None
    has_fall_net: bool | None
    built_year: int | None
    owner: str
    owner_en: str
    state: str
    data_source: str
    recorded_on: date | None
    gullies: int
    outfall: str
    pump_station: str
    upstream: tuple[str, ...]
    downstream: tuple[str, ...]
    open_cases: int
    x: float
    y: float


def pipe(connection: Connection, code: str) -> Pipe | None:
    """The record of one pipe; None when there is none of that code."""
    row = (
        connection.execute(
            text("""
            SELECT p.code, p.system::text AS system, coalesce(s.name, '') AS street, coalesce(z.name, '') AS zone,
                coalesce(z.name_en, '') AS zone_en, p.from_manhole, p.to_manhole, a.ground_elevation_m AS from_ground_m,
                b.ground_elevation_m AS to_ground_m, p.in_elevation_m, p.out_elevation_m, p.shape::text AS shape,
                p.diameter_mm, p.width_mm, p.height_mm, p.material, p.roughness, p.length_m,
                (p.in_elevation_m - p.out_elevation_m)::double precision / nullif(p.length_m, 0) AS slope, p.built_year,
                coalesce(o.name, '') AS owner, coalesce(o.name_en, '') AS owner_en, p.state::text AS state,
                p.data_source::text AS data_source,
                p.recorded_on,
                public.ST_X(public.ST_LineInterpolatePoint(p.geom, 0.5)) AS x,
                public.ST_Y(public.ST_LineInterpolatePoint(p.geom, 0.5)) AS y
            FROM city.pipe AS p
            JOIN city.manhole AS a ON a.code = p.from_manhole
            JOIN city.manhole AS b ON b.code = p.to_manhole
            LEFT JOIN city.street AS s ON s.id = p.street_id
            LEFT JOIN city.zone AS z ON z.id = p.zone_id
            LEFT JOIN city.department AS o ON o.id = p.owner_id
            WHERE p.code = :code
        """),
            {"code": code},
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else Pipe(**row)


def manhole(connection: Connection, code: str) -> Manhole | None:
    """The record of one manhole; None when there is none of that code."""
    row = (
        connection.execute(
            text("""
            SELECT m.code, m.component_code, m.system::text AS system, m.junction_type, m.junction_style,
                coalesce(s.name, '') AS street, m.unit_grid, coalesce(z.name, '') AS zone,
                coalesce(z.name_en, '') AS zone_en, m.ground_elevation_m, m.cover_elevation_m,
                m.invert_elevation_m, m.depth_m, m.cover_material,
                m.cover_load_class, m.has_fall_net, m.built_year, coalesce(o.name, '') AS owner,
                coalesce(o.name_en, '') AS owner_en, m.state::text AS state,
                m.data_source::text AS data_source, m.recorded_on,
                (SELECT count(*) FROM city.gully AS g WHERE g.manhole_code = m.code) AS gullies,
                coalesce((SELECT f.name FROM city.outfall AS f WHERE f.manhole_code = m.code), '') AS outfall,
                coalesce((SELECT u.name FROM city.pump_station AS u WHERE u.manhole_code = m.code), '') AS pump_station,
                ARRAY(SELECT p.code FROM city.pipe AS p WHERE p.to_manhole = m.code ORDER BY p.code) AS upstream,
                ARRAY(SELECT p.code FROM city.pipe AS p WHERE p.from_manhole = m.code ORDER BY p.code) AS downstream,
                (SELECT count(*) FROM city.case_file AS c
                    WHERE c.component_code = m.component_code AND c.is_open) AS open_cases,
                public.ST_X(m.geom) AS x, public.ST_Y(m.geom) AS y
            FROM city.manhole AS m
            LEFT JOIN city.street AS s ON s.id = m.street_id
            LEFT JOIN city.zone AS z ON z.id = m.zone_id
            LEFT JOIN city.department AS o ON o.id = m.owner_id
            WHERE m.code = :code
        """),
            {"code": code},
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    return Manhole(**{**row, "upstream": tuple(row["upstream"]), "downstream": tuple(row["downstream"])})
