"""The drainage network obeys the rules of its design at every seed, and the rules can find a fault."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from console.simulation.generator.drainage.sections import (
    MATERIALS,
    SANITARY,
    SECTIONS,
    STORM,
    capacity_m3s,
    least_slope,
    velocity_ms,
)
from console.simulation.generator.scale import FULL, SMALL
from tests.simulation.conftest import build_ground
from tests.simulation.network_rules import breaches

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.simulation.generator.drainage.network import Network
    from tests.simulation.conftest import Ground


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_network_is_sound_at_every_seed(seed: int) -> None:
    ground = build_ground(seed)
    assert breaches(ground.drainage) == []
    length = np.bincount(
        ground.drainage.network.pipe_system, weights=shapely.length(ground.drainage.pipe["geom"]), minlength=3
    )
    assert length[0] >= SMALL.storm_length_m
    assert length[1] + length[2] >= SMALL.sanitary_length_m
    assert length[2] > 0.5 * SMALL.combined_length_m


def test_full_city_has_the_size_of_yuncheng() -> None:
    drainage = build_ground(seed=5, scale=FULL).drainage
    assert breaches(drainage) == []
    assert np.sum(shapely.length(drainage.pipe["geom"])) >= 360_000
    assert len(drainage.manhole["code"]) >= 13_000
    assert {"姚暹渠", "涑水河", "运城市第一污水处理厂"} <= set(drainage.outfall["receiving_water"])
    assert len(drainage.flood_point["id"]) == FULL.flood_points


def _lift_lower_end(network: Network) -> Network:
    return replace(network, lower_invert=network.upper_invert + 0.1)


def _shrink_last(network: Network) -> Network:
    into_outlet = network.is_outlet[network.lower]
    return replace(network, place=np.where(into_outlet, 0, network.place))


def _turn_around(network: Network) -> Network:
    """Lead one pipe in the middle of the network back to the manhole that feeds it."""
    pipe = int(np.flatnonzero(np.isin(network.upper, network.lower) & ~network.is_outlet[network.lower])[0])
    feeder = int(network.upper[np.flatnonzero(network.lower == network.upper[pipe])[0]])
    lower = network.lower.copy()
    lower[pipe] = feeder
    return replace(network, lower=lower)


def _bury(network: Network) -> Network:
    return replace(network, ground=network.ground - 0.5)


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (_lift_lower_end, "reverse slope"),
        (_shrink_last, "shrinks downstream"),
        (_turn_around, "outlet not reached"),
        (_bury, "cover too small"),
    ],
)
def test_rules_find_a_fault(ground: Ground, spoil: Callable[[Network], Network], rule: str) -> None:
    spoiled = replace(ground.drainage, network=spoil(ground.drainage.network))
    assert any(breach.startswith(rule) for breach in breaches(spoiled))


def test_same_seed_gives_the_same_network(ground: Ground) -> None:
    again = build_ground(seed=1).drainage
    assert np.array_equal(again.network.xy, ground.drainage.network.xy)
    assert np.array_equal(again.network.upper_invert, ground.drainage.network.upper_invert)
    assert list(again.pipe["material"]) == list(ground.drainage.pipe["material"])


def test_velocity_by_manning() -> None:
    # DN1000 of concrete at 1 ‰: R = 0.25 m, v = 0.25^(2/3) · 0.001^(1/2) / 0.013.
    section = SECTIONS[5]
    assert section.height_mm == 1000
    assert velocity_ms(section, 0.013, 0.001) == pytest.approx(0.9654, abs=1e-4)
    assert capacity_m3s(section, 0.013, 0.001, STORM) == pytest.approx(0.7582, abs=1e-3)
    assert capacity_m3s(section, 0.013, 0.001, SANITARY) < capacity_m3s(section, 0.013, 0.001, STORM)


def test_least_slope_of_the_least_diameter() -> None:
    assert least_slope(SECTIONS[0], MATERIALS["hdpe"], STORM) == 0.002
    assert least_slope(SECTIONS[0], MATERIALS["concrete"], STORM) >= 0.003
    assert least_slope(SECTIONS[0], MATERIALS["hdpe"], SANITARY) == 0.003


def test_facilities_stand_at_manholes(ground: Ground) -> None:
    drainage = ground.drainage
    known = set(drainage.manhole["code"])
    for table in (drainage.gully, drainage.outfall, drainage.pump_station):
        assert set(table["manhole_code"]) <= known
        assert len(set(table["code"])) == len(table["code"])
    levels = drainage.pump_station
    assert np.all(levels["min_level_m"] < levels["control_level_m"])
    assert np.all(levels["control_level_m"] < levels["warning_level_m"])
    assert len(set(levels["manhole_code"])) == len(levels["manhole_code"])


def test_flood_points_include_the_underpass(ground: Ground) -> None:
    points = ground.drainage.flood_point
    row = list(points["name"]).index("解放路立交桥")
    assert points["is_underpass"][row]
    assert points["height_bar_m"][row] == 4.6
    assert len(points["name"]) == SMALL.flood_points
    assert len(set(points["name"])) == len(points["name"])
