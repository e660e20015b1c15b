"""A small picture of the map for paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QImage

from console.map import Layer, LineStyle, MapCanvas, Stroke
from console.map.excerpt import DPI, EDGE_PX, MapExcerpt, Mark, excerpt_view
from console.map.overlay import geographic, planar
from console.map.store import ArraySource
from console.theme import theme
from tests.map.conftest import lines

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

PLACE = 500_500.0, 3_877_300.0
SIZE = 672, 300


def painted(qtbot: QtBot, canvas: MapCanvas, keys: tuple[str, ...], marks: tuple[Mark, ...] = ()) -> QImage:
    job = MapExcerpt(canvas, keys, PLACE, marks, *SIZE)
    with qtbot.waitSignal(job.painted, timeout=20_000) as done:
        job.start()
    assert done.args is not None
    image = done.args[0]
    assert isinstance(image, QImage)
    return image


def test_the_place_is_in_the_middle_and_a_layer_that_is_turned_off_is_seen_where_it_is_asked_for(
    qtbot: QtBot, canvas: MapCanvas
) -> None:
    canvas.add_layer(Layer("way", "", LineStyle(Stroke("storm", 4)), source=ArraySource(lines()), visible=False))
    without, image = painted(qtbot, canvas, ()), painted(qtbot, canvas, ("way",))
    zoom = DPI // 96
    assert (image.width(), image.height()) == (SIZE[0] * zoom, SIZE[1] * zoom)
    beside = (SIZE[0] // 2 + 100) * zoom, SIZE[1] // 2 * zoom
    assert image.pixelColor(*beside).name() == theme("light").storm != without.pixelColor(*beside).name() == "#ffffff"
    ring = (SIZE[0] // 2 + 14) * zoom, SIZE[1] // 2 * zoom
    red = without.pixelColor(*ring)
    assert red.red() > 1.5 * red.blue()


def test_marks_are_numbered_places_and_the_scale_is_the_nearest_that_shows_them(
    qtbot: QtBot, canvas: MapCanvas
) -> None:
    near, far, beyond = (Mark(PLACE[0] + metres, PLACE[1], "1") for metres in (50, 350, 90_000))
    assert [excerpt_view(PLACE, marks, *SIZE)[1] for marks in ((), (near,), (near, far), (beyond,))] == [
        2_500, 2_500, 5_000, 10_000,
    ]  # fmt: skip
    view, _ = excerpt_view(PLACE, (near, far), *SIZE)
    assert EDGE_PX <= view.to_screen(far.x, far.y)[0] <= SIZE[0] - EDGE_PX
    image = painted(qtbot, canvas, (), (far,))
    x = view.to_screen(far.x, far.y)[0] + 6
    blue = image.pixelColor(round(x * DPI / 96), SIZE[1] // 2 * DPI // 96)
    assert blue.blue() > 2 * blue.red()


def test_a_position_in_degrees_lies_where_the_map_has_it() -> None:
    assert planar(*geographic(*PLACE)) == pytest.approx(PLACE, abs=0.001)
