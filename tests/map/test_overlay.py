"""Scale bar and coordinates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.map.overlay import coordinate_text, distance_text, geographic, scale_bar


def test_the_known_point_of_the_city() -> None:
    longitude, latitude = geographic(500_638.812, 3_877_521.762)
    assert longitude == pytest.approx(111.007, abs=1e-7)
    assert latitude == pytest.approx(35.0264, abs=1e-7)


def test_coordinates_name_both_systems() -> None:
    words = coordinate_text(500_638.812, 3_877_521.762)
    assert words == "111.00700°E  35.02640°N   E 500 639  N 3 877 522 m"


@given(st.floats(0.01, 2_000), st.floats(50, 400))
def test_the_bar_is_the_longest_round_length_that_fits(scale: float, at_most: float) -> None:
    metres, pixels = scale_bar(scale, at_most)
    assert 0.4 * at_most <= pixels <= at_most * (1 + 1e-6)
    assert metres / 10 ** (len(str(int(metres))) - 1) in (1, 2, 5) or metres < 1
    assert metres == pytest.approx(pixels * scale)


def test_distances_below_a_kilometre_are_in_metres() -> None:
    assert [distance_text(m) for m in (0.5, 200, 1_000, 5_000)] == ["0.5 m", "200 m", "1 km", "5 km"]
