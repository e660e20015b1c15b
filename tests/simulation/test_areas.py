"""Unit grids partition communities, subdistricts and zones exactly, and are numbered by the standard."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from console.simulation.generator.areas import make_areas
from console.simulation.generator.layout import make_plan
from console.simulation.generator.scale import FULL, SMALL

if TYPE_CHECKING:
    from console.simulation.generator.areas import Areas
    from console.simulation.generator.scale import Scale
    from tests.simulation.conftest import Ground


def build(seed: int, scale: Scale) -> Areas:
    rng = np.random.default_rng(seed)
    return make_areas(rng, make_plan(rng, scale))


def assert_partitions(areas: Areas, scale: Scale) -> None:
    grids = areas.unit_grid["geom"]
    total = float(np.sum(shapely.area(grids)))
    assert total == pytest.approx(scale.area_m2, rel=0.005)
    assert shapely.coverage_is_valid(grids)
    assert np.all(shapely.is_valid(grids))
    owners = {
        "community": np.array([code[:12] for code in areas.unit_grid["code"]]),
        "subdistrict": np.array([code[:9] for code in areas.unit_grid["code"]]),
        "zone": areas.unit_grid["zone_id"],
    }
    for name, owner in owners.items():
        table = getattr(areas, name)
        key = table["id"] if name == "zone" else table["code"].astype(str)
        assert shapely.coverage_is_valid(shapely.get_parts(table["geom"]))
        for one, shape in zip(key, table["geom"], strict=True):
            members = shapely.coverage_union_all(grids[owner == one])
            assert shapely.equals(members, shape)
            assert shapely.get_num_geometries(shape) == 1


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_areas_partition_the_city_at_every_seed(seed: int) -> None:
    areas = build(seed, SMALL)
    assert_partitions(areas, SMALL)
    assert list(areas.zone["name"]) == ["东片区", "西片区", "南片区", "北片区", "中片区"]


def test_full_city() -> None:
    areas = build(7, FULL)
    assert_partitions(areas, FULL)
    built = shapely.area(areas.unit_grid["geom"][areas.unit_grid["land_use"] == "built_up"])
    assert np.median(built) == pytest.approx(10_000, rel=0.1)
    assert np.percentile(built, 95) < 16_000
    assert len(areas.subdistrict["code"]) == 9


def test_grids_are_numbered_from_the_north_west(ground: Ground) -> None:
    codes = ground.areas.unit_grid["code"]
    assert all(len(code) == 15 and code.isdigit() for code in codes)
    count = Counter(code[:12] for code in codes)
    assert sorted(codes) == sorted(
        f"{community}{n:03d}" for community, size in count.items() for n in range(1, size + 1)
    )
    middle = shapely.get_coordinates(shapely.centroid(ground.areas.unit_grid["geom"]))
    community = codes[0][:12]
    members = np.array([code[:12] == community for code in codes])
    assert middle[members][0, 1] > np.median(middle[members][:, 1])


def test_city_lies_where_yuncheng_lies(ground: Ground) -> None:
    x0, y0, x1, y1 = ground.areas.outline.bounds
    assert x0 < 500_000 < x1
    assert y0 < 3_877_900 < y1


def test_locate_finds_the_grid_of_each_point(ground: Ground) -> None:
    grids = ground.areas.unit_grid["geom"]
    assert np.array_equal(ground.areas.locate(np.asarray(shapely.point_on_surface(grids))), np.arange(len(grids)))
    far = np.array([shapely.Point(0.0, 0.0)], dtype=object)
    assert 0 <= ground.areas.locate(far)[0] < len(grids)


def test_plan_points_come_back_from_the_world(ground: Ground) -> None:
    plan = ground.areas.plan
    uv = plan.outline(50.0)
    assert np.abs(plan.unwarp(plan.warp(uv)) - uv).max() < 0.002


def test_ground_rises_from_the_lake_to_the_north() -> None:
    plan = make_plan(np.random.default_rng(3), FULL)
    _, _, north, south = plan.half_extent
    v = np.linspace(-0.9 * south, 0.9 * north, 50)
    ground = plan.ground(np.column_stack((np.full_like(v, 900.0), v)))
    assert 326 < ground[0] < 336
    assert 370 < ground[-1] < 385
    assert np.argmin(ground) == 0
