"""From words to places: everything that an address may mean, the likeliest first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import shapely
from pyproj import Transformer
from sqlalchemy import text

from console.models.geocoding import streets
from console.models.geocoding.parsing import Address, parse, plain
from console.models.geocoding.places import Place, located
from console.models.geocoding.reverse import spot

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

CANDIDATES = 8
PAST_CASES = 400
"""So many earlier cases with the words in their address are looked at."""
ALONG_M = 10.0  # distances are said in tens of metres
AT_CROSSING_M = 20.0
LANDMARK_M = 30.0
HOUSE_GAP_M = 60.0


def geocode(
    connection: Connection, typed: str, *, near: tuple[float, float] | None = None, limit: int = CANDIDATES
) -> list[Place]:
    """Places that `typed` may mean; none when it is understood by nobody.

    Args:
        connection: to the city.
        typed: an address in any form of `console.models.geocoding.parsing`, or part of one.
        near: metres in EPSG:4546; of places that fit alike the nearer one comes first.
        limit: places at most.
    """
    address = parse(typed)
    found = list(_certain(connection, address))
    if not found and not address.code and not address.case_no and address.coordinates is None:
        names = streets.street_names(connection)
        found = [
            *_at_crossings(connection, address, names),
            *_on_street(connection, address, names, near),
            *_in_areas(connection, address),
            *_landmarks(connection, address),
        ]
        if not any(place.kind == "crossing" for place in found) or not address.crossings:
            found += _past_cases(connection, plain(typed))
    return located(connection, _different(found, near)[:limit])


def _different(found: Sequence[Place], near: tuple[float, float] | None) -> list[Place]:
    """Without repetitions; the order of kinds stays, within a kind the nearer comes first."""
    kinds = list(dict.fromkeys(place.kind for place in found))
    kept = list({(place.kind, place.address, round(place.x), round(place.y)): place for place in found}.values())
    if near is None:
        return kept
    x, y = near
    return [
        place
        for kind in kinds
        for place in sorted(
            (p for p in kept if p.kind == kind), key=lambda p: round(((p.x - x) ** 2 + (p.y - y) ** 2) ** 0.5 / 500)
        )
    ]


def _certain(connection: Connection, address: Address) -> Iterable[Place]:
    """What a code, a number or coordinates mean."""
    if address.coordinates is not None:
        x, y = _metres(*address.coordinates)
        there = spot(connection, x, y)
        if there is not None:
            yield Place("point", there.address, x, y, 1.0)
    elif address.case_no:
        rows = connection.execute(
            text("""
                SELECT coalesce(address, case_no), public.ST_X(geom), public.ST_Y(geom) FROM city.case_file
                WHERE case_no LIKE :begins ORDER BY case_no DESC LIMIT :limit
            """),
            {"begins": f"{address.case_no}%", "limit": CANDIDATES},
        )
        yield from (Place("case", name, x, y, 5.0) for name, x, y in rows)
    elif address.code:
        yield from _of_code(connection, address.code)


def _metres(first: float, second: float) -> tuple[float, float]:
    """Metres in EPSG:4546 of longitude and latitude in degrees (CGCS2000), or of what is in metres already."""
    if first > 1000:
        return first, second
    longitude, latitude = (first, second) if first > second else (second, first)
    x, y = Transformer.from_crs("EPSG:4490", "EPSG:4546", always_xy=True).transform(longitude, latitude)
    return x, y


def _of_code(connection: Connection, code: str) -> Iterable[Place]:
    """Components and unit grids by the beginning of their code, areas by the whole of it."""
    rows = connection.execute(
        text("""
            SELECT kind, name, public.ST_X(public.ST_PointOnSurface(geom)), public.ST_Y(public.ST_PointOnSurface(geom)),
                greatest(1.0, sqrt(public.ST_Area(geom))), component_code
            FROM (
                (SELECT 'component' AS kind, name || ' ' || code AS name, geom, code AS component_code
                    FROM city.component WHERE code LIKE :begins ORDER BY code LIMIT :limit)
                UNION ALL
                (SELECT 'unit_grid', '单元网格' || code, geom, '' FROM city.unit_grid
                    WHERE code LIKE :begins ORDER BY code LIMIT :limit)
                UNION ALL SELECT 'community', name, geom, '' FROM city.community WHERE code = :code
                UNION ALL SELECT 'subdistrict', name, geom, '' FROM city.subdistrict WHERE code = :code
            ) AS found
        """),
        {"code": code, "begins": f"{code}%", "limit": CANDIDATES},
    )
    for kind, name, x, y, accuracy, component_code in rows:
        yield Place(kind, name, x, y, accuracy, component_code=component_code)


def _at_crossings(connection: Connection, address: Address, names: list[str]) -> Iterable[Place]:
    """Where two streets meet, and what lies some way from there."""
    for first, second in address.crossings:
        for one in streets.matching(names, first, 3):
            for other in streets.matching(names, second, 3):
                if one == other:
                    continue
                for point in streets.crossings(connection, one, other):
                    yield _from(
                        connection, f"{one}与{other}交叉口", "crossing", point, (one, other), address, AT_CROSSING_M
                    )


def _from(
    connection: Connection,
    title: str,
    kind: str,
    point: shapely.Point,
    names: Sequence[str],
    address: Address,
    accuracy_m: float,
) -> Place:
    """The place itself, or the one that `address` says lies some way from it."""
    offset = address.offset
    if offset is None:
        return Place(kind, title, round(point.x, 2), round(point.y, 2), accuracy_m)
    there = streets.gone(connection, names, point, offset)
    words = f"{title}{offset.way}{offset.metres:g}米" + (f"路{offset.side}" if offset.side else "")
    return Place(kind, words, round(there.x, 2), round(there.y, 2), accuracy_m + ALONG_M)


def _on_street(
    connection: Connection, address: Address, names: list[str], near: tuple[float, float] | None
) -> Iterable[Place]:
    """A stretch, a house, a part in an area, or simply the street."""
    if address.crossings:
        return
    for street in streets.matching(names, address.street or address.name):
        if address.end:
            yield from _stretch(connection, street, address, names)
            continue
        if address.house is not None:
            yield from _house(connection, street, address.house)
        yield from _part(connection, street, address.area, near) or _part(connection, street, "", near)


def _stretch(connection: Connection, street: str, address: Address, names: list[str]) -> Iterable[Place]:
    """The middle of a street between two others."""
    ends = [
        [
            (other, point)
            for other in streets.matching(names, typed, 2)
            for point in streets.crossings(connection, street, other)
        ]
        for typed in (address.begin, address.end)
    ]
    pairs = [(a, b) for a in ends[0] for b in ends[1] if a[0] != b[0]]
    if not pairs:
        return
    (first, begin), (second, end) = min(pairs, key=lambda pair: pair[0][1].distance(pair[1][1]))
    middle = shapely.Point((begin.x + end.x) / 2, (begin.y + end.y) / 2)
    half = begin.distance(end) / 2
    way = streets.way_near(connection, street, middle.x, middle.y, half + streets.ON_STREET_M)
    if way is not None and way.lines:
        line = min(way.lines, key=middle.distance)
        middle = line.interpolate(line.project(middle))
    yield Place("stretch", f"{street}（{first}至{second}）", round(middle.x, 2), round(middle.y, 2), half)


def _house(connection: Connection, street: str, number: int) -> Iterable[Place]:
    """A house number, as earlier cases know it; one that none knows lies between its nearest known neighbours."""
    rows = connection.execute(
        text("""
            SELECT CAST(substring(address FROM :numbered) AS integer) AS number, avg(x) AS x, avg(y) AS y
            FROM (
                SELECT address, public.ST_X(geom) AS x, public.ST_Y(geom) AS y FROM city.case_file
                WHERE search OPERATOR(pg_catalog.@>) city.bigram_codes(:street)
                    AND search OPERATOR(pg_catalog.&&) ARRAY(
                        SELECT (city.bigram_codes(right(:street, 1) || digit))[1] FROM generate_series(1, 9) AS digit)
                    AND address ~ :numbered LIMIT :limit
            ) AS known GROUP BY number ORDER BY abs(CAST(substring(min(address) FROM :numbered) AS integer) - :number)
        """),
        {"street": street, "numbered": f"{re.escape(street)}(\\d{{1,5}})号", "number": number, "limit": 5 * PAST_CASES},
    ).all()
    known = {row.number: (row.x, row.y) for row in rows}
    if number in known:
        yield Place("house", f"{street}{number}号", *known[number], ALONG_M)
        return
    # Odd and even numbers stand on different sides.
    below = max((n for n in known if n < number and n % 2 == number % 2), default=None)
    above = min((n for n in known if n > number and n % 2 == number % 2), default=None)
    if below is not None and above is not None:
        share = (number - below) / (above - below)
        (x0, y0), (x1, y1) = known[below], known[above]
        gap = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        yield Place(
            "house", f"{street}{number}号", x0 + share * (x1 - x0), y0 + share * (y1 - y0), max(gap / 2, ALONG_M)
        )
    elif (nearest := below if below is not None else above) is not None and abs(nearest - number) <= 10:
        yield Place("house", f"{street}{nearest}号", *known[nearest], HOUSE_GAP_M)


def _part(connection: Connection, street: str, area: str, near: tuple[float, float] | None) -> list[Place]:
    """The middle of a street, or of its part in a community or subdistrict, or what of it is nearest to `near`."""
    rows = connection.execute(
        text("""
            WITH part AS (
                SELECT s.geom, s.length_m, public.ST_LineInterpolatePoint(s.geom, 0.5) AS middle FROM city.street AS s
                WHERE s.name = :street
            ), inside AS (
                SELECT * FROM part AS p
                WHERE :area = '' OR EXISTS (
                    SELECT FROM city.community AS m WHERE m.name LIKE :like AND public.ST_Covers(m.geom, p.middle)
                ) OR EXISTS (
                    SELECT FROM city.subdistrict AS d WHERE d.name LIKE :like AND public.ST_Covers(d.geom, p.middle)
                )
            ), whole AS (
                SELECT sum(length_m) AS length_m, coalesce(
                    public.ST_SetSRID(
                        public.ST_MakePoint(CAST(:x AS double precision), CAST(:y AS double precision)), 4546),
                    public.ST_Centroid(public.ST_Collect(geom))
                ) AS near FROM inside
            )
            SELECT public.ST_X(i.middle), public.ST_Y(i.middle), whole.length_m / 2 FROM inside AS i, whole
            ORDER BY public.ST_Distance(i.middle, whole.near) LIMIT 1
        """),
        {
            "street": street,
            "area": area,
            "like": f"%{_escaped(area)}%",
            "x": None if near is None else near[0],
            "y": None if near is None else near[1],
        },
    )
    title = f"{street}{area}段" if area else street
    return [Place("street", title, x, y, accuracy) for x, y, accuracy in rows]


def _in_areas(connection: Connection, address: Address) -> Iterable[Place]:
    """Communities and subdistricts of that name."""
    if len(address.name) < 2:
        return
    rows = connection.execute(
        text("""
            SELECT kind, name, public.ST_X(public.ST_PointOnSurface(geom)), public.ST_Y(public.ST_PointOnSurface(geom)),
                sqrt(public.ST_Area(geom))
            FROM (
                SELECT 'community' AS kind, name, geom FROM city.community
                UNION ALL SELECT 'subdistrict', name, geom FROM city.subdistrict
            ) AS area
            WHERE name LIKE :like OR :name LIKE '%' || name || '%' ORDER BY kind, length(name), name LIMIT :limit
        """),
        {"like": f"%{_escaped(address.name)}%", "name": address.name, "limit": 4},
    )
    yield from (Place(*row) for row in rows)


_LANDMARKS = """
    SELECT name, public.ST_X(public.ST_PointOnSurface(geom)), public.ST_Y(public.ST_PointOnSurface(geom))
    FROM (
        SELECT name, geom FROM city.flood_point
        UNION ALL SELECT name, geom FROM city.pump_station
        UNION ALL SELECT name, geom FROM city.work_site
        UNION ALL SELECT name, geom FROM city.dump_site
        UNION ALL SELECT name, geom FROM city.outfall
    ) AS landmark
    WHERE name LIKE :like ORDER BY length(name), name LIMIT :limit
"""


def _landmarks(connection: Connection, address: Address) -> Iterable[Place]:
    """Places of the city that have a name of their own, and what lies some way from them."""
    if len(address.name) < 2:
        return
    values = {"like": f"%{_escaped(address.name)}%", "limit": CANDIDATES}
    for name, x, y in connection.execute(text(_LANDMARKS), values):
        yield _from(connection, name, "landmark", shapely.Point(x, y), (), address, LANDMARK_M)


def _past_cases(connection: Connection, typed: str) -> Iterable[Place]:
    """Addresses at which something was reported before, the most frequent first."""
    if len(typed) < 2:
        return
    rows = connection.execute(
        text("""
            WITH known AS (
                SELECT address, public.ST_X(geom) AS x, public.ST_Y(geom) AS y FROM city.case_file
                WHERE search OPERATOR(pg_catalog.@>) city.bigram_codes(:typed) AND address LIKE :like LIMIT :cases
            )
            SELECT address, avg(x), avg(y), greatest(5.0, coalesce(stddev(x), 0) + coalesce(stddev(y), 0)) FROM known
            GROUP BY address ORDER BY address = :typed DESC, count(*) DESC, address LIMIT :limit
        """),
        {"typed": typed, "like": f"%{_escaped(typed)}%", "cases": PAST_CASES, "limit": CANDIDATES},
    )
    yield from (Place("case", address, x, y, accuracy) for address, x, y, accuracy in rows)


def _escaped(typed: str) -> str:
    """`typed` as a LIKE pattern of itself."""
    return typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
