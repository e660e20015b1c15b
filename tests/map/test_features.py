"""Features as arrays, against shapely as the judge."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from console.map import Extent, Features, GeometryKind

near = st.floats(-50, 50).map(lambda v: round(v, 2))
place = st.tuples(near, near)
line = st.lists(place, min_size=2, max_size=6, unique=True).map(shapely.LineString)
lines_of_many = st.lists(line, min_size=2, max_size=3).map(shapely.MultiLineString)
polygon = st.lists(place, min_size=3, max_size=7, unique=True).map(
    lambda ps: shapely.MultiPoint(ps).convex_hull.buffer(1).difference(shapely.Point(ps[0]).buffer(0.5))
)
shapes = st.one_of(
    st.lists(place.map(shapely.Point), min_size=1, max_size=8),
    st.lists(
        st.one_of(line, st.lists(line, min_size=2, max_size=3).map(shapely.MultiLineString)), min_size=1, max_size=6
    ),
    st.lists(polygon, min_size=1, max_size=5),
)


@given(shapes, place)
def test_distances_are_those_of_shapely(geometries: list[shapely.Geometry], at: tuple[float, float]) -> None:
    features = Features.from_shapely(np.arange(len(geometries)), geometries)
    expected = shapely.distance(np.array(geometries), shapely.Point(at))
    found = features.distances(*at, within=30)
    # At the limit itself rounding decides.
    clear = np.abs(expected - 30) > 1e-6
    assert found[clear] == pytest.approx(np.where(expected <= 30, expected, np.inf)[clear], abs=1e-6)


@given(shapes, place, place)
def test_meeting_a_rectangle_is_intersecting_it(
    geometries: list[shapely.Geometry], one: tuple[float, float], other: tuple[float, float]
) -> None:
    features = Features.from_shapely(np.arange(len(geometries)), geometries)
    extent = Extent.spanning(*one, *other)
    box = shapely.box(extent.xmin, extent.ymin, extent.xmax, extent.ymax)
    distance = shapely.distance(np.array(geometries), box)
    depth = shapely.area(shapely.intersection(np.array(geometries), box.buffer(0)))
    found = features.meeting(extent)
    assert not found[distance > 1e-6].any()
    assert found[depth > 1e-6].all()


@given(shapes, st.randoms(use_true_random=False))
def test_a_subset_keeps_ids_shapes_and_attributes_together(geometries: list[shapely.Geometry], random: object) -> None:
    ids = np.arange(100, 100 + len(geometries))
    features = Features.from_shapely(ids, geometries, {"double": 2 * ids})
    keep = np.array([bool(i % 2) for i in range(len(geometries))])
    kept = features.subset(keep)
    assert kept.ids.tolist() == ids[keep].tolist()
    assert (kept.attributes["double"] == 2 * kept.ids).all()
    for shape, original in zip(kept.to_shapely(), np.array(geometries)[keep], strict=True):
        assert shapely.hausdorff_distance(shape, original) == pytest.approx(0, abs=1e-9)


def test_a_missing_geometry_is_kept_but_never_found() -> None:
    features = Features.from_shapely([1, 2, 3], [None, shapely.Point(1, 1), shapely.Point()])
    assert len(features) == 3
    assert np.isinf(features.distances(1, 1, within=5)).tolist() == [True, False, True]
    assert features.touching(Extent(0, 0, 5, 5)).tolist() == [False, True, False]
    assert features.extent == Extent(1, 1, 1, 1)


def test_a_hole_is_outside_and_a_place_on_the_border_is_at_distance_nought() -> None:
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(4, 4, 6, 6))
    features = Features.from_shapely([1], [ring])
    assert features.distances(2, 2, within=3)[0] == 0
    assert features.distances(5, 5, within=3)[0] == pytest.approx(1)
    assert features.distances(10, 5, within=3)[0] == pytest.approx(0)


def test_kinds_do_not_mix() -> None:
    with pytest.raises(ValueError, match="one kind"):
        Features.from_shapely([1, 2], [shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)])])
    with pytest.raises(ValueError, match="none"):
        Features.from_shapely([1], [None])
    assert Features.from_shapely([1], [None], kind=GeometryKind.LINE).kind is GeometryKind.LINE


def test_attributes_must_fit() -> None:
    with pytest.raises(ValueError, match="name has 1 values for 2"):
        Features.from_xy([1, 2], [0, 0], [0, 0], {"name": ["a"]})


def test_no_features_have_no_extent() -> None:
    nothing = Features.empty(GeometryKind.POLYGON)
    assert nothing.extent is None
    assert not nothing.touching(Extent(0, 0, 1, 1)).any()
    assert nothing.distances(0, 0, within=10).shape == (0,)
    assert len(nothing.with_ids([1, 2])) == 0
