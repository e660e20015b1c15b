"""Words to places and back, on the small city."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from console.models.geocoding import Place, geocode, spot
from tests.pinyin import initials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

NEAR_M = 120.0  # a point may lie as far as 100 m aside from the street that its words name


@pytest.fixture
def city(database: Engine) -> Iterator[Connection]:
    with database.connect() as connection:
        yield connection


def off(place: Place, x: float, y: float) -> float:
    return hypot(place.x - x, place.y - y)


def crossing(connection: Connection) -> tuple[str, str, float, float]:
    """Two greater streets that meet once, running east and north, and where."""
    row = connection.execute(
        text("""
            SELECT a.name, b.name, public.ST_X(public.ST_EndPoint(a.geom)), public.ST_Y(public.ST_EndPoint(a.geom))
            FROM city.street AS a JOIN city.street AS b ON b.name <> a.name AND b.class <= 'secondary'
                AND public.ST_DWithin(public.ST_EndPoint(a.geom), b.geom, 0.5)
            WHERE a.class <= 'secondary' AND a.length_m > 60 AND b.length_m > 60
                AND abs(public.ST_X(public.ST_EndPoint(a.geom)) - public.ST_X(public.ST_StartPoint(a.geom)))
                    > 0.95 * a.length_m
                AND EXISTS (SELECT FROM city.street AS c WHERE c.name = a.name AND c.id <> a.id AND c.length_m > 60
                    AND public.ST_DWithin(c.geom, public.ST_EndPoint(a.geom), 0.5))
                AND translate(a.name, '东西南北中', '') <> translate(b.name, '东西南北中', '')
            ORDER BY a.id, b.id LIMIT 1
        """)
    ).one()
    return row[0], row[1], row[2], row[3]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(east=st.floats(0, 1), north=st.floats(0, 1))
def test_the_words_of_any_point_lead_back_near_to_it(city: Connection, east: float, north: float) -> None:
    xmin, ymin, xmax, ymax = city.execute(
        text(
            "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (SELECT ST_Extent(geom) AS e FROM city.zone) b"
        )
    ).one()
    x, y = xmin + east * (xmax - xmin), ymin + north * (ymax - ymin)
    here = spot(city, x, y)
    if here is None:
        covering = "SELECT FROM city.unit_grid WHERE ST_Covers(geom, ST_SetSRID(ST_MakePoint(:x, :y), 4546))"
        assert city.scalar(text(f"SELECT NOT EXISTS ({covering})"), {"x": x, "y": y})
        return
    found = geocode(city, here.address, near=(x, y))
    assert found, here.address
    assert off(found[0], x, y) < max(NEAR_M, 2 * found[0].accuracy_m), here.address


def test_an_address_at_a_crossing_goes_along_the_street_that_is_named_first(city: Connection) -> None:
    first, second, x, y = crossing(city)
    (here, *_) = geocode(city, f"{first}与{second}交叉口", near=(x, y))
    assert here.kind == "crossing"
    assert off(here, x, y) < 30
    (east, *_) = geocode(city, f"{first}与{second}交叉口东40米", near=(x, y))
    assert east.x - x > 30
    assert abs(off(east, x, y) - 40) < 15
    on_first = city.scalar(
        text(
            "SELECT min(ST_Distance(geom, ST_SetSRID(ST_MakePoint(:x, :y), 4546))) FROM city.street WHERE name = :name"
        ),
        {"x": east.x, "y": east.y, "name": first},
    )
    assert on_first is not None
    assert on_first < 1
    (north, *_) = geocode(city, f"{first}和{second}路口往东四十米路北", near=(x, y))
    assert north.y > east.y + 5
    # North leads along the other street, which is named second.
    (up, *_) = geocode(city, f"{first}与{second}交叉口北30米", near=(x, y))
    assert up.y - y > 20


def test_every_address_of_an_earlier_case_is_understood(city: Connection) -> None:
    rows = city.execute(
        text("""
            SELECT DISTINCT ON (address) address, ST_X(geom) AS x, ST_Y(geom) AS y FROM city.case_file
            WHERE address LIKE '%交叉口%' ORDER BY address, id LIMIT 150
        """)
    ).all()
    far = [row.address for row in rows if not any(off(p, row.x, row.y) < 60 for p in geocode(city, row.address))]
    assert len(far) <= len(rows) // 50, far


def test_streets_are_found_by_part_of_the_name_and_by_pinyin(city: Connection) -> None:
    name = city.scalar(text("SELECT name FROM city.street WHERE class = 'arterial' ORDER BY id LIMIT 1"))
    assert isinstance(name, str)
    assert name in [place.address for place in geocode(city, name)]
    assert any(name in place.address for place in geocode(city, name[:-1]))
    assert any(place.address == name for place in geocode(city, initials(name)))


def test_codes_lead_to_grids_and_components(city: Connection) -> None:
    grid = city.scalar(text("SELECT code FROM city.unit_grid ORDER BY code LIMIT 1"))
    (found,) = geocode(city, grid)
    assert (found.kind, found.unit_grid) == ("unit_grid", grid)
    code, owner_grid = city.execute(text("SELECT code, unit_grid FROM city.component ORDER BY code LIMIT 1")).one()
    (component,) = geocode(city, code)
    assert (component.kind, component.component_code, component.unit_grid) == ("component", code, owner_grid)
    assert len(geocode(city, code[:12])) > 1


def test_houses_are_known_by_earlier_cases_and_guessed_between_them(city: Connection) -> None:
    x, y = city.execute(text("SELECT ST_X(geom), ST_Y(geom) FROM city.case_file ORDER BY id LIMIT 1")).one()
    street = city.scalar(text("SELECT name FROM city.street ORDER BY id LIMIT 1"))
    for number, dx in ((10, 0.0), (14, 2.0)):
        city.execute(
            text("SELECT city.report_case('citizen', 'd', :x, :y, address => :address)"),
            {"x": x + dx, "y": y, "address": f"{street}{number}号"},
        )
    known = geocode(city, f"{street}10号")[0]
    assert (known.kind, round(known.x, 2)) == ("house", round(x, 2))
    between = geocode(city, f"{street}12号")[0]
    assert between.x == pytest.approx(x + 1.0, abs=0.01)


def test_of_equals_the_nearer_one_comes_first(city: Connection) -> None:
    rows = city.execute(
        text("SELECT ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM city.zone")
    ).all()
    name = city.scalar(text("SELECT name FROM city.street GROUP BY name ORDER BY count(*) DESC LIMIT 1"))
    for x, y in rows:
        here = next(place for place in geocode(city, name, near=(x, y)) if place.kind == "street")
        nearest = city.scalar(
            text("SELECT min(ST_Distance(ST_LineInterpolatePoint(geom, 0.5), ST_SetSRID(ST_MakePoint(:x, :y), 4546)))"
                 " FROM city.street WHERE name = :name"),
            {"x": x, "y": y, "name": name},
        )  # fmt: skip
        assert off(here, x, y) == pytest.approx(nearest, abs=0.1)


def test_what_nobody_understands_gives_nothing(city: Connection) -> None:
    for typed in ("", "不存在的地方", "%", "_", "YC999999999999", "999999999999999", "10.0,10.0"):
        assert geocode(city, typed) == []
    assert spot(city, 400_000.0, 3_500_000.0) is None
