"""Permits, traffic areas and sites as they are edited: read as rows of a draft, saved one by one.

The database decides who may and what is kept (`city.save_permit` and its like); it refuses what somebody else has
changed since it was read. Shapes are WKT in EPSG:4546 metres, to the millimetre.
"""

from __future__ import annotations

import re
from datetime import time
from typing import TYPE_CHECKING, Any

import shapely
from sqlalchemy import text

from console.models.configuration.draft import Row
from console.models.configuration.references import Reference
from console.models.configuration.subjects import Field, FieldKind, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

_NUMBER = re.compile(r"(?P<head>\D*)(?P<year>20\d\d)(?P<middle>\D+)(?P<count>\d+)(?P<tail>\D*)")
NO_ENTRY, SLOW = "no_entry", "slow"
STALE = "CT102"
"""SQLSTATE of the refusal of what somebody else has changed meanwhile."""


class AreaSubject(Subject):
    """A traffic area forbids, or limits the speed: only then it has one."""

    def fields_of(self, values: Mapping[str, Any]) -> tuple[Field, ...]:
        """Without a speed where nobody drives."""
        return tuple(f for f in self.fields if f.name != "speed_kmh" or values.get("kind") == SLOW)


AREA = AreaSubject(
    "traffic_area",
    ("id",),
    (
        Field("name"),
        Field("kind", FieldKind.CHOICE, choices=(NO_ENTRY, SLOW), default=NO_ENTRY),
        Field("speed_kmh", FieldKind.NUMBER, least=5, most=120, default=30, unit="km/h"),
        Field("hours_from", FieldKind.TIME, default=time(0)),
        Field("hours_to", FieldKind.TIME, default=time(0)),
        Field("shape", FieldKind.SHAPE),
    ),
    unique=(("name",),),
    shown=("changed_at", "changed_by", "changed_by_en"),
)
WORK_SITE = Subject(
    "work_site",
    ("id",),
    (Field("code"), Field("name"), Field("shape", FieldKind.SHAPE)),
    unique=(("code",),),
    shown=("changed_at", "changed_by", "changed_by_en"),
)
DUMP_SITE = Subject(
    "dump_site",
    ("id",),
    (
        Field("code"),
        Field("name"),
        Field("capacity_m3", FieldKind.NUMBER, least=1, most=1e8, decimals=1, unit="m³"),
        Field("shape", FieldKind.SHAPE),
    ),
    unique=(("code",),),
    shown=("changed_at", "changed_by", "changed_by_en"),
)
PERMIT = Subject(
    "route_permit",
    ("id",),
    (
        Field("permit_no"),
        Field("vehicle_id", FieldKind.REFERENCE, refers_to="vehicle"),
        Field("work_site_id", FieldKind.REFERENCE, refers_to="work_site"),
        Field("dump_site_id", FieldKind.REFERENCE, refers_to="dump_site"),
        Field("valid_from", FieldKind.DATE),
        Field("valid_to", FieldKind.DATE),
        Field("hours_from", FieldKind.TIME, default=time(22)),
        Field("hours_to", FieldKind.TIME, default=time(6)),
        Field("volume_m3", FieldKind.NUMBER, least=1, most=1e7, decimals=1, unit="m³"),
        Field("shape", FieldKind.SHAPE),
    ),
    unique=(("permit_no",),),
    shown=("changed_at", "changed_by", "changed_by_en", "revoked_at", "revoked_reason"),
)
_READ = {
    "traffic_area": """
        SELECT x.id, x.version, x.name, x.speed_kmh, x.hours_from, x.hours_to, public.ST_AsBinary(x.geom) AS shape,
            x.changed_at, coalesce(s.title, x.changed_by, '') AS changed_by,
            coalesce(s.title_en, x.changed_by, '') AS changed_by_en
        FROM city.traffic_area AS x LEFT JOIN city.staff AS s ON s.login = x.changed_by ORDER BY x.name, x.id
    """,
    "work_site": """
        SELECT x.id, x.version, x.code, x.name, public.ST_AsBinary(x.geom) AS shape, x.changed_at,
            coalesce(s.title, x.changed_by, '') AS changed_by, coalesce(s.title_en, x.changed_by, '') AS changed_by_en
        FROM city.work_site AS x LEFT JOIN city.staff AS s ON s.login = x.changed_by ORDER BY x.code
    """,
    "dump_site": """
        SELECT x.id, x.version, x.code, x.name, x.capacity_m3, public.ST_AsBinary(x.geom) AS shape, x.changed_at,
            coalesce(s.title, x.changed_by, '') AS changed_by, coalesce(s.title_en, x.changed_by, '') AS changed_by_en
        FROM city.dump_site AS x LEFT JOIN city.staff AS s ON s.login = x.changed_by ORDER BY x.code
    """,
    "route_permit": """
        SELECT x.id, x.version, x.permit_no, x.vehicle_id, x.work_site_id, x.dump_site_id, x.valid_from, x.valid_to,
            x.hours_from, x.hours_to, x.volume_m3, x.revoked_at, x.revoked_reason, public.ST_AsBinary(x.geom) AS shape,
            x.changed_at, coalesce(s.title, x.changed_by, '') AS changed_by,
            coalesce(s.title_en, x.changed_by, '') AS changed_by_en
        FROM city.route_permit AS x LEFT JOIN city.staff AS s ON s.login = x.changed_by ORDER BY x.id DESC
    """,
}
_SAVE = {
    "traffic_area": """
        SELECT id FROM city.save_traffic_area(:id, :version, :name, :speed_kmh, :hours_from, :hours_to, :shape)""",
    "work_site": "SELECT id FROM city.save_site('work_site', :id, :version, :code, :name, NULL, :shape)",
    "dump_site": "SELECT id FROM city.save_site('dump_site', :id, :version, :code, :name, :capacity_m3, :shape)",
    "route_permit": """
        SELECT id FROM city.save_permit(:id, :version, :permit_no, :vehicle_id, :work_site_id, :dump_site_id,
        :valid_from, :valid_to, :hours_from, :hours_to, :volume_m3, :shape)""",
}
_REMOVE = {
    "traffic_area": "SELECT city.remove_traffic_area(:id, :version)",
    "work_site": "SELECT city.remove_site('work_site', :id, :version)",
    "dump_site": "SELECT city.remove_site('dump_site', :id, :version)",
}
_NAMES = text("""
    SELECT 'vehicle' AS refers_to, v.id, '' AS code, v.plate AS name, '' AS name_en, c.name AS detail,
            v.active AS in_use
        FROM city.vehicle AS v JOIN city.company AS c ON c.id = v.company_id
    UNION ALL SELECT 'work_site', id, code, name, '', '', true FROM city.work_site
    UNION ALL SELECT 'dump_site', id, code, name, '', '', true FROM city.dump_site
    ORDER BY refers_to, code, name
""")


def read(connection: Connection, subject: Subject) -> list[Row]:
    """All rows of a subject; the stamp of a row is its version."""
    return [_row(dict(values)) for values in connection.execute(text(_READ[subject.table])).mappings()]


def _row(values: dict[str, Any]) -> Row:
    key, stamp = str(values["id"]), str(values.pop("version"))
    values["shape"] = wkt(shapely.from_wkb(bytes(values["shape"])))
    if "speed_kmh" in values:
        values["kind"] = SLOW if values["speed_kmh"] else NO_ENTRY
        # A limit of speed to begin with, when somebody turns a forbidden area into a slow one.
        values["speed_kmh"] = round(values["speed_kmh"]) or 30
    return Row(key, stamp, values)


def wkt(shape: shapely.Geometry) -> str:
    """A shape as it is kept in a draft."""
    return str(shapely.to_wkt(shape, rounding_precision=3))


def references(connection: Connection) -> dict[str, dict[int, Reference]]:
    """Trucks, work sites and dump sites by id, for what refers to them; the detail of a truck is its company."""
    found: dict[str, dict[int, Reference]] = {}
    for refers_to, number, code, name, name_en, detail, in_use in connection.execute(_NAMES):
        found.setdefault(refers_to, {})[number] = Reference(number, code, name, name_en, detail, "", in_use)
    return found


def save(connection: Connection, subject: Subject, row: Row | None, values: Mapping[str, Any]) -> str:
    """Save a row as `values` say, a new one when `row`, the row that was seen, is None. Returns its key.

    Raises:
        Refused: the post may not, somebody else has changed the row since it was read (`STALE`), or it cannot be kept.
    """
    given = {
        **{one.name: values.get(one.name) for one in subject.fields},
        "id": None if row is None else int(row.key),
        "version": 0 if row is None else int(row.stamp),
        "shape": shapely.to_wkb(shapely.from_wkt(values["shape"])),
    }
    if row is not None and row.values["shape"] == values["shape"]:
        given["shape"] = None  # it stays as it is, to the last digit
    if values.get("kind") == NO_ENTRY:
        given["speed_kmh"] = 0
    found = connection.execute(text(_SAVE[subject.table]), given)
    return str(found.scalar_one())


def remove(connection: Connection, subject: Subject, row: Row) -> None:
    """Take a traffic area or a site away.

    Raises:
        Refused: the post may not, somebody else has changed it since it was read, or permits name the site.
    """
    given = {"id": int(row.key), "version": int(row.stamp)}
    connection.execute(text(_REMOVE[subject.table]), given)


def revoke(connection: Connection, row: Row, reason: str) -> None:
    """End a permit at once.

    Raises:
        Refused: the post may not, there is no reason, or somebody else has changed the permit since it was read.
    """
    connection.execute(
        text("SELECT city.revoke_permit(:id, :version, :reason)"),
        {"id": int(row.key), "version": int(row.stamp), "reason": reason},
    )


def next_number(numbers: Iterable[str], year: int) -> str:
    """The number that follows the highest one of a year, in the form of those that are there; empty without any."""
    found = [match for number in numbers if (match := _NUMBER.fullmatch(number))]
    if not found:
        return ""
    last = max(found, key=lambda match: (int(match["year"]), int(match["count"])))
    count = int(last["count"]) + 1 if int(last["year"]) == year else 1
    return f"{last['head']}{year}{last['middle']}{count:0{len(last['count'])}d}{last['tail']}"
