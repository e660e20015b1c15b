"""Panels over the map: what is fitted in lies beside them, and what is chosen comes out from under them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect

from console.map import MapCanvas, View
from console.map.covers import EDGE_PX, LEAST_PX, Covers

WIDTH, HEIGHT = 1000, 600
LEFT, RIGHT = QRect(12, 12, 240, 300), QRect(608, 52, 380, 500)
VIEW = View(500_500, 3_877_300, 1.0, WIDTH, HEIGHT)
BOTH = Covers(LEFT, RIGHT)


def pixels(view: View, x: float, y: float) -> tuple[float, float]:
    return view.to_screen(x, y)


@pytest.mark.parametrize("at", [(400, 300), (100, 500), (600, 30), (980, 580)])
def test_a_place_that_is_seen_moves_nothing(at: tuple[int, int]) -> None:
    assert BOTH.revealed(VIEW, *VIEW.to_world(*at)) == VIEW


@pytest.mark.parametrize(
    ("at", "seen_at"), [((800, 300), (608 - EDGE_PX, 300)), ((100, 100), (LEFT.right() + 1 + EDGE_PX, 100))]
)
def test_a_place_below_a_panel_comes_out_beside_it_and_no_farther(
    at: tuple[int, int], seen_at: tuple[int, int]
) -> None:
    place = VIEW.to_world(*at)
    moved = BOTH.revealed(VIEW, *place)
    assert moved.metres_per_pixel == VIEW.metres_per_pixel
    assert pixels(moved, *place) == pytest.approx(seen_at)


def test_a_place_outside_comes_into_the_middle_of_what_is_free() -> None:
    place = VIEW.to_world(5000, -900)
    middle = (LEFT.right() + 1 + RIGHT.left()) / 2, HEIGHT / 2
    assert pixels(BOTH.revealed(VIEW, *place), *place) == pytest.approx(middle)


rects = st.builds(QRect, st.integers(0, 200), st.integers(0, 200), st.integers(0, 700), st.integers(0, 500))


@given(st.floats(-3000, 4000), st.floats(-3000, 4000), rects, st.integers(0, 700))
def test_what_is_revealed_is_seen_wherever_it_was(x: float, y: float, left: QRect, right_width: int) -> None:
    right = QRect(WIDTH - right_width, 50, right_width, 500)
    covers = Covers(left, right)
    place = VIEW.to_world(x, y)
    px, py = pixels(covers.revealed(VIEW, *place), *place)
    assert 0 <= px <= WIDTH
    assert 0 <= py <= HEIGHT
    if WIDTH - right_width - left.right() > LEAST_PX:
        assert not left.contains(round(px), round(py))
        assert not right.contains(round(px), round(py))


def test_the_whole_city_is_fitted_beside_what_covers_the_map(canvas: MapCanvas) -> None:
    third = QRect(0, 0, canvas.width() // 3, 200)
    canvas.set_covers(Covers(left=third))
    left = pixels(canvas.view, canvas.home.xmin, canvas.home.centre[1])[0]
    right = pixels(canvas.view, canvas.home.xmax, canvas.home.centre[1])[0]
    assert left > third.right()
    assert right < canvas.width()
    canvas.zoom(2.0)
    moved = canvas.view
    canvas.set_covers(Covers())
    assert canvas.view == moved


def test_a_panel_that_opens_at_the_right_leaves_the_view_and_home_fits_beside_it(canvas: MapCanvas) -> None:
    before = canvas.view
    panel = QRect(canvas.width() - 392, 52, 380, 500)
    canvas.set_covers(Covers(right=panel))
    assert canvas.view == before
    canvas.zoom_home()
    assert pixels(canvas.view, canvas.home.xmax, canvas.home.centre[1])[0] < panel.left()
    canvas.select("point", [1])
    canvas.zoom_to_selection()
    assert canvas.view.to_screen(500_400, 3_877_200)[0] == pytest.approx(panel.left() / 2, abs=1)
