"""Where trucks are on their routes: as exact geometry says."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from console.models.monitors import routes
from console.models.monitors.routes import Routes
from tests.models.monitors.ground import ROUTE

COORDINATE = st.integers(-400, 400).map(float)
LINES = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=2, max_size=8, unique=True).map(shapely.LineString)


@settings(max_examples=100, deadline=None)
@given(lines=st.lists(LINES, min_size=1, max_size=3), places=st.lists(st.tuples(COORDINATE, COORDINATE), min_size=1))
def test_distance_and_progress_are_those_of_exact_geometry(
    lines: list[shapely.LineString], places: list[tuple[float, float]]
) -> None:
    route = np.arange(len(places)) % len(lines)
    x, y = np.array(places).T
    found = Routes(lines).find(route, x, y, np.zeros(len(places)))
    points = shapely.points(x, y)
    line = np.array(lines)[route]
    assert np.abs(found.offset_m) == pytest.approx(shapely.distance(line, points), abs=1e-6)
    nearest = shapely.line_interpolate_point(line, found.along_m)
    assert shapely.distance(nearest, points) == pytest.approx(np.abs(found.offset_m), abs=1e-6)


def test_sides_headings_and_long_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.array([500500.0, 500500.0, 500990.0])
    y = np.array([3870020.0, 3869980.0, 3870012.0])
    made = Routes([ROUTE])
    whole = made.find(np.zeros(3, np.int64), x, y, np.array([90.0, 270.0, 0.0]))
    assert whole.offset_m == pytest.approx([20, -20, 10])
    assert whole.along_m == pytest.approx([500, 500, 1012])
    # At the corner both streets are near, and either may be driven.
    assert whole.alignment == pytest.approx([1, -1, 1])
    monkeypatch.setattr(routes, "MOST_PAIRS", 3)
    parts = made.find(np.zeros(3, np.int64), x, y, np.array([90.0, 270.0, 0.0]))
    assert parts.offset_m.tolist() == whole.offset_m.tolist()
    assert len(made.find(np.zeros(0, np.int64), x[:0], y[:0], x[:0]).along_m) == 0
