"""The arithmetic between world and screen."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.map.view import COARSEST_METRES_PER_PIXEL, FINEST_METRES_PER_PIXEL, Extent, History, View

eastings = st.floats(400_000, 600_000)
northings = st.floats(3_700_000, 4_000_000)
pixels = st.floats(-3_000, 6_000)
views = st.builds(
    View,
    eastings,
    northings,
    st.floats(0.05, 500),
    st.integers(1, 4_000),
    st.integers(1, 3_000),
)


@given(views, pixels, pixels)
def test_screen_to_world_and_back(view: View, px: float, py: float) -> None:
    assert view.to_screen(*view.to_world(px, py)) == pytest.approx((px, py), abs=1e-4)


@given(views, eastings, northings)
def test_arrays_agree_with_single_places(view: View, x: float, y: float) -> None:
    assert view.points_to_screen([(x, y)])[0] == pytest.approx(view.to_screen(x, y), rel=1e-9, abs=1e-4)


@given(views, pixels, pixels, st.floats(0.01, 100))
def test_zoom_keeps_the_place_under_the_cursor(view: View, px: float, py: float, factor: float) -> None:
    zoomed = view.zoomed(factor, px, py)
    assert zoomed.to_world(px, py) == pytest.approx(view.to_world(px, py), abs=1e-3)
    assert FINEST_METRES_PER_PIXEL <= zoomed.metres_per_pixel <= COARSEST_METRES_PER_PIXEL


@given(views, pixels, pixels)
def test_pan_moves_what_is_seen_with_the_hand(view: View, dx: float, dy: float) -> None:
    grabbed = view.to_world(100, 100)
    assert view.panned(dx, dy).to_screen(*grabbed) == pytest.approx((100 + dx, 100 + dy), abs=1e-4)


@given(eastings, northings, eastings, northings, st.integers(200, 3_000), st.integers(200, 3_000), st.integers(0, 60))
def test_a_fitted_view_shows_the_whole_extent(
    x0: float, y0: float, x1: float, y1: float, width: int, height: int, margin: int
) -> None:
    extent = Extent.spanning(x0, y0, x1, y1)
    shown = View.of(extent, width, height, margin).extent
    slack = 1e-6 * max(extent.width, extent.height, 1)
    assert shown.grown(slack).contains(extent) or View.of(extent, width, height).metres_per_pixel == (
        COARSEST_METRES_PER_PIXEL
    )


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_an_extent_needs_finite_bounds(bad: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        Extent(0, 0, bad, 1)


def test_an_extent_cannot_be_turned_inside_out() -> None:
    with pytest.raises(ValueError, match="minimum above"):
        Extent(2, 0, 1, 1)


@given(st.lists(st.sampled_from("anbf"), max_size=60))
def test_history_is_a_line_of_views_like_a_browsers(steps: str) -> None:
    """A adds, n adds the same place again, b goes back, f goes forward; compared with a plain list and an index."""
    history, expected, at, number = History(), list[float](), -1, 0.0
    for step in steps:
        if step == "a" or (step == "n" and at < 0):
            number += 1
            history.add(View(number, 0, 1, 10, 10))
            expected, at = [*expected[: at + 1], number], at + 1
        elif step == "n":
            history.add(View(expected[at], 0, 1, 20, 20))
        elif step == "b":
            found = history.back()
            assert (found is None) == (at <= 0)
            at = max(at - 1, min(at, 0))
            assert found is None or found.x == expected[at]
        else:
            found = history.forward()
            assert (found is None) == (at >= len(expected) - 1)
            at = min(at + 1, len(expected) - 1)
            assert found is None or found.x == expected[at]
