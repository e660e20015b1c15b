"""The map under a real hand: mouse, wheel and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.map import (
    ClusterRule,
    Extent,
    Features,
    Hit,
    Layer,
    LineStyle,
    MapCanvas,
    PointStyle,
    Stroke,
    Symbol,
    ThreadFetcher,
)
from console.map.store import LIVE_VERTICES, ArraySource
from console.theme import theme
from tests.map.conftest import HOME, points

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

Settle = Any
LEFT = Qt.MouseButton.LeftButton


def at(canvas: MapCanvas, x: float, y: float) -> QPoint:
    px, py = canvas.view.to_screen(x, y)
    return QPoint(round(px), round(py))


def drag(canvas: MapCanvas, begin: QPoint, end: QPoint, modifier: Qt.KeyboardModifier) -> None:
    QTest.mousePress(canvas, LEFT, modifier, begin)
    for share in (0.3, 0.7, 1.0):
        step = begin + (end - begin) * share
        QTest.mouseMove(canvas, step)
    QTest.mouseRelease(canvas, LEFT, modifier, end)


def wheel(canvas: MapCanvas, place: QPoint, degrees8: int) -> None:
    event = QWheelEvent(
        QPointF(place),
        QPointF(canvas.mapToGlobal(place)),
        QPoint(),
        QPoint(0, degrees8),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def colour_at(canvas: MapCanvas, x: float, y: float) -> str:
    image = canvas.grab_view().toImage()
    return image.pixelColor(at(canvas, x, y)).name()


NONE = Qt.KeyboardModifier.NoModifier


def test_the_whole_city_is_shown_first(canvas: MapCanvas) -> None:
    assert canvas.view.extent.contains(HOME)
    assert colour_at(canvas, 500_400, 3_877_200) == canvas.theme.critical
    assert colour_at(canvas, 500_200, 3_877_300) == canvas.theme.storm
    assert colour_at(canvas, 500_200, 3_877_200) == canvas.theme.map_ground


def test_dragging_moves_the_map_with_the_pointer(qtbot: QtBot, canvas: MapCanvas, settle: Settle) -> None:
    held = canvas.view.to_world(300, 200)
    drag(canvas, QPoint(300, 200), QPoint(420, 150), NONE)
    assert canvas.view.to_screen(*held) == pytest.approx((420, 150), abs=1)
    settle(canvas)
    assert colour_at(canvas, 500_400, 3_877_200) == canvas.theme.critical


def test_the_wheel_zooms_to_the_pointer_by_fractions(qtbot: QtBot, canvas: MapCanvas, settle: Settle) -> None:
    place = QPoint(700, 120)
    before, scale = canvas.view.to_world(700, 120), canvas.view.metres_per_pixel
    wheel(canvas, place, 30)
    assert canvas.view.metres_per_pixel == pytest.approx(scale / 2 ** (30 / 240))
    wheel(canvas, place, 240)
    assert canvas.view.to_world(700, 120) == pytest.approx(before, abs=1e-6)
    settle(canvas)
    wheel(canvas, place, -270)
    assert canvas.view.metres_per_pixel == pytest.approx(scale)


def test_shift_drag_zooms_into_the_rectangle(qtbot: QtBot, canvas: MapCanvas) -> None:
    begin, end = at(canvas, 500_380, 3_877_420), at(canvas, 500_520, 3_877_280)
    drag(canvas, begin, end, Qt.KeyboardModifier.ShiftModifier)
    extent = canvas.view.extent
    assert extent.contains(Extent(500_381, 3_877_281, 500_519, 3_877_419))
    assert extent.height == pytest.approx(140, abs=4)


def test_a_click_identifies_the_nearest_and_selects_it(qtbot: QtBot, canvas: MapCanvas) -> None:
    found: list[list[Hit]] = []
    canvas.identified.connect(found.append)
    with qtbot.waitSignal(canvas.selection_changed) as selected:
        QTest.mouseClick(canvas, LEFT, NONE, at(canvas, 500_402, 3_877_201))
    assert [(hit.layer_key, hit.id) for hit in found[0]] == [("point", 1), ("area", 7)]
    assert found[0][0].distance_px < 4
    assert selected.args is not None
    assert selected.args[0] == "point"
    assert canvas.selected("point").tolist() == [1]


def test_clicking_again_goes_on_to_what_lies_below(qtbot: QtBot, canvas: MapCanvas) -> None:
    chosen: list[str] = []
    canvas.identified.connect(lambda hits: chosen.append(hits[0].layer_key + str(hits[0].id)))
    place = at(canvas, 500_500, 3_877_300)
    for _ in range(5):
        QTest.mouseClick(canvas, LEFT, NONE, place)
    assert chosen[0] == "point5"
    assert set(chosen[1:3]) == {"lineeast", "linenorth"}
    assert chosen[3:] == ["area7", "point5"]
    assert canvas.selected("area").tolist() == []


def test_a_click_on_nothing_clears_the_selection(qtbot: QtBot, canvas: MapCanvas) -> None:
    canvas.select("point", [1, 2])
    canvas.layer("area").visible = False
    with qtbot.waitSignal(canvas.identified) as found:
        QTest.mouseClick(canvas, LEFT, NONE, at(canvas, 500_200, 3_877_500))
    assert found.args == [[]]
    assert canvas.selected("point").tolist() == []


def test_what_is_selected_is_shown_in_the_accent(qtbot: QtBot, canvas: MapCanvas) -> None:
    canvas.select("line", ["east"])
    assert colour_at(canvas, 500_200, 3_877_300) == canvas.theme.accent
    assert colour_at(canvas, 500_500, 3_877_150) == canvas.theme.storm
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert colour_at(canvas, 500_200, 3_877_300) == canvas.theme.storm


def test_ctrl_drag_selects_what_the_rectangle_meets(qtbot: QtBot, canvas: MapCanvas) -> None:
    begin, end = at(canvas, 500_350, 3_877_420), at(canvas, 500_450, 3_877_180)
    with qtbot.waitSignal(canvas.rectangle_selected) as found:
        drag(canvas, begin, end, Qt.KeyboardModifier.ControlModifier)
    assert found.args is not None
    assert {(hit.layer_key, hit.id) for hit in found.args[0]} == {
        ("point", 1),
        ("point", 4),
        ("point", 7),
        ("line", "east"),
        ("area", 7),
    }
    assert sorted(canvas.selected("point").tolist()) == [1, 4, 7]


def test_keys_pan_zoom_and_travel(qtbot: QtBot, canvas: MapCanvas, settle: Settle) -> None:
    home = canvas.view
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.view.x > home.x
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    assert canvas.view.y > home.y
    settle(canvas)
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.view.metres_per_pixel < home.metres_per_pixel
    settle(canvas)
    near = canvas.view
    QTest.keyClick(canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert canvas.view.metres_per_pixel == home.metres_per_pixel
    QTest.keyClick(canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert (canvas.view.x, canvas.view.y) == (home.x, home.y)
    for _ in range(2):
        QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert canvas.view == near
    QTest.keyClick(canvas, Qt.Key.Key_Home)
    assert canvas.view.extent.contains(HOME)


def test_end_shows_the_selection_and_space_identifies(qtbot: QtBot, canvas: MapCanvas) -> None:
    canvas.select("point", [1])
    QTest.keyClick(canvas, Qt.Key.Key_End)
    assert (canvas.view.x, canvas.view.y) == (500_400, 3_877_200)
    canvas.clear_selection()
    QTest.mouseMove(canvas, QPoint(500, 300))
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert canvas.selected("point").tolist() == [1]


def test_a_refresh_never_moves_the_view(qtbot: QtBot, canvas: MapCanvas, settle: Settle) -> None:
    canvas.centre_on(500_470, 3_877_290, 0.3)
    settle(canvas)
    before = canvas.view
    canvas.layer("point").invalidate()
    canvas.set_theme(theme("light"))
    canvas.select("line", ["east"])
    canvas.layer("line").visible = False
    settle(canvas)
    assert canvas.view == before


def test_resizing_keeps_centre_and_scale(canvas: MapCanvas, settle: Settle) -> None:
    canvas.zoom(2.0)
    before = canvas.view
    canvas.resize(1400, 700)
    settle(canvas)
    assert (canvas.view.x, canvas.view.y, canvas.view.metres_per_pixel) == (
        before.x,
        before.y,
        before.metres_per_pixel,
    )
    assert (canvas.view.width, canvas.view.height) == (1400, 700)


class Asked:
    """A source that remembers its questions and can fail."""

    def __init__(self, features: Features) -> None:
        self.features = features
        self.questions: list[tuple[Extent, float]] = []
        self.fault: Exception | None = None

    def fetch(self, extent: Extent, metres_per_pixel: float) -> Features:
        self.questions.append((extent, metres_per_pixel))
        if self.fault is not None:
            raise self.fault
        return self.features.subset(self.features.touching(extent))


@pytest.fixture
def asked(canvas: MapCanvas, settle: Settle) -> Asked:
    source = Asked(points())
    canvas.add_layer(Layer("asked", "Asked", PointStyle(Symbol("square", fill="high")), source=source))
    settle(canvas)
    return source


def test_a_source_is_asked_once_for_more_than_the_view(canvas: MapCanvas, asked: Asked, settle: Settle) -> None:
    ((extent, scale),) = asked.questions
    assert extent.contains(canvas.view.extent.grown(100))
    assert scale <= canvas.view.metres_per_pixel < 2 * scale
    canvas.pan(40, 30)
    settle(canvas)
    assert len(asked.questions) == 1
    canvas.zoom(4)
    settle(canvas)
    assert len(asked.questions) == 2
    canvas.zoom(1 / 4)
    settle(canvas)
    assert len(asked.questions) == 2


def test_changed_data_is_asked_again_only_where_it_is_seen(canvas: MapCanvas, asked: Asked, settle: Settle) -> None:
    layer = canvas.layer("asked")
    layer.invalidate(Extent(600_000, 3_877_000, 600_100, 3_877_100))
    settle(canvas)
    assert len(asked.questions) == 1
    asked.features = Features.from_xy([1], [500_300], [3_877_400])
    layer.invalidate(Extent(500_300, 3_877_400, 500_300, 3_877_400))
    settle(canvas)
    assert len(asked.questions) == 2
    assert colour_at(canvas, 500_300, 3_877_400) == canvas.theme.high
    assert layer.state.count == 1


def test_a_layer_out_of_scale_or_turned_off_is_not_asked(canvas: MapCanvas, settle: Settle) -> None:
    near, off = Asked(points()), Asked(points())
    canvas.add_layer(Layer("near", "", PointStyle(Symbol("dot")), source=near, max_metres_per_pixel=0.2))
    canvas.add_layer(Layer("off", "", PointStyle(Symbol("dot")), source=off, visible=False))
    settle(canvas)
    assert near.questions == []
    assert off.questions == []
    canvas.centre_on(500_500, 3_877_300, 0.1)
    canvas.layer("off").visible = True
    settle(canvas)
    assert len(near.questions) == 1
    assert len(off.questions) == 1


def test_a_failure_is_told_and_the_old_data_stay(canvas: MapCanvas, asked: Asked, settle: Settle) -> None:
    asked.fault = OSError("no way to the database")
    canvas.layer("asked").invalidate()
    settle(canvas)
    state = canvas.layer("asked").state
    assert state.failure == "no way to the database"
    assert not state.loading
    canvas.layer("point").visible = False
    settle(canvas)
    assert colour_at(canvas, 500_400, 3_877_200) == canvas.theme.high
    asked.fault = None
    canvas.layer("asked").invalidate()
    settle(canvas)
    assert canvas.layer("asked").state.failure == ""


def test_a_question_overtaken_by_a_change_is_asked_again(qtbot: QtBot, canvas: MapCanvas, settle: Settle) -> None:
    """The fetcher holds every answer back until it is told."""
    held: list[Callable[[], None]] = []

    def holding(key: str, work: Callable[[], Any], done: Callable[[Any], None], failed: object) -> None:
        held.append(lambda: done(work()))

    source = Asked(points())
    slow = MapCanvas(theme("dark"), holding, HOME)
    qtbot.addWidget(slow)
    slow.resize(400, 300)
    slow.add_layer(Layer("slow", "", PointStyle(Symbol("dot")), source=source))
    slow.show()
    qtbot.waitUntil(lambda: len(held) == 1)
    slow.layer("slow").invalidate()
    held.pop()()
    qtbot.waitUntil(lambda: len(held) == 1)
    held.pop()()
    settle(slow)
    assert len(source.questions) == 2


def test_an_answer_for_a_layer_that_is_gone_is_dropped(qtbot: QtBot) -> None:
    held: list[Callable[[], None]] = []

    def holding(key: str, work: Callable[[], Any], done: Callable[[Any], None], failed: object) -> None:
        held.append(lambda: done(work()))

    slow = MapCanvas(theme("dark"), holding, HOME)
    qtbot.addWidget(slow)
    slow.resize(400, 300)
    slow.add_layer(Layer("slow", "", PointStyle(Symbol("dot")), source=Asked(points())))
    slow.show()
    qtbot.waitUntil(lambda: len(held) == 1)
    slow.remove_layer("slow")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    held.pop()()
    assert slow.layers == []


def test_live_features_are_painted_at_once(canvas: MapCanvas) -> None:
    canvas.add_layer(Layer("truck", "Trucks", PointStyle(Symbol("square", fill="medium", size_px=12))))
    canvas.set_live("truck", Features.from_xy([1], [500_250], [3_877_450]))
    assert colour_at(canvas, 500_250, 3_877_450) == canvas.theme.medium
    canvas.set_live("truck", Features.from_xy([1], [500_650], [3_877_450]))
    assert colour_at(canvas, 500_650, 3_877_450) == canvas.theme.medium
    assert colour_at(canvas, 500_250, 3_877_450) == canvas.theme.map_ground
    assert canvas.layer("truck").state.count == 1


def test_a_selected_truck_is_followed(canvas: MapCanvas) -> None:
    canvas.add_layer(Layer("truck", "Trucks", PointStyle(Symbol("dot", fill="medium"))))
    canvas.set_live("truck", Features.from_xy([5], [500_250], [3_877_450]))
    canvas.select("truck", [5])
    canvas.set_live("truck", Features.from_xy([5], [500_650], [3_877_450]))
    canvas.zoom_to_selection()
    assert (canvas.view.x, canvas.view.y) == (500_650, 3_877_450)


def test_a_large_trace_is_kept_as_an_image(canvas: MapCanvas, settle: Settle) -> None:
    number = LIVE_VERTICES
    y = 3_877_449 + np.arange(number) * (2 / number)
    x = np.tile((500_100.0, 500_900.0), (number, 1))
    shapes = np.asarray(shapely.linestrings(np.stack((x, np.stack((y, y), axis=1)), axis=2)))
    canvas.add_layer(Layer("trace", "Trace", LineStyle(Stroke("accent", 4))))
    canvas.set_live("trace", Features.from_shapely(np.arange(number), shapes))
    settle(canvas)
    assert colour_at(canvas, 500_300, 3_877_450) == canvas.theme.accent
    few = Features.from_shapely([1], [shapely.LineString([(500_100, 3_877_150), (500_900, 3_877_150)])])
    canvas.set_live("trace", few)
    settle(canvas)
    assert colour_at(canvas, 500_300, 3_877_450) == canvas.theme.map_ground
    assert colour_at(canvas, 500_300, 3_877_150) == canvas.theme.accent


def test_a_click_on_a_cluster_opens_it(qtbot: QtBot, canvas: MapCanvas, settle: Settle) -> None:
    style = PointStyle(Symbol("dot", fill="high"), cluster=ClusterRule(0.5, distance_px=60))
    crowd = Features.from_xy([1, 2, 3], [500_200, 500_204, 500_208], [3_877_100, 3_877_104, 3_877_100])
    canvas.add_layer(Layer("case", "Cases", style, source=ArraySource(crowd)))
    settle(canvas)
    QTest.mouseClick(canvas, LEFT, NONE, at(canvas, 500_204, 3_877_101))
    assert canvas.view.metres_per_pixel < 0.6
    assert canvas.view.extent.contains(Extent(500_200, 3_877_100, 500_208, 3_877_104))


def test_another_theme_repaints_without_asking(canvas: MapCanvas, asked: Asked, settle: Settle) -> None:
    canvas.set_theme(theme("light"))
    settle(canvas)
    assert len(asked.questions) == 1
    assert colour_at(canvas, 500_200, 3_877_200) == theme("light").map_ground
    assert colour_at(canvas, 500_200, 3_877_300) == theme("light").storm


def test_opacity_lets_the_ground_through(canvas: MapCanvas, settle: Settle) -> None:
    canvas.layer("line").opacity = 0.5
    settle(canvas)
    colour = canvas.grab_view().toImage().pixelColor(at(canvas, 500_200, 3_877_300))
    ground, full = int(canvas.theme.map_ground[5:], 16), int(canvas.theme.storm[5:], 16)
    assert colour.blue() == pytest.approx((ground + full) / 2, abs=3)


def test_the_pointer_says_where_it_is(qtbot: QtBot, canvas: MapCanvas) -> None:
    with qtbot.waitSignal(canvas.pointer_moved) as moved:
        QTest.mouseMove(canvas, QPoint(123, 45))
    assert moved.args == pytest.approx(list(canvas.view.to_world(123, 45)))


@pytest.mark.qt_log_ignore("does not support raise", extend=True)
def test_the_tip_of_the_nearest_feature_is_shown(qtbot: QtBot, canvas: MapCanvas) -> None:
    asked: list[tuple[str, int]] = []

    def tip(features: Features, index: int) -> str:
        asked.append((str(features.attributes["name"][index]), index))
        return "tip"

    canvas.layer("point").tip = tip
    QTest.mouseMove(canvas, at(canvas, 500_500, 3_877_301))
    qtbot.waitUntil(lambda: asked == [("M5", 4)])


def test_a_hidden_map_asks_nothing_until_it_is_seen_again(canvas: MapCanvas, asked: Asked, settle: Settle) -> None:
    canvas.hide()
    asked.features = Features.from_xy([1], [500_300], [3_877_400])
    canvas.layer("asked").invalidate()
    settle(canvas)
    assert len(asked.questions) == 1
    canvas.show()
    settle(canvas)
    assert len(asked.questions) == 2
    assert colour_at(canvas, 500_300, 3_877_400) == canvas.theme.high


def test_layers_can_be_taken_off(canvas: MapCanvas, settle: Settle) -> None:
    canvas.select("point", [1])
    canvas.remove_layer("point")
    settle(canvas)
    assert [layer.key for layer in canvas.layers] == ["area", "line"]
    assert colour_at(canvas, 500_400, 3_877_200) == canvas.theme.map_ground
    with pytest.raises(KeyError):
        canvas.layer("point")
    with pytest.raises(ValueError, match="two layers called line"):
        canvas.add_layer(Layer("line", "", LineStyle(Stroke("storm"))))


def test_a_dense_screen_gets_dense_images(qtbot: QtBot, fetcher: ThreadFetcher, canvas: MapCanvas) -> None:
    canvas.picture.reset(canvas.theme, 2.0)
    qtbot.waitUntil(lambda: canvas.picture.composed is not None)
    composed = canvas.picture.composed
    assert composed is not None
    assert composed.image.width() == 2 * composed.view.width
    px, py = composed.view.to_screen(500_400, 3_877_200)
    assert composed.image.pixelColor(round(2 * px), round(2 * py)).name() == canvas.theme.critical


def test_painting_returns_to_the_event_loop(canvas: MapCanvas, settle: Settle) -> None:
    """However much there is to paint, it is done in many steps."""
    rng = np.random.default_rng(2)
    begin = np.column_stack((rng.uniform(500_000, 501_000, 20_000), rng.uniform(3_877_000, 3_877_600, 20_000)))
    shapes = np.asarray(shapely.linestrings(np.stack((begin, begin + 5), axis=1)))
    many = Features.from_shapely(np.arange(20_000), shapes)
    canvas.add_layer(Layer("many", "", LineStyle(Stroke("storm", 2)), source=ArraySource(many)))
    ticks = 0
    tick = canvas.picture.tick

    def counted() -> None:
        nonlocal ticks
        ticks += 1
        tick()

    canvas.picture.timer.timeout.disconnect()
    canvas.picture.timer.timeout.connect(counted)
    settle(canvas)
    assert ticks > 3
