from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.simulation.generator.scale import SMALL
from console.simulation.generator.sensors import (
    DRY_INTERVAL_S,
    PEAK_SHARE,
    STORM_FORMULA,
    TIP_MM,
    WET_INTERVAL_S,
    Response,
    Water,
    chicago_intensity,
    generate_water,
)

if TYPE_CHECKING:
    from tests.simulation.conftest import Ground

END = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
OUTLINE = np.array([[498_000.0, 3_876_000.0], [502_000.0, 3_880_000.0]])


@pytest.fixture(scope="module")
def water(ground: Ground) -> Water:
    return generate_water(SMALL, ground.drainage.flood_point, OUTLINE, END, np.random.default_rng(1))


@given(minutes=st.floats(2.0, 110.0), period=st.floats(1.0, 50.0))
def test_a_chicago_storm_keeps_to_the_storm_formula(minutes: float, period: float) -> None:
    """GB 50014: the mean over any time around the peak is the intensity that the formula gives for that time."""
    whole = 120 * 60.0
    peak = PEAK_SHARE * whole
    at = np.linspace(peak - PEAK_SHARE * minutes * 60, peak + (1 - PEAK_SHARE) * minutes * 60, 4001)
    mean = np.trapezoid(chicago_intensity(at, whole, period), at) / (at[-1] - at[0])
    a, c, b, n = (STORM_FORMULA[name] for name in "ACbn")
    assert mean == pytest.approx(167 * a * (1 + c * np.log10(period)) / (minutes + b) ** n * 0.36, rel=0.01)


def test_the_formula_gives_the_figures_of_the_domain() -> None:
    a, c, b, n = (STORM_FORMULA[name] for name in "ACbn")
    q = [167 * a * (1 + c * np.log10(2)) / (t + b) ** n for t in (5, 10, 15, 30, 60)]
    assert q == pytest.approx([221.6, 184.4, 159.8, 118.1, 82.2], abs=0.1)


def test_there_is_no_rain_before_or_after_a_storm() -> None:
    assert chicago_intensity(np.array([-1.0, 7201.0]), 7200.0, 2.0).tolist() == [0.0, 0.0]


@given(excess=st.floats(0, 60), seconds=st.floats(1, 7200))
def test_a_level_without_rain_only_falls(excess: float, seconds: float) -> None:
    response = Response(np.array([2.0]), np.array([1800.0]), np.array([0.0]))
    after = response.step(np.array([excess]), np.zeros(1), seconds)[0]
    assert 0 <= after <= excess
    halves = response.step(response.step(np.array([excess]), np.zeros(1), seconds / 2), np.zeros(1), seconds / 2)[0]
    assert halves == pytest.approx(after)


def test_readings_are_dense_when_wet_and_sparse_when_dry(water: Water) -> None:
    readings = water.tables["sensor_reading"]
    assert np.all(np.diff(readings["at"]) >= np.timedelta64(0, "s"))
    for sensor in water.tables["sensor"]["id"]:
        mine = readings["sensor_id"] == sensor
        gap = np.diff(readings["at"][mine]).astype(int)
        assert gap.max() <= DRY_INTERVAL_S
        assert gap.min() == WET_INTERVAL_S
        assert len(gap) > 30 * 86_400 / DRY_INTERVAL_S


def test_gauges_count_whole_tips(water: Water) -> None:
    sensors, readings = water.tables["sensor"], water.tables["sensor_reading"]
    for gauge in sensors["id"][sensors["kind"] == "rain"]:
        value = readings["value"][readings["sensor_id"] == gauge]
        assert np.allclose(value / TIP_MM, np.rint(value / TIP_MM), atol=1e-3)
        assert value.sum() > 30  # two storms


def test_some_points_flood_and_an_underpass_is_closed(water: Water, ground: Ground) -> None:
    points = ground.drainage.flood_point
    sensors, readings = water.tables["sensor"], water.tables["sensor_reading"]
    highest = {
        int(point): max(
            float(readings["value"][readings["sensor_id"] == sensor].max())
            for sensor in sensors["id"][sensors["flood_point_id"] == point]
        )
        for point in points["id"]
    }
    flooded = [
        point for point, limit in zip(points["id"], points["flooding_cm"], strict=True) if highest[point] >= limit
    ]
    closed = [point for point, limit in zip(points["id"], points["closing_cm"], strict=True) if highest[point] >= limit]
    assert 2 <= len(flooded) <= max(2, len(points["id"]) // 2)
    assert len(closed) == 1
    assert points["is_underpass"][closed[0] - 1]
    assert {sensors["flood_point_id"][flood[0] - 1] for flood in water.floods} == set(flooded)


def test_an_underpass_has_two_sensors(water: Water, ground: Ground) -> None:
    points, sensors = ground.drainage.flood_point, water.tables["sensor"]
    for point in points["id"][points["is_underpass"]]:
        assert (sensors["flood_point_id"] == point).sum() == 2
