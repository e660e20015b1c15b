"""Texts do not collide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.map import Extent, Features, LabelRule, View
from console.map.labels import Label, candidates, place
from console.map.lettering import LabelPainter, still_apart
from console.map.live import finished
from console.theme import theme

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

VIEW = View(0, 0, 1.0, 800, 600)
DARK = theme("dark")
texts = st.lists(
    st.tuples(
        st.sampled_from(["红旗街", "解放路立交桥 18 cm", "晋M·D0873", "A"]),
        st.floats(-450, 450),
        st.floats(-350, 350),
        st.integers(0, 5),
    ),
    max_size=120,
)


def _placed(found: list[tuple[str, float, float, int]], placement: Literal["centre", "beside"]) -> list[Label]:
    if not found:
        return []
    words, x, y, priority = zip(*found, strict=True)
    features = Features.from_xy(np.arange(len(x)), x, y, {"text": words, "rank": priority})
    rule = LabelRule("text", placement, priority_attribute="rank")
    layer = candidates(features, rule, None, 1.0)
    assert layer is not None
    return [label for some in place([layer], VIEW, DARK) for label in some]


def _boxes(label: Label) -> np.ndarray:
    return np.asarray(label.boxes + np.tile(VIEW.to_screen(label.x, label.y), 2))


def _touch(one: Label, other: Label) -> bool:
    a, b = _boxes(one)[:, None], _boxes(other)[None]
    apart = (a[..., 0] >= b[..., 2]) | (a[..., 2] <= b[..., 0]) | (a[..., 1] >= b[..., 3]) | (a[..., 3] <= b[..., 1])
    return not apart.all()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts, st.sampled_from(["centre", "beside"]))
def test_no_two_texts_touch(
    qtbot: QtBot, found: list[tuple[str, float, float, int]], placement: Literal["centre", "beside"]
) -> None:
    labels = _placed(found, placement)
    for index, one in enumerate(labels):
        assert not any(_touch(one, other) for other in labels[:index])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts)
def test_the_most_important_text_is_there(qtbot: QtBot, found: list[tuple[str, float, float, int]]) -> None:
    inside = [entry for entry in found if abs(entry[1]) < 400 and abs(entry[2]) < 300]
    labels = _placed(found, "centre")
    if inside:
        best = max(entry[3] for entry in inside)
        assert {(e[1], e[2]) for e in inside if e[3] == best} & {(label.x, label.y) for label in labels}
    else:
        assert labels == []


def test_texts_along_a_street_follow_it_and_read_from_left_to_right(qtbot: QtBot) -> None:
    shapes = [shapely.LineString([(-300, -300), (300, 300)]), shapely.LineString([(300, -200), (-300, 200)])]
    features = Features.from_shapely([1, 2], shapes, {"name": np.array(["解放路", "人民路"])})
    layer = candidates(features, LabelRule("name", "along"), None, 1.0)
    assert layer is not None
    labels = [label for some in place([layer], VIEW, DARK) for label in some]
    angles = {label.text: round(label.angle) for label in labels}
    assert angles == {"解放路": -45, "人民路": 34}


def test_pieces_of_one_street_share_a_name(qtbot: QtBot) -> None:
    shapes = [shapely.LineString([(x, 0), (x + 20, 0)]) for x in range(-200, 200, 20)]
    features = Features.from_shapely(np.arange(20), shapes, {"name": np.array(["红旗街"] * 20)})
    layer = candidates(features, LabelRule("name", "along"), None, 1.0)
    assert layer is not None
    assert [label.text for some in place([layer], VIEW, DARK) for label in some] == ["红旗街"]


def test_a_text_longer_than_its_street_is_left_out(qtbot: QtBot) -> None:
    features = Features.from_shapely(
        [1], [shapely.LineString([(0, 0), (100, 0)])], {"name": np.array(["一条名字比它自己还要长的小路"])}
    )
    layer = candidates(features, LabelRule("name", "along", size_px=14), None, 1.0)
    assert layer is not None
    assert [label for some in place([layer], VIEW, DARK) for label in some] == []


def test_a_polygon_is_named_inside_what_is_seen_of_it() -> None:
    features = Features.from_shapely([1], [shapely.box(0, 0, 10_000, 10_000)], {"name": np.array(["中片区"])})
    extent = Extent(9_000, 9_000, 11_000, 11_000)
    layer = candidates(features, LabelRule("name", "centre"), extent, 1.0)
    assert layer is not None
    (x, y) = layer.xy[0].tolist()
    assert 9_000 <= x <= 10_000
    assert 9_000 <= y <= 10_000


def test_zooming_out_hides_what_would_touch(qtbot: QtBot) -> None:
    labels = _placed([("红旗街", x, 0.0, 0) for x in (-90.0, 0.0, 90.0)], "centre")
    lettering = finished(LabelPainter(DARK, 1.0).lettered(labels, VIEW.metres_per_pixel))
    for scale, shown in ((1.0, [True, True, True]), (4.0, [True, False, True])):
        anchors = View(0, 0, scale, 800, 600).points_to_screen(lettering.anchors)
        assert still_apart(lettering.boxes + np.tile(anchors, 2)).tolist() == shown


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90), st.integers(1, 30), st.integers(1, 30)), max_size=40))
def test_what_is_kept_is_apart_and_nothing_is_dropped_without_need(found: list[tuple[int, int, int, int]]) -> None:
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h in found], dtype=np.float64).reshape(-1, 4)
    kept = still_apart(boxes)
    for index, box in enumerate(boxes):
        before = boxes[:index][kept[:index]]
        touches = (
            (before[:, 0] < box[2]) & (before[:, 2] > box[0]) & (before[:, 1] < box[3]) & (before[:, 3] > box[1])
        ).any()
        assert kept[index] == (not touches)


def test_a_text_is_drawn_once_and_then_stamped(qtbot: QtBot) -> None:
    painter = LabelPainter(DARK, 2.0)
    rule = LabelRule("text")
    first = painter.pixmap("红旗街", rule, 30)
    assert painter.pixmap("红旗街", rule, 30.2) is first
    assert first.devicePixelRatio() == 2.0
    assert not first.toImage().allGray()


def test_an_area_that_only_its_box_brings_into_the_extent_has_no_text_there() -> None:
    around = shapely.box(-900, -900, 900, 900) - shapely.box(-500, -500, 500, 500)
    features = Features.from_shapely([1, 2], [around, shapely.box(-100, -100, 0, 0)], {"code": np.array(["a", "b"])})
    found = candidates(features, LabelRule("code", "centre"), Extent(-200, -200, 200, 200), 1.0)
    assert found is not None
    assert (found.texts, found.xy.tolist()) == (["b"], [[-50, -50]])
