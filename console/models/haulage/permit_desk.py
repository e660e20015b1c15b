"""What the permit desk asks: the verdicts on all permits or on a draft, and a way between two sites."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time
from typing import TYPE_CHECKING, Any

import shapely
from sqlalchemy import text

from console.models.haulage import checks
from console.models.haulage.checks import Case, Other, Verdict, Zone
from console.models.haulage.network import Network

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from console.models.haulage.network import Place, Way

_SITES = {
    "work_site": text("SELECT id, public.ST_AsBinary(geom) AS geom FROM city.work_site"),
    "dump_site": text("SELECT id, public.ST_AsBinary(geom) AS geom FROM city.dump_site"),
}
_ZONES = text("""
    SELECT name, speed_kmh, hours_from, hours_to, public.ST_AsBinary(geom) AS geom FROM city.traffic_area ORDER BY name
""")
_PERMITS = text("""
    SELECT p.id, p.permit_no, p.vehicle_id, p.work_site_id, p.dump_site_id, p.valid_from, p.valid_to, p.hours_from,
        p.hours_to, p.revoked_at IS NOT NULL AS is_revoked, public.ST_AsBinary(p.geom) AS geom
    FROM city.route_permit AS p ORDER BY p.id
""")
STRAIGHT_M = 0.5
_TRUCKS = text("SELECT id FROM city.vehicle WHERE active")


@dataclass(frozen=True)
class Ground:
    """What permits are judged by.

    Attributes:
        network: the streets.
        work_sites, dump_sites: outlines by id.
        zones: traffic areas.
        trucks: ids of those in the fleet.
        permits: all of them by truck, as they are stored.
        today: local date.
    """

    network: Network
    work_sites: Mapping[int, shapely.Geometry]
    dump_sites: Mapping[int, shapely.Geometry]
    zones: Sequence[Zone]
    trucks: frozenset[int]
    permits: Mapping[int, Sequence[Mapping[str, Any]]]
    today: date


def ground(connection: Connection, today: date, network: Network | None = None) -> Ground:
    """Read it; the streets only without a `network` that is known already."""
    work, dump = (
        {row.id: shapely.from_wkb(bytes(row.geom)) for row in connection.execute(query)} for query in _SITES.values()
    )
    permits: dict[int, list[Mapping[str, Any]]] = {}
    for row in connection.execute(_PERMITS).mappings():
        permits.setdefault(row["vehicle_id"], []).append(dict(row))
    return Ground(
        network or Network.read(connection),
        work,
        dump,
        [
            Zone(row.name, row.speed_kmh, row.hours_from, row.hours_to, shapely.from_wkb(bytes(row.geom)))
            for row in connection.execute(_ZONES)
        ],
        frozenset(connection.execute(_TRUCKS).scalars()),
        permits,
        today,
    )


def verdicts(place: Ground) -> dict[str, tuple[Verdict, ...]]:
    """The verdicts on every stored permit, by its id as text."""
    routes: dict[tuple[bytes, int, int], tuple[Verdict, ...]] = {}
    found = {}
    for permit in (one for of_truck in place.permits.values() for one in of_truck):
        key = (bytes(permit["geom"]), permit["work_site_id"], permit["dump_site_id"])
        case = _case(place, permit["id"], permit, shapely.from_wkb(key[0]), is_revoked=permit["is_revoked"])
        if key not in routes:
            routes[key] = checks.along(case, place.network)
        found[str(permit["id"])] = checks.judge(case, place.network, routes[key])
    return found


def verdicts_on(place: Ground, permit_id: int | None, values: Mapping[str, Any]) -> tuple[Verdict, ...]:
    """The verdicts on a permit as it is drafted; `permit_id` is that of the stored one, None for a new one."""
    shape = values.get("shape")
    route = shapely.from_wkt(shape) if isinstance(shape, str) and shape else None
    case = _case(place, permit_id, values, route, is_revoked=bool(values.get("revoked_at")))
    return checks.judge(case, place.network)


def propose(
    place: Ground, work_site_id: int, dump_site_id: int, vias: Sequence[Place], hours: tuple[time, time] | None
) -> Way:
    """The quickest way from a work site to a dump site through the places between, around what is forbidden then."""
    work, dump = place.work_sites[work_site_id], place.dump_sites[dump_site_id]
    forbidden = [
        zone.outline
        for zone in place.zones
        if zone.speed_kmh == 0 and (hours is None or checks.hours_meet(*hours, zone.hours_from, zone.hours_to))
    ]
    stops = [_inside(work), *vias, _inside(dump)]
    way = place.network.way(stops, shapely.union_all(forbidden) if forbidden else None)
    # Corners that bend nothing would only be in the way of the hand that changes it.
    return replace(way, line=shapely.simplify(way.line, STRAIGHT_M))


def _inside(site: shapely.Geometry) -> Place:
    x, y = shapely.get_coordinates(shapely.point_on_surface(site))[0].tolist()
    return x, y


def _case(
    place: Ground, permit_id: int | None, values: Mapping[str, Any], route: shapely.Geometry | None, *, is_revoked: bool
) -> Case:
    truck = values.get("vehicle_id")
    others = [
        Other(one["permit_no"], one["valid_from"], one["valid_to"], one["hours_from"], one["hours_to"])
        for one in place.permits.get(truck, ())  # type: ignore[arg-type]  # what was typed may be no truck
        if one["id"] != permit_id and not one["is_revoked"]
    ]
    first, last = (v if isinstance(v := values.get(name), date) else None for name in ("valid_from", "valid_to"))
    since, until = (v if isinstance(v := values.get(name), time) else None for name in ("hours_from", "hours_to"))
    return Case(
        route,
        place.work_sites.get(values.get("work_site_id") or 0),
        place.dump_sites.get(values.get("dump_site_id") or 0),
        first,
        last,
        since,
        until,
        is_revoked,
        truck is None or truck in place.trucks,
        place.zones,
        others,
        place.today,
    )
