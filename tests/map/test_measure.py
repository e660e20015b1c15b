"""Measuring, against shapely and with a real hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from console.map.tools.measure import MeasureTool, area_text, length_text, measure

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from console.map import MapCanvas, Measurement

corners = st.lists(
    st.tuples(st.floats(499_000, 503_000), st.floats(3_870_000, 3_880_000)), min_size=3, max_size=12, unique=True
)
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@given(corners)
def test_length_is_that_of_shapely(points: list[tuple[float, float]]) -> None:
    found = measure("length", points)
    assert found.length_m == pytest.approx(shapely.LineString(points).length)
    assert found.area_m2 == 0


@given(corners)
def test_area_is_that_of_shapely(points: list[tuple[float, float]]) -> None:
    found = measure("area", points)
    ring = shapely.Polygon(points)
    assert found.area_m2 == pytest.approx(ring.area, rel=1e-6, abs=1e-2)
    assert found.length_m == pytest.approx(ring.length)


@pytest.mark.parametrize("what", ["length", "area"])
@pytest.mark.parametrize("number", [0, 1])
def test_too_few_corners_measure_nothing(what: Any, number: int) -> None:
    found = measure(what, [(1.0, 2.0)] * number)
    assert (found.length_m, found.area_m2) == (0, 0)


@pytest.mark.parametrize(
    ("metres", "words"), [(0, "0.0 m"), (12.34, "12.3 m"), (999.6, "1,000 m"), (1_234, "1.23 km"), (45_678, "45.68 km")]
)
def test_lengths_below_a_kilometre_are_in_metres(metres: float, words: str) -> None:
    assert length_text(metres) == words


def test_large_areas_are_in_square_kilometres() -> None:
    assert area_text(10_000) == "10,000 m²"
    assert area_text(91_000_000) == "91.000 km²"


def _click(canvas: MapCanvas, px: int, py: int) -> None:
    QTest.mouseMove(canvas, QPoint(px, py))
    QTest.mouseClick(canvas, LEFT, NONE, QPoint(px, py))


def test_a_length_is_measured_live_and_ended_by_a_double_click(qtbot: QtBot, canvas: MapCanvas) -> None:
    canvas.set_tool("measure_length")
    tool = canvas.tool
    assert isinstance(tool, MeasureTool)
    scale = canvas.view.metres_per_pixel
    _click(canvas, 100, 100)
    QTest.mouseMove(canvas, QPoint(200, 100))
    assert tool.current.length_m == pytest.approx(100 * scale)
    _click(canvas, 200, 100)
    with qtbot.waitSignal(canvas.measured) as done:
        QTest.mouseClick(canvas, LEFT, NONE, QPoint(200, 200))
        QTest.mouseDClick(canvas, LEFT, NONE, QPoint(200, 200))
    assert done.args is not None
    found: Measurement = done.args[0]
    assert found.length_m == pytest.approx(200 * scale)
    assert canvas.selected("point").size == 0


def test_an_area_is_ended_by_enter_and_corners_are_taken_back(qtbot: QtBot, canvas: MapCanvas) -> None:
    canvas.set_tool("measure_area")
    for px, py in ((100, 100), (300, 100), (300, 200), (900, 500)):
        _click(canvas, px, py)
    QTest.keyClick(canvas, Qt.Key.Key_Backspace)
    with qtbot.waitSignal(canvas.measured) as done:
        QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert done.args is not None
    assert done.args[0].area_m2 == pytest.approx(200 * 100 / 2 * canvas.view.metres_per_pixel**2)
    _click(canvas, 10, 10)
    assert isinstance(canvas.tool, MeasureTool)
    assert len(canvas.tool.current.points) <= 2


def test_escape_first_forgets_and_then_leaves_the_tool(qtbot: QtBot, canvas: MapCanvas) -> None:
    canvas.set_tool("measure_length")
    _click(canvas, 100, 100)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert isinstance(canvas.tool, MeasureTool)
    assert canvas.tool.current.points == ()
    with qtbot.waitSignal(canvas.tool_changed) as changed:
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert changed.args == ["navigate"]


def test_the_middle_button_moves_the_map_while_measuring(canvas: MapCanvas) -> None:
    canvas.set_tool("measure_length")
    _click(canvas, 100, 100)
    assert isinstance(canvas.tool, MeasureTool)
    corner = canvas.tool.current.points[0]
    before = canvas.view
    QTest.mousePress(canvas, Qt.MouseButton.MiddleButton, NONE, QPoint(400, 300))
    QTest.mouseMove(canvas, QPoint(460, 330))
    QTest.mouseRelease(canvas, Qt.MouseButton.MiddleButton, NONE, QPoint(460, 330))
    assert canvas.view.x == pytest.approx(before.x - 60 * before.metres_per_pixel)
    assert canvas.tool.current.points[0] == corner
