"""What monitors need, read from the database: what lies where, who there is, and what has come in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from sqlalchemy import text

from console.models.monitors.fixes import Fixes
from console.models.monitors.gauges import Gauge, Reading
from console.models.monitors.ground import Area, Ground, Permit, Permits
from console.models.monitors.routes import Routes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy import Connection

SUBJECTS = (
    *("alarm_rule", "vehicle", "route_permit", "work_site", "dump_site", "street", "traffic_area"),
    *("sensor", "flood_point", "city"),
)  # fmt: skip
"""Subjects of ``city.change_log`` by which monitors judge."""
SIMPLER_M = 1.0
"""By how much a route may be straightened: far less than noise."""
_LIMITS = ("attention_cm", "flooding_cm", "closing_cm", "severe_cm")
_ARRAY_HEAD = 20  # bytes of array_send before the elements of one dimension
_WORK_SITES = "SELECT id, public.ST_AsBinary(geom) AS geom FROM city.work_site ORDER BY id"
_DUMP_SITES = "SELECT id, public.ST_AsBinary(geom) AS geom FROM city.dump_site ORDER BY id"
_STREETS = "SELECT public.ST_AsBinary(geom) AS geom, class::text AS street_class FROM city.street ORDER BY id"
# From the day of its revocation on a permit allows nothing; what was driven before is judged by it.
_PERMITS = """
    SELECT vehicle_id, permit_no, valid_from - DATE '1970-01-01' AS first_day,
        least(valid_to, (revoked_at AT TIME ZONE 'Asia/Shanghai')::date - 1) - DATE '1970-01-01' AS last_day,
        extract(epoch FROM hours_from)::double precision AS from_s,
        extract(epoch FROM hours_to)::double precision AS to_s,
        public.ST_AsBinary(geom) AS route, work_site_id, dump_site_id
    FROM city.route_permit WHERE vehicle_id = coalesce(CAST(:vehicle AS integer), vehicle_id) ORDER BY valid_from, id
"""
# As the inbox packs them: a million positions are read in a second or two, row by row they take a minute.
_PACKED = """
    SELECT array_send(array_agg(vehicle_id)), array_send(array_agg(extract(epoch FROM at)::double precision)),
        array_send(array_agg(public.ST_X(geom))), array_send(array_agg(public.ST_Y(geom))),
        array_send(array_agg(speed_kmh)), array_send(array_agg(heading)),
        array_send(array_agg(CASE load WHEN 'empty' THEN 0 WHEN 'half' THEN 1 ELSE 2 END::smallint)),
        array_send(array_agg((lid_closed::integer + 2 * ignition::integer)::smallint)),
        array_send(array_agg(alarm_bits))
"""
_KINDS = (">i4", ">f8", ">f8", ">f8", ">f4", ">i2", ">i2", ">i2", ">i4")


def vehicle_ids(connection: Connection) -> NDArray[np.int64]:
    """Every truck in use, ascending."""
    found = connection.execute(text("SELECT id FROM city.vehicle WHERE active ORDER BY id")).scalars().all()
    return np.array(found, np.int64)


def ground(connection: Connection, trucks: NDArray[np.int64]) -> Ground:
    """The city under these trucks."""
    work, dump, street = (connection.execute(text(query)).all() for query in (_WORK_SITES, _DUMP_SITES, _STREETS))
    place = [{row.id: index for index, row in enumerate(sites)} for sites in (work, dump)]
    permits, lines = _permits(connection, None, *place)
    areas = connection.execute(
        text("""
            SELECT name, speed_kmh, extract(epoch FROM hours_from)::double precision AS from_s,
                extract(epoch FROM hours_to)::double precision AS to_s, public.ST_AsBinary(geom) AS geom
            FROM city.traffic_area ORDER BY id
        """)
    )
    return Ground(
        Routes([shapely.simplify(shapely.from_wkb(line), SIMPLER_M) for line in lines]),
        Permits(permits, trucks),
        _shapes(work),
        _shapes(dump),
        _shapes(street),
        [row.street_class for row in street],
        [Area(row.name, row.speed_kmh, row.from_s, row.to_s, shapely.from_wkb(bytes(row.geom))) for row in areas],
    )


def permits_of(connection: Connection, vehicle_id: int) -> tuple[Permits, list[shapely.Geometry]]:
    """The permits of one truck, the only one that they know, and their routes as they were approved; sites unnamed."""
    permits, lines = _permits(connection, vehicle_id, {}, {})
    return Permits(permits, np.array([vehicle_id], np.int64)), [shapely.from_wkb(line) for line in lines]


def _permits(
    connection: Connection, vehicle_id: int | None, work: Mapping[int, int], dump: Mapping[int, int]
) -> tuple[list[Permit], list[bytes]]:
    """The permits of a truck, or of all; and the routes that they name, each once."""
    lines: dict[bytes, int] = {}
    permits = [
        Permit(
            row.vehicle_id, row.permit_no, row.first_day, row.last_day, row.from_s, row.to_s,
            lines.setdefault(bytes(row.route), len(lines)), work.get(row.work_site_id, -1),
            dump.get(row.dump_site_id, -1),
        )
        for row in connection.execute(text(_PERMITS), {"vehicle": vehicle_id})
    ]  # fmt: skip
    return permits, list(lines)


def gauges(connection: Connection) -> list[Gauge]:
    """Every sensor."""
    found = connection.execute(
        text("""
            SELECT s.id, s.kind = 'water_level' AS is_level, s.interval_s, p.attention_cm, p.flooding_cm, p.closing_cm,
                p.severe_cm, public.ST_X(s.geom) AS x, public.ST_Y(s.geom) AS y
            FROM city.sensor AS s LEFT JOIN city.flood_point AS p ON p.id = s.flood_point_id ORDER BY s.id
        """)
    )
    return [
        Gauge(
            row["id"], row["is_level"], row["interval_s"],
            {name: row[name] for name in _LIMITS if row[name] is not None}, row["x"], row["y"],
        )
        for row in found.mappings()
    ]  # fmt: skip


def change_mark(connection: Connection, since: int) -> tuple[int, int]:
    """What changes whenever somebody changes what monitors judge by, after a row of the change log (`last_change`)."""
    row = connection.execute(
        text("""
            SELECT count(*) AS changes, coalesce(max(id), 0) AS last FROM city.change_log
            WHERE id > :since AND subject = ANY (:subjects)
        """),
        {"since": since, "subjects": list(SUBJECTS)},
    ).one()
    return row.changes, row.last


def last_change(connection: Connection) -> int:
    """Number of the latest row of the change log."""
    return int(connection.execute(text("SELECT coalesce(max(id), 0) FROM city.change_log")).scalar_one())


def standing(connection: Connection) -> list[tuple[str, int, str]]:
    """(kind, truck or sensor, ``vehicle`` or ``sensor``) of every alarm that a rule raised and that is not over."""
    found = connection.execute(
        text("""
            SELECT kind, coalesce(vehicle_id, sensor_id) AS subject_id,
                CASE WHEN sensor_id IS NULL THEN 'vehicle' ELSE 'sensor' END AS subject
            FROM city.alarm WHERE state <> 'normal' AND rule_id IS NOT NULL AND cleared_at IS NULL
        """)
    )
    return [(row.kind, row.subject_id, row.subject) for row in found]


def latest_fixes(connection: Connection) -> Fixes:
    """Where every truck was last."""
    return _packed_fixes(connection.execute(text(_PACKED + " FROM city.vehicle_state")).all())


def fixes_between(
    connection: Connection, start: datetime, end: datetime, vehicles: Sequence[int] | None = None
) -> Fixes:
    """Recorded positions from `start` to before `end`, of some trucks or of all."""
    return _packed_fixes(
        connection.execute(
            text(
                _PACKED
                + """
                FROM city.vehicle_fix WHERE at >= :start AND at < :end
                    AND (CAST(:vehicles AS integer[]) IS NULL OR vehicle_id = ANY (CAST(:vehicles AS integer[])))
                """
            ),
            {"start": start, "end": end, "vehicles": None if vehicles is None else list(vehicles)},
        ).all()
    )


def latest_readings(connection: Connection) -> list[Reading]:
    """The latest reading of every sensor."""
    found = connection.execute(
        text("""
            SELECT sensor_id, extract(epoch FROM at)::double precision, value, quality FROM city.sensor_state
        """)
    )
    return [Reading(*row) for row in found]


def readings_between(
    connection: Connection, start: datetime, end: datetime, sensors: Sequence[int] | None = None
) -> list[Reading]:
    """Recorded readings from `start` to before `end`, of some sensors or of all, in their order."""
    found = connection.execute(
        text("""
            SELECT sensor_id, extract(epoch FROM at)::double precision AS seconds, value, quality
            FROM city.sensor_reading
            WHERE at >= :start AND at < :end
                AND (CAST(:sensors AS smallint[]) IS NULL OR sensor_id = ANY (CAST(:sensors AS smallint[])))
            ORDER BY at
        """),
        {"start": start, "end": end, "sensors": None if sensors is None else list(sensors)},
    )
    return [Reading(*row) for row in found]


def new_fixes(connection: Connection, judged: Iterable[int], most: int) -> tuple[list[int], Fixes]:
    """Positions that have come in: (numbers of their batches, positions); `most` batches but those `judged`."""
    found = connection.execute(
        text("""
            SELECT id, vehicle_ids, ats, xs, ys, speeds, headings, loads, flags, alarm_bits FROM city.fix_inbox
            WHERE id <> ALL (CAST(:judged AS bigint[])) ORDER BY id LIMIT :most
        """),
        {"judged": list(judged), "most": most},
    ).all()
    return [row.id for row in found], _packed_fixes([row[1:] for row in found])


def new_readings(connection: Connection, judged: Iterable[int], most: int) -> tuple[list[int], list[Reading]]:
    """Readings that have come in and were not judged yet, as `new_fixes`."""
    found = connection.execute(
        text("""
            SELECT id, sensor_ids, ats, readings, qualities FROM city.reading_inbox
            WHERE id <> ALL (CAST(:judged AS bigint[])) ORDER BY id LIMIT :most
        """),
        {"judged": list(judged), "most": most},
    ).all()
    readings = []
    for _id, *packed in found:
        columns = [
            _elements(one, kind).tolist() for one, kind in zip(packed, (">i2", ">f8", ">f4", ">i2"), strict=True)
        ]
        readings += [Reading(*row) for row in zip(*columns, strict=True)]
    return [row.id for row in found], readings


def _elements(packed: memoryview, kind: str) -> NDArray[Any]:
    """The elements of an array in the form of array_send, none of them NULL: each has its length before it."""
    elements: NDArray[Any] = np.frombuffer(packed, np.dtype([("length", ">i4"), ("value", kind)]), offset=_ARRAY_HEAD)
    return elements["value"]


def _packed_fixes(rows: Sequence[Any]) -> Fixes:
    """Positions of several rows of packed columns; a row of nothing has none."""
    full = [row for row in rows if row[0] is not None]
    columns = [
        np.concatenate([_elements(row[k], kind) for row in full] or [np.zeros(0)]) for k, kind in enumerate(_KINDS)
    ]
    return _as_fixes(columns)


def _as_fixes(columns: Sequence[NDArray[Any]]) -> Fixes:
    vehicle, at, x, y, speed, heading, load, flags, bits = columns
    flags = flags.astype(np.int64)
    return Fixes(
        vehicle.astype(np.int64), at.astype(float), x.astype(float), y.astype(float), speed.astype(float),
        heading.astype(float), load.astype(np.int8), (flags & 1) > 0, (flags & 2) > 0, bits.astype(np.int64),
    )  # fmt: skip


def _shapes(rows: Iterable[Any]) -> list[shapely.Geometry]:
    return [shapely.from_wkb(bytes(row.geom)) for row in rows]
