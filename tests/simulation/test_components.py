"""Components have codes by the standard, stand in their unit grid, and agree with the drainage tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from console.models.catalogue import load_catalogue
from console.simulation.generator.components import make_components
from console.simulation.generator.scale import SMALL

if TYPE_CHECKING:
    from console.simulation.generator.tables import Table
    from tests.simulation.conftest import Ground

TODAY = np.datetime64("2026-11-22")


@pytest.fixture(scope="module")
def component(ground: Ground) -> Table:
    rng = np.random.default_rng(4)
    return make_components(rng, SMALL, ground.areas, ground.streets, ground.drainage, load_catalogue(), TODAY)


def test_codes_follow_the_standard(component: Table) -> None:
    codes = component["code"]
    assert len(set(codes)) == len(codes) >= SMALL.components
    assert all(len(code) == 16 and code.isdigit() and code.startswith("140802") for code in codes)
    classes = load_catalogue().classes
    assert all(
        classes[number - 1].code == code[6:10]
        for number, code in zip(component["class_id"].tolist(), codes, strict=True)
    )
    for prefix in {code[:10] for code in codes}:
        numbers = sorted(int(code[10:]) for code in codes if code.startswith(prefix))
        assert numbers == list(range(1, len(numbers) + 1))


def test_covers_and_grates_are_the_manholes_and_gullies(ground: Ground, component: Table) -> None:
    row = {code: index for index, code in enumerate(component["code"])}
    for table in (ground.drainage.manhole, ground.drainage.gully):
        have = [(index, code) for index, code in enumerate(table["component_code"]) if code]
        there = shapely.get_coordinates(component["geom"][[row[code] for _, code in have]])
        here = np.column_stack((table["geom"].x, table["geom"].y))[[index for index, _ in have]]
        assert np.array_equal(there, here)
    covers = [code for code in component["code"] if code[6:10] in {"0102", "0103"}]
    assert len(covers) == sum(code is not None for code in ground.drainage.manhole["component_code"])


def test_components_stand_in_their_unit_grid(ground: Ground, component: Table) -> None:
    grids = ground.areas.unit_grid
    row = component["unit_grid"].codes
    assert list(component["unit_grid"].words) == list(grids["code"])
    assert np.array_equal(component["zone_id"], grids["zone_id"][row])
    is_point = shapely.get_type_id(component["geom"]) == shapely.GeometryType.POINT
    assert np.all(shapely.intersects(grids["geom"][row][is_point], component["geom"][is_point]))
    assert np.all(shapely.is_valid(component["geom"]))


def test_units_of_the_place_look_after_what_belongs_to_their_department(ground: Ground, component: Table) -> None:
    departments = load_catalogue().departments
    bins = np.array([code[6:10] == "0305" for code in component["code"]])
    zones = ground.areas.zone["name"]
    for maintainer, zone_id in zip(component["maintainer_id"][bins], component["zone_id"][bins], strict=True):
        assert departments[maintainer - 1].serves == zones[zone_id - 1][0]


def test_dates_run_forward(component: Table) -> None:
    changed = ~np.isnat(component["change_date"])
    assert np.any(changed)
    assert np.all(component["change_date"][changed] >= component["initial_date"][changed])
    assert component["initial_date"].max() <= TODAY
