"""Areas and heat of maps that leave the console agree with every other screen."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from console.models import cases, statistics, thematic
from console.models.cases import CaseFilter, Preset
from console.models.statistics import Dimension, Indicators
from console.models.thematic import AreaKind

if TYPE_CHECKING:
    from sqlalchemy import Engine

END = datetime(2026, 11, 1, 4, tzinfo=UTC)
PERIODS = (
    (date(2026, 10, 1), date(2026, 10, 31)),
    (date(2026, 11, 1), date(2026, 11, 1)),
    (date(2024, 1, 1), date(2026, 11, 1)),
    (date(2020, 1, 1), date(2020, 1, 31)),
)
COUNTED = (
    "reported", "disposed", "disposed_overdue", "closed", "closed_overdue", "to_dispose_overdue", "to_close_overdue",
)  # fmt: skip


@pytest.mark.parametrize("kind", [AreaKind.COMMUNITY, AreaKind.UNIT_GRID])
def test_the_parts_of_each_zone_add_up_to_what_the_panels_show_of_it(database: Engine, kind: AreaKind) -> None:
    with database.connect() as connection:
        rows = connection.execute(text("SELECT code, zone_id FROM city.unit_grid")).all()
        zone_of = {row.code: row.zone_id for row in rows}
        some = False
        for first, last in PERIODS:
            areas = thematic.counted_areas(connection, kind, first, last, now=END)
            zones = {g.key: g.indicators for g in statistics.by(connection, Dimension.ZONE, first, last, now=END)}
            summed: dict[int | str | None, Indicators] = {}
            for area in areas:
                if area.code in zone_of:
                    summed[zone_of[area.code]] = summed.get(zone_of[area.code], Indicators()) + area.indicators
            whole = statistics.total(connection, first, last, now=END)
            for name in COUNTED:
                assert sum(getattr(area.indicators, name) for area in areas) == getattr(whole, name)
                if kind is AreaKind.UNIT_GRID:
                    for zone, indicators in zones.items():
                        assert getattr(summed[zone], name) == getattr(indicators, name)
                some = some or getattr(whole, name) > 0
        assert some


def test_every_area_is_there_with_its_place_also_without_a_case(database: Engine) -> None:
    with database.connect() as connection:
        for kind in AreaKind:
            areas = thematic.counted_areas(connection, kind, date(2020, 1, 1), date(2020, 1, 2), now=END)
            assert len(areas) == connection.scalar(text(f"SELECT count(*) FROM city.{kind.value}"))
            for area in areas:
                shape = json.loads(area.geometry)
                assert shape["type"] in {"Polygon", "MultiPolygon"}
                ring = shape["coordinates"][0] if shape["type"] == "Polygon" else shape["coordinates"][0][0]
                assert all(110 < longitude < 112 and 34 < latitude < 36 for longitude, latitude in ring)
                assert area.indicators.reported == 0
                assert area.indicators.closure_rate is None
        ground = thematic.ground(connection)
        assert len(ground.zones) == 5
        assert {street.name for street in ground.streets} >= {"红旗西街"}


def test_heat_counts_the_cases_of_the_filter_in_squares(database: Engine) -> None:
    with database.connect() as connection:
        for wanted in (CaseFilter(), CaseFilter(preset=Preset.OPEN), CaseFilter(zone_ids=frozenset({1}), text="占道")):
            found = thematic.heat(connection, wanted)
            assert found.total == cases.count(connection, wanted) > 0
            assert (found.cells[:, 2] >= 1).all()
            assert ((found.cells[:, 0] > 34) & (found.cells[:, 0] < 36)).all()
        metres = connection.scalars(
            text("""
                SELECT public.ST_X(public.ST_Transform(public.ST_SetSRID(public.ST_MakePoint(lon, lat), 4326), 4546))
                FROM unnest(CAST(:lons AS float8[]), CAST(:lats AS float8[])) AS p (lon, lat)
            """),
            {"lons": found.cells[:, 1].tolist(), "lats": found.cells[:, 0].tolist()},
        ).all()
        assert all(abs(x % thematic.CELL_M - thematic.CELL_M / 2) < 0.01 for x in metres)
        nothing = thematic.heat(connection, CaseFilter(text="没有这样的案件"))
        assert (nothing.total, nothing.cells.shape) == (0, (0, 3))
