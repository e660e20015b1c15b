"""What geocoding gives: a place with what was said of it, how sure it is, and what it lies in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


@dataclass(frozen=True)
class Place:
    """A place that an address may mean.

    Attributes:
        kind: what it was found by: ``point``, ``crossing``, ``stretch``, ``street``, ``house``, ``subdistrict``,
            ``community``, ``unit_grid``, ``component``, ``landmark`` or ``case``.
        address: what it is called, in Chinese.
        x, y: metres, EPSG:4546.
        accuracy_m: the true place lies within about this of it.
        unit_grid: code of the unit grid that it lies in; empty outside the city.
        community: name of the community that it lies in; empty outside the city.
        component_code: the component that it is; empty otherwise.
    """

    kind: str
    address: str
    x: float
    y: float
    accuracy_m: float
    unit_grid: str = ""
    community: str = ""
    component_code: str = ""


def located(connection: Connection, places: Sequence[Place]) -> list[Place]:
    """The same places with the unit grid and community that each lies in."""
    if not places:
        return []
    rows = connection.execute(
        text("""
            SELECT g.code, m.name
            FROM unnest(CAST(:xs AS double precision[]), CAST(:ys AS double precision[]))
                WITH ORDINALITY AS p (x, y, place)
            LEFT JOIN LATERAL (
                SELECT u.code, u.community_code FROM city.unit_grid AS u
                WHERE public.ST_Covers(u.geom, public.ST_SetSRID(public.ST_MakePoint(p.x, p.y), 4546))
                ORDER BY u.code LIMIT 1
            ) AS g ON true
            LEFT JOIN city.community AS m ON m.code = g.community_code
            ORDER BY p.place
        """),
        {"xs": [place.x for place in places], "ys": [place.y for place in places]},
    )
    return [
        replace(place, unit_grid=code or "", community=community or "")
        for place, (code, community) in zip(places, rows, strict=True)
    ]
