from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from console.simulation.generator.fleet.motion import ACCELERATION_M_S2, BRAKING_M_S2, Path, Routes

CORNER = st.tuples(st.integers(-400, 400), st.integers(-400, 400))


@st.composite
def paths(draw: st.DrawFn) -> Path:
    """Ways of three to twelve corners, no two in a row alike, with a speed limit for each piece."""
    corners = draw(st.lists(CORNER, min_size=3, max_size=12))
    xy = np.cumsum([(0, 0), *[(x or 50, y or 30) for x, y in corners]], axis=0) + np.array([500_000.0, 3_877_000.0])
    limits = draw(st.lists(st.floats(3.0, 20.0), min_size=len(corners), max_size=len(corners)))
    return Path(xy.astype(float), np.array(limits))


@given(path=paths(), seed=st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_a_drive_covers_its_route_and_keeps_its_limits(path: Path, seed: int) -> None:
    routes = Routes([path], np.random.default_rng(seed))
    length = float(np.hypot(*np.diff(path.xy, axis=0).T).sum())
    assert np.isclose(routes.length_m[0], length)
    elapsed = np.linspace(0.0, float(routes.duration_s[0]), 400)
    place = routes.place(np.zeros(400, int), elapsed)
    assert np.allclose([place.x[0], place.y[0]], path.xy[0])
    assert np.allclose([place.x[-1], place.y[-1]], path.xy[-1])
    assert np.all(np.diff(place.along_m) >= -1e-6)
    assert place.speed_m_s.max() <= path.limit_m_s.max() + 1e-6
    gain = np.diff(place.speed_m_s) / np.diff(elapsed)
    assert gain.max() <= ACCELERATION_M_S2 * 4  # the creep at stops is reached at once
    assert gain.min() >= -BRAKING_M_S2 * 40


@given(path=paths(), share=st.floats(0.0, 1.0))
@settings(max_examples=60, deadline=None)
def test_the_time_at_a_distance_is_the_inverse_of_the_distance_at_a_time(path: Path, share: float) -> None:
    routes = Routes([path, path.reversed()], np.random.default_rng(0))
    for route in (0, 1):
        along = share * float(routes.length_m[route])
        at = np.array([routes.elapsed(route, along)])
        assert abs(float(routes.place(np.array([route]), at).along_m[0]) - along) < 0.01


def test_a_route_looks_where_it_goes() -> None:
    path = Path(np.array([[0.0, 0.0], [0.0, 500.0], [500.0, 500.0]]), np.array([10.0, 10.0]))
    routes = Routes([path, path.reversed()], np.random.default_rng(0))
    middle = np.array([routes.elapsed(0, 250.0), routes.elapsed(0, 750.0)])
    assert routes.place(np.zeros(2, int), middle).heading.tolist() == [0.0, 90.0]
    back = np.array([routes.elapsed(1, 250.0), routes.elapsed(1, 750.0)])
    assert routes.place(np.ones(2, int), back).heading.tolist() == [270.0, 180.0]


def test_before_and_after_its_drive_a_truck_stands_at_the_ends() -> None:
    path = Path(np.array([[0.0, 0.0], [300.0, 400.0]]), np.array([12.0]))
    place = Routes([path], np.random.default_rng(0)).place(np.zeros(2, int), np.array([-5.0, np.inf]))
    assert place.along_m.tolist() == [0.0, 500.0]


def test_the_nearest_point_of_a_route_is_found() -> None:
    path = Path(np.array([[0.0, 0.0], [0.0, 500.0], [500.0, 500.0]]), np.array([10.0, 10.0]))
    along, away = Routes([path], np.random.default_rng(0)).nearest(0, 120.0, 530.0)
    assert np.isclose(along, 620.0)
    assert np.isclose(away, 30.0)
