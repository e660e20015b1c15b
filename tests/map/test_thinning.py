"""What is thinned out must not be missed on the screen."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from console.map import ClusterRule, Features, LineStyle, PointStyle, PolygonStyle, Stroke, Symbol
from console.map.thinning import DENSE_SEGMENTS, prepare

metres = st.integers(0, 1_000_000).map(lambda millimetres: millimetres / 1_000)
places = st.lists(st.tuples(metres, metres), min_size=2, max_size=60, unique=True)


@given(places, st.sampled_from([0.5, 1.0, 4.0, 16.0]))
def test_a_thinned_line_stays_within_a_pixel(vertices: list[tuple[float, float]], scale: float) -> None:
    line = shapely.LineString(vertices)
    prepared = prepare(Features.from_shapely([1], [line]), LineStyle(Stroke("storm")), None, scale)
    (batch,) = prepared.lines
    assert shapely.hausdorff_distance(shapely.LineString(batch.xy), line) <= scale * 0.75
    assert len(batch.xy) <= len(vertices)


def test_dense_lines_are_painted_once_a_pixel() -> None:
    rng = np.random.default_rng(1)
    begin = rng.uniform(0, 50, (3 * DENSE_SEGMENTS, 2))
    shapes = shapely.linestrings(np.stack((begin, begin + 3), axis=1))
    features = Features.from_shapely(np.arange(len(begin)), np.asarray(shapes))
    prepared = prepare(features, LineStyle(Stroke("storm")), None, 1.0)
    drawn = sum(len(batch.owners) for batch in prepared.lines)
    assert drawn <= 4 * 52 * 52
    assert len(prepared.features) == len(features)


def test_categories_are_painted_in_the_order_of_the_style() -> None:
    style = PointStyle(
        Symbol("dot"), attribute="state", symbols={"mild": Symbol("ring"), "bad": Symbol("dot", fill="critical")}
    )
    features = Features.from_xy([1, 2, 3], [0, 1, 2], [0, 0, 0], {"state": ["bad", "unheard of", "mild"]})
    order = [batch.category for batch in prepare(features, style, None, 1.0).points]
    assert order == ["unheard of", "mild", "bad"]


@given(
    st.lists(st.tuples(st.floats(0, 500), st.floats(0, 500), st.sampled_from(["a", "b", "c"])), min_size=1, max_size=80)
)
def test_clusters_count_every_point_once_and_show_the_worst(found: list[tuple[float, float, str]]) -> None:
    x, y, state = (np.array(column) for column in zip(*found, strict=True))
    features = Features.from_xy(np.arange(len(x)), x, y, {"state": state})
    severity = ("c", "a", "b")
    symbols = {name: Symbol("dot") for name in severity}
    style = PointStyle(
        Symbol("dot"), attribute="state", symbols=symbols, cluster=ClusterRule(1, severity, distance_px=40)
    )
    prepared = prepare(features, style, None, 1.0)
    alone = sum(len(batch.xy) for batch in prepared.singles)
    assert alone + sum(cluster.count for cluster in prepared.clusters) == len(x)
    for cluster in prepared.clusters:
        assert cluster.count > 1
        e = cluster.extent
        inside = (x >= e.xmin) & (x <= e.xmax) & (y >= e.ymin) & (y <= e.ymax)
        assert severity.index(cluster.category) >= min(severity.index(s) for s in state[inside].tolist())
    if prepared.clusters:
        shown = {c.category for c in prepared.clusters} | {b.category for b in prepared.singles}
        assert min(severity, key=lambda s: s not in state) in shown


def test_clustering_is_left_to_far_scales() -> None:
    features = Features.from_xy([1, 2], [0, 1], [0, 0])
    style = PointStyle(Symbol("dot"), cluster=ClusterRule(4))
    assert prepare(features, style, None, 1.0).clusters == ()
    assert len(prepare(features, style, None, 4.0).clusters) == 1


def test_a_border_shared_by_two_polygons_is_dashed_once() -> None:
    shapes = [shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)]
    style = PolygonStyle(Stroke("map_zone", dash_px=(6, 4)))
    prepared = prepare(Features.from_shapely([1, 2], shapes), style, None, 1.0)
    drawn = shapely.MultiLineString(
        [
            batch.xy[a:b]
            for batch in prepared.lines
            for a, b in zip(batch.parts[:-1].tolist(), batch.parts[1:].tolist(), strict=True)
        ]
    )
    assert drawn.length == pytest.approx(700)


def test_arrows_point_from_first_to_last_vertex() -> None:
    shapes = [shapely.LineString([(0, 0), (0, 100)]), shapely.LineString([(100, 0), (0, 0)])]
    style = LineStyle(Stroke("storm"), arrows_max_metres_per_pixel=2)
    (arrows,) = prepare(Features.from_shapely([1, 2], shapes), style, None, 1.0).arrows
    assert arrows.headings is not None
    assert arrows.headings.tolist() == pytest.approx([0, 270])
    assert prepare(Features.from_shapely([1, 2], shapes), style, None, 4.0).arrows == ()


def test_a_style_for_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot draw"):
        prepare(Features.from_xy([1], [0], [0]), LineStyle(Stroke("storm")), None, 1.0)
