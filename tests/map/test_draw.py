"""Drawing lines and areas with a real hand and with keys alone; hostile shapes are not taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from console.map.tools.sketch import Fault, Sketch, flaw

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from console.map import MapCanvas

LEFT, NONE, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
# Millimetres as whole numbers are drawn much faster than fractions.
places = st.tuples(st.integers(499_000_000, 503_000_000), st.integers(3_870_000_000, 3_880_000_000)).map(
    lambda mm: (mm[0] / 1000, mm[1] / 1000)
)
shapes = st.lists(places, max_size=9).map(tuple)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(shapes)
def test_an_area_that_is_taken_is_one_that_the_database_takes(points: Any) -> None:
    found = flaw("area", points)
    if found is None:
        polygon = shapely.Polygon(points)
        assert polygon.is_valid
        assert polygon.area >= 1
    elif len(set(points)) >= 3:
        polygon = shapely.Polygon(points)
        assert not polygon.is_valid or polygon.area < 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(shapes)
def test_a_line_that_is_taken_has_a_length(points: Any) -> None:
    assert (flaw("line", points) is None) == (len(set(points)) > 1 and shapely.LineString(points).length >= 1)


@pytest.mark.parametrize(
    ("points", "fault"),
    [
        ([(0, 0), (100, 100), (100, 0), (0, 100)], Fault.CROSSES),
        ([(0, 0), (100, 0), (200, 0)], Fault.NO_SIZE),
        ([(0, 0), (0.1, 0), (0, 0.1)], Fault.NO_SIZE),
        ([(0, 0), (100, 0), (0, 0)], Fault.TOO_FEW),
        # A border that runs back on itself.
        ([(0, 0), (100, 0), (100, 100), (100, 0), (50, -50)], Fault.CROSSES),
    ],
)
def test_hostile_areas_are_named(points: Any, fault: Fault) -> None:
    found = flaw("area", tuple(points))
    assert found is not None
    assert found.fault is fault


def test_where_a_border_crosses_itself_is_known() -> None:
    found = flaw("area", ((0, 0), (100, 100), (100, 0), (0, 100)))
    assert found is not None
    assert found.place == (50, 50)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.integers(0, 20), places),
        st.tuples(st.just("move"), st.integers(0, 20), places),
        st.tuples(st.just("remove"), st.integers(0, 20), places),
    ),
    max_size=15,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["line", "area"]), shapes, steps)
def test_every_step_can_be_taken_back_and_made_again(kind: Any, points: Any, work: Any) -> None:
    sketch = Sketch(kind, points)
    seen = [sketch.points]
    for what, place, at in work:
        count = len(sketch.points)
        if what == "insert":
            sketch.insert(min(place, count), at)
        elif count:
            sketch.move(place % count, at) if what == "move" else sketch.remove(place % count)
        if sketch.points != seen[-1]:
            seen.append(sketch.points)
    for known in reversed(seen):
        assert sketch.points == known
        sketch.undo()
    assert not sketch.can_undo
    for known in seen:
        assert sketch.points == known
        sketch.redo()
    assert not sketch.can_redo


@pytest.mark.parametrize("at", [(float("nan"), 1.0), (1.0, float("inf"))])
def test_what_is_nowhere_is_no_corner(at: Any) -> None:
    sketch = Sketch("line", ((0, 0), (1, 1)))
    assert not sketch.insert(1, at)
    sketch.move(0, at)
    assert sketch.points == ((0, 0), (1, 1))


class Ends:
    """What a drawing said."""

    def __init__(self, canvas: MapCanvas, *args: Any) -> None:
        self.said: list[Any] = []
        self.changes: list[Any] = []
        made = canvas.draw(*args)
        made.ended.connect(self.said.append)
        made.changed.connect(self.changes.append)


def click(canvas: MapCanvas, px: int, py: int, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseMove(canvas, QPoint(px, py))
    QTest.mouseClick(canvas, LEFT, keys, QPoint(px, py))


def drag(canvas: MapCanvas, start: QPoint, end: QPoint) -> None:
    QTest.mouseMove(canvas, start)
    QTest.mousePress(canvas, LEFT, NONE, start)
    QTest.mouseMove(canvas, (start + end) / 2)
    QTest.mouseMove(canvas, end)
    QTest.mouseRelease(canvas, LEFT, NONE, end)


def pixels(canvas: MapCanvas, points: Any) -> list[tuple[int, int]]:
    on_screen = [canvas.view.to_screen(*point) for point in points]
    return [(round(x), round(y)) for x, y in on_screen]


def test_an_area_is_drawn_by_clicks_and_changed_by_drags(qtbot: QtBot, canvas: MapCanvas) -> None:
    ends = Ends(canvas, "area")
    for px, py in ((200, 60), (400, 60), (400, 160), (200, 160)):
        click(canvas, px, py)
    # A click on the first corner closes it; then corners are dragged, and a side gets a new one.
    click(canvas, 200, 60)
    drag(canvas, QPoint(400, 160), QPoint(480, 240))
    drag(canvas, QPoint(300, 60), QPoint(300, 20))
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert pixels(canvas, ends.said[0]) == [(200, 60), (300, 20), (400, 60), (480, 240), (200, 160)]
    assert canvas.tool is not canvas.drawing
    assert canvas.selected("point").size == 0


def test_the_hand_is_drawn_to_corners_before_lines_and_free_with_control(canvas: MapCanvas) -> None:
    ends = Ends(canvas, "line", (), ("line",))
    left, cross = pixels(canvas, [(500_100, 3_877_300), (500_300, 3_877_300)])
    click(canvas, left[0] + 6, left[1] + 5)
    click(canvas, cross[0], cross[1] + 6)
    click(canvas, cross[0] + 100, cross[1] + 6, CTRL)
    click(canvas, 50, 50)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    first, second, third, fourth = ends.said[0]
    assert first == (500_100, 3_877_300)
    assert second[1] == 3_877_300
    assert third[1] == pytest.approx(3_877_300 - 6 * canvas.view.metres_per_pixel, abs=1)
    assert fourth == pytest.approx(canvas.view.to_world(50, 50), abs=1)


def test_a_border_that_crosses_itself_is_not_taken_until_it_is_mended(canvas: MapCanvas) -> None:
    ends = Ends(canvas, "area")
    for px, py in ((200, 60), (400, 160), (400, 60), (200, 160)):
        click(canvas, px, py)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert ends.said == []
    assert canvas.tool is canvas.drawing
    drag(canvas, QPoint(400, 160), QPoint(300, 20))
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert len(ends.said[0]) == 4


def test_a_shape_is_drawn_and_changed_by_keys_alone(canvas: MapCanvas) -> None:
    ends = Ends(canvas, "line")
    canvas.leaveEvent(None)  # type: ignore[arg-type]  # no pointer: the middle of the map counts
    start = canvas.view.x, canvas.view.y
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    QTest.keyClick(canvas, Qt.Key.Key_Right)  # nothing is chosen: the map moves
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    QTest.keyClick(canvas, Qt.Key.Key_PageDown)
    for _ in range(3):
        QTest.keyClick(canvas, Qt.Key.Key_Up)
    QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(canvas, Qt.Key.Key_Insert)
    QTest.keyClick(canvas, Qt.Key.Key_Insert)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    first, middle, last = ends.said[0]
    assert first == pytest.approx((start[0] + 10, start[1] + 3), abs=0.01)
    assert last == pytest.approx((start[0] + 80 * canvas.view.metres_per_pixel, start[1]), abs=0.01)
    assert middle == pytest.approx(((first[0] + last[0]) / 2, (first[1] + last[1]) / 2), abs=0.01)


def test_escape_lets_go_and_then_gives_up(canvas: MapCanvas) -> None:
    ends = Ends(canvas, "line", ((500_100.0, 3_877_300.0), (500_300.0, 3_877_300.0)))
    QTest.keyClick(canvas, Qt.Key.Key_PageDown)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert ends.said == []
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert ends.said == [None]
    assert ends.changes == [((500_300.0, 3_877_300.0),)]


def test_a_line_goes_on_from_the_end_that_is_chosen(canvas: MapCanvas) -> None:
    begin = ((500_100.0, 3_877_450.0), (500_300.0, 3_877_450.0))
    ends = Ends(canvas, "line", begin)
    click(canvas, *pixels(canvas, begin)[0])
    click(canvas, 60, 60)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert ends.said[0][1:] == begin
    assert pixels(canvas, ends.said[0])[0] == (60, 60)


def test_another_tool_takes_over_and_nothing_drawn_is_lost(canvas: MapCanvas) -> None:
    ends = Ends(canvas, "line")
    click(canvas, 100, 60)
    click(canvas, 200, 60)
    canvas.set_tool("measure_length")
    assert pixels(canvas, ends.said[0]) == [(100, 60), (200, 60)]


def test_a_drag_over_free_ground_moves_the_map(canvas: MapCanvas) -> None:
    ends = Ends(canvas, "line")
    before = canvas.view
    drag(canvas, QPoint(300, 60), QPoint(360, 90))
    assert canvas.view.x == pytest.approx(before.x - 60 * before.metres_per_pixel)
    assert ends.changes == []
