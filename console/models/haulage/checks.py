"""Whether a permit can be driven as it stands: its route from site to site along the streets, its hours, its days.

Each rule gives one verdict, with the place where it is so. What a rule says is a code with values; the window says it
in words. Limits are the project's where no other source stands beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, time

    from numpy.typing import NDArray

    from console.models.haulage.network import Network

AT_SITE_M = 50.0
"""So near its fence a route begins or ends at a site: as far as a truck may be from its route."""
JOINS_M = 1.0
STREET_M = 30.0
"""A route within this of the middle of a street follows it: half of the widest street, and a lane."""
SAMPLE_M = 10.0
OFF_STREET_M = 100.0
"""More than this off the streets, the accesses of both sites apart, is a fault: a piece is missing or was cut off."""
SOON_DAYS = 7
SHORTEST_H, LONGEST_H = 1.0, 16.0
MINUTES = 24 * 60


class Level(StrEnum):
    """How bad a verdict is; in their order."""

    OK = "ok"
    NOTE = "note"
    FAULT = "fault"


@dataclass(frozen=True)
class Verdict:
    """What one rule says.

    Attributes:
        code: of the rule and its outcome, such as ``start_away``.
        level: how bad it is.
        values: figures and names that belong to it.
        where: the place on the map, EPSG:4546; None for none.
    """

    code: str
    level: Level = Level.OK
    values: Mapping[str, Any] = field(default_factory=dict)
    where: shapely.Geometry | None = None


@dataclass(frozen=True)
class Zone:
    """A traffic area: `speed_kmh` is 0 where nobody may drive."""

    name: str
    speed_kmh: float
    hours_from: time
    hours_to: time
    outline: shapely.Geometry


@dataclass(frozen=True)
class Other:
    """Another permit of the same truck."""

    permit_no: str
    valid_from: date
    valid_to: date
    hours_from: time
    hours_to: time


@dataclass(frozen=True)
class Case:
    """A permit with what it is judged by.

    Attributes:
        route: line, or several pieces of one; None while none is drawn.
        work_site, dump_site: outlines; None while none is chosen.
        valid_from, valid_to, hours_from, hours_to: None while they are not known.
        is_revoked: whether it was revoked.
        truck_active: whether the truck is in the fleet.
        zones: traffic areas of the city.
        others: further permits of the truck that are not revoked.
        today: local date.
    """

    route: shapely.Geometry | None
    work_site: shapely.Geometry | None
    dump_site: shapely.Geometry | None
    valid_from: date | None
    valid_to: date | None
    hours_from: time | None
    hours_to: time | None
    is_revoked: bool
    truck_active: bool
    zones: Sequence[Zone]
    others: Sequence[Other]
    today: date


def judge(case: Case, network: Network, known: tuple[Verdict, ...] | None = None) -> tuple[Verdict, ...]:
    """All verdicts, in the order in which a person looks: route, areas, hours, days, truck.

    Args:
        case: the permit.
        network: the streets.
        known: what `along` says of the route, if somebody has asked already.
    """
    found = list(along(case, network) if known is None else known)
    if case.route is not None and not shapely.is_empty(case.route):
        found += zones(case)
    found += [hours(case), days(case), overlap(case)]
    if not case.truck_active:
        found.append(Verdict("truck_gone", Level.FAULT))
    return tuple(found)


def along(case: Case, network: Network) -> tuple[Verdict, ...]:
    """Verdicts of the route itself; the same for all permits of one route between the same sites."""
    if case.route is None or shapely.is_empty(case.route):
        return (Verdict("no_route", Level.FAULT),)
    return pieces(case.route), start(case), end(case), streets(case, network)


def worst(verdicts: Sequence[Verdict]) -> Level:
    """The worst level among them."""
    order = list(Level)
    return max((one.level for one in verdicts), key=order.index, default=Level.OK)


def pieces(route: shapely.Geometry) -> Verdict:
    """Whether all pieces of a route join, each at the end of the one before."""
    parts = shapely.get_parts(route)
    ends = [(shapely.get_point(a, -1), shapely.get_point(b, 0)) for a, b in pairwise(parts)]
    gaps = [shapely.LineString([a, b]) for a, b in ends if shapely.distance(a, b) > JOINS_M]
    if not gaps:
        return Verdict("joined")
    metres = sum(float(shapely.length(gap)) for gap in gaps)
    return Verdict("gaps", Level.FAULT, {"n": len(gaps), "metres": metres}, shapely.MultiLineString(gaps))


def start(case: Case) -> Verdict:
    """Whether the route begins at the work site."""
    first, last = _ends(case.route)
    if case.work_site is None:
        return Verdict("start_unknown", Level.FAULT, {}, first)
    away = float(shapely.distance(first, case.work_site))
    if away <= AT_SITE_M:
        return Verdict("start_at_site")
    if case.dump_site is not None and max(
        shapely.distance(last, case.work_site), shapely.distance(first, case.dump_site)
    ) <= AT_SITE_M:  # fmt: skip
        return Verdict("turned_round", Level.FAULT, {}, first)
    return Verdict("start_away", Level.FAULT, {"metres": away}, first)


def end(case: Case) -> Verdict:
    """Whether the route ends at the dump site."""
    _first, last = _ends(case.route)
    if case.dump_site is None:
        return Verdict("end_unknown", Level.FAULT, {}, last)
    away = float(shapely.distance(last, case.dump_site))
    return Verdict("end_at_site") if away <= AT_SITE_M else Verdict("end_away", Level.FAULT, {"metres": away}, last)


def streets(case: Case, network: Network) -> Verdict:
    """How far the route leaves the streets, the accesses at both of its ends apart."""
    points, line = _samples(case.route)
    on_street = network.near(points, STREET_M)
    followed = np.flatnonzero(on_street)
    if not len(followed):
        return Verdict("off_street", Level.FAULT, {"metres": float(shapely.length(case.route))}, case.route)
    off = ~on_street
    for site in (case.work_site, case.dump_site):
        if site is not None:
            off &= ~shapely.dwithin(points, site, AT_SITE_M)
    step = float(shapely.length(line)) / max(len(points) - 1, 1)
    # Before the first street and after the last it is the way from the fence: every site has one.
    between = slice(followed[0], followed[-1] + 1)
    inner = off[between]
    metres, access = float(inner.sum()) * step, float(off.sum() - inner.sum()) * step
    values = {"metres": metres, "access": access}
    if metres < SAMPLE_M:
        return Verdict("on_streets", Level.OK, values)
    return Verdict(
        "off_street", Level.FAULT if metres > OFF_STREET_M else Level.NOTE, values, _runs(points[between], inner)
    )


def zones(case: Case) -> list[Verdict]:
    """Traffic areas that the route passes in the hours of both."""
    found = []
    for zone in case.zones:
        inside = shapely.intersection(case.route, zone.outline)
        if shapely.length(inside) < JOINS_M or not _meet(case, zone):
            continue
        values = {"name": zone.name, "metres": float(shapely.length(inside)), "speed": zone.speed_kmh}
        forbids = zone.speed_kmh == 0
        found.append(
            Verdict("forbidden" if forbids else "slow", Level.FAULT if forbids else Level.NOTE, values, inside)
        )
    return found or [Verdict("no_zone")]


def hours(case: Case) -> Verdict:
    """Whether the hours are such as somebody can haul in."""
    if case.hours_from is None or case.hours_to is None:
        return Verdict("hours_unknown", Level.FAULT)
    length = minutes(case.hours_from, case.hours_to) / 60
    if length < SHORTEST_H:
        return Verdict("hours_short", Level.FAULT, {"minutes": minutes(case.hours_from, case.hours_to)})
    return Verdict("hours_long", Level.NOTE, {"hours": length}) if length > LONGEST_H else Verdict("hours_fit")


def days(case: Case) -> Verdict:
    """Whether it is in force today, and for how long still."""
    if case.is_revoked:
        return Verdict("revoked", Level.FAULT)
    if case.valid_from is None or case.valid_to is None:
        return Verdict("days_unknown", Level.FAULT)
    if case.valid_to < case.today:
        return Verdict("expired", Level.FAULT, {"days": (case.today - case.valid_to).days})
    if case.valid_from > case.today:
        return Verdict("not_yet", Level.NOTE, {"days": (case.valid_from - case.today).days})
    left = (case.valid_to - case.today).days
    return (
        Verdict("ends_soon", Level.NOTE, {"days": left})
        if left <= SOON_DAYS
        else Verdict("in_force", Level.OK, {"days": left})
    )


def overlap(case: Case) -> Verdict:
    """Whether the truck has another permit for the same days and hours: which of them holds would be chance."""
    first, last, since, until = case.valid_from, case.valid_to, case.hours_from, case.hours_to
    if first is None or last is None or since is None or until is None or case.is_revoked:
        return Verdict("alone")
    numbers = [
        other.permit_no
        for other in case.others
        if first <= other.valid_to
        and other.valid_from <= last
        and hours_meet(since, until, other.hours_from, other.hours_to)
    ]
    return Verdict("overlaps", Level.FAULT, {"numbers": ", ".join(numbers)}) if numbers else Verdict("alone")


def minutes(since: time, until: time) -> int:
    """Length of hours of the day: over midnight when they end before they begin, all day when both are the same."""
    return (_minute(until) - _minute(since) - 1) % MINUTES + 1


def hours_meet(since: time, until: time, other_since: time, other_until: time) -> bool:
    """Whether two spans of hours of the day have a minute in common."""
    begin, other = _minute(since), _minute(other_since)
    return (other - begin) % MINUTES < minutes(since, until) or (begin - other) % MINUTES < minutes(
        other_since, other_until
    )


def _meet(case: Case, zone: Zone) -> bool:
    if case.hours_from is None or case.hours_to is None:
        return True
    return hours_meet(case.hours_from, case.hours_to, zone.hours_from, zone.hours_to)


def _minute(at: time) -> int:
    return 60 * at.hour + at.minute


def _ends(route: shapely.Geometry | None) -> tuple[shapely.Geometry, shapely.Geometry]:
    parts = shapely.get_parts(route)
    return shapely.get_point(parts[0], 0), shapely.get_point(parts[-1], -1)


def _samples(route: shapely.Geometry | None) -> tuple[NDArray[np.object_], shapely.Geometry]:
    """Points along a route, `SAMPLE_M` apart or a little less; straight over gaps."""
    line = shapely.LineString(shapely.get_coordinates(route))
    steps = max(int(np.ceil(shapely.length(line) / SAMPLE_M)), 1)
    return np.asarray(shapely.line_interpolate_point(line, np.linspace(0, 1, steps + 1), normalized=True)), line


def _runs(points: NDArray[np.object_], off: NDArray[np.bool_]) -> shapely.Geometry:
    """The stretches of points that are off, each with the point before and after it."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], off, [False])).astype(int)))
    xy = shapely.get_coordinates(points)
    begins, ends = np.maximum(edges[::2] - 1, 0), np.minimum(edges[1::2] + 1, len(xy))
    return shapely.MultiLineString([xy[a:b] for a, b in zip(begins, ends, strict=True) if b - a > 1])
