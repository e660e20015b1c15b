"""What the database is asked about rows before they are written: its catalogue, and the rules between tables.

Rows stand in ``pg_temp.incoming``, numbered by ``row_number``; those of the database in schema city.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from console.errors import QT_TRANSLATE_NOOP

COLUMNS = text("""
    SELECT a.attname AS name, t.typname AS type, a.attnotnull AS mandatory,
           pg_get_expr(d.adbin, d.adrelid) AS "default",
           a.attgenerated <> '' AS generated, a.attidentity <> '' AS identity
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = CAST(:table AS regclass) AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum
""")

CHECKS = text("""
    SELECT c.conname, pg_get_expr(c.conbin, c.conrelid),
           ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
                 ORDER BY a.attnum)
    FROM pg_constraint c
    WHERE c.contype = 'c' AND c.conrelid = CAST(:table AS regclass) AND NOT c.connoinherit
    ORDER BY c.conname
""")

REFERENCES = text("""
    SELECT a.attname, c.confrelid::regclass::text, k.attname
    FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        JOIN pg_attribute k ON k.attrelid = c.confrelid AND k.attnum = c.confkey[1]
    WHERE c.contype = 'f' AND c.conrelid = CAST(:table AS regclass) AND cardinality(c.conkey) = 1
    ORDER BY a.attnum
""")

# Numbers behind the words that a file may use for them.
LOOKUPS = {
    "zone": text("SELECT id, ARRAY[id::text, code, name, name_en] FROM city.zone ORDER BY id"),
    "department": text("SELECT id, ARRAY[code, short_name, name, name_en] FROM city.department ORDER BY id"),
    "class": text("""
        SELECT id, ARRAY[code, name, name_en] FROM city.case_class
        WHERE kind = 'component' AND code_system = 'GB/T 30428.2-2013' ORDER BY id
    """),
    "street": text(
        "SELECT min(id), ARRAY[code] FROM city.street GROUP BY code UNION ALL"
        " SELECT min(id), ARRAY[name] FROM city.street GROUP BY name"
    ),
}

# More than a millimetre, or drawn the other way round.
_MOVED = """(ST_HausdorffDistance(t.geom, i.geom) > 0.001 OR (GeometryType(i.geom) = 'LINESTRING'
    AND GeometryType(t.geom) = 'LINESTRING' AND ST_Distance(ST_StartPoint(t.geom), ST_StartPoint(i.geom)) > 0.001))"""
MOVED = f"""'geom', CASE WHEN {_MOVED} THEN jsonb_build_array(
    round(ST_X(ST_Centroid(t.geom))::numeric, 2) || ' ' || round(ST_Y(ST_Centroid(t.geom))::numeric, 2),
    round(ST_X(ST_Centroid(i.geom))::numeric, 2) || ' ' || round(ST_Y(ST_Centroid(i.geom))::numeric, 2)) END"""


@dataclass(frozen=True)
class Derived:
    """How a column is filled that the file lacks."""

    column: str
    statement: str


@dataclass(frozen=True)
class Found:
    """A query for rows (``row_number`` and the fields of the sentence), and the sentence."""

    query: str
    template: str


def _by_place(table: str, column: str, place: str, found: str) -> Derived:
    """The value found at the row's place; what stays where it was keeps its value."""
    return Derived(
        column,
        f"""
        UPDATE pg_temp.incoming i SET {column} = coalesce(
            (SELECT t.{column} FROM city.{table} t WHERE t.code = i.code AND NOT {_MOVED}),
            (SELECT {found.replace("{place}", place)}))
        """,  # noqa: S608 - names of our own
    )


def _by_level(column: str, found: str) -> Derived:
    """A level or depth of a manhole from the two others; else what is known already."""
    known = f"(SELECT t.{column} FROM city.manhole t WHERE t.code = i.code)"  # noqa: S608 - names of our own
    return Derived(column, f"UPDATE pg_temp.incoming i SET {column} = {found.replace('{known}', known)}")  # noqa: S608


_GRID = "g.code FROM city.unit_grid g WHERE ST_Intersects(g.geom, {place}) ORDER BY g.code LIMIT 1"
_ZONE = "z.id FROM city.zone z WHERE ST_Intersects(z.geom, {place}) ORDER BY z.id LIMIT 1"
_STREET = "s.id FROM city.street s WHERE ST_DWithin(s.geom, {place}, 30) ORDER BY s.geom <-> {place} LIMIT 1"
_POINT, _MIDDLE, _INSIDE = "i.geom", "ST_LineInterpolatePoint(i.geom, 0.5)", "ST_PointOnSurface(i.geom)"

DERIVED = {
    "zone": (
        Derived(
            "id",
            """
            UPDATE pg_temp.incoming i SET id = coalesce(t.id, n.id)
            FROM pg_temp.incoming j
                LEFT JOIN city.zone t ON t.code = j.code
                LEFT JOIN (
                    SELECT k.row_number, row_number() OVER (ORDER BY k.row_number)
                           + (SELECT coalesce(max(id), 0) FROM city.zone) AS id
                    FROM pg_temp.incoming k WHERE NOT EXISTS (SELECT FROM city.zone z WHERE z.code = k.code)
                ) n ON n.row_number = j.row_number
            WHERE j.row_number = i.row_number
            """,
        ),
        Derived(
            "name_en",
            "UPDATE pg_temp.incoming i SET name_en ="
            " coalesce((SELECT t.name_en FROM city.zone t WHERE t.code = i.code), i.name)",
        ),
    ),
    "unit_grid": (_by_place("unit_grid", "zone_id", _INSIDE, _ZONE),),
    "manhole": (
        _by_place("manhole", "unit_grid", _POINT, _GRID),
        _by_place("manhole", "zone_id", _POINT, _ZONE),
        _by_place("manhole", "street_id", _POINT, _STREET),
        _by_level("ground_elevation_m", "coalesce({known}, i.cover_elevation_m)"),
        _by_level("invert_elevation_m", "coalesce(i.ground_elevation_m - i.depth_m, {known})"),
        _by_level("depth_m", "coalesce(i.ground_elevation_m - i.invert_elevation_m, {known})"),
    ),
    "pipe": (
        _by_place("pipe", "zone_id", _MIDDLE, _ZONE),
        _by_place("pipe", "street_id", _MIDDLE, _STREET),
    ),
    "component": (
        Derived(
            "class_id",
            "UPDATE pg_temp.incoming i SET class_id = (SELECT c.id FROM city.case_class c WHERE c.kind = 'component'"
            " AND c.code_system = 'GB/T 30428.2-2013' AND c.code = substr(i.code, 7, 4))",
        ),
        Derived(
            "name",
            "UPDATE pg_temp.incoming i SET name = coalesce((SELECT t.name FROM city.component t WHERE t.code = i.code),"
            " (SELECT c.name FROM city.case_class c WHERE c.id = i.class_id))",
        ),
        _by_place("component", "unit_grid", _INSIDE, _GRID),
        _by_place("component", "zone_id", _INSIDE, _ZONE),
    ),
}

SNAP = """
    UPDATE pg_temp.incoming i SET {column} = (
        SELECT m.code FROM city.manhole m WHERE ST_DWithin(m.geom, {end}(i.geom), %(within)s)
        ORDER BY m.geom <-> {end}(i.geom), m.code LIMIT 1)
    WHERE i.{column} IS NULL
"""
TURN = """
    UPDATE pg_temp.incoming i SET geom = ST_Reverse(i.geom)
    FROM city.manhole a, city.manhole b
    WHERE a.code = i.from_manhole AND b.code = i.to_manhole
      AND ST_Distance(ST_StartPoint(i.geom), b.geom) + ST_Distance(ST_EndPoint(i.geom), a.geom)
        < ST_Distance(ST_StartPoint(i.geom), a.geom) + ST_Distance(ST_EndPoint(i.geom), b.geom)
    RETURNING i.row_number
"""
MOVE_ENDS = """
    UPDATE pg_temp.incoming i SET geom = ST_SetPoint(ST_SetPoint(i.geom, 0, a.geom), -1, b.geom)
    FROM city.manhole a, city.manhole b
    WHERE a.code = i.from_manhole AND b.code = i.to_manhole AND a.code <> b.code
      AND ST_DWithin(ST_StartPoint(i.geom), a.geom, %(within)s) AND ST_DWithin(ST_EndPoint(i.geom), b.geom, %(within)s)
"""

FAR_M = 5000
"""Metres outside the bounds of the zones from which a feature is taken for one of another city."""
_ELSEWHERE = """
    WITH city AS (SELECT ST_SetSRID(ST_Extent(geom)::geometry, 4546) AS geom FROM city.zone)
    SELECT i.row_number, round(ST_Distance(i.geom, city.geom) / 1000) AS km
    FROM pg_temp.incoming i, city WHERE ST_Distance(i.geom, city.geom) > {far}
""".replace("{far}", str(FAR_M))
_OUTSIDE = Found(_ELSEWHERE, QT_TRANSLATE_NOOP("errors", "lies {km:.0f} km outside the city"))


def _end_away(end: str, column: str) -> Found:
    return Found(
        f"""
        SELECT i.row_number, m.code, round(ST_Distance({end}(i.geom), m.geom)::numeric, 2) AS metres
        FROM pg_temp.incoming i JOIN city.manhole m ON m.code = i.{column}
        WHERE NOT ST_DWithin({end}(i.geom), m.geom, :away)
        """,  # noqa: S608 - names of our own
        QT_TRANSLATE_NOOP("errors", "an end lies {metres} m away from its manhole {code}"),
    )


FAULTS: dict[str, tuple[Found, ...]] = {
    **dict.fromkeys(("subdistrict", "community", "unit_grid", "street", "manhole", "component"), (_OUTSIDE,)),
    "pipe": (_OUTSIDE, _end_away("ST_StartPoint", "from_manhole"), _end_away("ST_EndPoint", "to_manhole")),
}

NOTES: dict[str, tuple[Found, ...]] = {
    "pipe": (
        Found(
            """
            SELECT row_number, in_elevation_m AS high, out_elevation_m AS low
            FROM pg_temp.incoming WHERE in_elevation_m < out_elevation_m
            """,
            QT_TRANSLATE_NOOP("errors", "reverse slope: {high:.2f} m in, {low:.2f} m out"),
        ),
    ),
    "component": (
        Found(
            """
            SELECT i.row_number, c.code || ' ' || c.name AS class FROM pg_temp.incoming i
            JOIN city.case_class c ON c.id = i.class_id WHERE c.code <> substr(i.code, 7, 4)
            """,
            QT_TRANSLATE_NOOP("errors", "its code names another class than {class}"),
        ),
    ),
}
