"""A canvas on features in memory, fetched by real threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from console.map import (
    Extent,
    Features,
    Layer,
    LineStyle,
    MapCanvas,
    PointStyle,
    PolygonStyle,
    Stroke,
    Symbol,
    ThreadFetcher,
)
from console.map.store import ArraySource
from console.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

HOME = Extent(500_000, 3_877_000, 501_000, 3_877_600)
SIZE = 1000, 600
"""With these, one pixel is a little more than a metre."""


def points() -> Features:
    """Nine points on a grid of 100 m, ids from 1."""
    x, y = np.meshgrid(500_400 + 100 * np.arange(3), 3_877_200 + 100 * np.arange(3))
    names = np.array([f"M{n}" for n in range(1, 10)])
    return Features.from_xy(np.arange(1, 10), x.ravel(), y.ravel(), {"name": names})


def lines() -> Features:
    """Two lines that cross the middle point, codes as ids."""
    shapes = [
        shapely.LineString([(500_100, 3_877_300), (500_900, 3_877_300)]),
        shapely.LineString([(500_500, 3_877_100), (500_500, 3_877_500)]),
    ]
    return Features.from_shapely(["east", "north"], shapes, {"name": np.array(["红旗街", "解放路"])})


def area() -> Features:
    """One polygon around everything."""
    return Features.from_shapely([7], [shapely.box(500_050, 3_877_050, 500_950, 3_877_550)])


@pytest.fixture
def fetcher() -> Iterator[ThreadFetcher]:
    """Threads that end with the test."""
    threads = ThreadFetcher()
    yield threads
    threads.close()


@pytest.fixture
def settle(qtbot: QtBot) -> Callable[[MapCanvas], None]:
    """Waits until the canvas shows everything there is."""

    def wait(canvas: MapCanvas) -> None:
        qtbot.waitUntil(lambda: canvas.is_settled, timeout=20_000)

    return wait


@pytest.fixture
def canvas(qtbot: QtBot, fetcher: ThreadFetcher, settle: Callable[[MapCanvas], None]) -> MapCanvas:
    """A canvas of 1000 by 600 pixels with an area, two lines and nine points, settled."""
    made = MapCanvas(theme("dark"), fetcher, HOME)
    qtbot.addWidget(made)
    made.add_layer(Layer("area", "Area", PolygonStyle(Stroke("map_zone")), source=ArraySource(area())))
    made.add_layer(Layer("line", "Line", LineStyle(Stroke("storm", 3)), source=ArraySource(lines())))
    made.add_layer(
        Layer("point", "Point", PointStyle(Symbol("dot", fill="critical", size_px=9)), source=ArraySource(points()))
    )
    made.resize(*SIZE)
    made.show()
    qtbot.waitExposed(made)
    settle(made)
    return made
